"""Whether a foreign surface is surely shown as it is meant: one short question before long ones.

It promises that yes means that `traps` would find nothing. It asks of a surface whose components
were each defined once and are each shown in one place; of any other it says no, and what is wrong
it does not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any, Final

from uicompiler.backends.a2ui_v0_8.check.bound import refusal
from uicompiler.backends.a2ui_v0_8.check.entries import strings_in
from uicompiler.backends.a2ui_v0_8.check.findings import Findings, Look
from uicompiler.backends.a2ui_v0_8.check.graph import reached_from
from uicompiler.backends.a2ui_v0_8.check.places import Path, parts_of
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.surface import Surface
from uicompiler.backends.a2ui_v0_8.check.values import column_of
from uicompiler.urls import url_refusal


def is_meant(surface: Surface, plan: Plan, look: Look) -> bool:
    """Whether clients show a surface as it is meant; false if that has to be looked into."""
    if surface.suspect or surface.tangled:
        return False
    if not _are_plain_items(surface, plan, look) or not _may_be_fetched(surface, look):
        return False
    if surface.live or not surface.inputs:
        return True
    model = _model(surface)
    return model is not None and all(_fits(kind, path, model) for kind, path in surface.inputs)


def _are_plain_items(surface: Surface, plan: Plan, look: Look) -> bool:
    """Whether what templates repeat only shows what is in its item: no templates, no inputs."""
    if not surface.repeated:
        return True
    inner = reached_from(surface.repeated, surface.children)
    columns: defaultdict[str, list[Any]] = defaultdict(list)
    for _, declared, items in surface.places:
        for ident in inner & declared.keys():
            for kind, props in items[declared[ident]]["component"].items():
                columns[kind].append(props)
    inside = Look(look.rules, Findings())
    for kind, column in columns.items():
        plan[kind].gate(column, inside)
    paths = [*inside.shown, *inside.written, *inside.paths]
    return not (inside.repeated or inside.inputs or any(path[0] == "/" for path in paths))


def _may_be_fetched(surface: Surface, look: Look) -> bool:
    """Whether every text that is written under the last key of a URL's path may be fetched."""
    if not surface.fetched:
        return True
    keys = {path.rpartition("/")[2] for path in surface.fetched}
    if "." in keys or surface.holds_json:
        return False
    schemes = look.rules.url_schemes
    return not any(url_refusal(text, schemes) for text in _texts_under(keys, surface))


def _texts_under(keys: Collection[str], surface: Surface) -> set[str]:
    """The texts that messages which passed write under one of these keys."""
    entries = list(chain.from_iterable(body["contents"] for _, body in surface.writes))
    entries += list(chain.from_iterable(column_of(entries, "valueMap")))
    return {
        entry["valueString"] for entry in entries if "valueString" in entry and entry["key"] in keys
    }


_Model = dict[str, Any]
"""What is left of the data: maps as dicts, anything else as it was written."""


def _model(surface: Surface) -> _Model | None:
    """The data at the end, if no message writes below what is no map."""
    model: _Model = {}
    for _, body in surface.writes:
        path = parts_of(body.get("path", "/"))
        here: Any = model
        for part in path[:-1]:
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                return None
        if path:
            here[path[-1]] = _map(body["contents"])
        else:
            model = _map(body["contents"])
    return model


def _map(entries: Sequence[dict[str, Any]]) -> _Model:
    """Entries that passed: each has a key and one value."""
    found: _Model = {}
    for entry in entries:
        for name, value in entry.items():
            if name != "key":
                found[entry["key"]] = _map(value) if name == "valueMap" else value
    return found


_MISSING: Final = object()


def _fits(kind: str, path: str, model: _Model) -> bool:
    """Whether what an input of this type is bound to will do."""
    value: Any = model
    parts: Path = parts_of(path)
    for part in parts:
        if not isinstance(value, dict):
            return False
        value = value.get(part, _MISSING)
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        # A text that may be JSON: an array of texts is what a choice needs.
        return kind == "MultipleChoice" and strings_in(value) is not None
    if value is _MISSING or isinstance(value, dict):
        return False
    return not refusal(kind, value)
