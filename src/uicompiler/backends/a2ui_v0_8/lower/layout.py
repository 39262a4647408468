"""Stack, card, section, divider."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.ir.base import Node
from uicompiler.ir.layout import Card, Divider, Section, Stack
from uicompiler.ir.tree import NodePath


def _stack(node: Stack, path: NodePath, to: Lowering) -> str:
    kind = "Row" if node.direction == "row" else "Column"
    distribute = {"space_between": "spaceBetween"}.get(node.distribute or "", node.distribute)
    return to.box(
        path, to.inner(node, path), kind=kind, distribution=distribute, alignment=node.align
    )


def _card(node: Card, path: NodePath, to: Lowering) -> str:
    return card_around(path, to.inner(node, path), to)


def card_around(path: NodePath, ids: list[str], to: Lowering) -> str:
    """A Card around components, which holds one child only."""
    child = ids[0] if len(ids) == 1 else to.box(path, ids, role="body")
    return to.add(path, "Card", {"child": child}, children=[child])


def _section(node: Section, path: NodePath, to: Lowering) -> str:
    title = to.text(path, node.title, style=f"h{node.level}", role="title")
    return to.box(path, [*([] if title is None else [title]), *to.inner(node, path)])


def _divider(_node: Divider, path: NodePath, to: Lowering) -> str:
    return to.add(path, "Divider", {"axis": "horizontal"})


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {
        Stack: _stack,
        Card: _card,
        Section: _section,
        Divider: _divider,
    }
)
