"""One JSON value, read from text exactly, or what is wrong with it and where.

Promises: no text makes `read_json` raise; time is linear in the text; a complete reading without
findings is plain JSON (dict, list, str, int, float, bool, None) without duplicate keys, non-finite
numbers, integers beyond 2^53 or nesting beyond the limit. It does not know what an envelope is,
nor how large a text may be.

Reading takes up to three steps. `_whole` reads a text that is one value and beyond doubt. What it
doubts, the stdlib decoder reads, with hooks that stop at the first breach. What is refused there,
`_Reader` reads again, token by token and without recursion: it alone decides what is wrong and
where, and what is complete in text that was cut off.

Source: RFC 8259, section 4 for duplicate keys; RFC 7493 (I-JSON), section 2.2 for numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.pointer import join
from uicompiler.strict_json import (
    StrictJsonError,
    decoder,
    finite_float,
    is_deeper,
    read_surely,
    safe_integer,
)

MAX_FINDINGS: Final = 16
"""Most findings about one value; reading stops there."""

Finding = tuple[str, str, str]
"""Code, message, hint."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one attempt to read a value gave.

    Attributes:
        found: The value; when unfinished, the outermost container with what is complete in it.
        end: Where reading stopped.
        state: complete; torn by the end of the text; broken by a syntax error or stopped.
        key: When unfinished inside an outermost object, the key whose value was being read.
        part: What is complete of that value, when it is a container.
        findings: Why the value is refused, in text order.
    """

    found: object
    end: int = 0
    state: Literal["complete", "torn", "broken"] = "complete"
    key: str | None = None
    part: object = None
    findings: tuple[Diagnostic, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Keys of the outermost object, with the one being read."""
        complete = frozenset(self.found) if isinstance(self.found, dict) else frozenset()
        return complete if self.key is None else complete | {self.key}


def read_json(text: str, at: int, max_depth: int) -> Reading:
    """Read the JSON value that begins at `at`; what follows it is left alone.

    Args:
        text: The value, with anything before and after it.
        at: Where the value begins.
        max_depth: Most containers inside each other.

    Returns:
        The reading; the value counts when its state is complete and it has no findings.
    """
    # RecursionError is caught rather than forestalled by counting brackets: the decoder guards its
    # own recursion, the exact reader has none, and a count would double the cost of every text.
    value, end = _whole(text, at), len(text)
    if value is None:
        try:
            value, end = _FAST.raw_decode(text, at)
        except (ValueError, RecursionError):
            return _Reader(text, at, max_depth).read()
    if is_deeper(value, max_depth):
        return _Reader(text, at, max_depth).read()
    return Reading(value, end)


# The fast ways: decoders, which hand over whatever they doubt.


def _whole(text: str, at: int) -> dict[str, object] | list[object] | None:
    """The container that the text is from a place to its end, when it is right beyond doubt."""
    if not text.startswith(("{", "["), at) or text[-1] not in "}]":
        return None
    try:
        sure = read_surely(text[at:].encode())
    except UnicodeEncodeError:
        return None
    # -0.0 is to become 0.0.
    return None if sure is None or b"-0.0" in sure.written else sure.value


def _float(digits: str) -> float:
    return finite_float(digits) + 0.0  # -0.0 becomes 0.0


_FAST: Final = decoder(parse_float=_float)


# The exact way.

_State = Literal["value", "first_item", "first_member", "member", "colon", "after", "done"]

_SPACE: Final = re.compile(r"[ \t\n\r]*+")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*+')
_ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_TORN_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?P<real>(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)")
_TORN_NUMBER: Final = re.compile(
    r"-?(?:\Z|(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:\Z|\.\Z|[eE][+-]?[0-9]*+\Z))"
)
_WORDS: Final[Mapping[str, bool | None]] = {"null": None, "true": True, "false": False}
_NOT_FINITE: Final = ("NaN", "Infinity", "-Infinity")


class _Torn(Exception):
    """The text ends inside the value."""


class _Stop(Exception):
    """Reading on would say nothing new."""


class _Reader:
    """Reads one JSON value exactly, one token a step, on a stack of its own.

    A container joins its parent when it closes, so everything reachable from the outermost one is
    complete at any moment. What is refused but readable (a duplicate key, a number) is noted and
    read over, so that one answer names all of it.
    """

    def __init__(self, text: str, pos: int, max_depth: int) -> None:
        self._text = text
        self._pos = pos
        self._max_depth = max_depth
        self._stack: list[dict[str, object] | list[object]] = []
        self._keys: list[str | None] = []  # per open container, the key whose value is being read
        self._root: object = None
        self._findings: list[Diagnostic] = []
        self._steps: Mapping[_State, Callable[[], _State]] = {
            "value": self._value,
            "first_item": self._first_item,
            "first_member": self._first_member,
            "member": self._member,
            "colon": self._colon,
            "after": self._after,
        }

    def read(self) -> Reading:
        try:
            self._run()
        except _Torn:
            return self._reading("torn")
        except _Stop:
            return self._reading("broken")
        return self._reading("complete")

    def _run(self) -> None:
        state: _State = "value"
        while state != "done":
            self._pos = _end(_SPACE, self._text, self._pos)
            if self._pos == len(self._text):
                raise _Torn
            state = self._steps[state]()

    def _reading(self, state: Literal["complete", "torn", "broken"]) -> Reading:
        return Reading(
            found=self._stack[0] if self._stack else self._root,
            end=len(self._text) if state == "torn" else self._pos,
            state=state,
            key=self._keys[0] if self._keys else None,
            part=self._stack[1] if len(self._stack) > 1 else None,
            findings=tuple(self._findings),
        )

    def _pointer(self) -> str:
        return join(
            len(container) if isinstance(container, list) else key or ""
            for container, key in zip(self._stack, self._keys, strict=True)
        )

    def _note(self, code: str, message: str, hint: str) -> None:
        self._findings.append(diagnostic(code, message, pointer=self._pointer(), hint=hint))
        if len(self._findings) == MAX_FINDINGS:
            raise _Stop

    def _broken(self, expected: str) -> _Stop:
        """Note a syntax error at the current place; the caller raises."""
        line = self._text.count("\n", 0, self._pos) + 1
        column = self._pos - self._text.rfind("\n", 0, self._pos)
        message = f"Line {line} column {column} has {self._text[self._pos]!r}, expected {expected}."
        hint = "Write valid JSON: double quotes, no comments, no trailing comma, \\n in strings."
        self._findings.append(diagnostic("DIRECTIVE_NOT_JSON", message, hint=hint))
        return _Stop()

    # Steps. Each begins at a character that is there and gives the next state.

    def _value(self) -> _State:
        char = self._text[self._pos]
        if char in "{[":
            return self._open(char)
        if char == '"':
            return self._put(self._string())
        if char in "-0123456789":
            return self._put(self._number())
        return self._put(self._word())

    def _open(self, char: str) -> _State:
        if len(self._stack) >= self._max_depth:
            self._findings.append(too_deep(self._pointer(), self._max_depth))
            raise _Stop
        self._pos += 1
        self._stack.append({} if char == "{" else [])
        self._keys.append(None)
        return "first_member" if char == "{" else "first_item"

    def _close(self) -> _State:
        self._pos += 1
        self._keys.pop()
        return self._put(self._stack.pop())

    def _put(self, value: object) -> _State:
        if not self._stack:
            self._root = value
            return "done"
        parent = self._stack[-1]
        if isinstance(parent, list):
            parent.append(value)
        else:
            parent[self._keys[-1] or ""] = value
            self._keys[-1] = None
        return "after"

    def _first_item(self) -> _State:
        return self._close() if self._text[self._pos] == "]" else self._value()

    def _first_member(self) -> _State:
        return self._close() if self._text[self._pos] == "}" else self._member()

    def _member(self) -> _State:
        if self._text[self._pos] != '"':
            raise self._broken("a key in double quotes")
        key = self._string()
        self._keys[-1] = key
        if key in self._stack[-1]:
            self._note(*duplicate_key(key))
        return "colon"

    def _colon(self) -> _State:
        if self._text[self._pos] != ":":
            raise self._broken("':'")
        self._pos += 1
        return "value"

    def _after(self) -> _State:
        is_list = isinstance(self._stack[-1], list)
        closing = "]" if is_list else "}"
        char = self._text[self._pos]
        if char == closing:
            return self._close()
        if char != ",":
            raise self._broken(f"',' or '{closing}'")
        self._pos += 1
        return "value" if is_list else "member"

    # Scalars.

    def _string(self) -> str:
        start = self._pos
        self._pos += 1
        while True:
            self._pos = _end(_PLAIN, self._text, self._pos)
            if self._pos == len(self._text):
                raise _Torn
            char = self._text[self._pos]
            if char == '"':
                break
            self._pos = self._escape_end(char)
        self._pos += 1
        return str(json.loads(self._text[start : self._pos]))

    def _escape_end(self, char: str) -> int:
        if char != "\\":
            raise self._broken("no raw control character in a string")
        escape = _ESCAPE.match(self._text, self._pos)
        if escape is not None:
            return escape.end()
        if _TORN_ESCAPE.match(self._text, self._pos):
            raise _Torn
        raise self._broken("an escape such as \\n or \\u00e9")

    def _number(self) -> object:
        # A number at the end of the text may have lost digits: it is torn, never complete.
        if _TORN_NUMBER.match(self._text, self._pos):
            raise _Torn
        number = _NUMBER.match(self._text, self._pos)
        if number is None:
            return self._word()
        self._pos = number.end()
        try:
            return _float(number[0]) if number["real"] else safe_integer(number[0])
        except StrictJsonError:
            self._note(*out_of_range(number[0]))
            return None

    def _word(self) -> bool | None:
        rest = self._text[self._pos : self._pos + 10]
        at_end = self._pos + len(rest) == len(self._text)
        if at_end and any(word.startswith(rest) for word in (*_WORDS, *_NOT_FINITE)):
            raise _Torn
        word = next((word for word in (*_WORDS, *_NOT_FINITE) if rest.startswith(word)), None)
        if word is None:
            raise self._broken("a JSON value")
        self._pos += len(word)
        if word in _NOT_FINITE:
            self._note(*not_finite(word))
        return _WORDS.get(word)


def _end(pattern: re.Pattern[str], text: str, pos: int) -> int:
    found = pattern.match(text, pos)
    return pos if found is None else found.end()


# What there is to say about a value, the same for text and for Python containers.


def duplicate_key(key: str) -> Finding:
    """One object names a key twice."""
    message = f"The key {quoted(key)} occurs twice in one object, expected each key once."
    return "DIRECTIVE_DUPLICATE_KEY", message, "Leave one of the two out."


def not_finite(word: str) -> Finding:
    """A number is NaN or an infinity."""
    message = f"{quoted(word)} is not a JSON number, expected a finite one."
    return "DIRECTIVE_NUMBER_NOT_FINITE", message, "Write a finite number, or null for none."


def out_of_range(number: str) -> Finding:
    """A number is one that JSON readers disagree about."""
    message = (
        f"The number {quoted(number)} is out of range, expected an integer within ±2^53 or a "
        "number that a double holds."
    )
    return "DIRECTIVE_NUMBER_OUT_OF_RANGE", message, "Write long digit strings as strings."


def too_deep(pointer: str, max_depth: int) -> Diagnostic:
    """The container at `pointer` is the first beyond the limit."""
    message = f"Containers nest beyond the limit, expected at most {max_depth} inside each other."
    return diagnostic("DIRECTIVE_TOO_DEEP", message, pointer=pointer, hint="Nest less deeply.")


def quoted(text: str) -> str:
    """Input as a message shows it: in quotes, cut to 40 characters."""
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
