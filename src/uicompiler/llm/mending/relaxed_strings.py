"""Strings as models write them, rewritten as JSON strings: other quotes, raw line breaks, escapes.

Promises: time is linear in the string; every character arrives as it was written, and a backslash
is taken away only before a character that nothing else could be meant by. Where a quote may end the
string or belong to it, and both are possible, the string is refused.
"""

from __future__ import annotations

import json
import re
from typing import Final

from uicompiler.llm.mending.relaxed_nesting import CLOSING
from uicompiler.llm.mending.relaxed_words import BrokenError, Steps, TornError

CLOSERS: Final = {
    '"': '"',
    "'": "'",
    "`": "`",
    "\u201c": '\u201d\u201c"',
    "\u201d": '\u201d"',
    "\u201e": '\u201c\u201d"',
    "\u2018": "\u2019'",
}
"""By the quote that opens a string, those that may close it."""

MAX_KEY: Final = 100
_MAX_INNER: Final = 64

_CONTENT: Final = {
    opening: re.compile(rf'[^"\\\x00-\x1f{closers}]*+') for opening, closers in CLOSERS.items()
}
_SPACE: Final = re.compile(r"[\s\u200b\u2060\ufeff]*+")
_ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_HEX: Final = re.compile(r"\\x([0-9a-fA-F]{2})")
_TORN_ESCAPE: Final = re.compile(r"\\(?:[ux][0-9a-fA-F]{0,3})?\Z")
_TRIPLE: Final = ('"""', "'''")
_BETWEEN: Final = re.compile(r'["\u201e]([^"\u201e]*+)')
_STRUCTURE: Final = re.compile(r"[][{}:]|,\s*+'|',")
_BRACKETS: Final = re.compile(r"[][{}]")
_NEEDLESS: Final = "'`_$#%&*-"
"""What Markdown, LaTeX, JavaScript and shells escape to say the character itself."""
KEY_AHEAD: Final = re.compile(r"""(["'])[^"'\\\n]{1,100}+\1[ \t]*+:""")
"""A key in plain quotes with its colon."""


_STRAY_COMMA: Final = re.compile(r'"\s*+,|,(?!\s)|,\s*+"')


def may_hold(literal: str, change: str) -> bool:
    """Whether what is missing beside a string may have slipped into it.

    Commas in words have a space behind them, and brackets come in pairs.

    Args:
        literal: A scalar as JSON.
        change: What is to be supplied.
    """
    if not literal.startswith('"'):
        return False
    if change == "missing_comma":
        return _STRAY_COMMA.search(literal) is not None
    return any(literal.count(opening) != literal.count(CLOSING[opening]) for opening in CLOSING)


def is_quote(char: str) -> bool:
    """Whether a string may begin with this character."""
    return char in CLOSERS


def read_string(
    text: str, at: int, changes: dict[str, None], steps: Steps, *, is_key: bool
) -> tuple[str, int]:
    """The string that begins at `at`, as a JSON string, and where it ends.

    Args:
        text: The string, with anything around it.
        at: Where its first quote stands.
        changes: Names of what was changed are added.
        steps: Taken as far as they are needed.
        is_key: A colon has to follow it.

    Raises:
        TornError: it has no end.
        BrokenError: it can be read in two ways.
    """
    if text.startswith(_TRIPLE, at) and not is_key:
        triple = _triple(text, at)
        if triple is not None:
            changes["quotes"] = None
            return triple
    return _String(text, at, changes, steps, is_key).read()


def _triple(text: str, at: int) -> tuple[str, int] | None:
    """A string in three quotes, as in Python; None for an empty one in single quotes."""
    end = text.find(text[at : at + 3], at + 3)
    if end < 0 or not _ends_value(text, end + 3):
        return None
    content = text[at + 3 : end]
    if "\\" in content:
        raise BrokenError
    return json.dumps(content, ensure_ascii=False), end + 3


class _String:
    def __init__(
        self, text: str, at: int, changes: dict[str, None], steps: Steps, is_key: bool
    ) -> None:
        self._text = text
        self._start = at
        self._pos = at + 1
        self._is_key = is_key
        self._changes = changes
        self._steps = steps
        self._parts: list[str] = []
        self._inner = 0  # quotes that belong to the string, unescaped
        self._low = 0  # low quotes that are not closed by a high one
        self._apart = False  # has quotes of its own kind that are no apostrophes
        self._odd = False  # one of them that should open a quotation stands behind a word
        self._raw = False  # has raw control characters

    def read(self) -> tuple[str, int]:
        opening = self._text[self._start]
        content, closers = _CONTENT[opening], CLOSERS[opening]
        while True:
            self._steps.take()
            found = content.match(self._text, self._pos)
            if found is not None:
                self._add(found[0])
                self._pos = found.end()
            self._judge_length()
            char = self._text[self._pos]
            if char in closers and self._ends(self._pos + 1):
                break
            self._special(char, closers)
        self._judge_inner()
        if opening != '"' or self._text[self._pos] != '"':
            self._changes["quotes"] = None
        return f'"{"".join(self._parts)}"', self._pos + 1

    def _add(self, content: str) -> None:
        self._parts.append(content)
        closing = content.count("\u201c") + content.count("\u201d")
        self._low = max(0, self._low + content.count("\u201e") - closing)

    def _judge_length(self) -> None:
        if self._is_key and self._pos - self._start > MAX_KEY:
            raise BrokenError
        if self._pos == len(self._text):
            raise BrokenError if self._inner else TornError

    def _special(self, char: str, closers: str) -> None:
        if char == "\\":
            self._escape()
        elif char < " " and self._is_key:
            raise BrokenError
        elif char < " ":
            self._raw = True
            self._changes["control_character"] = None
            self._parts.append(json.dumps(char)[1:-1])
            self._pos += 1
        else:
            self._quote(char, closers)

    def _quote(self, char: str, closers: str) -> None:
        """A quote inside the string; whether one of the closing ones may, is judged here."""
        if char in closers:
            self._judge_quote(char)
        if char == '"' and char in closers:
            opens = (self._inner + self._low) % 2 == 0
            self._odd |= opens and self._text[self._pos - 1].isalnum()
            self._inner += 1
            if self._inner > _MAX_INNER:
                raise BrokenError
            self._changes["inner_quotes"] = None
        self._parts.append('\\"' if char == '"' else char)
        self._pos += 1

    def _judge_quote(self, char: str) -> None:
        """Refuse one that is rather the end of the string, or one of two by mistake.

        Raises:
            BrokenError: it can be read in two ways.
        """
        plain = char == '"'
        following = self._following()
        twice = plain and following == self._pos + 1 and self._ends(following + 1)
        doubled = not plain and self._pos == self._start + 1
        another = self._text.startswith((":", char), following) and not twice
        if self._is_key or doubled or another:
            raise BrokenError
        if not plain:
            self._judge_apostrophe()

    def _judge_apostrophe(self) -> None:
        """Refuse a quote that stands neither in a word nor, as in the boys' room, after an s.

        Raises:
            BrokenError: it opens or ends something.
        """
        before, after = self._text[self._pos - 1], self._text[self._pos + 1 : self._pos + 2]
        if not before.isalnum() or not (after.isalnum() or before in "sS"):
            raise BrokenError
        self._apart |= not after.isalnum()

    def _following(self) -> int:
        found = _SPACE.match(self._text, self._pos + 1)
        return self._pos + 1 if found is None else found.end()

    def _judge_inner(self) -> None:
        """Quotes inside come in pairs, one of which may be a low one, as in German.

        Raises:
            BrokenError: they do not, or what they enclose is rather JSON.
        """
        content = "".join(self._parts)
        if self._apart and _STRUCTURE.search(content):
            raise BrokenError
        if not self._inner:
            return
        enclosed = "".join(_BETWEEN.findall(content))
        odd = self._odd or (self._inner + self._low) % 2
        if self._raw or odd or _BRACKETS.search(content) or ":" in enclosed:
            raise BrokenError

    def _ends(self, after: int) -> bool:
        if self._is_key:
            found = _SPACE.match(self._text, after)
            end = after if found is None else found.end()
            return end == len(self._text) or self._text[end] in ":\uff1a"
        return _ends_value(self._text, after)

    def _escape(self) -> None:
        text, pos = self._text, self._pos
        plain = _ESCAPE.match(text, pos)
        if plain is not None:
            self._parts.append(plain[0])
            self._pos = plain.end()
            return
        if _TORN_ESCAPE.match(text, pos):
            raise TornError
        hexadecimal = _HEX.match(text, pos)
        if hexadecimal is not None:
            self._parts.append(f"\\u00{hexadecimal[1]}")
            self._pos = hexadecimal.end()
        elif text[pos + 1] in _NEEDLESS:
            self._parts.append(text[pos + 1])
            self._pos += 2
        else:
            raise BrokenError
        self._changes["escape"] = None


def _ends_value(text: str, after: int) -> bool:
    """Whether a value may end here, by what follows it."""
    found = _SPACE.match(text, after)
    end = after if found is None else found.end()
    if end == len(text) or text[end] in ",}]\uff0c\u3001" or text.startswith(("//", "/*"), end):
        return True
    return "\n" in text[after:end] and KEY_AHEAD.match(text, end) is not None
