"""How findings name what was found: in few words, on one line, whatever the value is.

Nothing here raises, recurses or grows with the value. What a value is and where it is, it does not
know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from heapq import nsmallest
from typing import Final

_KINDS: Final = {dict: "an object", list: "an array", tuple: "an array", int: "a huge number"}


def show(value: object) -> str:
    """A value as a finding names it: short, and safe for any value."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"{value[:59]!r}…"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**64):
        return str(value)
    return _KINDS.get(type(value), f"a {type(value).__name__}")


def name_of(key: object) -> str:
    """A key of any object as text."""
    return key if isinstance(key, str) else show(key)


def show_keys(value: object) -> str:
    """An object by its keys, anything else as itself."""
    if isinstance(value, dict):
        return f"the keys {listed(value)}" if value else "an empty object"
    return show(value)


def listed(names: Iterable[object]) -> str:
    """Names in order, so many of them as a finding has room for."""
    first = nsmallest(60, map(name_of, names))
    return ", ".join(
        name if name.isprintable() and len(name) <= 60 else show(name) for name in first
    )
