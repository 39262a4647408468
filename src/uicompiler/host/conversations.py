"""What a host keeps of each conversation, and one turn at a time.

A `Conversation` is a value: a turn makes a new one of it. `change` runs a turn under its
conversation's own lock and keeps what it gives, or nothing when it raises, as a transaction would:
another store has to promise no more. `MemoryConversations` forgets everything with its process.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeVar

from uicompiler.app import Receipt
from uicompiler.compiler import CompileResult
from uicompiler.dispatcher import StepResult
from uicompiler.errors import HostError, diagnostic
from uicompiler.ir.state import UIState
from uicompiler.ir.values import FrozenDict, Json

T = TypeVar("T")

MAX_RECEIPTS: Final = 64
MAX_SAID: Final = 50
MAX_TOASTS: Final = 20


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation between two turns.

    Attributes:
        id: Names it; opens nothing.
        token_hash: Hash of the token that opens it.
        state: What the pure core knows.
        receipts: First answers by idempotency key, the oldest first; the newest `MAX_RECEIPTS`.
        turns: How many turns there were.
        seq: Counts what was told to its streams.
        said: What the assistant said last, the newest at the end.
        toasts: Effects that the next page shows.
        played: How many turns of each recorded conversation were played.
        pressed: Keys of the last turn buttons that were pressed.
    """

    id: str
    token_hash: str
    state: UIState
    receipts: Mapping[str, Receipt] = field(default_factory=FrozenDict, repr=False)
    turns: int = 0
    seq: int = 0
    said: tuple[str, ...] = field(default=(), repr=False)
    toasts: tuple[Mapping[str, Json], ...] = field(default=(), repr=False)
    played: Mapping[str, int] = field(default_factory=FrozenDict)
    pressed: tuple[str, ...] = ()

    def after(self, result: CompileResult) -> Conversation:
        """The conversation after a turn."""
        receipt = result.receipt if isinstance(result, StepResult) else None
        told = (result.assistant_text,) if result.assistant_text else ()
        return replace(
            self,
            state=result.state,
            receipts=self.receipts if receipt is None else _with(self.receipts, receipt),
            turns=self.turns + 1,
            seq=self.seq + 1,
            said=(*self.said, *told)[-MAX_SAID:],
        )

    def with_toasts(self, result: CompileResult) -> Conversation:
        """The conversation that keeps a turn's toasts for the next page."""
        toasts = [effect.data for effect in result.effects if effect.kind == "toast"]
        return replace(self, toasts=(*self.toasts, *toasts)[-MAX_TOASTS:])

    def with_played(self, name: str) -> Conversation:
        """The conversation after one more turn of a recorded one."""
        return replace(self, played=FrozenDict({**self.played, name: self.played.get(name, 0) + 1}))

    def with_pressed(self, key: str) -> Conversation:
        """The conversation that remembers a turn button's key."""
        return replace(self, pressed=(*self.pressed, key)[-MAX_RECEIPTS:]) if key else self


def _with(receipts: Mapping[str, Receipt], receipt: Receipt) -> Mapping[str, Receipt]:
    kept = {key: known for key, known in receipts.items() if key != receipt.key}
    newest = list(kept.items())[-(MAX_RECEIPTS - 1) :]
    return FrozenDict({**dict(newest), receipt.key: receipt})


class Conversations(Protocol):
    """Where conversations are kept."""

    def add(self, conversation: Conversation) -> None:
        """Keep a new one.

        Raises:
            HostError: HOST_CONVERSATIONS_FULL.
        """

    def read(self, conversation_id: str) -> Conversation | None:
        """The conversation as it is now, or None."""

    def change(
        self, conversation_id: str, step: Callable[[Conversation], tuple[Conversation, T]]
    ) -> T:
        """Run a step on the newest one, alone, and keep what it gives; nothing when it raises.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN.
            Exception: whatever `step` raises.
        """

    def all(self) -> Iterator[Conversation]:
        """Every conversation there is."""


@dataclass(slots=True)
class _Slot:
    conversation: Conversation
    used: float
    lock: threading.Lock = field(default_factory=threading.Lock)


class MemoryConversations:
    """Conversations of this process.

    Args:
        most: Beyond so many none is begun, unless another one is barely used.
        idle_s: How long one stays that nobody asks for.
        unused_s: How long one stays in which nothing ever happened; when there is no more room, one
            in which only its first turn ran goes after as long, and an unused one at once.
        gone: Told the id of each that went.
        clock: Seconds that only rise.
    """

    def __init__(
        self,
        *,
        most: int = 1_000,
        idle_s: float = 24 * 3600.0,
        unused_s: float = 15 * 60.0,
        gone: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._idle_s = idle_s
        self._unused_s = min(unused_s, idle_s)
        self.gone = gone
        self._clock = clock
        self._slots: OrderedDict[str, _Slot] = OrderedDict()  # the one used longest ago first
        self._lock = threading.Lock()

    def add(self, conversation: Conversation) -> None:
        """Keep a new one; see `Conversations`."""
        self.expire()
        evicted = None
        with self._lock:
            full = len(self._slots) >= self._most
            if full:
                evicted = self._least_used()
                full = evicted is None
            if evicted is not None:
                del self._slots[evicted]
            if not full:
                self._slots[conversation.id] = _Slot(conversation, self._clock())
        self._tell_gone([] if evicted is None else [evicted])
        if full:
            message = f"{self._most} conversations are there already"
            raise HostError([diagnostic("HOST_CONVERSATIONS_FULL", message)])

    def read(self, conversation_id: str) -> Conversation | None:
        """The conversation as it is now; see `Conversations`."""
        slot = self._slot(conversation_id)
        return None if slot is None else slot.conversation

    def change(
        self, conversation_id: str, step: Callable[[Conversation], tuple[Conversation, T]]
    ) -> T:
        """Run a step, alone; see `Conversations`."""
        slot = self._slot(conversation_id)
        if slot is None:
            raise unknown_conversation()
        with slot.lock:
            slot.conversation, told = step(slot.conversation)
        return told

    def all(self) -> Iterator[Conversation]:
        """Every conversation there is."""
        with self._lock:
            slots = list(self._slots.values())
        return (slot.conversation for slot in slots)

    def _slot(self, conversation_id: str) -> _Slot | None:
        with self._lock:
            slot = self._slots.get(conversation_id)
            if slot is None or self._is_over(slot):
                return None
            slot.used = self._clock()
            self._slots.move_to_end(conversation_id)
            return slot

    def expire(self) -> None:
        """Take out those nobody asked for in a while."""
        with self._lock:
            found = [name for name, slot in self._slots.items() if self._is_over(slot)]
            for name in found:
                del self._slots[name]
        self._tell_gone(found)

    def _is_over(self, slot: _Slot) -> bool:
        allowed = self._idle_s if slot.conversation.turns else self._unused_s
        return slot.used + allowed < self._clock()

    def _least_used(self) -> str | None:
        """The one that makes room for another: anyone can begin them, and at no cost."""
        turns = {name: slot.conversation.turns for name, slot in self._slots.items()}
        unused = (name for name, count in turns.items() if count == 0)
        since = self._clock() - self._unused_s
        begun = (n for n, count in turns.items() if count == 1 and self._slots[n].used < since)
        return next(unused, None) or next(begun, None)

    def _tell_gone(self, names: Iterable[str]) -> None:
        for name in names:
            if self.gone is not None:
                self.gone(name)


def unknown_conversation() -> HostError:
    """The refusal that tells neither whether the id nor whether the token was wrong."""
    message = "no such conversation, or not its token"
    hint = "begin one at the start page"
    return HostError([diagnostic("HOST_CONVERSATION_UNKNOWN", message, hint=hint)])


def referred(conversation: Conversation, prefix: str) -> frozenset[str]:
    """Every text in a conversation's documents that begins with a prefix."""
    return texts_with(prefix, *(surface.data for surface in conversation.state.surfaces.values()))


def texts_with(prefix: str, *values: object) -> frozenset[str]:
    """Every text in some values, however deep, that begins with a prefix."""
    found: set[str] = set()
    waiting: list[Any] = list(values)
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if item.startswith(prefix):
                found.add(item)
        elif isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
    return frozenset(found)
