"""Texts that show what a user types: a client with markdown reads it as markup, images and all.

It promises one finding for each string property that is bound where an input of the surface writes,
in templates too. What a property is, the plan has noted; what a path holds, it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from uicompiler.backends.a2ui_v0_8.check.components import check_types
from uicompiler.backends.a2ui_v0_8.check.findings import At, Findings, Look
from uicompiler.backends.a2ui_v0_8.check.places import (
    ANY,
    Path,
    absolute,
    places,
    templates_of,
    tops,
)
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.surface import Surface
from uicompiler.backends.a2ui_v0_8.check.wording import show


class _Bound(NamedTuple):
    """What one component binds: where it is, paths its inputs write, paths it shows."""

    line: int | None
    written: list[str]
    shown: list[tuple[str, At]]
    templates: Mapping[str, str]


def check_typed(surface: Surface, plan: Plan, look: Look) -> None:
    """At the end of a surface: whether a text is bound to what one of its inputs writes."""
    if not _suspicious(surface.written, surface.shown):
        return
    bound = {
        ident: _bound(line, at, item, plan, look)
        for ident, (line, at, item) in surface.latest().items()
    }
    edges = {
        ident: [(child, found.templates.get(child)) for child in surface.children.get(ident, ())]
        for ident, found in bound.items()
    }
    placed = list(places(tops(surface, bound), edges))
    lists = {base[:-1] for _, base in placed if base}
    written = {
        _resolved(path, base, lists) for ident, base in placed for path in bound[ident].written
    }
    told: set[int] = set()
    for ident, base in placed:
        for path, at in bound[ident].shown:
            if id(at) not in told and _resolved(path, base, lists) in written:
                told.add(id(at))
                text = f"an input writes the path {show(path)}, which is shown as markdown here"
                hint = "bind a path that no input of the surface writes"
                look.report("COMPONENT_TEXT_MARKUP", at, text, hint, line=bound[ident].line)


def _suspicious(written: Sequence[str], shown: Sequence[str]) -> bool:
    """Whether two paths could be one, by their ends; "." is an item, whose key can be any."""
    if not written or not shown:
        return False
    ends = {path.rpartition("/")[2] for path in written}
    others = {path.rpartition("/")[2] for path in shown}
    return "." in ends | others or not ends.isdisjoint(others)


def _bound(line: int | None, at: At, item: Mapping[str, Any], plan: Plan, look: Look) -> _Bound:
    silent = Look(look.rules, Findings())
    body = item.get("component")
    check_types(body, (at, "component"), plan, silent)
    shown = list(zip(silent.shown, silent.shown_places, strict=True))
    templates = {found.component: found.path for found in templates_of(body)}
    return _Bound(line, silent.written, shown, templates)


def _resolved(path: str, base: Path, lists: set[Path]) -> Path:
    """A path from the top, with every key of an item as `ANY`."""
    found: Path = ()
    for part in absolute(path, base):
        found = (*found, ANY if found in lists else part)
    return found
