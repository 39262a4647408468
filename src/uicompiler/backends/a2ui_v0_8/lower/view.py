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
from uicompiler.ir.base import Node
from uicompiler.ir.client import Pressed
from uicompiler.ir.pressable import pressable
from uicompiler.ir.state import Surface

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
    """Every button a surface shows by its component id; one in an item has two, see `lists`."""
    found: dict[str, Pressed] = {}
    for path, pressed, inside in pressable(surface):
        found[component_id(path, "Button")] = pressed
        if inside is not None:
            found[lists.template_id(*inside, pressed.row)] = pressed
    return found
