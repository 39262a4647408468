"""One surface's document: `/draft` (the user's), `/committed` (the app's), `/ui_state`.

Functions from an old document to a new one that shares every part they do not touch. A place
is a tuple of segments; lists take a decimal index or `-` for the end (RFC 6901 section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from uicompiler.ir.sharing import shared
from uicompiler.ir.values import FrozenDict, Json, freeze

NAMESPACES: Final = ("draft", "committed", "ui_state")
Path = Sequence[str]

MISSING: Final = object()
"""What `get` gives for a place that is not there (null is a value)."""


class PlaceError(ValueError):
    """The place cannot be reached or the op does not fit what is there."""


def empty_document() -> FrozenDict:
    """The document of a new surface."""
    return FrozenDict({name: FrozenDict() for name in NAMESPACES})


def get(document: Json, path: Path) -> Json:
    """The value at a place, or `MISSING`."""
    current = document
    for segment in path:
        if isinstance(current, dict):
            current = current.get(segment, MISSING)
        elif isinstance(current, tuple) and _is_index(segment) and int(segment) < len(current):
            current = current[int(segment)]
        else:
            return MISSING
    return current


def set_at(document: Json, path: Path, value: Json) -> Json:
    """A document with `value` at a place; missing objects on the way are made.

    What equals what is there stays the object it is, and with it all around it.

    Raises:
        PlaceError: a scalar is in the way, or a list index is out of range.
    """
    before = get(document, path)
    return _put(document, path, shared(before, freeze(value)))


def _put(document: Json, path: Path, value: Json) -> Json:
    """As `set_at`, of a value that is frozen: a list that grows is not frozen anew each time."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(document, dict):
        inner = document.get(head, FrozenDict() if rest else MISSING)
        return with_entry(document, head, _put(inner, rest, value))
    if isinstance(document, tuple):
        index = _index(document, head)
        found = _put(document[index], rest, value)
        if found is document[index]:
            return document
        return (*document[:index], found, *document[index + 1 :])
    raise PlaceError(f"a {_kind(document)} has no place {head!r} inside")


def with_entry(document: Json, name: str, value: Json) -> FrozenDict:
    """An object with one entry added or replaced; itself where the very same value is there."""
    same: FrozenDict = document
    return same if same.get(name, MISSING) is value else same.plus({name: value})


def delete_at(document: Json, path: Path) -> Json:
    """A document without a place; a place that is not there stays so.

    Raises:
        PlaceError: the path is empty, or a list index is out of range.
    """
    if not path:
        raise PlaceError("the whole document cannot be deleted")
    head, rest = path[0], path[1:]
    if isinstance(document, dict):
        if head not in document:
            return document
        if rest:
            return with_entry(document, head, delete_at(document[head], rest))
        return FrozenDict({key: item for key, item in document.items() if key != head})
    if isinstance(document, tuple):
        index = _index(document, head)
        middle = (delete_at(document[index], rest),) if rest else ()
        if middle and middle[0] is document[index]:
            return document
        return (*document[:index], *middle, *document[index + 1 :])
    return document


def insert_at(document: Json, path: Path, value: Json) -> Json:
    """A document with `value` put into a list before an index, or at its end for `-`.

    Raises:
        PlaceError: the parent is not a list, or the index is out of range.
    """
    *parent_path, last = path
    parent = get(document, parent_path)
    if parent is MISSING and last == "-":
        parent = ()
    if not isinstance(parent, tuple):
        raise PlaceError(f"insert needs a list, found {_kind(parent)}")
    index = len(parent) if last == "-" else _index(parent, last, end=True)
    return _put(document, parent_path, (*parent[:index], freeze(value), *parent[index:]))


def _is_index(segment: str) -> bool:
    # RFC 6901 section 4: without leading zeros.
    is_whole = segment.isascii() and segment.isdecimal() and len(segment) < 10
    return is_whole and (segment == "0" or segment[0] != "0")


def _index(items: tuple[Json, ...], segment: str, *, end: bool = False) -> int:
    if not _is_index(segment):
        raise PlaceError(f"a list index is a whole number, found {segment[:20]!r}")
    index = int(segment)
    if index > len(items) or (index == len(items) and not end):
        raise PlaceError(f"index {index} is outside a list of {len(items)}")
    return index


def _kind(value: Json) -> str:
    if value is MISSING:
        return "nothing"
    names = {dict: "an object", tuple: "a list", str: "a text", bool: "a boolean"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a number")
