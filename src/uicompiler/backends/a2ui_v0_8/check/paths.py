"""Which data keys and paths may go out: those that every client reads alike.

It promises that a plain key or path is no prototype of JavaScript and no expression. Whether there
is anything at a path, it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import methodcaller
from typing import Final

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.ir.values import FORBIDDEN_KEYS

_SEGMENT: Final = r"[A-Za-z0-9_-]+"
_LINES: Final = re.compile(rf"(?:(?:/?{_SEGMENT}+(?:/{_SEGMENT}+)*+|\.)\n)*+")
_SLASHES: Final = methodcaller("count", "/")
KEY: Final = re.compile(_SEGMENT)
PLAIN_PATH: Final = re.compile(rf"/?{_SEGMENT}(?:/{_SEGMENT})*|\.")
_FORBIDDEN_PART: Final = re.compile(
    rf"(?:^|[/.\[])(?:{'|'.join(sorted(FORBIDDEN_KEYS))})(?:$|[/.\]])"
)


def all_safe(paths: Sequence[str], look: Look) -> bool:
    """Whether `check_path` finds nothing wrong with any of these paths, asked of all at once."""
    if not paths:
        return True
    lines = "\n".join(paths)
    return (
        lines.count("\n") == len(paths) - 1
        and _LINES.fullmatch(f"{lines}\n") is not None
        and FORBIDDEN_KEYS.isdisjoint(lines.replace("\n", "/").split("/"))
        and max(map(_SLASHES, paths)) <= look.max_data_depth
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
