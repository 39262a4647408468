"""Single components: id, type, properties, weight.

Components with which nothing is wrong are noted all at once; where there is any other, it is found
by asking fewer and fewer, and what is wrong with it reported in place. What components mean to each
other, it does not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from operator import getitem
from typing import Any, Final, NamedTuple

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.paths import all_safe
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.surface import COMPONENTS, Notes, Surface
from uicompiler.backends.a2ui_v0_8.check.values import (
    are_objects,
    are_strings,
    column_of,
    is_number,
)
from uicompiler.backends.a2ui_v0_8.check.wording import listed, name_of, show, show_keys


class Update(NamedTuple):
    """One surfaceUpdate under examination: of which surface, by which plan, noted where."""

    surface: Surface
    body: dict[str, Any]
    plan: Plan
    notes: Notes
    look: Look


_FEW: Final = 12
"""So many components are sooner asked one by one."""

_PARTS: Final = 16
"""Into so many parts components are divided when there is one among them to be examined."""


def note(items: Sequence[Any], update: Update) -> None:
    """Note components; those with which anything is wrong are examined, in their order."""
    if len(items) <= _FEW:
        for index, item in enumerate(items):
            if not _one_passes(index, item, update):
                declare(index, item, update)
        return
    waiting = [(0, len(items))]
    while waiting:
        start, end = waiting.pop()
        before = update.look.noted()
        if _passes(items[start:end], start, update):
            continue
        if end - start == 1:
            declare(start, items[start], update)
        else:
            update.look.forget(before)
            step = -(-(end - start) // _PARTS)
            parts = [(at, min(at + step, end)) for at in range(start, end, step)]
            waiting += reversed(parts)


def _one_passes(index: int, item: Any, update: Update) -> bool:
    """Note a component with which nothing is wrong; false for one to be examined."""
    notes, look = update.notes, update.look
    if type(item) is not dict or (len(item) != 2 and not _has_weight(item)):
        return False
    ident, body = item.get("id"), item.get("component")
    if type(ident) is not str or ident in notes.declared:
        return False
    if type(body) is not dict or len(body) != 1:
        return False
    [(kind, props)] = body.items()
    found = update.plan.get(kind)
    if found is None or update.surface.types.get(ident, kind) != kind:
        return False
    shown, written, paths = len(look.shown), len(look.written), len(look.paths)
    if not found.gate((props,), look):
        return False
    if not all_safe([*look.shown[shown:], *look.written[written:], *look.paths[paths:]], look):
        return False
    notes.declared[ident] = index
    notes.types[ident] = kind
    children = () if found.references is None else found.references(props)
    if children:
        notes.children[ident] = children
    return True


def _passes(items: Sequence[Any], start: int, update: Update) -> bool:
    """Note components with which nothing is wrong; false if there may be one that is not such."""
    notes = update.notes
    if not are_objects(items):
        return False
    others = [] if _TWO.issuperset(map(len, items)) else [item for item in items if len(item) != 2]
    if not all(map(_has_weight, others)):
        return False
    idents, bodies = column_of(items, "id"), column_of(items, "component")
    if len(idents) < len(items) or len(bodies) < len(items):
        return False
    if not are_strings(idents) or not are_objects(bodies) or set(map(len, bodies)) != {1}:
        return False
    kinds = list(chain.from_iterable(bodies))
    types = dict(zip(idents, kinds, strict=True))
    if len(types) < len(items) or not notes.declared.keys().isdisjoint(types.keys()):
        return False
    if not _are_kept(types, update.surface) or not _are_good(idents, kinds, bodies, update):
        return False
    notes.declared.update(zip(idents, range(start, start + len(items)), strict=True))
    notes.types.update(types)
    return True


_TWO: Final = frozenset({2})


def _are_kept(types: Mapping[str, str], surface: Surface) -> bool:
    """Whether no id was of another type before."""
    before = surface.types
    return not before or not [
        ident for ident, kind in types.items() if before.get(ident, kind) != kind
    ]


def _are_good(
    idents: Sequence[str], kinds: Sequence[str], bodies: Sequence[Any], update: Update
) -> bool:
    """Whether nothing is wrong with any component, asked type by type; notes what each contains."""
    plan, look = update.plan, update.look
    shown, written, paths = len(look.shown), len(look.written), len(look.paths)
    every = list(map(getitem, bodies, kinds))
    columns: defaultdict[str, list[Any]] = defaultdict(list)
    for kind, props in zip(kinds, every, strict=True):
        columns[kind].append(props)
    for kind, column in columns.items():
        if kind not in plan or not plan[kind].gate(column, look):
            return False
    if not all_safe([*look.shown[shown:], *look.written[written:], *look.paths[paths:]], look):
        return False
    containers = {kind: found for kind in columns if (found := plan[kind].references) is not None}
    update.notes.children.update(
        {
            ident: children
            for ident, kind, props in zip(idents, kinds, every, strict=True)
            if kind in containers and (children := containers[kind](props))
        }
    )
    return True


def _has_weight(item: Mapping[str, Any]) -> bool:
    """Whether a component has a good weight, and nothing unknown besides."""
    weight: Any = item.get("weight")
    return len(item) == 3 and is_number(weight) and weight > 0


def declare(index: int, item: object, update: Update) -> None:
    """Examine one component and note it."""
    notes, look = update.notes, update.look
    look.suspect = True
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
