"""Foreign streams that clients accept and show otherwise than they are meant.

Each rule is one that compiling keeps by itself, so that own output is not asked. Whether properties
fit the catalog, the plan has said; here it is what the official clients make of them.

Source: the traps of the official clients, sections 3 to 6.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.alone import ASKED, modal, standard_types
from uicompiler.backends.a2ui_v0_8.check.bound import check_inputs, check_urls
from uicompiler.backends.a2ui_v0_8.check.definitions import Definition, definitions_of, edges_of
from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.glance import is_meant
from uicompiler.backends.a2ui_v0_8.check.model import Array, Model
from uicompiler.backends.a2ui_v0_8.check.places import ANY, Path, absolute, places, tops
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.surface import Surface
from uicompiler.backends.a2ui_v0_8.check.wording import show

_Placed: TypeAlias = list[tuple[Definition, Path]]


def check_traps(surface: Surface, plan: Plan, look: Look) -> None:
    """At the end of a surface: whether it is shown as it is meant."""
    if not look.rules.foreign or is_meant(surface, plan, look):
        return
    model = Model(look.max_data_depth + 1)
    for line, body in surface.writes:
        model.write(line, body)
    collectors = {kind: found.collect for kind, found in plan.items()}
    latest, every = definitions_of(surface, collectors)
    placed = _placed(surface, latest)
    known = standard_types(look.rules.catalog)
    for found in latest:
        if found.kind in known:
            _check_alone(found, surface, look)
    _check_in_items(placed, look)
    _check_repeated(placed, model, look)
    check_urls(placed if len(every) == len(latest) else _placed(surface, every), model, look)
    if not surface.live:
        check_inputs(placed, model, known, look)


def _placed(surface: Surface, definitions: Collection[Definition]) -> _Placed:
    """Each definition with each item its relative paths start at, in the order of the stream."""
    edges = edges_of(definitions)
    bases: dict[str, list[Path]] = {}
    for ident, base in places(tops(surface, edges), edges):
        bases.setdefault(ident, []).append(base)
    return [(found, base) for found in definitions for base in bases.get(found.ident, ())]


def _check_alone(found: Definition, surface: Surface, look: Look) -> None:
    traps = [trap for ask in ASKED.get(found.kind, ()) for trap in ask(found.props)]
    if found.kind == "Modal":
        traps += modal(found.props, surface.types)
    for trap in traps:
        at = _within(found.at, *filter(None, trap.where.split("/")))
        look.report(trap.code, at, trap.text, trap.hint, accepted=True, line=found.line)


# --- templates and places -------------------------------------------------------------------------


def _check_in_items(placed: _Placed, look: Look) -> None:
    """In an item, official clients take an absolute path for one that starts at the item."""
    told: set[int] = set()
    for found, base in placed:
        for path, at, _ in found.bindings:
            if base and path[:1] == "/" and id(at) not in told:
                told.add(id(at))
                text = f"in a template clients read the absolute path {show(path)} from the item"
                hint = "a path without a slash in front, to what each item holds"
                look.report("DATA_PATH_INVALID", at, text, hint, line=found.line)


def _check_repeated(placed: _Placed, model: Model, look: Look) -> None:
    """Whether two nodes on screen have one id, so that what is done to one seems done to both."""
    _check_nested(placed, model, look)
    repeats: dict[str, str] = {}
    uses: dict[str, int] = {}
    shown = {id(found.at): found for found, _ in placed}.values()
    for found in shown:
        for template in found.templates:
            if template.component in repeats:
                owner = repeats[template.component]
                text = f"{show(owner)} repeats {show(template.component)} already"
                at = _within(found.at, template.name, "template", "componentId")
                _report_twice(text, at, found, look)
            repeats.setdefault(template.component, found.ident)
        for ident in found.refs:
            uses[ident] = uses.get(ident, 0) + 1
    for found in shown:
        if uses.get(found.ident, 0) > 1 and found.ident not in repeats:
            text = f"{show(found.ident)} is referred to {uses[found.ident]} times"
            look.report(
                "COMPONENT_ID_DUPLICATE", found.at, f"{text}, and shown under one id",
                _ONE_EACH, severity="warning", line=found.line,
            )  # fmt: skip


_ONE_EACH: Final = "a component of its own for each place"


def _check_nested(placed: _Placed, model: Model, look: Look) -> None:
    told: set[int] = set()
    for found, base in placed:
        for template in found.templates if ANY in base and id(found.at) not in told else ():
            if not _is_arrays((*absolute(template.path, base), ANY), model):
                told.add(id(found.at))
                text = "a template in a template: ids of items lack the keys of the outer list"
                at = _within(found.at, template.name, "template")
                _report_twice(text, at, found, look, "repeat over arrays, or write items out")


def _is_arrays(path: Path, model: Model) -> bool:
    """Whether all that is repeated on the way are arrays: ids hold the index in each of them."""
    values: list[Any] = [model.now]
    for part in path:
        if part == ANY:
            if not values or not all(isinstance(value, Array) for value in values):
                return False
            values = [item for value in values for item in value.values()]
        else:
            inner = [value.get(part) for value in values if isinstance(value, dict)]
            values = [value for value in inner if isinstance(value, dict)]
    return True


def _within(at: At, *keys: str) -> At:
    for key in keys:
        at = (at, key)
    return at


def _report_twice(text: str, at: At, found: Definition, look: Look, hint: str = _ONE_EACH) -> None:
    look.report("COMPONENT_ID_DUPLICATE", at, text, hint, accepted=True, line=found.line)
