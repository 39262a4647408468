"""What a turn has cost so far, and whether it may go on.

A call is not begun when nothing is left for it; what is left of time and tokens also bounds the
call itself. What a call costs in money is known afterwards only, so the last one may exceed that.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from uicompiler.llm.exchange import Reply, Usage
from uicompiler.llm.settings import Budget

_LEAST_OUTPUT_TOKENS: Final = 32
"""Fewer are not worth a call."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used up.

    Attributes:
        began: The clock's reading when the turn began.
        calls: Requests sent; what was answered from a cache is none.
        usage: Tokens.
        cost_usd: US dollars, of calls whose price is known; None when none is.
    """

    began: float
    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None

    def with_call(self) -> Spent:
        """One more request was sent."""
        return replace(self, calls=self.calls + 1)

    def with_reply(self, reply: Reply) -> Spent:
        """What a reply cost."""
        cost = self.cost_usd
        if reply.cost_usd is not None:
            cost = (cost or 0.0) + reply.cost_usd
        return replace(self, usage=self.usage + reply.usage, cost_usd=cost)


def seconds_left(budget: Budget, spent: Spent, now: float) -> float | None:
    """Seconds until the turn has to end, at least 0; None for no limit."""
    if budget.seconds is None:
        return None
    return max(0.0, budget.seconds - (now - spent.began))


def output_tokens_left(budget: Budget, spent: Spent, input_tokens: int) -> int | None:
    """How much a call may write, given what it sends; None for no limit."""
    if budget.tokens is None:
        return None
    return max(0, budget.tokens - spent.usage.total_tokens - input_tokens)


def exhausted(budget: Budget, spent: Spent, now: float, input_tokens: int) -> str:
    """What is used up, so that no further call may begin; "" when it may."""
    if budget.calls is not None and spent.calls >= budget.calls:
        return f"calls ({budget.calls})"
    if seconds_left(budget, spent, now) == 0.0:
        return f"time ({budget.seconds:g} s)"
    writable = output_tokens_left(budget, spent, input_tokens)
    if writable is not None and writable < _LEAST_OUTPUT_TOKENS:
        return f"tokens ({budget.tokens})"
    if budget.usd is not None and (spent.cost_usd or 0.0) >= budget.usd:
        return f"money ({budget.usd:g} US dollars)"
    return ""


def left(budget: Budget, spent: Spent, now: float) -> dict[str, Any]:
    """What is left of a budget, as the trace tells it; null for no limit."""
    seconds = seconds_left(budget, spent, now)
    tokens, usd = budget.tokens, budget.usd
    return {
        "seconds": None if seconds is None else round(seconds, 3),
        "calls": None if budget.calls is None else max(0, budget.calls - spent.calls),
        "tokens": None if tokens is None else max(0, tokens - spent.usage.total_tokens),
        "usd": None if usd is None else max(0.0, usd - (spent.cost_usd or 0.0)),
    }
