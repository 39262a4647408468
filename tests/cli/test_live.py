"""A script becomes a whole conversation log, with the app's own handlers and a real client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clientsim import ClientSim
from tests.crm import TestSigner, crm
from tests.examples import enter as user_enters
from uicompiler import StoreError, UIApp, replay
from uicompiler.cli.live import Live, play, play_all
from uicompiler.resources import data_path

LOGS = sorted(data_path("examples/crm/conversations").glob("*.jsonl"))
each_log = pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)

SHOW = {
    "kind": "model",
    "envelope": {
        "assistant_text": "",
        "directives": [{"type": "ui.show_form", "payload": {"form_id": "contact"}}],
    },
}


def enter(field: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "edit", "field": field, "value": value, **more}


def press(action: str, **more: Any) -> dict[str, Any]:
    return {"kind": "action", "press": action, **more}


FILLED = [SHOW, enter("name", "Ada"), enter("email", "a@b.c"), enter("stage", "customer")]


def test_a_script_without_a_meta_record_becomes_a_whole_log() -> None:
    records = play_all([*FILLED, press("save_contact")], crm())
    kinds = [item.kind for item in replay.read_log(records)]
    assert kinds == ["meta", "model", "batch", *["edit"] * 3, "action", "outcome", "batch"]
    assert replay.run(records, crm()).diagnostics == ()


def test_the_apps_own_handlers_decide() -> None:
    live = Live(crm())
    *_, last = live.play([*FILLED, press("save_contact")])
    assert last.action is not None
    assert last.action.context["stage"] == "customer"
    assert live.state.surfaces["main"].data["committed"]["contact"]["name"] == "Ada"
    assert "Saved contact" in last.screen
    assert last.result is not None
    assert last.result.effects[0].kind == "toast"


def test_a_bug_of_a_handler_travels_up() -> None:
    def broken(_action: Any, _view: Any) -> Any:
        raise KeyError("bug")

    app = UIApp("x", inline_form_action="submit")
    app.add_action("submit", broken)
    form = {"title": "T", "fields": [{"id": "a", "label": "A"}]}
    show = {"kind": "model", "envelope": [{"type": "ui.show_form", "payload": form}]}
    with pytest.raises(KeyError, match="bug"):
        list(play([show, press("submit")], app))


def test_what_was_typed_survives_a_refused_save() -> None:
    bad = enter("email", "nonsense")
    *_, last = play([*FILLED, bad, press("save_contact")], crm())
    assert last.action is None
    assert "nonsense" in last.screen
    assert "Please enter an e-mail address" in last.screen


def test_keystrokes_survive_a_turn_of_the_model() -> None:
    path = next(path for path in LOGS if path.stem == "contact")
    steps = list(play(path, crm()))
    typing = [n for n, s in enumerate(steps) if s.record.data.get("field") == "notes"]
    between = steps[typing[0] + 1]
    assert between.record.kind == "model"
    assert between.messages
    assert "Wants the new engine. Call" in between.screen
    assert "2026-03-13" in between.screen


@each_log
def test_the_log_shows_a_client_what_the_live_client_saw(path: Path) -> None:
    live = Live(crm())
    records = [record for step in live.play(path) for record in step.records]
    sim = ClientSim()
    shown: dict[str, str] = {}
    for record in records:
        if record["kind"] == "batch":
            shown[record["surface"]] = record["surface_id"]
            for message in record["messages"]:
                assert sim.apply(message) is None
        elif record["kind"] == "edit":
            user_enters(sim, shown[record["surface"]], record["field"], record["value"])
    assert live.sim.errors == []
    assert sim.surface_hash_all() == live.sim.surface_hash_all()


@each_log
def test_a_signed_run_logs_no_nonce_and_replays(path: Path) -> None:
    steps = list(play(path, crm(), signer=TestSigner()))
    log = replay.dump(record for step in steps for record in step.records)
    sent = TestSigner().nonce("crm-contact", "main", 1, "k1")
    if path.stem == "contact":
        assert any(sent in str(step.messages) for step in steps)
    assert sent.encode() not in log
    assert b'"_nonce":"nonce:k1:1"' in log
    assert replay.run(log, crm()).diagnostics == ()


def test_a_client_error_gives_the_surface_a_new_epoch() -> None:
    live = Live(crm())
    error = {"kind": "error", "message": "broken"}
    *_, last = live.play([*FILLED, error, enter("name", "Bo"), press("discard")])
    assert live.state.surfaces["main"].epoch == 2
    assert live.sim.surface_ids() == ["main#e=2"]
    assert last.action is not None


def test_times_come_from_the_script_or_count_up() -> None:
    first, second = (
        record
        for record in play_all(
            [SHOW, {**SHOW, "now": "2030-01-01T00:00:00Z", "turn_index": 9}], crm()
        )
        if record["kind"] == "model"
    )
    assert (first["turn_index"], first["now"]) == (1, "2026-01-01T09:01:00Z")
    assert (second["turn_index"], second["now"]) == (9, "2030-01-01T00:00:00Z")
    assert second["request_id"] == "r9"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (press("dream"), "no button sends 'dream'"),
        (press("discard", component="ui--x"), "no button sends 'discard'"),
        (press("discard", surface="other"), "no button sends"),
        (enter("dream", "x"), "no input of the field 'dream'"),
        (enter("newsletter", "yes"), "takes true or false"),
        (enter("stage", "boss"), "does not offer 'boss'"),
        ({"kind": "edit", "field": "name"}, "needs value"),
        ({"kind": "model"}, "needs text or envelope"),
        ({"kind": "action"}, "needs press or event"),
        ({"kind": "error"}, "needs message"),
        ({"kind": "dream"}, "no such record"),
        ({"kind": "meta"}, "no such record"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_line(record: Any, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        list(play([SHOW, record], crm()))
    assert caught.value.code == "REPLAY_RECORD_INVALID"
    assert caught.value.diagnostics[0].line == 2


def test_no_secret_enters_a_log() -> None:
    fields = [{"id": "pin", "kind": "secret", "label": "PIN"}]
    form = {"type": "ui.show_form", "payload": {"title": "Who?", "fields": fields}}
    show = {"kind": "model", "envelope": {"assistant_text": "", "directives": [form]}}
    app = UIApp.standard()
    records = play_all([show, enter("pin", "4711"), press("submit")], app)
    assert "4711" not in str(records)
    assert replay.run(records, app).diagnostics == ()
    assert play_all(records, app) == records
