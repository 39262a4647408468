from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from uicompiler.errors import EvalError
from uicompiler.evals.budget import RunBudget, RunExhausted
from uicompiler.llm.exchange import Failure, Reply


async def calls(budget: RunBudget, costs: Sequence[float | None], *, at_once: int = 1) -> int:
    """Make calls that cost so much, several at once; how many were let through."""
    left = list(costs)
    sent = 0

    async def work() -> None:
        nonlocal sent
        while left:
            cost = left.pop(0)
            try:
                await budget.begin()
            except RunExhausted:
                return
            sent += 1
            await asyncio.sleep(0)
            await budget.end(Reply("", cost_usd=cost))

    await asyncio.gather(*(work() for _ in range(at_once)))
    return sent


@pytest.mark.parametrize("at_once", [1, 4])
def test_no_more_calls_are_sent_than_may_be(at_once: int) -> None:
    budget = RunBudget(calls=5)
    assert asyncio.run(calls(budget, [0.1] * 20, at_once=at_once)) == 5
    assert budget.exhausted == "5 calls"


@pytest.mark.parametrize("at_once", [1, 2, 8])
def test_no_more_money_is_spent_than_may_be_when_calls_cost_alike(at_once: int) -> None:
    budget = RunBudget(usd=1.0)
    assert asyncio.run(calls(budget, [0.3] * 20, at_once=at_once)) == 3
    assert budget.spent_usd == pytest.approx(0.9)
    assert "1 US dollars" in budget.exhausted


@pytest.mark.parametrize("at_once", [1, 8])
def test_a_call_that_is_dearer_than_all_before_is_the_last(at_once: int) -> None:
    budget = RunBudget(usd=1.0)
    asyncio.run(calls(budget, [0.01, *[2.0] * 20], at_once=at_once))
    assert budget.spent_usd <= 0.01 + 2.0 * at_once
    assert budget.exhausted


def test_until_a_price_is_known_calls_go_one_by_one() -> None:
    async def first_two() -> bool:
        budget = RunBudget(usd=1.0)
        await budget.begin()
        second = asyncio.create_task(budget.begin())
        await asyncio.sleep(0)
        waits = not second.done()
        await budget.end(Failure("timeout", "no price is learned from a failure"))
        await second
        return waits

    assert asyncio.run(first_two())


def test_without_limits_everything_goes() -> None:
    budget = RunBudget()
    assert asyncio.run(calls(budget, [None] * 10, at_once=3)) == 10
    assert not budget.exhausted


def test_money_is_not_limited_where_no_price_is_known() -> None:
    with pytest.raises(EvalError, match="price") as caught:
        asyncio.run(calls(RunBudget(usd=1.0), [None]))
    assert caught.value.code == "EVAL_RUN_INVALID"
