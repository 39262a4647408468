"""Whether a foreign surface is surely shown as it is meant: one short question before long ones.

It promises that yes means that `traps` would find nothing. It asks of a surface that came in one
surfaceUpdate and repeats nothing; of any other it says no, and what is wrong it does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from uicompiler.backends.a2ui_v0_8.check.bound import refusal
from uicompiler.backends.a2ui_v0_8.check.entries import strings_in
from uicompiler.backends.a2ui_v0_8.check.places import Path, parts_of
from uicompiler.backends.a2ui_v0_8.check.surface import Surface


def is_meant(surface: Surface) -> bool:
    """Whether clients show a surface as it is meant; false if that has to be looked into."""
    if surface.suspect or surface.tangled:
        return False
    if surface.live or not surface.inputs:
        return True
    model = _model(surface)
    return model is not None and all(_fits(kind, path, model) for kind, path in surface.inputs)


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
