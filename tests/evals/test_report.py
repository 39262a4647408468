"""The report of a run: what it counts, and that it is the same twice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.evals.samples import Record, run, trial
from uicompiler.evals.report import Report, build, to_json
from uicompiler.evals.report_html import to_html
from uicompiler.evals.report_markdown import to_markdown


def _trials(**changed: Any) -> list[Record]:
    """Two models, two strategies, three scenarios; the barer strategy fails in one of them."""
    return [
        trial(
            scenario,
            provider=provider,
            strategy=strategy,
            usable=strategy == "production" or scenario != "crm.b",
            tags=["patch"] if scenario == "crm.b" else ["show_form", "language"],
            **changed,
        )
        for provider in ("sim/x", "sim/a")
        for strategy in ("raw", "production")
        for scenario in ("booking.a", "crm.b", "crm.c")
    ]


def _report(trials: list[Record] | None = None, **changed: Any) -> Report:
    found = _trials() if trials is None else trials
    return build(run(_trials(), **changed), found)


def test_groups_stand_in_the_order_of_the_run() -> None:
    found = _report()
    assert [row.strategy for row in found.strategies] == ["raw", "production"]
    assert [(row.name, row.strategy) for row in found.providers] == [
        ("sim/x", "raw"),
        ("sim/x", "production"),
        ("sim/a", "raw"),
        ("sim/a", "production"),
    ]
    assert [row.name for row in found.tags[::2]] == ["language", "patch", "show_form"]
    assert [row.metrics.usable.count for row in found.strategies] == [4, 6]


def test_how_models_were_asked_is_told_where_it_was_said() -> None:
    settings = {"temperature": 0, "stream": False, "top_p": None, "response_format": "auto"}
    found = _report(settings=settings)
    assert "asked with `temperature 0`." in to_markdown(found)
    assert "asked with <code>temperature 0</code>." in to_html(found)
    assert "asked with" not in to_markdown(_report()) + to_html(_report())
    assert json.loads(to_json(found))["asked"]["settings"] == settings


def test_strategies_are_compared_two_by_two() -> None:
    (found,) = _report().comparisons
    assert found.names == ("raw", "production")
    assert (found.contrast.only_a, found.contrast.only_b) == (0, 2)


def test_an_incomplete_run_has_a_report_that_says_so() -> None:
    found = _report(_trials()[:5])
    assert not found.complete and (found.planned, found.done) == (12, 5)
    assert json.loads(to_json(found))["complete"] is False
    assert "Not complete: 7 trials are missing." in to_markdown(found)
    assert "Not complete:</strong> 7 of 12" in to_html(found)


def test_a_run_without_a_trial_has_a_report() -> None:
    found = _report([])
    assert found.strategies == () and found.comparisons == ()
    assert "12 trials are missing" in to_markdown(found)
    assert "</html>" in to_html(found)


def test_unusable_trials_are_told_and_those_of_the_last_strategy_first() -> None:
    trials = _trials()
    trials[-1] = trial(
        "crm.c", provider="sim/a", usable=False, codes=["DIRECTIVE_NOT_JSON"], failure="timeout"
    )
    found = _report(trials)
    assert [item.strategy for item in found.unusable] == ["production", "raw", "raw"]
    assert found.unusable[0].problems == (
        "the last call failed, timeout",
        "screen: no field 'name'",
    )
    assert found.unusable[0].failure == "timeout"
    for text in (to_markdown(found), to_html(found)):
        assert "no field" in text


def test_only_so_many_unusable_trials_are_told() -> None:
    trials = [trial("crm.b", index=at, usable=False) for at in range(502)]
    found = build(run(trials, each=502), trials)
    assert (len(found.unusable), found.unusable_more) == (500, 2)
    assert "- 492 more, in" in to_markdown(found)
    assert "402 more stand in" in to_html(found)


def test_a_long_answer_is_cut_short() -> None:
    calls = [{"reply": {"text": "x" * 5000}}, {"failure": {"kind": "timeout"}}]
    trials = [trial(usable=False, calls=calls)]
    (told,) = build(run(trials), trials).unusable
    assert len(told.answer) == 600 and told.answer.endswith("x…")


def test_reports_of_the_same_trials_are_the_same_but_for_times() -> None:
    sped = [{**item, "times": {"latency_ms": random.random()}} for item in _trials()]
    first, second = _report(), _report(sped, created="2027-07-07T07:07:07Z")
    for write in (to_json, to_markdown, to_html):
        assert write(first) == write(_report())
        assert write(first) != write(second)
        assert write(first.without_times()) == write(second.without_times())


def test_times_stand_under_one_key() -> None:
    whole = json.loads(to_json(_report()))
    bare = json.loads(to_json(_report().without_times()))
    times = whole.pop("times")
    assert whole == bare
    assert times["created"] == "2026-01-01T00:00:00Z" and times["latency"][0]["p50_ms"] == 800
    assert "_ms" not in json.dumps(bare)


@pytest.mark.parametrize("write", [to_markdown, to_html])
def test_what_is_told_in_words_holds_the_figures(write: Callable[[Report], str]) -> None:
    text = write(_report()).replace("\\", "")
    for told in ("66.7 %", "100.0 %", "3 scenarios", "2 models", "+33.3", "crm.b", "0123456789ab"):
        assert told in text
    assert "booking.a" not in text, "a scenario without fault is none of the hardest"
