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
from dataclasses import dataclass, field
from typing import Final, Literal

from uicompiler.llm.relaxed_strings import KEY_AHEAD, is_quote, read_string
from uicompiler.llm.relaxed_words import (
    BrokenError,
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


def rewrite(text: str, at: int, *, max_depth: int, finished: bool = False) -> Rewritten:
    """Rewrite the object or array that begins at `at`; what follows it is left alone.

    Args:
        text: The value, with anything before and after it.
        at: Where its bracket stands.
        max_depth: Most containers inside each other.
        finished: The text is whole, so brackets missing at its end were forgotten, not cut off.
    """
    return _Rewriter(text, at, max_depth, finished).run()


_Step = Literal["value", "member", "colon", "after", "done"]
_Role = Literal["", "root", "directives", "directive", "payload"]

_SPACE: Final = re.compile(r"[\s\u200b\u2060\ufeff]*+")
_JSON_SPACE: Final = re.compile(r"[ \t\n\r]*+")
_COMMENT: Final = re.compile(r"(?://|#[ \t])[^\n]*+")  # never a colour such as #fff
_CLOSING: Final = {"{": "}", "[": "]"}
_WIDE: Final = {"\uff1a": ":", "\uff0c": ",", "\u3001": ","}
_PAYLOADS: Final = ("payload", "arguments", "parameters")
_ENVELOPE: Final = frozenset({"assistant_text", "directives"})
_DIRECTIVE: Final = frozenset({"type", *_PAYLOADS})


@dataclass(slots=True)
class _Open:
    """A container that is not closed yet.

    Attributes:
        bracket: `{` or `[`.
        role: What it is in an envelope.
        count: How many values it has.
        key: Of the value that is being read.
        doubtful: Its last value is a container of its own kind, so that a missing bracket could
            also stand inside that one.
    """

    bracket: str
    role: _Role
    count: int = 0
    key: str = ""
    doubtful: bool = False
    keys: dict[str, None] = field(default_factory=dict)


class _Rewriter:
    """Reads one token a step, on a stack of its own, and writes it as it should be."""

    def __init__(self, text: str, pos: int, max_depth: int, finished: bool) -> None:
        self._text = text
        self._start = pos
        self._pos = pos
        self._max_depth = max_depth
        self._finished = finished
        self._out: list[str] = []
        self._stack: list[_Open] = []
        self._keys: tuple[str, ...] = ()
        self._changes: dict[str, None] = {}
        self._comma = False  # read, and written before the next value only
        self._line_break = False  # in the space before the current token
        self._closed = False  # the last token was a bracket that closes
        self._supplied = False  # a bracket or a comma was added or left out
        self._mixed = False  # an object has keys that belong further in or further out
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
        keys = tuple(self._stack[0].keys) if self._stack else self._keys
        text, end = "".join(self._out), self._pos
        return Rewritten(text, self._start, end, state, keys, tuple(self._changes))

    def _read(self) -> None:
        step: _Step = "value"
        while step != "done":
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
        if self._stack and self._stack[-1].bracket == "[" and char in "]}":
            return self._close(char)  # of an empty array, or after a trailing comma
        self._separate()
        if char in "{[":
            return self._open(char)
        if is_quote(char):
            self._out.append(self._string(is_key=False))
        elif char in "-+.0123456789":
            self._out.append(self._bare(read_number))
        else:
            self._out.append(self._bare(read_word))
        return self._put(doubtful=False)

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
        top = self._stack[-1]
        top.key = json.loads(key)
        top.keys[top.key] = None
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
            self._changes["missing_comma"] = None
            self._supplied = True
        else:
            raise BrokenError
        self._comma, self._closed = True, False
        return "value" if self._stack[-1].bracket == "[" else "member"

    def _begins_next(self, char: str) -> bool:
        """Whether another value can only follow because a comma is missing."""
        if self._stack[-1].bracket == "[":
            return self._closed and char in "{["
        key = KEY_AHEAD.match(self._text, self._pos)
        return key is not None and (self._closed or self._line_break)

    def _separate(self) -> None:
        if self._comma:
            self._out.append(",")
            self._comma = False
        self._closed = False

    # Containers.

    def _open(self, char: str) -> _Step:
        if len(self._stack) >= self._max_depth:
            raise BrokenError
        self._pos += 1
        self._out.append(char)
        self._stack.append(_Open(char, self._role(char)))
        return "value" if char == "[" else "member"

    def _role(self, char: str) -> _Role:
        if not self._stack:
            return "root" if char == "{" else "directives"
        outer = self._stack[-1]
        if char == "[":
            root = outer.role == "root"
            return "directives" if root and outer.key == "directives" else ""
        if outer.role == "directives":
            return "directive"
        is_directive = outer.role in ("directive", "root")
        return "payload" if is_directive and outer.key in _PAYLOADS else ""

    def _close(self, char: str) -> _Step:
        if _CLOSING[self._stack[-1].bracket] != char:
            if self._is_excess(char):
                self._pos += 1
                self._supplied = True
                self._changes["excess_bracket"] = None
                return "after"
            self._close_forgotten(char)
        self._pos += 1
        return self._pop()

    def _pop(self) -> _Step:
        if self._comma:
            self._changes["trailing_comma"] = None
            self._comma = False
        closed = self._stack.pop()
        if closed.role in ("root", "directive"):
            self._mixed |= _is_mixed({*closed.keys})
        self._out.append(_CLOSING[closed.bracket])
        self._closed = True
        if not self._stack:
            self._keys = tuple(closed.keys)
            return "done"
        return self._put(doubtful=self._is_doubtful(closed), closed=True)

    def _is_doubtful(self, closed: _Open) -> bool:
        outer = self._stack[-1]
        if outer.bracket != closed.bracket:
            return False
        # What belongs to a payload is never meant to stand beside it.
        several = closed.count > 1 and closed.role != "payload"
        twice = closed.bracket == "[" and outer.count == 0  # in `[[`, one may be too many
        return several or twice or closed.doubtful

    def _put(self, *, doubtful: bool, closed: bool = False) -> _Step:
        top = self._stack[-1]
        top.count += 1
        top.doubtful = doubtful
        self._closed = closed
        return "after"

    def _is_excess(self, char: str) -> bool:
        """Whether this bracket is one too many in `}}}` after a directive."""
        directives = self._stack[-1].role == "directives" and len(self._stack) <= 2
        if char != "}" or not directives or not self._closed:
            return False
        return self._text.startswith(("]", ","), _end(_SPACE, self._text, self._pos + 1))

    def _close_forgotten(self, char: str) -> None:
        """Close what stands between this bracket and the container that it closes."""
        depth = len(self._stack) - 1
        while depth >= 0 and _CLOSING[self._stack[depth].bracket] != char:
            depth -= 1
        if depth < 0:
            raise BrokenError
        self._supply(depth + 1)

    def _close_before_next(self) -> _Step:
        """Another object follows where a key should: the one before it was not closed."""
        depth = len(self._stack) - 1
        while depth > 0 and self._stack[depth].bracket == "{":
            depth -= 1
        if self._stack[depth].bracket == "{":
            raise BrokenError
        self._comma = False
        self._supply(depth + 1)
        self._comma, self._closed = True, False
        return "value"

    def _close_at_end(self, step: _Step) -> None:
        """The text has ended: close what can only have been forgotten.

        Raises:
            TornError: it was cut off.
        """
        whole = len(self._stack) == 1 and self._stack[0].keys.keys() >= _ENVELOPE
        if step != "after" or not (whole or self._finished):
            raise TornError
        try:
            self._supply(0, at_end=True)
        except BrokenError:
            raise TornError from None

    def _supply(self, depth: int, *, at_end: bool = False) -> None:
        """Close the containers from this depth on.

        Raises:
            BrokenError: the missing brackets may also stand elsewhere.
        """
        missing = self._stack[depth:]
        if any(item.doubtful for item in missing):
            raise BrokenError
        if len(missing) > 1 and not at_end and not all(item.role for item in missing):
            raise BrokenError
        self._changes["missing_bracket"] = None
        self._supplied = not at_end
        while len(self._stack) > depth:
            self._pop()

    def _judge_rest(self) -> None:
        """Where a bracket or a comma was supplied, all has to come out even.

        Raises:
            BrokenError: what follows shows that it belonged elsewhere.
        """
        if not self._supplied:
            return
        rest = _end(_SPACE, self._text, self._pos)
        if self._text.startswith(("]", "}", ",", ":"), rest) or self._mixed:
            raise BrokenError

    # Scalars.

    def _bare(self, read: Callable[[str, int, dict[str, None]], tuple[str, int]]) -> str:
        plain, self._pos = read(self._text, self._pos, self._changes)
        return plain

    def _string(self, *, is_key: bool) -> str:
        literal, self._pos = read_string(self._text, self._pos, self._changes, is_key=is_key)
        return literal


def _is_mixed(keys: set[str]) -> bool:
    """Whether an envelope or a directive has keys that are not its own."""
    beside_envelope = not keys.isdisjoint(_ENVELOPE) and not keys <= _ENVELOPE
    return beside_envelope or (not keys.isdisjoint(_PAYLOADS) and not keys <= _DIRECTIVE)


def _end(pattern: re.Pattern[str], text: str, pos: int) -> int:
    found = pattern.match(text, pos)
    return pos if found is None else found.end()
