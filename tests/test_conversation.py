"""The conversation format: read strictly, written compactly, never with a nonce in it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.crm import TestSigner, crm, event, shown
from uicompiler import ClientProfile, Limits, StoreError, TurnContext, UIApp, UIState, dispatch
from uicompiler.conversation import (
    KINDS,
    action_record,
    batch_records,
    client_from_json,
    client_to_json,
    dump,
    error_record,
    limits_from_json,
    limits_to_json,
    meta_record,
    model_record,
    outcome_record,
    read_log,
    step_records,
    turn_records,
)
from uicompiler.resources import data_path

CONTACT = data_path("examples/crm/conversations/contact.jsonl")
TURN = TurnContext(turn_index=1, request_id="r1", now="2026-01-01T12:00:00Z")
SIGNED = replace(TURN, signer=TestSigner())
META = meta_record(UIApp.standard())
TURN_INDEX, PATH = "/turn_index", "/outcome/commit/0/path"


def refused(*records: Any) -> list[tuple[int | None, str]]:
    with pytest.raises(StoreError) as caught:
        read_log(records)
    assert {item.code for item in caught.value.diagnostics} == {"REPLAY_RECORD_INVALID"}
    return [(item.line, item.pointer) for item in caught.value.diagnostics]


# --- the schema -----------------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data_path("schemas/conversation_v1.json").read_bytes())
    return found


def test_the_schema_is_one_and_names_every_kind() -> None:
    Draft202012Validator.check_schema(schema())
    assert [part["$ref"].rpartition("/")[2] for part in schema()["oneOf"]] == list(KINDS)


@pytest.mark.parametrize("path", sorted(CONTACT.parent.glob("*.jsonl")), ids=lambda p: p.stem)
def test_every_record_of_the_examples_fits_the_published_schema(path: Path) -> None:
    validator = Draft202012Validator(schema())
    for line in path.read_bytes().splitlines():
        assert list(validator.iter_errors(json.loads(line))) == []


def test_every_limit_can_be_told() -> None:
    limits = Limits(**{item.name: 7 for item in fields(Limits)})
    assert limits_from_json(limits_to_json(limits)) == limits
    assert limits_to_json(Limits()) == {}
    app = UIApp("x", limits=limits)
    assert len(read_log([meta_record(app)])) == 1


@pytest.mark.parametrize(
    "client",
    [
        ClientProfile.spec(),
        ClientProfile.web_core().plain_text(),
        ClientProfile("mine", catalog_ids=frozenset({"b", "a"})),
    ],
)
def test_every_client_can_be_told(client: ClientProfile) -> None:
    assert client_from_json(json.loads(json.dumps(client_to_json(client)))) == client


# --- reading --------------------------------------------------------------------------------------


def test_a_log_is_read_from_path_text_bytes_and_records() -> None:
    raw = CONTACT.read_bytes()
    once = read_log(raw)
    assert once == read_log(raw.decode()) == read_log(CONTACT) == read_log(str(CONTACT))
    assert [item.data for item in once] == [item.data for item in read_log(i.data for i in once)]
    assert read_log(once) == once


def test_what_is_read_is_written_equal() -> None:
    assert dump(read_log(CONTACT)) == CONTACT.read_bytes()


def test_blank_lines_count() -> None:
    assert [item.line for item in read_log(b"\n\n" + dump([META]) + b"\r\n")] == [3]


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ('{"v":1,"kind":"dream"}', "/kind"),
        ('{"v":1}', "/kind"),
        ('{"v":2,"kind":"edit","surface":"main","field":"name","value":"x"}', "/v"),
        ('{"v":1,"kind":"edit","surface":"main","field":7,"value":"x"}', "/field"),
        ('{"v":1,"kind":"edit","surface":"main","field":"a","value":"x","_nonce":"n"}', ""),
        ('{"v":1,"kind":"model","turn_index":1,"request_id":"","now":""}', ""),
        ('{"v":1,"kind":"model","turn_index":true,"request_id":"","now":"","text":""}', TURN_INDEX),
        ('{"v":1,"kind":"error","event":{"userAction":{}}}', "/event"),
        ('{"v":1,"kind":"batch","surface":"m","surface_id":"m","epoch":0,"rev":1}', "/epoch"),
        ('{"v":1,"kind":"outcome","outcome":{"commit":[{"op":"set","path":"/draft/a"}]}}', PATH),
        ('{"v":1,"v":1,"kind":"edit"}', ""),
        ('{"v":NaN,"kind":"edit"}', ""),
        ("[1]", ""),
        ("{", ""),
    ],
)  # fmt: skip
def test_a_bad_record_is_refused_with_line_and_pointer(line: str, pointer: str) -> None:
    text = dump([META]).decode() + "\n" + line
    with pytest.raises(StoreError) as caught:
        read_log(text)
    places = [(item.code, item.line, item.pointer) for item in caught.value.diagnostics]
    assert ("REPLAY_RECORD_INVALID", 3, pointer) in places


@pytest.mark.parametrize(
    "source",
    [
        None,
        5,
        META,
        [None],
        [1],
        [[]],
        ["{}"],
        "\0",
        "\ud800",
        "no such file",
        "x" * 5000,
        b"[",
        "",
    ],
)
def test_what_is_no_log_is_refused(source: Any) -> None:
    with pytest.raises(StoreError) as caught:
        read_log(source)
    assert [(item.code, item.line) for item in caught.value.diagnostics] == [
        ("REPLAY_RECORD_INVALID", 1)
    ]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def endless() -> list[Any]:
    value: list[Any] = []
    value.extend([value, value])
    return value


def set_to(value: Any) -> dict[str, Any]:
    return {"commit": [{"op": "set", "path": "/committed/a", "value": value}]}


VALUE = "/outcome/commit/0/value"
CALL: dict[str, Any] = {"id": "1", "name": "look_up"}


@pytest.mark.parametrize(
    ("outcome", "pointer"),
    [
        ({"commit": [{"op": "delete", "path": "/committed" + "/a" * 3000}]}, PATH),
        ({"commit": [{"op": "delete", "path": "/committed/a~2"}]}, PATH),
        ({"commit": [{"op": "delete", "path": "/draft/a"}]}, PATH),
        ({"commit": [{"op": "delete", "path": "/committed/\ud800"}]}, PATH),
        (
            {"commit": [{"op": "set", "path": "/committed" + "/a" * 150, "value": nested(100)}]},
            PATH,
        ),
        (set_to("\ud800"), VALUE),
        (set_to({"a": {"\ud800": 1}}), f"{VALUE}/a"),
        (set_to([float("nan")]), f"{VALUE}/0"),
        (set_to(float("inf")), VALUE),
        (set_to(2**53 + 1), VALUE),
        (set_to({1: 2}), VALUE),
        (set_to(b"x"), VALUE),
        (set_to(nested(3000)), VALUE),
        (set_to(endless()), VALUE),
        ({"field_errors": {"name": "\ud800"}}, "/outcome/field_errors/name"),
        ({"field_errors": {"\ud800": "no"}}, "/outcome/field_errors"),
        ({"tool_calls": [{**CALL, "name": "\ud800"}]}, "/outcome/tool_calls/0/name"),
        (
            {"tool_calls": [{**CALL, "arguments": {"a": float("nan")}}]},
            "/outcome/tool_calls/0/arguments/a",
        ),
        ({"tool_calls": [{**CALL, "arguments": {"a": nested(300)}}]}, "/outcome/tool_calls/0"),
        ({"directives": [{"type": nested(300)}]}, "/outcome/directives/0"),
        ({"directives": [{"\ud800": float("nan")}]}, "/outcome/directives/0/\\ud800"),
    ],
)
def test_an_outcome_with_what_no_state_can_hold_is_refused(
    outcome: dict[str, Any], pointer: str
) -> None:
    record = {"v": 1, "kind": "outcome", "outcome": outcome}
    with pytest.raises(StoreError) as caught:
        read_log([META, record])
    found = caught.value.diagnostics
    assert {item.code for item in found} == {"REPLAY_RECORD_INVALID"}
    assert any(item.line == 2 and item.pointer.startswith(pointer) for item in found)
    assert "\n".join(map(str, found)).encode()


def test_what_models_and_clients_write_may_hold_lone_surrogates() -> None:
    turn = {"turn_index": 1, "request_id": "", "now": ""}
    records = [
        META,
        {"v": 1, "kind": "model", **turn, "text": "\ud800"},
        {"v": 1, "kind": "error", "event": {"error": {"\ud800": "\ud800"}}},
    ]
    assert [item.kind for item in read_log(dump(records))] == ["meta", "model", "error"]


@pytest.mark.parametrize("limit", [1e300, 2.0**60])
def test_a_limit_is_a_number_that_counts(limit: float) -> None:
    assert limits_from_json({"max_event_depth": 16.0}).max_event_depth == 16
    assert isinstance(limits_from_json({"max_event_depth": 16.0}).max_event_depth, int)
    with pytest.raises(ValueError, match="max_event_depth"):
        limits_from_json({"max_event_depth": limit})


def test_all_problems_are_found_in_one_go() -> None:
    bad = {"v": 1, "kind": "edit", "surface": 1, "field": 2, "value": {}}
    assert refused(META, bad, bad) == [
        (line, pointer) for line in (2, 3) for pointer in ("/field", "/surface", "/value")
    ]


def test_a_refusal_quotes_no_values() -> None:
    bad = {"v": 1, "kind": "edit", "surface": ["secret"], "field": "a", "value": "x"}
    with pytest.raises(StoreError) as caught:
        read_log([META, bad])
    assert "secret" not in str(caught.value)
    assert "expected string, found array" in caught.value.message


def test_records_must_follow_what_they_belong_to() -> None:
    outcome = {"v": 1, "kind": "outcome", "outcome": {}}
    batch = batch_records(shown())[0]
    model = model_record("{}", TURN)
    assert refused(model) == refused(batch) == [(1, "/kind")]
    assert refused() == [(1, "/kind")]
    assert refused(META, batch) == refused(META, outcome) == [(2, "/kind")]
    assert refused(META, model, outcome) == [(3, "/kind")]


# --- building -------------------------------------------------------------------------------------


def test_the_helpers_build_what_the_reader_takes() -> None:
    first = shown(SIGNED)
    sent = event(first.state, _nonce=nonce())
    step = dispatch(sent, state=first.state, app=crm(), turn=SIGNED)
    assert step.ok
    records = [
        meta_record(crm()),
        *turn_records([], first, SIGNED),
        *step_records(sent, step, turn=SIGNED, state=first.state, tool_results={"t": [1]}),
    ]
    kinds = [item.kind for item in read_log(dump(records))]
    assert kinds == ["meta", "model", "batch", "action", "outcome", "batch"]


def test_an_action_without_a_handlers_outcome_has_no_outcome_record() -> None:
    first = shown()
    step = dispatch(event(first.state, email=""), state=first.state, app=crm())
    assert step.field_errors
    assert outcome_record(step) is None


def test_what_strict_json_cannot_hold_is_recorded_as_text() -> None:
    assert "text" in model_record({"directives": [float("nan")]}, TURN)
    assert "text" in model_record({"directives": [2**60]}, TURN)
    assert model_record(b"\xff", TURN)["text"] == "\ufffd"
    loop: list[Any] = []
    loop.append(loop)
    assert model_record(loop, TURN)["text"] == "\ufffd"


def test_a_lone_surrogate_is_written_as_an_escape() -> None:
    record = model_record('{"assistant_text": "\ud800"}', TURN)
    assert read_log(dump([META, record]))[1].data == record


@pytest.mark.parametrize("raw", [b"[", b"[]", b'{"userAction": 1}', b'{"a": {}}'])
def test_an_event_of_no_shape_has_no_record(raw: bytes) -> None:
    with pytest.raises(StoreError):
        action_record(raw, turn=TURN, state=UIState())


def test_the_idempotency_key_is_told_only_where_one_counts() -> None:
    state = shown().state
    assert "idempotency_key" not in action_record(event(state), turn=TURN, state=state)
    turn = replace(TURN, seen={}, idempotency_key="k")
    assert action_record(event(state), turn=turn, state=state)["idempotency_key"] == "k"


# --- nonces ---------------------------------------------------------------------------------------


def nonce(epoch: int = 1) -> str:
    return TestSigner().nonce("", "main", epoch, "k1")


def recorded_nonce(given: Any, turn: TurnContext = SIGNED) -> str:
    state = shown(turn).state
    record = action_record(event(state, _nonce=given), turn=turn, state=state)
    found: str = record["event"]["userAction"]["context"]["_nonce"]
    return found


def test_a_nonce_becomes_a_placeholder() -> None:
    assert recorded_nonce(nonce()) == "nonce:k1:1"
    assert nonce().encode() not in dump(batch_records(shown(SIGNED), SIGNED.signer))


@pytest.mark.parametrize("forged", ["guess", "nonce:k1:1", "", None, 7, ["x"], "\ud800"])
def test_a_forged_nonce_becomes_one_that_is_never_verified(forged: Any) -> None:
    assert recorded_nonce(forged) == "nonce::1"


def test_without_a_signer_no_nonce_is_kept_either() -> None:
    assert recorded_nonce("stray", TURN) == "nonce::1"


def test_an_older_epochs_nonce_is_told_as_such() -> None:
    state = shown(SIGNED).state
    later = state.with_surface(replace(state.surfaces["main"], epoch=2))
    record = action_record(event(state, _nonce=nonce()), turn=SIGNED, state=later)
    assert record["event"]["userAction"]["context"]["_nonce"] == "nonce:k1:1"


def test_a_nonce_in_an_error_report_is_taken_out_too() -> None:
    state = shown(SIGNED).state
    report = {
        "surfaceId": "main",
        "message": f"cannot show {{_nonce: {nonce()}}}",
        "component": [{"key": "_nonce", "value": {"literalString": nonce()}}],
        "deep": {"_nonce": {"x": 1}},
    }
    text = dump([error_record({"error": report}, turn=SIGNED, state=state)])
    assert nonce().encode() not in text
    assert text.count(b"nonce:k1:1") == 2
    assert b'"_nonce":"nonce::1"' in text
