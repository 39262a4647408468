"""File names as they may be kept and shown: no paths, nothing invisible, no device's name.

The name a client gives is its user's, or an attacker's; no file is ever stored under it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from uicompiler.ir.text import clean

MAX_NAME_BYTES: Final = 150
_NAMELESS: Final = "file"

# Line ends and tabs, direction marks that `clean` leaves to texts, lone surrogates.
_NOT_IN_NAMES: Final = re.compile("[\t\n\u061c\u200e\u200f\u2028\u2029\ud800-\udfff]")
_PUNCTUATION: Final = re.compile(r'[<>:"|?*]')
_DEVICES: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE
)


def safe_name(given: str) -> str:
    """The last part of a client's path, as a name that is one on every system.

    Sources: Unicode TR36 (directions), Microsoft "Naming Files, Paths, and Namespaces".
    """
    last = re.split(r"[/\\]", given)[-1]
    text = unicodedata.normalize("NFC", _NOT_IN_NAMES.sub("", clean(last)))
    text = _PUNCTUATION.sub("_", text).strip(" .")
    stem, dot, ending = text.partition(".")
    if _DEVICES.fullmatch(stem.strip()):
        text = f"_{stem}{dot}{ending}"
    return _short(text) or _NAMELESS


def ending_of(name: str) -> str:
    """The ending of a name with its dot, lower case; "" for none."""
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem and ending else ""


def with_ending(name: str, ending: str) -> str:
    """The name with another ending behind its own."""
    return f"{_short(name, room=len(ending.encode()))}{ending}"


def _short(name: str, *, room: int = 0) -> str:
    """At most so many bytes, the ending kept where it is a short one."""
    most = MAX_NAME_BYTES - room
    if len(name.encode()) <= most:
        return name
    ending = ending_of(name)
    kept = ending if len(ending.encode()) <= 20 else ""
    stem = name[: len(name) - len(kept)].encode()[: most - len(kept.encode())]
    return f"{stem.decode('utf-8', 'ignore').rstrip(' .')}{kept}"
