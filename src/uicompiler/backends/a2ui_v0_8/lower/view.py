"""From a surface's view to A2UI components: the table of lowerings and its use.

A lowering function adds its node's components through `Lowering` and gives the id of the
outermost, or None when the node shows nothing. It knows ids, texts and bindings, not messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.app import ClientProfile
from uicompiler.backends.a2ui_v0_8.lower import actions, content, fields, layout
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowered, Lowering, LowerNode
from uicompiler.backends.a2ui_v0_8.names import ROOT_ID, component_id
from uicompiler.catalog.catalog import Catalog, standard_catalog
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import walk

LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {**layout.LOWER, **content.LOWER, **actions.LOWER, **fields.LOWER}
)


def lower(
    surface: Surface,
    client: ClientProfile,
    nonce: str | None,
    lowerings: Mapping[type[Node], LowerNode] = MappingProxyType({}),
    catalog: Catalog | None = None,
) -> Lowered:
    """Lower a surface's view; its root is one Column whose id never changes.

    Args:
        surface: The surface.
        client: What the client does.
        nonce: The nonce its buttons carry, or None.
        lowerings: How the app's own nodes are lowered.
        catalog: The pinned catalog; the standard one by default.
    """
    lowering = Lowering(
        surface, client, nonce, {**LOWER, **lowerings}, catalog or standard_catalog()
    )
    ids: list[str] = []
    if surface.view is not None:
        ids = lowering.outermost(surface.view.root)
    wire = {"children": {"explicitList": ids}}
    lowering.result.components[ROOT_ID] = {"id": ROOT_ID, "component": {"Column": wire}}
    lowering.result.children[ROOT_ID] = tuple(ids)
    return lowering.result


def button_ids(surface: Surface) -> dict[str, Button]:
    """The component id of every button a surface shows."""
    if surface.view is None:
        return {}
    return {
        component_id(path, "Button"): node
        for node, path, _ in walk(surface.view.root)
        if isinstance(node, Button)
    }
