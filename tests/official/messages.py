"""Short ways to write A2UI v0.8 messages in tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Message = dict[str, Any]


def begin(root: str = "root", surface: str = "main", **fields: Any) -> Message:
    """`beginRendering`."""
    return {"beginRendering": {"surfaceId": surface, "root": root, **fields}}


def update(components: Mapping[str, Any], surface: str = "main") -> Message:
    """`surfaceUpdate` of components by id, each written `{"Type": {props}}`."""
    listed = [{"id": name, "component": component} for name, component in components.items()]
    return {"surfaceUpdate": {"surfaceId": surface, "components": listed}}


def data(
    contents: Mapping[str, Any] | list[Any], path: str | None = None, surface: str = "main"
) -> Message:
    """`dataModelUpdate`; a mapping is written as typed entries, a list is taken as it is."""
    body: dict[str, Any] = {"surfaceId": surface}
    if path is not None:
        body["path"] = path
    body["contents"] = entries(contents) if isinstance(contents, Mapping) else contents
    return {"dataModelUpdate": body}


def delete(surface: str = "main") -> Message:
    """`deleteSurface`."""
    return {"deleteSurface": {"surfaceId": surface}}


def entries(values: Mapping[str, Any]) -> list[Message]:
    """Contents entries, the value's kind taken from its Python type."""
    return [{"key": key, **_typed(value)} for key, value in values.items()]


def _typed(value: Any) -> Message:
    if isinstance(value, Mapping):
        return {"valueMap": entries(value)}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    return {"valueString" if isinstance(value, str) else "valueNumber": value}


def path(where: str) -> Message:
    """A bound value that reads the data model."""
    return {"path": where}


def text(value: str | Message, **props: Any) -> Message:
    """A Text with a literal, or with a bound value."""
    bound = {"literalString": value} if isinstance(value, str) else value
    return {"Text": {"text": bound, **props}}


def column(*children: str) -> Message:
    """A Column of components by id."""
    return {"Column": {"children": {"explicitList": list(children)}}}


def repeat(component: str, over: str, kind: str = "List") -> Message:
    """A container that repeats a component over data."""
    return {kind: {"children": {"template": {"componentId": component, "dataBinding": over}}}}


def button(child: str, action: str = "go", context: Mapping[str, Any] | None = None) -> Message:
    """A Button; context values are bound values."""
    body: dict[str, Any] = {"name": action}
    if context is not None:
        body["context"] = [{"key": key, "value": value} for key, value in context.items()]
    return {"Button": {"child": child, "action": body}}


def screen(components: Mapping[str, Any], surface: str = "main", **values: Any) -> list[Message]:
    """A first render whose root is the first component; `values` is the data model."""
    messages = [update(components, surface)]
    if values:
        messages.append(data(values, surface=surface))
    return [*messages, begin(next(iter(components)), surface)]
