"""Entries as they are stored: bytes in a chain of hashes, the values in them sealed one by one.

An entry has a `body` and `sealed` values. The body is compact JSON of everything that no redaction
will ever take: order, time, kinds, names, paths, and for each value that users, models or tools
gave a commitment in its place. The entry's hash is SHA-256 of the body's bytes, which hold the hash
before it. A sealed value is one line, `<salt> <compact JSON>`; its commitment is SHA-256 of that
line. Take a line away, and the body still fits its hash: nothing tells what the line held, since
nobody has its salt any more.

Hashes are over the stored bytes, not over a canonical form: objects keep their members' order,
which templates may show, and a byte that changed is found even where JSON would mean the same.

Pure: knows no database, no clock and no randomness of its own.

Source: DESIGN section 12, docs/decisions/0018.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

import orjson

from uicompiler.errors import Diagnostic, StoreError, diagnostic
from uicompiler.ir.values import Json, thaw
from uicompiler.pointer import join, parse
from uicompiler.store.log import Commit, Entry

BODY_VERSION: Final = 1
START: Final = "0" * 64
"""What stands for the hash before the first entry."""

SALT_BYTES: Final = 16
_GONE: Final = b"-"
_STATE: Final = "/state"

Entropy: TypeAlias = Callable[[int], bytes]
"""Gives that many random bytes; `os.urandom` outside of tests."""

_LARGE: Final = re.compile(rb"[0-9]{19}")

Place: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as a database holds it.

    Attributes:
        seq: Counts the conversation's entries, from 1.
        hash: SHA-256 of `body`.
        body: What no redaction takes.
        sealed: One line a sealed value, in the order of the body's commitments.
    """

    seq: int
    hash: str
    body: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


# --- from commits to rows -------------------------------------------------------------------------


def encode(value: Json) -> bytes:
    """A JSON value as compact JSON on one line; what is read from it encodes to equal bytes."""
    try:
        return orjson.dumps(value)
    except TypeError:
        # A lone surrogate, which a model may write and JSON can only carry as an escape.
        return json.dumps(thaw(value), separators=(",", ":")).encode()


def decode(raw: bytes) -> Json:
    """What was encoded.

    Raises:
        ValueError: it is no JSON.
    """
    if _LARGE.search(raw) is None:  # orjson reads integers beyond 64 bits as floats
        with contextlib.suppress(ValueError):
            return orjson.loads(raw)
    return json.loads(raw)


def make_row(
    commit: Commit, *, conversation_id: str, seq: int, prev: str, entropy: Entropy
) -> tuple[Row, bytes]:
    """A commit as an entry after another, and the sealed form of what the host keeps.

    Args:
        commit: The commit.
        conversation_id: Whose it is.
        seq: Number of the entry.
        prev: Hash of the entry before it; `START` when it is the first.
        entropy: Gives the salts.
    """
    values = list(_values(commit))
    salts = entropy(SALT_BYTES * (len(values) + 1))
    lines = [_line(_nth(salts, index), encode(value)) for index, (_, value) in enumerate(values)]
    kept = seal_kept(commit.kept, _nth(salts, len(values)))
    body = _body(
        commit,
        {"conversation": conversation_id, "seq": seq, "prev": prev},
        kept[:64].decode(),
        [[join(p), commitment(line)] for (p, _), line in zip(values, lines, strict=True)],
    )
    return Row(seq, hashlib.sha256(body).hexdigest(), body, b"\n".join(lines)), kept


def _body(
    commit: Commit, place: Mapping[str, Json], kept: str, seals: Sequence[Sequence[str]]
) -> bytes:
    """What an entry's hash is of; the order of its members is part of it."""
    return encode(
        {
            "v": BODY_VERSION,
            **place,
            "at": commit.at,
            "origin": commit.origin,
            "turn": commit.turn,
            "kept": kept,
            "records": [hollow(record, record_places(record)) for record in commit.records],
            "told": [[name, None] for name, _ in commit.told],
            **({"due": commit.due} if commit.due else {}),
            "seals": seals,
        }
    )


def rebuilt_row(
    link: Mapping[str, Json],
    records: Sequence[Mapping[str, Json]],
    *,
    conversation_id: str,
    prev: str,
) -> Row:
    """The row that an export's records were; its hash is the one that the export says.

    Args:
        link: What the export has of the entry beside its records.
        records: The records.
        conversation_id: Whose they are.
        prev: Hash of the entry before it.
    """
    told = [(name, content) for name, content in link["told"]]
    commit = Commit(
        link["at"],
        records,
        b"",
        link["state"],
        link["turn"],
        told,
        origin=link["origin"],
        due=link.get("due", ""),
    )
    values, salts = list(_values(commit)), link["salts"]
    if len(values) != len(salts):
        raise StoreError([_broken(link["seq"], "the export has another number of salts")])
    pairs = [
        (value["redacted"], _GONE) if salt is None else _sealed(salt, encode(value))
        for (_, value), salt in zip(values, salts, strict=True)
    ]
    seals = [[join(place), promise] for (place, _), (promise, _) in zip(values, pairs, strict=True)]
    place = {"conversation": conversation_id, "seq": link["seq"], "prev": prev}
    body = _body(commit, place, link["kept"], seals)
    return Row(link["seq"], link["hash"], body, b"\n".join(line for _, line in pairs))


def _sealed(salt: str, value: bytes) -> tuple[str, bytes]:
    line = salt.encode() + b" " + value
    return commitment(line), line


def salts_of(row: Row) -> list[str | None]:
    """The salts of a row, in order; None for what is gone."""
    return [
        None if line == _GONE else line.partition(b" ")[0].decode() for line in split(row.sealed)
    ]


def _nth(salts: bytes, index: int) -> bytes:
    return salts[SALT_BYTES * index : SALT_BYTES * (index + 1)]


def _line(salt: bytes, value: bytes) -> bytes:
    return salt.hex().encode() + b" " + value


def commitment(line: bytes) -> str:
    """What stands in the chain for a sealed value."""
    return hashlib.sha256(line).hexdigest()


def _values(commit: Commit) -> Iterator[tuple[Place, Json]]:
    yield ("state",), commit.state
    for index, record in enumerate(commit.records):
        for place in record_places(record):
            yield ("records", index, *place), at(record, place)
    for index, (_, content) in enumerate(commit.told):
        yield ("told", index, 1), content


# --- which values are sealed ----------------------------------------------------------------------

_ACTION_KEYS: Final = frozenset({"name", "surfaceId", "sourceComponentId", "timestamp", "context"})


def record_places(record: Mapping[str, Json]) -> list[Place]:
    """Where a record has values that a redaction may take, each one for itself."""
    find = _PLACES.get(record["kind"])
    return [] if find is None else list(find(record))


def _whole(*keys: str) -> Callable[[Mapping[str, Json]], Iterator[Place]]:
    def find(record: Mapping[str, Json]) -> Iterator[Place]:
        return ((key,) for key in keys if key in record)

    return find


def _of_action(record: Mapping[str, Json]) -> Iterator[Place]:
    action = record["event"]["userAction"]
    base = ("event", "userAction")
    yield from ((*base, "context", key) for key in action["context"])
    # A client may add members of its own, and nobody knows what they hold.
    yield from ((*base, key) for key in action if key not in _ACTION_KEYS)


def _of_outcome(record: Mapping[str, Json]) -> Iterator[Place]:
    outcome = record["outcome"]
    for index, op in enumerate(outcome.get("commit") or ()):
        if "value" in op:
            yield ("outcome", "commit", index, "value")
    if "directives" in outcome:
        yield ("outcome", "directives")
    for index, call in enumerate(outcome.get("tool_calls") or ()):
        if "arguments" in call:
            yield ("outcome", "tool_calls", index, "arguments")
    yield from (("outcome", "field_errors", key) for key in outcome.get("field_errors") or ())
    yield from (("tool_results", key) for key in record.get("tool_results") or ())


def _of_batch(record: Mapping[str, Json]) -> Iterator[Place]:
    return (("messages", index) for index in range(len(record["messages"])))


_PLACES: Final[Mapping[str, Callable[[Mapping[str, Json]], Iterator[Place]]]] = {
    "model": _whole("text", "envelope"),
    "edit": _whole("value"),
    "action": _of_action,
    "error": lambda record: iter([("event", "error")]),
    "outcome": _of_outcome,
    "batch": _of_batch,
    "state": _whole("state", "receipts"),
}


def at(value: Json, place: Place) -> Json:
    """The value at a place."""
    for step in place:
        value = value[step]
    return value


def hollow(record: Mapping[str, Json], places: Iterable[Place]) -> Mapping[str, Json]:
    """A record with null at some places; the given one stays as it is."""
    copies: dict[Place, Any] = {(): dict(record)}  # `Any`: dicts and lists of JSON
    for place in places:
        for depth in range(1, len(place)):
            prefix = place[:depth]
            if prefix not in copies:
                above = copies[prefix[:-1]]
                copies[prefix] = _copied(above[prefix[-1]])
                above[prefix[-1]] = copies[prefix]
        copies[place[:-1]][place[-1]] = None
    hollowed: dict[str, Json] = copies[()]
    return hollowed


def _copied(value: Json) -> Json:
    return dict(value) if isinstance(value, Mapping) else list(value)


# --- what the host keeps --------------------------------------------------------------------------


def seal_kept(kept: bytes, salt: bytes) -> bytes:
    """What the host keeps, behind its commitment and salt: `<commitment> <salt> <kept>`."""
    line = _line(salt, kept)
    return commitment(line).encode() + b" " + line


_KEPT_AT: Final = 64 + 1 + 2 * SALT_BYTES + 1


def open_kept(sealed: bytes) -> bytes:
    """What the host keeps.

    Raises:
        StoreError: STORE_CORRUPT, it does not fit its commitment.
    """
    if not kept_fits(sealed):
        raise corrupt("what is kept of a conversation does not fit its own checksum")
    return sealed[_KEPT_AT:]


def kept_fits(sealed: bytes, expected: str | None = None) -> bool:
    """Whether kept bytes fit their commitment, and it the one that an entry has."""
    found = sealed[:64]
    fits = sealed[64:65] == b" " and commitment(sealed[65:]).encode() == found
    return fits and (expected is None or found == expected.encode())


def corrupt(message: str) -> StoreError:
    """The refusal of what cannot be read."""
    hint = "`uicompiler log verify` tells what is damaged; take the backup"
    return StoreError([diagnostic("STORE_CORRUPT", message, hint=hint)])


# --- from rows to entries -------------------------------------------------------------------------


def read_row(row: Row, conversation_id: str) -> Entry:
    """The entry that a row holds.

    Raises:
        StoreError: STORE_CHAIN_BROKEN, the row does not fit its hash.
    """
    problems = check_row(row, conversation_id)
    if problems:
        raise StoreError(problems)
    body = decode(row.body)
    gone = fill(body, row.sealed)
    return Entry(
        seq=row.seq,
        at=body["at"],
        records=tuple(body["records"]),
        told=tuple((name, content) for name, content in body["told"]),
        origin=body["origin"],
        turn=body["turn"],
        state=body["state"] if isinstance(body["state"], str) else "",
        redacted=tuple(sorted(gone)),
        prev=body["prev"],
        hash=row.hash,
    )


def fill(body: MutableMapping[str, Json], sealed: bytes) -> list[str]:
    """Put sealed values in their places, what stands for them where they are gone.

    Returns:
        Pointers to what is gone.
    """
    gone = []
    for (pointer, promised), line in zip(body["seals"], split(sealed), strict=True):
        *above, last = parse(pointer)
        holder: Any = body  # `Any`: dicts and lists of JSON
        for step in above:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        if line == _GONE:
            gone.append(pointer)
        value = {"redacted": promised} if line == _GONE else decode(line.partition(b" ")[2])
        holder[int(last) if isinstance(holder, list) else last] = value
    return gone


def split(sealed: bytes) -> list[bytes]:
    """The sealed lines; an entry has at least one, that of its state."""
    return sealed.split(b"\n")


def seals_of(row: Row) -> dict[str, bytes | None]:
    """By pointer, the JSON of each sealed value; None for what is gone. The row has to fit."""
    pointers = [pointer for pointer, _ in decode(row.body)["seals"]]
    values = (None if line == _GONE else line.partition(b" ")[2] for line in split(row.sealed))
    return dict(zip(pointers, values, strict=True))


def is_partial(row: Row) -> bool:
    """Whether some of its sealed values are gone."""
    return _GONE in split(row.sealed)


def without(row: Row, pointers: Iterable[str]) -> Row:
    """The row without some of its sealed values, and without their salts. It has to fit."""
    gone = frozenset(pointers)
    order = [pointer for pointer, _ in decode(row.body)["seals"]]
    lines = [
        _GONE if pointer in gone else line
        for pointer, line in zip(order, split(row.sealed), strict=True)
    ]
    return replace(row, sealed=b"\n".join(lines))


# --- checking -------------------------------------------------------------------------------------


def check_row(row: Row, conversation_id: str) -> list[Diagnostic]:
    """Everything that does not fit in one entry, looked at alone."""
    if hashlib.sha256(row.body).hexdigest() != row.hash:
        return [_broken(row.seq, "it does not fit its hash")]
    # From here on the body is as it was written, unless its hash was made anew with it.
    try:
        body = decode(row.body)
        if (body["conversation"], body["seq"]) != (conversation_id, row.seq):
            return [_broken(row.seq, "it belongs to another place")]
        return _check_seals(row, body["seals"])
    except (ValueError, TypeError, KeyError):
        return [_broken(row.seq, "it is no entry, though it fits its hash")]


def _check_seals(row: Row, seals: Sequence[Sequence[str]]) -> list[Diagnostic]:
    lines = split(row.sealed)
    if len(lines) != len(seals):
        why = f"it holds {len(lines)} values, and commitments for {len(seals)}"
        return [_broken(row.seq, why)]
    return [
        _broken(row.seq, "a value does not fit its commitment", pointer)
        for (pointer, promised), line in zip(seals, lines, strict=True)
        if line != _GONE and commitment(line) != promised
    ]


def check_chain(
    rows: Iterable[Row], conversation_id: str, *, seq: int = 0, prev: str = START
) -> Iterator[Diagnostic]:
    """Everything that does not fit in a chain.

    Args:
        rows: The entries, in order.
        conversation_id: Whose they are.
        seq: Number of the entry before the first.
        prev: Its hash.
    """
    for row in rows:
        if row.seq != seq + 1:
            yield _broken(row.seq, f"entry {seq + 1} is missing before it")
        problems = check_row(row, conversation_id)
        yield from problems
        if not any(item.pointer == "" for item in problems) and decode(row.body)["prev"] != prev:
            yield _broken(row.seq, "it does not follow the one before it")
        seq, prev = row.seq, row.hash


def _broken(seq: int, message: str, pointer: str = "") -> Diagnostic:
    return diagnostic("STORE_CHAIN_BROKEN", f"entry {seq}: {message}", pointer=pointer)
