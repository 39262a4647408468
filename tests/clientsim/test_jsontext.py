"""JSON text as a client reads it."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import jsontext
from clientsim.errors import Refused
from clientsim.jsontext import BadJson, copy, parse

_PAD = "[" * 200 + "0" + "]" * 200  # enough brackets to use the reader with its own stack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
)


def deep(text: str) -> object:
    pair = parse(f"[{_PAD},{text}]")
    assert isinstance(pair, list)
    return pair[1]


@given(JSON)
def test_both_readers_read_what_was_written(value: object) -> None:
    text = json.dumps(value)
    assert parse(text) == value
    assert deep(text) == value
    assert deep(json.dumps(value, indent=1, ensure_ascii=False)) == value


@pytest.mark.parametrize(
    "text",
    ["", "NaN", "-Infinity", "01", "1.", ".5", "+1", "'a'", "[1,]", '{"a":1,}', '{"a"}', "{1:2}",
     '"\n"', '"\\x"', '"\\u12"', "[1 2]", "tru", "\ufeff1", "\u00a01", "1 2", "]", '"a'],
)  # fmt: skip
def test_both_readers_refuse_the_same(text: str) -> None:
    with pytest.raises(BadJson):
        parse(text)
    with pytest.raises(BadJson):
        deep(text)


@pytest.mark.parametrize("read", [parse, deep])
def test_numbers_are_doubles(read: object) -> None:
    assert callable(read)
    assert read("3.0") == 3
    assert isinstance(read("3.0"), int)
    assert read("1e400") == math.inf
    assert read("1" * 5000) == math.inf
    assert read("12345678901234567890") == 12345678901234567000.0
    assert read("-0") == 0


def test_the_last_of_equal_keys_counts_unless_keys_must_be_unique() -> None:
    assert parse('{"a":1,"b":2,"a":3}') == {"a": 3, "b": 2}
    for text in ('{"a":1,"a":3}', f'{{"x":{_PAD},"a":1,"a":3}}'):
        with pytest.raises(BadJson, match="twice"):
            parse(text, unique_keys=True)


def test_depth_has_a_limit() -> None:
    parse("[" * 5000 + "]" * 5000)
    with pytest.raises(Refused, match="deep"):
        parse("[" * 5001 + "]" * 5001)


def test_a_copy_shares_nothing() -> None:
    inner = [1.0, {"a": None}]
    made = copy({"x": inner})
    inner.append(5)
    assert made == {"x": [1, {"a": None}]}


@pytest.mark.parametrize("value", [{1: 2}, (1,), b"x", {3}, math.nan, [object()]])
def test_a_copy_of_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(Refused):
        copy(value)


def test_a_long_text_that_is_not_deep_is_as_one_reader_alone_reads_it() -> None:
    long = "[" + ",".join(['{"a":[1.0,"x"]}'] * 3000) + "]"
    assert parse(long) == jsontext._Reader(long, False).document()
    for text in (long[:-1], long + "]", long.replace("1.0", "NaN", 1)):
        with pytest.raises(BadJson) as found:
            parse(text)
        with pytest.raises(BadJson) as expected:
            jsontext._Reader(text, False).document()
        assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("levels", [900, 4999, 5000, 5001, 20_000])
def test_the_depth_that_is_refused_is_that_of_the_value(levels: int) -> None:
    """However many brackets there are beside it, and whatever the library's reader makes of it."""
    text = f"[{'[],' * 6000}{'[' * (levels - 1)}{']' * (levels - 1)}]"
    if levels > jsontext.MAX_DEPTH:
        with pytest.raises(Refused, match="5000 levels"):
            parse(text)
    else:
        assert isinstance(parse(text), list)
