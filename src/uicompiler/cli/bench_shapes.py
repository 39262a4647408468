"""The screens that `bench` measures: shapes of any size, as a model asks for them.

`composed` is the reference, the others stress one thing each. Everything is made of its size alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object, as `json` gives it."""

TITLE: Final = "Bench"
DEPTH: Final = 50
"""Of `deep`, in components; the official Python side takes no more."""

_KINDS: Final = ("short_text", "long_text", "number", "boolean", "choice", "date")
# A form is seven components, and six fields, one of each kind, are ten.
_FRAME, _FIELDS, _COMPONENTS = 7, 6, 10
# What a section is made of, and how many stand on one of `many` surfaces.
_SECTION, _SECTIONS = 9, 5


def form_fields(size: int) -> list[Json]:
    """Fields of mixed kinds whose form has about so many components."""
    count = max(1, round((size - _FRAME) * _FIELDS / _COMPONENTS))
    return [_field(index) for index in range(count)]


def _field(index: int) -> Json:
    kind = _KINDS[index % len(_KINDS)]
    field: Json = {"id": f"f{index}", "kind": kind, "label": f"Field {index}"}
    if kind == "choice":
        field["options"] = [{"value": "a", "label": "First"}, {"value": "b", "label": "Second"}]
    return field


def form(size: int) -> list[Json]:
    """One inline form, whose button sends all of its fields."""
    payload = {"title": TITLE, "fields": form_fields(size)}
    return [{"type": "ui.show_form", "payload": payload}]


def composed(size: int) -> list[Json]:
    """Cards as a model composes them: bound texts, inputs with values, buttons with arguments."""
    return [_view("main", range(max(1, round((size - 1) / _SECTION))))]


def wide(size: int) -> list[Json]:
    """One column of texts."""
    return [_tree([{"node": "text", "text": f"Item {index}"} for index in range(size - 1)])]


def deep(size: int) -> list[Json]:
    """Columns in columns, down to `DEPTH`; as many such chains as the size allows."""
    levels = min(DEPTH - 2, max(1, size // 2 - 1))
    chains = max(1, round(size / (2 * levels + 1)))
    return [_tree([_chain(number, levels) for number in range(chains)])]


def many(size: int) -> list[Json]:
    """Surfaces of a few cards each."""
    each = min(_SECTIONS, max(1, round((size - 1) / _SECTION)))
    surfaces = max(1, round(size / (_SECTION * each + 1)))
    return [
        _view(f"s{number}", range(number * each, (number + 1) * each)) for number in range(surfaces)
    ]


SHAPES: Final[Mapping[str, Callable[[int], list[Json]]]] = MappingProxyType(
    {"composed": composed, "form": form, "wide": wide, "deep": deep, "many": many}
)
"""Directives by shape, from about how many components they make."""


def envelope(directives: Sequence[Json]) -> str:
    """What a model writes."""
    return json.dumps({"assistant_text": "Please fill this in.", "directives": directives})


def section(index: int) -> Json:
    """A card of nine components and four values."""
    name = f"s{index}"
    both = [
        {"node": "field", "id": f"{name}_mail", "kind": "short_text", "label": "E-mail address"},
        {"node": "field", "id": f"{name}_agree", "kind": "boolean", "label": "I agree"},
    ]
    args = {"section": name, "form": "account"}
    children = [
        {"node": "text", "bind": f"/ui_state/{name}_title", "style": "h3"},
        {"node": "field", "id": f"{name}_name", "kind": "short_text", "label": "Full name"},
        {"node": "stack", "direction": "row", "children": both},
        {"node": "button", "label": "Save & continue", "action": "submit", "args": args},
    ]
    return {"node": "card", "children": children}


def _values(index: int) -> list[Json]:
    name = f"s{index}"
    return [
        {"path": f"/ui_state/{name}_title", "value": f"Section {index}: Wörk"},
        {"path": f"/draft/{name}_name", "value": "Ada Lovelace"},
        {"path": f"/draft/{name}_mail", "value": f"user{index}@example.org"},
        {"path": f"/draft/{name}_agree", "value": index % 2 == 0},
    ]


def _view(surface: str, sections: range) -> Json:
    values = [value for index in sections for value in _values(index)]
    return _tree([section(index) for index in sections], surface=surface, values=values)


def _tree(children: Sequence[Json], **more: Any) -> Json:
    payload = {"root": {"node": "stack", "children": children}, **more}
    return {"type": "ui.show_view", "payload": payload}


def _chain(number: int, levels: int) -> Json:
    node: Json = {"node": "text", "text": f"Leaf {number}"}
    for level in range(levels):
        beside = {"node": "text", "text": f"Level {level}"}
        node = {"node": "stack", "children": [node, beside]}
    return node
