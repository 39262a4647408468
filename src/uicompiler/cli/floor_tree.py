"""The floor of composed views: what a hand-written builder of just these nodes needs.

As `floor`, for the shapes that are trees: one walk from the model's JSON to the same components
and data, without IR, tables, or any check. It knows the handful of nodes those shapes use.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

Message: TypeAlias = dict[str, Any]
"""JSON, as in `backends.base`."""

_ROOT: Final = "ui--surface--Column"
_PUNCTUATION: Final = re.compile(r"[!-/:-@\[-`{-~]")
_MAX_ID: Final = 64


def build(directives: Sequence[Message]) -> list[Message]:
    """The messages of views with these trees and values, in the compiler's shape."""
    return [message for item in directives for message in _Builder(item["payload"]).messages()]


class _Builder:
    """One surface: components and data are collected in one walk."""

    def __init__(self, payload: Message) -> None:
        self.surface = payload.get("surface", "main")
        self.root = payload["root"]
        self.values: Mapping[str, Any] = {
            item["path"]: item["value"] for item in payload.get("values", ())
        }
        self.components: list[Message] = []
        self.drafts: list[Message] = []
        self.texts: list[Message] = []

    def messages(self) -> list[Message]:
        ids = self._all(self.root["children"], "ui--root")
        self._add(_ROOT, "Column", {"children": {"explicitList": ids}})
        rev = [{"key": "_rev", "valueMap": [{"key": "v", "valueNumber": 1}]}]
        begin = {"surfaceId": self.surface, "root": _ROOT}
        return [
            {"surfaceUpdate": {"surfaceId": self.surface, "components": self.components}},
            *self._data("/draft", self.drafts),
            *self._data("/ui_state", rev),
            *self._data("/ui_state/_text", self.texts),
            {"beginRendering": begin},
        ]

    def _data(self, path: str, contents: list[Message]) -> list[Message]:
        told = {"surfaceId": self.surface, "path": path, "contents": contents}
        return [{"dataModelUpdate": told}] if contents else []

    def _all(self, nodes: Sequence[Message], path: str) -> list[str]:
        return [self._node(node, f"{path}--{index}") for index, node in enumerate(nodes)]

    def _node(self, node: Message, path: str) -> str:
        kind = node["node"]
        if kind == "text":
            return self._text(node, path)
        if kind == "field":
            return self._field(node)
        if kind == "button":
            return self._button(node, path)
        ids = self._all(node["children"], path)
        if kind == "stack":
            type_ = "Row" if node.get("direction") == "row" else "Column"
            return self._add(f"{path}--{type_}", type_, {"children": {"explicitList": ids}})
        body = self._add(f"{path}--body-Column", "Column", {"children": {"explicitList": ids}})
        return self._add(f"{path}--Card", "Card", {"child": body})

    def _text(self, node: Message, path: str) -> str:
        if "text" in node:
            return self._add(f"{path}--Text", "Text", {"text": _literal(node["text"])})
        key = node["bind"][1:].replace("/", "_u2f_")
        value = _plain(self.values[node["bind"]])
        self.texts.append({"key": key, "valueMap": [{"key": "t", "valueString": value}]})
        props = {"text": {"path": f"/ui_state/_text/{key}/t"}, "usageHint": node["style"]}
        return self._add(f"{path}--bound-Text", "Text", props)

    def _field(self, node: Message) -> str:
        ident = node["id"]
        value, bound = self.values[f"/draft/{ident}"], {"path": f"/draft/{ident}/v"}
        label = {"literalString": node["label"]}
        yes_no = node["kind"] == "boolean"
        entry = {"key": "v", "valueBoolean" if yes_no else "valueString": value}
        self.drafts.append({"key": ident, "valueMap": [entry]})
        if yes_no:
            props: Message = {"label": label, "value": bound}
            return self._add(f"ui--field--{ident}--CheckBox", "CheckBox", props)
        props = {"label": label, "text": bound, "textFieldType": "shortText"}
        return self._add(f"ui--field--{ident}--TextField", "TextField", props)

    def _button(self, node: Message, path: str) -> str:
        label = self._add(f"{path}--label-Text", "Text", {"text": _literal(node["label"])})
        context: list[Message] = [
            {"key": key, "value": {"literalString": value}} for key, value in node["args"].items()
        ]
        context.append({"key": "_rev", "value": {"path": "/ui_state/_rev/v"}})
        action = {"name": node["action"], "context": context}
        props = {"child": label, "primary": False, "action": action}
        return self._add(f"{path}--Button", "Button", props)

    def _add(self, ident: str, kind: str, props: Message) -> str:
        if len(ident) > _MAX_ID:
            digest = hashlib.sha256(ident.encode()).hexdigest()[:20]
            ident = f"{ident[: _MAX_ID - 21]}-{digest}"
        self.components.append({"id": ident, "component": {kind: props}})
        return ident


def _literal(text: str) -> Message:
    return {"literalString": _plain(text)}


def _plain(text: str) -> str:
    return _PUNCTUATION.sub(lambda match: "\\" + match[0], text)
