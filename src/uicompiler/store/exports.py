"""Conversations out of a log and into one, in the conversation format.

An export is a conversation file like any other. With its chain it has one member more, `chain`, on
the record that ends an entry: the salts, times and hashes that make the entry's bytes again. So an
export verifies as its log does, and an import of it goes on with the same chain. Where the log's
beginning was dropped, an export has two records that are not of the chain: the meta record that
held, and a state to go on from.

Source: DESIGN section 3, "Files", and section 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from uicompiler.errors import StoreError, diagnostic
from uicompiler.ir.values import Json
from uicompiler.store.anchor import WHOLE, Anchor, read_anchor
from uicompiler.store.entry import (
    START,
    Row,
    check_row,
    decode,
    kept_fits,
    make_row,
    open_kept,
    read_row,
    rebuilt_row,
    salts_of,
)
from uicompiler.store.kept import state_record
from uicompiler.store.log import Commit, Entry, Head
from uicompiler.store.sql import (
    SNAPSHOT_EVERY,
    HeadRow,
    Snapshot,
    SqlLog,
    add_entry,
    add_snapshot,
    conflict,
    insert_head,
)

Record = dict[str, Json]
CHAIN: Final = "chain"


# --- out ------------------------------------------------------------------------------------------


def export(
    log: SqlLog, conversation_id: str, *, chain: bool = False, kept: bool = False
) -> Iterator[Record]:
    """The records of a conversation.

    Args:
        log: The log.
        conversation_id: Which.
        chain: Whether the export is to verify.
        kept: Whether what the host keeps goes with it, so that clients can go on after an import.
            Needs `chain`. It holds the hash of the conversation's token.

    Raises:
        StoreError: STORE_CONVERSATION_UNKNOWN; STORE_CHAIN_BROKEN or STORE_CORRUPT, it is damaged.
    """
    head = log.head_row(conversation_id)
    if head is None:
        raise unknown(conversation_id)
    held: Record | None = None
    for record in _records(log, conversation_id, head):
        if set(record) == {CHAIN} and held is not None:
            held[CHAIN].setdefault("entries", []).extend(record[CHAIN]["entries"])
            continue
        if held is not None:
            yield _finished(held, chain=chain)
        held = record
    if held is not None:
        if kept:
            held.setdefault(CHAIN, {})["kept"] = head.kept.decode()
        yield _finished(held, chain=chain)


def _finished(record: Record, *, chain: bool) -> Record:
    links = record.pop(CHAIN, None)
    return {**record, CHAIN: links} if chain and links else record


def _records(log: SqlLog, conversation_id: str, head: HeadRow) -> Iterator[Record]:
    """The records, each with a `chain`; an entry without records is a `chain` alone."""
    anchor = read_anchor(head.anchor)
    base = _base(log, conversation_id, anchor, head) if anchor.seq else None
    if anchor.seq:
        yield {**(anchor.meta or {}), CHAIN: {"anchor": anchor.to_dict()}}
        yield _added(base) if base and base.seq == anchor.seq else _lost(anchor)
    for row in log.rows(conversation_id, after=anchor.seq, upto=head.seq):
        yield from _of_entry(read_row(row, conversation_id), row)
        if base is not None and base.seq == row.seq:
            yield _added(base)


def _base(log: SqlLog, conversation_id: str, anchor: Anchor, head: HeadRow) -> Snapshot:
    """The first state that is known after the beginning was dropped."""
    found = next(log.snapshots(conversation_id, after=anchor.seq - 1), None)
    if found is not None:
        return found
    last = next(log.rows(conversation_id, after=head.seq - 1, upto=head.seq), None)
    turn = 0 if last is None else decode(last.body)["turn"]
    return Snapshot(head.seq, turn, head.kept)


def _added(base: Snapshot) -> Record:
    return {**state_record(open_kept(base.kept), base.turn), CHAIN: {"added": True}}


def _lost(anchor: Anchor) -> Record:
    """Stands for a state that nobody knows any more: a replay waits for the next one."""
    return {
        "v": 1,
        "kind": "state",
        "turn_index": anchor.turn,
        "state": {"redacted": anchor.kept},
        "receipts": [],
        CHAIN: {"added": True},
    }


def _of_entry(entry: Entry, row: Row) -> Iterator[Record]:
    records: list[Record] = [{**record, CHAIN: {}} for record in entry.records] or [{}]
    records[-1][CHAIN] = {"entries": [_link(entry, row)]}
    yield from records


def _link(entry: Entry, row: Row) -> dict[str, Json]:
    body = decode(row.body)
    return {
        "seq": entry.seq,
        "hash": entry.hash,
        "at": entry.at,
        "origin": entry.origin,
        "turn": entry.turn,
        "kept": body["kept"],
        "records": len(entry.records),
        "told": [list(item) for item in entry.told],
        "state": entry.state or {"redacted": body["seals"][0][1]},
        "salts": salts_of(row),
        **({"due": body["due"]} if "due" in body else {}),
    }


# --- in -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Chain:
    """A chain that an export has.

    Attributes:
        conversation_id: Whose.
        anchor: Where it begins.
        rows: Its entries; they verify.
        kept: What the host kept, sealed; empty when the export has none.
    """

    conversation_id: str
    anchor: Anchor = WHOLE
    rows: list[Row] = field(default_factory=list)
    kept: bytes = b""

    @property
    def last(self) -> tuple[int, str]:
        """Number and hash of the last entry."""
        return (
            (self.rows[-1].seq, self.rows[-1].hash)
            if self.rows
            else (self.anchor.seq, self.anchor.hash)
        )


def has_chain(records: Iterable[Mapping[str, Json]]) -> bool:
    """Whether records are an export with its chain."""
    return any(CHAIN in record for record in records)


def read_chain(records: Sequence[Mapping[str, Json]]) -> Chain:
    """The chain that an export has, verified.

    Args:
        records: The records; they have been held against the format.

    Raises:
        StoreError: STORE_CHAIN_BROKEN, something was changed, left out or added.
    """
    chain = Chain(records[0]["conversation_id"])
    waiting: list[Record] = []
    for record in records:
        links = record.get(CHAIN, {})
        if "anchor" in links:
            chain.anchor = _anchor(links["anchor"], record)
        elif not links.get("added"):
            waiting.append({key: value for key, value in record.items() if key != CHAIN})
        for link in links.get("entries", ()):
            _take(chain, link, waiting)
            waiting = []
        chain.kept = links.get("kept", "").encode()
    if waiting or not chain.rows:
        raise _broken(chain.last[0], "records follow that no entry has")
    if chain.kept and not kept_fits(chain.kept, decode(chain.rows[-1].body)["kept"]):
        raise _broken(chain.last[0], "what the host kept is not what the last entry says")
    return chain


def _anchor(value: Mapping[str, Any], record: Mapping[str, Json]) -> Anchor:
    meta = {key: item for key, item in record.items() if key != CHAIN}
    anchor = Anchor(**value)
    if anchor.meta != meta:
        raise _broken(anchor.seq, "the meta record is not the anchor's")
    return anchor


def _take(chain: Chain, link: Mapping[str, Any], records: Sequence[Record]) -> None:
    seq, prev = chain.last
    if link["seq"] != seq + 1 or link["records"] != len(records):
        raise _broken(link["seq"], "an entry or a record is missing, or one too many")
    row = rebuilt_row(link, records, conversation_id=chain.conversation_id, prev=prev)
    problems = check_row(row, chain.conversation_id)
    if problems:
        raise StoreError(problems)
    chain.rows.append(row)


def import_chain(log: SqlLog, chain: Chain, go_on: Commit | None = None) -> Head:
    """Write a conversation with the chain it had; all of it or nothing.

    Args:
        log: The log.
        chain: The chain.
        go_on: What is appended; needed when the chain comes without what the host kept.

    Raises:
        StoreError: STORE_CONFLICT, there is a conversation of that id.
        ValueError: the chain comes without what the host kept, and nothing is appended.
    """
    rows, kept, at = list(chain.rows), chain.kept, decode(chain.rows[-1].body)["at"]
    if go_on is None and not kept:
        raise ValueError("the chain comes without what the host kept")
    if go_on is not None:
        seq, prev = chain.last
        row, kept = make_row(
            go_on,
            conversation_id=chain.conversation_id,
            seq=seq + 1,
            prev=prev,
            entropy=log.entropy,
        )
        rows.append(row)
        at = go_on.at
    last = Snapshot(rows[-1].seq, decode(rows[-1].body)["turn"], kept)
    _write(log, chain.conversation_id, rows, kept, at, chain.anchor, [last])
    return Head(chain.conversation_id, rows[-1].seq, rows[-1].hash, open_kept(kept), at)


def import_commits(log: SqlLog, conversation_id: str, commits: Iterable[Commit]) -> Head:
    """Write a conversation that had no chain; all of it or nothing.

    Args:
        log: The log.
        conversation_id: Which.
        commits: At least one; the first one begins with the meta record.

    Raises:
        StoreError: STORE_CONFLICT, there is a conversation of that id.
    """
    rows: list[Row] = []
    snapshots: list[Snapshot] = []
    prev, kept, at, plain = START, b"", "", b""
    for seq, commit in enumerate(commits, 1):
        row, kept = make_row(
            commit, conversation_id=conversation_id, seq=seq, prev=prev, entropy=log.entropy
        )
        rows.append(row)
        prev, at, plain = row.hash, commit.at, bytes(commit.kept)
        if commit.snapshot or seq % SNAPSHOT_EVERY == 0:
            snapshots.append(Snapshot(seq, commit.turn, kept))
    _write(log, conversation_id, rows, kept, at, WHOLE, snapshots)
    return Head(conversation_id, len(rows), prev, plain, at)


def _write(
    log: SqlLog,
    conversation_id: str,
    rows: Sequence[Row],
    kept: bytes,
    at: str,
    anchor: Anchor,
    snapshots: Iterable[Snapshot] = (),
) -> None:
    last = rows[-1]
    with log.database.transaction() as run:
        due = decode(last.body).get("due", "")
        head = HeadRow(last.seq, last.hash, at, kept, anchor.to_bytes(), due)
        if not insert_head(run, conversation_id, head):
            raise conflict("there is a conversation of that id")
        for row in rows:
            add_entry(run, conversation_id, row)
        for item in snapshots:
            add_snapshot(run, conversation_id, item)


def unknown(conversation_id: str) -> StoreError:
    """The refusal to look at a conversation that is not there."""
    why = f"there is no conversation {conversation_id!r}"
    hint = "`uicompiler log list` names them"
    return StoreError([diagnostic("STORE_CONVERSATION_UNKNOWN", why, hint=hint)])


def _broken(seq: int, message: str) -> StoreError:
    return StoreError(
        [diagnostic("STORE_CHAIN_BROKEN", f"entry {seq}: {message}", hint="export it again")]
    )
