"""One lowering on its way: what it is handed, and what it has made so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.lower.again import Again, shorten
from uicompiler.backends.a2ui_v0_8.lower.parts import SURFACE, Component, Note, Part
from uicompiler.backends.a2ui_v0_8.names import ROOT_PREFIX
from uicompiler.backends.base import Message
from uicompiler.backends.ids import ID_PREFIX, id_prefix
from uicompiler.ir import data
from uicompiler.ir.changed import Place
from uicompiler.ir.reserved import ERRORS_PLACE
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import NodePath
from uicompiler.ir.values import Json


class Work:
    """One lowering on its way.

    Attributes:
        surface: What is lowered.
        inputs: Its inputs by id.
        errors: What is shown beside its inputs, by id.
        again: The lowering before, whose parts are used again; None where there is none.
        open: The part that is being made.
        parts: Those that were made anew, inner ones first.
        leaves: Their display texts by place.
        is_in_order: Whether outer parts' texts come before those of the parts inside them.
        lists: Their templated lists by place.
        notes: What they have to tell.
        stems: What ids begin with, by the path of a node around theirs.
        made: Components that were made, by id, in the order they were.
        components: The same as they stand in parts.
    """

    __slots__ = (
        "again", "components", "errors", "inputs", "is_in_order", "leaves", "lists", "made",
        "notes", "open", "parts", "stems", "surface",
    )  # fmt: skip

    def __init__(self, surface: Surface, again: Again | None) -> None:
        self.surface = surface
        self.inputs = surface.inputs_by_id
        errors = data.get(surface.data, ERRORS_PLACE)
        self.errors: Mapping[str, Json] = errors if isinstance(errors, dict) else {}
        self.again = again
        self.open = Part(SURFACE, None, ROOT_PREFIX, "")
        self.parts: list[Part] = []
        self.leaves: dict[Place, str] = {}
        self.lists: dict[Place, boxes.Items] = {}
        self.notes: list[Note] = []
        self.is_in_order = True
        self.made: dict[str, Message] = {}
        self.components: list[Component] = []
        self.stems: dict[NodePath, str] = {}

    def amounts(self) -> list[int]:
        """How much there is of all that was made, for `back_to`."""
        return [len(things) for things in self._things()]

    def back_to(self, amounts: list[int]) -> None:
        """Forget what was made since then."""
        for things, amount in zip(self._things(), amounts, strict=True):
            shorten(things, amount)

    def _things(self) -> list[dict[Any, Any] | list[Any]]:
        return [self.parts, self.leaves, self.lists, self.notes, self.made, self.components]

    def stem(self, path: NodePath) -> str:
        """What the ids of all nodes begin with whose paths go on from this one."""
        known = self.stems.get(path)
        if known is None:
            known = self.stems[path] = id_prefix(path) if path else ID_PREFIX
        return known
