"""Texts that show what a user types: a client with markdown reads it as markup, images and all.

It promises one finding for each string property that is bound where an input of the surface writes,
in templates too. What a property is, the plan has noted; what a path holds, it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.components import check_types
from uicompiler.backends.a2ui_v0_8.check.findings import At, Findings, Look
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.surface import Surface
from uicompiler.backends.a2ui_v0_8.check.wording import show

_Path: TypeAlias = tuple[str, ...]

_ANY: Final = "*"
"""Stands for the key of an item in a path below a template's list."""

_MAX_PLACES: Final = 10_000
"""Components, each counted once for every list it repeats over; beyond, templates only multiply."""


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
    places = list(_places(surface, bound))
    lists = {base[:-1] for _, base in places if base}
    written = {
        _resolved(path, base, lists) for ident, base in places for path in bound[ident].written
    }
    told: set[int] = set()
    for ident, base in places:
        for path, at in bound[ident].shown:
            if id(at) not in told and _resolved(path, base, lists) in written:
                told.add(id(at))
                text = f"an input writes the path {show(path)}, which is shown as markdown here"
                hint = "bind a path that no input of the surface writes"
                look.report("COMPONENT_TEXT_MARKUP", at, text, hint, line=bound[ident].line)


def _suspicious(written: set[str], shown: set[str]) -> bool:
    """Whether two paths could be one, by their ends; "." is an item, whose key can be any."""
    return bool(written and shown) and ("." in written | shown or not written.isdisjoint(shown))


def _bound(line: int | None, at: At, item: Mapping[str, Any], plan: Plan, look: Look) -> _Bound:
    silent = Look(look.rules, Findings())
    body = item.get("component")
    check_types(body, (at, "component"), plan, silent)
    shown = list(zip(silent.shown, silent.shown_places, strict=True))
    return _Bound(line, silent.written, shown, dict(_templates(body)))


def _templates(body: object) -> Iterator[tuple[str, str]]:
    """The component and the list of every template."""
    for props in body.values() if isinstance(body, dict) else ():
        for value in props.values() if isinstance(props, dict) else ():
            template = value.get("template") if isinstance(value, dict) else None
            if isinstance(template, dict):
                ident, path = template.get("componentId"), template.get("dataBinding")
                if isinstance(ident, str) and isinstance(path, str):
                    yield ident, path


def _places(surface: Surface, bound: Mapping[str, _Bound]) -> Iterator[tuple[str, _Path]]:
    """Every component with the item its relative paths start at, () for the whole model."""
    starts = [ident for ident in bound if ident == surface.root or ident not in surface.referred]
    waiting: list[tuple[str, _Path]] = [(ident, ()) for ident in starts]
    seen = set(waiting)
    while waiting and len(seen) <= _MAX_PLACES:
        ident, base = waiting.pop()
        yield ident, base
        for child in surface.children.get(ident, ()):
            path = bound[ident].templates.get(child)
            place = (child, base if path is None else (*_absolute(path, base), _ANY))
            if child in bound and place not in seen:
                seen.add(place)
                waiting.append(place)


def _absolute(path: str, base: _Path) -> _Path:
    start = () if path.startswith("/") else base
    return (*start, *(part for part in path.split("/") if part not in ("", ".")))


def _resolved(path: str, base: _Path, lists: set[_Path]) -> _Path:
    """A path from the top, with every key of an item as `_ANY`."""
    found: _Path = ()
    for part in _absolute(path, base):
        found = (*found, _ANY if found in lists else part)
    return found
