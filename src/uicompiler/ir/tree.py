"""Views: the table of node classes, reading trees, walking them.

A path names a node in its view: the keys or positions that lead to it; a field's path is its
id alone, since a field is the same field wherever the layout puts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from uicompiler.ir import actions, content, fields, figures, layout, lists, media, rows
from uicompiler.ir.base import Node
from uicompiler.ir.fields import Field
from uicompiler.ir.rows import Rows

STANDARD_NODES: Final[Mapping[str, type[Node]]] = MappingProxyType(
    {
        node.model_fields["node"].default: node
        for group in (layout, content, media, figures, actions, fields, rows, lists)
        for node in group.NODES
    }
)
"""Node classes by kind; each file of nodes lists its own."""

NodePath = tuple[str, ...]
Editable: TypeAlias = Field | Rows
"""A node that owns an entry of `/draft`."""


@dataclass(frozen=True)
class View:
    """What a surface shows.

    Attributes:
        root: The outermost node.
        template_id: The registered template it came from, or None for an inline one.
        template_version: That template's version.
        step: The step of a wizard that is shown, or None.
    """

    root: Node
    template_id: str | None = None
    template_version: int | None = None
    step: str | None = None

    @cached_property
    def editables(self) -> tuple[Editable, ...]:
        """Its fields and rows, in reading order; found once, since every stage asks for them."""
        return editables(self.root)


def parse_node(value: object, nodes: Mapping[str, type[Node]] = STANDARD_NODES) -> Node:
    """Read a node and all below it from plain objects; below it, a string is a text.

    Raises:
        pydantic.ValidationError: unknown kinds or properties, or rules broken.
    """
    kind = value.get("node") if isinstance(value, dict) else None
    model = nodes.get(kind, Node) if isinstance(kind, str) else Node
    return model.model_validate(value, context={"nodes": nodes})


def node_to_json(node: Node) -> dict[str, Any]:
    """The node as a JSON object; what is None is left out."""
    return node.model_dump(mode="json", exclude_none=True)


def children_of(node: Node) -> Sequence[Node]:
    """The nodes directly inside; `()` for a leaf."""
    # Not getattr: for a name that is no field, pydantic's takes longer than all else in a walk.
    children: Sequence[Node] = node.__dict__.get("children", ())
    return children


def child_paths(node: Node, path: NodePath) -> Iterator[tuple[Node, NodePath]]:
    """The nodes directly inside, each with its path."""
    for index, child in enumerate(children_of(node)):
        yield child, child_path(child, path, index)


def child_path(child: Node, parent: NodePath, index: int) -> NodePath:
    """The path of one child of the node at `parent`."""
    if isinstance(child, (Field, Rows)):
        return ("field", child.id)
    return (*parent, child.key if child.key is not None else str(index))


def walk(root: Node, path: NodePath = ("root",)) -> Iterator[tuple[Node, NodePath, int]]:
    """Every node of a tree with path and depth (the root's is 1), parents first."""
    stack: list[tuple[Node, NodePath, int]] = [(root, path, 1)]
    while stack:
        node, path, depth = stack.pop()
        yield node, path, depth
        inner = [(child, below, depth + 1) for child, below in child_paths(node, path)]
        stack.extend(reversed(inner))


def editables(root: Node) -> tuple[Editable, ...]:
    """The fields and rows of a tree, in reading order."""
    return tuple(node for node, _, _ in walk(root) if isinstance(node, (Field, Rows)))


def fields_of(root: Node) -> tuple[Field, ...]:
    """The fields of a view, in reading order."""
    return tuple(node for node, _, _ in walk(root) if isinstance(node, Field))
