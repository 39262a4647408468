"""Compact A2UI v0.8 JSON, as short as it can be written by hand.

Without what our compiler adds for the sake of clients: ids that last, bounds, maps around inputs.
Choices and dates have no label of their own there, so a Text stands before each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from benchmarks.tokens.formats.ids import Named, NamedRepeat, named
from benchmarks.tokens.parts import Bound, Part, Press, each, text
from benchmarks.tokens.screen import Put, Show, Step

_BOX: Final = "v"
"""Key of an input's value in a map of its own. Only maps can be written here without replacing what
stands beside them, so what is to change alone needs one."""
_LABELLED: Final = ("ChoicePicker", "DateTimeInput", "Slider")


def messages(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The messages of an answer."""
    return [body for step in steps for body in _bodies(step)]


def write(steps: Sequence[Step]) -> str:
    """The answer's JSON."""
    return json.dumps(messages(steps), ensure_ascii=False, separators=(",", ":"))


def _bodies(step: Step) -> Iterator[dict[str, Any]]:
    to = {"surfaceId": step.surface}
    if isinstance(step, Put):
        for path, value in step.values.items():
            yield {"dataModelUpdate": {**to, "path": path, "contents": [_entry(_BOX, value)]}}
    else:
        yield from _shown(step, to)


def _shown(step: Show, to: dict[str, Any]) -> Iterator[dict[str, Any]]:
    items = named(_with_labels(_boxed(step.root) if step.changes_later else step.root))
    sent = _inputs(items) if step.sends_inputs else []
    yield {"surfaceUpdate": {**to, "components": [_component(item, sent) for item in items]}}
    data = {**step.data, **step.blank}
    if step.changes_later:
        data = {key: {_BOX: value} for key, value in data.items()}
    if data:
        yield {"dataModelUpdate": {**to, "contents": _entries(data)}}
    yield {"beginRendering": {**to, "root": "root"}}


def _boxed(part: Part) -> Part:
    props = {key: each(value, _boxed) for key, value in part.props.items()}
    if isinstance(props.get("value"), Bound):
        props["value"] = Bound(f"{props['value'].path}/{_BOX}")
    return Part(part.kind, props)


def _with_labels(part: Part) -> Part:
    """Labels of inputs that have none here, as texts before them."""
    props = {key: each(value, _with_labels) for key, value in part.props.items()}
    if isinstance(props.get("children"), list):
        props["children"] = [own for child in props["children"] for own in _apart(child)]
    return Part(part.kind, props)


def _apart(part: Part) -> list[Part]:
    if part.kind not in _LABELLED:
        return [part]
    rest = {key: value for key, value in part.props.items() if key != "label"}
    return [text(part.props["label"]), Part(part.kind, rest)]


def _inputs(items: Sequence[Named]) -> list[dict[str, Any]]:
    """A press sends what its context names, so it names every input."""
    paths = [
        item.props["value"].path for item in items if isinstance(item.props.get("value"), Bound)
    ]
    return [{"key": path.split("/")[1], "value": {"path": path}} for path in paths]


def _component(item: Named, sent: list[dict[str, Any]]) -> dict[str, Any]:
    kind, rename = _KINDS.get(item.kind, (item.kind, {}))
    props: dict[str, Any] = {}
    for key, value in item.props.items():
        props |= _property(rename.get(key, key), value, sent)
    return {"id": item.id, "component": {kind: props}}


_KINDS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "Text": ("Text", {"variant": "usageHint"}),
    "Image": ("Image", {"description": "altText", "variant": "usageHint"}),
    "TextField": ("TextField", {"value": "text", "variant": "textFieldType"}),
    "ChoicePicker": (
        "MultipleChoice",
        {"value": "selections", "variant": "maxAllowedSelections"},
    ),
    "Slider": ("Slider", {"min": "minValue", "max": "maxValue"}),
    "Button": ("Button", {"variant": "primary"}),
    "Tabs": ("Tabs", {"tabs": "tabItems"}),
}
_WORDS: Final = ("text", "url", "altText", "name", "label", "title", "description")


def _property(key: str, value: Any, sent: list[dict[str, Any]]) -> dict[str, Any]:
    if key == "maxAllowedSelections":
        return {key: 1} if value == "mutuallyExclusive" else {}
    if key == "primary":
        return {key: True}
    if key == "children":
        return {key: _children(value)}
    if isinstance(value, Press):
        return {key: _press(value, sent)}
    return {key: _value(key, value)}


def _children(value: Any) -> dict[str, Any]:
    if isinstance(value, NamedRepeat):
        return {"template": {"componentId": value.item, "dataBinding": value.path}}
    return {"explicitList": value}


def _press(press: Press, sent: list[dict[str, Any]]) -> dict[str, Any]:
    given = [{"key": key, "value": _literal(value)} for key, value in press.context.items()]
    context = {"context": given + sent} if given or sent else {}
    return {"name": press.name, **context}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, Bound):
        return {"path": value.path}
    if isinstance(value, list):
        return [{name: _value(name, item) for name, item in entry.items()} for entry in value]
    return _literal(value) if key in _WORDS else value


_LITERALS: Final[tuple[tuple[type, str], ...]] = (
    (bool, "Boolean"),
    (str, "String"),
    (int, "Number"),
    (float, "Number"),
)


def _kind_of(value: Any) -> str:
    return next(name for kind, name in _LITERALS if isinstance(value, kind))


def _literal(value: Any) -> dict[str, Any]:
    return {f"literal{_kind_of(value)}": value}


def _entries(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [_entry(key, value) for key, value in values.items()]


def _entry(key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        value = {str(index): item for index, item in enumerate(value)}
    if isinstance(value, Mapping):
        return {"key": key, "valueMap": _entries(value)}
    return {"key": key, f"value{_kind_of(value)}": value}
