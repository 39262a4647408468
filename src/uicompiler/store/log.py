"""The event log, as whoever writes and reads it sees it: values and one protocol.

A conversation is a chain of entries, one a commit: what was recorded in the conversation format,
what was told beside its batches, and a hash over it and the entry before it. Beside the chain
stands its head: what the host keeps of the conversation as it is now, exchanged whole in the same
transaction. A commit is durable when `append` returns, and happened not at all when it raises.

Knows nothing of HTTP, of apps, or of what the host keeps. Time and randomness are handed in.

Source: DESIGN section 12.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from uicompiler.ir.values import Json


@dataclass(frozen=True, slots=True)
class Commit:
    """What one turn adds to a conversation; not yet in the chain.

    Attributes:
        at: When, RFC 3339 in UTC; from the host's clock, which may go backwards: order is `seq`.
        records: In the conversation format, nonces as placeholders; the first commit of a
            conversation begins with its meta record.
        told: What was told beside the batches, in order: names (`text`, `effect`, `fallback`) and
            contents.
        origin: The page that made it, or "".
        kept: What the host keeps of the conversation from now on, as JSON.
        state: SHA-256, in hex, of the state's canonical JSON after it.
        turn: The conversation's count of turns after it.
        snapshot: Whether what is kept can be read later, too, as it was after this commit; of every
            so many commits that is so anyway.
        due: When somebody has to see to the conversation, unless another commit comes first, RFC
            3339 in UTC; "" for never.
    """

    at: str
    records: Sequence[Mapping[str, Json]]
    kept: bytes = field(repr=False)
    state: str
    turn: int
    told: Sequence[tuple[str, Mapping[str, Json]]] = ()
    origin: str = ""
    snapshot: bool = False
    due: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit as the chain has it.

    Attributes:
        seq: Counts the conversation's entries, from 1.
        at: As of `Commit`.
        records: As of `Commit`; what was redacted is `{"redacted": <commitment>}`.
        told: As of `Commit`.
        origin: As of `Commit`.
        turn: As of `Commit`.
        state: As of `Commit`; "" when it was redacted.
        redacted: Pointers to what was redacted, sorted; empty when nothing was.
        prev: Hash of the entry before it; 64 zeros for the first.
        hash: SHA-256 over `prev` and everything above, with a salted commitment in place of each
            value that may be redacted.
    """

    seq: int
    at: str
    records: tuple[Mapping[str, Json], ...]
    told: tuple[tuple[str, Mapping[str, Json]], ...]
    origin: str
    turn: int
    state: str
    redacted: tuple[str, ...]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """A conversation as it is now.

    Attributes:
        conversation_id: Which.
        seq: Number of its last entry.
        hash: Hash of its last entry.
        kept: What the host keeps of it.
        at: When its last commit was.
    """

    conversation_id: str
    seq: int
    hash: str
    kept: bytes = field(repr=False)
    at: str


class EventLog(Protocol):
    """Where conversations are kept. Safe to use from several threads, and by several processes.

    Every method raises `StoreError`: STORE_UNAVAILABLE when the database cannot be reached or is
    locked for too long, STORE_FULL when it takes no more, STORE_CORRUPT when what it holds cannot
    be read, STORE_CHAIN_BROKEN when an entry does not fit its hash; nothing was written then.
    """

    def begin(self, conversation_id: str, commit: Commit) -> Head:
        """Begin a conversation.

        Raises:
            StoreError: STORE_CONFLICT, there is one of that id.
        """

    def append(self, conversation_id: str, commit: Commit, *, expected: Head) -> Head:
        """Add a commit after the head that it was made on.

        Raises:
            StoreError: STORE_CONFLICT, another commit came first, or the conversation is gone.
        """

    def head(self, conversation_id: str) -> Head | None:
        """The conversation as it is now; None when there is none."""

    def seqs(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """The numbers of the last entries of those of the conversations that there are."""

    def entries(
        self, conversation_id: str, *, after: int = 0, upto: int | None = None
    ) -> Iterator[Entry]:
        """Entries in order, from the one after a number up to another, inclusive."""

    def kept_before(self, conversation_id: str, turn: int) -> tuple[int, bytes] | None:
        """The newest snapshot whose count of turns is at most `turn`: its seq and what was kept."""

    def ids(self, *, idle_since: str | None = None) -> Iterator[str]:
        """Conversations, sorted; with a time, only those whose last commit is before it."""

    def due(self, before: str) -> Iterator[str]:
        """Conversations whose last commit is due before a time, the longest due first."""

    def delete(self, conversation_id: str, expected: Head | None = None) -> bool:
        """Forget a conversation, all of it; whether it was there.

        Args:
            conversation_id: Which.
            expected: Only if this is its head still: nothing that was committed after goes.
        """

    def close(self) -> None:
        """Let go of the database; nothing may be asked after it."""
