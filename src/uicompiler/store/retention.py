"""Dropping what is old: the first entries of chains, and conversations nobody uses.

What is left of a chain verifies as the whole did: it goes on from an anchor that has the hash of
the last entry that was dropped. The last entry always stays, since the head has to fit it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from uicompiler.errors import StoreError, diagnostic
from uicompiler.ir.values import Json
from uicompiler.store.anchor import Anchor, read_anchor
from uicompiler.store.entry import Row, check_chain, decode
from uicompiler.store.sql import HeadRow, Run, SqlLog, delete_from


def retain(
    log: SqlLog, conversation_id: str, *, before: str | None = None, newest: int | None = None
) -> int:
    """Drop the first entries of a conversation.

    An entry goes when either limit says so and all before it go as well.

    Args:
        log: The log.
        conversation_id: Whose.
        before: Drop entries made before this time, RFC 3339 in UTC.
        newest: Keep this many, and drop those before.

    Returns:
        How many were dropped.

    Raises:
        StoreError: STORE_CHAIN_BROKEN, what is to go does not verify: it stays, to be looked at.
    """
    head = log.head_row(conversation_id)
    if head is None:
        return 0
    first = read_anchor(head.anchor)
    anchor = _moved(log, conversation_id, first, head, before, newest)
    if anchor.seq == first.seq:
        return 0
    with log.database.transaction() as run:
        _drop(run, conversation_id, head.anchor, anchor)
    return anchor.seq - first.seq


def _moved(
    log: SqlLog,
    conversation_id: str,
    anchor: Anchor,
    head: HeadRow,
    before: str | None,
    newest: int | None,
) -> Anchor:
    """The anchor behind the last entry that has to go."""
    upto = head.seq - 1
    beyond = 0 if newest is None else head.seq - max(newest, 1)
    rows = log.rows(conversation_id, after=anchor.seq, upto=upto)
    for row in _checked(rows, conversation_id, anchor):
        body = decode(row.body)
        if row.seq > beyond and (before is None or body["at"] >= before):
            break
        meta = _meta(body["records"], anchor.meta)
        anchor = Anchor(row.seq, row.hash, body["kept"], body["turn"], meta)
    return anchor


def _checked(rows: Iterator[Row], conversation_id: str, anchor: Anchor) -> Iterator[Row]:
    seq, prev = anchor.seq, anchor.hash
    for row in rows:
        problems = list(check_chain([row], conversation_id, seq=seq, prev=prev))
        if problems:
            raise StoreError(problems)
        yield row
        seq, prev = row.seq, row.hash


def _meta(
    records: list[Mapping[str, Json]], before: Mapping[str, Json] | None
) -> Mapping[str, Json] | None:
    """The last meta record; nothing in it is sealed."""
    return next((item for item in reversed(records) if item["kind"] == "meta"), before)


def _drop(run: Run, conversation_id: str, known: bytes, anchor: Anchor) -> None:
    moved = run(
        "UPDATE uicompiler_heads SET anchor = ? WHERE conversation_id = ? AND anchor = ?",
        (anchor.to_bytes(), conversation_id, known),
    )
    if not moved:
        why = "another process drops entries of the conversation, or it is gone"
        raise StoreError([diagnostic("STORE_CONFLICT", why, hint="run it again")])
    run(
        "DELETE FROM uicompiler_entries WHERE conversation_id = ? AND seq <= ?",
        (conversation_id, anchor.seq),
    )
    # The snapshot of the anchor itself stays: the rest can be replayed from there.
    run(
        "DELETE FROM uicompiler_snapshots WHERE conversation_id = ? AND seq < ?",
        (conversation_id, anchor.seq),
    )


def delete_idle(log: SqlLog, idle_since: str) -> int:
    """Forget the conversations whose last commit is before a time; how many there were."""
    return sum(delete_if_idle(log, name, idle_since) for name in log.ids(idle_since=idle_since))


def delete_if_idle(log: SqlLog, conversation_id: str, idle_since: str) -> bool:
    """Forget a conversation, unless somebody went on with it meanwhile; whether it went."""
    with log.database.transaction() as run:
        return delete_from(run, conversation_id, "at < ?", (idle_since,))
