"""Ids that clients see: of elements and surfaces; each derived, none ever counted.

Every backend names what it shows by the path of its node, so that a client's word for a button
leads back to it whatever was shown in between.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from typing import Final

from uicompiler.ir.client import Address
from uicompiler.ir.reserved import SURFACE_NAME

ID_PREFIX: Final = "ui--"

MAX_ID: Final = 64
# An underscore is escaped where it would begin what looks like an escape, once all is escaped.
_NOT_KEY: Final = re.compile(r"[^A-Za-z0-9_-]|_(?=u[0-9a-f]*[^A-Za-z0-9-])")
_SLASH: Final = "_u2f_"
_ESCAPED: Final = re.compile(r"_u([0-9a-f]*)_")


def escape_key(key: str) -> str:
    """A data key of `[A-Za-z0-9_-]` only, one to one with `key`."""
    if _is_plain(key) or _is_plain(key.replace("-", "")):
        return key
    if not key:
        return "_u_"
    return _NOT_KEY.sub(lambda match: f"_u{ord(match[0]):x}_", key)


def escape_place(place: Collection[str]) -> str:
    """One key for a place of one key or more: that of its keys with slashes between them."""
    if all(map(_is_plain, place)):
        return _SLASH.join(place)
    return escape_key("/".join(place))


def _is_plain(key: str) -> bool:
    """Whether nothing in a key needs escaping, and no dash is in it."""
    if not key.isascii():
        return False
    return key.isalnum() or ("_u" not in key and key.replace("_", "").isalnum())


def unescape_key(key: str) -> str:
    """What `escape_key` was given."""
    if key == "_u_":
        return ""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), key)


def id_segment(part: str) -> str:
    """A part of a path, without the dashes that stand between parts."""
    if _is_plain(part):
        return part
    return escape_key(part).replace("-", "_u2d_")


def component_id(path: Iterable[str], role: str) -> str:
    """The id of a component: derived from its node's path and its role, never from order of time.

    Args:
        path: The node's path in its view.
        role: What the component is to its node; ends in its type, so that ids keep types.
    """
    return short_id(id_prefix(path) + role)


def id_prefix(path: Iterable[str]) -> str:
    """What the ids of all components of a node begin with; its roles come after."""
    return f"{ID_PREFIX}{'--'.join([id_segment(part) for part in path])}--"


def short_id(full: str) -> str:
    """An id of at most 64 characters: beyond, its tail is a hash."""
    if len(full) <= MAX_ID:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:20]
    return f"{full[: MAX_ID - len(digest) - 1]}-{digest}"


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
