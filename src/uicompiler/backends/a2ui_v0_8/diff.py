"""Which components to send again, and what a batch of them must contain.

The official client refuses a message that refers to a component it does not itself define, so a
container goes out with its whole subtree; a leaf goes out alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from uicompiler.backends.a2ui_v0_8.boxes import Items, Place
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowered
from uicompiler.backends.base import Message


def changed_components(old: Lowered, new: Lowered) -> list[Message]:
    """The components to send so that a client with `old` shows `new`, in reading order."""
    changed = {
        ident
        for ident, component in new.components.items()
        if old.components.get(ident) != component
    }
    needed = _closure(changed, new.children)
    return [component for ident, component in new.components.items() if ident in needed]


def _closure(ids: set[str], children: Mapping[str, tuple[str, ...]]) -> set[str]:
    needed: set[str] = set()
    waiting = list(ids)
    while waiting:
        ident = waiting.pop()
        if ident not in needed:
            needed.add(ident)
            waiting.extend(children.get(ident, ()))
    return needed


def changed_leaves(old: Lowered, new: Lowered) -> set[tuple[str, ...]]:
    """Display places whose text differs, is new or is gone."""
    places = {*old.leaves, *new.leaves}
    return {place for place in places if old.leaves.get(place) != new.leaves.get(place)}


def changed_lists(old: Lowered, new: Lowered) -> dict[Place, Items]:
    """The lists whose items differ, those that are gone without any."""
    gone: dict[Place, Items] = {place: () for place in old.lists if place not in new.lists}
    changed = {p: items for p, items in new.lists.items() if old.lists.get(p) != items}
    return gone | changed
