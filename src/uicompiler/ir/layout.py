"""Nodes that arrange others: stack, card, section, divider, tabs, disclosure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from uicompiler.ir.base import Children, Node

Title = Annotated[str, StringConstraints(min_length=1)]

_PAGES: Final = {"type": "array", "items": {"nodes": "tab"}, "minItems": 1}


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


class Tab(Node):
    """One page of tabs; stands directly in `tabs` and nowhere else.

    Attributes:
        title: What the user presses to see the page; not empty.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "title": "Address",
        "children": [{"node": "text", "text": "12 Main Street"}],
    }

    node: Literal["tab"] = "tab"
    title: Title
    children: Children = ()


class Tabs(Node):
    """Pages of which one shows at a time; the user chooses, the server cannot.

    A field with an error may therefore stand where nobody looks: the title of its tab says so.

    Attributes:
        children: Nodes of kind `tab`, at least one.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "children": [
            {"node": "tab", "title": "Person", "children": [{"node": "text", "text": "Ada"}]},
            {"node": "tab", "title": "Address", "children": []},
        ]
    }

    node: Literal["tabs"] = "tabs"
    children: Annotated[Children, Field(min_length=1), WithJsonSchema(_PAGES)]


class Disclosure(Node):
    """Children that show when the user asks for them.

    Attributes:
        title: What the user presses to see them; not empty.
        open: Whether they show from the start.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "title": "Terms",
        "children": [{"node": "text", "text": "Thirty days, no questions."}],
    }

    node: Literal["disclosure"] = "disclosure"
    title: Title
    open: bool = False
    children: Children = ()


NODES: Final[tuple[type[Node], ...]] = (Stack, Card, Section, Divider, Tabs, Tab, Disclosure)
