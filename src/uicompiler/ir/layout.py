"""Nodes that arrange others: stack, card, section, divider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from uicompiler.ir.base import Children, Node


class Stack(Node):
    """Children in a column or a row."""

    example: ClassVar[Mapping[str, Any]] = {
        "direction": "row",
        "children": [{"node": "text", "text": "Left"}],
    }

    node: Literal["stack"] = "stack"
    direction: Literal["column", "row"] = "column"
    align: Literal["start", "center", "end", "stretch"] | None = None
    distribute: Literal["start", "center", "end", "space_between"] | None = None
    children: Children = ()


class Card(Node):
    """Children on a surface of their own."""

    example: ClassVar[Mapping[str, Any]] = {
        "children": [{"node": "text", "text": "Ada"}, {"node": "divider"}]
    }

    node: Literal["card"] = "card"
    children: Children = ()


class Section(Node):
    """Children under a heading."""

    example: ClassVar[Mapping[str, Any]] = {
        "title": "Saved contact",
        "children": [{"node": "text", "text": "Ada"}],
    }

    node: Literal["section"] = "section"
    title: str
    level: Literal[1, 2, 3, 4, 5] = 3
    children: Children = ()


class Divider(Node):
    """A line between siblings."""

    node: Literal["divider"] = "divider"


NODES: Final[tuple[type[Node], ...]] = (Stack, Card, Section, Divider)
