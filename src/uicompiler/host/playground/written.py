"""JSON as a person reads it: indented, with what was redacted marked, and nothing invisible.

Whatever stands in a log may have been written to deceive: markup is escaped, and characters that
cannot be seen, or that turn the order of others around, stand as the escapes that JSON has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from markupsafe import Markup, escape

from uicompiler.conversation import is_redacted
from uicompiler.ir.values import thaw

MOST_ITEMS: Final = 1000
"""Of one object or list; more are counted, not shown."""

_STEP: Final = "  "
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_MORE: Final = Markup("<em>… {} more</em>")
_REDACTED: Final = Markup('<mark title="SHA-256 commitment {}">redacted</mark>')


def written(value: Any, indent: str = "") -> Markup:
    """A JSON value as markup for a `pre` element."""
    if is_redacted(value):
        return _REDACTED.format(value["redacted"])
    if isinstance(value, Mapping):
        items = [_member(key, item, indent + _STEP) for key, item in _first(list(value.items()))]
        return _enclosed("{", items, len(value), "}", indent)
    if isinstance(value, (list, tuple)):
        items = [written(item, indent + _STEP) for item in _first(value)]
        return _enclosed("[", items, len(value), "]", indent)
    return escape(visible(json.dumps(value, ensure_ascii=False)))


def visible(text: str) -> str:
    """A text in which every character can be seen."""
    return _UNSEEN.sub(_escaped, text)


def visible_lines(text: str) -> str:
    """The same, line by line."""
    return "\n".join(map(visible, text.split("\n")))


def size(value: Any) -> int:
    """How many bytes a value is as compact JSON in UTF-8."""
    try:
        return len(orjson.dumps(thaw(value)))
    except TypeError:  # a lone surrogate, or an integer beyond 64 bits
        return len(json.dumps(thaw(value), separators=(",", ":")).encode())


def _member(key: str, value: Any, indent: str) -> Markup:
    name = escape(visible(json.dumps(str(key), ensure_ascii=False)))
    return name + Markup(": ") + written(value, indent)


def _first(items: Sequence[Any]) -> Sequence[Any]:
    return items[:MOST_ITEMS]


def _enclosed(opening: str, items: list[Markup], count: int, closing: str, indent: str) -> Markup:
    if not count:
        return escape(opening + closing)
    more = [_MORE.format(count - len(items))] if count > len(items) else []
    inner = f"\n{indent}{_STEP}"
    inside = escape(f",{inner}").join([*items, *more])
    return Markup("{}{}{}\n{}{}").format(opening, inner, inside, indent, closing)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
