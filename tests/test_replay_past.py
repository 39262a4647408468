"""Going back and forth in a log, going on from a state, and what is left of a redacted log."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from clientsim import ClientSim
from tests.crm import TestSigner, crm, event
from uicompiler import (
    Action,
    CompileResult,
    Outcome,
    PatchOp,
    StateView,
    StepResult,
    StoreError,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
    replay,
    restore,
)
from uicompiler.backends.registry import backend_named
from uicompiler.cli.live import Live
from uicompiler.conversation import is_redacted
from uicompiler.resources import data_path

GONE = {"redacted": "0f" * 32}
CONTACT = {"type": "ui.show_form", "payload": {"form_id": "contact"}}
SCRIPT: list[dict[str, Any]] = [
    {"v": 1, "kind": "meta"},
    {"v": 1, "kind": "model", "envelope": [CONTACT]},
    {"v": 1, "kind": "edit", "field": "name", "value": "Ada"},
    {"v": 1, "kind": "edit", "field": "email", "value": "ada@example.org"},
    {"v": 1, "kind": "action", "press": "save_contact"},
    {"v": 1, "kind": "restore", "to": 1},
    {"v": 1, "kind": "edit", "field": "name", "value": "Grace"},
    {"v": 1, "kind": "restore", "to": 2},
    {"v": 1, "kind": "restore", "to": 0},
    {"v": 1, "kind": "restore", "to": 3},
    {"v": 1, "kind": "edit", "field": "name", "value": "Grace"},
    {"v": 1, "kind": "edit", "field": "email", "value": "grace@example.org"},
    {"v": 1, "kind": "action", "press": "save_contact"},
]


def recorded(script: Iterable[Mapping[str, Any]] = SCRIPT) -> tuple[list[dict[str, Any]], Live]:
    """The log of a script, and how things are at its end."""
    live = Live(crm(), signer=TestSigner())
    told = [record for step in live.play(script) for record in step.records]
    return json.loads(json.dumps(told)), live


def at(records: list[dict[str, Any]], kind: str, number: int = 0) -> int:
    return [i for i, record in enumerate(records) if record["kind"] == kind][number]


def codes(result: replay.ReplayResult) -> list[str]:
    return [item.code for item in result.diagnostics]


# --- restore --------------------------------------------------------------------------------------


def test_going_back_and_forth_replays_as_recorded() -> None:
    records, live = recorded()
    result = replay.run(records, crm())
    assert result.diagnostics == ()
    assert result.state == live.state
    assert [turn.kind for turn in result.turns].count("restore") == 4
    assert replay.update(records, crm()) == replay.dump(records)


def test_a_log_with_restores_is_a_script_too() -> None:
    records, live = recorded()
    again, other = recorded(records)
    assert again == records
    assert other.state == live.state


def test_what_a_turn_left_is_found_by_its_turn_index() -> None:
    records, _ = recorded()
    result = replay.run(records, crm())
    by_index = {turn.result.trace.turn_index: turn.result.state for turn in result.turns}
    first, back = by_index[1].surfaces["main"], by_index[3].surfaces["main"]
    assert (back.view, back.data["committed"]) == (first.view, first.data["committed"])
    assert back.data["draft"]["name"] == "Ada"  # learned from a press, which is not undone
    assert (back.rev, first.rev) == (3, 1)
    assert by_index[5].surfaces["main"].status == "closed"
    assert by_index[6].surfaces["main"].epoch == 2


def test_going_back_to_no_turn_is_a_broken_log() -> None:
    records, _ = recorded()
    records[at(records, "restore")]["to"] = 77
    with pytest.raises(StoreError) as caught:
        replay.run(records, crm())
    found = caught.value.diagnostics[0]
    assert (found.code, found.pointer) == ("REPLAY_RECORD_INVALID", "/to")
    with pytest.raises(StoreError, match="turn_index 77"):
        recorded([{**item, "to": 77} if item["kind"] == "restore" else item for item in SCRIPT])


@pytest.mark.parametrize("backend", ["a2ui-v0.8", "html"])
def test_a_conversation_of_either_protocol_replays(backend: str) -> None:
    turn = TurnContext("c", 1, "r1", signer=TestSigner())
    source = [CONTACT]
    first = compile(source, app=crm(), backend=backend, turn=turn)
    records = [replay.meta_record(crm(), conversation_id="c", backend=backend)]
    records += replay.turn_records(source, first, turn)
    buttons = backend_named(backend).buttons(first.state.surfaces["main"])
    save = next(name for name, b in buttons.items() if b.button.action == "save_contact")
    own = TestSigner().nonce("c", "main", 1, "k1")
    sent = event(first.state, _nonce=own, newsletter="true" if backend == "html" else True)
    sent["userAction"]["sourceComponentId"] = save
    turn = replace(turn, turn_index=2)
    step = dispatch(sent, state=first.state, app=crm(), backend=backend, turn=turn)
    assert step.ok, step.diagnostics
    records += replay.step_records(sent, step, turn=turn, state=first.state)
    turn = replace(turn, turn_index=3)
    back = restore(step.state, first.state, app=crm(), backend=backend, turn=turn)
    records += replay.restore_records(1, back, turn)
    assert TestSigner().nonce("c", "main", 1, "k1") not in json.dumps(records)
    result = replay.run(replay.dump(records), crm())
    assert result.diagnostics == ()
    assert result.state == back.state


# --- state ----------------------------------------------------------------------------------------


def note(action: Action, _view: StateView) -> Outcome:
    return Outcome(commit=[PatchOp("set", "/committed/name", action.context["name"])])


NOTES = UIApp("notes", inline_form_action="note")
NOTES.add_action("note", note)
META = replay.meta_record(NOTES, conversation_id="c")
ASK = [
    {
        "type": "ui.show_form",
        "payload": {"title": "T", "fields": [{"id": "name", "label": "N"}]},
    }
]


def conversation(upto: int) -> tuple[list[Any], list[CompileResult], dict[str, Any]]:
    """A form that is saved again and again, each time with receipts; records by turn."""
    turn = TurnContext("c", 1, signer=TestSigner(), seen={})
    results: list[CompileResult] = [compile(ASK, app=NOTES, turn=turn)]
    records = [replay.turn_records(ASK, results[0], turn)]
    seen: dict[str, Any] = {}
    sim = ClientSim()
    for index in range(2, upto + 1):
        assert sim.feed(results[-1].jsonl()) == []
        turn = replace(turn, turn_index=index, seen=dict(seen), idempotency_key=f"k{index}")
        state = results[-1].state
        button = next(str(n["id"]) for n in sim.nodes("main") if n["type"] == "Button")
        sent: Any = sim.press("main", button, timestamp="2026-01-01T00:00:00Z")
        sent["userAction"]["context"]["name"] = f"N{index}"
        step = dispatch(sent, state=state, app=NOTES, turn=turn)
        assert step.receipt is not None, step.diagnostics
        seen[step.receipt.key] = step.receipt
        records.append(replay.step_records(sent, step, turn=turn, state=state))
        results.append(step)
    return records, results, seen


def test_a_replay_goes_on_from_a_state() -> None:
    by_turn, results, seen = conversation(4)
    kept = replay.state_record(results[2].state, turn_index=3, receipts=[seen["k2"], seen["k3"]])
    result = replay.run(replay.dump([META, kept, *by_turn[3]]), NOTES)
    assert result.diagnostics == ()
    assert result.state == results[3].state
    assert [turn.number for turn in result.turns] == [1]


def test_an_event_that_comes_again_after_a_state_gets_its_first_answer() -> None:
    by_turn, results, seen = conversation(3)
    kept = replay.state_record(results[2].state, turn_index=3, receipts=seen.values())
    again = [item for item in by_turn[2] if item["kind"] == "action"]
    result = replay.run([META, kept, *again], NOTES, check=False)
    step = result.turns[0].result
    assert isinstance(step, StepResult)
    assert step.repeated
    assert result.state == results[2].state


def test_the_turn_a_state_stands_for_can_be_gone_back_to() -> None:
    by_turn, results, seen = conversation(4)
    kept = replay.state_record(results[2].state, turn_index=3, receipts=[seen["k2"], seen["k3"]])
    turn = TurnContext("c", 5, signer=TestSigner())
    back = restore(results[3].state, results[2].state, app=NOTES, turn=turn)
    log = [META, kept, *by_turn[3], *replay.restore_records(3, back, turn)]
    result = replay.run(log, NOTES)
    assert result.diagnostics == ()
    assert result.state == back.state


def test_a_turn_before_the_state_a_log_begins_with_cannot_be_gone_back_to() -> None:
    by_turn, results, _ = conversation(4)
    kept = replay.state_record(results[2].state, turn_index=3)
    turn = TurnContext("c", 5, signer=TestSigner())
    back = restore(results[3].state, results[1].state, app=NOTES, turn=turn)
    after = replay.state_record(back.state, turn_index=5)
    log = [META, kept, *by_turn[3], *replay.restore_records(2, back, turn), after]
    result = replay.run(log, NOTES)
    assert result.ok
    assert codes(result) == ["REPLAY_REDACTED"]
    assert result.state == back.state
    assert len(result.left_out) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"state": {"ir_version": 1}}, "/state"),
        ({"state": {**UIState("other").to_dict(), "surfaces": []}}, "/state/conversation_id"),
    ],
)
def test_a_state_that_is_none_is_a_broken_log(change: dict[str, Any], pointer: str) -> None:
    record = {**replay.state_record(UIState("c"), turn_index=3), **change}
    with pytest.raises(StoreError) as caught:
        replay.run([META, record], NOTES)
    found = caught.value.diagnostics[0]
    assert (found.code, found.line, found.pointer) == ("REPLAY_RECORD_INVALID", 2, pointer)


def test_no_batch_follows_a_state() -> None:
    by_turn, results, _ = conversation(1)
    batch = by_turn[0][-1]
    with pytest.raises(StoreError, match="follows the record that caused it"):
        replay.read_log([META, replay.state_record(results[0].state, turn_index=1), batch])


# --- redacted -------------------------------------------------------------------------------------


def put(record: dict[str, Any], pointer: str, value: Any) -> None:
    *steps, last = pointer.split("/")[1:]
    place: Any = record
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value


INPUTS = [
    ("model", "/envelope"),
    ("action", "/event/userAction/context/name"),
    ("outcome", "/outcome/commit/0/value"),
    ("outcome", "/outcome/directives"),
]
OUTPUTS = [("edit", "/value"), ("batch", "/messages/0")]


@pytest.mark.parametrize(("kind", "pointer"), INPUTS)
def test_a_turn_without_its_inputs_is_left_out_until_a_state(kind: str, pointer: str) -> None:
    records, live = recorded()
    put(records[at(records, kind)], pointer, GONE)
    end = replay.state_record(live.state, turn_index=7)
    assert list(Draft202012Validator(schema()).iter_errors(records[at(records, kind)])) == []
    result = replay.run([*records, end], crm())
    assert result.ok
    (found,) = [item for item in result.diagnostics if item.code == "REPLAY_REDACTED"]
    assert (found.line, found.pointer) == (at(records, kind) + 1, pointer)
    assert found.severity == "warning"
    assert result.state == live.state
    assert len(result.turns) + len(result.left_out) == 7
    assert replay.update([*records, end], crm()) == replay.dump([*records, end])


@pytest.mark.parametrize(("kind", "pointer"), OUTPUTS)
def test_a_turn_whose_output_was_redacted_is_run(kind: str, pointer: str) -> None:
    records, live = recorded()
    put(records[at(records, kind)], pointer, GONE)
    result = replay.run(records, crm())
    assert result.diagnostics == ()
    assert result.state == live.state
    assert replay.update(records, crm()) == replay.dump(records)


def test_what_is_left_of_a_turn_is_still_compared() -> None:
    records, _ = recorded()
    batch = records[at(records, "batch")]
    put(batch, "/messages/0", GONE)
    changed = copy.deepcopy(records)
    put(changed[at(changed, "batch")], "/rev", 9)
    assert replay.run(records, crm()).ok
    assert codes(replay.run(changed, crm())) == ["REPLAY_DIFFERS"]


def test_turns_after_the_state_are_compared_again() -> None:
    by_turn, results, seen = conversation(4)
    put(by_turn[1][0], "/event/userAction/context/name", GONE)
    kept = replay.state_record(results[2].state, turn_index=3, receipts=[seen["k2"], seen["k3"]])
    log = [META, *by_turn[0], *by_turn[1], *by_turn[2], kept, *by_turn[3]]
    result = replay.run(log, NOTES)
    assert codes(result) == ["REPLAY_REDACTED"]
    assert [turn.number for turn in result.turns] == [1, 4]
    put(log[-1], "/rev", 99)
    assert codes(replay.run(log, NOTES)) == ["REPLAY_REDACTED", "REPLAY_DIFFERS"]


def test_an_error_report_and_a_state_may_be_redacted() -> None:
    by_turn, results, seen = conversation(2)
    report = {"v": 1, "kind": "error", "event": {"error": GONE}}
    lost = {**replay.state_record(results[1].state, turn_index=2), "state": GONE, "receipts": GONE}
    kept = replay.state_record(results[1].state, turn_index=2, receipts=seen.values())
    kept["receipts"].append(GONE)
    result = replay.run([META, *by_turn[0], report, lost, *by_turn[1], kept], NOTES)
    assert [item.pointer for item in result.diagnostics] == ["/event/error", "/state"]
    assert len(result.left_out) == 2
    assert result.state == results[1].state


def test_tools_may_be_redacted() -> None:
    outcome = {"tool_calls": [{"id": "a", "name": "t", "arguments": GONE}]}
    record = {"v": 1, "kind": "outcome", "outcome": outcome, "tool_results": {"a": GONE}}
    records, _ = recorded()
    place = at(records, "outcome")
    assert replay.read_log([*records[:place], record]) != []


@pytest.mark.parametrize(
    ("kind", "pointer", "value"),
    [
        ("model", "/text", {"redacted": "00"}),
        ("edit", "/value", {"redacted": "0F" * 32}),
        ("edit", "/value", {**GONE, "more": 1}),
        ("batch", "/messages/0", {"redacted": {}}),
        ("outcome", "/outcome/directives", {}),
    ],
)
def test_only_a_commitment_stands_for_what_was_redacted(
    kind: str, pointer: str, value: dict[str, Any]
) -> None:
    records, _ = recorded()
    record = records[at(records, kind)]
    if kind == "model":
        del record["envelope"]
    put(record, pointer, value)
    with pytest.raises(StoreError) as caught:
        replay.read_log(records)
    assert any(item.pointer.startswith(pointer) for item in caught.value.diagnostics)


def test_what_only_looks_redacted_is_told_apart() -> None:
    """A model or a client may send what a redacted value looks like."""
    turn = TurnContext("", 1)
    meta = replay.meta_record(crm())
    result = compile(GONE, app=crm(), turn=turn)
    records: list[Any] = [meta, *replay.turn_records(GONE, result, turn)]
    state = compile([CONTACT], app=crm(), turn=turn).state
    records += replay.turn_records([CONTACT], compile([CONTACT], app=crm(), turn=turn), turn)
    for sent in (event(state, name=GONE), {"error": GONE}):
        step = dispatch(sent, state=state, app=crm(), turn=turn)
        records += replay.step_records(sent, step, turn=turn, state=state)
        state = step.state
    assert not any(is_redacted(value) for value in _values(records))
    replayed = replay.run(replay.dump(records), crm())
    assert replayed.diagnostics == ()
    assert replayed.state == state


def _values(value: Any) -> Iterable[Any]:
    yield value
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)):
            yield from _values(item)


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data_path("schemas/conversation_v1.json").read_bytes())
    return found


def test_a_signed_turn_without_a_button_says_which_key_it_had() -> None:
    """No batch shows it; the surface remembers it, so that the state would be another one."""
    turn = TurnContext(conversation_id="c", turn_index=1, signer=TestSigner())
    shown = {"type": "ui.show_result", "payload": {"title": "Done", "text": "All of it."}}
    result = compile([shown], app=crm(), turn=turn)
    assert result.ok
    log = [
        replay.meta_record(crm(), conversation_id="c"),
        *replay.turn_records([shown], result, turn),
    ]
    again = replay.run(log, crm())
    assert again.diagnostics == ()
    assert again.state.hash == result.state.hash
    del log[1]["key_id"]
    assert replay.run(log, crm()).state.hash != result.state.hash
