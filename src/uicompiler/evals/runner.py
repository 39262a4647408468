"""Running trials: several at once, none twice, as long as the run's budget lasts.

The order in which trials end is chance; what is reported is in the order of the plan.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
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
    left = deque(keys)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, jobs)):
                group.create_task(_work(left, run_one, on_done, budget))
    except BaseExceptionGroup as found:
        raise found.exceptions[0] from None


async def _work(left: deque[TrialKey], run_one: RunOne, on_done: OnDone, budget: RunBudget) -> None:
    # A trial is chosen when it may begin: so they begin in order, and none waits for a later one.
    while await budget.begin_trial(lambda: bool(left)):
        key = left.popleft()
        try:
            record = await run_one(key)
        except RunExhausted:
            await budget.end_trial()
            return
        on_done(record)
        await budget.end_trial(calls=record["attempts"], usd=record["cost_usd"] or 0.0)
        # A simulated trial never waits; whoever interrupts the run must come to a turn.
        await asyncio.sleep(0)
