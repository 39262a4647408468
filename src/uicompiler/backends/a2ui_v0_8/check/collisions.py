"""Strings that equal an id, which clients replace by the component of that name.

It looks at the strings of component properties; references and actions are meant as they are. What
a string says otherwise, it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable

from uicompiler.backends.a2ui_v0_8.check.components import Update, check_types
from uicompiler.backends.a2ui_v0_8.check.findings import At, Findings, Look
from uicompiler.backends.a2ui_v0_8.check.graph import measure
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.strings import located
from uicompiler.backends.a2ui_v0_8.check.surface import COMPONENTS, Surface
from uicompiler.backends.a2ui_v0_8.check.wording import show


def check_collisions(update: Update) -> None:
    """Whether a string is an id; ids that older strings equal are judged at the end."""
    surface, body, plan, notes, look = update
    old, new = surface.types.keys(), notes.declared.keys()
    if not (old.isdisjoint(look.texts) and new.isdisjoint(look.texts)):
        placed = located("surfaceUpdate", body, plan, look)
        hits = [
            (text, at)
            for text, at in zip(placed.texts, placed.text_places, strict=True)
            if text in old or text in new
        ]
        for text, at in hits:
            _report_collision(text, at, look)
        _check_hidden_cycle(update, hits)
    while surface.texts:
        surface.strings.update(surface.texts.pop())
    if surface.strings:
        surface.suspects.update(surface.strings.intersection(new))


def _check_hidden_cycle(update: Update, hits: Iterable[tuple[str, At]]) -> None:
    """Whether strings that clients take for components close a cycle; they refuse that."""
    refs = update.notes.children
    more = _more_references(update, hits)
    edges = refs | {ident: (*refs.get(ident, ()), *texts) for ident, texts in more.items()}
    cycle = measure(edges, edges).cycle
    if cycle and not update.surface.tangled:
        at = (COMPONENTS, update.notes.declared[cycle[0]])
        shown = " > ".join(map(show, cycle[:9]))
        text = f"clients take strings for the components they name, and find {shown}"
        update.look.report("COMPONENT_CYCLE", at, text)


def _more_references(update: Update, hits: Iterable[tuple[str, At]]) -> dict[str, list[str]]:
    """What each component refers to by its strings."""
    more: dict[str, list[str]] = {}
    for text, at in hits:
        ident = update.body["components"][_index(at)].get("id")
        if isinstance(ident, str):
            more.setdefault(ident, []).append(text)
    return more


def _index(at: At) -> int:
    """Which component of its message a place is in."""
    while at is not None:
        up, key = at
        if up is COMPONENTS and isinstance(key, int):
            return key
        at = up
    raise LookupError("a place outside of components")


def check_suspects(surface: Surface, plan: Plan, look: Look) -> None:
    """At the end: whether an older string that a new id equals is still there."""
    if not surface.suspects:
        return
    latest = surface.latest()
    silent = Look(look.rules, Findings())
    for _, _, item in latest.values():
        check_types(item.get("component"), None, plan, silent)
    said = surface.suspects.intersection(silent.texts)
    for ident in (ident for ident in latest if ident in said):
        look.line, at, _ = latest[ident]
        _report_collision(ident, at, look)


def _report_collision(text: str, at: At, look: Look) -> None:
    why = f"the id {show(text)} is also a string, which clients replace by the component"
    look.report("COMPONENT_ID_COLLISION", at, why, "give ids a prefix that no text has")
