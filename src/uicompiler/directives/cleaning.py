"""What may not stand in a payload, whatever its model: keys and texts that clients misuse, nulls.

Promises: a cleaned payload holds no forbidden key, no lone surrogate, no invisible control and no
null in an object. Most payloads are like that from the start; one look at their JSON tells, and
only where it leaves a doubt is each key and text looked at.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import orjson

from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.ir.text import clean, has_controls, has_surrogates, only_line_ends_differ
from uicompiler.ir.values import FORBIDDEN_KEYS, Json
from uicompiler.pointer import join


class Cleaned(NamedTuple):
    """A payload without what may not stand there.

    Attributes:
        value: The payload; the same object when there was nothing to do.
        written: Its JSON, where that is known already.
    """

    value: dict[str, Any]
    written: bytes | None = None


def cleaned(payload: dict[str, Any], notes: Notes) -> Cleaned:
    """Take out what may not stand in a payload.

    Args:
        payload: As a model wrote it.
        notes: Learns of repairs, and of what is refused.
    """
    encoded = _encoded(payload)
    if encoded is None or not is_plain(encoded):
        return Cleaned(_Walk(notes).value(payload, ("payload",)))
    if b":null" in encoded:
        return Cleaned(_without_nulls(payload))
    return Cleaned(payload, encoded)


class Notes:
    """What happened to one directive while it was read."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.refused = False

    def repaired(self, pointer: str, what: str) -> None:
        """Something was mended."""
        self.found.append(diagnostic("DIRECTIVE_REPAIRED", what, pointer=pointer))

    def refuse(self, code: str, why: str, pointer: str, hint: str) -> None:
        """Something cannot be mended."""
        self.refused = True
        self.found.append(diagnostic(code, why, pointer=pointer, hint=hint))


# One look at the whole.

_NAMES: Final = tuple(f'{name}"'.encode() for name in sorted(FORBIDDEN_KEYS))
_PRINTABLE_ASCII: Final = bytes(range(0x20, 0x7F))
_ESCAPED: Final = re.compile(rb"\\[bfru]")  # control characters, as orjson writes them, and CR


def _encoded(payload: dict[str, Any]) -> bytes | None:
    try:
        return orjson.dumps(payload)
    except TypeError:  # a lone surrogate, or what JSON does not know
        return None


def is_plain(encoded: bytes) -> bool:
    """Whether no key or text of a JSON value is refused or changed; False in case of doubt.

    Args:
        encoded: The value as orjson writes it: what it escapes, it escapes in one way.
    """
    if any(name in encoded for name in _NAMES):
        return False
    if b"\\" in encoded and _ESCAPED.search(encoded) is not None:
        return False
    beyond = encoded.translate(None, _PRINTABLE_ASCII).decode()
    return beyond.isprintable() or not has_controls(encoded.decode())


def _without_nulls(value: Json) -> Json:
    if isinstance(value, dict):
        return {
            key: item if isinstance(item, str) else _without_nulls(item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, (list, tuple)):
        return [_without_nulls(item) for item in value]
    return value


# Each key and text.


class _Walk:
    """Copies a payload, checking keys and cleaning texts."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def value(self, value: Json, at: tuple[str, ...]) -> Json:
        if isinstance(value, str):
            return self._text(value, at)
        if isinstance(value, dict):
            kept = {key: item for key, item in value.items() if item is not None}
            return {self._key(key, at): self.value(item, (*at, key)) for key, item in kept.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, (*at, str(i))) for i, item in enumerate(value)]
        return value

    def _key(self, key: str, at: tuple[str, ...]) -> str:
        if key in FORBIDDEN_KEYS:
            self._refuse("DIRECTIVE_KEY_FORBIDDEN", f"the key {key!r} is forbidden", at, "drop it")
        elif has_surrogates(key):
            self._surrogate(at)
        elif clean(key) != key:
            why = "a key holds control or bidi override characters"
            self._refuse("DIRECTIVE_TEXT_FORBIDDEN", why, at, "write it without them")
        return key

    def _text(self, text: str, at: tuple[str, ...]) -> str:
        if text.isascii() and text.isprintable():
            return text
        if has_surrogates(text):
            self._surrogate(at)
            return text
        cleaned = clean(text)
        if cleaned != text and not only_line_ends_differ(text):
            self._notes.found.append(
                diagnostic(
                    "DIRECTIVE_TEXT_INVISIBLE",
                    "took invisible or direction-changing characters out of a text",
                    pointer=join(at),
                    hint="write the text without control characters",
                )
            )
        return cleaned

    def _surrogate(self, at: tuple[str, ...]) -> None:
        why = "a lone surrogate stands in a text, which UTF-8 cannot carry"
        self._refuse("DIRECTIVE_TEXT_UNENCODABLE", why, at, "write the character itself")

    def _refuse(self, code: str, why: str, at: tuple[str, ...], hint: str) -> None:
        self._notes.refuse(code, why, join(at), hint)
