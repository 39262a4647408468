"""`log verify`: whether all that is stored of conversations fits together.

Every byte is covered: entries by their hashes, sealed values by their commitments, what is kept
and its snapshots by the commitments that the entries have for them, the rest by being compared with
what the entries say. Who can write to the database can also make a whole chain anew: against that,
note the hash of a head somewhere else, where `list` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from uicompiler.errors import Diagnostic, StoreError, diagnostic
from uicompiler.ir.values import Json
from uicompiler.store.anchor import WHOLE, Anchor, read_anchor
from uicompiler.store.entry import Row, check_chain, decode, is_partial, kept_fits
from uicompiler.store.exports import unknown
from uicompiler.store.sql import TABLES, HeadRow, Snapshot, SqlLog

_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of one conversation.

    Attributes:
        conversation_id: Which.
        entries: How many were looked at.
        diagnostics: What does not fit; nothing when all does.
        warnings: STORE_VALUES_GONE, where values are gone and no redaction was recorded later.
        anchor: What the chain goes on from; `WHOLE` when it has its beginning.
    """

    conversation_id: str
    entries: int
    diagnostics: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...] = ()
    anchor: Anchor = WHOLE


@dataclass(slots=True)
class Gone:
    """Entries whose values are gone, until an entry after them records a redaction."""

    entries: list[int] = field(default_factory=list)

    def see(self, row: Row, records: Iterable[Mapping[str, Json]]) -> None:
        """Take note of the next entry; a redaction writes a state to go on from."""
        if any(record["kind"] == "state" for record in records):
            self.entries.clear()
        if is_partial(row):
            self.entries.append(row.seq)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What is to be said of them; one text for all, since there may be many."""
        if not self.entries:
            return ()
        first, more = self.entries[0], len(self.entries) - 1
        which = f"entry {first}{f' and {more} more' if more else ''}"
        why = f"values are gone from {which}, and no entry after that records a redaction"
        hint = "`log redact` records what it does; this was done by something else"
        return (diagnostic("STORE_VALUES_GONE", why, hint=hint),)


def verify_rows(conversation_id: str, rows: Iterable[Row], anchor: Anchor) -> Verified:
    """What is to be said of a chain that was read whole, and fits."""
    gone, count = Gone(), 0
    for count, row in enumerate(rows, 1):  # noqa: B007  # counted
        gone.see(row, decode(row.body)["records"])
    return Verified(conversation_id, count, (), gone.warnings, anchor)


def verify_database(log: SqlLog) -> list[Diagnostic]:
    """What is wrong with the database itself, and with what belongs to no conversation."""
    try:
        found = [_corrupt(f"the database is damaged: {why}") for why in log.database.problems()]
        return found + [_orphaned(name, table) for name, table in _orphans(log)]
    except StoreError as exc:
        return list(exc.diagnostics)


def verify(log: SqlLog, conversation_id: str) -> Verified:
    """Look at all that is stored of one conversation, while others may go on with it."""
    for _ in range(_TRIES):
        before = _anchor_bytes(log, conversation_id)
        result = _verified(log, conversation_id)
        # Whoever dropped entries or the conversation meanwhile made it look broken.
        if not result.diagnostics or before == _anchor_bytes(log, conversation_id):
            break
    return result


def _anchor_bytes(log: SqlLog, conversation_id: str) -> bytes | None:
    try:
        head = log.head_row(conversation_id)
    except StoreError:
        return None
    return None if head is None else head.anchor


@dataclass(slots=True)
class _Seen:
    """What the entries say of what is beside the chain; `last` is number, hash, time, due, kept."""

    log: SqlLog
    conversation_id: str
    waiting: Iterator[Snapshot]
    snapshot: Snapshot | None
    count: int = 0
    last: tuple[int, str, str, str, str] = (0, "", "", "", "")
    anchor: Anchor = WHOLE
    gone: Gone = field(default_factory=Gone)
    findings: list[Diagnostic] = field(default_factory=list)


def _verified(log: SqlLog, conversation_id: str) -> Verified:
    seen = _Seen(log, conversation_id, log.snapshots(conversation_id), None)
    try:
        head = log.head_row(conversation_id)
        if head is None:
            seen.findings.extend(unknown(conversation_id).diagnostics)
        else:
            seen.anchor = read_anchor(head.anchor)
            _verify_from(seen, head, seen.anchor)
    except StoreError as exc:
        seen.findings.extend(exc.diagnostics)
    return Verified(
        conversation_id, seen.count, tuple(seen.findings), seen.gone.warnings, seen.anchor
    )


def _verify_from(seen: _Seen, head: HeadRow, anchor: Anchor) -> None:
    seen.snapshot = next(seen.waiting, None)
    if anchor.seq:
        _compare_snapshot(seen, anchor.seq, anchor.kept, anchor.turn)
    rows = seen.log.rows(seen.conversation_id, after=anchor.seq, upto=head.seq)
    chain = check_chain(
        _watched(seen, rows), seen.conversation_id, seq=anchor.seq, prev=anchor.hash
    )
    seen.findings.extend(chain)
    _compare_head(seen, head)
    if seen.snapshot is not None and seen.snapshot.seq <= head.seq:
        seen.findings.append(_odd_snapshot(seen.snapshot.seq))
    seen.findings.extend(_outside(seen.log, seen.conversation_id, anchor.seq))


def _watched(seen: _Seen, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows as they are, noting what they say of kept values and snapshots."""
    for row in rows:
        yield row
        seen.count += 1
        try:
            body = decode(row.body)
            seen.last = (row.seq, row.hash, body["at"], body.get("due", ""), body["kept"])
            _compare_snapshot(seen, row.seq, body["kept"], body["turn"])
            seen.gone.see(row, body["records"])
        except (ValueError, TypeError, KeyError):
            seen.last = (0, "", "", "", "")  # the chain's own check has told


def _compare_snapshot(seen: _Seen, seq: int, kept: str, turn: int) -> None:
    while seen.snapshot is not None and seen.snapshot.seq <= seq:
        found, seen.snapshot = seen.snapshot, next(seen.waiting, None)
        same = found.seq == seq and turn == found.turn
        if not (same and kept_fits(found.kept, kept)):
            seen.findings.append(_odd_snapshot(found.seq))


def _compare_head(seen: _Seen, head: HeadRow) -> None:
    *last, at, due, kept = seen.last
    if last != [head.seq, head.hash]:
        why = f"the chain does not end in its head, entry {head.seq}: entries are missing"
        seen.findings.append(diagnostic("STORE_CHAIN_BROKEN", why))
    elif (at, due) != (head.at, head.due) or not kept_fits(head.kept, kept):
        why = f"what is kept beside the chain is not what entry {head.seq} says"
        seen.findings.append(diagnostic("STORE_CHAIN_BROKEN", why))


def _outside(log: SqlLog, conversation_id: str, anchor: int) -> Iterator[Diagnostic]:
    """Entries and snapshots that the head does not know."""
    for table in TABLES[1:]:
        # One statement sees one moment, so that a commit in between cannot look wrong.
        first = anchor if table == TABLES[2] else anchor + 1
        rows = log.database.rows(
            f"SELECT t.seq FROM {table} t JOIN {TABLES[0]} h "  # noqa: S608  # of three
            "ON h.conversation_id = t.conversation_id "
            "WHERE t.conversation_id = ? AND (t.seq < ? OR t.seq > h.seq) ORDER BY t.seq LIMIT 1",
            (conversation_id, first),
        )
        for (seq,) in rows:
            why = f"{table} has a row {seq} outside of the chain"
            yield diagnostic("STORE_CHAIN_BROKEN", why)


def _orphans(log: SqlLog) -> Iterator[tuple[str, str]]:
    for table in TABLES[1:]:
        rows = log.database.rows(
            f"SELECT DISTINCT t.conversation_id FROM {table} t "  # noqa: S608  # of three
            f"WHERE NOT EXISTS (SELECT 1 FROM {TABLES[0]} h "
            "WHERE h.conversation_id = t.conversation_id) ORDER BY t.conversation_id"
        )
        yield from ((str(name), table) for (name,) in rows)


def _orphaned(name: str, table: str) -> Diagnostic:
    return diagnostic("STORE_CHAIN_BROKEN", f"{table} has rows of {name!r}, which has no head")


def _odd_snapshot(seq: int) -> Diagnostic:
    why = f"the snapshot {seq} is not what the chain says was kept then"
    return diagnostic("STORE_CHAIN_BROKEN", why)


def _corrupt(why: str) -> Diagnostic:
    return diagnostic("STORE_CORRUPT", why, hint="take the backup")
