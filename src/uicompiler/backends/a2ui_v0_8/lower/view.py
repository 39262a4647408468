"""From a surface's view to A2UI components: the table of lowerings and its use.

A lowering function adds its node's components through `Lowering` and gives the id of the
outermost, or None when the node shows nothing. It knows ids, texts and bindings, not messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.backends.a2ui_v0_8.lower import (
    actions,
    content,
    fields,
    figures,
    layout,
    lists,
    media,
    rows,
)
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowered, Lowering, LowerNode, Terms
from uicompiler.backends.a2ui_v0_8.names import ROOT_ID
from uicompiler.backends.ids import component_id
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.client import Pressed
from uicompiler.ir.rows import Rows, row_buttons
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import walk

LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {
        **layout.LOWER,
        **content.LOWER,
        **media.LOWER,
        **figures.LOWER,
        **actions.LOWER,
        **fields.LOWER,
        **rows.LOWER,
        **lists.LOWER,
    }
)


def lower(surface: Surface, terms: Terms) -> Lowered:
    """Lower a surface's view; its root is one Column whose id never changes."""
    lowering = Lowering(surface, terms, {**LOWER, **terms.lowerings})
    ids: list[str] = []
    if surface.view is not None:
        ids = lowering.outermost(surface.view.root)
    wire = {"children": {"explicitList": ids}}
    lowering.result.components[ROOT_ID] = {"id": ROOT_ID, "component": {"Column": wire}}
    lowering.result.children[ROOT_ID] = tuple(ids)
    return lowering.result


def button_ids(surface: Surface) -> dict[str, Pressed]:
    """The component id of every button a surface shows."""
    if surface.view is None:
        return {}
    found: dict[str, Pressed] = {}
    for node, path, _ in walk(surface.view.root):
        if isinstance(node, Button):
            found[component_id(path, "Button")] = Pressed(node)
        elif isinstance(node, Rows):
            for at, button in row_buttons(node, surface.data["draft"].get(node.id)).items():
                row = at[0] if len(at) > 1 else ""
                found[component_id((*path, *at), "Button")] = Pressed(button, row)
        found |= lists.buttons_in(node, path, surface)
    return found
