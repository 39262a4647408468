"""What a whole run may cost: money and calls, over all trials at once.

A call that would exceed it is not sent. What a call costs is known afterwards only, so one is let
through when what was spent, and the dearest call so far for each one under way, leaves room for
one more of those; until a price is known, calls go one by one.

A trial that is cut off is worth nothing, so one begins beside others only when there is room for
all calls that each of them may make; when there is not, one at a time. So at most one trial is lost
to a budget, and each run that can pay for a trial gets on by one at least.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from uicompiler.errors import EvalError, diagnostic
from uicompiler.llm.exchange import Failure, Reply
from uicompiler.llm.settings import Budget

MOST_CALLS: Final = Budget().calls or 1
"""How many calls a trial may make; a turn's own budget says so."""


class RunExhausted(Exception):
    """The run's budget is used up: the trial under way is given up, and run anew on resume.

    Attributes:
        what: What is used up.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass
class RunBudget:
    """Money and calls of a run; None is no limit.

    Attributes:
        usd: US dollars.
        calls: Requests sent.
        spent_usd: US dollars so far, of calls whose price is known.
        sent: Requests so far.
        kept: Those of them that belong to trials that came to their end.
        kept_usd: What these cost, as far as it is known.
        exhausted: What is used up, or "".
    """

    usd: float | None = None
    calls: int | None = None
    spent_usd: float = 0.0
    sent: int = 0
    kept: int = 0
    kept_usd: float = 0.0
    exhausted: str = ""

    def __post_init__(self) -> None:
        """Nothing is under way, and no price is known."""
        self._under_way = 0
        self._trials = 0
        self._dearest: float | None = None
        self._changed = asyncio.Condition()

    async def begin_trial(self, is_wanted: Callable[[], bool]) -> bool:
        """Wait until a trial can be paid for to its end; whether it may begin.

        Args:
            is_wanted: Whether there is still one to begin.
        """
        async with self._changed:
            await self._changed.wait_for(
                lambda: not is_wanted() or self.exhausted or self._has_room()
            )
            if not is_wanted():
                return False
            self._judge()
            if self.exhausted:
                self._changed.notify_all()
                return False
            self._trials += 1
            return True

    async def end_trial(self, *, calls: int = 0, usd: float = 0.0) -> None:
        """A trial is over.

        Args:
            calls: How many it made; none when it came to no end, and is run again some day.
            usd: What they cost.
        """
        async with self._changed:
            self._trials -= 1
            self.kept += calls
            self.kept_usd += usd
            self._changed.notify_all()

    async def begin(self) -> None:
        """Let a call through, when there is room for it.

        Raises:
            RunExhausted: there is none.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self.exhausted or self._may_begin())
            self._judge()
            if self.exhausted:
                self._changed.notify_all()
                raise RunExhausted(self.exhausted)
            self.sent += 1
            self._under_way += 1

    async def end(self, came: Reply | Failure | None) -> None:
        """A call came back; None when it was cancelled.

        Raises:
            EvalError: EVAL_RUN_INVALID, money is limited and the model's price is not known.
        """
        async with self._changed:
            self._under_way -= 1
            self._changed.notify_all()
            if not isinstance(came, Reply):
                return
            if came.cost_usd is None:
                if self.usd is not None:
                    raise unknown_price()
                return
            self.spent_usd += came.cost_usd
            self._dearest = max(self._dearest or 0.0, came.cost_usd)

    def _has_room(self) -> bool:
        """Whether one more trial, and all under way, can make as many calls as they may."""
        if not self._trials:
            return True
        most = MOST_CALLS * (self._trials + 1)
        if self.calls is not None and self.kept + most > self.calls:
            return False
        if self.usd is None:
            return True
        return self._dearest is not None and self.kept_usd + most * self._dearest <= self.usd

    def _may_begin(self) -> bool:
        """Whether it can be decided now: what is under way may yet change what is left."""
        return self.usd is None or self._dearest is not None or not self._under_way

    def _judge(self) -> None:
        if self.exhausted:
            return
        if self.calls is not None and self.sent >= self.calls:
            self.exhausted = f"{self.calls} calls"
        elif self.usd is not None:
            held = (self._dearest or 0.0) * (self._under_way + 1)
            if self.spent_usd >= self.usd or (self.sent and self.spent_usd + held > self.usd):
                self.exhausted = f"{self.usd:g} US dollars"


def unknown_price() -> EvalError:
    """The refusal of a limit in money for a model that nobody knows the price of."""
    return EvalError(
        [
            diagnostic(
                "EVAL_RUN_INVALID",
                "the price of this model is not known, so --budget-usd cannot be kept",
                hint="limit the run by --budget-calls",
            )
        ]
    )
