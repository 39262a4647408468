"""Canonical JSON by RFC 8785."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import canonical as judge
from uicompiler.canonical import canonical_json, number_text, sha256_hex

numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
documents = st.recursive(
    st.none() | st.booleans() | numbers | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (333333333.33333329, "333333333.3333333"),
        (-2.5, "-2.5"),
    ],
)
def test_numbers_are_written_as_ecmascript_does(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_unchanged(value: float) -> None:
    assert float(number_text(value)) == value


def test_keys_sort_by_utf16_code_units() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    order = [6, 7, 1, 5, 3]
    assert list(json.loads(canonical_json(value)).values()) == [2, 4, *order]


@given(documents)
def test_the_independent_implementation_agrees(value: Any) -> None:
    assert canonical_json(value) == judge.encode(value)


@given(documents)
def test_equal_values_hash_equal(value: Any) -> None:
    again = json.loads(canonical_json(value), parse_int=float)
    assert sha256_hex(value) == sha256_hex(again)


@pytest.mark.parametrize("value", [2**53 + 1, float("nan"), float("inf")])
def test_numbers_without_canonical_form_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"2\^53|finite"):
        number_text(value)


@pytest.mark.parametrize("value", [{1: 2}, {"a": object()}, b"x"])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)
