"""Both drivers: calling off, cancelling, the cache, time limits of tools."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.llm.scripted import FakeClock, Scripted, calls, envelope, reply
from uicompiler.app import UIApp
from uicompiler.llm.cache import directory_cache, memory_cache
from uicompiler.llm.exchange import Failure, Reply, Request
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import arun, run
from uicompiler.llm.settings import Budget, ModelSettings
from uicompiler.llm.tools import Tool

GOOD = envelope(text="Hello.")
DOWN = Failure("unavailable", "down", status=503)


class Hanging:
    """Answers when it is let go; knows whether it was stopped."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.let_go = threading.Event()
        self.cancelled = False

    def send(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        self.began.set()
        self.let_go.wait(10)
        return reply(GOOD)

    async def asend(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        self.began.set()
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return reply(GOOD)


def codes(result: Any) -> list[str]:
    return [item.code for item in result.diagnostics]


def called_off_while_it_hangs(app: UIApp) -> LLMResult:
    """A turn that is called off as soon as its model was asked."""
    hanging, cancel = Hanging(), threading.Event()
    threading.Thread(target=lambda: (hanging.began.wait(5), cancel.set())).start()
    try:
        return run("Hi", model="sim/any", app=app, transport=hanging, cancel=cancel)
    finally:
        hanging.let_go.set()


def test_a_turn_that_is_called_off_ends_while_it_waits_for_the_model(crm: UIApp) -> None:
    result = called_off_while_it_hangs(crm)
    assert codes(result) == ["LLM_CANCELLED"]
    assert not result.ok and result.compiled.fallback is not None


def test_a_turn_that_is_called_off_ends_while_it_backs_off(crm: UIApp) -> None:
    clock, cancel = FakeClock(), threading.Event()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.waits) == 3:
            cancel.set()

    transport = Scripted([DOWN])
    result = run(
        "Hi",
        model="sim/any",
        app=crm,
        transport=transport,
        clock=clock.read,
        sleep=sleep,
        cancel=cancel,
    )
    assert codes(result)[-1] == "LLM_CANCELLED"
    assert len(transport.requests) == 1
    assert len(clock.waits) == 3


def test_a_turn_that_was_called_off_before_sends_nothing(crm: UIApp) -> None:
    cancel = threading.Event()
    cancel.set()
    transport = Scripted([GOOD])
    result = run("Hi", model="sim/any", app=crm, transport=transport, cancel=cancel)
    assert transport.requests == []
    assert codes(result) == ["LLM_CANCELLED"]


def test_calling_off_in_an_event_loop_stops_the_request(crm: UIApp) -> None:
    async def turn() -> tuple[Any, bool]:
        hanging, cancel = Hanging(), asyncio.Event()
        asyncio.get_running_loop().call_later(0.02, cancel.set)
        result = await arun("Hi", model="sim/any", app=crm, transport=hanging, cancel=cancel)
        await asyncio.sleep(0)
        return result, hanging.cancelled

    result, stopped = asyncio.run(turn())
    assert codes(result) == ["LLM_CANCELLED"]
    assert stopped


@pytest.mark.parametrize("watched", [True, False])
def test_cancelling_the_task_stops_the_request_and_is_not_swallowed(
    crm: UIApp, watched: bool
) -> None:
    async def turn() -> bool:
        hanging = Hanging()
        cancel = asyncio.Event() if watched else None
        asking = arun("Hi", model="sim/any", app=crm, transport=hanging, cancel=cancel)
        task = asyncio.create_task(asking)
        while not hanging.began.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        return hanging.cancelled

    assert asyncio.run(turn())


def test_a_bug_in_a_transport_is_not_swallowed(crm: UIApp) -> None:
    def bug(_request: Request) -> Reply:
        raise ZeroDivisionError

    for cancel in (None, threading.Event()):
        with pytest.raises(ZeroDivisionError):
            run("Hi", model="sim/any", app=crm, transport=Scripted([bug]), cancel=cancel)


def test_identical_input_is_answered_from_the_cache(crm: UIApp) -> None:
    cache, transport = memory_cache(), Scripted([reply(GOOD, cost_usd=0.1)])
    first, again, other = (
        run(message, model="sim/any", app=crm, transport=transport, cache=cache)
        for message in ("Hi", "Hi", "Ho")
    )
    assert len(transport.requests) == 2
    assert [r.attempts[0].cached for r in (first, again, other)] == [False, True, False]
    assert (first.cost_usd, again.cost_usd) == (0.1, None)
    assert again.usage.total_tokens == 0
    assert again.compiled.jsonl() == first.compiled.jsonl()


def test_a_cached_answer_is_no_call_of_the_budget(crm: UIApp) -> None:
    cache, transport = memory_cache(), Scripted([GOOD])
    for _ in range(2):
        result = run(
            "Hi", model="sim/any", app=crm, transport=transport, cache=cache, budget=Budget(calls=1)
        )
        assert result.ok
    assert result.trace.llm is not None
    assert result.trace.llm["budget"]["calls"] == 1


def test_servers_do_not_share_what_is_kept(crm: UIApp) -> None:
    cache, transport = memory_cache(), Scripted([GOOD])
    for host in ("a", "b"):
        settings = ModelSettings("sim/any", api_base=f"http://{host}/v1")
        run("Hi", model=settings, app=crm, transport=transport, cache=cache)
    assert len(transport.requests) == 2


def test_an_empty_reply_is_tried_again_and_not_kept(crm: UIApp) -> None:
    clock, cache, transport = FakeClock(), memory_cache(), Scripted([" \n", GOOD])
    result = run(
        "Hi",
        model="sim/any",
        app=crm,
        transport=transport,
        cache=cache,
        clock=clock.read,
        sleep=clock.sleep,
    )
    assert result.ok
    assert [attempt.outcome for attempt in result.attempts] == ["invalid_response", "ok"]
    assert [attempt.why for attempt in result.attempts] == ["first", "retry"]


def test_what_goes_wrong_with_the_cache_is_told_by_the_turn(crm: UIApp, tmp_path: Path) -> None:
    place = tmp_path / "a file"
    place.write_text("")
    result = run(
        "Hi",
        model="sim/any",
        app=crm,
        transport=Scripted([GOOD]),
        cache=directory_cache(place / "folder"),
    )
    assert result.ok
    assert "LLM_CACHE_UNUSABLE" in codes(result)


def test_a_tool_that_hangs_is_stopped_with_the_turns_time(crm: UIApp) -> None:
    async def hang(_given: Mapping[str, Any]) -> Any:
        await asyncio.sleep(30)

    tool = Tool("hang", "Hangs.", {"type": "object"}, hang)
    began = time.monotonic()
    result = asyncio.run(
        arun(
            "Hi",
            model="sim/any",
            app=crm,
            transport=Scripted([calls(("hang", {})), "Done."]),
            tools=[tool],
            run_mode="tool_loop",
            budget=Budget(seconds=0.2),
        )
    )
    assert time.monotonic() - began < 20
    assert "LLM_TOOL_FAILED" in codes(result)
    assert codes(result)[-1] == "LLM_BUDGET_EXHAUSTED"
