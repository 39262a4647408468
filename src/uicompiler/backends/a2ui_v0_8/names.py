"""The root's id, and strings a client would misread.

The official web client replaces any string property that equals a component id by that
component. So ids carry a prefix, and any other string with that prefix is marked (`guard`).
"""

from __future__ import annotations

import json
from typing import Final

from uicompiler.backends.ids import ID_PREFIX, id_prefix
from uicompiler.ir.reserved import MARK

ROOT_PREFIX: Final = id_prefix(("surface",))
ROOT_ID: Final = f"{ROOT_PREFIX}Column"
"""Id of every surface's root, a Column in every view."""


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


def is_plain_text(text: str) -> bool:
    """Whether a text surely goes out as it is: no sign in it, and no client reads it otherwise."""
    return text[:1].isalnum() and text.isprintable() and not text.startswith(ID_PREFIX)


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
