"""The data model that a stream's messages make, as the official client reads them.

It keeps every value ever written, with its place in the stream, and what is left of them at the
end. It never raises and never recurses. Whether entries are well formed, `entries` says; which
component reads them, it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.entries import CONTENTS
from uicompiler.backends.a2ui_v0_8.check.findings import At
from uicompiler.backends.a2ui_v0_8.check.places import Path, parts_of
from uicompiler.backends.a2ui_v0_8.names import looks_like_json


class Written(NamedTuple):
    """A scalar or array that a message wrote, and where in the stream that stands."""

    path: Path
    value: Any
    line: int | None
    at: At


class Array(dict[str, Any]):
    """An array by index; it comes as a JSON string, the one way there is."""


_Task: TypeAlias = tuple[Path, Any, At, str]
"""A path, what is to be written there, its place, and how it is to be read."""


class Model:
    """What a stream has written to one surface.

    Args:
        depth: Keys of a path; what is deeper is over a limit, and no good component reads it.

    Attributes:
        depth: The same.
        written: Every scalar and every array, in order, replaced ones too.
        now: What is left: objects and arrays as dicts, anything else as it was written.
    """

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.written: list[Written] = []
        self.now: dict[str, Any] = {}

    def write(self, line: int | None, body: Mapping[str, Any]) -> None:
        """Apply the body of a dataModelUpdate."""
        path, contents = body.get("path", "/"), body.get("contents")
        if not isinstance(path, str) or not isinstance(contents, (list, tuple)):
            return
        waiting: list[_Task] = [(parts_of(path), contents, CONTENTS, "entries")]
        while waiting:
            target, value, at, form = waiting.pop()
            if len(target) <= self.depth:
                waiting += reversed(self._step(target, value, at, form, line))

    def _step(self, path: Path, value: Any, at: At, form: str, line: int | None) -> list[_Task]:
        """Write one value; gives those in it."""
        if form in ("entries", "parsed"):
            if form == "entries" and self._leaves(path, value, at, line):
                return []
            if not _is_lone(value):
                self._put(path, {})
            return list(_entries(path, value, at, form))
        if form == "text" and looks_like_json(value):
            return _parsed(path, value, at)
        if isinstance(value, dict):
            self._put(path, {})
            return [((*path, str(key)), item, at, "json") for key, item in value.items()]
        self.written.append(Written(path, value, line, at))
        if isinstance(value, list):
            self._put(path, Array())
            return [((*path, str(index)), item, at, "json") for index, item in enumerate(value)]
        self._put(path, self.written[-1])
        return []

    def _leaves(self, path: Path, entries: Sequence[Any], at: At, line: int | None) -> bool:
        """Write a map of plain values in one go; false if it is not surely such a map."""
        found: dict[str, Any] = {}
        written: list[Written] = []
        for index, entry in enumerate(entries):
            key = entry.get("key") if isinstance(entry, dict) and len(entry) == 2 else None
            if not isinstance(key, str) or not key.isalnum():
                return False
            for name, value in entry.items():
                if name != "key":
                    if name not in _PLAIN or not _is_plain(value):
                        return False
                    written.append(Written((*path, key), value, line, ((at, index), name)))
                    found[key] = written[-1]
        if len(path) == self.depth:
            return False
        self._put(path, found)
        self.written += written
        return True

    def _put(self, path: Path, value: Any) -> None:
        """Replace what is at a path; what is no object on the way to it becomes one."""
        if not path:
            self.now = value if isinstance(value, dict) else self.now
            return
        here = self.now
        for part in path[:-1]:
            inner = here.get(part)
            if not isinstance(inner, dict):
                inner = here[part] = {}
            here = inner
        here[path[-1]] = value


_PLAIN: Final = frozenset({"valueString", "valueNumber", "valueBoolean"})


def _is_plain(value: object) -> bool:
    """Whether a value is none that holds others, and no text that may be read as such."""
    if isinstance(value, str):
        return value.lstrip()[:1] not in ("{", "[")
    return not isinstance(value, (dict, list))


def _is_lone(entries: Sequence[Any]) -> bool:
    """Whether it is the one way to write a value itself: the key `.` and no other."""
    return len(entries) == 1 and isinstance(entries[0], dict) and entries[0].get("key") == "."


def _entries(path: Path, entries: Sequence[Any], at: At, form: str) -> Iterator[_Task]:
    for index, entry in enumerate(entries):
        key = entry.get("key") if isinstance(entry, dict) else None
        if isinstance(key, str):
            target = (*path, *parts_of(key))
            for name, value in entry.items():
                if isinstance(name, str) and name.startswith("value"):
                    # What stands in a text has the place of the text.
                    place = at if form == "parsed" else ((at, index), name)
                    yield target, value, place, _form(name, value, form)


def _form(name: str, value: object, around: str) -> str:
    if name == "valueMap" and isinstance(value, (list, tuple)):
        return around
    return "text" if isinstance(value, str) else "json"


def _parsed(path: Path, text: str, at: At) -> list[_Task]:
    """What a text becomes that reads as JSON; an array of entries is a map."""
    try:
        value = json.loads(text, parse_int=float)
    except (ValueError, RecursionError):
        return []
    is_map = isinstance(value, list) and (
        not value or (isinstance(value[0], dict) and "key" in value[0])
    )
    return [(path, value, at, "parsed" if is_map else "json")]
