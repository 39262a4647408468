"""Time that does not count: what a transport has to load before its first request.

Loading litellm takes seconds of the processor, once in a process. A turn that happens to be the
first one would spend them of its budget, and time out where the second one does not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import TypeAlias

from uicompiler.llm.exchange import Failure, Loads, Reply, Request, Transport

Clock: TypeAlias = Callable[[], float]


def timed(transport: Transport, clock: Clock) -> tuple[Transport, Clock]:
    """A transport and a clock that stands still while the transport loads.

    Args:
        transport: As the caller gave it.
        clock: Gives seconds.
    """
    if not isinstance(transport, Loads) or transport.is_loaded:
        return transport, clock
    watch = _Watch(clock)
    return _LoadsFirst(transport, transport, watch), watch


class _Watch:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lost = 0.0

    def __call__(self) -> float:
        return self._clock() - self._lost

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        began = self._clock()
        yield
        self._lost += self._clock() - began


class _LoadsFirst:
    """The transport, loaded at its first request while the clock stands still."""

    def __init__(self, transport: Transport, loads: Loads, watch: _Watch) -> None:
        self._transport = transport
        self._loads = loads
        self._watch = watch

    def send(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        if not self._loads.is_loaded:
            with self._watch.stopped():
                self._loads.load()
        return self._transport.send(request, timeout_s=timeout_s)

    async def asend(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        if not self._loads.is_loaded:
            with self._watch.stopped():
                await asyncio.to_thread(self._loads.load)
        return await self._transport.asend(request, timeout_s=timeout_s)
