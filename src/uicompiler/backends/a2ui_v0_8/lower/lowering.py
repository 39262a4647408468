"""What lowering functions build with, and what comes of it.

It knows ids, texts and references; which node becomes what, the modules beside it say.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from uicompiler.app import ClientProfile
from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.lower.again import Again
from uicompiler.backends.a2ui_v0_8.lower.parts import Component, Part
from uicompiler.backends.a2ui_v0_8.lower.work import Work
from uicompiler.backends.a2ui_v0_8.prose import text_line
from uicompiler.backends.ids import MAX_ID, id_prefix, id_segment, short_id
from uicompiler.catalog.catalog import Catalog, standard_catalog
from uicompiler.ir import data
from uicompiler.ir.attention import has_error, is_needed
from uicompiler.ir.base import Node
from uicompiler.ir.changed import Place
from uicompiler.ir.inputs import Input
from uicompiler.ir.layout import Stack
from uicompiler.ir.reserved import ERRORS_PLACE
from uicompiler.ir.rows import Rows
from uicompiler.ir.state import Surface
from uicompiler.ir.text import clean
from uicompiler.ir.tree import NodePath, child_path, children_of, editables
from uicompiler.ir.values import Json
from uicompiler.ir.words import Words
from uicompiler.texts import english

VIEW_PATH: Final[NodePath] = ("root",)


ERROR_SIGN: Final = "\u26a0"
"""Before an error, and the title of a tab with one; a sign, since every language knows it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a whole surface.

    Attributes:
        client: What the client does.
        nonce: The nonce its buttons carry, or None.
        lowerings: How the app's own nodes are lowered.
        catalog: The pinned catalog.
        masked: Actions that are not valid in the step the surface shows.
        revless: Actions whose events need not name the revision.
        words: The library's own texts.
    """

    client: ClientProfile = field(default_factory=ClientProfile.web_core)
    nonce: str | None = None
    lowerings: Mapping[type[Node], LowerNode] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=standard_catalog)
    masked: frozenset[str] = frozenset()
    revless: frozenset[str] = frozenset()
    words: Words = english


INPUTS: Final[Place] = ("inputs",)
"""Stands among places for which inputs there are; no part of a document has this name."""


class Lowering:
    """What lowering functions build with.

    What a function reads of the surface's document it reads through here, so that it is known when
    the node has to be lowered again. `surface` gives all of it, for functions that need more: their
    nodes are lowered anew in every turn.
    """

    def __init__(
        self,
        surface: Surface,
        terms: Terms,
        table: Mapping[type[Node], LowerNode],
        again: Again | None = None,
    ) -> None:
        self.client = terms.client
        self.nonce = terms.nonce
        self.catalog = terms.catalog
        self.masked = terms.masked
        self.revless = terms.revless
        self.words = terms.words
        self.work = Work(surface, again)
        self._table = table
        self._in_items = False
        self._headings = terms.client.markdown != "none"

    # --- what is read ---------------------------------------------------------------------------

    @property
    def surface(self) -> Surface:
        """The surface as a whole; a node whose function asks for it is lowered in every turn."""
        self._read(())
        return self.work.surface

    def value(self, place: Place) -> Json:
        """What stands at a place of the document, or `data.MISSING`."""
        self._read(place)
        return data.get(self.work.surface.data, place)

    def document(self, places: Iterable[Place]) -> Json:
        """The document, for a function that reads these places of it and no others."""
        for place in places:
            self._read(place)
        return self.work.surface.data

    @property
    def inputs(self) -> Mapping[str, Input]:
        """What a user can change on the surface, by id."""
        self._read(INPUTS)
        return self.work.inputs

    def value_path(self, input_id: str) -> str:
        """Where an input of the surface is bound."""
        return boxes.value_path(*self.work.inputs[input_id].place)

    def draft_of(self, input_id: str) -> Json:
        """An input's draft value."""
        return self.value(("draft", *self.work.inputs[input_id].place))

    def error_of(self, input_id: str) -> str:
        """The error shown beside an input, or ""."""
        self._read((*ERRORS_PLACE, input_id))
        error = self.work.errors.get(input_id)
        return error if isinstance(error, str) else ""

    def has_error(self, node: Node) -> bool:
        """Whether an error is shown somewhere inside a node."""
        self._reads_inputs_of(node)
        return has_error(node, self.work.surface)

    def is_needed(self, node: Node) -> bool:
        """Whether a form cannot be sent, or an error not be read, without what is in a node."""
        self._reads_inputs_of(node)
        return is_needed(node, self.work.surface)

    def _reads_inputs_of(self, node: Node) -> None:
        rows = [("draft", item.id) for item in editables(node) if isinstance(item, Rows)]
        for place in (ERRORS_PLACE, *rows):
            self._read(place)

    def _read(self, place: Place) -> None:
        part = self.work.open
        part.reads = (*part.reads, place)

    # --- what is made ---------------------------------------------------------------------------

    def add(
        self,
        path: NodePath,
        kind: str,
        props: Mapping[str, Any],
        *,
        role: str = "",
        children: Iterable[str] = (),
    ) -> str:
        """Add one component and give its id.

        Args:
            path: The node's path.
            kind: The component type.
            props: Its properties, in wire form.
            role: Tells a node's components of one type apart.
            children: Ids its properties refer to.
        """
        work = self.work
        part = work.open
        prefix = part.prefix if path is part.path else id_prefix(path)
        ident = f"{prefix}{role}-{kind}" if role else prefix + kind
        if len(ident) > MAX_ID:
            ident = short_id(ident)
        if ident in work.made:
            self._note("duplicates", ident)
        work.made[ident] = {"id": ident, "component": {kind: props}}
        component = Component(ident, tuple(children))
        part.items.append(component)
        work.components.append(component)
        return ident

    def leaf(self, place: Place, text: str) -> str:
        """Put a display text into the data model; gives the path to bind it by."""
        part = self.work.open
        part.leaves = (*part.leaves, (place, text))
        self.work.leaves[place] = text
        if part.items and any(type(item) is Part for item in part.items):
            self.work.is_in_order = False
        return boxes.leaf_path(place)

    def repeated(self, place: Place, items: boxes.Items) -> str:
        """Put the items of a templated list into the data model; gives the path to them."""
        part = self.work.open
        part.lists = (*part.lists, (place, items))
        self.work.lists[place] = items
        return boxes.pointer(place)

    def weigh(self, ident: str, weight: int) -> str:
        """Say how wide a component just added is beside its neighbours."""
        self.work.made[ident]["weight"] = weight
        return ident

    def box(
        self,
        path: NodePath,
        children: Iterable[str],
        *,
        kind: str = "Column",
        role: str = "",
        **props: str | None,
    ) -> str:
        """A Row or Column around components."""
        ids = list(children)
        wire: dict[str, Any] = {"children": {"explicitList": ids}}
        if props:
            wire.update((name, value) for name, value in props.items() if value is not None)
        return self.add(path, kind, wire, role=role, children=ids)

    def text(self, path: NodePath, text: str, *, style: str = "body", role: str = "") -> str | None:
        """A plain text: one Text, or a Column of one a line; None when there is nothing to read."""
        if not text:
            return None
        if text.isprintable():
            return self._line(path, text, style, role)
        text = self.readable(text, path)
        lines = text.split("\n")
        if not text.strip("\n"):
            return None
        if len(lines) == 1:
            return self._line(path, lines[0], style, role)
        ids = []
        for index, line in enumerate(lines):
            part = f"{role}{index}" if role else str(index)
            ids.append(self._line(path, line, style if index == 0 else "body", f"line{part}"))
        return self.box(path, ids, role=f"{role}lines")

    def _line(self, path: NodePath, line: str, style: str, role: str) -> str:
        props: dict[str, Any] = {"text": {"literalString": text_line(line, self.client)}}
        if style != "body":
            props.update(self.hint(style))
        return self.add(path, "Text", props, role=role)

    def degraded(self, row: str, path: NodePath) -> None:
        """Note that a node is shown as a row of `DEGRADATIONS` says."""
        self._note("degraded", (row, "/".join(path)))

    def _note(self, kind: str, what: object) -> None:
        part = self.work.open
        part.notes = (*part.notes, (kind, what))
        self.work.notes.append((kind, what))

    def readable(self, text: str, path: NodePath) -> str:
        """The text without characters that no text may hold; what came from outside may."""
        if text.isprintable():
            return text
        cleaned = clean(text)
        if cleaned != text:
            self._note("cleaned", "/".join(path))
        return cleaned

    def hint(self, style: str) -> dict[str, str]:
        """The usageHint of a style; without a markdown renderer it would show as `##`."""
        return {"usageHint": style} if style != "body" and self._headings else {}

    def node(self, node: Node, path: NodePath, *, stem: str | None = None) -> str | None:
        """Lower any node; one that nobody says how to lower is left out and reported.

        Args:
            node: The node.
            path: Its path.
            stem: What its ids begin with, its own step aside; found by its path by default.
        """
        work = self.work
        how = self._table.get(type(node))
        if how is None:
            self._note("unsupported", node.node)
            return None
        if self._in_items:
            return how(node, path, self)
        prefix = f"{stem or work.stem(path[:-1])}{id_segment(path[-1])}--"
        home = work.open.prefix
        part = None if work.again is None else work.again.part(node, prefix, home, self)
        if part is None:
            part = self.fresh(node, path, prefix, home)
        work.open.items.append(part)
        return part.ident

    def fresh(self, node: Node, path: NodePath, prefix: str, home: str) -> Part:
        """Lower a node, whatever is known of it."""
        work = self.work
        outer = work.open
        part = work.open = Part(path, node, prefix, home)
        part.ident = self._table[type(node)](node, path, self)
        work.open = outer
        work.parts.append(part)
        return part

    def amounts(self) -> list[int]:
        """How much was made so far, for `back_to`."""
        return self.work.amounts()

    def back_to(self, amounts: list[int]) -> None:
        """Forget what was made since then."""
        self.work.back_to(amounts)

    def within(self, lowerings: Mapping[type[Node], LowerNode]) -> Lowering:
        """The same work in the items of a list, with other functions for some classes of nodes.

        What is in items is part of the list, and made again with it.
        """
        inner = copy.copy(self)
        inner._table = {**self._table, **lowerings}
        inner._in_items = True
        return inner

    def outermost(self, root: Node) -> list[str]:
        """Lower a view's root; a plain column's children go straight into the root component."""
        if _is_plain_column(root):
            return self.inner(root, VIEW_PATH)
        ident = self.node(root, VIEW_PATH)
        return [] if ident is None else [ident]

    def inner(self, node: Node, path: NodePath) -> list[str]:
        """Lower a node's children; those that show nothing are left out."""
        part = self.work.open
        stem = part.prefix if path is part.path else self.work.stem(path)
        ids = []
        for index, child in enumerate(children_of(node)):
            below = child_path(child, path, index)
            ident = self.node(child, below, stem=None if child.owns_entry else stem)
            if ident is not None:
                ids.append(ident)
        return ids

    def error(self, path: NodePath, input_id: str) -> str | None:
        """The error beside an input, behind a sign: clients have no other look for it."""
        error = self.error_of(input_id)
        if not error or not error.strip("\n"):
            return None
        return self.text(path, f"{ERROR_SIGN} {error}", style="caption", role="error")


def _is_plain_column(node: Node) -> bool:
    """Whether a node is no more than its children one below the other."""
    if type(node) is not Stack or node.direction != "column":
        return False
    return node.align is None and node.distribute is None


LowerNode: TypeAlias = Callable[[Any, NodePath, Lowering], str | None]
"""`Any`: each function takes its own node class."""
