from __future__ import annotations

import asyncio

import pytest

from uicompiler.evals.budget import MOST_CALLS, RunBudget, RunExhausted
from uicompiler.evals.runner import Record, run_trials
from uicompiler.evals.trial import TrialKey
from uicompiler.llm.exchange import Reply

KEYS = [TrialKey("s", "p", "raw", index) for index in range(10)]


class Trials:
    """Trials that take turns of the event loop; the first ones take longest."""

    def __init__(self, fails_at: int = 99, exhausted_at: int = 99) -> None:
        self.under_way = self.most = 0
        self.done: list[int] = []
        self._fails_at = fails_at
        self._exhausted_at = exhausted_at
        self.budget = RunBudget()

    async def one(self, key: TrialKey) -> Record:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(20 - 2 * key.index):
            await asyncio.sleep(0)
        self.under_way -= 1
        if key.index == self._fails_at:
            raise RuntimeError("a bug")
        if key.index == self._exhausted_at:
            self.budget.exhausted = "all"
            raise RunExhausted("all")
        return {"index": key.index, "attempts": 1, "cost_usd": None}

    def run(self, jobs: int) -> None:
        def on_done(record: Record) -> None:
            self.done.append(record["index"])

        asyncio.run(run_trials(KEYS, self.one, on_done, jobs=jobs, budget=self.budget))


@pytest.mark.parametrize("jobs", [1, 3, 50])
def test_every_trial_is_run_once_and_no_more_at_once_than_may_be(jobs: int) -> None:
    trials = Trials()
    trials.run(jobs)
    assert sorted(trials.done) == list(range(10))
    assert trials.most == min(jobs, 10)


def test_a_bug_ends_the_run_and_is_not_swallowed() -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        Trials(fails_at=3).run(2)


def test_an_exhausted_run_begins_nothing_more() -> None:
    trials = Trials(exhausted_at=4)
    trials.run(1)
    assert trials.done == [0, 1, 2, 3]


def test_trials_under_way_may_end_when_the_run_is_exhausted() -> None:
    trials = Trials(exhausted_at=4)
    trials.run(5)
    assert set(trials.done) >= {0, 1, 2, 3}
    assert 4 not in trials.done


class TwoCalls:
    """Trials that make two calls each, and wait in between."""

    def __init__(self, budget: RunBudget) -> None:
        self.done: list[int] = []
        self.budget = budget

    async def one(self, key: TrialKey) -> Record:
        for _ in range(2):
            await self.budget.begin()
            await asyncio.sleep(0)
            await self.budget.end(Reply("", cost_usd=0.01))
        return {"index": key.index, "attempts": 2, "cost_usd": 0.02}

    def run(self, left: list[TrialKey], jobs: int = 4) -> None:
        def on_done(record: Record) -> None:
            self.done.append(record["index"])

        asyncio.run(run_trials(left, self.one, on_done, jobs=jobs, budget=self.budget))


@pytest.mark.parametrize(("calls", "done", "lost"), [(4, 2, 0), (5, 2, 1), (6, 3, 0), (1, 0, 1)])
def test_a_small_budget_finishes_what_it_can_pay_for(calls: int, done: int, lost: int) -> None:
    trials = TwoCalls(RunBudget(calls=calls))
    trials.run(KEYS)
    assert trials.done == list(range(done))
    assert (trials.budget.sent, trials.budget.kept) == (calls, calls - lost)
    assert trials.budget.exhausted == f"{calls} calls"


def test_a_run_that_is_resumed_with_little_gets_on_each_time() -> None:
    left = list(KEYS)
    for times in range(1, 6):
        trials = TwoCalls(RunBudget(calls=4))
        trials.run(left)
        left = [key for key in left if key.index not in trials.done]
        assert len(left) == 10 - 2 * times


def test_a_small_budget_in_money_finishes_what_it_can_pay_for() -> None:
    trials = TwoCalls(RunBudget(usd=0.065))
    trials.run(KEYS)
    assert trials.done == [0, 1, 2]
    assert trials.budget.kept == trials.budget.sent == 6


def test_a_large_budget_keeps_nobody_waiting_until_its_end() -> None:
    trials = Trials()
    trials.budget = RunBudget(calls=10 * MOST_CALLS)
    trials.run(4)
    assert trials.most == 4


def test_a_budget_that_is_just_enough_is_not_used_up() -> None:
    trials = TwoCalls(RunBudget(calls=20))
    trials.run(KEYS)
    assert len(trials.done) == 10
    assert not trials.budget.exhausted
