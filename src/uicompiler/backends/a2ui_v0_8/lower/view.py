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
from uicompiler.backends.a2ui_v0_8.lower.again import Again
from uicompiler.backends.a2ui_v0_8.lower.lowered import (
    Lowered,
    encode_all,
    made_again,
    made_anew,
)
from uicompiler.backends.a2ui_v0_8.lower.lowering import INPUTS, Lowering, LowerNode, Terms
from uicompiler.backends.a2ui_v0_8.lower.parts import SURFACE, Part
from uicompiler.backends.ids import component_id
from uicompiler.ir.base import Node
from uicompiler.ir.changed import changed_places
from uicompiler.ir.client import Pressed
from uicompiler.ir.inputs import Input
from uicompiler.ir.pressable import buttons_kept, pressable
from uicompiler.ir.state import Surface
from uicompiler.ir.values import FrozenDict

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


def lower(surface: Surface, terms: Terms, before: Lowered | None = None) -> Lowered:
    """Lower a surface's view; its root is one Column whose id never changes.

    Args:
        surface: The surface.
        terms: What holds for it.
        before: What it, or one much like it, was lowered to; what did not change is taken over.
            What comes out is the same without.
    """
    again = _again(surface, terms, before)
    lowering = Lowering(surface, terms, {**LOWER, **terms.lowerings}, again)
    root = _root(surface, lowering, before)
    encode_all(lowering.work.components, lowering.work.made)
    if before is None or again is None:
        return made_anew(root, lowering.work, terms)
    return made_again(root, lowering.work, terms, before, again)


def _again(surface: Surface, terms: Terms, before: Lowered | None) -> Again | None:
    """What of a lowering before may be used again, if any of it."""
    if before is None or before.terms != terms or (before.view is None) != (surface.view is None):
        return None
    changed = changed_places(before.document, surface.data)
    if not _are_same(before.inputs, surface.inputs_by_id):
        changed.places.append(INPUTS)
    return Again(before.parts, changed)


def _are_same(old: Mapping[str, Input], new: Mapping[str, Input]) -> bool:
    """Whether the same fields are asked for in the same order."""
    if old is new:
        return True
    fields = zip(old.values(), new.values(), strict=False)
    return list(old) == list(new) and all(was.field is now.field for was, now in fields)


def _root(surface: Surface, lowering: Lowering, before: Lowered | None) -> Part:
    """The part that is the surface as a whole."""
    again, view = lowering.work.again, surface.view
    if before is not None and again is not None and before.view is view:
        kept = again.with_others(before.root, lowering)
        if kept is not None:
            return kept
    if again is not None:
        again.is_rebuilt = True
    part = lowering.work.open
    ids = [] if view is None else lowering.outermost(view.root)
    part.ident = lowering.add(SURFACE, "Column", {"children": {"explicitList": ids}}, children=ids)
    return part


def button_ids(surface: Surface) -> Mapping[str, Pressed]:
    """Every button a surface shows by its component id; one in an item has two, see `lists`."""
    return buttons_kept(surface, "buttons of a2ui_v0_8", lambda: _button_ids(surface))


def _button_ids(surface: Surface) -> Mapping[str, Pressed]:
    found: dict[str, Pressed] = {}
    for path, pressed, inside in pressable(surface):
        found[component_id(path, "Button")] = pressed
        if inside is not None:
            found[lists.template_id(*inside, pressed.row)] = pressed
    return FrozenDict(found)
