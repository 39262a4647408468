"""Strategies over the simulated models: each does better than the one before it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.evals.rehearsal import shipped, stages
from uicompiler.evals.budget import RunBudget
from uicompiler.evals.plan import Plan
from uicompiler.evals.providers import provider_names, providers
from uicompiler.evals.scenario import load_scenarios
from uicompiler.evals.session import Session
from uicompiler.evals.strategies import STRATEGIES
from uicompiler.llm.settings import ModelSettings

SCENARIOS = ("new_contact", "clean_up", "toast_noted", "pipeline", "refuse_transfer")


@pytest.fixture(scope="module")
def trials() -> list[dict[str, Any]]:
    loaded = load_scenarios([shipped("crm", name) for name in SCENARIOS])
    ready = [stages().prepare(item) for item in loaded]
    plan = Plan(loaded, provider_names(["sim"]), list(STRATEGIES), 6, 7, {})
    done: list[dict[str, Any]] = []
    with providers(plan.providers, ModelSettings("")) as models:
        session = Session(plan, ready, models, RunBudget())
        asyncio.run(session.run((), done.append, jobs=2))
    assert len(done) == plan.total
    return done


def usable(trials: list[dict[str, Any]], strategy: str) -> float:
    found = [item["usable"] for item in trials if item["key"]["strategy"] == strategy]
    return sum(found) / len(found)


def test_each_strategy_does_better_than_the_one_before(trials: list[dict[str, Any]]) -> None:
    assert usable(trials, "raw") < 0.8 < usable(trials, "baseline")
    assert usable(trials, "baseline") < usable(trials, "production")
    assert usable(trials, "production") >= 0.99


def test_what_can_be_mended_takes_no_second_call(trials: list[dict[str, Any]]) -> None:
    best = [item for item in trials if item["key"]["strategy"] == "production"]
    mendable = [item for item in best if item["first_answer"] == "mendable"]
    assert len(mendable) > 10
    assert sum(item["avoidable_second_call"] for item in mendable) <= 0.03 * len(mendable)


def test_hardly_any_turn_takes_a_second_call_though_nothing_was_lost(
    trials: list[dict[str, Any]],
) -> None:
    best = [item for item in trials if item["key"]["strategy"] == "production"]
    assert sum(item["lossless_second_call"] for item in best) <= 0.03 * len(best)
    slips = [slip for item in best for made in item["slips"] for slip in made]
    assert {slip["lossless"] for slip in slips} == {True, False}


def test_strategies_meet_the_same_answers(trials: list[dict[str, Any]]) -> None:
    """The first calls of `raw`, and of `production` where no format is asked for."""
    first = {
        tuple(item["key"].values()): item["calls"][0].get("reply", {}).get("text")
        for item in trials
        if (item["key"]["provider"] == "sim/plain" and item["lesson"]["before"]["response_format"])
        or item["key"]["strategy"] == "raw"
    }
    pairs = [
        (text, first[scenario, provider, "raw", index])
        for (scenario, provider, strategy, index), text in first.items()
        if strategy == "production"
    ]
    assert len(pairs) > 20
    assert all(text == raw for text, raw in pairs)


def test_no_client_refuses_a_message(trials: list[dict[str, Any]]) -> None:
    grades = [grade for item in trials for grade in item["grades"] if grade["name"] == "client"]
    assert all(grade["ok"] for grade in grades)
