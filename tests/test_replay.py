"""Replaying equals the live run; what differs is said in words; no handler is ever called."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.crm import TestSigner, crm, event, shown
from tests.stories import draft_path, forms, server_values, typed_values
from uicompiler import (
    Action,
    ClientProfile,
    Limits,
    Outcome,
    PatchOp,
    Signer,
    StateView,
    StoreError,
    ToolCall,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
    replay,
)
from uicompiler.cli.live import Live
from uicompiler.resources import data_path

FOLDER = data_path("examples/crm")
LOGS = sorted(FOLDER.glob("conversations/*.jsonl"))
CONTACT = FOLDER / "conversations/contact.jsonl"

each_log = pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)


def changed_crm(**changes: Any) -> UIApp:
    """The CRM with its contact form changed."""
    app = UIApp.load(FOLDER)
    app.forms["contact"] = app.forms["contact"].model_copy(update=changes)
    return app


# --- the examples ---------------------------------------------------------------------------------


@each_log
def test_an_example_replays_as_recorded(path: Path) -> None:
    result = replay.run(path, crm())
    assert [str(item) for item in result.diagnostics if item.severity == "error"] == []
    assert result.ok
    assert result.first_difference is None
    assert all(turn.recorded or not turn.result.batches for turn in result.turns)
    recorded = [
        message for turn in result.turns for b in turn.recorded for message in b["messages"]
    ]
    assert list(result.messages) == recorded


@each_log
def test_an_example_was_recorded_with_the_app_as_it_is(path: Path) -> None:
    # Fails after a change to the app: tools/record_conversations.py writes the examples anew.
    assert replay.run(path, crm()).diagnostics == ()


@each_log
def test_update_leaves_an_example_as_it_is(path: Path) -> None:
    assert replay.update(path, crm()) == path.read_bytes()


def test_the_app_may_be_named_by_its_place() -> None:
    assert replay.run(str(CONTACT), str(FOLDER)).ok


@each_log
def test_two_replays_give_equal_bytes(path: Path) -> None:
    first, second = replay.run(path, crm()), replay.run(path.read_bytes(), crm())
    assert first.jsonl() == second.jsonl() != b""
    assert first.state.to_json() == second.state.to_json()


# --- differences ----------------------------------------------------------------------------------


def test_a_changed_text_is_told_by_its_words() -> None:
    result = replay.run(CONTACT, changed_crm(intro="Who?"))
    assert not result.ok
    first = result.first_difference
    assert first is not None
    assert (first.number, first.line, first.kind) == (1, 2, "model")
    assert [(item.what, item.after) for item in first.differences] == [("text changed", "Who\\?")]
    finding = next(item for item in result.diagnostics if item.code == "REPLAY_DIFFERS")
    assert finding.line == 2
    assert "turn 1 (model)" in finding.message
    assert "text changed" in finding.message


def test_a_changed_option_is_told_by_its_value() -> None:
    stage = crm().forms["contact"].fields[2]
    options = (*stage.options[:2], stage.options[2].model_copy(update={"label": "Client"}))
    fields = list(crm().forms["contact"].fields)
    fields[2] = stage.model_copy(update={"options": options})
    first = replay.run(CONTACT, changed_crm(fields=tuple(fields))).first_difference
    assert first is not None
    assert [item.what for item in first.differences] == ['option "customer" label changed']


def test_a_changed_action_is_told() -> None:
    buttons = crm().forms["contact"].buttons
    other = buttons[1].model_copy(update={"action": "edit_contact"})
    first = replay.run(CONTACT, changed_crm(buttons=(buttons[0], other))).first_difference
    assert first is not None
    (change,) = first.differences
    assert (change.what, change.before, change.after) == (
        "action name changed",
        "discard",
        "edit_contact",
    )
    assert 'Button "Discard"' in change.where


def test_another_app_warns_but_equal_output_is_fine() -> None:
    app = UIApp.load(FOLDER)
    app.version = 2
    result = replay.run(CONTACT, app)
    assert [item.code for item in result.diagnostics] == ["REPLAY_APP_CHANGED"]
    assert result.ok


def test_a_lost_batch_and_a_batch_too_many_differ() -> None:
    records = [item.data for item in replay.read_log(CONTACT)]
    without = [item for item in records if item["kind"] != "batch" or item["rev"] != 5]
    result = replay.run(without, crm())
    assert [turn.number for turn in result.turns if turn.differences] == [6]
    extra = replay.run([*records, records[2]], crm())
    assert extra.first_difference is not None
    assert extra.first_difference.number == 7


def test_unchecked_nothing_is_compared() -> None:
    result = replay.run(CONTACT, changed_crm(intro="Who?"), check=False)
    assert result.ok
    assert b"Who" in result.jsonl()


def test_update_writes_what_goes_out_now() -> None:
    app = changed_crm(intro="Who?")
    once = replay.update(CONTACT, app)
    assert replay.run(once, app).diagnostics == ()
    assert replay.update(once, app) == once
    kinds = [item.kind for item in replay.read_log(once)]
    assert kinds == [item.kind for item in replay.read_log(CONTACT)]


@each_log
def test_update_puts_batches_back_that_are_missing(path: Path) -> None:
    bare = [item.data for item in replay.read_log(path) if item.kind != "batch"]
    assert replay.update(bare, crm()) == path.read_bytes()


# --- handlers and tools ---------------------------------------------------------------------------


def test_a_log_in_another_language_replays_in_it() -> None:
    texts = {"de": {"form.submit": "Senden", "field.required": "Bitte ausfüllen"}}
    app = UIApp("app", inline_form_action="submit", texts=texts)
    fields = [{"id": "a", "label": "A", "required": True}]
    show = {"type": "ui.show_form", "payload": {"title": "T", "fields": fields}}
    script = [
        {"v": 1, "kind": "meta"},
        {"v": 1, "kind": "model", "envelope": [show], "language": "de"},
        {"v": 1, "kind": "action", "press": "submit"},
    ]
    told = [record for step in Live(app).play(script) for record in step.records]
    said = json.dumps(told, ensure_ascii=False)
    assert "Senden" in said
    assert "Bitte ausfüllen" in said
    assert [item["language"] for item in told if "turn_index" in item] == ["de", "de"]
    assert replay.run(told, app).ok


def never(_action: Action, _view: StateView) -> Outcome:
    raise AssertionError("a replay called a handler")


def test_no_handler_is_called() -> None:
    app = UIApp.load(FOLDER)
    app.actions = {name: replace(spec, handler=never) for name, spec in app.actions.items()}
    for path in LOGS:
        assert replay.run(path, app).ok


def test_recorded_outcomes_decide_and_not_todays_handler() -> None:
    log = CONTACT.read_bytes().replace(b"Ada King", b"Ada K.")
    result = replay.run(log, crm(), check=False)
    assert result.state.surfaces["main"].data["committed"]["contact"]["name"] == "Ada K."


def tool_app(handler: Any = None) -> UIApp:
    app = UIApp("tools", inline_form_action="submit")
    if handler is not None:
        app.add_action("submit", handler)
    return app


def with_tools(action: Action, _view: StateView) -> Outcome:
    if action.tool_results is None:
        return Outcome(tool_calls=[ToolCall("t1", "lookup", {"who": action.context["name"]})])
    return Outcome(commit=[PatchOp("set", "/committed/found", action.tool_results["t1"])])


FORM = {"title": "T", "fields": [{"id": "name", "label": "Name"}], "values": {"name": "Ada"}}


def tool_log() -> tuple[list[dict[str, Any]], UIState]:
    live = Live(tool_app(with_tools))
    envelope = {
        "assistant_text": "",
        "directives": [{"type": "ui.show_form", "payload": FORM}],
    }
    list(
        live.play(
            [
                {"kind": "model", "envelope": envelope},
                {"kind": "action", "press": "submit"},
                {"kind": "outcome"},
                {"kind": "action", "press": "submit"},
                {"kind": "outcome", "tool_results": {"t1": [1, 2]}},
            ]
        )
    )
    return live.records, live.state


def test_tool_results_come_from_the_log() -> None:
    records, state = tool_log()
    assert state.surfaces["main"].data["committed"]["found"] == (1, 2)
    result = replay.run(records, tool_app(never))
    assert result.ok
    assert result.state == state


def test_an_action_whose_handler_is_the_host_has_no_outcome() -> None:
    live = Live(tool_app())
    source = {"assistant_text": "", "directives": [{"type": "ui.show_form", "payload": FORM}]}
    list(live.play([{"kind": "model", "envelope": source}, {"kind": "action", "press": "submit"}]))
    assert [item["kind"] for item in live.records] == ["meta", "model", "batch", "action"]
    result = replay.run(live.records, tool_app(never))
    assert result.ok
    assert result.state == live.state


def test_an_outcome_that_does_not_fit_is_refused_with_its_line() -> None:
    records, _ = tool_log()
    line = max(n for n, item in enumerate(records, 1) if item["kind"] == "outcome")
    commit = [
        {"op": "set", "path": "/committed/a", "value": "x"},
        {"op": "append", "path": "/committed/a/b/c", "value": 1},
    ]
    records[line - 1] = {**records[line - 1], "outcome": {"commit": commit}}
    with pytest.raises(StoreError) as caught:
        replay.run(records, tool_app())
    finding = caught.value.diagnostics[0]
    assert (finding.code, finding.line) == ("REPLAY_RECORD_INVALID", line)
    assert finding.pointer == "/outcome/commit"


HOSTILE: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 1e300, 2**60, float("nan"), "", "\ud800", "\0", "[" * 5000, b"x"),
    *(
        "/committed" + "/a" * 3000,
        "/committed/__proto__",
        "/committed/a/-",
        "nonce:a:b",
        "main#e=2",
    ),
    *({}, [], [None], {"": {}}, {"\ud800": 1}, {1: 2}, {"path": "/a" * 3000, "contents": []}),
    *("append", "insert", "action", "reset", {"max_event_depth": 16.0}, {"max_string_bytes": 0}),
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a record."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, ...]] = []
    for key, item in pairs:
        found.append((*at, key))
        if isinstance(item, (dict, list)):
            found.extend(places(item, (*at, key)))
    return found


def recorded_steps() -> list[dict[str, Any]]:
    """A log with every part of an outcome, changeable."""
    records, _ = tool_log()
    text = replay.dump(records).decode()
    plain: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    for item in plain:
        if item["kind"] == "outcome":
            commit = [{"op": "set", "path": "/committed/a", "value": {"b": [1]}}]
            item["outcome"] |= {"commit": commit, "field_errors": {"name": "no"}}
    return plain


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_log_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    records: list[Any] = recorded_steps()
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(records) - 1))
        hostile = copy.deepcopy(data.draw(st.sampled_from(HOSTILE)))
        inside = places(records[index]) if isinstance(records[index], dict) else []
        if not inside or data.draw(st.integers(0, 9)) == 0:
            records[index] = hostile
            continue
        *up, last = data.draw(st.sampled_from(inside))
        place: Any = records[index]
        for key in up:
            place = place[key]
        place[last] = hostile
    try:
        result = replay.run(records, tool_app())
        replay.update(records, tool_app())
    except StoreError as exc:
        codes = {item.code for item in exc.diagnostics}
        assert codes <= {"REPLAY_RECORD_INVALID", "REPLAY_REFUSED"}
        assert str(exc).encode()
    else:
        assert result.state.hash
        assert UIState.from_json(result.state.to_json()) == result.state


# --- what a meta record says ----------------------------------------------------------------------


@pytest.mark.parametrize("update", ["auto", "full", "diff", "reset"])
@pytest.mark.parametrize(
    "client",
    [ClientProfile.no_incremental(), ClientProfile.web_core().plain_text()],
    ids=["no_incremental", "plain_text"],
)
def test_client_update_and_limits_are_those_of_the_log(update: Any, client: ClientProfile) -> None:
    app = UIApp(
        "standard", inline_form_action="submit", limits=Limits(max_components_per_surface=4)
    )
    state, records = UIState("c"), []
    turn = TurnContext("c")
    for _ in range(2):
        source = [{"type": "ui.show_form", "payload": FORM}]
        result = compile(source, app=app, state=state, client=client, turn=turn, update=update)
        state = result.state
        records += replay.turn_records(source, result, turn)
    meta = replay.meta_record(app, conversation_id="c", client=client, update=update)
    again = replay.run([meta, *records], UIApp.standard())
    assert [item for item in again.diagnostics if item.code == "REPLAY_DIFFERS"] == []
    assert again.state == state
    assert {turn.result.ok for turn in again.turns} == {False}


@pytest.mark.parametrize(
    ("key", "value", "pointer"),
    [
        ("limits", {"max_dreams": 1}, "/limits"),
        ("client", "netscape", ""),
        ("versions", {"library": "", "ir": 1, "protocol": "vrml"}, ""),
    ],
)
def test_a_log_that_cannot_be_replayed_is_refused(key: str, value: Any, pointer: str) -> None:
    records = [dict(item.data) for item in replay.read_log(CONTACT)]
    records[0][key] = value
    with pytest.raises(StoreError) as caught:
        replay.run(records, crm())
    assert (caught.value.diagnostics[0].line, caught.value.pointer) == (1, pointer)


def test_a_log_is_of_one_conversation() -> None:
    meta = replay.meta_record(crm(), conversation_id="a")
    assert replay.run([meta, meta], crm()).ok
    with pytest.raises(StoreError):
        replay.run([meta, {**meta, "conversation_id": "b"}], crm())


# --- nonces and repeats ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Rotated(TestSigner):
    """A signer whose newest key has another id."""

    key_id: str = "k2"


def host(*, signers: list[Signer | None], nonces: Mapping[int, str] | None = None) -> list[Any]:
    """Records of a form shown, then saved, each turn with a signer of its own."""
    turns = [TurnContext("c", signer=signer) for signer in signers]
    source = [{"type": "ui.show_form", "payload": {"form_id": "contact"}}]
    first = compile(source, app=crm(), turn=turns[0])
    records = replay.turn_records(source, first, turns[0])
    state = first.state
    for index, turn in enumerate(turns[1:], 1):
        signer = turn.signer or TestSigner()
        key_id = state.surfaces["main"].nonce_key_id or signer.key_id
        own = signer.nonce("c", "main", 1, key_id)
        sent = event(state, _nonce=(nonces or {}).get(index, own))
        step = dispatch(sent, state=state, app=crm(), turn=turn)
        records += replay.step_records(sent, step, turn=turn, state=state)
        state = step.state
    return [replay.meta_record(crm(), conversation_id="c"), *records, state]


@pytest.mark.parametrize(
    "signers",
    [
        [TestSigner(), TestSigner()],
        [TestSigner(), Rotated()],
        [None, TestSigner()],
        [None, None],
    ],
    ids=["signed", "rotated", "turned on", "unsigned"],
)
def test_a_placeholder_counts_as_verified(signers: list[Signer | None]) -> None:
    *records, state = host(signers=signers)
    assert records[-2]["kind"] == "outcome"
    result = replay.run(records, crm())
    assert result.ok, result.diagnostics
    assert result.state == state


def test_a_forged_nonce_is_refused_again() -> None:
    *records, state = host(signers=[TestSigner(), TestSigner()], nonces={1: "nonce:k1:1"})
    result = replay.run(records, crm())
    assert result.ok
    assert result.state == state
    assert result.turns[-1].result.diagnostics[0].code == "A2UI_C2S_NONCE_INVALID"


@pytest.mark.parametrize("key", [None, "transport"])
def test_a_repeated_event_gets_its_first_answer_again(key: str | None) -> None:
    first = shown()
    seen: dict[str, Any] = {}
    records = [
        replay.meta_record(crm()),
        *replay.turn_records(first_source(), first, TurnContext()),
    ]
    sent, state = event(first.state), first.state
    for _ in range(2):
        turn = TurnContext(idempotency_key=key, seen=dict(seen))
        step = dispatch(sent, state=state, app=crm(), turn=turn)
        records += replay.step_records(sent, step, turn=turn, state=state)
        assert step.receipt is not None
        seen[step.receipt.key] = step.receipt
        state = step.state
    result = replay.run(records, crm())
    assert result.ok, result.diagnostics
    assert getattr(result.turns[-1].result, "repeated", None) is True
    assert result.state == state


def test_a_first_answer_comes_again_with_its_nonce_where_signing_began_later() -> None:
    state = shown(TurnContext("c")).state
    turn = TurnContext("c", signer=TestSigner(), seen={})
    sent = event(state, _nonce=TestSigner().nonce("c", "main", 1, "k1"))
    step = dispatch(sent, state=state, app=crm(), turn=turn)
    assert step.receipt is not None
    again = replace(turn, seen={step.receipt.key: step.receipt})
    repeated = dispatch(sent, state=step.state, app=crm(), turn=again)
    assert repeated.repeated
    assert repeated.jsonl() == step.jsonl()


def test_a_conversation_id_no_file_can_hold_is_refused() -> None:
    with pytest.raises(StoreError) as caught:
        replay.run([replay.meta_record(crm(), conversation_id="\ud800")], crm())
    assert caught.value.pointer == "/conversation_id"


def first_source() -> list[dict[str, Any]]:
    return [{"type": "ui.show_form", "payload": {"form_id": "contact"}}]


# --- any story ------------------------------------------------------------------------------------


@st.composite
def scripts(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A form, then edits, patches, submits and client errors."""
    form = draw(forms())
    script: list[dict[str, Any]] = [model("ui.show_form", form)]
    for _ in range(draw(st.integers(0, 6))):
        item = draw(st.sampled_from(form["fields"]))
        kind = draw(st.sampled_from(["edit", "patch", "action", "error"]))
        if kind == "edit" and item["kind"] != "choice":
            value = draw(typed_values(item))
            script.append({"kind": "edit", "field": item["id"], "value": value})
        elif kind == "patch":
            op = {"op": "set", "path": draft_path(item["id"]), "value": draw(server_values(item))}
            script.append(model("ui.patch", {"ops": [op]}))
        elif kind == "action":
            script.append({"kind": "action", "press": "submit"})
        elif kind == "error":
            script.append({"kind": "error", "message": "broken"})
    return script


def model(directive: str, payload: Any) -> dict[str, Any]:
    directives = [{"type": directive, "payload": payload}]
    return {"kind": "model", "envelope": {"assistant_text": "", "directives": directives}}


@given(scripts(), st.sampled_from([None, TestSigner()]))
def test_a_replay_equals_the_live_run(script: list[dict[str, Any]], signer: Signer | None) -> None:
    live = Live(UIApp.standard(), signer=signer)
    try:
        messages = [message for step in live.play(script) for message in step.messages]
    except StoreError:
        return  # a story no client can live, such as pressing where a failed form was
    log = replay.dump(live.records)
    result = replay.run(log, UIApp.standard())
    assert result.diagnostics == ()
    assert result.state == live.state
    assert replay.update(log, UIApp.standard()) == log
    if signer is None:
        assert list(result.messages) == messages
