"""What may stand in a text: which characters are invisible controls and what cleans them.

Invisible controls are C0 except TAB and LF, C1, U+200B, U+FEFF and tag characters outside
emoji tag sequences; bidi overrides are U+202A-202E and U+2066-2069. U+200C to U+200F and U+2060
pass, since Persian, Hebrew and emoji need them. Source: DESIGN section 6, UTS #51 (tags).
"""

from __future__ import annotations

import re
from typing import Final

_TAG_SEQUENCE: Final = "\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
_CONTROL: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\ufeff\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069"
)
_SCAN: Final = re.compile(f"({_TAG_SEQUENCE})|[{_CONTROL}]")
_QUICK: Final = re.compile(f"[{_CONTROL}]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def has_controls(text: str) -> bool:
    """Whether `clean` would take anything out (CR included)."""
    if _QUICK.search(text) is None:
        return False
    return any(match[1] is None for match in _SCAN.finditer(text))


def has_surrogates(text: str) -> bool:
    """Whether the text holds a lone surrogate, which UTF-8 cannot carry."""
    return not text.isascii() and _SURROGATE.search(text) is not None


# Control characters, line ends and changes of direction: what could play with a terminal.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """The text on one line, with what could play with a terminal written as escapes."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def clean(text: str) -> str:
    """The text without invisible controls; line ends become LF."""
    if _QUICK.search(text) is None:
        return text
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SCAN.sub(lambda match: match[1] or "", unified)


def only_line_ends_differ(text: str) -> bool:
    """Whether `clean` changes nothing but CR and CRLF line ends."""
    return not has_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
