"""A clock that goes only as far as it is told to, for runs in which nothing really waits."""

from __future__ import annotations


class SimClock:
    """Seconds since it was made; `sleep` and `asleep` move it on and return at once."""

    def __init__(self) -> None:
        self._now = 0.0

    def read(self) -> float:
        """What time it is, in seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._now += max(0.0, seconds)

    async def asleep(self, seconds: float) -> None:
        """The same in an event loop."""
        self.sleep(seconds)
