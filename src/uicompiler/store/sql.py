"""The event log on tables: what all databases have in common, in SQL that all of them read.

Three tables. `uicompiler_heads` has one row a conversation, its head: a commit is a conditional
update of it, and whoever finds another head than the one the commit was made on has lost the race.
`uicompiler_entries` has the chain, `uicompiler_snapshots` every 32nd head and those that a commit
asked for. One transaction writes all three, so that no reader ever sees a part.

Knows no database: a `Database` runs statements, names its types, and tells errors apart.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from uicompiler.errors import StoreError, diagnostic
from uicompiler.store.entry import START, Entropy, Row, corrupt, make_row, open_kept, read_row
from uicompiler.store.log import Commit, Entry, Head

SCHEMA_VERSION: Final = 1
TABLES: Final = ("uicompiler_heads", "uicompiler_entries", "uicompiler_snapshots")
CONTRADICTION: Final = "the tables have an entry or a snapshot that the head does not know"
SNAPSHOT_EVERY: Final = 32
MAX_ID: Final = 128
_CHUNK: Final = 256
"""Entries that one statement reads: no reader holds a transaction for longer than that."""

_NAMES_CHUNK: Final = 500

Run: TypeAlias = Callable[..., int]
"""Runs one statement with its values in a transaction; how many rows it changed."""


class Database(Protocol):
    """What the log needs of a database. Values stand in statements as `?`, in order."""

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Read; `Any`: what columns hold."""

    def transaction(self) -> AbstractContextManager[Run]:
        """Write: all of it, durably, when the block ends; nothing when it raises."""

    def problems(self) -> Iterator[str]:
        """What is wrong with the database's own structures, as far as it can tell."""

    def scrub(self) -> None:
        """Leave nothing of what was deleted, also in pages that are free."""

    def close(self) -> None:
        """Let go of it."""


def schema(blob: str, text: str, integer: str) -> list[str]:
    """The statements that make the tables.

    Args:
        blob: The type of bytes.
        text: The type of texts that are compared byte by byte.
        integer: The type of whole numbers up to 2^53.
    """
    return [
        f"CREATE TABLE uicompiler_heads (conversation_id {text} PRIMARY KEY, "
        f"seq {integer} NOT NULL, hash {text} NOT NULL, at {text} NOT NULL, "
        f"kept {blob} NOT NULL, anchor {blob} NOT NULL, due {text} NOT NULL)",
        # Whoever looks for idle ones reads this index alone, and none of what is kept.
        "CREATE INDEX uicompiler_heads_at ON uicompiler_heads (conversation_id, at)",
        # Of those that somebody has to see to, which are few at any time.
        "CREATE INDEX uicompiler_heads_due ON uicompiler_heads (due) WHERE due <> ''",
        f"CREATE TABLE uicompiler_entries (conversation_id {text} NOT NULL, "
        f"seq {integer} NOT NULL, hash {text} NOT NULL, body {blob} NOT NULL, "
        f"sealed {blob} NOT NULL, PRIMARY KEY (conversation_id, seq))",
        f"CREATE TABLE uicompiler_snapshots (conversation_id {text} NOT NULL, "
        f"seq {integer} NOT NULL, turn {integer} NOT NULL, kept {blob} NOT NULL, "
        "PRIMARY KEY (conversation_id, seq))",
    ]


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A head as it is stored.

    Attributes:
        seq: Number of the last entry.
        hash: Its hash.
        at: When it was.
        kept: What the host keeps, behind its commitment and salt.
        anchor: What the chain goes on from when earlier entries were dropped; else empty.
        due: As of `Commit`.
    """

    seq: int
    hash: str
    at: str
    kept: bytes = field(repr=False)
    anchor: bytes
    due: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was kept after an entry, as it is stored.

    Attributes:
        seq: The entry's number.
        turn: The conversation's count of turns then.
        kept: As in `HeadRow`.
    """

    seq: int
    turn: int
    kept: bytes = field(repr=False)


@dataclass(frozen=True)
class SqlLog:
    """An `EventLog` on the tables of a database.

    Attributes:
        database: Runs the statements.
        entropy: Gives the salts.
    """

    database: Database
    entropy: Entropy = field(default=os.urandom, repr=False)

    def begin(self, conversation_id: str, commit: Commit) -> Head:
        """See `EventLog`."""
        if not is_id(conversation_id):
            raise ValueError("a conversation's id is a printable text of at most 128 characters")
        row, kept = make_row(
            commit, conversation_id=conversation_id, seq=1, prev=START, entropy=self.entropy
        )
        head = HeadRow(1, row.hash, commit.at, kept, b"", commit.due)
        with self._committing(conversation_id, row), self.database.transaction() as run:
            if not insert_head(run, conversation_id, head):
                raise conflict("there is a conversation of that id")
            add_entry(run, conversation_id, row)
        return Head(conversation_id, 1, row.hash, bytes(commit.kept), commit.at)

    def append(self, conversation_id: str, commit: Commit, *, expected: Head) -> Head:
        """See `EventLog`."""
        seq = expected.seq + 1
        row, kept = make_row(
            commit,
            conversation_id=conversation_id,
            seq=seq,
            prev=expected.hash,
            entropy=self.entropy,
        )
        with self._committing(conversation_id, row), self.database.transaction() as run:
            replace_head(run, row, Replaced(kept, commit.at, commit.due), expected)
            add_entry(run, conversation_id, row)
            if commit.snapshot or seq % SNAPSHOT_EVERY == 0:
                add_snapshot(run, conversation_id, Snapshot(seq, commit.turn, kept))
        return Head(conversation_id, seq, row.hash, bytes(commit.kept), commit.at)

    @contextlib.contextmanager
    def _committing(self, conversation_id: str, row: Row) -> Iterator[None]:
        """Find out what became of a commit whose answer was lost."""
        try:
            yield
        except StoreError as exc:
            if exc.code != "STORE_UNAVAILABLE" or not self._landed(conversation_id, row):
                raise

    def _landed(self, conversation_id: str, row: Row) -> bool:
        try:
            return bool(
                self.database.rows(
                    "SELECT 1 FROM uicompiler_entries "
                    "WHERE conversation_id = ? AND seq = ? AND hash = ?",
                    (conversation_id, row.seq, row.hash),
                )
            )
        except StoreError:
            return False  # the first error says why; whoever comes again finds out

    def head(self, conversation_id: str) -> Head | None:
        """See `EventLog`."""
        if not is_id(conversation_id):
            return None
        row = self.head_row(conversation_id)
        if row is None:
            return None
        return Head(conversation_id, row.seq, row.hash, open_kept(row.kept), row.at)

    def head_row(self, conversation_id: str) -> HeadRow | None:
        """A head as it is stored, unchecked."""
        rows = self.database.rows(
            "SELECT seq, hash, at, kept, anchor, due FROM uicompiler_heads "
            "WHERE conversation_id = ?",
            (conversation_id,),
        )
        return HeadRow(*_typed(rows[0], _HEAD)) if rows else None

    def seqs(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """See `EventLog`."""
        found: dict[str, int] = {}
        wanted = sorted(filter(is_id, conversation_ids))
        for start in range(0, len(wanted), _NAMES_CHUNK):
            part = wanted[start : start + _NAMES_CHUNK]
            marks = ", ".join("?" * len(part))
            statement = (
                f"SELECT conversation_id, seq FROM {TABLES[0]} WHERE conversation_id IN ({marks})"  # noqa: S608  # marks only
            )
            found.update(self.database.rows(statement, part))
        return found

    def entries(
        self, conversation_id: str, *, after: int = 0, upto: int | None = None
    ) -> Iterator[Entry]:
        """See `EventLog`."""
        for row in self.rows(conversation_id, after=after, upto=upto):
            yield read_row(row, conversation_id)

    def rows(
        self, conversation_id: str, *, after: int = 0, upto: int | None = None
    ) -> Iterator[Row]:
        """The entries as they are stored, unchecked."""
        last = 2**53 if upto is None else upto
        while after < last and is_id(conversation_id):
            found = self.database.rows(
                "SELECT seq, hash, body, sealed FROM uicompiler_entries "
                "WHERE conversation_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
                (conversation_id, after, last, _CHUNK),
            )
            yield from (Row(*_typed(row, _ENTRY)) for row in found)
            if len(found) < _CHUNK:
                return
            after = found[-1][0]

    def kept_before(self, conversation_id: str, turn: int) -> tuple[int, bytes] | None:
        """See `EventLog`."""
        if not is_id(conversation_id):
            return None
        rows = self.database.rows(
            "SELECT seq, kept FROM uicompiler_snapshots "
            "WHERE conversation_id = ? AND turn <= ? ORDER BY seq DESC LIMIT 1",
            (conversation_id, turn),
        )
        if not rows:
            return None
        seq, kept = _typed(rows[0], (int, bytes))
        return seq, open_kept(kept)

    def snapshots(self, conversation_id: str, *, after: int = -1) -> Iterator[Snapshot]:
        """The snapshots after a number, in order, as they are stored, unchecked."""
        while True:
            rows = self.database.rows(
                "SELECT seq, turn, kept FROM uicompiler_snapshots "
                "WHERE conversation_id = ? AND seq > ? ORDER BY seq LIMIT 1",
                (conversation_id, after),
            )
            if not rows:
                return
            found = Snapshot(*_typed(rows[0], (int, int, bytes)))
            yield found
            after = found.seq

    def ids(self, *, idle_since: str | None = None) -> Iterator[str]:
        """See `EventLog`."""
        idle, times = ("", ()) if idle_since is None else ("AND at < ? ", (idle_since,))
        statement = (
            "SELECT conversation_id FROM uicompiler_heads "  # noqa: S608  # one of two
            f"WHERE conversation_id > ? {idle}ORDER BY conversation_id LIMIT ?"
        )
        last: str | None = ""
        while last is not None:
            found = self.database.rows(statement, (last, *times, _NAMES_CHUNK))
            names = [_typed(row, (str,))[0] for row in found]
            yield from names
            last = names[-1] if len(names) == _NAMES_CHUNK else None

    def due(self, before: str) -> Iterator[str]:
        """See `EventLog`."""
        rows = self.database.rows(
            "SELECT conversation_id FROM uicompiler_heads WHERE due <> '' AND due < ? "
            "ORDER BY due, conversation_id",
            (before,),
        )
        return (_typed(row, (str,))[0] for row in rows)

    def delete(self, conversation_id: str, expected: Head | None = None) -> bool:
        """See `EventLog`."""
        if not is_id(conversation_id):
            return False
        with self.database.transaction() as run:
            if expected is None:
                return delete_from(run, conversation_id)
            return delete_from(run, conversation_id, "seq = ? AND hash = ?", _place(expected))

    def close(self) -> None:
        """See `EventLog`."""
        self.database.close()


_ENTRY: Final = (int, str, bytes, bytes)
_HEAD: Final = (int, str, str, bytes, bytes, str)


def _typed(row: tuple[Any, ...], types: Sequence[type]) -> tuple[Any, ...]:
    """A row whose columns hold what they should; in SQLite a damaged one may hold anything."""
    if not all(type(value) is kind for value, kind in zip(row, types, strict=True)):
        raise corrupt("a column holds a value of another type")
    return row


def is_id(conversation_id: str) -> bool:
    """Whether a conversation may have that id; no database has others, and some refuse to look."""
    return 0 < len(conversation_id) <= MAX_ID and conversation_id.isprintable()


def insert_head(run: Run, conversation_id: str, head: HeadRow) -> bool:
    """Write the head of a new conversation; whether there was none of that id."""
    made = run(
        "INSERT INTO uicompiler_heads (conversation_id, seq, hash, at, kept, anchor, due) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conversation_id) DO NOTHING",
        (conversation_id, head.seq, head.hash, head.at, head.kept, head.anchor, head.due),
    )
    return bool(made)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a commit makes of a head, beside its place in the chain; as in `HeadRow`."""

    kept: bytes = field(repr=False)
    at: str
    due: str


def replace_head(run: Run, row: Row, now: Replaced, expected: Head) -> None:
    """Put another head in the place of the one that is expected.

    Raises:
        StoreError: STORE_CONFLICT, there is another one, or none.
    """
    moved = run(
        "UPDATE uicompiler_heads SET seq = ?, hash = ?, at = ?, kept = ?, due = ? "
        "WHERE conversation_id = ? AND seq = ? AND hash = ?",
        (row.seq, row.hash, now.at, now.kept, now.due, *_which(expected)),
    )
    if not moved:
        raise conflict("another commit came first, or the conversation is gone")


def add_entry(run: Run, conversation_id: str, row: Row) -> None:
    """Write an entry."""
    run(
        "INSERT INTO uicompiler_entries (conversation_id, seq, hash, body, sealed) "
        "VALUES (?, ?, ?, ?, ?)",
        (conversation_id, row.seq, row.hash, row.body, row.sealed),
    )


def add_snapshot(run: Run, conversation_id: str, item: Snapshot) -> None:
    """Write a snapshot."""
    run(
        "INSERT INTO uicompiler_snapshots (conversation_id, seq, turn, kept) VALUES (?, ?, ?, ?)",
        (conversation_id, item.seq, item.turn, item.kept),
    )


def delete_from(
    run: Run, conversation_id: str, condition: str = "seq > ?", values: Sequence[object] = (0,)
) -> bool:
    """Delete a conversation if its head is as said; the head first, so no commit comes between.

    Args:
        run: Runs statements in a transaction.
        conversation_id: Which.
        condition: In SQL, on the columns of the head; one that always holds, by default.
        values: Its values.
    """
    was = run(
        f"DELETE FROM uicompiler_heads WHERE conversation_id = ? AND {condition}",  # noqa: S608  # ours
        (conversation_id, *values),
    )
    if not was:
        return False
    run("DELETE FROM uicompiler_entries WHERE conversation_id = ?", (conversation_id,))
    run("DELETE FROM uicompiler_snapshots WHERE conversation_id = ?", (conversation_id,))
    return True


def _which(head: Head) -> tuple[str, int, str]:
    return head.conversation_id, *_place(head)


def _place(head: Head) -> tuple[int, str]:
    return head.seq, head.hash


def conflict(message: str) -> StoreError:
    """The refusal of a commit that another one came before."""
    hint = "read the head again and make the commit on it"
    return StoreError([diagnostic("STORE_CONFLICT", message, hint=hint)])


def version_unknown(found: object) -> StoreError:
    """The refusal of tables that another version made."""
    message = f"the database has version {found} of the tables, this library reads {SCHEMA_VERSION}"
    hint = "use the version of uicompiler that wrote it, or another database"
    return StoreError([diagnostic("STORE_VERSION_UNKNOWN", message, hint=hint)])
