"""A surfaceUpdate as a whole: its components, their ids, and that references resolve inside it.

Each component is noted once; what concerns many is asked of the notes. Whether the surface is ever
shown, it does not know.
"""

from __future__ import annotations

from typing import Any

from uicompiler.backends.a2ui_v0_8.check.collisions import check_collisions
from uicompiler.backends.a2ui_v0_8.check.components import Update, note
from uicompiler.backends.a2ui_v0_8.check.containment import check_orphans, check_shape
from uicompiler.backends.a2ui_v0_8.check.findings import Look
from uicompiler.backends.a2ui_v0_8.check.paths import KEY, beside_keys
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.strings import located
from uicompiler.backends.a2ui_v0_8.check.surface import COMPONENTS, Notes, Surface
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.ir.values import FORBIDDEN_KEYS


def update_surface(surface: Surface, body: dict[str, Any], plan: Plan, look: Look) -> None:
    """Check a surfaceUpdate and add to the surface what it declares."""
    surface.has_content = True
    items = body.get("components")
    if not isinstance(items, (list, tuple)) or not items:
        look.invalid(COMPONENTS, "at least one component", items)
        return
    notes = Notes()
    update = Update(surface, body, plan, notes, look)
    note(items, update)
    look.texts += look.shown
    look.texts += look.written
    _check_ids(notes, look)
    _check_references(update)
    check_shape(surface, notes, look)
    check_collisions(update)
    if surface.begun and not surface.live:
        check_orphans(surface, notes, look)
    surface.add(notes, items, look)
    name, where = "max_components_per_surface", "components of the surface"
    look.limit_once(surface.passed, name, len(surface.types), where)


def _check_ids(notes: Notes, look: Look) -> None:
    allowed = look.rules.limits.max_id_length
    declared = notes.declared
    longest = max(map(len, declared), default=0)
    plain = "" not in declared and not beside_keys("".join(declared))
    if plain and longest <= allowed and declared.keys().isdisjoint(FORBIDDEN_KEYS):
        return
    for ident, index in declared.items():
        if KEY.fullmatch(ident) is None or len(ident) > allowed or ident in FORBIDDEN_KEYS:
            text = f"a component id is 1 to {allowed} of A-Z a-z 0-9 _ -, found {show(ident)}"
            look.report("COMPONENT_ID_INVALID", ((COMPONENTS, index), "id"), text)


def _check_references(update: Update) -> None:
    surface, body, plan, notes, look = update
    referred = set(look.refs)
    look.suspect |= not surface.referred.isdisjoint(referred)
    surface.referred |= referred
    look.shares_children = len(referred) != len(look.refs)
    if notes.declared.keys() >= referred:
        return
    placed = located("surfaceUpdate", body, plan, look)
    for ident, at in zip(placed.refs, placed.ref_places, strict=True):
        if ident not in notes.declared and at is not None:
            text = f"no component {show(ident)} is defined in this surfaceUpdate"
            hint = "define it in the same message; clients do not look at earlier ones"
            look.report("COMPONENT_REFERENCE_UNRESOLVED", at, text, hint)
