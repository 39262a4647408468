"""Where components stand: in the view or in the items of lists, and what their paths lead to there.

It promises to end on any components, templates in templates without end too. What is at a path,
and what a component is, it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.surface import Surface

Path: TypeAlias = tuple[str, ...]

ANY: Final = "*"
"""Stands for the key of an item in a path below a template's list."""

Edges: TypeAlias = Mapping[str, Sequence[tuple[str, str | None]]]
"""What each component contains; beside a template's component, the path of its list."""

_MAX_PLACES: Final = 10_000
"""Components, each counted once for every list it repeats over; beyond, templates only multiply."""

_MAX_LISTS: Final = 32
"""Lists inside each other; only a template that holds itself goes on beyond, and for ever."""

_SEPARATOR: Final = re.compile(r"[/.]|\[(?=\d+\])|(?<=\d)\]")


class Template(NamedTuple):
    """The component that a container repeats, over which list; `name` is the property."""

    name: str
    component: str
    path: str


def templates_of(body: object) -> Iterator[Template]:
    """Every template of a component, given as `{type: properties}`."""
    for props in body.values() if isinstance(body, dict) else ():
        for name, value in props.items() if isinstance(props, dict) else ():
            found: Any = value.get("template") if isinstance(value, dict) else None
            if isinstance(found, dict):
                ident, path = found.get("componentId"), found.get("dataBinding")
                if isinstance(ident, str) and isinstance(path, str):
                    yield Template(name, ident, path)


def tops(surface: Surface, known: Iterable[str]) -> list[str]:
    """Components that nothing contains, and the root."""
    return [item for item in known if item == surface.root or item not in surface.referred]


def places(starts: Iterable[str], edges: Edges) -> Iterator[tuple[str, Path]]:
    """Every component with the item its relative paths start at, () for the whole model."""
    waiting: list[tuple[str, Path]] = [(ident, ()) for ident in starts]
    seen = set(waiting)
    while waiting and len(seen) <= _MAX_PLACES:
        ident, base = waiting.pop()
        yield ident, base
        for child, path in edges[ident]:
            place = (child, base if path is None else (*absolute(path, base), ANY))
            if child in edges and place not in seen and place[1].count(ANY) <= _MAX_LISTS:
                seen.add(place)
                waiting.append(place)


def absolute(path: str, base: Path) -> Path:
    """A path from the top of the model."""
    return parts_of(path) if path.startswith("/") else (*base, *parts_of(path))


def parts_of(path: str) -> Path:
    """A path's keys, as the official client parts them: by slashes, dots and indices."""
    plain = "." not in path and "[" not in path and "]" not in path
    return tuple(filter(None, path.split("/") if plain else _SEPARATOR.split(path)))
