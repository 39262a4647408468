"""The directive envelope: found in what a model wrote, read exactly, or refused with the place.

Promises: no input makes `parse_envelope` raise; time is linear in the input; a value that was
accepted is plain JSON (dict, list, str, int, float, bool, None) without duplicate keys, non-finite
numbers, integers beyond 2^53 or nesting beyond the limit, whether it came as text or as Python
containers. It does not know what a directive is, nor which texts and keys clients misuse.

Reading takes two steps. The stdlib decoder, with hooks that stop at the first doubt, reads what is
right at C speed. Whatever it refuses, `_Reader` reads again, token by token and without recursion:
it alone decides what is wrong and where, and what is complete in output that was cut off.

Source: DESIGN section 4; RFC 8259, section 4 for duplicate keys.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from uicompiler.canonical import MAX_SAFE_INTEGER
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.pointer import join

_MAX_FINDINGS: Final = 16
_MAX_ATTEMPTS: Final = 16
_KEYS: Final = ("assistant_text", "directives")
_HINT: Final = 'Write one JSON object {"assistant_text": "…", "directives": [{"type", "payload"}]}.'


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a model answered.

    Attributes:
        assistant_text: The text for the user; `""` when it was cut off.
        directives: JSON values, each expected to be `{type, payload}`; not yet validated.
        complete: False when salvaged from output that was cut off.
    """

    assistant_text: str
    directives: tuple[object, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    """An envelope, or None when it was refused, and what there is to say about it."""

    envelope: Envelope | None
    diagnostics: tuple[Diagnostic, ...]


def parse_envelope(
    source: str | bytes | Mapping[str, object] | Sequence[object],
    *,
    max_bytes: int = 200_000,
    max_depth: int = 64,
    strict: bool = False,
) -> Parsed:
    """Find and read the directive envelope in what a model wrote.

    Args:
        source: Model output, in which prose, tags or code fences may surround one JSON object; or
            an envelope already parsed; or a list, short for an envelope with these directives.
        max_bytes: Largest accepted size in UTF-8; a parsed envelope counts as compact JSON.
        max_depth: Most containers inside each other, the envelope being the first.
        strict: Refuse what would otherwise be repaired or salvaged; framing is neither.

    Returns:
        The envelope with warnings, or None with at least one error. Pointers are those of the
        envelope, also for a list.

    Source: DESIGN section 4.
    """
    try:
        if isinstance(source, (str, bytes, bytearray)):
            reading = _find(_text(source, max_bytes), max_depth)
        else:
            reading = _Copier(max_bytes, max_depth).read(_as_mapping(source))
        return _judge(reading, strict=strict)
    except _Refused as refusal:
        return Parsed(None, refusal.findings)


class _Refused(Exception):
    def __init__(self, *findings: Diagnostic) -> None:
        super().__init__()
        self.findings = findings


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one attempt to read a value gave.

    Attributes:
        found: The value; when unfinished, the outermost container with what is complete in it.
        end: Where reading stopped.
        state: complete; torn by the end of the text; broken by a syntax error or stopped.
        torn_at: Pointer to what is torn.
        names: Keys of the outermost object, with the one being read.
        findings: Why the value is refused, in text order.
    """

    found: object
    end: int = 0
    state: Literal["complete", "torn", "broken"] = "complete"
    torn_at: str = ""
    names: frozenset[str] = frozenset()
    findings: tuple[Diagnostic, ...] = ()

    @property
    def is_envelope(self) -> bool:
        return not self.names.isdisjoint(_KEYS)


# From the source to one reading.


def _text(source: str | bytes | bytearray, max_bytes: int) -> str:
    """The source as text without byte order mark; its size is judged before anything else."""
    size = len(source)
    if isinstance(source, str) and size <= max_bytes < size * 4:
        size = len(source.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise _Refused(_too_large(f"{size}", max_bytes))
    text = (source if isinstance(source, str) else _decoded(source)).removeprefix("\ufeff")
    if not text or text.isspace():
        raise _Refused(
            diagnostic("DIRECTIVE_EMPTY", "The output is empty, expected an envelope.", hint=_HINT)
        )
    return text


def _decoded(source: bytes | bytearray) -> str:
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as exc:
        message = f"Byte 0x{source[exc.start]:02x} at offset {exc.start} is not UTF-8 text."
        raise _Refused(diagnostic("DIRECTIVE_NOT_JSON", message, hint="Send UTF-8.")) from None


def _as_mapping(source: object) -> Mapping[object, object]:
    if isinstance(source, Mapping):
        return source
    if isinstance(source, Sequence) and not isinstance(source, memoryview):
        return {"assistant_text": "", "directives": source}
    raise _Refused(_not_object(f"a Python {type(source).__name__}"))


_CLOSING: Final = ("```", "~~~", "</directives>", "</json>")
_OPENING: Final = re.compile(
    r"\s*+(?:(?:```|~~~)[A-Za-z0-9_-]*+\s*+|<(?:directives|json)>\s*+){0,4}", re.IGNORECASE
)
# Where an object may begin in prose: `{}`, `{"key":`, or one of them cut off by the end. Each match
# is tried in time linear in the distance to the next one: a key runs to the next quote or
# backslash at most, and the next match has a quote of its own.
_CANDIDATE: Final = re.compile(r'\{[ \t\n\r]*+(?:\}|\Z|"[^"\\]*+(?:\\|\Z|"[ \t\n\r]*+(?::|\Z)))')


def _find(text: str, max_depth: int) -> _Reading:
    """The first object that names a key of the envelope; failing that the first object.

    Each attempt goes on where the last one stopped and their number is bounded, so the whole is
    linear. A closing fence or tag is taken off first, so that a cut before it reads as a cut.
    """
    body = _without_closing(text)
    opening = _OPENING.match(body)
    start = opening.end() if opening else 0
    _refuse_other_value(body, start, max_depth)
    first: _Reading | None = None
    for reading in _attempts(body, start, max_depth):
        if reading.is_envelope:
            return reading
        first = first or reading
    if first is not None:
        return first
    message = f"There is no JSON object in the {len(text)} characters, expected the envelope."
    raise _Refused(diagnostic("DIRECTIVE_NOT_JSON", message, hint=_HINT))


def _without_closing(text: str) -> str:
    body = text.rstrip()
    for _ in range(4):
        closing = next((end for end in _CLOSING if body[-len(end) :].lower() == end), None)
        if closing is None:
            break
        body = body[: -len(closing)].rstrip()
    return body


def _attempts(body: str, start: int, max_depth: int) -> Iterator[_Reading]:
    pos = start
    for _ in range(_MAX_ATTEMPTS):
        if pos == start and body.startswith("{", start):
            at = start
        else:
            candidate = _CANDIDATE.search(body, pos)
            if candidate is None:
                return
            at = candidate.start()
        reading = _read(body, at, max_depth)
        yield reading
        pos = max(reading.end, at + 1)


def _refuse_other_value(body: str, start: int, max_depth: int) -> None:
    """Refuse a text that is some other JSON value; prose that only begins like one passes."""
    if body.startswith("[", start):
        reading = _read(body, start, max_depth)
        whole = reading.state == "complete" and not body[reading.end :].strip()
        if any(finding.code == "DIRECTIVE_TOO_DEEP" for finding in reading.findings):
            raise _Refused(*reading.findings)
        if whole or reading.state == "torn":
            raise _Refused(_not_object("a JSON array"))
    elif body[start : start + 1] in tuple('"-0123456789tfn'):
        try:
            _, end = _FAST.raw_decode(body, start)
        except ValueError:
            return
        if end == len(body):
            raise _Refused(_not_object("a JSON value that is no object"))


# The fast way: the stdlib decoder, which hands over whatever it doubts.


class _Doubt(ValueError):
    """Something the exact reader has to look at."""


def _integer(text: str) -> int:
    # Length first: int() is quadratic in the digits and refuses more than 4300 of them.
    if len(text) > 17 or abs(value := int(text)) > MAX_SAFE_INTEGER:
        raise _Doubt
    return value


def _float(text: str) -> float:
    value = float(text) + 0.0  # -0.0 becomes 0.0
    if math.isinf(value):
        raise _Doubt
    return value


def _constant(_: str) -> None:
    raise _Doubt


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Doubt
    return found


_FAST: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)


def _read(text: str, at: int, max_depth: int) -> _Reading:
    # RecursionError is caught rather than forestalled by counting brackets: the decoder guards its
    # own recursion, the exact reader has none, and a count would double the cost of every text.
    try:
        value, end = _FAST.raw_decode(text, at)
    except (ValueError, RecursionError):
        return _Reader(text, at, max_depth).read()
    if _is_deeper(value, max_depth):
        return _Reader(text, at, max_depth).read()
    return _Reading(value, end, names=_names(value))


def _is_deeper(value: object, max_depth: int) -> bool:
    """Whether containers nest beyond the limit; level by level, each visited once."""
    level = [value]
    for _ in range(max_depth):
        level = [
            child
            for container in level
            for child in _children(container)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def _children(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _names(value: object) -> frozenset[str]:
    return frozenset(value) if isinstance(value, dict) else frozenset()


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

    def read(self) -> _Reading:
        try:
            self._run()
        except _Torn:
            return self._torn()
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

    # Outcomes.

    def _outermost(self) -> object:
        return self._stack[0] if self._stack else self._root

    def _reading(self, state: Literal["complete", "broken"]) -> _Reading:
        found = self._outermost()
        return _Reading(found, self._pos, state, "", self._names(), tuple(self._findings))

    def _torn(self) -> _Reading:
        """What is complete: members of the envelope and, if they were reached, directives."""
        found = self._outermost()
        key = self._keys[0] if self._keys else None
        torn_at = "" if key is None else join([key])
        if isinstance(found, dict) and len(self._stack) > 1 and key == "directives":
            items = self._stack[1]
            if isinstance(items, list):
                found = {**found, key: items}
                torn_at = join([key, len(items)])
        end = len(self._text)
        return _Reading(found, end, "torn", torn_at, self._names(), tuple(self._findings))

    def _names(self) -> frozenset[str]:
        pending = {key for key in self._keys[:1] if key is not None}
        return _names(self._outermost()) | pending

    def _pointer(self) -> str:
        return join(
            len(container) if isinstance(container, list) else key or ""
            for container, key in zip(self._stack, self._keys, strict=True)
        )

    def _note(self, code: str, message: str, hint: str) -> None:
        self._findings.append(diagnostic(code, message, pointer=self._pointer(), hint=hint))
        if len(self._findings) == _MAX_FINDINGS:
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
            self._findings.append(_too_deep(self._pointer(), self._max_depth))
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
            self._note(*_duplicate(key))
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
            return _float(number[0]) if number["real"] else _integer(number[0])
        except _Doubt:
            self._note(*_out_of_range(number[0]))
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
            self._note(*_not_finite(word))
        return _WORDS.get(word)


def _end(pattern: re.Pattern[str], text: str, pos: int) -> int:
    found = pattern.match(text, pos)
    return pos if found is None else found.end()


# Python containers.


@dataclass(slots=True)
class _Frame:
    entries: Iterator[tuple[object, object]]
    target: dict[str, object] | list[object]
    source: object
    key: str | int = ""


class _Copier:
    """Copies an already parsed envelope, with the checks and the size that its text would have.

    Every value adds to the size and the copy ends beyond the limit, so containers that are shared
    many times over cost no more than their text would be allowed to.
    """

    def __init__(self, max_bytes: int, max_depth: int) -> None:
        self._max_bytes = max_bytes
        self._max_depth = max_depth
        self._size = 0
        self._frames: list[_Frame] = []
        self._open_ids: set[int] = set()
        self._findings: list[Diagnostic] = []
        self._encode = json.JSONEncoder(ensure_ascii=False).encode

    def read(self, source: Mapping[object, object]) -> _Reading:
        root = self._container(source)
        while self._frames and self._size <= self._max_bytes:
            self._step(self._frames[-1])
        if self._size > self._max_bytes:
            raise _Refused(_too_large(f"at least {self._size}", self._max_bytes))
        return _Reading(root, names=_names(root), findings=tuple(self._findings))

    def _step(self, frame: _Frame) -> None:
        entry = next(frame.entries, None)
        if entry is None:
            self._frames.pop()
            self._open_ids.discard(id(frame.source))
            return
        key, value = entry
        if isinstance(frame.target, list):
            frame.key = len(frame.target)
            frame.target.append(self._value(value))
        elif isinstance(key, str):
            self._member(frame, frame.target, key, value)
        else:
            what = f"A key is a Python {type(key).__name__}, expected a string."
            self._note("DIRECTIVE_NOT_JSON", what, "Use strings as keys.", _parent(self._pointer()))

    def _member(self, frame: _Frame, target: dict[str, object], key: str, value: object) -> None:
        frame.key = self._string(key)
        if frame.key in target:
            self._note(*_duplicate(frame.key))
        target[frame.key] = self._value(value)

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            return self._string(value)
        if value is None or isinstance(value, bool):
            self._size += 5 if value is False else 4
            return value
        if isinstance(value, (int, float)):
            return self._number(value)
        if isinstance(value, _CONTAINERS) and not isinstance(value, _BINARY):
            return self._container(value)
        what = f"The value is a Python {type(value).__name__}, expected a JSON value."
        self._note("DIRECTIVE_NOT_JSON", what, "Convert it to a string, number, list or dict.")
        return None

    def _string(self, value: str) -> str:
        plain = str.__str__(value)  # an enum member or another subclass becomes its text
        if len(plain) > self._max_bytes:
            self._size += len(plain)
        else:
            self._size += len(self._encode(plain).encode("utf-8", "surrogatepass"))
        return plain

    def _number(self, value: int | float) -> object:
        if isinstance(value, float):
            plain = float.__float__(value) + 0.0
            if not math.isfinite(plain):
                self._note(*_not_finite(repr(plain)))
                return None
            self._size += len(repr(plain))
            return plain
        whole = int.__int__(value)
        if abs(whole) > MAX_SAFE_INTEGER:
            self._note(*_out_of_range(f"of {whole.bit_length()} bits"))
            return None
        self._size += len(str(whole))
        return whole

    def _container(self, source: Mapping[object, object] | Sequence[object]) -> object:
        count = len(source)
        self._size += 2 + max(count - 1, 0) + (count if isinstance(source, Mapping) else 0)
        if id(source) in self._open_ids:
            what = "The container holds itself, expected a tree."
            self._note("DIRECTIVE_TOO_DEEP", what, "Break the cycle.")
            return None
        if len(self._frames) >= self._max_depth:
            self._add(_too_deep(self._pointer(), self._max_depth))
            return None
        self._open_ids.add(id(source))
        frame = _frame(source)
        self._frames.append(frame)
        return frame.target

    def _pointer(self) -> str:
        return join(frame.key for frame in self._frames)

    def _note(self, code: str, message: str, hint: str, pointer: str | None = None) -> None:
        where = self._pointer() if pointer is None else pointer
        self._add(diagnostic(code, message, pointer=where, hint=hint))

    def _add(self, finding: Diagnostic) -> None:
        if len(self._findings) < _MAX_FINDINGS:
            self._findings.append(finding)


_CONTAINERS: Final = (dict, list, Mapping, Sequence)
_BINARY: Final = (bytes, bytearray, memoryview)


def _frame(source: Mapping[object, object] | Sequence[object]) -> _Frame:
    if isinstance(source, Mapping):
        return _Frame(iter(source.items()), {}, source)
    return _Frame(((None, item) for item in source), [], source)


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]


# From a reading to the answer.


def _judge(reading: _Reading, *, strict: bool) -> Parsed:
    if reading.findings:
        return Parsed(None, reading.findings)
    if not isinstance(reading.found, dict):
        return Parsed(None, (_not_object("a JSON value that is no object"),))
    torn = reading.state == "torn"
    findings = [*_shape(reading.found, torn), *_extras(reading.found, strict)]
    if torn:
        findings.append(_truncated(reading.torn_at, strict))
    if any(finding.severity == "error" for finding in findings):
        return Parsed(None, tuple(findings))
    text = reading.found.get("assistant_text", "")
    directives = reading.found.get("directives", ())
    return Parsed(Envelope(text, tuple(directives), not torn), tuple(findings))


def _shape(found: Mapping[str, object], torn: bool) -> list[Diagnostic]:
    """What is missing or of the wrong type; a torn envelope may lack what it did not reach."""
    findings = []
    for key, kind, expected in (
        ("assistant_text", str, "a string"),
        ("directives", list, "an array"),
    ):
        if key not in found and not torn:
            message = f"The envelope has no {key}, expected {expected}."
        elif key in found and not isinstance(found[key], kind):
            message = f"{key} is {_kind(found[key])}, expected {expected}."
        else:
            continue
        findings.append(
            diagnostic("DIRECTIVE_ENVELOPE_INVALID", message, pointer=f"/{key}", hint=_HINT)
        )
    return findings


def _extras(found: Mapping[str, object], strict: bool) -> list[Diagnostic]:
    """A finding for each unknown key, the last for all beyond the bound; errors in strict."""
    extras = [key for key in found if key not in _KEYS]
    bound = _MAX_FINDINGS if len(extras) <= _MAX_FINDINGS else _MAX_FINDINGS - 1
    what = [(f"The unknown key {_quoted(key)} was", join([key])) for key in extras[:bound]]
    if extras[bound:]:
        what.append((f"{len(extras) - bound} more unknown keys were", ""))
    return [
        diagnostic(
            "DIRECTIVE_REPAIRED",
            f"{subject} ignored, expected assistant_text and directives alone.",
            pointer=pointer,
            hint="Leave out what is not assistant_text or directives.",
            severity="error" if strict else None,
        )
        for subject, pointer in what
    ]


def _kind(value: object) -> str:
    names = {str: "a string", bool: "a boolean", dict: "an object", list: "an array"}
    return "null" if value is None else names.get(type(value), "a number")


# What there is to say.

_Finding = tuple[str, str, str]
"""Code, message, hint."""


def _duplicate(key: str) -> _Finding:
    message = f"The key {_quoted(key)} occurs twice in one object, expected each key once."
    return "DIRECTIVE_DUPLICATE_KEY", message, "Leave one of the two out."


def _not_finite(word: str) -> _Finding:
    message = f"{_quoted(word)} is not a JSON number, expected a finite one."
    return "DIRECTIVE_NUMBER_NOT_FINITE", message, "Write a finite number, or null for none."


def _out_of_range(number: str) -> _Finding:
    message = (
        f"The number {_quoted(number)} is out of range, expected an integer within ±2^53 or a "
        "number that a double holds."
    )
    return "DIRECTIVE_NUMBER_OUT_OF_RANGE", message, "Write long digit strings as strings."


def _too_deep(pointer: str, max_depth: int) -> Diagnostic:
    message = f"Containers nest beyond the limit, expected at most {max_depth} inside each other."
    return diagnostic("DIRECTIVE_TOO_DEEP", message, pointer=pointer, hint="Nest less deeply.")


def _too_large(size: str, max_bytes: int) -> Diagnostic:
    message = f"The output has {size} bytes, expected at most {max_bytes}."
    return diagnostic("DIRECTIVE_TOO_LARGE", message, hint="Write fewer or shorter directives.")


def _not_object(what: str) -> Diagnostic:
    message = f"The output is {what}, expected a JSON object."
    return diagnostic("DIRECTIVE_NOT_OBJECT", message, hint=_HINT)


def _truncated(pointer: str, strict: bool) -> Diagnostic:
    found = "inside the envelope" if not pointer else f"at {_quoted(pointer)}"
    message = f"The output is cut off {found}, expected the rest; only what is complete counts."
    hint = "Write a shorter answer, or allow more output tokens."
    severity: Literal["error"] | None = "error" if strict else None
    return diagnostic("DIRECTIVE_TRUNCATED", message, pointer=pointer, hint=hint, severity=severity)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
