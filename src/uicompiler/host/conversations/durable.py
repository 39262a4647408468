"""Conversations in an event log: one step at a time, kept whole or not at all.

A step is a function of the newest conversation; what it gives is a value (`Step`), so that it can
run again where another process was faster. Opening a conversation is reading the head of its log.
How long conversations stay, and how many there may be, is a policy (`Keeping`); in memory or in a
database they are kept alike.

Knows nothing of turns, streams or files: those who do are told what was committed, and who is gone.
"""

from __future__ import annotations

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from uicompiler.errors import HostError, StoreError, diagnostic
from uicompiler.host.conversations.conversation import Conversation, files_of, unknown_conversation
from uicompiler.host.conversations.kept import from_kept, to_kept
from uicompiler.host.turns.waiting import Waiting
from uicompiler.ir.base import Node
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.ir.values import Json
from uicompiler.store.log import Commit, EventLog, Head
from uicompiler.store.memory import MemoryLog

T = TypeVar("T")

MAX_RETRIES: Final = 8
"""How often a step runs again since another process was faster."""

_PAUSE_S: Final = 0.004
_MOST_DECODED: Final = 1_024
_MOST_TOKENS: Final = 50_000


def _nothing() -> None:
    """Nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """What a step came to.

    Attributes:
        now: The conversation after it, one commit further; the one before it when nothing changed.
        answer: For whoever asked for the step.
        records: What goes into the log, in the conversation format.
        told: What was told beside the batches, in order, by name.
        events: What goes to open streams: batches and what was told, nonces as they are.
        origin: The page that asked, or "".
        snapshot: Whether the conversation can be read later, too, as it is after it.
        after: Called once when it is committed, before anybody else's step.
        undo: Called when it was not.
    """

    now: Conversation
    answer: T
    records: Sequence[Mapping[str, Json]] = ()
    told: Sequence[tuple[str, Mapping[str, Json]]] = ()
    events: Sequence[tuple[str, Mapping[str, Json]]] = ()
    origin: str = ""
    snapshot: bool = False
    after: Callable[[], None] = field(default=_nothing, repr=False)
    undo: Callable[[], None] = field(default=_nothing, repr=False)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many conversations stay, and for how long.

    Attributes:
        most: Beyond so many none is begun, unless another one is barely used; None for any number.
        idle_s: How long one stays that nobody asks for; None for ever.
        unused_s: How long one stays in which nothing ever happened; when there is no more room, one
            in which only its first turn ran goes after as long, and an unused one at once.
    """

    most: int | None = 1_000
    idle_s: float | None = 24 * 3600.0
    unused_s: float = 15 * 60.0

    @classmethod
    def lasting(cls) -> Keeping:
        """For a database: what was used stays until somebody deletes it."""
        return cls(most=None, idle_s=None)

    def allowed_s(self, turns: int) -> float | None:
        """How long a conversation of so many turns stays that nobody asks for."""
        if turns:
            return self.idle_s
        return self.unused_s if self.idle_s is None else min(self.unused_s, self.idle_s)


@dataclass(slots=True)
class _Known:
    """What is remembered of a conversation, so that not each is read to look after all.

    Attributes:
        seq: The commit it is of.
        turns: Its count of turns.
        files: Handles of files that it may still need.
        used: When it was asked for, or committed, in seconds since 1970.
    """

    seq: int
    turns: int
    files: frozenset[str]
    used: float


class Conversations:
    """The conversations of a log, for this process. Safe to use from several threads.

    Args:
        log: Where they are kept; in memory by default.
        keeping: How many stay, and for how long; of a database's, all that were ever used.
        nodes: The node classes of the app.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        log: EventLog | None = None,
        *,
        keeping: Keeping | None = None,
        nodes: Mapping[str, type[Node]] = STANDARD_NODES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.log: EventLog = MemoryLog() if log is None else log
        lasts = not isinstance(self.log, MemoryLog)
        self.keeping = keeping or (Keeping.lasting() if lasts else Keeping())
        self.gone: Callable[[str], None] = lambda _conversation_id: None
        self.committed: Callable[[Conversation, Step[Any]], None] = lambda _now, _step: None
        self._nodes = nodes
        self._clock = clock
        self._alone = Waiting()
        self._known: OrderedDict[str, _Known] = OrderedDict()  # the one used longest ago first
        self._decoded: OrderedDict[str, tuple[str, Conversation]] = OrderedDict()
        self._tokens: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    # --- one conversation -------------------------------------------------------------------------

    def add(
        self, conversation: Conversation, records: Sequence[Mapping[str, Json]] = ()
    ) -> Conversation:
        """Keep a new one.

        Args:
            conversation: The conversation before its first turn.
            records: The beginning of its log: a meta record.

        Raises:
            HostError: HOST_CONVERSATIONS_FULL.
            StoreError: what `EventLog` raises.
        """
        self.expire()
        if not self._makes_room():
            message = f"{self.keeping.most} conversations are there already"
            raise HostError([diagnostic("HOST_CONVERSATIONS_FULL", message)])
        head = self.log.begin(conversation.id, self._commit(Step(conversation, None, records)))
        self._keep(head, conversation)
        return conversation

    def read(self, conversation_id: str) -> Conversation | None:
        """The conversation as it is now, or None.

        Raises:
            StoreError: what `EventLog` raises, or it cannot be read.
        """
        found = self._opened(conversation_id)
        return None if found is None else found[1]

    def token_hash(self, conversation_id: str) -> str | None:
        """Hash of the token that opens a conversation; None when there is none.

        What was ever read or written here is not read for that again, and not asked for by it:
        anyone may ask, and a conversation may be long.
        """
        with self._lock:
            known = self._tokens.get(conversation_id)
        if known is not None:
            return known
        found = self.read(conversation_id)
        return None if found is None else found.token_hash

    def change(self, conversation_id: str, step: Callable[[Conversation], Step[T]]) -> T:
        """Run a step on the newest one, alone, and keep what it gives; nothing when it raises.

        The step runs again on what is newest then when another process was faster.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN.
            StoreError: STORE_CONFLICT, others were faster again and again; what `EventLog` raises.
            Exception: whatever `step` raises.
        """
        with self._alone.alone(conversation_id, "step"):
            for again in range(MAX_RETRIES + 1):
                time.sleep(0 if again == 0 else random.uniform(0, _PAUSE_S * 2**again))  # noqa: S311  # no secret
                done = self._tried(conversation_id, step, last=again == MAX_RETRIES)
                if done is not None:
                    return done.answer
        raise AssertionError("the last try gives an answer, or raises")

    def _tried(
        self, conversation_id: str, step: Callable[[Conversation], Step[T]], *, last: bool
    ) -> Step[T] | None:
        """A step that was committed; None when it is to run again."""
        found = self._opened(conversation_id)
        if found is None:
            raise unknown_conversation()
        head, before = found
        done = step(before)
        if done.now is before:
            done.after()
            return done
        try:
            made = self.log.append(conversation_id, self._commit(done), expected=head)
        except StoreError as exc:
            done.undo()
            if exc.code != "STORE_CONFLICT" or last:
                raise
            return None
        except BaseException:
            done.undo()
            raise
        self._keep(made, done.now)
        done.after()
        self.committed(done.now, done)
        return done

    def _commit(self, step: Step[Any]) -> Commit:
        return Commit(
            at=_time(self._clock()),
            records=step.records,
            kept=to_kept(step.now),
            state=step.now.state.hash,
            turn=step.now.turns,
            told=step.told,
            origin=step.origin,
            snapshot=step.snapshot,
            due="" if step.now.due is None else _time(step.now.due),
        )

    def _opened(self, conversation_id: str) -> tuple[Head, Conversation] | None:
        """The newest of a conversation, from now on asked for; None when there is none."""
        head = self.log.head(conversation_id)
        if head is None:
            self._forget(conversation_id)
            return None
        with self._lock:
            digest, decoded = self._decoded.get(conversation_id, ("", None))
        if decoded is None or digest != head.hash:
            decoded = from_kept(head.kept, self._nodes, head.seq)
        with self._lock:
            known = self._known.get(conversation_id)
        used = max(_seconds(head.at), 0.0 if known is None else known.used)
        if self._is_over(decoded.turns, used):
            return None
        self._keep(head, decoded)
        return head, decoded

    def _keep(self, head: Head, conversation: Conversation) -> None:
        """Remember what was read or written, as the one used last."""
        if conversation.seq != head.seq:
            raise AssertionError(f"commit {head.seq} holds a conversation of {conversation.seq}")
        name, used = head.conversation_id, self._clock()
        with self._lock:
            before = self._known.get(name)
        fresh = (
            before if before is not None and before.seq == head.seq else _known(conversation, used)
        )
        with self._lock:
            fresh.used = used
            self._known[name] = fresh
            self._known.move_to_end(name)
            self._decoded[name] = (head.hash, conversation)
            self._decoded.move_to_end(name)
            self._tokens[name] = conversation.token_hash
            self._tokens.move_to_end(name)
            while len(self._tokens) > _MOST_TOKENS:
                self._tokens.popitem(last=False)
            while len(self._decoded) > _MOST_DECODED:
                self._decoded.popitem(last=False)

    def delete(self, conversation_id: str) -> bool:
        """Forget a conversation, all of it; whether it was there."""
        there = self.log.delete(conversation_id)
        self._let_go(conversation_id)
        return there

    # --- all of them ------------------------------------------------------------------------------

    def all(self) -> Iterator[Conversation]:
        """Every conversation there is, those that are over too."""
        for name in self.log.ids():
            head = self.log.head(name)
            if head is not None:
                yield from_kept(head.kept, self._nodes, head.seq)

    def there(self, conversation_ids: Collection[str]) -> frozenset[str]:
        """Those of some conversations that there are."""
        return frozenset(self.log.seqs(conversation_ids)) if conversation_ids else frozenset()

    def refresh(self) -> None:
        """Look at what may be over by now; one conversation that cannot be read is passed over.

        Where any number of them may be there, only those are asked for that nobody used in a while.

        Raises:
            StoreError: what `EventLog` raises, but for one conversation's sake.
        """
        for name, seq in self.log.seqs(list(self._perhaps_over())).items():
            # Where those that were used stay for ever, only ones that never were can be over.
            if self.keeping.most is not None or self.keeping.idle_s is not None or seq == 1:
                self._look_at_newest(name, seq)
        names = self._names()
        for name in names - self.there(names):
            self._forget(name)

    def _perhaps_over(self) -> Iterator[str]:
        if self.keeping.most is not None:
            return self.log.ids()
        least = self.keeping.allowed_s(0) or 0.0
        return self.log.ids(idle_since=_time(max(0.0, self._clock() - least)))

    def _look_at_newest(self, name: str, seq: int) -> None:
        with self._lock:
            known = self._known.get(name)
        if known is None or known.seq < seq:
            self._look_at(name)

    def _look_at(self, name: str) -> None:
        try:
            head = self.log.head(name)
            found = None if head is None else from_kept(head.kept, self._nodes, head.seq)
        except StoreError as exc:
            if exc.code not in ("STORE_CORRUPT", "STORE_STATE_INVALID", "STORE_VERSION_UNKNOWN"):
                raise
            return  # whoever opens it is told
        if head is None or found is None:
            return
        fresh = _known(found, _seconds(head.at))
        with self._lock:
            known = self._known.get(name)
            if known is None or known.seq < fresh.seq:
                self._known[name] = (
                    fresh if known is None else replace(fresh, used=max(known.used, fresh.used))
                )

    def due(self, before: float) -> list[str]:
        """Conversations in which somebody has to go on with tools, since a time before another."""
        return list(self.log.due(_time(before)))

    def files(self, conversation_ids: Collection[str]) -> dict[str, frozenset[str]]:
        """Handles of files that each of some conversations may still need.

        Raises:
            StoreError: what `EventLog` raises.
        """
        there = self.log.seqs(conversation_ids)
        for name, seq in there.items():
            self._look_at_newest(name, seq)
        with self._lock:
            return {name: self._known[name].files for name in there if name in self._known}

    def expire(self) -> None:
        """Take out those nobody asked for in a while."""
        with self._lock:
            found = [
                n for n, known in self._known.items() if self._is_over(known.turns, known.used)
            ]
        for name in found:
            self._take_out(name)

    def _take_out(self, name: str) -> bool:
        """Delete a conversation, unless another process went on with it; whether it is gone."""
        with self._lock:
            known = self._known.get(name)
        head = self.log.head(name)
        if head is None:
            self._let_go(name)
            return True
        # Another process may commit in the very moment: what it acknowledged has to stay.
        if known is None or head.seq != known.seq or not self.log.delete(name, head):
            self._look_at(name)
            return False
        self._let_go(name)
        return True

    def _let_go(self, name: str) -> None:
        self._forget(name)
        self.gone(name)

    def _forget(self, name: str) -> None:
        with self._lock:
            self._known.pop(name, None)
            self._decoded.pop(name, None)
            self._tokens.pop(name, None)

    def _names(self) -> set[str]:
        with self._lock:
            return set(self._known)

    def _makes_room(self) -> bool:
        """Whether there is room for one more, made of a barely used one if need be."""
        most = self.keeping.most
        with self._lock:
            if most is None or len(self._known) < most:
                return True
            name = self._least_used()
        return name is not None and self._take_out(name)

    def _is_over(self, turns: int, used: float) -> bool:
        allowed = self.keeping.allowed_s(turns)
        return allowed is not None and used + allowed < self._clock()

    def _least_used(self) -> str | None:
        """The one that makes room for another: anyone can begin them, and at no cost."""
        since = self._clock() - self.keeping.unused_s
        unused = (name for name, known in self._known.items() if known.turns == 0)
        begun = (n for n, known in self._known.items() if known.turns == 1 and known.used < since)
        return next(unused, None) or next(begun, None)


def _known(conversation: Conversation, used: float) -> _Known:
    return _Known(conversation.seq, conversation.turns, files_of(conversation), used)


def _time(seconds: float) -> str:
    """A time as RFC 3339 in UTC."""
    told = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")


def _seconds(told: str) -> float:
    return datetime.fromisoformat(told).timestamp()
