"""One value is read exactly from text; what is wrong, where, and what is complete are named."""

from __future__ import annotations

import pytest

from uicompiler.directives.json_reader import MAX_FINDINGS, Reading, read_json


def read(text: str, max_depth: int = 8) -> Reading:
    return read_json(text, 0, max_depth)


def test_value_is_read_where_it_begins_and_the_rest_left_alone() -> None:
    reading = read_json('see {"a": [1, -0.0]} there', 4, 8)
    assert reading == Reading({"a": [1, 0.0]}, 20)
    assert repr(reading.found) == "{'a': [1, 0.0]}"  # no negative zero
    assert reading.names == {"a"}


@pytest.mark.parametrize(
    ("text", "found", "key", "part"),
    [
        ('{"a": 1, "b": [2, {"c"', {"a": 1}, "b", [2]),
        ('{"a": 1, "b": {"c": 3, "d": 4', {"a": 1}, "b", {"c": 3}),
        ('{"a": 1, "b"', {"a": 1}, "b", None),
        ('{"a": 1, "b', {"a": 1}, None, None),
        ('[1, {"a": 2', [1], None, {}),
        ('"a', None, None, None),
    ],
)
def test_torn_text_keeps_what_is_complete(
    text: str, found: object, key: str | None, part: object
) -> None:
    assert read(text) == Reading(found, len(text), "torn", key, part)


def test_key_being_read_is_a_name() -> None:
    assert read('{"a": 1, "b": ').names == {"a", "b"}
    assert read("[").names == frozenset()


def test_syntax_error_stops_reading_at_its_place() -> None:
    reading = read('{"a": 1,\n "b": x}')
    assert (reading.state, reading.end, reading.found) == ("broken", 15, {"a": 1})
    (finding,) = reading.findings
    assert finding.code == "DIRECTIVE_NOT_JSON"
    assert finding.message == "Line 2 column 7 has 'x', expected a JSON value."


def test_what_is_refused_but_readable_is_read_over() -> None:
    reading = read('{"a": [NaN, 9007199254740993], "a": 1e999}')
    assert reading.state == "complete"
    assert [
        (found.code.removeprefix("DIRECTIVE_"), found.pointer) for found in reading.findings
    ] == [
        ("NUMBER_NOT_FINITE", "/a/0"),
        ("NUMBER_OUT_OF_RANGE", "/a/1"),
        ("DUPLICATE_KEY", "/a"),
        ("NUMBER_OUT_OF_RANGE", "/a"),
    ]


def test_findings_are_bounded() -> None:
    reading = read(f"[{'NaN, ' * 100}1]")
    assert (reading.state, len(reading.findings)) == ("broken", MAX_FINDINGS)


def test_nesting_beyond_the_limit_names_the_first_container_beyond() -> None:
    assert read("[[0]]", max_depth=2).findings == ()
    (finding,) = read("[0, [[]]]", max_depth=2).findings
    assert (finding.code, finding.pointer) == ("DIRECTIVE_TOO_DEEP", "/1/0")
