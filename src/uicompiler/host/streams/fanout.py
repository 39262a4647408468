"""Telling other processes that a conversation went on: one protocol, and nothing for one process.

A notice says no more than "this conversation's log goes up to this number"; whoever hears it reads
the rest from the log. So a notice that is lost, late, doubled or overtaken only delays: a stream's
heartbeat asks the log too. No turn waits for a notice, and none fails by one.

Knows nothing of streams or of the log.

Source: DESIGN section 12.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Heard: TypeAlias = Callable[[str, int], None]
"""Told a conversation's id and the number that its log goes up to; may be slow, may fail."""

MOST_WAITING: Final = 100_000
"""Conversations whose notice waits, for a server that is away; beyond, heartbeats have to do."""


class Fanout(Protocol):
    """How processes that share a log hear of each other's turns. Safe to use from any thread."""

    def announce(self, conversation_id: str, seq: int) -> None:
        """Say that a commit is durable; returns at once, and never fails."""

    def subscribe(self, heard: Heard) -> None:
        """Have what other processes announce told to a function, in a thread of the fan-out's own.

        Of one conversation numbers only rise; those in between may be left out.
        """

    def counts(self) -> Mapping[str, int]:
        """How much was announced, heard, lost and so on, for metrics."""

    def close(self) -> None:
        """Stop; what waits is sent if it can be at once."""


class NoFanout:
    """For a process that has the log to itself: there is nobody to tell."""

    def announce(self, conversation_id: str, seq: int) -> None:
        """Nobody to tell."""

    def subscribe(self, heard: Heard) -> None:
        """Nobody to hear."""

    def counts(self) -> Mapping[str, int]:
        """Nothing happens."""
        return {}

    def close(self) -> None:
        """Nothing to stop."""


class Newest:
    """The newest number of each conversation that waits to be passed on.

    Bounded by the conversations, not by the notices: a newer number takes the place of an older.

    Args:
        most: Conversations that may wait.
    """

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._waiting: dict[str, int] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, conversation_id: str, seq: int) -> bool:
        """Have a number wait; whether there was room."""
        with self._changed:
            before = self._waiting.get(conversation_id)
            if before is None and len(self._waiting) >= self._most:
                return False
            self._waiting[conversation_id] = max(seq, before or 0)
            self._changed.notify()
            return True

    def take(self, most: int) -> list[tuple[str, int]]:
        """Take out the ones that waited longest."""
        with self._changed:
            ids = [name for name, _ in zip(self._waiting, range(most), strict=False)]
            return [(name, self._waiting.pop(name)) for name in ids]

    def wait(self, most: int) -> list[tuple[str, int]]:
        """As `take`, once there are any; nothing when it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return [] if self._closed else self.take(most)

    def close(self) -> None:
        """Let go of who waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._waiting)


def open_fanout(url: str | None) -> Fanout:
    """The fan-out of an address: `nats://…` or `tls://…`; None is for one process alone.

    Raises:
        ValueError: the address is of no kind that is known.
        ImportError: the extra `uicompiler[nats]` is not installed.
    """
    if url is None:
        return NoFanout()
    scheme = url.partition("://")[0]
    if scheme not in ("nats", "tls", "ws", "wss"):
        raise ValueError("an address for fan-out begins with nats:// or tls://")
    from uicompiler.host.streams.fanout_nats import NatsFanout

    return NatsFanout(url)
