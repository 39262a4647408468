"""Intervals and tests, against published figures and against each other."""

from __future__ import annotations

import random
from dataclasses import astuple
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.evals.stats import (
    Interval,
    clustered,
    clustered_difference,
    corrected,
    design_effect,
    holm,
    mcnemar_exact,
    mean,
    paired_difference,
    percentile,
    sign_flips,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_newcombe_1998(
    successes: int, trials: int, low: float, high: float
) -> None:
    found = wilson(successes, trials)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2535, 0.3682),
        (15, 148, 0.0598, 0.1644),
        (0, 20, 0.0, 0.2005),
        (1, 29, 0.0018, 0.1963),
    ],
)
def test_the_corrected_interval_agrees_with_newcombe_1998(
    successes: int, trials: int, low: float, high: float
) -> None:
    found = corrected(successes, trials)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_without_trials_nothing_is_known() -> None:
    assert wilson(0, 0) == corrected(0, 0) == clustered([]) == Interval(0.0, 1.0)


@pytest.mark.parametrize("counts", [[(1, 1)], [(99, 100)], [(100, 100)], [(5, 5), (0, 0)]])
def test_one_scenario_says_nothing_of_others(counts: list[tuple[int, int]]) -> None:
    assert clustered(counts) == Interval(0.0, 1.0)
    assert clustered_difference([(0, 1, n) for _, n in counts[:1]]) == Interval(-1.0, 1.0)


@pytest.mark.parametrize("each", [1, 6, 18])
def test_without_a_failure_a_scenario_counts_once_however_often_it_was_asked(each: int) -> None:
    found = clustered([(each, each)] * 91)
    assert astuple(found) == pytest.approx(astuple(corrected(91, 91)))
    assert found.low < 1 - 3 / 91


@given(
    st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.floats(0.001, 50),
)
def test_the_corrected_interval_holds_the_share(counts: tuple[int, int], fewer: float) -> None:
    successes, trials = counts
    found = corrected(successes / fewer, trials / fewer)
    assert (
        0 <= found.low <= successes / trials + 1e-9 and successes / trials - 1e-9 <= found.high <= 1
    )


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share_and_mirrors_that_of_failures(counts: tuple[int, int]) -> None:
    successes, trials = counts
    found, failures = wilson(successes, trials), wilson(trials - successes, trials)
    assert 0 <= found.low <= successes / trials <= found.high <= 1
    assert found.low == pytest.approx(1 - failures.high)


def test_more_trials_narrow_an_interval() -> None:
    few, many = wilson(9, 10), wilson(900, 1000)
    assert few.low < many.low < many.high < few.high


@pytest.mark.parametrize(
    ("fewer", "more", "p"), [(2, 10, 158 / 4096), (0, 8, 2 / 256), (5, 5, 1.0), (0, 0, 1.0)]
)
def test_mcnemar_is_the_tail_of_a_fair_coin(fewer: int, more: int, p: float) -> None:
    assert mcnemar_exact(fewer, more) == mcnemar_exact(more, fewer) == pytest.approx(p)


def test_mcnemar_of_many_pairs_neither_overflows_nor_loses_the_tail() -> None:
    assert mcnemar_exact(0, 1000) == pytest.approx(2.0**-999)
    assert mcnemar_exact(2999, 3001) > 0.9


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_counts_what_is_at_least_as_uneven(first: int, second: int) -> None:
    total, uneven = first + second, abs(first - second)
    expected = sum(comb(total, k) for k in range(total + 1) if abs(total - 2 * k) >= uneven)
    assert mcnemar_exact(first, second) == pytest.approx(expected / 2**total)


def test_paired_difference_agrees_with_bonett_and_price_2012() -> None:
    found = paired_difference(4, 26, 48)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2548, 0.6252)


def test_a_difference_of_nothing_lies_around_zero() -> None:
    found = paired_difference(0, 0, 100)
    assert found.low == -found.high < 0


def test_a_difference_changes_sides_with_the_order() -> None:
    there, back = paired_difference(3, 9, 50), paired_difference(9, 3, 50)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_trials_that_resemble_each_other_count_for_less() -> None:
    all_or_nothing = [(10, 10)] * 45 + [(0, 10)] * 15
    mixed = clustered(all_or_nothing)
    assert design_effect(all_or_nothing) == pytest.approx(10 * (60 / 59) * (599 / 600))
    assert mixed.low < wilson(450, 600).low and mixed.high > wilson(450, 600).high
    assert mixed.low == pytest.approx(corrected(45, 60).low, abs=0.01)


@pytest.mark.parametrize(
    "counts", [[(5, 10)] * 8, [(10, 10)] * 8, [(1, 2)], [(1, 1), (0, 0)], [(1, 1), (0, 1)] * 4]
)
def test_clusters_no_more_alike_than_chance_have_no_effect(counts: list[tuple[int, int]]) -> None:
    assert design_effect(counts) == 1.0


@pytest.mark.parametrize("counts", [[(1, 1), (0, 1)] * 15, [(1, 1)] * 40])
def test_single_trials_are_plain_trials(counts: list[tuple[int, int]]) -> None:
    plain = corrected(sum(s for s, _ in counts), sum(n for _, n in counts))
    assert astuple(clustered(counts)) == pytest.approx(astuple(plain))


def test_few_clusters_say_less_of_others() -> None:
    two, many = clustered([(50, 50)] * 2), clustered([(2, 2)] * 50)
    assert two.low < 0.6 < many.low < wilson(100, 100).low + 1e-9
    few, more = clustered_difference([(0, 5, 20)] * 2), clustered_difference([(0, 1, 4)] * 10)
    assert few.low < more.low and few.high > more.high


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_with_one_pair_a_cluster_sign_flips_are_mcnemar(lost: int, won: int, same: int) -> None:
    differences = [-1] * lost + [1] * won + [0] * same
    assert sign_flips(differences) == pytest.approx(mcnemar_exact(lost, won))


def test_wins_that_all_come_from_one_cluster_show_little() -> None:
    assert mcnemar_exact(0, 20) < 0.001
    assert sign_flips([20]) == 1.0
    assert sign_flips([4] * 5) == pytest.approx(2 / 2**5)


def test_sign_flips_count_every_way() -> None:
    # 3 + 2 - 1 = 4; of the eight ways +-3 +-2 +-1, +-6 and +-4 are at least as far from 0.
    assert sign_flips([3, 2, -1]) == pytest.approx(4 / 8)


def test_a_difference_is_less_sure_when_it_comes_from_few_clusters() -> None:
    spread = clustered_difference([(0, 1, 2)] * 20)
    lumped = clustered_difference([(0, 2, 2)] * 10 + [(0, 0, 2)] * 10)
    assert spread.low == pytest.approx(paired_difference(0, 20, 40).low, abs=0.01)
    assert lumped.low < spread.low and lumped.high > spread.high
    assert clustered_difference([]) == Interval(-1.0, 1.0)


def test_intervals_and_tests_keep_what_they_promise() -> None:
    """Two sides of the same strength, over scenarios that differ, time and again."""
    chance = random.Random(7)
    held = held_plainly = found = found_plainly = 0
    for _ in range(400):
        sides = [_scenario(chance) for _ in range(40)]
        counts = [(first, 6) for first, _, _ in sides]
        total = sum(first for first, _ in counts)
        held += _holds(clustered(counts), 2 / 3)
        held_plainly += _holds(wilson(total, 240), 2 / 3)
        lost, won = sum(item[1] for item in sides), sum(item[2] for item in sides)
        found += sign_flips([up - down for _, down, up in sides]) < 0.05
        found_plainly += mcnemar_exact(lost, won) < 0.05
    assert held >= 0.92 * 400 > held_plainly
    assert found <= 0.06 * 400 < found_plainly


@pytest.mark.parametrize("scenarios", [1, 2, 3, 40, 91])
@pytest.mark.parametrize("true", [0.8, 0.95, 0.995])
@pytest.mark.parametrize("alike", [0.0, 0.3, 1.0])
def test_intervals_hold_the_truth_however_alike_trials_are(
    scenarios: int, true: float, alike: float
) -> None:
    """Eighteen trials each, from independent ones to ones that only repeat each other."""
    chance = random.Random(7)
    drawn = ([_tried(chance, true, alike) for _ in range(scenarios)] for _ in range(150))
    assert sum(_holds(clustered(counts), true) for counts in drawn) >= 0.93 * 150


def _tried(chance: random.Random, true: float, alike: float) -> tuple[int, int]:
    """Successes of a scenario's trials; `alike` is the correlation between two of them."""
    if alike in (0, 1):
        share = true if alike == 0 else float(chance.random() < true)
    else:
        scale = 1 / alike - 1
        share = chance.betavariate(true * scale, (1 - true) * scale)
    return sum(chance.random() < share for _ in range(18)), 18


def _scenario(chance: random.Random) -> tuple[int, int, int]:
    """Successes of the first side, and pairs that only the first and only the second side won."""
    shares = [chance.betavariate(4, 2) for _ in range(2)]
    pairs = [[chance.random() < share for share in shares] for _ in range(6)]
    return (
        sum(a for a, _ in pairs),
        sum(a and not b for a, b in pairs),
        sum(b and not a for a, b in pairs),
    )


def _holds(found: Interval, value: float) -> bool:
    return found.low <= value <= found.high


def test_holm_raises_the_smallest_most_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0] and holm([]) == []


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 15.0), (40, 29.0), (50, 35.0), (75, 40.0), (100, 50.0)]
)
def test_percentiles_lie_between_the_values(percent: float, value: float) -> None:
    assert percentile([50, 15, 40, 20, 35], percent) == value


def test_of_nothing_there_is_no_mean_and_no_percentile() -> None:
    assert mean([]) is None and percentile([], 95) is None
    assert mean([1, 2, 6]) == 3 and percentile([7], 95) == 7
