"""Functions of the host's app that may be coroutines, run to their end from a thread of a turn.

A turn runs in a thread; what an app's `async def` model or tool awaits, such as an HTTP client or a
pool of connections, belongs to the event loop that serves. So its coroutine runs there, and the
thread waits. Where no loop serves, as in a sweep after a crash, it has one of its own.
"""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextvars import ContextVar
from typing import Any, Final

SERVING: Final[ContextVar[asyncio.AbstractEventLoop | None]] = ContextVar("serving", default=None)
"""The event loop that a turn was asked for in."""

_LOOKS_EVERY_S: Final = 1.0


def serving_here() -> None:
    """Remember the event loop of this task, for the threads that it begins."""
    try:
        SERVING.set(asyncio.get_running_loop())
    except RuntimeError:  # another kind of event loop: coroutines get one of their own
        SERVING.set(None)


def settled(given: object) -> Any:
    """A value, awaited if it has to be; to be called in a thread that serves nothing.

    Raises:
        Exception: whatever it raises when it is awaited.
        RuntimeError: the loop that serves ended meanwhile.
    """
    if not inspect.isawaitable(given):
        return given

    async def wait() -> object:
        return await given

    loop = SERVING.get()
    if loop is None or not loop.is_running():
        return asyncio.run(wait())
    return _waited(loop, asyncio.run_coroutine_threadsafe(wait(), loop))


def _waited(loop: asyncio.AbstractEventLoop, future: Future[object]) -> object:
    while True:
        try:
            return future.result(_LOOKS_EVERY_S)
        except NotYet:
            if future.done():
                raise  # its own timeout
            if not loop.is_running():
                future.cancel()
                raise RuntimeError("the event loop ended meanwhile") from None
