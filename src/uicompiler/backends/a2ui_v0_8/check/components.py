"""Single components: id, type, properties, weight.

A component with which nothing is wrong is noted in one walk; any other is examined, and what is
wrong with it reported in place. What components mean to each other, it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.surface import COMPONENTS, Notes, Surface
from uicompiler.backends.a2ui_v0_8.check.values import is_number
from uicompiler.backends.a2ui_v0_8.check.wording import listed, name_of, show, show_keys


class Update(NamedTuple):
    """One surfaceUpdate under examination: of which surface, by which plan, noted where."""

    surface: Surface
    body: dict[str, Any]
    plan: Plan
    notes: Notes
    look: Look


def passes(
    index: int, item: object, surface: Surface, plan: Plan, notes: Notes, look: Look
) -> bool:
    """Note a component with which nothing is wrong; false for one to be examined."""
    if not isinstance(item, dict) or not (len(item) == 2 or _has_weight(item)):
        return False
    ident, body = item.get("id"), item.get("component")
    if not isinstance(ident, str) or ident in notes.declared:
        return False
    if not isinstance(body, dict) or len(body) != 1:
        return False
    for kind, props in body.items():
        first = len(look.refs)
        if surface.types.get(ident, kind) != kind or kind not in plan:
            return False
        if not plan[kind].gate(props, look.texts, look):
            return False
        notes.declared[ident] = index
        notes.types[ident] = kind
        if len(look.refs) > first:
            notes.children[ident] = tuple(look.refs[first:])
    return True


def _has_weight(item: Mapping[str, Any]) -> bool:
    """Whether a component has a good weight, and nothing unknown besides."""
    weight: Any = item.get("weight")
    return len(item) == 3 and is_number(weight) and weight > 0


def declare(index: int, item: object, update: Update) -> None:
    """Examine one component and note it."""
    notes, look = update.notes, update.look
    at = (COMPONENTS, index)
    if not isinstance(item, dict):
        look.invalid(at, "a component", item)
        return
    _check_frame(item, at, look)
    ident = item.get("id")
    if not isinstance(ident, str):
        look.invalid((at, "id"), "a component id", ident)
        return
    if ident in notes.declared:
        text = f"the id {show(ident)} is defined at index {notes.declared[ident]} already"
        look.report("COMPONENT_ID_DUPLICATE", (at, "id"), text)
    notes.declared[ident] = index
    notes.children.pop(ident, None)
    first = len(look.refs)
    kind = check_types(item.get("component"), (at, "component"), update.plan, look)
    _check_type_kept(ident, kind, update.surface, (at, "component"), look)
    notes.types[ident] = kind
    if len(look.refs) > first:
        notes.children[ident] = tuple(look.refs[first:])


_FIELDS: Final = frozenset({"id", "component", "weight"})


def _check_frame(item: Mapping[str, Any], at: At, look: Look) -> None:
    for name in (name for name in item if name not in _FIELDS):
        text = f"no such property: {show(name)}"
        look.report("COMPONENT_INVALID", (at, name_of(name)), text, "id, component, weight")
    if "weight" in item:
        weight = item["weight"]
        place = (at, "weight")
        if not is_number(weight):
            look.invalid(place, "a finite number", weight)
        elif weight <= 0:
            text = f"a weight is more than 0, found {weight}"
            look.report("COMPONENT_INVALID", place, text, accepted=True)


def check_types(body: object, at: At, plan: Plan, look: Look) -> str:
    """Examine what a component is; gives its type, "" if it has none."""
    if not isinstance(body, dict) or len(body) != 1:
        text = f"a component is an object with exactly one type, found {show_keys(body)}"
        look.report("COMPONENT_INVALID", at, text)
    if not isinstance(body, dict):
        return ""
    for kind, props in body.items():
        if kind in plan:
            plan[kind].check(props, (at, kind), look)
        else:
            _report_unknown(kind, props, at, plan, look)
    return next(map(name_of, body)) if len(body) == 1 else ""


def _check_type_kept(ident: str, kind: str, surface: Surface, at: At, look: Look) -> None:
    before = surface.types.get(ident, "")
    if before and kind and before != kind:
        text = f"the id {show(ident)} was a {show(before)} and is now a {show(kind)}"
        look.report("COMPONENT_TYPE_CHANGED", at, text, "take a new id")


_MISSPELT: Final = "Checkbox"
"""What the official client's own schema calls a CheckBox: it checks one so called, and no client
shows it. Other unknown types it lets pass."""


def _report_unknown(kind: object, props: object, at: At, plan: Plan, look: Look) -> None:
    text = f"the catalog has no component {show(kind)}"
    if kind == _MISSPELT and "CheckBox" in plan:
        look.report("COMPONENT_INVALID", (at, _MISSPELT), text, "CheckBox")
    else:
        hint = f"one of {listed(plan)}"
        look.report("CATALOG_UNKNOWN_TYPE", (at, name_of(kind)), text, hint)
    # Clients resolve any string of it that is an id; which are meant as ids is not known.
    strings = list(_strings(props))
    look.refs += strings
    look.ref_places += [None] * len(strings)
    look.said += strings
    look.said_places += [(at, name_of(kind))] * len(strings)


def _strings(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
