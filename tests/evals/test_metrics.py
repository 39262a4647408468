"""What a group of trials comes to."""

from __future__ import annotations

import pytest

from tests.evals.samples import trial
from uicompiler.evals.metrics import latency, measure
from uicompiler.evals.stats import clustered, corrected


def test_shares_count_trials() -> None:
    found = measure([trial("a.a"), trial("b.b", usable=False), trial("c.c")])
    assert (found.trials, found.scenarios) == (3, 3)
    assert (found.usable.count, found.usable.of) == (2, 3)
    assert found.usable.interval == corrected(2, 3)
    assert found.usable.rate == pytest.approx(2 / 3)


def test_intervals_take_a_scenario_for_a_cluster() -> None:
    good = [trial("a.a", index=index) for index in range(10)]
    bad = [trial("b.b", index=index, usable=False) for index in range(10)]
    found = measure([*good, *bad]).usable.interval
    assert found == clustered([(10, 10), (0, 10)])
    assert found.high - found.low > corrected(10, 20).high - corrected(10, 20).low


def test_directives_are_counted_one_by_one() -> None:
    found = measure(
        [
            trial("a.a", directives_expected=3, directives_ok=2),
            trial("b.b", directives_expected=0, directives_ok=0),
        ]
    )
    assert (found.directives.count, found.directives.of) == (2, 3)


def test_a_second_call_is_avoidable_where_mending_would_have_done() -> None:
    found = measure(
        [
            trial("a.a", first_answer="mendable"),
            trial("b.b", first_answer="mendable", second_call=True, avoidable_second_call=True),
            trial("c.c", first_answer="unusable", second_call=True),
            trial("d.d", first_answer="none"),
        ]
    )
    assert (found.second.count, found.second.of) == (2, 4)
    assert (found.avoidable.count, found.avoidable.of) == (1, 2)
    assert (found.avoidable_of_all.count, found.avoidable_of_all.of) == (1, 4)
    assert found.first_answers == {"clean": 0, "mendable": 2, "unusable": 1, "none": 1}


def test_a_cost_is_known_when_every_price_is() -> None:
    known, unknown = trial("a.a", cost_usd=0.25), trial("b.b", cost_usd=None)
    assert measure([known, known]).cost_usd == 0.5
    assert measure([known, unknown]).cost_usd is None


def test_tokens_are_estimates_when_some_are() -> None:
    counted = {"input_tokens": 100, "output_tokens": 10, "estimated": True}
    found = measure([trial("a.a"), trial("b.b", usage=counted)])
    assert (found.input_tokens, found.output_tokens, found.estimated) == (1000, 70, True)
    assert found.output_tokens_a_trial == 35


def test_of_no_trials_nothing_is_claimed() -> None:
    found = measure([])
    assert found.usable.rate is None and found.calls is None
    assert (found.usable.interval.low, found.usable.interval.high) == (0, 1)
    assert latency([]).p95_ms is None


def test_latency_is_told_by_percentiles() -> None:
    found = latency([trial(latency_ms=float(value)) for value in range(101)])
    assert (found.p50_ms, found.p95_ms) == (50, 95)


def test_what_a_simulated_model_lost_is_counted_over_all_its_trials() -> None:
    found = measure(
        [
            trial("a.a", lossless_second_call=True),
            trial("b.b", lossless_second_call=False),
            trial("c.c", lossless_second_call=None),
            trial("d.d"),
        ]
    )
    assert (found.lossless.count, found.lossless.of) == (1, 2)
