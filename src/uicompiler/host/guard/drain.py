"""Stopping without losing anything: what runs is finished, who listens is sent elsewhere.

From `begin` on the host says that it is not ready, so that nobody new is sent to it; its streams
end with the time after which to come back; turns that run, and those that still arrive while
clients learn of it, are run to their end, for as long as whoever stops the process waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from uicompiler.host.streams.hub import Hub


class Drain:
    """Whether a host stops, and how many turns run in it.

    Args:
        hub: Its streams.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._running = 0
        self._lock = threading.Lock()

    @property
    def began(self) -> bool:
        """Whether it stops."""
        return self._hub.closed

    @property
    def running(self) -> int:
        """How many turns run now."""
        return self._running

    def begin(self) -> None:
        """Stop being ready, and end the streams; may be called from a signal handler, and again."""
        self._hub.close()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Count a turn as long as it runs."""
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    async def finished(self, within_s: float) -> bool:
        """Wait until no turn runs, but not for longer; whether none does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._running:
                    await asyncio.sleep(0.02)
        return self._running == 0
