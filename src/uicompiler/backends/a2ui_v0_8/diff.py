"""Which components to send again, and what a batch of them must contain.

The official client refuses a message that refers to a component it does not itself define, so a
container goes out with its whole subtree; a leaf goes out alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from uicompiler.backends.a2ui_v0_8.boxes import Items
from uicompiler.backends.a2ui_v0_8.lower.lowered import Lowered
from uicompiler.backends.a2ui_v0_8.lower.parts import Component, Item, Part
from uicompiler.ir.changed import Place


def changed_components(old: Part | None, new: Part) -> list[Component]:
    """The components to send so that a client with `old` shows `new`, in reading order.

    The same part is passed over, whatever is in it.
    """
    if old is new:
        return []
    before = [] if old is None else old.items
    aligned = _aligned(before, new.items)
    if aligned is not None:
        return [item for was, now in aligned for item in changed_components(was, now)]
    needed = _needed(before, new.items)
    inside = {part.prefix: part for part in before if type(part) is Part}
    found: list[Component] = []
    for item in new.items:
        if type(item) is Part:
            whole = item.ident in needed
            found += (
                item.components() if whole else changed_components(inside.get(item.prefix), item)
            )
        elif type(item) is Component and item.id in needed:
            found.append(item)
    return found


def _aligned(old: list[Item], new: list[Item]) -> list[tuple[Part, Part]] | None:
    """The parts that changed, where nothing else did: none came, went or moved."""
    if len(old) != len(new):
        return None
    differ = [(was, now) for was, now in zip(old, new, strict=True) if was is not now]
    found = [
        (w, n) for w, n in differ if type(w) is Part and type(n) is Part and w.prefix == n.prefix
    ]
    return found if len(found) == len(differ) else None


def _needed(old: Iterable[Item], new: Iterable[Item]) -> set[str]:
    """Ids of a part's own components that changed, and all that these refer to."""
    before = {item.id: item.encoded for item in old if type(item) is Component}
    own = {item.id: item for item in new if type(item) is Component}
    needed: set[str] = set()
    waiting = [ident for ident, item in own.items() if before.get(ident) != item.encoded]
    while waiting:
        ident = waiting.pop()
        if ident not in needed:
            needed.add(ident)
            waiting += own[ident].refs if ident in own else ()
    return needed


def changed_leaves(old: Lowered, new: Lowered) -> set[Place]:
    """Display places whose text differs, is new or is gone; `new` was made from `old`."""
    before, candidates = old.leaves, new.leaves if new.news is None else new.news
    changed = {place for place, text in candidates.items() if before.get(place) != text}
    gone = before.keys() - new.leaves.keys() if new.news is None else ()
    return changed.union(gone)


def changed_lists(old: Lowered, new: Lowered) -> dict[Place, Items]:
    """The lists whose items differ, those that are gone without any."""
    before, after = old.lists, new.lists
    gone: dict[Place, Items] = {place: () for place in before if place not in after}
    changed = {place: items for place, items in after.items() if before.get(place) != items}
    return gone | changed
