"""A surface as lowered: what goes out, and what the next turn makes its own of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.lower.again import Again
from uicompiler.backends.a2ui_v0_8.lower.parts import Component, Part, Parts
from uicompiler.backends.base import Message
from uicompiler.ir.changed import Place
from uicompiler.ir.tree import View
from uicompiler.ir.values import Json


@dataclass(frozen=True)
class Lowered:
    """A surface as components and display data.

    Attributes:
        root: The part that is the surface as a whole.
        terms: What held for it.
        view: What was lowered.
        document: The document it was lowered with.
        inputs: Ids of the inputs there were.
        leaves: Display texts by place in the data model.
        lists: Items of templated lists by place in the data model.
        news: Display texts that were made anew, where all others are those of the lowering
            before; None where they may not be.
        made: Components that were made anew, by id in reading order, as objects; those that were
            taken over are there encoded only.
    """

    root: Part
    terms: object
    view: View | None
    document: Json
    inputs: tuple[str, ...]
    leaves: Mapping[Place, str]
    lists: Mapping[Place, boxes.Items]
    news: Mapping[Place, str] | None = None
    made: Mapping[str, Message] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def parts(self) -> Parts:
        """Its parts by path."""
        return Parts.of(self.root)

    @cached_property
    def maps(self) -> boxes.Maps:
        """The maps that its display texts stand in."""
        return boxes.maps_of(self.leaves)

    @property
    def components(self) -> dict[str, Message]:
        """Every component by id, in reading order."""
        return {item.id: orjson.loads(item.encoded) for item in self.root.components()}

    @property
    def children(self) -> dict[str, tuple[str, ...]]:
        """Ids that each component refers to, for those that refer to any."""
        return {item.id: item.refs for item in self.root.components() if item.refs}

    def notes(self, kind: str) -> list[Any]:
        """What lowering has to tell, of one kind, in reading order."""
        found: list[Any] = []
        waiting = [self.root] if self.root.has_notes else []
        while waiting:
            part = waiting.pop()
            found += [what for of, what in part.notes if of == kind]
            inner = [item for item in part.items if type(item) is Part and item.has_notes]
            waiting += reversed(inner)
        return found

    def forgetting(self) -> Lowered:
        """The same without what only this turn needs."""
        kept = Lowered(
            self.root, self.terms, self.view, self.document, self.inputs, self.leaves, self.lists
        )
        kept.__dict__.update(parts=self.parts, maps=self.maps)
        return kept


def encode_all(components: Iterable[Component], made: Mapping[str, Message]) -> None:
    """Encode components that were made, once nothing is added to them any more."""
    dumps = orjson.dumps
    for component in components:
        component.encoded = dumps(made[component.id])


def leaves_of(root: Part) -> dict[Place, str]:
    """The display texts of a part and all below it, in reading order."""
    found: dict[Place, str] = {}
    waiting = [root] if root.has_leaves else []
    while waiting:
        part = waiting.pop()
        found.update(part.leaves)
        inner = [item for item in part.items if type(item) is Part and item.has_leaves]
        waiting += reversed(inner)
    return found


def lists_of(root: Part) -> dict[Place, boxes.Items]:
    """The templated lists of a part and all below it, in reading order."""
    return {place: items for part in root.parts() for place, items in part.lists}


def news_of(before: Lowered, again: Again) -> dict[Place, str] | None:
    """The display texts of parts that were replaced; None where texts may have come or gone."""
    if again.is_rebuilt:
        return None
    found: dict[Place, str] = {}
    for path, part in again.replaced.items():
        old = before.parts.by_path[path].leaves
        if part.leaves is old:
            continue
        if [place for place, _ in part.leaves] != [place for place, _ in old]:
            return None  # another part may show what is gone from this one
        found.update(part.leaves)
    return found


def lists_again(root: Part, before: Lowered, again: Again) -> Mapping[Place, boxes.Items]:
    """The templated lists after some parts were replaced."""
    if again.is_rebuilt:
        return lists_of(root)
    by_path = before.parts.by_path
    replaced = [(by_path[path], part) for path, part in again.replaced.items()]
    differ = any(part.lists is not old.lists for old, part in replaced if part.lists or old.lists)
    return lists_of(root) if differ else before.lists


def parts_again(root: Part, before: Lowered, again: Again) -> Parts:
    """The parts by path after some were replaced."""
    if again.is_rebuilt:
        return Parts.of(root)
    known = before.parts
    by_path = {**known.by_path, **again.replaced, root.path: root}
    return Parts(by_path, known.readers, known.homes)
