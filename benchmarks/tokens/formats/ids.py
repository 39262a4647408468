"""Trees as lists of components that name each other by ids, as JSON needs them.

The root is `root`; every other id is one or two letters, which costs a model the least.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from string import ascii_lowercase
from typing import Any

from benchmarks.tokens.parts import Part, Repeat, each


@dataclass(frozen=True, slots=True)
class Named:
    """A component with its id; parts inside its properties are ids by now."""

    id: str
    kind: str
    props: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NamedRepeat:
    """A repeat whose item is an id."""

    path: str
    item: str


def named(root: Part) -> list[Named]:
    """The components of a tree, parents first."""
    letters = _letters()
    found: list[Named] = []

    def name(part: Part, own: str) -> str:
        at = len(found)
        found.append(Named(own, part.kind, {}))
        props = {key: inner(value) for key, value in part.props.items()}
        found[at] = Named(own, part.kind, props)
        return own

    def inner(value: Any) -> Any:
        if isinstance(value, Repeat):
            return NamedRepeat(value.path, name(value.item, next(letters)))
        return each(value, lambda part: name(part, next(letters)))

    name(root, "root")
    return found


def _letters() -> Iterator[str]:
    for number in count():
        more, last = divmod(number, len(ascii_lowercase))
        yield (ascii_lowercase[more - 1] if more else "") + ascii_lowercase[last]
