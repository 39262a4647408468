"""Turns without HTTP: models, undo and redo, what comes again, what has expired."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.flows import flows
from tests.host.playing import FORM, TOAST, Site, Visit, at_once, counting, form, said
from uicompiler import IngressError, StoreError
from uicompiler.errors import HostError
from uicompiler.host import ModelRequest
from uicompiler.host.turns.press import Press

Opened = Callable[..., Visit]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens a conversation with the counting app; every log replays in the end."""
    sites: list[Site] = []

    def open_(*, protocol: str = "a2ui-v0.8", **settings: Any) -> Visit:
        app = settings.pop("app", None) or counting()
        sites.append(Site(app, tmp_path, **settings))
        return Visit(sites[-1], protocol=protocol)

    yield open_
    for site in sites:
        site.check()


def body(answer: Any) -> bytes:
    return orjson.dumps(answer.body)


def test_a_conversations_name_may_stand_in_a_command_and_name_a_file(opened: Opened) -> None:
    # No dash in front, which reads as an option; no capitals, which some file systems do not tell.
    assert re.fullmatch("[0-9a-f]{32}", opened().id)


# --- a model's turns ------------------------------------------------------------------------------


def test_a_models_turn_is_kept_and_told(opened: Opened) -> None:
    visit = opened()
    answer = visit.model(said(FORM, TOAST, text="Hello."), "k")
    assert orjson.loads(body(answer)) == {
        "seq": 2,
        "ok": True,
        "assistant_text": "Hello.",
        "diagnostics": [],
        "fallback": None,
        "undo": True,
        "redo": False,
    }
    assert visit.kept.messages == (("assistant", "Hello."),)
    told = visit.site.turns.since(visit.id, 1, 2)
    assert [name for name, _ in told[0].events][-2:] == ["effect", "text"]
    assert "T" in visit.sim.screen("main")


def test_what_was_told_is_told_again_from_the_log_as_it_was(opened: Opened) -> None:
    visit = opened()
    visit.model(said(FORM, text="Hello."))
    visit.press(name="Ada")
    live = visit.site.turns.since(visit.id, 1, 3)
    visit.site.host.hub.forget(visit.id)
    again = visit.site.turns.since(visit.id, 1, 3)
    assert orjson.dumps([t.events for t in again]) == orjson.dumps([t.events for t in live])
    assert b"nonce:" not in orjson.dumps([t.events for t in again])


def test_text_that_is_no_envelope_is_answered_and_kept(opened: Opened) -> None:
    visit = opened()
    answer = visit.model("no JSON at all")
    assert answer.body["ok"] is False
    assert answer.body["fallback"]["text"]
    assert answer.status == 200


def test_the_same_key_gets_the_first_answer(opened: Opened) -> None:
    visit = opened()
    first = visit.model(said(FORM, text="One."), "k")
    visit.model(said(TOAST), "other")
    again = visit.model(said(FORM, text="One."), "k")
    assert (again.repeated, again.seqs) == (True, first.seqs)
    assert body(again) == body(first)
    assert visit.kept.turns == 2
    with pytest.raises(IngressError) as refused:
        visit.model(said(TOAST), "k")
    assert refused.value.code == "A2UI_C2S_KEY_REUSED"


def test_a_key_is_of_its_kind_of_request(opened: Opened) -> None:
    visit = opened(model=lambda _request: said(TOAST))
    visit.model(said(FORM), "k")
    assert not visit.site.turns.ask(visit.id, "hello", key="k").repeated
    visit.look()
    assert not visit.press(key="k").repeated


# --- a host's model -------------------------------------------------------------------------------


def test_a_model_is_asked_with_what_was_said(opened: Opened) -> None:
    asked: list[ModelRequest] = []

    def model(request: ModelRequest) -> Any:
        asked.append(request)
        return said(FORM, text=f"Answer {len(asked)}.")

    visit = opened(model=model)
    visit.site.turns.ask(visit.id, "One?", key=None)
    visit.site.turns.ask(visit.id, "Two?", key="k", language="he")
    again = visit.site.turns.ask(visit.id, "Two?", key="k", language="he")
    assert again.repeated
    assert [request.message for request in asked] == ["One?", "Two?"]
    assert asked[1].messages == (("user", "One?"), ("assistant", "Answer 1."))
    assert (asked[1].language, asked[1].key) == ("he", "k")
    assert visit.kept.messages[-2:] == (("user", "Two?"), ("assistant", "Answer 2."))


def test_a_host_without_a_model_says_so(opened: Opened) -> None:
    visit = opened()
    with pytest.raises(HostError) as refused:
        visit.site.turns.ask(visit.id, "?", key=None)
    assert (refused.value.code, refused.value.status) == ("HOST_MODEL_MISSING", 501)
    with pytest.raises(HostError) as gone:
        visit.site.turns.ask("none", "?", key=None)
    assert gone.value.code == "HOST_CONVERSATION_UNKNOWN"


def test_a_model_that_fails_leaves_nothing(opened: Opened) -> None:
    def model(_request: ModelRequest) -> Any:
        raise TimeoutError

    visit = opened(model=model)
    before = visit.kept
    with pytest.raises(TimeoutError):
        visit.site.turns.ask(visit.id, "?", key="k")
    assert visit.kept == before


@pytest.mark.parametrize("user_first", [True, False])
def test_a_user_acts_while_a_slow_model_is_asked(opened: Opened, *, user_first: bool) -> None:
    """Both land, in either order, with one call of the model; the turn runs on the newest state."""
    asked, go, calls = threading.Event(), threading.Event(), []

    def model(request: ModelRequest) -> Any:
        calls.append(request)
        asked.set()
        assert go.wait(10)
        patch = [{"op": "set", "path": "/draft/name", "value": "by the model"}]
        return said({"type": "ui.patch", "payload": {"patch": patch}}, text="Done.")

    visit = opened(model=model)
    visit.model(said(FORM))
    event = visit.event(name="Ada")
    answers: list[Any] = []
    asking = threading.Thread(
        target=lambda: answers.append(visit.site.turns.ask(visit.id, "Change it", key="m"))
    )
    asking.start()
    assert asked.wait(10)
    if user_first:
        pressed = visit.site.turns.press(visit.id, Press(event=event, key="u"))
    go.set()
    asking.join()
    if not user_first:
        pressed = visit.site.turns.press(visit.id, Press(event=event, key="u"))
    visit.look()
    if user_first:
        assert pressed.status == 200
        assert visit.value("count") == 1
    else:  # the form has moved on since the user saw it: nothing is done twice, or half
        assert pressed.status == 409
        assert visit.press(key="u2").status == 200
    assert answers[0].body["ok"]
    assert len(calls) == 1
    assert visit.kept.state.surfaces["main"].data["draft"]["name"] == "by the model"
    assert calls[0].state.surfaces["main"].data["draft"]["name"] == ""


# --- presses at once ------------------------------------------------------------------------------


def test_fifty_presses_under_one_key_have_one_effect_and_equal_answers(opened: Opened) -> None:
    visit = opened()
    visit.model(said(FORM))
    event = visit.event(name="Ada")
    press = Press(event=event, key="k")
    answers = at_once(50, lambda _index: visit.site.turns.press(visit.id, press))
    assert {body(answer) for answer in answers} == {body(answers[0])}
    assert {answer.status for answer in answers} == {200}
    assert {answer.seqs for answer in answers} == {(3,)}
    assert sum(not answer.repeated for answer in answers) == 1
    assert visit.value("count") == 1


def test_fifty_presses_that_have_a_tool_run_have_one_answer_too(opened: Opened) -> None:
    ran: list[str] = []

    def slow(_arguments: Any, context: Any) -> Any:
        ran.append(context.key)
        return len(ran)

    visit = opened(app=counting(tool="slow"), tools={"slow": slow})
    visit.model(said(FORM))
    press = Press(event=visit.event(name="Ada"), key="k")
    answers = at_once(50, lambda _index: visit.site.turns.press(visit.id, press))
    assert {body(answer) for answer in answers} == {body(answers[0])}
    assert {answer.seqs for answer in answers} == {(3, 4)}
    assert len(ran) == 1
    assert visit.value("count") == 1


# --- back and forward -----------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["a2ui-v0.8", "html"])
def test_undo_shows_what_was_and_redo_what_is(opened: Opened, protocol: str) -> None:
    visit = opened(protocol=protocol)
    visit.model(said(form("First")))
    visit.model(said(form("Second")))
    titles = [_title(visit)]
    for direction in ("undo", "undo", "redo", "redo"):
        assert visit.back(direction).status == 200
        titles.append(_title(visit))
    assert titles == ["Second", "First", None, "First", "Second"]


def _title(visit: Visit) -> str | None:
    surface = visit.kept.state.surfaces.get("main")
    if surface is None or not surface.live:
        return None
    shown = orjson.dumps(surface.to_dict()).decode()
    return next(title for title in ("Second", "First") if f'"{title}"' in shown)


def test_a_committed_effect_is_undone_with_its_tools_rounds(opened: Opened) -> None:
    visit = opened(app=counting(tool="x"), tools={"x": lambda _a, _c: 1})
    visit.model(said(FORM))
    visit.press(name="Ada", key="k")
    assert (visit.value("count"), visit.kept.turns) == (1, 3)
    visit.back("undo")
    assert visit.value("count") is None
    assert visit.kept.history.target("undo") == 0
    visit.back("redo")
    assert visit.value("count") == 1


def test_a_fresh_turn_ends_what_can_be_redone(opened: Opened) -> None:
    visit = opened()
    visit.model(said(FORM))
    visit.press(name="Ada")
    visit.back("undo")
    visit.model(said(TOAST))  # changes nothing that is shown
    assert visit.kept.history.target("redo") is not None
    visit.press(name="Bo")
    refused = visit.back("redo")
    assert (refused.refused[0].code, refused.status) == ("HOST_BACK_EMPTY", 409)
    assert refused.body["fallback"]["text"] == "There is nothing to undo or redo."


def test_undo_under_one_key_counts_once(opened: Opened) -> None:
    visit = opened()
    for title in ("A", "B", "C"):
        visit.model(said(form(title)))
    answers = at_once(10, lambda _index: visit.site.turns.back(visit.id, "undo", key="u"))
    assert {body(answer) for answer in answers} == {body(answers[0])}
    visit.look()
    assert visit.kept.turns == 4
    assert "B" in visit.sim.screen("main")
    with pytest.raises(IngressError):
        visit.back("redo", "u")


def test_a_client_shows_after_undo_what_a_new_one_is_shown(opened: Opened) -> None:
    visit = opened()
    visit.model(said(FORM))
    for name in ("Ada", "Bo", "Cy"):
        visit.press(name=name)
    for direction in ("undo", "undo", "redo", "undo"):
        visit.back(direction)
        fresh = Visit(visit.site, visit.id)
        name = visit.screen.wire_id("main")
        assert visit.sim.screen(name) == fresh.sim.screen(name)


def test_undo_reaches_back_over_snapshots(opened: Opened) -> None:
    """Snapshots are rare: most states are made of one and the records after it."""
    visit = opened()
    visit.model(said(FORM))
    for number in range(40):
        visit.press(name=f"n{number}")
    states = {40 - n: visit.site.turns.state_at(visit.id, 41 - n) for n in range(40)}
    for number in range(39, 5, -1):
        visit.back("undo")
        assert visit.value("count") == number
        then = states[number].surfaces["main"].data["committed"]
        assert visit.kept.state.surfaces["main"].data["committed"] == then
    for turn in (0, 1, 20, 41, 60, visit.kept.turns):
        assert visit.site.turns.state_at(visit.id, turn).conversation_id == visit.id


def test_a_turn_that_was_never_there_is_lost(opened: Opened) -> None:
    visit = opened()
    visit.model(said(FORM))
    with pytest.raises(StoreError) as lost:
        visit.site.turns.state_at(visit.id, 7)
    assert (lost.value.code, lost.value.status) == ("STORE_TURN_LOST", 410)


# --- what has expired -----------------------------------------------------------------------------


def shown_before(tmp_path: Path, protocol: str = "a2ui-v0.8", **then: Any) -> tuple[Site, Visit]:
    """A conversation that an earlier version of the app began, opened by the newest one."""
    old = Site(flows(version=1), tmp_path)
    visit = Visit(old, protocol=protocol)
    visit.model(said({"type": "ui.show_form", "payload": {"form_id": "trip"}}))
    return Site(flows(version=2), tmp_path, old.log, **then), visit


@pytest.mark.parametrize("protocol", ["a2ui-v0.8", "html"])
def test_what_the_app_no_longer_has_is_locked_when_it_is_opened(
    tmp_path: Path, protocol: str
) -> None:
    site, visit = shown_before(tmp_path, protocol)
    now = site.turns.opened(visit.id, "en")
    assert now.state.surfaces["main"].status == "expired"
    assert site.turns.opened(visit.id, "en") == now
    told = orjson.dumps([t.events for t in site.turns.since(visit.id, visit.seq, now.seq)])
    assert b"This view has expired" in told
    shown = orjson.dumps(site.turns.snapshot(now, "en").to_dict())
    assert b"This view has expired" in shown
    assert now.history == visit.kept.history.moved(2)


def test_an_expired_view_is_shown_again_when_the_user_asks(tmp_path: Path) -> None:
    site, visit = shown_before(tmp_path)
    visit.site = site
    site.turns.opened(visit.id, "en")
    visit.look()
    assert "This view has expired" in visit.sim.screen("main")
    answer = visit.press("ui.regenerate", key="k")
    assert answer.status == 200
    assert "Trip" in visit.sim.screen("main")
    assert "This view has expired" not in visit.sim.screen("main")
    again = site.turns.press(visit.id, Press(event=answer.event, key="k"))
    assert body(again) == body(answer)
    assert visit.kept.state.surfaces["main"].status == "live"


def test_of_a_view_that_is_gone_the_model_is_asked(tmp_path: Path) -> None:
    old = Site(flows(), tmp_path)
    visit = Visit(old)
    visit.model(said({"type": "ui.show_view", "payload": {"view_id": "board"}}))
    asked: list[ModelRequest] = []

    def model(request: ModelRequest) -> Any:
        asked.append(request)
        return said({"type": "ui.show_form", "payload": {"form_id": "party"}})

    for key, more in (("1", {}), ("2", {"model": model})):
        visit.site = Site(flows(has_board=False), tmp_path, old.log, **more)
        visit.site.turns.opened(visit.id, "en")
        visit.look()
        assert "This view has expired" in visit.sim.screen("main")
        assert visit.press("ui.regenerate", key=key).status == 200
    assert [request.regenerate for request in asked] == ["main"]
    assert "Party" in visit.sim.screen("main")
