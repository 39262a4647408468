"""Bars that say the same for the same value, and values that follow the document."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.a2ui_v0_8.lower.views import lowered, parts
from uicompiler.backends.a2ui_v0_8.lower.figures import bar

FULL, EMPTY = "\u25a0", "\u25a1"


@pytest.mark.parametrize(
    ("value", "most", "cells", "percent"),
    [
        (0, 100, 0, 0),
        (40, 100, 4, 40),
        (100, 100, 10, 100),
        (-1, 100, 0, 0),
        (101, 100, 10, 100),
        (0.29, 1, 2, 29),
        (0.5, 100, 0, 1),
        (0.49, 100, 0, 0),
        (99.99, 100, 9, 99),
        (2, 3, 6, 67),
        (1e308, 1e308, 10, 100),
        (5e-324, 1e308, 0, 0),
        ("40", 100, 4, 40),
    ],
)
def test_a_bar_has_ten_cells_and_a_percentage(
    value: Any, most: float, cells: int, percent: int
) -> None:
    assert bar(value, most) == f"{FULL * cells}{EMPTY * (10 - cells)} {percent} %"


@pytest.mark.parametrize("value", [None, "", "half", True, (1,), object()])
def test_what_is_no_number_only_goes_on(value: Any) -> None:
    assert bar(value, 100) == f"{EMPTY * 10} \u2026"


@pytest.mark.parametrize("value", [None, 3, "half", "two\nlines"])
def test_a_bound_bar_moves_by_data_alone(value: Any) -> None:
    node = {"node": "progress", "bind": "/committed/done", "label": "Steps"}
    before, after = lowered(node), lowered(node, committed={"done": value})
    assert before.components == after.components
    assert before.leaves.keys() == after.leaves.keys()


def test_a_bar_leaves_the_value_itself_to_texts() -> None:
    children = [
        {"node": "progress", "bind": "/committed/done"},
        {"node": "progress", "bind": "/committed/done", "max": 3},
        {"node": "text", "bind": "/committed/done"},
    ]
    found = lowered({"node": "stack", "children": children}, committed={"done": 3})
    assert found.leaves[("committed", "done")] == "3"
    assert len(set(found.leaves.values())) == len(found.leaves) == 3


@pytest.mark.parametrize("value", [None, "", "\n", {"a": 1}, [1]])
def test_a_value_that_is_not_there_is_a_dash(value: Any) -> None:
    node = {"node": "key_values", "items": [{"label": "Seats", "bind": "/committed/seats"}]}
    found = lowered(node, committed={"seats": value})
    assert parts(found, "Text")[-1] == {"text": {"literalString": "\u2014"}}


def test_a_value_of_one_line_follows_the_document() -> None:
    node = {"node": "key_values", "items": [{"label": "Seats", "bind": "/committed/seats"}]}
    found = lowered(node, committed={"seats": 3})
    assert parts(found, "Text")[-1] == {"text": {"path": "/committed/seats"}}
