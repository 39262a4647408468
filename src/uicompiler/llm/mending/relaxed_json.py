"""Almost JSON, as models write it, rewritten as JSON; left alone where it can be read in two ways.

Promises: no text makes `rewrite` raise; time is linear in the text; JSON is rewritten as itself,
and what is cut off stays cut off; no value is invented, dropped or changed. What could mean two
things (a backslash before a letter, a bare word, a bracket that may be missing in two places) is
`broken`. It does not know what an envelope is, but for the nesting of its directives, which tells
where a bracket is missing.

Source: RFC 8259 for what comes out; what goes in is what models are reported to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from uicompiler.llm.mending.relaxed_nesting import CLOSING, Nesting
from uicompiler.llm.mending.relaxed_strings import KEY_AHEAD, is_quote, may_hold, read_string
from uicompiler.llm.mending.relaxed_words import (
    BrokenError,
    Steps,
    TornError,
    read_bare_key,
    read_number,
    read_word,
)

State = Literal["complete", "torn", "broken"]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What one attempt gave.

    Attributes:
        text: The value as compact JSON; without its end when torn.
        start: Where it begins.
        end: Where reading stopped.
        state: complete; torn by the end of the text; broken when it cannot be mended.
        keys: Of the outermost object, as far as they were read.
        changes: Names of what was changed, each once, in order.
    """

    text: str
    start: int
    end: int
    state: State
    keys: tuple[str, ...]
    changes: tuple[str, ...]


def rewrite(
    text: str, at: int, *, max_depth: int, finished: bool = False, steps: Steps
) -> Rewritten:
    """Rewrite the object or array that begins at `at`; what follows it is left alone.

    Args:
        text: The value, with anything before and after it.
        at: Where its bracket stands.
        max_depth: Most containers inside each other.
        finished: The text is whole, so brackets missing at its end were forgotten, not cut off.
        steps: Taken as far as they are needed; without any left all is broken.
    """
    return _Rewriter(text, at, max_depth, finished, steps).run()


_Step = Literal["value", "member", "colon", "after", "done"]

_SPACE: Final = re.compile(r"[\s\u200b\u2060\ufeff]*+")
_JSON_SPACE: Final = re.compile(r"[ \t\n\r]*+")
_COMMENT: Final = re.compile(r"(?://|#[ \t])[^\n]*+")  # never a colour such as #fff
_STRUCTURE: Final = tuple("{}[],:")
_WIDE: Final = {"\uff1a": ":", "\uff0c": ",", "\u3001": ","}


class _Rewriter:
    """Reads one token a step, on a stack of its own, and writes it as it should be."""

    def __init__(self, text: str, pos: int, max_depth: int, finished: bool, allowed: Steps) -> None:
        self._text = text
        self._start = pos
        self._pos = pos
        self._max_depth = max_depth
        self._finished = finished
        self._allowed = allowed
        self._out: list[str] = []
        self._nesting = Nesting()
        self._keys: tuple[str, ...] = ()
        self._changes: dict[str, None] = {}
        self._comma = False  # read, and written before the next value only
        self._line_break = False  # in the space before the current token
        self._closed = False  # the last token was a bracket that closes
        self._supplied: set[str] = set()  # what was added or left out between values
        self._last = ""  # scalar, as it was written
        self._steps: Mapping[str, Callable[[str], _Step]] = {
            "value": self._value,
            "member": self._member,
            "colon": self._colon,
            "after": self._after,
        }

    def run(self) -> Rewritten:
        state: State = "complete"
        try:
            self._read()
            self._judge_rest()
        except TornError:
            state = "torn"
        except BrokenError:
            state = "broken"
        keys = self._nesting.keys or self._keys
        text, end = "".join(self._out), self._pos
        return Rewritten(text, self._start, end, state, keys, tuple(self._changes))

    def _read(self) -> None:
        step: _Step = "value"
        while step != "done":
            self._allowed.take()
            self._skip()
            if self._pos == len(self._text):
                self._close_at_end(step)
                return
            char = self._text[self._pos]
            plain = _WIDE.get(char, char)
            if plain != char:
                self._changes["punctuation"] = None
            step = self._steps[step](plain)

    def _skip(self) -> None:
        """Over white space, such as clients never see, and comments."""
        self._line_break = False
        while True:
            start = self._pos
            plain = _end(_JSON_SPACE, self._text, start)
            self._pos = _end(_SPACE, self._text, plain)
            if self._pos != plain:
                self._changes["space"] = None
            self._line_break |= "\n" in self._text[start : self._pos]
            if self._text.startswith(("//", "# ", "#\t"), self._pos):
                self._pos = _end(_COMMENT, self._text, self._pos)
            elif self._text.startswith("/*", self._pos):
                closing = self._text.find("*/", self._pos + 2)
                self._pos = len(self._text) if closing < 0 else closing + 2
            else:
                return
            self._changes["comment"] = None

    # Steps. Each is given the character it begins at, and gives the next step.

    def _value(self, char: str) -> _Step:
        if self._is_in("[") and char in "]}":
            return self._close(char)  # of an empty array, or after a trailing comma
        self._separate()
        if char in "{[":
            return self._open(char)
        if is_quote(char):
            self._put(self._string(is_key=False))
        elif char in "-+.0123456789":
            self._put(self._bare(read_number))
        else:
            self._put(self._bare(read_word))
        self._nesting.put()
        return "after"

    def _member(self, char: str) -> _Step:
        if char in "]}":
            return self._close(char)
        if char == "{" and self._comma:
            return self._close_before_next()
        before = len(self._out)
        self._separate()
        try:
            key = self._string(is_key=True) if is_quote(char) else self._bare(read_bare_key)
        except TornError:
            del self._out[before:]
            raise
        self._out.append(key)
        self._nesting.name(json.loads(key))
        return "colon"

    def _colon(self, char: str) -> _Step:
        if char != ":":
            raise BrokenError
        self._pos += 1
        self._out.append(":")
        self._closed = False
        return "value"

    def _after(self, char: str) -> _Step:
        if char in "]}":
            return self._close(char)
        if char == ",":
            self._pos += 1
        elif self._begins_next(char):
            self._supplement("missing_comma")
        else:
            raise BrokenError
        self._comma, self._closed = True, False
        return "value" if self._is_in("[") else "member"

    def _begins_next(self, char: str) -> bool:
        """Whether another value can only follow because a comma is missing."""
        if self._is_in("["):
            return self._closed and char in "{["
        key = KEY_AHEAD.match(self._text, self._pos)
        return key is not None and (self._closed or self._line_break)

    def _separate(self) -> None:
        if self._comma:
            self._out.append(",")
            self._comma = False
        self._closed = False

    # Containers.

    def _is_in(self, bracket: str) -> bool:
        return len(self._nesting) > 0 and self._nesting.top.bracket == bracket

    def _open(self, char: str) -> _Step:
        if len(self._nesting) >= self._max_depth:
            raise BrokenError
        self._pos += 1
        self._out.append(char)
        self._nesting.open(char)
        return "value" if char == "[" else "member"

    def _close(self, char: str) -> _Step:
        if CLOSING[self._nesting.top.bracket] != char:
            if self._is_excess(char):
                self._pos += 1
                self._supplement("excess_bracket")
                return "after"
            if self._comma:
                raise BrokenError  # something is missing after it as well
            self._supply(self._nesting.inside("[" if char == "]" else "{"))
        self._pos += 1
        return self._pop()

    def _pop(self) -> _Step:
        if self._comma:
            self._changes["trailing_comma"] = None
            self._comma = False
        closed = self._nesting.close()
        self._out.append(CLOSING[closed.bracket])
        self._closed = True
        if len(self._nesting):
            return "after"
        self._keys = tuple(closed.keys)
        return "done"

    def _is_excess(self, char: str) -> bool:
        """Whether this bracket is one too many in `}}}` after a directive."""
        directives = self._nesting.top.role == "directives" and len(self._nesting) <= 2
        if char != "}" or not directives or not self._closed:
            return False
        return self._text.startswith(("]", ","), _end(_SPACE, self._text, self._pos + 1))

    def _close_before_next(self) -> _Step:
        """Another object follows where a key should: the one before it was not closed."""
        self._comma = False
        self._supply(self._nesting.inside("["))
        self._comma, self._closed = True, False
        return "value"

    def _close_at_end(self, step: _Step) -> None:
        """The text has ended: close what can only have been forgotten.

        Raises:
            TornError: it was cut off.
        """
        if step != "after" or not (self._nesting.is_whole_envelope or self._finished):
            raise TornError
        try:
            self._supply(len(self._nesting), at_end=True)
        except BrokenError:
            raise TornError from None

    def _supply(self, count: int, *, at_end: bool = False) -> None:
        """Close so many of the innermost containers.

        Raises:
            BrokenError: the missing brackets may also stand elsewhere.
        """
        self._nesting.judge_missing(count, at_end=at_end)
        self._supplement("missing_bracket")
        for _ in range(count):
            self._pop()

    def _supplement(self, change: str) -> None:
        """Note that something is added or left out between values.

        Raises:
            BrokenError: it may have slipped into the string before it.
        """
        if may_hold(self._last, change):
            raise BrokenError
        self._supplied.add(change)
        self._changes[change] = None
        self._last = ""

    def _put(self, scalar: str) -> None:
        """Write a scalar.

        Raises:
            BrokenError: what was supplied before it may have slipped into it.
        """
        if not self._last and any(may_hold(scalar, change) for change in self._supplied):
            raise BrokenError
        self._out.append(scalar)
        self._last = scalar

    def _judge_rest(self) -> None:
        """Where a bracket or a comma was supplied, all has to come out even.

        Raises:
            BrokenError: what follows shows that it belonged elsewhere, or one slip would be two.
        """
        if not self._supplied:
            return
        rest = _end(_SPACE, self._text, self._pos)
        more = self._text.startswith((*_STRUCTURE, '"'), rest)
        if more or self._nesting.mixed or len(self._supplied) > 1:
            raise BrokenError

    # Scalars.

    def _bare(self, read: Callable[[str, int, dict[str, None]], tuple[str, int]]) -> str:
        plain, self._pos = read(self._text, self._pos, self._changes)
        return plain

    def _string(self, *, is_key: bool) -> str:
        literal, self._pos = read_string(
            self._text, self._pos, self._changes, self._allowed, is_key=is_key
        )
        return literal


def _end(pattern: re.Pattern[str], text: str, pos: int) -> int:
    found = pattern.match(text, pos)
    return pos if found is None else found.end()
