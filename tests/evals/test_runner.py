from __future__ import annotations

import asyncio

import pytest

from uicompiler.evals.budget import RunBudget, RunExhausted
from uicompiler.evals.runner import Record, run_trials
from uicompiler.evals.trial import TrialKey

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
        return {"index": key.index}

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
