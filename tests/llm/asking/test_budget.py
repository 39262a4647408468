"""What is left of a budget, and when no further call may begin."""

from __future__ import annotations

import pytest

from tests.llm.scripted import FakeClock, Scripted, reply
from uicompiler.app import UIApp
from uicompiler.llm.asking.budget import Spent, exhausted, left, output_tokens_left
from uicompiler.llm.exchange import Failure, Usage
from uicompiler.llm.runner import run
from uicompiler.llm.settings import Budget, ModelSettings, Tries

NONE = Budget(seconds=None, calls=None)
SPENT = Spent(10.0, calls=3, usage=Usage(700, 200), cost_usd=0.5)
DOWN = Failure("unavailable", "down", status=503)
BAD = reply("{", cost_usd=0.4)


@pytest.mark.parametrize(
    ("budget", "now", "used_up"),
    [
        (NONE, 1e9, ""),
        (Budget(seconds=5.0), 14.9, ""),
        (Budget(seconds=5.0), 15.0, "time (5 s)"),
        (Budget(calls=4), 10.0, ""),
        (Budget(calls=3), 10.0, "calls (3)"),
        (Budget(usd=0.51), 10.0, ""),
        (Budget(usd=0.5), 10.0, "money (0.5 US dollars)"),
        (Budget(tokens=2_000), 10.0, ""),
        (Budget(tokens=920), 10.0, "tokens (920)"),
    ],
)
def test_a_call_may_begin_while_something_is_left(budget: Budget, now: float, used_up: str) -> None:
    assert exhausted(budget, SPENT, now, input_tokens=0) == used_up


def test_what_a_call_sends_counts_before_it_is_sent() -> None:
    budget = Budget(tokens=1_000)
    assert output_tokens_left(budget, SPENT, 60) == 40
    assert exhausted(budget, SPENT, 10.0, input_tokens=90) == "tokens (1000)"


def test_what_is_left_is_never_below_nothing() -> None:
    over = Budget(seconds=1.0, calls=1, tokens=1, usd=0.1)
    assert left(over, SPENT, 99.0) == {"seconds": 0.0, "calls": 0, "tokens": 0, "usd": 0.0}
    assert set(left(NONE, SPENT, 99.0).values()) == {None}


def test_calls_bound_retries_and_repairs_together(crm: UIApp) -> None:
    transport = Scripted([DOWN, BAD, BAD])
    clock = FakeClock()
    result = run(
        "x",
        model="sim/any",
        app=crm,
        transport=transport,
        budget=Budget(calls=2),
        clock=clock.read,
        sleep=clock.sleep,
    )
    assert len(transport.requests) == 2
    assert "LLM_BUDGET_EXHAUSTED" in {item.code for item in result.diagnostics}


def test_money_that_is_used_up_ends_the_turn(crm: UIApp) -> None:
    transport = Scripted([BAD])
    result = run(
        "x",
        model="sim/any",
        app=crm,
        transport=transport,
        budget=Budget(usd=0.3),
        tries=Tries(repairs=5),
    )
    assert len(transport.requests) == 1
    assert result.cost_usd == 0.4
    assert result.trace.llm is not None
    assert result.trace.llm["budget"]["usd"] == 0.0


def test_a_bound_of_money_without_a_price_is_told_to_be_none(crm: UIApp) -> None:
    free = reply('{"assistant_text": "Hello.", "directives": []}')
    result = run("x", model="sim/any", app=crm, transport=Scripted([free]), budget=Budget(usd=0.1))
    assert result.ok
    (found,) = result.diagnostics
    assert (found.code, found.severity, found.pointer) == (
        "LLM_PRICE_UNKNOWN",
        "warning",
        "/budget/usd",
    )


def test_tokens_that_are_left_bound_what_the_model_may_write(crm: UIApp) -> None:
    transport = Scripted([BAD])
    settings = ModelSettings("sim/any", response_format="prompt_only", max_output_tokens=50_000)
    run("x", model=settings, app=crm, transport=transport, budget=Budget(tokens=20_000))
    assert 32 <= transport.requests[0]["max_tokens"] < 20_000


def test_a_turn_without_tokens_sends_nothing(crm: UIApp) -> None:
    transport = Scripted([BAD])
    result = run("x", model="sim/any", app=crm, transport=transport, budget=Budget(tokens=100))
    assert transport.requests == []
    assert [item.code for item in result.diagnostics] == ["LLM_BUDGET_EXHAUSTED"]
    assert result.compiled.fallback is not None
