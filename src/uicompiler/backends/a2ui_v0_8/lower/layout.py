"""Stack, card, section, divider, tabs, disclosure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.backends.a2ui_v0_8.lower.lowering import ERROR_SIGN, Lowering, LowerNode
from uicompiler.backends.a2ui_v0_8.names import guard_label
from uicompiler.ir.base import Node
from uicompiler.ir.layout import Card, Disclosure, Divider, Section, Stack, Tab, Tabs
from uicompiler.ir.tree import NodePath, child_paths

MORE_SIGN: Final = "\u2026"
"""After what opens a dialog: nothing else on a Card says that it can be pressed."""


def _stack(node: Stack, path: NodePath, to: Lowering) -> str:
    kind = "Row" if node.direction == "row" else "Column"
    ids = to.inner(node, path)
    if node.align is None and node.distribute is None:
        return to.box(path, ids, kind=kind)
    distribute = "spaceBetween" if node.distribute == "space_between" else node.distribute
    return to.box(path, ids, kind=kind, distribution=distribute, alignment=node.align)


def _card(node: Card, path: NodePath, to: Lowering) -> str:
    return card_around(path, to.inner(node, path), to)


def card_around(path: NodePath, ids: list[str], to: Lowering) -> str:
    """A Card around components, which holds one child only."""
    child = ids[0] if len(ids) == 1 else to.box(path, ids, role="body")
    return to.add(path, "Card", {"child": child}, children=(child,))


def _section(node: Section, path: NodePath, to: Lowering) -> str:
    title = to.text(path, node.title, style=f"h{node.level}", role="title")
    ids = to.inner(node, path)
    return to.box(path, ids if title is None else [title, *ids])


def _divider(_node: Divider, path: NodePath, to: Lowering) -> str:
    return to.add(path, "Divider", {"axis": "horizontal"})


def _tabs(node: Tabs, path: NodePath, to: Lowering) -> str:
    """Tabs whose titles say where errors are: no message can bring another tab to the front."""
    items, pages = [], []
    for tab, below in child_paths(node, path):
        page = to.node(tab, below)
        if isinstance(tab, Tab) and page is not None:
            items.append({"title": _tab_title(tab, below, to), "child": page})
            pages.append(page)
    return to.add(path, "Tabs", {"tabItems": items}, children=pages)


def _tab_title(tab: Tab, path: NodePath, to: Lowering) -> dict[str, str]:
    title = to.readable(tab.title, path).replace("\n", " ")
    if not to.has_error(tab):
        return {"literalString": guard_label(title)}
    to.degraded("tab_error", path)
    return {"literalString": f"{ERROR_SIGN} {title}"}


def _tab(node: Tab, path: NodePath, to: Lowering) -> str:
    return to.box(path, to.inner(node, path))


def _disclosure(node: Disclosure, path: NodePath, to: Lowering) -> str:
    """A Modal behind its title, or an open section where something inside must be seen."""
    if node.open or to.is_needed(node):
        return _open(node, path, to)
    pressed = f"{node.title} {MORE_SIGN}" if node.title.strip("\n") else ""
    title = to.text(path, pressed, role="entry")
    if title is None:  # nothing to press
        return _open(node, path, to)
    to.degraded("disclosure", path)
    # Never a Button: a press on it would send its action too.
    entry = to.add(path, "Card", {"child": title}, role="entry", children=(title,))
    content = to.box(path, to.inner(node, path), role="content")
    props = {"entryPointChild": entry, "contentChild": content}
    return to.add(path, "Modal", props, children=(entry, content))


def _open(node: Disclosure, path: NodePath, to: Lowering) -> str:
    to.degraded("disclosure_open", path)
    title = to.text(path, node.title, style="h5", role="title")
    return to.box(path, [*([] if title is None else [title]), *to.inner(node, path)], role="open")


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
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
