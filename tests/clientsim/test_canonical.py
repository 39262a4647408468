"""RFC 8785: the examples of the RFC, and what this encoder promises beyond it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import canonical
from clientsim.canonical import digest, encode, number_text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (9007199254740992, "9007199254740992"),
        (295147905179352830000, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1e21, "1e+21"),
        (999999999999999700000.0, "999999999999999700000"),
        (333333333.3333332, "333333333.3333332"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
        (4.5, "4.5"),
        (10**400, "Infinity"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(number: float, text: str) -> None:
    assert number_text(number) == text


def test_keys_are_sorted_by_utf16_code_units() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "ö": 7}
    assert encode(value) == '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"\U0001f600":5,"\ufb33":3}'


def test_strings_escape_only_what_they_must() -> None:
    assert encode('€$\x0f\nA\'B"\\\\"/\x7f') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'


def test_a_lone_surrogate_is_escaped_instead_of_breaking_the_hash() -> None:
    assert encode("a\ud800") == '"a\\ud800"'
    assert len(digest({"x": "\udfff"})) == 64


def test_literals_and_nesting() -> None:
    assert encode({"b": [True, False, None, [], {}], "a": {"x": [1]}}) == (
        '{"a":{"x":[1]},"b":[true,false,null,[],{}]}'
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, [object()]])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode(value)


def test_depth_is_no_limit() -> None:
    value: object = 1
    for _ in range(20_000):
        value = [value]
    assert encode(value) == "[" * 20_000 + "1" + "]" * 20_000


KEYS = st.text(st.sampled_from("aé\u20ac\ue000\ufb33\U0001f600\ud800"), max_size=2)
SCALARS = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=3) | KEYS
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
)


@given(VALUES)
def test_what_the_library_writes_is_what_this_encoder_writes(value: object) -> None:
    assert canonical.encode(value) == canonical._encode(value)


def test_only_what_the_library_cannot_write_is_written_here() -> None:
    plain = {"ö": [1, 2.5, None, True, "\u20ac"], "b": {}}
    assert canonical._is_plain(plain)
    for odd in ({"\U0001f600": 1}, ["\ud800"], 1e21, 1.0, 1e-7, 2**53 + 1, math.inf):
        assert not canonical._is_plain([odd])
