"""Told to stop by a signal: a server's own handler is heard, and the streams are ended first.

A server such as uvicorn waits for open connections before it runs the end of an application's
lifespan, and an event stream is open for as long as its client likes. So the signal itself has to
be heard, by whoever runs when the server's handlers are there already: a lifespan.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final

from starlette.applications import Starlette

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def drain_on_signals(ui: Starlette) -> Iterator[None]:
    """End the streams of a host once the process is told to stop, then leave it to the server.

    To be entered in the lifespan of the application that is served; the host's own lifespan does.

    Args:
        ui: What `create_app` gave.
    """
    with draining(ui.state.host.drain.begin):
        yield


@contextlib.contextmanager
def draining(begin: Callable[[], None]) -> Iterator[None]:
    """Have something begin in the running event loop once the process is told to stop.

    Signals come to the main thread only: in any other one, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    chained = {number: _chained(number, loop, begin) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, (before, ours) in chained.items():
            if ours is not None and signal.getsignal(number) is ours:
                signal.signal(number, before)


def _chained(
    number: signal.Signals, loop: asyncio.AbstractEventLoop, begin: Callable[[], None]
) -> tuple[Any, Callable[[int, FrameType | None], None] | None]:
    """The handler there was, and ours in front of it; none where the system acts by itself."""
    before = signal.getsignal(number)
    if not callable(before):
        return before, None

    def ours(received: int, frame: FrameType | None) -> None:
        # No lock may be taken in here: whatever was interrupted may hold it.
        loop.call_soon_threadsafe(begin)
        before(received, frame)

    signal.signal(number, ours)
    return before, ours
