"""A JSON value that is already parsed: copied under the rules for text, or what is wrong and where.

Promises: the copy is plain JSON (dict, list, str, int, float, bool, None) that shares nothing with
the source; what `json_reader` refuses in text is refused here with the same words, and besides it
cycles, keys that are no strings and values that are no JSON. Time is bounded by the size limit,
however often containers are shared. It does not know what an envelope is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from uicompiler.canonical import MAX_SAFE_INTEGER
from uicompiler.directives.json_reader import (
    MAX_FINDINGS,
    Reading,
    duplicate_key,
    not_finite,
    out_of_range,
    too_deep,
)
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.pointer import join


def copy_json(
    source: Mapping[object, object] | Sequence[object], *, max_bytes: int, max_depth: int
) -> Reading:
    """Copy a container of already parsed JSON.

    Args:
        source: A mapping, or a sequence other than text or bytes.
        max_bytes: Largest accepted size of the value as compact JSON in UTF-8.
        max_depth: Most containers inside each other, `source` being the first.

    Returns:
        The reading of the copy; beyond `max_bytes` it is broken, and that is its one finding.
    """
    return _Copier(max_bytes, max_depth).read(source)


def too_large(size: str, max_bytes: int) -> Diagnostic:
    """The text, or the text that a value would have, has too many bytes."""
    message = f"The output has {size} bytes, expected at most {max_bytes}."
    return diagnostic("DIRECTIVE_TOO_LARGE", message, hint="Write fewer or shorter directives.")


@dataclass(slots=True)
class _Frame:
    entries: Iterator[tuple[object, object]]
    target: dict[str, object] | list[object]
    source: object
    key: str | int = ""


class _Copier:
    """Copies a container, with the checks and the size that its text would have.

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

    def read(self, source: Mapping[object, object] | Sequence[object]) -> Reading:
        root = self._container(source)
        while self._frames and self._size <= self._max_bytes:
            self._step(self._frames[-1])
        if self._size > self._max_bytes:
            excess = too_large(f"at least {self._size}", self._max_bytes)
            return Reading(None, state="broken", findings=(excess,))
        return Reading(root, findings=tuple(self._findings))

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
            self._note(*duplicate_key(frame.key))
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
                self._note(*not_finite(repr(plain)))
                return None
            self._size += len(repr(plain))
            return plain
        whole = int.__int__(value)
        if abs(whole) > MAX_SAFE_INTEGER:
            self._note(*out_of_range(f"of {whole.bit_length()} bits"))
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
            self._add(too_deep(self._pointer(), self._max_depth))
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
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(finding)


_CONTAINERS: Final = (dict, list, Mapping, Sequence)
_BINARY: Final = (bytes, bytearray, memoryview)


def _frame(source: Mapping[object, object] | Sequence[object]) -> _Frame:
    if isinstance(source, Mapping):
        return _Frame(iter(source.items()), {}, source)
    return _Frame(((None, item) for item in source), [], source)


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]
