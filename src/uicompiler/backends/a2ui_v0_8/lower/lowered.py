"""A surface as lowered: what goes out, and what the next turn makes its own of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import orjson

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.encode import encode_each
from uicompiler.backends.a2ui_v0_8.lower.again import Again
from uicompiler.backends.a2ui_v0_8.lower.parts import Component, Note, Part, Parts
from uicompiler.backends.a2ui_v0_8.lower.work import Work
from uicompiler.backends.base import Message
from uicompiler.ir.changed import Place
from uicompiler.ir.inputs import Input
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
        inputs: The inputs there were, by id.
        leaves: Display texts by place in the data model.
        lists: Items of templated lists by place in the data model.
        notes: What lowering has to tell, in reading order: a kind and what it is about.
        count: How many components it has.
        size: Their bytes as compact JSON.
        news: Display texts that were made anew, where nothing else came or went since the lowering
            it was made from; None where something may have.
        made: Components that were made anew, as objects by id, in the order they were made; those
            that were taken over are there encoded only.
        made_lines: The same as compact JSON.
    """

    root: Part
    terms: object
    view: View | None
    document: Json
    inputs: Mapping[str, Input]
    leaves: Mapping[Place, str] = field(default_factory=dict)
    lists: Mapping[Place, boxes.Items] = field(default_factory=dict)
    notes: Sequence[Note] = ()
    count: int = 0
    size: int = 0
    news: Mapping[Place, str] | None = None
    made: Mapping[str, Message] = field(default_factory=dict, compare=False, repr=False)
    made_lines: Sequence[bytes] = field(default=(), compare=False, repr=False)

    @cached_property
    def parts(self) -> Parts:
        """Its parts, and who read what."""
        return Parts.of(list(self.root.parts()))

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

    def noted(self, kind: str) -> list[Any]:
        """What the notes of one kind are about."""
        return [about for of, about in self.notes if of == kind]

    def forgetting(self) -> Lowered:
        """The same without what only this turn needs."""
        kept = replace(self, news=None, made={}, made_lines=())
        return _knowing(kept, self.parts, self.maps)


def encode_all(components: Sequence[Component], made: Mapping[str, Message]) -> None:
    """Encode components that were made, once nothing is added to them any more.

    Raises:
        orjson.JSONEncodeError: something in them has no JSON form in UTF-8.
    """
    values = list(made.values())
    if len(values) < len(components):  # an id was given twice
        values = [made[component.id] for component in components]
    encoded = encode_each(values)
    for component, line in zip(components, encoded, strict=True):
        component.encoded = line


def made_anew(root: Part, work: Work, terms: object) -> Lowered:
    """A surface all of whose parts were made anew."""
    lines = [component.encoded for component in work.components]
    lowered = Lowered(
        root,
        terms,
        work.surface.view,
        work.surface.data,
        work.inputs,
        work.leaves if work.is_in_order else _leaves(root.parts()),
        work.lists,
        work.notes,
        len(lines),
        sum(map(len, lines)),
        made=work.made,
        made_lines=lines,
    )
    return _knowing(lowered, Parts.of([*work.parts, root]))


def made_again(root: Part, work: Work, terms: object, before: Lowered, again: Again) -> Lowered:
    """A surface with parts of the lowering before."""
    now = replace(
        before,
        root=root,
        terms=terms,
        view=work.surface.view,
        document=work.surface.data,
        inputs=work.inputs,
        made=work.made,
        made_lines=(),
    )
    return _rebuilt(now) if again.is_rebuilt else _renewed(now, work, before, again)


def _rebuilt(now: Lowered) -> Lowered:
    """Where something came, went or moved: all is gathered from the parts."""
    parts = list(now.root.parts())
    sizes = [len(item.encoded) for item in now.root.components()]
    leaves, lists, notes = _leaves(parts), _lists(parts), _notes(parts)
    return replace(
        now, leaves=leaves, lists=lists, notes=notes, count=len(sizes), size=sum(sizes), news=None
    )


def _renewed(now: Lowered, work: Work, before: Lowered, again: Again) -> Lowered:
    """Where some parts took the places of others: all else is as it was."""
    root, known = now.root, before.parts
    lists = any(old.lists or new.lists for old, new in again.made)
    notes = any(old.notes or new.notes for old, new in again.made)
    lowered = replace(
        now,
        leaves={**before.leaves, **work.leaves},
        lists=_lists(root.parts()) if lists else before.lists,
        notes=_notes(root.parts()) if notes else before.notes,
        size=before.size + _growth(again),
        news=work.leaves,
    )
    by_prefix = {**known.by_prefix, **again.replaced, root.prefix: root}
    return _knowing(lowered, Parts(by_prefix, known.readers), before.maps)


def _knowing(lowered: Lowered, parts: Parts, maps: boxes.Maps | None = None) -> Lowered:
    """The same with what its properties would have to find out."""
    lowered.__dict__["parts"] = parts
    if maps is not None:
        lowered.__dict__["maps"] = maps
    return lowered


def _growth(again: Again) -> int:
    """How many bytes longer the components are of parts that were made anew."""
    return sum(new.own_bytes() - old.own_bytes() for old, new in again.made)


def _leaves(parts: Iterable[Part]) -> dict[Place, str]:
    return {place: text for part in parts if part.leaves for place, text in part.leaves}


def _lists(parts: Iterable[Part]) -> dict[Place, boxes.Items]:
    return {place: items for part in parts if part.lists for place, items in part.lists}


def _notes(parts: Iterable[Part]) -> list[Note]:
    return [note for part in parts if part.notes for note in part.notes]
