"""The floor that `bench` compares with: the same form surface, written by hand.

No IR, no table, no check: dicts for known fields in one pass. What the compiler costs above this
is the price of being general and safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

Message: TypeAlias = dict[str, Any]
"""JSON, as in `backends.base`."""

_FORM: Final = "ui--root--card--form"
_TEXT_TYPES: Final = {"short_text": "shortText", "long_text": "longText", "number": "number"}


def build(title: str, fields: Sequence[Message]) -> list[Message]:
    """The messages of a form with these fields, in the compiler's shape."""
    components = [_text(f"{_FORM}--title-Text", title, usageHint="h2")]
    inner = [f"{_FORM}--title-Text"]
    context: list[Message] = []
    data: list[Message] = []
    for field in fields:
        ident = field["id"]
        path = f"/draft/{ident}/v"
        inner.append(_field(field, ident, path, components))
        context.append({"key": ident, "value": {"path": path}})
        data.append({"key": ident, "valueMap": [_neutral(field["kind"])]})
    inner.append(_submit(context, components))
    _frame(inner, components)
    rev = {"key": "_rev", "valueMap": [{"key": "v", "valueNumber": 1}]}
    return [
        {"surfaceUpdate": {"surfaceId": "main", "components": components}},
        {"dataModelUpdate": {"surfaceId": "main", "path": "/draft", "contents": data}},
        {"dataModelUpdate": {"surfaceId": "main", "path": "/ui_state", "contents": [rev]}},
        {"beginRendering": {"surfaceId": "main", "root": "ui--surface--Column"}},
    ]


def _field(field: Message, ident: str, path: str, components: list[Message]) -> str:
    kind, label = field["kind"], {"literalString": field["label"]}
    if kind == "boolean":
        props: Message = {"label": label, "value": {"path": path}}
        return _add(components, f"ui--field--{ident}--CheckBox", "CheckBox", props)
    if kind == "choice":
        props = {
            "selections": {"path": path},
            "options": [
                {"label": {"literalString": option["label"]}, "value": option["value"]}
                for option in field["options"]
            ],
            "maxAllowedSelections": 1,
        }
        return _grouped(components, ident, "MultipleChoice", props, label)
    if kind == "date":
        props = {"value": {"path": path}, "enableDate": True, "enableTime": False}
        return _grouped(components, ident, "DateTimeInput", props, label)
    props = {"label": label, "text": {"path": path}, "textFieldType": _TEXT_TYPES[kind]}
    return _add(components, f"ui--field--{ident}--TextField", "TextField", props)


def _neutral(kind: str) -> Message:
    if kind == "boolean":
        return {"key": "v", "valueBoolean": False}
    return {"key": "v", "valueString": "[]" if kind == "choice" else ""}


def _grouped(
    components: list[Message], ident: str, kind: str, props: Message, label: Message
) -> str:
    field, text = f"ui--field--{ident}--{kind}", f"ui--field--{ident}--label-Text"
    components.append({"id": field, "component": {kind: props}})
    components.append({"id": text, "component": {"Text": {"text": label}}})
    group = {"children": {"explicitList": [text, field]}}
    return _add(components, f"ui--field--{ident}--group-Column", "Column", group)


def _submit(context: list[Message], components: list[Message]) -> str:
    label, button = f"{_FORM}--actions--0--label-Text", f"{_FORM}--actions--0--Button"
    context.append({"key": "_rev", "value": {"path": "/ui_state/_rev/v"}})
    components.append(_text(label, "Submit"))
    action = {"name": "submit", "context": context}
    _add(components, button, "Button", {"child": label, "primary": True, "action": action})
    row = {"children": {"explicitList": [button]}}
    return _add(components, f"{_FORM}--actions--Row", "Row", row)


def _frame(inner: list[str], components: list[Message]) -> None:
    body = _add(components, f"{_FORM}--Column", "Column", {"children": {"explicitList": inner}})
    card = _add(components, "ui--root--card--Card", "Card", {"child": body})
    _add(components, "ui--surface--Column", "Column", {"children": {"explicitList": [card]}})


def _text(ident: str, text: str, **props: str) -> Message:
    return {"id": ident, "component": {"Text": {"text": {"literalString": text}, **props}}}


def _add(components: list[Message], ident: str, kind: str, props: Message) -> str:
    components.append({"id": ident, "component": {kind: props}})
    return ident
