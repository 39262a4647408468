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
from uicompiler.backends.a2ui_v0_8.prose import text_line
from uicompiler.backends.base import Message
from uicompiler.backends.ids import component_id
from uicompiler.catalog.catalog import Catalog, standard_catalog
from uicompiler.ir import data
from uicompiler.ir.attention import error_of
from uicompiler.ir.base import Node
from uicompiler.ir.layout import Stack
from uicompiler.ir.state import Surface
from uicompiler.ir.text import clean
from uicompiler.ir.tree import NodePath, child_paths
from uicompiler.ir.values import Json
from uicompiler.ir.words import Words
from uicompiler.texts import english

VIEW_PATH: Final[NodePath] = ("root",)


ERROR_SIGN: Final = "\u26a0"
"""Before an error, and the title of a tab with one; a sign, since every language knows it."""


@dataclass(slots=True)
class Lowered:
    """A surface as components and display data.

    Attributes:
        components: By id, in reading order, parents after children.
        children: Ids each component refers to, for those that refer to any.
        leaves: Display texts by place in the data model.
        lists: Items of templated lists by place in the data model.
        cleaned: Paths of nodes whose text lost characters that no text may hold.
        unsupported: Kinds of nodes that nobody says how to lower.
        duplicates: Ids that two components were given, of which one would be lost.
        degraded: Rows of `DEGRADATIONS` that were made use of, each with its node's path.
    """

    components: dict[str, Message] = field(default_factory=dict)
    children: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leaves: dict[tuple[str, ...], str] = field(default_factory=dict)
    lists: dict[boxes.Place, boxes.Items] = field(default_factory=dict)
    cleaned: list[str] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    degraded: list[tuple[str, str]] = field(default_factory=list)


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


class Lowering:
    """What lowering functions build with."""

    def __init__(
        self, surface: Surface, terms: Terms, table: Mapping[type[Node], LowerNode]
    ) -> None:
        self.surface = surface
        self.client = terms.client
        self.nonce = terms.nonce
        self.catalog = terms.catalog
        self.masked = terms.masked
        self.revless = terms.revless
        self.words = terms.words
        self._table = table
        self.result = Lowered()
        self.inputs = {item.id: item for item in surface.inputs}

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
        ident = component_id(path, f"{role}-{kind}" if role else kind)
        if ident in self.result.components:
            self.result.duplicates.append(ident)
        self.result.components[ident] = {"id": ident, "component": {kind: dict(props)}}
        refers = tuple(children)
        if refers:
            self.result.children[ident] = refers
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
        given = {name: value for name, value in props.items() if value is not None}
        wire = {"children": {"explicitList": ids}, **given}
        return self.add(path, kind, wire, role=role, children=ids)

    def text(self, path: NodePath, text: str, *, style: str = "body", role: str = "") -> str | None:
        """A plain text: one Text, or a Column of one a line; None when there is nothing to read."""
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
        return self.add(path, "Text", {**props, **self.hint(style)}, role=role)

    def degraded(self, row: str, path: NodePath) -> None:
        """Note that a node is shown as a row of `DEGRADATIONS` says."""
        self.result.degraded.append((row, "/".join(path)))

    def readable(self, text: str, path: NodePath) -> str:
        """The text without characters that no text may hold; what came from outside may."""
        cleaned = clean(text)
        if cleaned != text:
            self.result.cleaned.append("/".join(path))
        return cleaned

    def hint(self, style: str) -> dict[str, str]:
        """The usageHint of a style; without a markdown renderer it would show as `##`."""
        if style == "body" or self.client.markdown == "none":
            return {}
        return {"usageHint": style}

    def node(self, node: Node, path: NodePath) -> str | None:
        """Lower any node; one that nobody says how to lower is left out and reported."""
        how = self._table.get(type(node))
        if how is None:
            self.result.unsupported.append(node.node)
            return None
        return how(node, path, self)

    def within(self, lowerings: Mapping[type[Node], LowerNode]) -> Lowering:
        """The same work, with other functions for some classes of nodes."""
        inner = copy.copy(self)
        inner._table = {**self._table, **lowerings}
        return inner

    def outermost(self, root: Node) -> list[str]:
        """Lower a view's root; a plain column's children go straight into the root component."""
        if root == Stack(key=root.key, children=getattr(root, "children", ())):
            return self.inner(root, VIEW_PATH)
        ident = self.node(root, VIEW_PATH)
        return [] if ident is None else [ident]

    def inner(self, node: Node, path: NodePath) -> list[str]:
        """Lower a node's children; those that show nothing are left out."""
        ids = (self.node(child, below) for child, below in child_paths(node, path))
        return [ident for ident in ids if ident is not None]

    def value_path(self, input_id: str) -> str:
        """Where an input of the surface is bound."""
        return boxes.value_path(*self.inputs[input_id].place)

    def draft_of(self, input_id: str) -> Json:
        """An input's draft value."""
        return data.get(self.surface.data["draft"], self.inputs[input_id].place)

    def error(self, path: NodePath, input_id: str) -> str | None:
        """The error beside an input, behind a sign: clients have no other look for it."""
        error = self.error_of(input_id)
        shown = f"{ERROR_SIGN} {error}" if error.strip("\n") else ""
        return self.text(path, shown, style="caption", role="error")

    def error_of(self, input_id: str) -> str:
        """The error shown beside an input, or ""."""
        return error_of(self.surface, input_id)


LowerNode: TypeAlias = Callable[[Any, NodePath, Lowering], str | None]
"""`Any`: each function takes its own node class."""
