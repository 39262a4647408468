"""Plain text through Text components, which the official client renders as markdown.

With a renderer, every ASCII punctuation character is backslash-escaped (CommonMark 0.31
section 2.4) and spaces that markdown would eat become entities; without one the raw text goes
out. A line break has no form that works in headings, so texts are lowered line by line.
"""

from __future__ import annotations

import re
from typing import Final

from uicompiler.app import ClientProfile
from uicompiler.backends.a2ui_v0_8.names import guard

_PUNCTUATION: Final = re.compile(r"[!-/:-@\[-`{-~]")
_RUNS: Final = re.compile(r"(?<= ) | (?= )|\t|^\s|\s$")
_NBSP: Final = "&nbsp;"


def text_line(line: str, client: ClientProfile) -> str:
    """One line of user text as a Text's `literalString` (or data string) for a client."""
    if client.markdown == "none":
        return guard(line) if line else "\u00a0"
    if not line:
        return _NBSP
    is_spaced = "  " in line or line[0] == " " or line[-1] == " " or not line.isprintable()
    if not is_spaced and line.replace(" ", "").isalnum():
        return line  # words
    escaped = _PUNCTUATION.sub(_escape, line)
    return _RUNS.sub(_space, escaped) if is_spaced else escaped


def _escape(match: re.Match[str]) -> str:
    return "\\" + match[0]


def _space(match: re.Match[str]) -> str:
    # A tab would be laid out as a plain space, which is nothing at either end of a line.
    return _NBSP if match[0] in " \t" else f"&#{ord(match[0])};"
