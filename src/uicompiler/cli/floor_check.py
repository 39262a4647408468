"""The checked floor: what a hand-written guard of just these messages needs.

As `floor`, with no catalog and no wording: known components, known properties with values of their
type, ids that are used once, references that resolve, a tree without cycles or orphans, texts
without controls, sizes. A first fault ends it. The compiler checks more, and any catalog.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import orjson

Message: TypeAlias = dict[str, Any]
"""JSON, as in `backends.base`."""

_MOST_BYTES: Final = 1 << 40
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\ufeff\u202a-\u202e\u2066-\u2069]")
_HINTS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "caption", "body"))
_TEXT_TYPES: Final = frozenset(("date", "longText", "number", "shortText", "obscured"))
_VALUES: Final[Mapping[str, type | tuple[type, ...]]] = MappingProxyType(
    {"valueBoolean": bool, "valueNumber": (int, float), "valueMap": list}
)


class Fault(ValueError):
    """A message is not as it must be."""


def checked(messages: Sequence[Message]) -> list[bytes]:
    """The messages as lines, once they have passed."""
    for message in messages:
        if "surfaceUpdate" in message:
            _components(message["surfaceUpdate"]["components"])
        elif "dataModelUpdate" in message:
            _entries(message["dataModelUpdate"]["contents"])
        elif "beginRendering" not in message:
            raise Fault("an unknown message")
    lines = [orjson.dumps(message) for message in messages]
    if sum(map(len, lines)) > _MOST_BYTES:
        raise Fault("too large")
    return lines


def _components(components: Sequence[Message]) -> None:
    children: dict[str, list[str]] = {}
    for item in components:
        ident, component = item["id"], item["component"]
        if len(component) != 1 or ident in children:
            raise Fault(f"{ident} stands twice or is not one thing")
        ((kind, props),) = component.items()
        known = _COMPONENTS[kind]
        refs: list[str] = []
        children[ident] = refs
        for name, value in props.items():
            known[name](value, refs)
    _tree(children, components[-1]["id"])


def _tree(children: Mapping[str, list[str]], root: str) -> None:
    """Every component is reached from the root once."""
    seen, waiting = 0, [root]
    while waiting:
        seen += 1
        waiting.extend(children[waiting.pop()])
        if seen > len(children):
            raise Fault("a component is used twice")
    if seen != len(children):
        raise Fault("a component is not used")


def _entries(entries: Sequence[Message]) -> None:
    for entry in entries:
        if len(entry) != 2:
            raise Fault("an entry is a key and a value")
        for name, value in entry.items():
            if name in ("key", "valueString"):
                _text(value)
            elif not isinstance(value, _VALUES[name]):
                raise Fault(f"{name} of another type")
            elif name == "valueMap":
                _entries(entry[name])


def _text(value: Any) -> None:
    if not isinstance(value, str) or _CONTROL.search(value) is not None:
        raise Fault("no text, or one with controls")


def _bound(literal: str) -> Callable[[Any, list[str]], None]:
    """A value that is either read from a path or literal."""

    def check(value: Any, _refs: list[str]) -> None:
        ((key, told),) = value.items()
        if key not in ("path", literal):
            raise Fault(f"{key} instead of a path or {literal}")
        _text(told)

    return check


def _one_of(known: frozenset[str]) -> Callable[[Any, list[str]], None]:
    def check(value: Any, _refs: list[str]) -> None:
        if value not in known:
            raise Fault(f"{value} is unknown")

    return check


def _flag(value: Any, _refs: list[str]) -> None:
    if not isinstance(value, bool):
        raise Fault("neither true nor false")


def _count(value: Any, _refs: list[str]) -> None:
    if not isinstance(value, int):
        raise Fault("no number")


def _child(value: Any, refs: list[str]) -> None:
    _text(value)
    refs.append(value)


def _children(value: Any, refs: list[str]) -> None:
    told = value["explicitList"]
    for item in told:
        _text(item)
    refs.extend(told)


def _action(value: Any, refs: list[str]) -> None:
    _text(value["name"])
    for entry in value["context"]:
        _text(entry["key"])
        _STRING(entry["value"], refs)


def _options(value: Any, refs: list[str]) -> None:
    for option in value:
        _STRING(option["label"], refs)
        _text(option["value"])


_STRING: Final = _bound("literalString")
_BOOLEAN: Final = _bound("literalBoolean")
_LIST: Final = {"children": _children}
_COMPONENTS: Final[Mapping[str, Mapping[str, Callable[[Any, list[str]], None]]]] = MappingProxyType(
    {
        "Column": _LIST,
        "Row": _LIST,
        "Card": {"child": _child},
        "Text": {"text": _STRING, "usageHint": _one_of(_HINTS)},
        "TextField": {"label": _STRING, "text": _STRING, "textFieldType": _one_of(_TEXT_TYPES)},
        "CheckBox": {"label": _STRING, "value": _BOOLEAN},
        "MultipleChoice": {
            "selections": _STRING,
            "options": _options,
            "maxAllowedSelections": _count,
        },
        "DateTimeInput": {"value": _STRING, "enableDate": _flag, "enableTime": _flag},
        "Button": {"child": _child, "primary": _flag, "action": _action},
    }
)
