"""What a user has brought to the front: the tab of a Tabs, an open Modal.

This is the renderer's own state. No message reads or writes it, the data model does not know it,
and it is in no hash. It belongs to a node's id and data context, lasts over updates, and ends with
the node.

Observed: official client (lit 0.11.0). The first tab is in front at the beginning; a chosen tab
that an update takes away leaves nothing in front. A click anywhere on a Modal's entry opens it, so
a Button in the entry opens it and emits its action as well; while it is open its content is shown
instead of the entry; a Button inside does not close it.
"""

from collections.abc import Callable

from clientsim.errors import ClientSimError
from clientsim.nodes import Node, depth_first
from clientsim.parts import parts, tabs
from clientsim.surface import Surface


def selected_tab(surface: Surface, node: Node) -> int:
    """Number of the tab in front, from 0."""
    return surface.tabs.get(node.place, 0)


def select_tab(surface: Surface, node: Node, tab: int) -> None:
    """Bring a tab to the front.

    Raises:
        ClientSimError: the node is no Tabs, or has no such tab.
    """
    _expect(node, "Tabs")
    if not 0 <= tab < len(tabs(node)):
        raise ClientSimError(f"{node.id!r} has {len(tabs(node))} tabs, so none is number {tab}")
    surface.tabs[node.place] = tab


def is_open(surface: Surface, node: Node) -> bool:
    """Is this Modal open?"""
    return node.place in surface.open_modals


def open_modal(surface: Surface, node: Node) -> None:
    """Click on a Modal's entry, which is not a Button.

    Raises:
        ClientSimError: the node is no Modal, is open, or has a Button as its entry, which is
            pressed to open it.
    """
    _expect(node, "Modal")
    entry = node.prop("entryPointChild")
    if is_open(surface, node):
        raise ClientSimError(f"{node.id!r} is open already")
    if isinstance(entry, Node) and entry.type == "Button":
        raise ClientSimError(f"the entry of {node.id!r} is a Button; press {entry.id!r} instead")
    surface.open_modals.add(node.place)


def close_modal(surface: Surface, node: Node) -> None:
    """Close a Modal.

    Raises:
        ClientSimError: the node is no Modal, or is not open.
    """
    _expect(node, "Modal")
    if not is_open(surface, node):
        raise ClientSimError(f"{node.id!r} is not open")
    surface.open_modals.discard(node.place)


def clicked(surface: Surface, target: Node) -> None:
    """A click on a node opens every Modal whose entry it is in."""
    for node in depth_first(surface.tree):
        entry = node.prop("entryPointChild")
        inside = depth_first(entry) if isinstance(entry, Node) else ()
        if node.type == "Modal" and any(inner is target for inner in inside):
            surface.open_modals.add(node.place)


def in_front(surface: Surface) -> Callable[[Node], list[Node]]:
    """The parts of a node that are on screen now, without another click."""

    def now(node: Node) -> list[Node]:
        if node.type == "Tabs":
            at = selected_tab(surface, node)
            return [child for _, child in tabs(node)[at : at + 1] if child is not None]
        if node.type == "Modal":
            shown = node.prop("contentChild" if is_open(surface, node) else "entryPointChild")
            return [shown] if isinstance(shown, Node) else []
        return parts(node)

    return now


def forget_gone(surface: Surface) -> None:
    """Forget the choices made on nodes that are no longer there."""
    if not (surface.tabs or surface.open_modals):
        return
    there = {(node.type, node.place) for node in depth_first(surface.tree)}
    for place in [place for place in surface.tabs if ("Tabs", place) not in there]:
        del surface.tabs[place]
    surface.open_modals -= {p for p in surface.open_modals if ("Modal", p) not in there}


def _expect(node: Node, kind: str) -> None:
    if node.type != kind:
        raise ClientSimError(f"{node.id!r} is a {node.type}, not a {kind}")
