"""Presses that wait: under one key one after the other, of one conversation only so many.

A press takes a thread for as long as its handler and tools take. The threads of presses are their
own, so that whoever waits for a tool keeps nobody from a page, a stream or a file.
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

from uicompiler.errors import HostError, diagnostic
from uicompiler.host.turns.awaiting import serving_here

P = ParamSpec("P")
T = TypeVar("T")


class Waiting:
    """Locks by conversation and key, each there as long as somebody waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[threading.Lock, int]] = {}

    @contextlib.contextmanager
    def alone(self, conversation_id: str, key: str) -> Iterator[None]:
        """Wait for those that came before; without a key nobody waits."""
        if not key:
            yield
            return
        name = (conversation_id, key)
        with self._lock:
            lock, waiting = self._known.get(name, (threading.Lock(), 0))
            self._known[name] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, waiting = self._known[name]
                self._known[name] = (lock, waiting - 1)
                if waiting == 1:
                    del self._known[name]


@dataclass(frozen=True, slots=True)
class PressLimits:
    """How many presses there may be.

    Attributes:
        conversation: Of one conversation at a time, running or waiting; beyond, they are refused.
        running: Of all conversations at a time; beyond, they wait.
        lease_s: How long a round of tools is left to a process that is heard of no more, before
            another one goes on with it.
    """

    conversation: int = 8
    running: int = 64
    lease_s: float = 30.0


class Presses:
    """Runs presses in threads of their own.

    Args:
        limits: How many there may be.
    """

    def __init__(self, limits: PressLimits | None = None) -> None:
        self._limits = limits or PressLimits()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._limiter: RunVar[CapacityLimiter] = RunVar("uicompiler.presses")

    async def run(
        self, conversation_id: str, press: Callable[P, T], *args: P.args, **named: P.kwargs
    ) -> T:
        """What a press comes to.

        Raises:
            HostError: HOST_PRESSES_TOO_MANY.
            Exception: whatever the press raises.
        """
        serving_here()
        with self._counted(conversation_id):
            return await run_sync(lambda: press(*args, **named), limiter=self._threads())

    def _threads(self) -> CapacityLimiter:
        """The limit of this event loop, as a limiter belongs to one."""
        found = self._limiter.get(None)
        if found is None:
            found = CapacityLimiter(self._limits.running)
            self._limiter.set(found)
        return found

    @contextlib.contextmanager
    def _counted(self, conversation_id: str) -> Iterator[None]:
        most = self._limits.conversation
        with self._lock:
            if self._counts[conversation_id] >= most:
                message = f"at most {most} presses of one conversation run or wait at a time"
                hint = "wait for the answer of one"
                raise HostError([diagnostic("HOST_PRESSES_TOO_MANY", message, hint=hint)])
            self._counts[conversation_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._counts[conversation_id] -= 1
                if self._counts[conversation_id] == 0:
                    del self._counts[conversation_id]
