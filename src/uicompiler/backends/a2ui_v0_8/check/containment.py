"""What contains what: nothing itself, nothing too deep or too often, nothing that is not shown.

It judges what `graph` measures, for one surfaceUpdate and for a surface as a whole. What a
component is, and whether what it refers to is there, it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.graph import (
    Children,
    Shape,
    expanded,
    measure,
    reached_from,
)
from uicompiler.backends.a2ui_v0_8.check.surface import COMPONENTS, Notes, Surface
from uicompiler.backends.a2ui_v0_8.check.wording import show


def check_shape(surface: Surface, notes: Notes, look: Look) -> None:
    """Report a cycle in a surfaceUpdate, and what in it is too deep or shown too often."""
    if not notes.children:
        return
    shape = measure(notes.children, notes.children)
    if shape.cycle:
        surface.tangled = True
        at = (COMPONENTS, notes.declared[shape.cycle[0]])
        text = f"components contain each other: {' > '.join(map(show, shape.cycle[:9]))}"
        look.report("COMPONENT_CYCLE", at, text)
    _check_depth(shape, notes.children, notes.declared, look)


def _check_depth(shape: Shape, children: Children, declared: Mapping[str, int], look: Look) -> None:
    limits = look.rules.limits
    depth = max(shape.depths.values(), default=0)
    if depth > limits.max_component_depth:
        top = next(ident for ident in shape.depths if shape.depths[ident] == depth)
        at = (COMPONENTS, declared[top]) if top in declared else None
        where = f"depth of components below {show(top)}"
        look.limit("max_component_depth", limits.max_component_depth, depth, where, at)
    allowed = limits.max_components_per_surface
    count = expanded(shape, children) if look.shares_children else 0
    if count > allowed:
        where = "components, each counted as often as it is shown"
        look.limit("max_components_per_surface", allowed, count, where)


def check_whole(surface: Surface, root: str, look: Look) -> None:
    """One surfaceUpdate was judged by itself; several may nest deeper together."""
    if len(surface.places) > 1:
        look.shares_children = True
        shape = measure([root], surface.children)
        _check_depth(shape, surface.children, {}, look)


def check_orphans(surface: Surface, notes: Notes, look: Look) -> None:
    """Report what an update of a begun surface declares and nothing shown leads to."""
    old = surface.types
    starts = [ident for ident in notes.declared if ident in old or ident == surface.root]
    if len(starts) == len(notes.declared):
        return
    reached = reached_from(starts, notes.children)
    for ident, index in notes.declared.items():
        if ident not in reached:
            _report_orphan(ident, (COMPONENTS, index), look)


def check_all_reached(surface: Surface, root: str, look: Look) -> None:
    """Report what was declared before beginRendering and its root does not lead to."""
    # Without cycles, what something refers to hangs below what nothing refers to.
    loose = surface.types.keys() - surface.referred
    if len(surface.places) == 1 and not surface.tangled and loose <= {root}:
        return
    reached = reached_from([root], surface.children)
    if not surface.types.keys() <= reached:
        for ident, (line, place, _) in surface.latest().items():
            if ident not in reached:
                _report_orphan(ident, place, look, line)


def _report_orphan(ident: str, at: At, look: Look, line: int | None = None) -> None:
    text = f"neither the root nor a component shown before leads to {show(ident)}"
    look.report("COMPONENT_ORPHAN", at, text, line=line)
