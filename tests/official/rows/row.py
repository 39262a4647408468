"""What a row of the table is, and what its rewriting may know.

A row names one thing that official clients read differently. Its `rewrite` turns a message that
has the thing into messages that have not, as near to the first meaning as there is. So a
difference is explained by rows when it is gone once they have rewritten the stream, and by this
row when it is still there without this row's rewriting. A rewriting changes what its row is about
and leaves everything else as it stands; messages without the thing come out the same object.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.official.bridge import Unavailable
from tests.official.messages import Message, data
from tests.official.sdk import validate_batch

Json = Any
"""A JSON value; streams may hold anything in the place of a message."""


@dataclass
class Scene:
    """What is known when a message comes: what the clients, who agree so far, hold.

    Attributes:
        taken: Ids that are also a text somewhere in the stream.
        begun: Surfaces that have begun.
        components: Components by surface and id, as they were sent.
        data: Data models by surface.
    """

    taken: frozenset[str] = frozenset()
    begun: frozenset[str] = frozenset()
    components: dict[str, dict[str, Json]] = field(default_factory=dict)
    data: dict[str, Json] = field(default_factory=dict)

    def follow(
        self, message: Json, data: dict[str, Json], begun: Iterable[str], taken: bool
    ) -> None:
        """Take in what the clients, who agree, made of a message."""
        self.data, self.begun = data, frozenset(begun)
        if taken:
            self._define(message)

    def _define(self, message: Json) -> None:
        if deleted := body_of(message, "deleteSurface"):
            self.components.pop(deleted["surfaceId"], None)
        if update := body_of(message, "surfaceUpdate"):
            known = self.components.setdefault(update["surfaceId"], {})
            known.update({part["id"]: part["component"] for part in update["components"]})


KINDS: dict[str, type | tuple[type, ...]] = {
    "valueString": str,
    "valueNumber": (int, float),
    "valueBoolean": bool,
    "valueMap": list,
}
"""The ways to give a value, and what it is then."""

Rewrite: TypeAlias = Callable[[Json, Scene], list[Json]]
"""A message in the common form, as far as one row goes."""


@dataclass(frozen=True)
class Did:
    """What one client does with a minimal stream.

    Attributes:
        verdicts: A letter a message: `y` takes it, `n` refuses it.
        data: The data of surface `main` at the end; None where it has none.
        tree: Its tree in `sketch` form; None where there is none.
    """

    verdicts: str
    data: Json = None
    tree: str | None = None


@dataclass(frozen=True)
class Row:
    """One thing that official clients read differently.

    Attributes:
        name: A short name, in words.
        why: What each client does, and why they differ.
        instead: What to send so that all agree.
        stream: The shortest stream that shows it.
        web_core: What the npm client does with it.
        a2ui_core: What the Python processor does with it, behind `PythonSession`.
        checker: What `validate_payload` says of each message alone, as `y` and `n`.
        payload: What it says of the whole stream as one payload, if that is the point.
        rewrite: The thing taken out; None when no message can be rewritten so.
        own_stream_only: Why no stream of `streams.py` needs the row; "" when one does.
        ours: What it means for users, when the library's own output has the thing; else "".
    """

    name: str
    why: str
    instead: str
    stream: tuple[Json, ...]
    web_core: Did
    a2ui_core: Did
    checker: str
    rewrite: Rewrite | None
    payload: str = ""
    own_stream_only: str = ""
    ours: str = ""


# ---------------------------------------------------------------- taking messages apart


def copied(value: Json) -> Json:
    """A deep copy, the quick way JSON has."""
    return json.loads(json.dumps(value))


def body_of(message: Json, kind: str) -> dict[str, Json] | None:
    """The body of a message of a kind, when that is all there is and names its surface."""
    body = message.get(kind) if isinstance(message, dict) and len(message) == 1 else None
    named = isinstance(body, dict) and isinstance(body.get("surfaceId"), str)
    return body if named else None


def edited(message: Json, kind: str, edit: Callable[[dict[str, Json]], object]) -> list[Json]:
    """The message with its body changed in a copy; the same object when nothing changed."""
    if body_of(message, kind) is None:
        return [message]
    changed = copied(message)
    edit(changed[kind])
    return [message if changed == message and repr(changed) == repr(message) else changed]


def entries_of(message: Json) -> list[dict[str, Json]] | None:
    """The contents of a data update whose entries all have keys, at every depth."""
    body = body_of(message, "dataModelUpdate")
    contents = None if body is None else body.get("contents")
    if body is None or not body.keys() <= {"surfaceId", "path", "contents"}:
        return None
    return contents if isinstance(body.get("path", ""), str) and _keyed(contents) else None


def _keyed(contents: Json) -> bool:
    return isinstance(contents, list) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("key"), str)
        and _keyed(entry.get("valueMap", []))
        for entry in contents
    )


def sound(contents: list[dict[str, Json]]) -> bool:
    """Whether entries have a key, one value of its kind, and nothing else, at every depth."""
    return all(_sound(entry) and sound(entry.get("valueMap", [])) for entry in contents)


def _sound(entry: dict[str, Json]) -> bool:
    found = [name for name in KINDS if name in entry]
    if len(found) != 1 or len(entry) != 2:
        return False
    value = entry[found[0]]
    return isinstance(value, KINDS[found[0]]) and (found[0] == "valueBoolean") == (
        isinstance(value, bool)
    )


def every_entry(contents: Json) -> Iterator[dict[str, Json]]:
    """Entries and the entries in them, outer ones first."""
    for entry in contents if isinstance(contents, list) else ():
        if isinstance(entry, dict):
            yield entry
            yield from every_entry(entry.get("valueMap"))


def write(surface: str, steps: list[str], value: Mapping[str, Json]) -> Message:
    """One value at one place, which all clients read alike; `value` is an entry without its key."""
    return data([{"key": ".", **value}], "/" + "/".join(steps), surface)


def clear(surface: str, steps: list[str]) -> Message:
    """An empty map at a place."""
    return write(surface, steps, {"valueMap": []})


def steps_of(where: str | None) -> list[str]:
    """The steps of a path in its one spelling."""
    return [step for step in (where or "").split("/") if step]


def value_at(tree: Json, steps: list[str]) -> Json:
    """What stands at a place of a data model of maps; None when nothing does."""
    for step in steps:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def checked(*messages: Json) -> str | None:
    """What `validate_payload` says against messages as one payload; a crash is an answer too."""
    return _checked(json.dumps(messages))


@functools.lru_cache(20_000)
def _checked(messages: str) -> str | None:
    """Remembered, as the checker has no history and runs ask it of the same messages again."""
    try:
        return validate_batch(json.loads(messages))
    except Unavailable:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}"
