"""What a client's data model holds, and how to read it as JSON.

The official client distinguishes three containers, and so must we: a `JsMap` (made by messages),
a plain object (a dict, made only by parsing a JSON string) and a `JsArray`. The `spec` profile
uses dicts and lists alone. `to_json` turns any of them into one JSON value, without recursion.
"""

import math
from collections.abc import Iterator
from typing import Final

MAX_ARRAY: Final = 100_000
"""An index further than this beyond an array's end is kept aside instead of padding the array."""
_LAST_INDEX: Final = 2**32 - 2


class Hole:
    """A gap in a JavaScript array: skipped by iteration, null in JSON."""

    __slots__ = ()


HOLE: Final = Hole()


class JsMap:
    """A JavaScript Map with string keys, in insertion order."""

    __slots__ = ("items",)

    def __init__(self, items: dict[str, object] | None = None) -> None:
        self.items: dict[str, object] = {} if items is None else items


class JsArray:
    """A JavaScript array: may have holes, far indices and properties that are no index."""

    __slots__ = ("extra", "huge", "items")

    def __init__(self, items: list[object]) -> None:
        self.items = items
        self.extra: dict[str, object] = {}
        self.huge = False

    def get(self, key: str) -> object:
        """The element or property under a key that `index_key` made; None if there is none."""
        at = int(key) if is_array_index(key) else -1
        if 0 <= at < len(self.items):
            found = self.items[at]
            return None if found is HOLE else found
        return self.extra.get(key)

    def set(self, key: str, value: object) -> None:
        """Store under a key that `index_key` made; the array grows as JavaScript's would."""
        if not is_array_index(key):
            self.extra[key] = value
            return
        at = int(key)
        gap = at - len(self.items)
        if gap > MAX_ARRAY:
            self.extra[key] = value
            self.huge = True
            return
        self.items.extend([HOLE] * (gap + 1))
        self.items[at] = value


def is_array_index(key: str) -> bool:
    """Is this key an array index in ECMA-262's sense ("0", "12", not "01")?"""
    if not (key.isascii() and key.isdigit()) or len(key) > 10 or (key[0] == "0" and key != "0"):
        return False
    return int(key) <= _LAST_INDEX


def js_keys(mapping: dict[str, object]) -> list[str]:
    """Keys in `Object.keys` order: array indices ascending, then the others as inserted."""
    indices = [key for key in mapping if is_array_index(key)]
    if not indices:
        return list(mapping)
    return sorted(indices, key=int) + [key for key in mapping if not is_array_index(key)]


def from_parsed(value: object) -> object:
    """Give a freshly parsed JSON value its JavaScript containers: each list becomes a `JsArray`."""
    out: list[object] = [value]
    todo: list[list[object] | dict[str, object]] = [out]
    while todo:
        home = todo.pop()
        pairs = enumerate(home) if isinstance(home, list) else home.items()
        for at, child in list(pairs):
            if isinstance(child, list):
                home[at] = JsArray(child)  # type: ignore[call-overload, index]  # `at` fits
                todo.append(child)
            elif isinstance(child, dict):
                todo.append(child)
    return out[0]


def to_json(value: object) -> object:
    """A JSON value with fresh containers; what JSON cannot say (a hole, an infinity) is null."""
    if not isinstance(value, dict | list | JsMap | JsArray):
        return _scalar(value)
    top: dict[str, object] | list[object] = _shell(value)
    todo = [(value, top)]
    while todo:
        source, target = todo.pop()
        for key, child in _children(source):
            if isinstance(child, dict | list | JsMap | JsArray):
                made = _shell(child)
                todo.append((child, made))
            else:
                made = _scalar(child)  # type: ignore[assignment]  # a scalar has nothing to fill
            if isinstance(target, dict):
                target[str(key)] = made
            else:
                target.append(made)
    return top


def _shell(value: object) -> dict[str, object] | list[object]:
    if isinstance(value, JsArray):
        return {} if value.huge else []
    return [] if isinstance(value, list) else {}


def _children(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, JsArray):
        yield from enumerate(value.items)
        if value.huge:
            yield from value.extra.items()
    elif isinstance(value, list):
        yield from enumerate(value)
    elif isinstance(value, JsMap):
        yield from value.items.items()
    elif isinstance(value, dict):
        yield from value.items()


def _scalar(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if value is HOLE else value
