"""What pydantic says of an app's file, told by places in that file.

Its own locations also name which member of a union it tried; those steps lead nowhere in a file and
are left out, and what several members said of one place is one finding.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from uicompiler.app_file.shape import AppFile
from uicompiler.app_file.source import Place, Source, inside
from uicompiler.errors import Diagnostic
from uicompiler.ir.base import Node

MAX_PROBLEMS: Final = 200
"""Most problems that are told one by one: the place of each has to be looked for."""

_EXPECTED: Final = "Input should be "
_WORDS: Final = {"extra_forbidden": "no such key", "missing": "this key is missing"}


def problems(
    source: Source,
    error: ValidationError,
    nodes: Mapping[str, type[Node]],
    *,
    below: Place = (),
    open_nodes: bool = False,
) -> list[Diagnostic]:
    """Everything pydantic found, one finding a place.

    Args:
        source: The file.
        error: What pydantic found.
        nodes: Node classes by kind.
        below: The place of what it validated.
        open_nodes: Whether there may be kinds of nodes beside those; they are no problem then.
    """
    found: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
    details = error.errors(include_url=False)
    rest = len(details) - MAX_PROBLEMS
    details = details[:MAX_PROBLEMS]
    outer = {item["loc"][:size] for item in details for size in range(len(item["loc"]))}
    for item in details:
        # A list counts as too short when its items are refused, which says nothing new.
        if item["type"] == "too_short" and item["loc"] in outer:
            continue
        place = _place(source, item, below)
        kind = _unknown_node(inside_at(source.value, place), nodes, item)
        if kind is None:
            found.setdefault(place, []).append(item)
        elif not open_nodes:
            found.setdefault((*place, "node"), []).append(item)
    told = [
        source.problem(_said(items), place, hint=_hint(source.value, place, items[0], nodes))
        for place, items in found.items()
    ]
    return told if rest <= 0 else [*told, source.problem(f"there are {rest} more problems", below)]


def inside_at(value: object, place: Place) -> Any:  # JSON
    """The value at a place, or None."""
    for step in place:
        value = inside(value, step)
    return value


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a name that nobody knows: the closest one, or all there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(names) or 'none'}"


def _place(source: Source, item: ErrorDetails, below: Place) -> tuple[str | int, ...]:
    value = inside_at(source.value, below)
    place = [*below]
    for index, step in enumerate(item["loc"], start=1):
        there = step in value if isinstance(value, dict) else isinstance(value, list)
        missing = item["type"] == "missing" and index == len(item["loc"])
        if (there and isinstance(step, int) == isinstance(value, list)) or missing:
            place.append(step)
            value = inside(value, step)
    return tuple(place)


def _unknown_node(value: object, nodes: Mapping[str, Any], item: ErrorDetails) -> str | None:
    if item["type"] != "value_error" or not isinstance(value, dict):
        return None
    kind = value.get("node")
    return kind if isinstance(kind, str) and kind not in nodes else None


def _said(items: Iterable[ErrorDetails]) -> str:
    said = list(dict.fromkeys(_WORDS.get(item["type"], item["msg"]) for item in items))
    said = [text.removeprefix("Value error, ") for text in said]
    if len(said) > 1 and all(text.startswith(_EXPECTED) for text in said):
        return _EXPECTED + " or ".join(text.removeprefix(_EXPECTED) for text in said)
    return "; ".join(said)


def _hint(value: object, place: Place, item: ErrorDetails, nodes: Mapping[str, type[Node]]) -> str:
    if item["type"] == "extra_forbidden":
        key, known = str(place[-1]), _known_keys(value, place[:-1], nodes)
        return "it belongs to another kind of entry" if key in known else did_you_mean(key, known)
    if item["type"] == "literal_error":
        expected = re.findall(r"'([^']*)'", str(item.get("ctx", {}).get("expected", "")))
        close = difflib.get_close_matches(str(item["input"]), expected, n=1)
        return f"did you mean {close[0]}?" if close else ""
    if place[-1:] == ("node",):
        return did_you_mean(str(inside_at(value, place)), nodes)
    wants_text = item["type"] in ("string_type", "model_type")
    if wants_text and isinstance(item["input"], (bool, int, float)):
        return "put it in quotes to make it a text"
    return ""


def _known_keys(value: object, place: Place, nodes: Mapping[str, type[Node]]) -> set[str]:
    """The keys that an object at a place may have."""
    models: set[type[BaseModel]] = {AppFile}
    for step in place:
        value = inside(value, step)
        # An index, or the name of an entry, leaves the kind of record as it is.
        models = _models_under(models, step) or models
        kind = value.get("node") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in nodes:
            models = {nodes[kind]}
    return {name for model in models for name in model.model_fields}


def _models_under(models: Iterable[type[BaseModel]], step: str | int) -> set[type[BaseModel]]:
    return {
        found
        for model in models
        for name, field in model.model_fields.items()
        if name == step
        for found in _models_in(field.annotation)
    }


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
