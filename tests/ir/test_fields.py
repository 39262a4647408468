"""Fields: rules that fit their kind, values that fit without loss."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler.ir.fields import FIELD_KINDS, KINDS, Field, fit, initial, parse_number, typed

CHOICE = {"options": ["a", {"value": "b", "label": "Bee"}]}


def make(kind: str, **rules: Any) -> Field:
    options = CHOICE if kind == "choice" else {}
    return Field.model_validate({"id": "x", "kind": kind, "label": "X", **options, **rules})


def test_every_kind_has_its_rules() -> None:
    assert set(KINDS) == set(FIELD_KINDS)


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_an_empty_field_is_none_and_required_ones_say_so(kind: str) -> None:
    empty = initial(make(kind))
    if kind != "boolean":
        assert typed(make(kind), empty).value is None
    problem = typed(make(kind, required=True), empty).problem
    assert problem is not None
    assert problem.reason == "required"


@pytest.mark.parametrize(
    ("kind", "value", "expected", "repaired"),
    [
        ("short_text", "a", "a", False),
        ("short_text", 3, "3", True),
        ("short_text", 1.5, "1.5", True),
        ("number", 3, 3, False),
        ("number", "3.50", 3.5, True),
        ("number", "", "", False),
        ("boolean", True, True, False),
        ("boolean", "TRUE", True, True),
        ("choice", "a", "a", False),
        ("choice", "Bee", "b", True),
        ("choice", "", "", False),
        ("date", "2026-02-28", "2026-02-28", False),
        ("date", "2026-02-28T00:00:00Z", "2026-02-28", True),
    ],
)
def test_values_are_fitted_without_loss(
    kind: str, value: Any, expected: Any, repaired: bool
) -> None:
    fitted = fit(make(kind), value)
    assert fitted is not None
    assert fitted.value == expected
    assert type(fitted.value) is type(expected)
    assert fitted.repaired is repaired


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("short_text", True),
        ("short_text", ["a"]),
        ("short_text", {}),
        ("number", True),
        ("number", "twelve"),
        ("number", "1e999"),
        ("boolean", 1),
        ("boolean", "yes"),
        ("choice", "z"),
        ("choice", 1),
        ("date", "2026-02-30"),
        ("date", "2026-02-28T10:00"),
        ("date", 20260228),
    ],
)
def test_values_that_would_lose_something_are_refused(kind: str, value: Any) -> None:
    assert fit(make(kind), value) is None


@pytest.mark.parametrize(
    "rules",
    [
        {"kind": "choice", "options": []},
        {"kind": "choice", "options": ["a", "a"]},
        {"kind": "short_text", "options": ["a"]},
        {"kind": "short_text", "min": 1},
        {"kind": "number", "max_length": 3},
        {"kind": "number", "min": "a"},
        {"kind": "date", "min": "soon"},
        {"kind": "short_text", "pattern": "(a+)+$"},
        {"kind": "number", "default": "many"},
        {"id": "_hidden"},
        {"id": "__proto__"},
        {"id": ""},
        {"label": ""},
        {"color": "red"},
    ],
)
def test_rules_that_do_not_fit_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Field.model_validate({"id": "x", "label": "X", **rules})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" 12.50 ", 12.5),
        ("1e3", 1000),
        ("-0", 0),
        ("+4", 4),
        ("", None),
        ("1_0", None),
        ("0x10", None),
        ("١٢", None),
        ("nan", None),
        ("9" * 500, None),
        ("1e999", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: float | None) -> None:
    assert parse_number(text) == number
