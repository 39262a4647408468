"""Undo and redo: what a restore shows, what it leaves alone, and what never goes back.

Random conversations go back and forth: every step of a journey is looked at (`journeys.py`), so
that nothing typed is lost where two states do not differ.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import ClientSim
from tests.backends.html.same_meaning.walks import Beside
from tests.crm import TestSigner, crm
from tests.journeys import Journey, Script, travels
from tests.stories import budget
from tests.test_journeys import compare, fed
from uicompiler import (
    ClientProfile,
    CompileResult,
    Outcome,
    PatchOp,
    StepResult,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
    restore,
    snapshot,
)
from uicompiler.compiler import resolve
from uicompiler.dispatcher import dispatch_with
from uicompiler.ir import data
from uicompiler.ir.reserved import ERRORS_KEY
from uicompiler.ir.rows import live_rows
from uicompiler.ir.state import Surface
from uicompiler.ir.values import Json, freeze
from uicompiler.resources import data_path

PROFILES = ("web_core", "spec", "no_incremental", "amnesiac")
UPDATES = ("auto", "full", "diff")


# --- random conversations -------------------------------------------------------------------------


@pytest.mark.fuzz
@given(travels(), st.sampled_from(PROFILES), st.sampled_from(UPDATES), st.booleans())
@budget(60)
def test_going_back_loses_nothing_that_does_not_differ(
    script: Script, profile: str, update: Any, through_json: bool
) -> None:
    Journey.of(script, profile=profile, update=update, through_json=through_json).run(script)


@pytest.mark.fuzz
@given(travels(most=8), st.sampled_from(["web_core", "spec"]))
@budget(40)
def test_a_restored_client_is_what_a_snapshot_makes(script: Script, profile: str) -> None:
    journey = Journey.of(script, profile=profile)
    for step in script.steps:
        journey.step(step)
        if step[0] == "back":
            fresh = fed(snapshot(journey.state, app=journey.app), profile)
            ids = fresh.surface_ids()
            assert ids == [journey.wire_id(item) for item in journey.state.live_surfaces()]
            for wire_id in ids:
                compare(journey, wire_id, fresh, wire_id)


def data_without_errors(surface: Surface) -> dict[str, Json]:
    return {k: value for k, value in surface.data["ui_state"].items() if k != ERRORS_KEY}


@pytest.mark.fuzz
@given(travels(most=8), st.data())
@budget(40)
def test_what_comes_back_is_what_was_there(script: Script, data: st.DataObject) -> None:
    """The same things are shown as then: views and documents, under whatever ids."""
    journey = Journey.of(script).run(script)
    then = data.draw(st.sampled_from(journey.past))
    result = restore(journey.state, then, app=journey.app)
    if result.fallback is not None:
        return  # a surface was too large in its new epoch; what is left is looked at elsewhere
    shown, was = list(result.state.live_surfaces()), list(then.live_surfaces())
    assert {item.name for item in shown} == {item.name for item in was}
    for surface in was:
        now = result.state.surfaces[surface.name]
        assert (now.view, now.status) == (surface.view, surface.status)
        assert now.data["committed"] == surface.data["committed"]
        assert ERRORS_KEY not in now.data["ui_state"]  # of a press that is no more
        assert now.data["ui_state"] == data_without_errors(surface)
        assert [item.id for item in now.inputs] == [item.id for item in surface.inputs]
    again = restore(result.state, then, app=journey.app)
    assert again.batches == ()
    assert again.state == result.state


@pytest.mark.fuzz
@given(travels(), st.sampled_from(PROFILES))
@budget(40)
def test_nothing_that_counts_goes_back(script: Script, profile: str) -> None:
    journey = Journey.of(script, profile=profile).run(script)
    newest: dict[str, tuple[int, int]] = {}
    gone: set[str] = set()
    for result in journey.results:
        for batch in result.batches:
            if batch.surface_id in gone:
                assert profile == "amnesiac", "an id was used again"
            epoch, rev = newest.get(batch.surface, (0, 0))
            assert batch.epoch >= epoch
            assert batch.rev > rev or profile == "amnesiac"
            newest[batch.surface] = (batch.epoch, batch.rev)
            deleted = {
                m["deleteSurface"]["surfaceId"] for m in batch.messages if "deleteSurface" in m
            }
            gone |= deleted
            assert deleted <= {batch.surface_id} or batch.surface_id not in deleted
    for one, two in zip(journey.past, journey.past[1:], strict=False):
        for name, surface in one.surfaces.items():
            if name in two.surfaces:
                assert two.surfaces[name].epoch >= surface.epoch
                assert two.surfaces[name].rev >= surface.rev
                rows = [(k, v) for k, v in surface.data["draft"].items() if isinstance(v, dict)]
                for ident, draft in rows:
                    after = two.surfaces[name].data["draft"].get(ident)
                    assert not isinstance(after, dict) or set(draft) <= set(after)


@pytest.mark.fuzz
@given(travels(most=8), st.sampled_from(["web_core", "spec"]))
@budget(25)
def test_all_ways_of_updating_end_alike_with_restores(script: Script, profile: str) -> None:
    ends = [Journey.of(script, profile=profile, update=way).run(script) for way in UPDATES]
    assert len({end.sim.surface_hash_all() for end in ends}) == 1
    assert len({end.state.to_json() for end in ends}) == 1


@pytest.mark.fuzz
@given(travels(most=8), st.booleans())
@budget(40)
def test_html_shows_what_a2ui_shows(script: Script, through_json: bool) -> None:
    journey = Beside.of(script, through_json=through_json)
    journey.run(script)
    assert isinstance(journey, Beside)
    journey.reload()


# --- one thing at a time --------------------------------------------------------------------------

BACKENDS = pytest.mark.parametrize("backend", ["a2ui-v0.8", "html"])
CONTACT = {"type": "ui.show_form", "payload": {"form_id": "contact"}}
NOTE = {"type": "ui.show_result", "payload": {"surface": "side", "title": "Note"}}


def turn_of(number: int = 1) -> TurnContext:
    return TurnContext("c", number, f"r{number}", signer=TestSigner())


def said(*directives: Any, state: UIState | None = None, **more: Any) -> CompileResult:
    result = compile(list(directives), app=crm(), state=state, turn=turn_of(), **more)
    assert result.ok, result.diagnostics
    return result


def patched(path: str, value: Any, op: str = "set") -> dict[str, Any]:
    return {"type": "ui.patch", "payload": {"ops": [{"op": op, "path": path, "value": value}]}}


def numbers(state: UIState) -> dict[str, tuple[str, int, int]]:
    return {s.name: (s.status, s.epoch, s.rev) for s in state.surfaces.values()}


@BACKENDS
def test_undo_closes_what_came_and_redo_brings_it_back_under_another_id(backend: str) -> None:
    one = said(CONTACT, backend=backend)
    two = said(NOTE, state=one.state, backend=backend)
    undone = restore(two.state, one.state, app=crm(), backend=backend, turn=turn_of())
    assert [batch.surface for batch in undone.batches] == ["side"]
    assert numbers(undone.state) == {"main": ("live", 1, 1), "side": ("closed", 1, 2)}
    redone = restore(undone.state, two.state, app=crm(), backend=backend, turn=turn_of())
    assert [batch.surface_id for batch in redone.batches] == ["side#e=2"]
    assert numbers(redone.state) == {"main": ("live", 1, 1), "side": ("live", 2, 3)}
    shown = redone.state.surfaces["side"]
    assert shown.view == two.state.surfaces["side"].view
    assert UIState.from_json(redone.state.to_json()) == redone.state


@BACKENDS
def test_where_nothing_differs_nothing_goes_out(backend: str) -> None:
    one = said(CONTACT, backend=backend)
    result = restore(one.state, one.state, app=crm(), backend=backend, turn=turn_of())
    assert result.ok
    assert result.batches == ()
    assert result.state == one.state
    nothing = restore(UIState("c"), UIState("c"), app=crm(), backend=backend, turn=turn_of())
    assert nothing.batches == ()


@BACKENDS
def test_to_the_beginning_and_back(backend: str) -> None:
    one = said(CONTACT, NOTE, patched("/draft/name", "Ada"), backend=backend)
    gone = restore(one.state, UIState("c"), app=crm(), backend=backend, turn=turn_of())
    assert {status for status, _, _ in numbers(gone.state).values()} == {"closed"}
    assert snapshot(gone.state, app=crm(), backend=backend, turn=turn_of()).batches == ()
    back = restore(gone.state, one.state, app=crm(), backend=backend, turn=turn_of())
    assert back.state.surfaces["main"].data["draft"]["name"] == "Ada"
    at_risk = [i.surface_id for i in back.diagnostics if i.code == "A2UI_S2C_DRAFT_AT_RISK"]
    assert at_risk == ["main"]  # nothing can be typed beside the note


def test_only_what_differs_is_written_over() -> None:
    one = said(CONTACT)
    sim = ClientSim()
    assert sim.feed(one.jsonl()) == []
    two = said(patched("/draft/name", "Ada"), state=one.state)
    assert sim.feed(two.jsonl()) == []
    sim.edit("main", "ui--field--email--TextField", "being typed")
    undone = restore(two.state, one.state, app=crm(), turn=turn_of())
    assert sim.feed(undone.jsonl()) == []
    assert sim.value_at("main", "/draft/name/v") == ""
    assert sim.value_at("main", "/draft/email/v") == "being typed"
    paths = [m["dataModelUpdate"]["path"] for m in undone.messages if "dataModelUpdate" in m]
    assert paths == ["/draft/name", "/ui_state/_rev"]


SAVE = "ui--root--card--form--actions--0--Button"
NAME, EMAIL = "ui--field--name--TextField", "ui--field--email--TextField"


def pressed(sim: ClientSim, state: UIState, outcome: Outcome) -> StepResult:
    """The step of a press whose handler decides so."""
    event = sim.press("main", SAVE, timestamp="2026-01-01T00:00:00Z")
    turn = resolve(crm(), state, "a2ui-v0.8", None, turn_of(), strict=False, update="auto")
    step = dispatch_with(event, state=state, turn=turn, handler=lambda _action, _view: outcome)
    assert step.action is not None, step.diagnostics
    assert sim.feed(step.jsonl()) == []
    return step


def test_what_was_only_learned_from_a_press_stays_and_what_is_typed_since() -> None:
    one = said(CONTACT)
    sim = ClientSim()
    assert sim.feed(one.jsonl()) == []
    sim.edit("main", NAME, "Ann")
    sim.edit("main", EMAIL, "ann@example.org")
    done = Outcome(
        commit=[PatchOp("set", "/committed/count", 1)],
        directives=[patched("/draft/email", "x@y.z")],
    )
    two = pressed(sim, one.state, done)
    sim.edit("main", NAME, "Anna Smith, typed for minutes")
    undone = restore(two.state, one.state, app=crm(), turn=turn_of())
    assert sim.feed(undone.jsonl()) == []
    assert sim.value_at("main", "/draft/name/v") == "Anna Smith, typed for minutes"
    assert sim.value_at("main", "/draft/email/v") == ""
    draft = undone.state.surfaces["main"].data["draft"]
    assert (draft["name"], draft["email"]) == ("Ann", "")
    at_risk = [item for item in undone.diagnostics if item.code == "A2UI_S2C_DRAFT_AT_RISK"]
    assert ["'email'" in item.message for item in at_risk] == [True]
    redone = restore(undone.state, two.state, app=crm(), turn=turn_of())
    assert sim.feed(redone.jsonl()) == []
    assert sim.value_at("main", "/draft/name/v") == "Anna Smith, typed for minutes"
    assert sim.value_at("main", "/draft/email/v") == "x@y.z"
    assert redone.state.surfaces["main"].data["committed"]["count"] == 1


def test_what_was_learned_stays_where_another_view_took_the_place_of_the_form() -> None:
    one = said(CONTACT)
    sim = ClientSim()
    assert sim.feed(one.jsonl()) == []
    sim.edit("main", NAME, "Ann")
    sim.edit("main", EMAIL, "ann@example.org")
    shown = {"type": "ui.show_result", "payload": {"surface": "main", "title": "Done"}}
    two = pressed(sim, one.state, Outcome(directives=[shown]))
    undone = restore(two.state, one.state, app=crm(), turn=turn_of())
    assert sim.feed(undone.jsonl()) == []
    assert sim.value_at("main", "/draft/name/v") == "Ann"


def test_what_is_typed_after_a_surface_went_back_while_closed_stays() -> None:
    close = {"type": "ui.close", "payload": {}}
    first = said(close, state=said(CONTACT).state).state
    filled = said(CONTACT, patched("/draft/name", "Ada"), state=first).state
    closed = said(close, state=filled).state
    empty = restore(closed, first, app=crm(), turn=turn_of()).state
    assert empty.surfaces["main"].data["draft"]["name"] == ""
    shown = said(CONTACT, state=empty)
    surface = shown.state.surfaces["main"]
    typed = data.set_at(surface.data, ("draft", "name"), "Ann")
    learned = shown.state.with_surface(replace(surface, data=typed))
    undone = restore(learned, empty, app=crm(), turn=turn_of()).state
    assert undone.surfaces["main"].data["draft"]["name"] == "Ann"
    redone = restore(empty, closed, app=crm(), turn=turn_of()).state
    assert redone.surfaces["main"].data["draft"]["name"] == "Ada"


@pytest.mark.parametrize("typed", [False, True], ids=["left alone", "typed since"])
def test_what_started_over_in_a_field_that_offers_less_comes_back_with_the_other(
    typed: bool,
) -> None:
    """The turn that showed less wrote the draft; a journey counts that as named."""
    send = ("press", 1, 0)
    steps = [asked("a", "b"), ("type", 1, 0, 2, ""), send, asked("a")]
    script = Script({}, [*steps, *([("type", 1, 0, 1, "")] if typed else []), send, ("back", 3)])
    journey = Journey.of(script).run(script)
    assert journey.sim.value_at("main", "/draft/a/v") == ["b"]
    [found] = journey.results[-1].diagnostics
    assert found.code == "A2UI_S2C_DRAFT_AT_RISK" and "'a'" in found.message


def asked(*values: str) -> tuple[Any, ...]:
    """A step that shows a field of some options."""
    options = [{"value": value, "label": value} for value in values]
    field = {"id": "a", "label": "A", "kind": "multi_choice", "options": options}
    form = {"type": "ui.show_form", "payload": {"title": "T", "fields": [field]}}
    return ("model", [form], False)


def test_rows_that_were_made_since_leave_their_ids_behind() -> None:
    one = said(CONTACT, patched("/draft/emails", {"address": "a@example.org"}, "append"))
    two = said(patched("/draft/emails", {"address": "b@example.org"}, "append"), state=one.state)
    undone = restore(two.state, one.state, app=crm(), turn=turn_of())
    rows = undone.state.surfaces["main"].data["draft"]["emails"]
    assert [row for row, _ in live_rows(rows)] == ["r1"]
    again = said(
        patched("/draft/emails", {"address": "c@example.org"}, "append"), state=undone.state
    )
    assert [r for r, _ in live_rows(again.state.surfaces["main"].data["draft"]["emails"])] == [
        "r1",
        "r3",
    ]
    redone = restore(again.state, two.state, app=crm(), turn=turn_of())
    assert [r for r, _ in live_rows(redone.state.surfaces["main"].data["draft"]["emails"])] == [
        "r1",
        "r2",
    ]


@BACKENDS
def test_what_was_committed_comes_back_too(backend: str) -> None:
    one = said(CONTACT, backend=backend)
    kept = one.state.surfaces["main"]
    committed = {"contact": {"name": "Ada"}}
    state = one.state.with_surface(
        replace(kept, rev=5, data=freeze({**kept.data, "committed": committed}))
    )
    undone = restore(state, one.state, app=crm(), backend=backend, turn=turn_of())
    assert undone.state.surfaces["main"].data["committed"] == {}
    assert undone.state.surfaces["main"].rev == 6


@BACKENDS
def test_a_surface_whose_restore_fails_is_taken_away(backend: str) -> None:
    """The limits of an app may have become narrower than what it showed."""
    one = said(CONTACT, backend=backend)
    two = said(
        {"type": "ui.show_result", "payload": {"title": "Done"}}, state=one.state, backend=backend
    )
    app = copy.copy(crm())
    app.limits = replace(app.limits, max_string_bytes=20)
    result = restore(two.state, one.state, app=app, backend=backend, turn=turn_of())
    assert not result.ok
    assert result.fallback is not None
    assert result.fallback.surfaces == ("main",)
    assert result.state.surfaces["main"].status == "failed"
    again = restore(result.state, two.state, app=crm(), backend=backend, turn=turn_of())
    assert again.ok
    assert again.state.surfaces["main"].epoch == 2


@BACKENDS
def test_a_view_that_the_app_no_longer_has_comes_back_locked(backend: str) -> None:
    one = said(CONTACT, backend=backend)
    two = said(
        {"type": "ui.show_result", "payload": {"title": "Done"}}, state=one.state, backend=backend
    )
    app = UIApp.load(data_path("examples/crm"))
    app.forms["contact"] = app.forms["contact"].model_copy(update={"version": 7})
    result = restore(two.state, one.state, app=app, backend=backend, turn=turn_of())
    assert result.state.surfaces["main"].status == "expired"
    assert "A2UI_S2C_VIEW_EXPIRED" in [item.code for item in result.diagnostics]
    draft = one.state.surfaces["main"].data["draft"]
    assert result.state.surfaces["main"].data["draft"] == draft


def test_nonces_are_those_of_the_epoch_and_old_presses_are_stale() -> None:
    one = said(CONTACT)
    two = said({"type": "ui.close", "payload": {}}, state=one.state)
    back = restore(two.state, one.state, app=crm(), turn=turn_of())
    assert TestSigner().nonce("c", "main", 2, "k1") in back.jsonl().decode()
    sim = ClientSim()
    assert sim.feed(one.jsonl()) == []
    old: Any = sim.press(
        "main", "ui--root--card--form--actions--0--Button", timestamp="2026-01-01T00:00:00Z"
    )
    step = dispatch(old, state=back.state, app=crm(), turn=turn_of())
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_SURFACE_STALE"]


def test_a_press_of_before_an_undo_is_stale_in_its_revision() -> None:
    one = said(CONTACT)
    sim = ClientSim()
    assert sim.feed(one.jsonl()) == []
    button = "ui--root--card--form--actions--0--Button"
    old: Any = sim.press("main", button, timestamp="2026-01-01T00:00:00Z")
    two = said(patched("/draft/name", "Ada"), state=one.state)
    undone = restore(two.state, one.state, app=crm(), turn=turn_of())
    step = dispatch(old, state=undone.state, app=crm(), turn=turn_of())
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_SURFACE_STALE"]


def test_a_surface_of_a_line_that_was_left_takes_an_epoch_of_its_own() -> None:
    """The other state need not be an ancestor: what only it knows is shown in a new epoch."""
    one = said(CONTACT)
    other = said(NOTE, state=one.state)
    reset = said(state=other.state, update="reset").state
    result = restore(one.state, reset, app=crm(), turn=turn_of())
    assert numbers(result.state) == {"main": ("live", 3, 3), "side": ("live", 3, 3)}
    ids = [batch.surface_id for batch in result.batches]
    assert ids == ["main#e=3", "side#e=3"]


def test_states_of_different_conversations_are_refused() -> None:
    with pytest.raises(ValueError, match="of conversation"):
        restore(UIState("a"), UIState("b"), app=crm())
    with pytest.raises(ValueError, match="unknown backend"):
        restore(UIState(), UIState(), app=crm(), backend="nope")


def test_a_client_that_shows_no_updates_gets_it_anew() -> None:
    one = said(CONTACT)
    two = said(patched("/draft/name", "Ada"), state=one.state)
    client = ClientProfile.named("no_incremental")
    result = restore(two.state, one.state, app=crm(), client=client, turn=turn_of())
    assert [batch.surface_id for batch in result.batches] == ["main#e=2"]
