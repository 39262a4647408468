"""What is stopped when a turn's time is up, or nobody wants it any more, and what is accounted."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.llm.scripted import Scripted, calls, envelope, reply
from tests.llm.turns.test_driving import called_off_while_it_hangs, codes
from uicompiler.app import UIApp
from uicompiler.llm.exchange import Reply, Request
from uicompiler.llm.runner import arun, run
from uicompiler.llm.settings import Budget, ModelSettings
from uicompiler.llm.tools import Tool

LONG = 20.0
"""Much longer than anything here may take."""


def looped(app: UIApp, tool: Tool, name: str = "tool", times: int = 1, **options: Any) -> Any:
    asking = calls(*((name, {}) for _ in range(times)))
    return run(
        "Hi",
        app=app,
        transport=Scripted([asking, "Done."]),
        tools=[tool],
        run_mode="tool_loop",
        **{"model": "sim/any", **options},
    )


def tool_of(function: Callable[[Mapping[str, Any]], Any]) -> Tool:
    return Tool("tool", "A tool.", {"type": "object"}, function)


async def hang(_given: Mapping[str, Any]) -> Any:
    await asyncio.sleep(LONG)


@pytest.mark.parametrize("parallel", [None, True])
def test_a_coroutine_that_hangs_is_stopped_with_the_time_of_a_blocking_turn(
    crm: UIApp, parallel: bool | None
) -> None:
    began = time.monotonic()
    settings = ModelSettings("sim/any", parallel_tool_calls=parallel)
    tool, budget = tool_of(hang), Budget(seconds=0.2)
    result = looped(crm, tool, times=2, budget=budget, model=settings)
    assert time.monotonic() - began < LONG
    assert codes(result) == ["LLM_TOOL_FAILED", "LLM_BUDGET_EXHAUSTED"]


def test_calling_off_stops_a_coroutine_of_a_blocking_turn(crm: UIApp) -> None:
    cancel, stopped = threading.Event(), threading.Event()

    async def hanging(_given: Mapping[str, Any]) -> Any:
        cancel.set()
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            stopped.set()
            raise

    began = time.monotonic()
    result = looped(crm, tool_of(hanging), cancel=cancel)
    assert codes(result) == ["LLM_CANCELLED"]
    assert stopped.wait(LONG / 2)
    assert time.monotonic() - began < LONG


@pytest.mark.parametrize("times", [1, 2])
def test_calling_off_does_not_wait_for_a_function(crm: UIApp, times: int) -> None:
    cancel, let_go = threading.Event(), threading.Event()

    def slow(_given: Mapping[str, Any]) -> Any:
        cancel.set()
        return let_go.wait(LONG)

    began = time.monotonic()
    settings = ModelSettings("sim/any", parallel_tool_calls=True)
    result = looped(crm, tool_of(slow), times=times, cancel=cancel, model=settings)
    let_go.set()
    assert codes(result) == ["LLM_CANCELLED"]
    assert time.monotonic() - began < LONG


@pytest.mark.parametrize("way", ["run", "arun"])
def test_a_tool_that_raises_stop_iteration_has_failed(crm: UIApp, way: str) -> None:
    def stop(_given: Mapping[str, Any]) -> Any:
        return next(iter(()))

    options: dict[str, Any] = {
        "model": "sim/any",
        "app": crm,
        "transport": Scripted([calls(("tool", {})), "Done."]),
        "tools": [tool_of(stop)],
        "run_mode": "tool_loop",
        "budget": Budget(seconds=LONG),
    }
    result = run("Hi", **options) if way == "run" else asyncio.run(arun("Hi", **options))
    assert codes(result) == ["LLM_TOOL_FAILED"]
    assert "StopIteration" in result.diagnostics[0].message


# --- what is accounted ----------------------------------------------------------------------------


def test_an_answer_that_came_as_the_turn_was_called_off_is_accounted(crm: UIApp) -> None:
    cancel = threading.Event()

    def answer(_request: Request) -> Reply:
        cancel.set()
        return reply(envelope(text="Hello."), cost_usd=0.25)

    transport = Scripted([answer])
    asking = arun("Hi", model="sim/any", app=crm, transport=transport, cancel=cancel)
    result = asyncio.run(asking)
    assert codes(result) == ["LLM_CANCELLED"]
    assert (result.cost_usd, result.usage.total_tokens) == (0.25, 120)
    assert [attempt.outcome for attempt in result.attempts] == ["ok"]


def test_a_request_that_was_not_waited_for_is_a_call_of_the_budget(crm: UIApp) -> None:
    result = called_off_while_it_hangs(crm)
    (attempt,) = result.attempts
    assert (attempt.outcome, attempt.code) == ("cancelled", "LLM_CANCELLED")
    assert result.trace.llm is not None
    assert result.trace.llm["budget"]["calls"] == 9


def test_a_turn_that_was_called_off_before_has_no_attempt(crm: UIApp) -> None:
    cancel = threading.Event()
    cancel.set()
    result = run("Hi", model="sim/any", app=crm, transport=Scripted(["x"]), cancel=cancel)
    assert result.attempts == ()


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), -1.0])
def test_a_price_that_is_none_is_not_counted(crm: UIApp, cost: float) -> None:
    lines = [reply("{", cost_usd=0.5), reply(envelope(text="Hello."), cost_usd=cost)]
    result = run("Hi", model="sim/any", app=crm, transport=Scripted(lines))
    assert result.cost_usd == 0.5
    assert result.attempts[1].cost_usd is None
