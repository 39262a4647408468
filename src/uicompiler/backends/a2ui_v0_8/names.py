"""Component ids, data keys, surface ids, and strings a client would misread.

The official web client replaces any string property that equals a component id by that
component. So ids carry a prefix, and any other string with that prefix is marked (`guard`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Final

from uicompiler.ir.client import Address
from uicompiler.ir.reserved import MARK, SURFACE_NAME

ID_PREFIX: Final = "ui--"

_MAX_ID: Final = 64
_NOT_KEY: Final = re.compile(r"[^A-Za-z0-9_-]|_(?=u[0-9a-f]*_)")
_ESCAPED: Final = re.compile(r"_u([0-9a-f]*)_")


def escape_key(key: str) -> str:
    """A data key of `[A-Za-z0-9_-]` only, one to one with `key`."""
    if not key:
        return "_u_"
    return _NOT_KEY.sub(lambda match: f"_u{ord(match[0]):x}_", key)


def unescape_key(key: str) -> str:
    """What `escape_key` was given."""
    if key == "_u_":
        return ""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), key)


def component_id(path: Iterable[str], role: str) -> str:
    """The id of a component: derived from its node's path and its role, never from order of time.

    Args:
        path: The node's path in its view.
        role: What the component is to its node; ends in its type, so that ids keep types.
    """
    parts = "--".join(escape_key(part).replace("-", "_u2d_") for part in path)
    full = f"{ID_PREFIX}{parts}--{role}"
    if len(full) <= _MAX_ID:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:20]
    return f"{full[: _MAX_ID - len(digest) - 1]}-{digest}"


ROOT_ID: Final = component_id(("surface",), "Column")
"""Id of every surface's root, a Column in every view."""


def wire_surface_id(name: str, epoch: int) -> str:
    """`main` in the first epoch, `main#e=2` after a reset."""
    return name if epoch == 1 else f"{name}#e={epoch}"


_SURFACE_ID: Final = re.compile(rf"({SURFACE_NAME})(?:#e=([1-9][0-9]{{0,8}}))?")


def parse_surface_id(surface_id: str) -> Address | None:
    """The name and epoch in a wire surface id, or None."""
    match = _SURFACE_ID.fullmatch(surface_id)
    if match is None or match[2] == "1":
        return None
    return Address(match[1], int(match[2] or 1))


def looks_like_json(text: str) -> bool:
    """Whether the web client would read a data string as an object or array."""
    body = text.strip()
    if not (body[:1] + body[-1:] in ("{}", "[]") and len(body) > 1):
        return False
    try:
        # Python refuses very long integers, which JavaScript reads.
        json.loads(body, parse_int=float)
    except ValueError:
        return False
    except RecursionError:
        return True
    return True


def guard(text: str) -> str:
    """The text as it may stand in a data model or property; `unguard` undoes it."""
    if not needs_guard(text):
        return text
    return MARK + text


def guard_label(text: str) -> str:
    """The text as a label's literal, which no client reads as JSON, only as a component's id."""
    return MARK + text if text.startswith(ID_PREFIX) else text


def needs_guard(text: str) -> bool:
    """Whether a client would misread the text, or `unguard` would shorten it."""
    return text.startswith((ID_PREFIX, MARK)) or looks_like_json(text)


def unguard(text: str) -> str:
    """The text without the one mark `guard` put there."""
    return text.removeprefix(MARK)
