"""Running trials: several at once, none twice, as long as the run's budget lasts.

The order in which trials end is chance; what is reported is in the order of the plan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeAlias

from uicompiler.evals.budget import RunBudget, RunExhausted
from uicompiler.evals.trial import TrialKey
from uicompiler.ir.values import Json

Record: TypeAlias = dict[str, Json]
RunOne: TypeAlias = Callable[[TrialKey], Awaitable[Record]]
OnDone: TypeAlias = Callable[[Record], None]


async def run_trials(
    keys: Iterable[TrialKey], run_one: RunOne, on_done: OnDone, *, jobs: int, budget: RunBudget
) -> None:
    """Run trials until all are done, or the budget is.

    Args:
        keys: What is to be run, in order.
        run_one: Runs one.
        on_done: Takes each record as soon as it is there.
        jobs: How many run at once.
        budget: What the run may cost; says afterwards whether it ended the run.

    Raises:
        Exception: whatever `run_one` raises but `RunExhausted`; the others are cancelled then.
    """
    left = iter(keys)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, jobs)):
                group.create_task(_work(left, run_one, on_done, budget))
    except BaseExceptionGroup as found:
        raise found.exceptions[0] from None


async def _work(
    left: Iterator[TrialKey], run_one: RunOne, on_done: OnDone, budget: RunBudget
) -> None:
    for key in left:
        if budget.exhausted:
            return
        try:
            record = await run_one(key)
        except RunExhausted:
            return
        on_done(record)
        # A simulated trial never waits; whoever interrupts the run must come to a turn.
        await asyncio.sleep(0)
