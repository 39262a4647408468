"""Carrying out the steps of a turn: one driver that blocks, one that awaits.

Here are the clock, the waiting, the network, the cache, the tools, and whoever calls it all off.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from uicompiler.errors import Diagnostic
from uicompiler.llm.asking.asking import Steps, is_empty
from uicompiler.llm.cache import Cache
from uicompiler.llm.exchange import Failure, Reply, Request, Transport
from uicompiler.llm.steps import Answered, Call, CallTools, Cancelled, Send, Step, Wait
from uicompiler.llm.tools import ToolResult

_LOOKS_EVERY_S: Final = 0.05
_LOG: Final = logging.getLogger("uicompiler.llm")
_Result = TypeVar("_Result")
_Sleep = TypeVar("_Sleep")


class Cancel(Protocol):
    """What calls a turn off: `threading.Event` and `asyncio.Event` are such."""

    def is_set(self) -> bool:
        """Whether nobody wants the answer any more."""


@dataclass(frozen=True, slots=True)
class Edge(Generic[_Sleep]):
    """What a driver carries steps out with.

    Attributes:
        transport: Carries requests.
        clock: Gives seconds; only differences count.
        sleep: Waits; a coroutine function for the driver that awaits.
        random: Gives a number from 0 to 1.
        cache: Replies that were kept, if any are.
        cancel: Calls the turn off, if anybody may.
        notes: What went wrong with the cache since the last answer.
    """

    transport: Transport
    clock: Callable[[], float]
    sleep: Callable[[float], _Sleep]
    random: Callable[[], float]
    cache: Cache | None = None
    cancel: Cancel | None = None
    notes: list[Diagnostic] = field(default_factory=list)

    def answered(self, value: object, *, cached: bool = False) -> Answered:
        """The answer to a step that was just carried out."""
        notes = tuple(self.notes)
        self.notes.clear()
        return Answered(value, self.clock(), cached, notes)

    @property
    def cancelled(self) -> bool:
        """Whether the turn was called off."""
        return self.cancel is not None and self.cancel.is_set()

    def kept(self, request: Request) -> Reply | None:
        """The reply that was kept for a request, or None."""
        return None if self.cache is None else self.cache.get(request)

    def received(self, request: Request, came: object) -> Reply | Failure | None:
        """What the transport gave, and None when it was called off; kept, if it is worth that.

        Raises:
            TypeError: the transport gave something else, which is a bug of its.
        """
        if not isinstance(came, Reply | Failure):
            if self.cancelled:
                return None
            found = type(came).__name__
            raise TypeError(f"a transport gives an llm.Reply or an llm.Failure, found {found}")
        if self.cache is not None and isinstance(came, Reply) and not is_empty(came):
            self.cache.put(request, came)
        return came

    def seconds(self, wait: Wait) -> float:
        """How long to wait."""
        return wait.least_s + (wait.most_s - wait.least_s) * self.random()


def _next(going: Steps[_Result], answered: Answered | None, edge: Edge[Any]) -> Step:
    """The step after an answer; before the first one there is none.

    A turn that was called off is not sent what came of its last step, which may be nothing, but
    told of it: a request that went out is paid for.
    """
    if answered is None:
        step = next(going)
        return going.throw(Cancelled(edge.clock())) if edge.cancelled else step
    if edge.cancelled:
        return going.throw(Cancelled(edge.clock(), answered))
    return going.send(answered)


# --- blocking -------------------------------------------------------------------------------------


def drive(going: Steps[_Result], edge: Edge[None]) -> _Result:
    """Carry out all steps of a turn."""
    answered: Answered | None = None
    while True:
        try:
            step = _next(going, answered, edge)
        except StopIteration as end:
            return cast(_Result, end.value)
        answered = _done(step, edge)


def _done(step: Step, edge: Edge[None]) -> Answered:
    value: object = None
    if isinstance(step, Send):
        kept = edge.kept(step.request)
        if kept is not None:
            return edge.answered(kept, cached=True)
        value = edge.received(step.request, _sent(step, edge))
    elif isinstance(step, Wait):
        _wait(edge.seconds(step), edge)
    elif isinstance(step, CallTools):
        value = _beside(partial(_called_all, step.calls, edge), edge)
    return edge.answered(value)


def _sent(step: Send, edge: Edge[None]) -> Reply | Failure | None:
    """What came; None when it was called off."""
    return _beside(partial(edge.transport.send, step.request, timeout_s=step.timeout_s), edge)


def _beside(work: Callable[[], _Result], edge: Edge[None]) -> _Result | None:
    """What a piece of work gives; None when it was called off meanwhile.

    A thread cannot be stopped: it comes to its own end, and what it gives is not heard.
    """
    if edge.cancel is None:
        return work()
    future: Future[_Result] = Future()
    context = contextvars.copy_context()

    def do() -> None:
        try:
            future.set_result(context.run(work))
        except BaseException as exc:  # raised where it is waited for
            future.set_exception(exc)

    Thread(target=do, name="uicompiler-llm", daemon=True).start()
    while not edge.cancelled and not future.done():
        wait([future], _LOOKS_EVERY_S)
    return future.result() if future.done() else None


def _wait(seconds: float, edge: Edge[None]) -> None:
    if edge.cancel is None:
        edge.sleep(seconds)
        return
    while seconds > 0 and not edge.cancelled:
        edge.sleep(min(seconds, _LOOKS_EVERY_S))
        seconds -= _LOOKS_EVERY_S


def _called_all(calls: Sequence[Call], edge: Edge[Any]) -> list[ToolResult]:
    if len(calls) == 1:
        return [_called(calls[0], edge)]
    with ThreadPoolExecutor(len(calls), "uicompiler-tool") as pool:
        run = [partial(contextvars.copy_context().run, _called, call, edge) for call in calls]
        return [work.result() for work in [pool.submit(one) for one in run]]


def _called(call: Call, edge: Edge[Any]) -> ToolResult:
    given = _begun(call)
    if isinstance(given, ToolResult):
        return given
    return asyncio.run(_settled(call, given, edge))


def _begun(call: Call) -> ToolResult | Awaitable[Any]:
    """What a tool gives, or the coroutine that has yet to give it."""
    try:
        given = call.tool.run(call.arguments)
    except Exception as exc:  # the model is told that it failed, and may go on without
        return _failed(call, exc)
    return given if inspect.isawaitable(given) else ToolResult(given)


async def _settled(call: Call, given: Awaitable[Any], edge: Edge[Any]) -> ToolResult:
    """What a coroutine gives, stopped with the turn's time or when the turn is called off."""
    try:
        async with asyncio.timeout(call.timeout_s):
            return ToolResult(await _watched(given, edge))
    except Exception as exc:  # as above
        return _failed(call, exc)


def _failed(call: Call, exc: Exception) -> ToolResult:
    # What it says may hold anything, so the log names its kind alone.
    _LOG.warning("tool %s failed: %s", call.tool.name, type(exc).__name__)
    return ToolResult(error=type(exc).__name__)


# --- awaiting -------------------------------------------------------------------------------------


async def adrive(going: Steps[_Result], edge: Edge[Awaitable[None]]) -> _Result:
    """Carry out all steps of a turn in an event loop; cancelling it closes the connection."""
    answered: Answered | None = None
    while True:
        try:
            step = _next(going, answered, edge)
        except StopIteration as end:
            return cast(_Result, end.value)
        answered = await _adone(step, edge)


async def _adone(step: Step, edge: Edge[Awaitable[None]]) -> Answered:
    value: object = None
    if isinstance(step, Send):
        kept = edge.kept(step.request)
        if kept is not None:
            return edge.answered(kept, cached=True)
        sending = edge.transport.asend(step.request, timeout_s=step.timeout_s)
        value = edge.received(step.request, await _watched(sending, edge))
    elif isinstance(step, Wait):
        await _watched(_slept(edge.sleep(edge.seconds(step))), edge)
    elif isinstance(step, CallTools):
        value = await _watched(_acalled_all(step.calls), edge)
    return edge.answered(value)


async def _slept(sleeping: Awaitable[None]) -> None:
    await sleeping


async def _watched(work: Awaitable[_Result], edge: Edge[Any]) -> _Result | None:
    """What something gives; None when it was called off meanwhile, and stopped."""
    if edge.cancel is None:
        return await work
    task = asyncio.ensure_future(work)
    try:
        while not task.done() and not edge.cancelled:
            await asyncio.wait({task}, timeout=_LOOKS_EVERY_S)
        return task.result() if task.done() else None
    finally:
        task.cancel()


async def _acalled_all(calls: Sequence[Call]) -> list[ToolResult]:
    return list(await asyncio.gather(*map(_acalled, calls)))


async def _acalled(call: Call) -> ToolResult:
    """What a tool gives; one that is no coroutine function runs in a thread, so that others go on.

    What it raises is caught there: no future takes a StopIteration.
    """
    try:
        async with asyncio.timeout(call.timeout_s):
            if inspect.iscoroutinefunction(call.tool.run):
                return ToolResult(await call.tool.run(call.arguments))
            given = await asyncio.to_thread(_begun, call)
            return given if isinstance(given, ToolResult) else ToolResult(await given)
    except Exception as exc:  # as above
        return _failed(call, exc)
