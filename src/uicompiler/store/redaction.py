"""Taking the values of tagged fields out of a conversation, whose chain still verifies.

Gone is every sealed value that is a tagged field's own, or has what one held in it, with its salt:
the commitment that stays tells nothing. What the host keeps is cleaned too, snapshots that have a
value in them are dropped, and a state record is appended, from which replays go on.

The database may have the old bytes in free pages until `SqlLog.database.scrub()`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from uicompiler.app import UIApp
from uicompiler.directives.envelope import parse_envelope
from uicompiler.errors import Diagnostic, StoreError, diagnostic
from uicompiler.ir.fields import Field
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json
from uicompiler.pointer import join, parse
from uicompiler.store.entry import (
    Row,
    check_row,
    decode,
    encode,
    make_row,
    open_kept,
    seals_of,
    without,
)
from uicompiler.store.exports import unknown
from uicompiler.store.kept import read_kept, state_record
from uicompiler.store.log import Commit, Head
from uicompiler.store.scrubbing import scrubbed
from uicompiler.store.sought import Sought, leaves
from uicompiler.store.sql import (
    Replaced,
    Run,
    Snapshot,
    SqlLog,
    add_entry,
    add_snapshot,
    replace_head,
)
from uicompiler.store.tagged import Tagged, tagged_fields, texts_of


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a redaction came to.

    Attributes:
        entries: How many entries had something taken out.
        values: How many values were taken out of them.
        diagnostics: STORE_REDACTED_IN_PART where a value is in what the chain needs as it is, such
            as the name of a surface.
    """

    entries: int = 0
    values: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()


Step: TypeAlias = str | int
_Place: TypeAlias = tuple[tuple[Step, ...], str]
"""Where something is, and what it is in words."""


@dataclass(slots=True)
class _Search:
    """What is looked for in one conversation."""

    log: SqlLog
    head: Head
    app: UIApp
    tagged: Tagged
    sought: Sought


def redact(
    log: SqlLog, conversation_id: str, app: UIApp, tags: Collection[str], *, now: str
) -> Redaction:
    """Take the values of the fields with one of some tags out of a conversation.

    Args:
        log: The log.
        conversation_id: Which.
        app: The app that the conversation is with, whose fields are tagged.
        tags: The tags.
        now: The time of the entry that says so, RFC 3339 in UTC.

    Raises:
        StoreError: STORE_CONFLICT, somebody went on with the conversation meanwhile: run it again;
            STORE_STATE_INVALID, the app no longer reads its state; STORE_CHAIN_BROKEN, an entry
            does not verify: it is left to be looked at.
    """
    head = log.head(conversation_id)
    if head is None:
        raise unknown(conversation_id)
    kept = read_kept(head.kept)
    states = [UIState.from_json(item["state"], nodes=app.nodes) for item in _all_kept(log, head)]
    sought = Sought(texts_of(app))
    search = _Search(log, head, app, tagged_fields(app, tags, states), sought)
    if not search.tagged.fields and not search.tagged.columns:
        return Redaction()
    _collect(search)
    rewritten = dict(_rewritten(search))
    left = scrubbed(kept, search.tagged, search.sought, app)
    if not rewritten and left is None:
        return Redaction()
    first = min(rewritten, default=head.seq)
    found = [row for row, _ in rewritten.values()]
    rows = [*found, *_states_out(search, first, rewritten)]
    _write(search, encode(kept if left is None else left), rows, first, now)
    count = sum(places for _, places in rewritten.values())
    return Redaction(len(rewritten), count, tuple(_left(search)))


def _all_kept(log: SqlLog, head: Head) -> Iterator[Mapping[str, Json]]:
    yield read_kept(head.kept)
    for snapshot in log.snapshots(head.conversation_id):
        yield read_kept(open_kept(snapshot.kept))


# --- what is looked for ---------------------------------------------------------------------------


def _collect(search: _Search) -> None:
    """Find the values that tagged fields have or had."""
    for kept in _all_kept(search.log, search.head):
        for owner, value in _in_surfaces(search.tagged, kept["state"]):
            search.sought.add(owner, value)
    for row in _rows(search):
        for owner, value in _own_values(search.tagged, row):
            search.sought.add(owner, value)


def _rows(search: _Search) -> Iterator[Row]:
    name = search.head.conversation_id
    for row in search.log.rows(name, upto=search.head.seq):
        problems = check_row(row, name)
        if problems:
            raise StoreError(problems)
        yield row


def _own_values(tagged: Tagged, row: Row) -> Iterator[tuple[Field, Json]]:
    body = decode(row.body)
    for pointer, raw in seals_of(row).items():
        if raw is None:
            continue
        place = parse(pointer)
        owner = _owner(tagged, body, place)
        if owner is not None:
            yield owner, decode(raw)
        elif place[2:] in _ENVELOPES:
            yield from tagged.in_envelope(decode(raw))
        elif place[2:] == ("state",):
            yield from _in_surfaces(tagged, decode(raw))


_ENVELOPES: Final = (("text",), ("envelope",), ("outcome", "directives"))
"""Where a record has directives."""


def _in_surfaces(tagged: Tagged, state: Mapping[str, Json]) -> Iterator[tuple[Field, Json]]:
    for surface in state["surfaces"]:
        for part in ("draft", "committed"):
            yield from tagged.in_document(surface["data"][part])


_CONTEXT: Final = ("event", "userAction", "context")


def _owner(tagged: Tagged, body: Mapping[str, Any], place: tuple[str, ...]) -> Field | None:
    """The tagged field whose own value a sealed one is, by where it stands."""
    if place[0] != "records":
        return None
    record, inside = body["records"][int(place[1])], place[2:]
    if inside[:3] == _CONTEXT:
        return tagged.owner(inside[3])
    if inside == ("value",):
        return tagged.owner(record["field"])
    if inside[:2] == ("outcome", "commit"):
        return tagged.on_path(record["outcome"]["commit"][int(inside[2])]["path"])
    if inside[:2] == ("outcome", "field_errors"):
        return tagged.owner(inside[2])
    return None


# --- what goes ------------------------------------------------------------------------------------


def _rewritten(search: _Search) -> Iterator[tuple[int, tuple[Row, int]]]:
    """The entries that have something in them, without it; and how many values that were."""
    for row in _rows(search):
        gone = list(_hits(search, row))
        if gone:
            yield row.seq, (without(row, [*gone, "/state"]), len(gone))


def _hits(search: _Search, row: Row) -> Iterator[str]:
    body = decode(row.body)
    for pointer, raw in seals_of(row).items():
        if raw is None or pointer == "/state":
            continue
        place, value = parse(pointer), decode(raw)
        owner = _owner(search.tagged, body, place)
        if (
            (owner is not None and value not in (None, ""))
            or search.sought.in_value([value, _envelope(place, value)])
            or _names_own(search.tagged, place, value)
        ):
            yield pointer


def _envelope(place: tuple[str, ...], value: Json) -> Json:
    """What a model's text says, as it is read: with every escape and every repair."""
    if place[2:] != ("text",) or not isinstance(value, str):
        return None
    envelope = parse_envelope(value).envelope
    return None if envelope is None else [envelope.assistant_text, *envelope.directives]


def _names_own(tagged: Tagged, place: tuple[str, ...], value: Json) -> bool:
    """Whether a value has a tagged field's own in it, by name, however short that is."""
    if place[2:] in _ENVELOPES:
        return any(item not in (None, "") for _, item in tagged.in_envelope(value))
    if "tool_results" in place or "arguments" in place:
        return tagged.names(value)
    return "messages" in place and _writes_own(tagged, value)


def _writes_own(tagged: Tagged, message: Json) -> bool:
    """Whether a message writes a tagged field's value to the client."""
    if not isinstance(message, Mapping):
        return False
    shown = message.get("replace")
    if isinstance(shown, Mapping):
        return any(f'name="{name}"' in str(shown.get("html")) for name in tagged.fields)
    update = message.get("dataModelUpdate")
    if not isinstance(update, Mapping):
        return False
    if tagged.on_path(update.get("path")) is not None:
        return True
    return any(leaf in tagged.fields for leaf in leaves(update.get("contents")))


def _states_out(search: _Search, first: int, known: Mapping[int, tuple[Row, int]]) -> Iterator[Row]:
    """Entries after the first one with a value, without the hash of their state."""
    for row in search.log.rows(search.head.conversation_id, after=first - 1):
        # A hash of a state that one value of is not known can be tried until it fits.
        if row.seq not in known and row.seq <= search.head.seq:
            yield without(row, ["/state"])


def _write(search: _Search, kept: bytes, rows: list[Row], first: int, now: str) -> None:
    head, log = search.head, search.log
    commit = _commit(search, kept, now)
    row, sealed = make_row(
        commit,
        conversation_id=head.conversation_id,
        seq=head.seq + 1,
        prev=head.hash,
        entropy=log.entropy,
    )
    old = [item.seq for item in log.snapshots(head.conversation_id) if _drops(search, item, first)]
    with log.database.transaction() as run:
        replace_head(run, row, Replaced(sealed, now, commit.due), head)
        add_entry(run, head.conversation_id, row)
        _rewrite(run, head.conversation_id, rows, old)
        add_snapshot(run, head.conversation_id, Snapshot(row.seq, commit.turn, sealed))


def _drops(search: _Search, snapshot: Snapshot, first: int) -> bool:
    kept = read_kept(open_kept(snapshot.kept))
    if snapshot.seq >= first:
        return True
    return scrubbed(kept, search.tagged, search.sought, search.app) is not None


def _rewrite(run: Run, conversation_id: str, rows: list[Row], snapshots: list[int]) -> None:
    for row in rows:
        run(
            "UPDATE uicompiler_entries SET sealed = ? WHERE conversation_id = ? AND seq = ?",
            (row.sealed, conversation_id, row.seq),
        )
    for seq in snapshots:
        run(
            "DELETE FROM uicompiler_snapshots WHERE conversation_id = ? AND seq = ?",
            (conversation_id, seq),
        )


def _commit(search: _Search, kept: bytes, now: str) -> Commit:
    name, seq = search.head.conversation_id, search.head.seq
    last = next(search.log.rows(name, after=seq - 1, upto=seq))
    body = decode(last.body)
    turn, due = body["turn"], body.get("due", "")
    state = UIState.from_json(read_kept(kept)["state"], nodes=search.app.nodes)
    return Commit(now, [state_record(kept, turn)], kept, state.hash, turn, due=due)


# --- what is left ---------------------------------------------------------------------------------


_MADE: Final = frozenset(
    {"v", "kind", "now", "request_id", "key_id", "versions", "limits", "client", "hash", "redacted"}
)
"""Members that the library or its host fills in: a value that one looks like is not in it."""

_HINT: Final = "if it must go, delete the conversation"


def _left(search: _Search) -> Iterator[Diagnostic]:
    """Where a value is in what no redaction takes."""
    for row in search.log.rows(search.head.conversation_id, upto=search.head.seq):
        body = decode(row.body)
        found = [*_names_left(body["records"], ("records",), search.sought)]
        found += _names_left(body["origin"], ("origin",), search.sought)
        for place, what in dict(found).items():
            why = f"entry {row.seq} has a value in {what}, which the chain needs"
            yield diagnostic("STORE_REDACTED_IN_PART", why, pointer=join(place), hint=_HINT)


def _names_left(value: Json, place: tuple[Step, ...], sought: Sought) -> Iterator[_Place]:
    """Ids, paths and names of members with a value in them, by their place."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name in _MADE:
                continue
            if sought.in_name(name):
                # What is below has the value in its pointer.
                yield place, f"the name of a member of {place[-1]!r}"
            else:
                yield from _names_left(item, (*place, name), sought)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _names_left(item, (*place, index), sought)
    elif _is_left(value, sought):
        yield place, f"the member {_member(place)!r}"


def _is_left(value: Json, sought: Sought) -> bool:
    return isinstance(value, str) and value not in sought.own and sought.inside(value)


def _member(place: tuple[Step, ...]) -> Step:
    """The name that a value stands under, also in a list."""
    return next(step for step in reversed(place) if isinstance(step, str))
