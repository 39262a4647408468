"""The door to the checker: how a stream is read, and what its findings look like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.a2ui import validate
from uicompiler.catalog.catalog import standard_catalog
from uicompiler.errors import AppError
from uicompiler.limits import Limits

ROOT = {"id": "r", "component": {"Text": {"text": {"literalString": "hello"}}}}
UPDATE: dict[str, Any] = {"surfaceUpdate": {"surfaceId": "main", "components": [ROOT]}}
BEGIN: dict[str, Any] = {"beginRendering": {"surfaceId": "main", "root": "r"}}
STREAM = [UPDATE, BEGIN]


def jsonl(*messages: Any) -> str:
    return "".join(f"{json.dumps(message)}\n" for message in messages)


def codes(found: list[Any]) -> list[tuple[str, int | None]]:
    return [(item.code.removeprefix("A2UI_S2C_"), item.line) for item in found]


@pytest.mark.parametrize(
    "stream",
    [
        "",
        b"",
        "\n \r\n",
        [],
        "[]",
        STREAM,
        iter(STREAM),
        jsonl(*STREAM),
        jsonl(*STREAM).encode(),
        jsonl(*STREAM).replace("\n", "\r\n\r\n"),
        json.dumps(STREAM, indent=2),
        json.dumps(STREAM).encode(),
        jsonl(*STREAM).replace("hello", "\u2028"),
    ],
)
def test_a_good_stream_is_read_in_any_form(stream: Any) -> None:
    assert validate(stream) == []


@pytest.mark.parametrize(
    "stream",
    [
        jsonl(UPDATE, BEGIN, BEGIN),
        json.dumps([UPDATE, BEGIN, BEGIN]),
        [UPDATE, BEGIN, BEGIN],
    ],
)
def test_lines_count_messages_from_1(stream: Any) -> None:
    [found] = validate(stream)
    assert found.to_dict() == {
        "code": "A2UI_S2C_BEGIN_REPEATED",
        "severity": "error",
        "message": found.message,
        "pointer": "/beginRendering",
        "hint": "",
        "line": 3,
        "surface_id": "main",
    }


def test_blank_lines_count() -> None:
    assert codes(validate("\n\n" + jsonl({}))) == [("ENVELOPE_INVALID", 3)]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "nonsense",
        '{"deleteSurface": {"surfaceId": "a"}} {}',
        '{"deleteSurface": {"surfaceId": "a", "surfaceId": "a"}}',
        '{"deleteSurface": NaN}',
        '{"deleteSurface": -Infinity}',
        '{"deleteSurface": 1e999}',
        '{"deleteSurface": 1' + "0" * 5_000 + "}",
        '{"deleteSurface": ' + "[" * 100 + "]" * 100 + "}",
        '{"deleteSurface": ' + "[" * 200_000,
        b'{"deleteSurface": {"surfaceId": "\xff"}}',
        '{"deleteSurface": {"surfaceId": "\ud800"}}',
        "\ufeff{}",
    ],
)
def test_a_line_that_is_not_json_is_named(line: str | bytes) -> None:
    raw = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
    stream = jsonl(UPDATE).encode() + raw + b"\n" + jsonl(BEGIN).encode()
    assert codes(validate(stream)) == [("ENVELOPE_NOT_JSON", 2)]


@pytest.mark.parametrize("stream", ["[", "[{}", "[NaN]", "[" * 100_000])
def test_an_array_that_is_not_json_is_read_as_lines(stream: str) -> None:
    assert codes(validate(stream)) == [("ENVELOPE_NOT_JSON", 1)]


def test_a_json_value_that_is_no_message_is_refused() -> None:
    assert codes(validate("3\nnull\n")) == [("ENVELOPE_INVALID", 1), ("ENVELOPE_INVALID", 2)]


def test_a_line_larger_than_a_response_is_not_read() -> None:
    limits = Limits(max_bytes_per_response=200, max_bytes_per_message=200)
    assert codes(validate("{" * 201, limits=limits)) == [("LIMIT_EXCEEDED", 1)]
    assert codes(validate("[" * 201, limits=limits)) == [("LIMIT_EXCEEDED", 1)]


def test_the_bytes_of_a_line_are_counted_as_they_are() -> None:
    stream = json.dumps(UPDATE, indent=None) + " " * 50 + "\n" + jsonl(BEGIN)
    size = len(json.dumps(UPDATE))
    assert validate(stream, limits=Limits(max_bytes_per_message=size)) == []
    found = validate(stream, limits=Limits(max_bytes_per_message=size - 1))
    assert codes(found) == [("LIMIT_EXCEEDED", 1)]


def test_the_whole_stream_is_one_response() -> None:
    stream = [{"deleteSurface": {"surfaceId": str(index)}} for index in range(3)]
    found = validate(stream, limits=Limits(max_messages_per_response=2))
    assert codes(found) == [("LIMIT_EXCEEDED", 3)]


def test_interop_warns_where_strict_refuses() -> None:
    stream = jsonl(UPDATE, BEGIN, BEGIN)
    assert [item.severity for item in validate(stream)] == ["error"]
    assert [item.severity for item in validate(stream, rules="interop")] == ["warning"]


def test_any_action_is_allowed() -> None:
    button = {"id": "b", "component": {"Button": {"child": "r", "action": {"name": "anything"}}}}
    update = {"surfaceUpdate": {"surfaceId": "main", "components": [ROOT, button]}}
    begin = {"beginRendering": {"surfaceId": "main", "root": "b"}}
    assert validate([update, begin]) == []


def test_a_catalog_comes_as_itself_or_as_a_file(tmp_path: Path) -> None:
    assert validate(STREAM, catalog=standard_catalog()) == []
    path = tmp_path / "catalog.json"
    chart = {"type": "object", "properties": {}}
    path.write_text(json.dumps({"catalogId": "c", "components": {"Chart": chart}}))
    assert codes(validate(STREAM, catalog=path)) == [("CATALOG_UNKNOWN_TYPE", 1)]
    path.write_text("{}")
    with pytest.raises(AppError):
        validate(STREAM, catalog=path)


@given(st.one_of(st.text(), st.binary(), st.text(alphabet='[]{}",:\n1')))
def test_no_text_makes_it_raise(stream: str | bytes) -> None:
    for item in validate(stream):
        assert item.line is not None
