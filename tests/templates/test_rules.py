"""Comparisons between fields: what holds, what does not, and what is not compared."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler.templates.rules import Comparison, Rule, broken, holds, unknown_names


@pytest.mark.parametrize(
    ("op", "left", "right", "expected"),
    [
        ("gt", "2026-05-08", "2026-05-06", True),
        ("gt", "2026-05-06", "2026-05-06", False),
        ("ge", 3, 3.0, True),
        ("lt", 2, 10, True),
        ("lt", "2", "10", False),
        ("eq", True, True, True),
        ("ne", "a", "b", True),
        ("eq", True, 1, None),
        ("gt", True, False, None),
        ("gt", "a", 1, None),
        ("gt", None, 1, None),
        ("eq", 1, None, None),
    ],
)
def test_a_comparison(op: Any, left: Any, right: Any, expected: bool | None) -> None:
    comparison = Comparison(field="a", op=op, other="b")
    assert holds(comparison, {"a": left, "b": right}) is expected


def test_a_fixed_value_stands_on_the_right() -> None:
    assert holds(Comparison(field="a", op="le", value=5), {"a": 5}) is True


def test_the_first_broken_rule_of_a_field_is_told() -> None:
    rules = [
        Rule(field="a", op="lt", value=3, message="too much"),
        Rule(field="a", op="lt", value=2, message="far too much"),
        Rule(field="b", op="gt", other="a", message="less than a"),
    ]
    assert broken(rules, {"a": 4, "b": 1}) == {"a": "too much", "b": "less than a"}
    assert broken(rules, {"a": 1, "b": 2}) == {}


@pytest.mark.parametrize("sides", [{}, {"other": "b", "value": 1}])
def test_there_is_one_right_side(sides: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="exactly one of other and value"):
        Comparison(field="a", op="lt", **sides)


def test_fields_nobody_has_are_named() -> None:
    assert unknown_names([Comparison(field="a", op="lt", other="z")], ["a", "b"]) == ["z"]
