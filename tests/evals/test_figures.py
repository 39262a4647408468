"""Figures as people read them."""

from __future__ import annotations

import pytest

from uicompiler.evals import figures
from uicompiler.evals.metrics import Share
from uicompiler.evals.stats import Interval


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (1.0, "100.0 %"),
        (0.0, "0.0 %"),
        (0.995, "99.5 %"),
        (0.9999, "99.99 %"),
        (0.99996, "99.996 %"),
        (0.0001, "0.01 %"),
        (None, "–"),
    ],
)
def test_what_is_not_all_never_reads_as_all(rate: float | None, text: str) -> None:
    assert figures.percent(rate) == text


def test_a_share_says_of_how_many() -> None:
    assert figures.share(Share(9, 10, Interval(0.6, 1))) == "90.0 % (9 of 10)"
    assert figures.share(Share(0, 0, Interval(0, 1))) == "–"


def test_a_difference_has_a_sign() -> None:
    assert figures.points(0.123) == "+12.3" and figures.points(-0.05) == "−5.0"


def test_a_small_p_is_not_called_nothing() -> None:
    assert figures.p_value(1e-30) == "below 0.0001" and figures.p_value(0.0312) == "0.0312"


def test_an_unknown_price_is_not_free() -> None:
    assert figures.money(None) == "unknown" and figures.money(0.0) == "$0.0000"


def test_characters_that_turn_a_line_around_are_taken_out() -> None:
    assert figures.plain("a\u202eb\u0000c\n d\ud800\t\u200be") == "abc d e"
    assert figures.visible("a\u202e\nb\tc") == "a\nb c"


def test_an_interval_that_holds_everything_is_not_known() -> None:
    assert figures.interval(Interval(0.0, 1.0)) == "not known"
    assert figures.interval(Interval(0.0, 0.5)) == "0.0 to 50.0 %"


def test_what_was_asked_for_is_counted_in_words() -> None:
    asked = {"scenarios": 1, "providers": ["sim/plain"], "strategies": ["raw"], "trials": 1}
    assert figures.planned(asked) == "1 scenario, 1 model, 1 strategy, 1 trial each"
    more = {"scenarios": 1200, "providers": ["a/b", "c/d"], "strategies": ["raw", "x"], "trials": 3}
    assert figures.planned(more) == "1,200 scenarios, 2 models, 2 strategies, 3 trials each"
    assert (figures.is_simulated(asked), figures.is_simulated(more)) == (True, False)
