"""Stack, card, section, divider, tabs, disclosure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from markupsafe import Markup

from uicompiler.backends.html.markup import joined
from uicompiler.backends.html.show.showing import Showing, ShowNode
from uicompiler.ir.attention import has_error, is_needed
from uicompiler.ir.base import Node
from uicompiler.ir.layout import Card, Disclosure, Divider, Section, Stack, Tab, Tabs
from uicompiler.ir.tree import NodePath, child_paths


class StackValues(NamedTuple):
    """Of the macro `stack`.

    Attributes:
        classes: Direction, alignment and distribution.
        body: What is inside.
    """

    classes: str
    body: Markup


class BoxValues(NamedTuple):
    """Of the macro `card`: what is inside."""

    body: Markup


class SectionValues(NamedTuple):
    """Of the macro `section`.

    Attributes:
        id: Of the element; its heading's is this and `-title`.
        title: The heading, or "".
        level: Its level, from 2.
        style: `h1` to `h5`: how it looks.
        body: What is below.
    """

    id: str
    title: str
    level: int
    style: str
    body: Markup


class TabValues(NamedTuple):
    """Of the macro `tab`.

    Attributes:
        id: Of the element; its title's is this and `-title`.
        title: What the user presses to see the page.
        body: The page.
        invalid: Whether an error is shown inside.
    """

    id: str
    title: str
    body: Markup
    invalid: bool


class TabsValues(NamedTuple):
    """Of the macro `tabs`.

    Attributes:
        id: Of the element.
        label: What a person who does not see the tabs is told they are.
        body: The pages, each a `tab`.
    """

    id: str
    label: str
    body: Markup


class DisclosureValues(NamedTuple):
    """Of the macro `disclosure`.

    Attributes:
        id: Of the element.
        title: What the user presses.
        open: Whether what is inside shows from the start.
        body: What is inside.
    """

    id: str
    title: str
    open: bool
    body: Markup


def _stack(node: Stack, path: NodePath, to: Showing) -> Markup:
    return to.macros["stack"](StackValues(_classes(node), to.inner(node, path)))


def _classes(node: Stack) -> str:
    named = [
        "ui-row" if node.direction == "row" else "",
        f"ui-align-{node.align}" if node.align else "",
        f"ui-distribute-{node.distribute.replace('_', '-')}" if node.distribute else "",
    ]
    return "".join(f" {name}" for name in named if name)


def _card(node: Card, path: NodePath, to: Showing) -> Markup:
    return to.macros["card"](BoxValues(to.inner(node, path)))


def _section(node: Section, path: NodePath, to: Showing) -> Markup:
    title = to.readable(node.title, path).replace("\n", " ")
    level = to.heading(node.level, path) if title.strip() else 0
    style = f"h{node.level}"
    ident = to.element_id(path, "section")
    body = to.inner(node, path)
    return to.macros["section"](SectionValues(ident, title if level else "", level, style, body))


def _divider(_node: Divider, _path: NodePath, to: Showing) -> Markup:
    return to.macros["divider"](None)


def _tabs(node: Tabs, path: NodePath, to: Showing) -> Markup:
    """Pages below each other, of which a script shows one at a time."""
    pages = joined([to.node(tab, below) for tab, below in child_paths(node, path)])
    ident = to.element_id(path, "tabs")
    return to.macros["tabs"](TabsValues(ident, to.words("tabs.label"), pages))


def _tab(node: Tab, path: NodePath, to: Showing) -> Markup:
    """Its title is no heading: the script makes a tab of it, and the outline stays as it is."""
    title = to.name(node.title, path, "a tab").replace("\n", " ")
    invalid = to.has_errors and has_error(node, to.surface)
    ident = to.element_id(path, "tab")
    return to.macros["tab"](TabValues(ident, title, to.inner(node, path), invalid))


def _disclosure(node: Disclosure, path: NodePath, to: Showing) -> Markup:
    """Open from the start where something inside has to be seen, or nothing says what to press."""
    title = to.name(node.title, path, "a disclosure").replace("\n", " ")
    return to.macros["disclosure"](
        DisclosureValues(
            to.element_id(path, "disclosure"),
            title,
            node.open or not title.strip() or is_needed(node, to.surface),
            to.inner(node, path),
        )
    )


SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType(
    {
        Stack: _stack,
        Card: _card,
        Section: _section,
        Divider: _divider,
        Tabs: _tabs,
        Tab: _tab,
        Disclosure: _disclosure,
    }
)
