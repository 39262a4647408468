"""One value is read exactly from text; what is wrong, where, and what is complete are named."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from uicompiler.directives.json_reader import (
    MAX_FINDINGS,
    Reading,
    _Reader,
    _whole,
    read_json,
)


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


NUMBERS = (
    *("0", "-0", "-0.0", "-0e5", "1.50", "1E5", "-7", "0.1", "-0.05", "1e-999", "-1e-999"),
    *("9007199254740992", "-9007199254740992", "9007199254740993", "18446744073709551616"),
    *("1e999", "-1e400", "1234567890123456.5", "NaN", "Infinity", "01", "1."),
)
STRINGS = (
    *(
        r"a",
        r"a:b",
        r"\u003a",
        r"\u003A",
        r"\\u003a",
        r"\"a\":",
        r"\ud83d\ude00",
        r"\ud800",
        "\ud800",
    ),
    *("ö", "😀", r"\n", "\n", "9007199254740993", "-0.0", "{[", r"\q", "__proto__", ""),
)
SPACES = st.sampled_from(("", "", "", " ", "\n\t "))


def lists(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(items, max_size=3).map(lambda inner: f"[{','.join(inner)}]")


def objects(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.tuples(st.sampled_from(STRINGS), SPACES, items)
    written = st.lists(member.map(lambda m: f'"{m[0]}"{m[1]}:{m[1]}{m[2]}'), max_size=3)
    return written.map(lambda inner: f"{{{','.join(inner)}}}")


VALUES = st.recursive(
    st.sampled_from(("null", "true", *NUMBERS)) | st.sampled_from(STRINGS).map('"{}"'.format),
    lambda items: lists(items) | objects(items),
    max_leaves=12,
)
TEXTS = lists(VALUES) | objects(VALUES)


@given(TEXTS, st.sampled_from(("", "", " ", "x", "]", " {}")))
@example('{"a":1,"b":{"a":":"},"a":":"}', "")
@example(r'{"a":1,"a":1,"b":"\u003a"}', "")
def test_fast_ways_read_what_the_exact_way_reads(text: str, rest: str) -> None:
    exact = _Reader(text + rest, 0, 4).read()
    assert repr(read_json(text + rest, 0, 4)) == repr(exact)
    assert _whole(text + rest, 0) is None or not exact.findings or too_deep(exact)


def too_deep(reading: Reading) -> bool:
    return [finding.code for finding in reading.findings] == ["DIRECTIVE_TOO_DEEP"]


@pytest.mark.parametrize("text", ['{"a": {"b": [1, "c: d", -2.5, null]}}', '["ö \\n", {}]'])
def test_plain_text_is_read_at_once(text: str) -> None:
    assert _whole(f"see {text}", 4) == json.loads(text)


def test_nesting_beyond_any_recursion_is_left_to_the_exact_way() -> None:
    text = "[" * 5_000 + "]" * 5_000
    assert _whole(text, 0) is None
    assert too_deep(read(text))
