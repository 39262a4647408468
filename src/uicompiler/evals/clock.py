"""Time for trials: the machine's. One that only goes on when somebody waits: `sim/clock.py`."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, and how to wait."""

    def read(self) -> float:
        """What time it is, in seconds since some moment."""

    async def asleep(self, seconds: float) -> None:
        """Wait."""


class RealClock:
    """The machine's clock."""

    def read(self) -> float:
        """What time it is, in seconds since some moment."""
        return time.monotonic()

    async def asleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
