"""What three official clients do with the same messages, and where two of them part ways.

The three are `web_core` (the npm processor, through `bridge.Session`), `a2ui_core` (the Python
one, through `python_side.PythonSession`) and `validate_payload` (the Python checker, which keeps no
state and is asked of each message as a payload of its own).

What is compared after each message: whether all took it; and of every surface that has begun, its
root, its data model (also the order of keys, which is the order of a template's items) and its
tree: ids, types, properties, weights and data contexts. A template's copies have the id of the
component they copy, as only `web_core` has a way to name them. What a surface holds before it has
begun shows nowhere, and is compared when it begins.

Source: A2UI v0.8 protocol; the two modules above and `sdk.py`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .bridge import OfficialClient, Session
from .python_side import PythonSession
from .rows.rewrite_data import read_by_web
from .rows.row import checked

CLIENTS = ("web_core", "a2ui_core", "validate_payload")

Json = Any
"""A JSON value as a client holds it."""


@dataclass(frozen=True)
class Surface:
    """What one client shows on one surface; `tree` is in the form of `PythonSurface.tree`."""

    root: str
    data: Json
    tree: Json


@dataclass(frozen=True)
class Seen:
    """One message, and what the clients are after it.

    Attributes:
        refusals: By client, why it refused the message; None when it took it.
        surfaces: By client that keeps state, its surfaces that have begun.
        hidden: `web_core`'s data of every surface, begun or not.
    """

    refusals: dict[str, str | None]
    surfaces: dict[str, dict[str, Surface]]
    hidden: dict[str, Json] = field(repr=False)

    @property
    def taken(self) -> bool:
        """Whether `web_core` took the message."""
        return self.refusals["web_core"] is None

    def difference(self) -> str | None:
        """Where the clients part ways, in words, or None."""
        if len({refusal is None for refusal in self.refusals.values()}) > 1:
            return f"verdicts: {shown(self.refusals)}"
        web, core = self.surfaces["web_core"], self.surfaces["a2ui_core"]
        if web.keys() != core.keys():
            return f"surfaces: web_core {sorted(web)}, a2ui_core {sorted(core)}"
        found = (_difference(name, web[name], core[name]) for name in web)
        return next(filter(None, found), None)


class Clients:
    """All three clients, before the first message; give each message to `take`."""

    def __init__(self, official: OfficialClient) -> None:
        self.web: Session = official.session()
        self.core = PythonSession()

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.web.close()

    def take(self, message: Json) -> Seen:
        """Hand one message to all three."""
        [web] = self.web.apply_each([message])
        refusals = {
            "web_core": None if web.error is None else ": ".join(web.error),
            "a2ui_core": _said(self.core.apply(message)),
            "validate_payload": checked(message),
        }
        ready = {name: one for name, one in web.surfaces.items() if one.ready}
        surfaces = {
            "web_core": {
                name: Surface(str(one.root), maps(one.data), _web_tree(one.tree))
                for name, one in ready.items()
            },
            "a2ui_core": {
                name: Surface(one.root, one.data, _core_tree(one.tree))
                for name, one in self.core.states().items()
            },
        }
        hidden = {name: maps(one.data) for name, one in web.surfaces.items()}
        return Seen(refusals, surfaces, hidden)


def watch(official: OfficialClient, messages: Sequence[Json]) -> list[Seen]:
    """A whole stream; goes on after a refused message."""
    with Clients(official) as clients:
        return [clients.take(message) for message in messages]


def first_difference(official: OfficialClient, messages: Sequence[Json]) -> str | None:
    """The first message after which the clients differ, and how; None when they never do."""
    with Clients(official) as clients:
        for number, message in enumerate(messages, start=1):
            different = clients.take(message).difference()
            if different:
                return f"message {number}: {different}"
    return None


def _said(error: tuple[str, str] | None) -> str | None:
    return None if error is None else ": ".join(error)


# ---------------------------------------------------------------- one form for both


def maps(value: Json) -> Json:
    """`bridge`'s maps as plain dicts, in the client's order."""
    if isinstance(value, list):
        return [maps(item) for item in value]
    if not isinstance(value, dict):
        return value
    pairs = value["$map"] if value.keys() == {"$map"} else list(value.items())
    return {key: maps(item) for key, item in pairs}


def _web_tree(value: Json) -> Json:
    if isinstance(value, list):
        return [_web_tree(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _web_tree(item) for key, item in value.items()}
    if found.keys() - {"weight"} == {"id", "type", "props", "dataContextPath"}:
        found["id"] = found["id"].partition(":")[0]
        found["context"] = _path(read_by_web(found.pop("dataContextPath")))
    return found


def _core_tree(value: Json) -> Json:
    if isinstance(value, list):
        return [_core_tree(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _core_tree(item) for key, item in value.items()}
    if found.keys() == {"id", "type", "props", "context"}:
        found["context"] = _path(found["context"].split("/"))
    return found


def _path(steps: Sequence[str]) -> str:
    return "/" + "/".join(step for step in steps if step)


# ---------------------------------------------------------------- comparing


def _difference(name: str, web: Surface, core: Surface) -> str | None:
    parts = ("root", "data", "tree")
    found = (
        parted(getattr(web, part), getattr(core, part), part, ordered=part == "data")
        for part in parts
    )
    different = next(filter(None, found), None)
    return None if different is None else f"surface {name!r}: {different}"


def parted(web: Json, core: Json, where: str, *, ordered: bool = False) -> str | None:
    """The first place where two JSON values differ, or None.

    Numbers are equal by value and are never booleans; `ordered` maps have one order of keys too.
    """
    if isinstance(web, dict) and isinstance(core, dict):
        if list(web) == list(core) or (not ordered and web.keys() == core.keys()):
            pairs = [(key, web[key], core[key]) for key in web]
            return _first(pairs, where, ordered)
    elif isinstance(web, list) and isinstance(core, list) and len(web) == len(core):
        numbered = enumerate(zip(web, core, strict=True))
        return _first([(index, one, other) for index, (one, other) in numbered], where, ordered)
    elif web == core and isinstance(web, bool) == isinstance(core, bool):
        return None
    return f"{where}: web_core {shown(web)}, a2ui_core {shown(core)}"


def _first(pairs: list[tuple[Any, Json, Json]], where: str, ordered: bool) -> str | None:
    found = (parted(one, other, f"{where}/{key}", ordered=ordered) for key, one, other in pairs)
    return next(filter(None, found), None)


def shown(value: Json) -> str:
    """JSON, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 400 else f"{text[:400]}…"
