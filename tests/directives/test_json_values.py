"""Parsed containers are copied under the rules for text."""

from __future__ import annotations

import json
import math
from types import MappingProxyType
from typing import Any  # hostile inputs have no useful static type

import pytest

from uicompiler.directives.json_reader import Reading, read_json
from uicompiler.directives.json_values import copy_json


def copy(source: Any, max_bytes: int = 1000, max_depth: int = 8) -> Reading:
    return copy_json(source, max_bytes=max_bytes, max_depth=max_depth)


def test_copy_is_plain_and_shares_nothing() -> None:
    inner = [1, (True, None)]
    reading = copy(MappingProxyType({"a": inner, "b": -0.0}))
    inner.append(2)
    assert reading == Reading({"a": [1, [True, None]], "b": 0.0})
    assert repr(reading.found) == "{'a': [1, [True, None]], 'b': 0.0}"  # no negative zero
    assert reading.names == {"a", "b"}


@pytest.mark.parametrize("text", ["[NaN]", '{"a": [0, -Infinity]}', "[[[0]]]"])
def test_refused_in_the_words_for_text(text: str) -> None:
    expected = read_json(text, 0, 2).findings
    assert expected
    assert copy(json.loads(text), max_depth=2).findings[0].code == expected[0].code
    assert copy(json.loads(text), max_depth=2).findings[0].pointer == expected[0].pointer
    assert copy(json.loads(text), max_depth=2).findings[0].hint == expected[0].hint


@pytest.mark.parametrize(
    ("source", "code", "pointer"),
    [
        ([{1: 2}], "NOT_JSON", "/0"),
        ({"a": {1}}, "NOT_JSON", "/a"),
        ({"a": b"x"}, "NOT_JSON", "/a"),
        ([2**53 + 1], "NUMBER_OUT_OF_RANGE", "/0"),
        ({"a/b": math.nan}, "NUMBER_NOT_FINITE", "/a~1b"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_its_place(
    source: object, code: str, pointer: str
) -> None:
    (finding,) = copy(source).findings
    assert (finding.code, finding.pointer) == (f"DIRECTIVE_{code}", pointer)


def test_cycle_is_refused_where_it_closes() -> None:
    cycle: dict[str, object] = {}
    cycle["a"] = [cycle]
    (finding,) = copy(cycle).findings
    assert (finding.code, finding.pointer) == ("DIRECTIVE_TOO_DEEP", "/a/0")


def test_size_is_that_of_compact_json_and_the_one_finding_beyond() -> None:
    source = {"a": [1, "é", None, False, 2.5], "b": {}}
    size = len(json.dumps(source, ensure_ascii=False, separators=(",", ":")).encode())
    assert copy(source, max_bytes=size) == Reading(source)
    reading = copy([math.nan, source], max_bytes=size)
    assert reading.state == "broken"
    assert [found.code for found in reading.findings] == ["DIRECTIVE_TOO_LARGE"]
