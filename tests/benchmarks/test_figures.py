"""Figures: what counts as missed, as worse, and how they are written."""

from __future__ import annotations

import math

import pytest

from benchmarks.figures import Figure, Section, number, table, verdicts


@pytest.mark.parametrize(
    ("value", "bound", "more", "missed"),
    [(3.4, 3.5, False, False), (3.6, 3.5, False, True), (8, 7, True, False), (6, 7, True, True)],
)
def test_a_bound_is_a_most_or_a_least(value, bound, more, missed) -> None:
    assert Figure("x", value, bound, more).missed is missed


def test_without_a_bound_nothing_is_missed() -> None:
    assert not Figure("x", 1e9).missed
    assert verdicts([Figure("x", 1e9)]).count("\n") == 1  # the head alone


def test_a_slide_is_to_the_worse() -> None:
    assert Figure("x", 1.2).slide(1.0) == pytest.approx(0.2)
    assert Figure("x", 0.8).slide(1.0) == pytest.approx(-0.2)
    assert Figure("x", 5, more_is_better=True).slide(10) == pytest.approx(1.0)
    assert Figure("x", 10, more_is_better=True).slide(5) == pytest.approx(-0.5)
    assert Figure("x", 1.0).slide(0.0) == math.inf
    assert Figure("x", 0.0).slide(0.0) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01234, "0.0123"), (1.5, "1.50"), (12.34, "12.3"), (12345.6, "12 346")],
)
def test_numbers_have_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


def test_a_table_is_markdown() -> None:
    assert table(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |"


def test_a_section_ends_with_its_notes() -> None:
    section = Section("Title", "Text.", ["a"], [["x"]], notes=["A note."])
    assert section.markdown() == "## Title\n\nText.\n\n| a |\n| --- |\n| x |\n\nA note.\n"
