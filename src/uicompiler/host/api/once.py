"""Requests that are sent again while the first one runs: they wait, and take no thread."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Once:
    """Locks by conversation and key, each there as long as somebody waits for it.

    A lock belongs to one event loop; where there are several, `Waiting` keeps them apart.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, str], tuple[asyncio.Lock, int]] = {}

    @contextlib.asynccontextmanager
    async def alone(self, conversation_id: str, key: str | None) -> AsyncIterator[None]:
        """Wait for those that came before in this loop; without a key nobody waits."""
        if key is None:
            yield
            return
        name = (id(asyncio.get_running_loop()), conversation_id, key)
        lock, waiting = self._known.get(name, (asyncio.Lock(), 0))
        self._known[name] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._known.pop(name)
            if waiting > 1:
                self._known[name] = (lock, waiting - 1)
