"""Which data keys and paths may go out: those that every client reads alike.

It promises that a plain key or path is no prototype of JavaScript and no expression. Whether there
is anything at a path, it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_letters, digits
from typing import Final

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.ir.values import FORBIDDEN_KEYS

_SEGMENT: Final = r"[A-Za-z0-9_-]+"
_LINES: Final = re.compile(rf"\n(?:(?:/?{_SEGMENT}+(?:/{_SEGMENT}+)*+|\.)\n)*+")
_EMPTY_SEGMENTS: Final = ("//", "/\n", "\n\n")
KEY: Final = re.compile(_SEGMENT)
PLAIN_PATH: Final = re.compile(rf"/?{_SEGMENT}(?:/{_SEGMENT})*|\.")
_FORBIDDEN_PART: Final = re.compile(
    rf"(?:^|[/.\[])(?:{'|'.join(sorted(FORBIDDEN_KEYS))})(?:$|[/.\]])"
)


def all_safe(paths: Sequence[str], look: Look) -> bool:
    """Whether `check_path` finds nothing wrong with any of these paths, asked of all at once."""
    if not paths:
        return True
    lines = "\n".join(["", *paths, ""])
    signs = beside_keys(lines)
    return (
        signs.count(b"\n") == len(paths) + 1
        and _are_segments(lines, signs)
        and not _has_forbidden(lines)
        and max(map(len, signs.split(b"\n"))) <= look.max_data_depth
    )


_KEY_SIGNS: Final = f"{ascii_letters}{digits}_-".encode()


def beside_keys(text: str) -> bytes:
    """What a text holds beside signs that keys are made of; nothing of a key."""
    return text.encode("utf-8", "surrogatepass").translate(None, _KEY_SIGNS)


def _are_segments(lines: str, signs: bytes) -> bool:
    """Whether each line is a plain path; all but `.` are keys parted by slashes."""
    if signs.translate(None, b"/\n"):
        return _LINES.fullmatch(lines) is not None
    return not any(empty in lines for empty in _EMPTY_SEGMENTS)


def _has_forbidden(lines: str) -> bool:
    return any(key in lines for key in FORBIDDEN_KEYS) and not FORBIDDEN_KEYS.isdisjoint(
        lines.replace("\n", "/").split("/")
    )


def check_path(path: str, at: At, look: Look) -> None:
    """Report what clients could misread in a path, be it bound or written to."""
    if PLAIN_PATH.fullmatch(path) is None:
        text = f"clients read the path {show(path)} in different ways"
        look.report("DATA_PATH_INVALID", at, text, "segments of A-Z a-z 0-9 _ - parted by /")
    if path.count("/") > look.max_data_depth:
        depth = path.count("/")
        look.limit("max_data_depth", look.max_data_depth, depth, "depth of a path", at)
    if _FORBIDDEN_PART.search(path) is not None:
        text = f"the path {show(path)} has a segment that JavaScript clients misread"
        look.report("DATA_KEY_FORBIDDEN", at, text)
