"""Strict JSON: what is read at C speed is what the careful decoder reads, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler import strict_json
from uicompiler.strict_json import StrictJsonError, TooDeepError, depth_exceeds, loads

REFUSED = {
    "a key twice": '{"a":1,"a":1}',
    "a key twice, once escaped": '{"a":1,"\\u0061":1}',
    "a key twice beside a colon in a text": '{"a":":","a":1}',
    "a key twice beside an escaped colon": '{"a":1,"a":"\\u003a"}',
    "a key twice, colons as keys": '{":":1,":":1}',
    "a key twice, deep inside": '[{"b":[{"a":{"c":1},"a":2}]}]',
    "an integer beyond 2^53": "[9007199254740993]",
    "an integer that a word holds": "[18446744073709551615]",
    "an integer that no word holds": "[100000000000000000000]",
    "a negative integer that no word holds": "[-100000000000000000000]",
    "a negative integer just below a word": "[-9223372036854775809]",
    "a negative integer of nineteen digits": "[-9999999999999999999]",
    "a number that no double holds": "[1e400]",
    "NaN": "[NaN]",
    "Infinity": '{"a":-Infinity}',
    "a comma too many": "[1,]",
    "a control character": '["\x01"]',
    "something after it": "{} {}",
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("space", ["", " ", "\n"])
def test_what_machines_may_not_write_is_refused(name: str, space: str) -> None:
    text = f"{space}{REFUSED[name]}{space}"
    for given_as in (text, text.encode()):
        with pytest.raises(StrictJsonError):
            loads(given_as, max_depth=8)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":"\\u003a","b":":"}', {"a": ":", "b": ":"}),
        ('["\\ud800"]', ["\ud800"]),
        ('["\ud800"]', ["\ud800"]),
        ("[9007199254740992,-9007199254740992]", [2**53, -(2**53)]),
        ('["12345678901234567890123"]', ["12345678901234567890123"]),
        (" [ 1.0e2 , -0.0 , -0 , 1e-400 ]\n", [100.0, -0.0, 0, 0.0]),
        ("7", 7),
        ("null", None),
    ],
)
def test_what_is_in_doubt_is_read_with_care(text: str, value: object) -> None:
    assert repr(loads(text, max_depth=8)) == repr(value)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.sampled_from([-(2**63) - 1, -(2**63), 2**63, 2**64 - 1, 2**64])
    | st.floats()
    | st.text()
    | st.sampled_from([":", "\\u003a", '":', "}"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
marks = st.sampled_from(['"a":1,', '"a":2,"a":":",', ":", "\\", '"', " ", "[", "}", "0" * 21, "e9"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """JSON in any spacing, with something put in by chance."""
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]))
    ascii_only = draw(st.booleans())
    text = json.dumps(draw(values), ensure_ascii=ascii_only, separators=separators)
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.just("") | marks) + text[at:]


def carefully(text: str, max_depth: int) -> Any:
    """The same by the stdlib decoder alone."""
    try:
        value = strict_json.decoder().decode(text)
    except ValueError:
        return StrictJsonError
    return TooDeepError if depth_exceeds(value, max_depth) else repr(value)


@given(texts(), st.integers(0, 4))
def test_the_quick_way_reads_what_the_careful_way_reads(text: str, max_depth: int) -> None:
    try:
        found: Any = repr(loads(text, max_depth=max_depth))
    except TooDeepError:
        found = TooDeepError
    except StrictJsonError:
        found = StrictJsonError
    assert found == carefully(text, max_depth)


@pytest.mark.parametrize("depth", [1, 8, 9, 64, 300, 2_000])
@pytest.mark.parametrize("kind", ["[]", "{}", "mixed"])
def test_depth_is_counted_alike_in_both_ways(depth: int, kind: str) -> None:
    opening, closing = {"[]": ("[", "]"), "{}": ('{"a":', "}"), "mixed": ('[{"a":', "}]")}[kind]
    times = depth // 2 if kind == "mixed" else depth
    text = opening * times + "1" + closing * times
    deep = (2 * times if kind == "mixed" else times) > 8
    if deep:
        with pytest.raises(TooDeepError):
            loads(text, max_depth=8)
    else:
        assert json.dumps(loads(text, max_depth=8), separators=(",", ":")) == text
