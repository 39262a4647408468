"""What a model is told about an app: format, directives, forms and rules.

Generated from the registry and from the schema of `schema.py`, so a directive is described where
it is registered and nowhere else. Same app, same text.

Source: DESIGN sections 4 and 11.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from uicompiler.app import UIApp
from uicompiler.directives.registry import DirectiveSpec, Payload
from uicompiler.directives.standard import DEFAULT_SURFACE, ShowForm
from uicompiler.ir.fields import Field, Option
from uicompiler.llm.schema import Schema, envelope_schema, offered, without_null
from uicompiler.templates.form import FormTemplate

_CHARACTERS_PER_TOKEN: Final = 4
_MAX_OPTIONS: Final = 40
_FORMAT: Final = {
    "assistant_text": "…",
    "directives": [{"type": "<type>", "payload": {}}],
}


def instructions(app: UIApp) -> str:
    """System-prompt instructions for answering with directives.

    Raises:
        AppError: as `envelope_schema`.
    """
    parts = [_format(), _directives(app), _forms(app), _rules(app)]
    return "\n\n".join(part for part in parts if part) + "\n"


def prompt_stats(app: UIApp) -> dict[str, int]:
    """Size of the instructions, and how many directives and forms they tell of."""
    text = instructions(app)
    return {
        "characters": len(text),
        "approx_tokens": -(-len(text) // _CHARACTERS_PER_TOKEN),
        "directives": len(offered(app)),
        "forms": len(_told_forms(app)),
    }


def _format() -> str:
    return f"Answer with one JSON object and nothing else:\n{_json(_FORMAT)}"


def _rules(app: UIApp) -> str:
    rules = [
        "Always write assistant_text: plain text for the user.",
        "directives holds only the types above. When no UI is needed, write an empty list.",
        f'Every payload may name a surface (default "{DEFAULT_SURFACE}"). '
        "Show at most one view per surface and answer.",
        "Leave out optional keys that you do not need, or write null.",
        "Paths are /draft/<field id>.",
        "Never write HTML, A2UI or any other markup.",
    ]
    if _told_forms(app) and app.inline_form_action is not None:
        rules.append("Compose a form from title and fields only when no registered form fits.")
    return "\n".join(["Rules:", *(f"- {rule}" for rule in rules)])


# Directives.


def _directives(app: UIApp) -> str:
    schema = envelope_schema(app)
    payloads = {
        item["properties"]["type"]["enum"][0]: item["properties"]["payload"]
        for item in schema["properties"]["directives"]["items"]["anyOf"]
    }
    keys = _Keys(schema.get("$defs", {}))
    lines = ["Directives, each with the keys of its payload (? marks optional ones):"]
    for spec in offered(app):
        lines += [
            f"- {spec.type}: {spec.summary}",
            f"  {keys.of_payload(payloads[spec.type])}",
            *(f"  e.g. {_json(example)}" for example in _examples(app, spec)),
        ]
    return "\n".join(lines)


class _Keys:
    """Writes schemas as compact key lists."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions

    def of_payload(self, payload: Schema) -> str:
        return self._object(payload, (), skip=Payload.model_fields)

    def _object(self, node: Schema, inside: tuple[str, ...], skip: Iterable[str] = ()) -> str:
        told = {key: value for key, value in node["properties"].items() if key not in set(skip)}
        keys = [self._key(key, value, inside) for key, value in told.items()]
        return f"{{{', '.join(keys)}}}"

    def _key(self, key: str, node: Schema, inside: tuple[str, ...]) -> str:
        required, optional = without_null(node)
        return f"{key}{'?' if optional else ''}: {self._kind(required, inside)}"

    def _kind(self, node: Schema, inside: tuple[str, ...]) -> str:
        if "$ref" in node:
            return self._ref(node["$ref"].rpartition("/")[2], inside)
        if "anyOf" in node:
            return "|".join(self._kind(item, inside) for item in node["anyOf"])
        if "enum" in node:
            return "|".join(map(_json, node["enum"]))
        if node["type"] == "array":
            return f"[{self._kind(node['items'], inside)}]"
        return self._object(node, inside) if node["type"] == "object" else str(node["type"])

    def _ref(self, name: str, inside: tuple[str, ...]) -> str:
        if name in inside:
            return name
        shown = self._kind(self._definitions[name], (*inside, name))
        return f"{name} {shown}" if _names(self._definitions[name], name) else shown


def _names(node: object, name: str) -> bool:
    """Whether a definition refers to itself, so that its name has to be told."""
    if isinstance(node, Mapping):
        return node.get("$ref") == f"#/$defs/{name}" or any(_names(v, name) for v in node.values())
    return isinstance(node, list) and any(_names(item, name) for item in node)


def _examples(app: UIApp, spec: DirectiveSpec) -> list[dict[str, Any]]:
    """The spec's example, or for forms that the app does not have one that it has."""
    payload = dict(spec.example)
    if issubclass(spec.payload, ShowForm) and payload.get("form_id") not in app.forms:
        payload = _form_example(app)
    return [{"type": spec.type, "payload": payload}] if payload else []


def _form_example(app: UIApp) -> dict[str, Any]:
    if app.forms:
        return {"form_id": min(app.forms)}
    return {"title": "Your details", "fields": [{"id": "name", "label": "Name"}]}


# Forms.


def _told_forms(app: UIApp) -> list[tuple[str, FormTemplate]]:
    shows = any(issubclass(spec.payload, ShowForm) for spec in offered(app))
    return sorted(app.forms.items()) if shows else []


def _forms(app: UIApp) -> str:
    forms = _told_forms(app)
    if not forms:
        return ""
    lines = ["Registered forms, each with its fields (id, kind, label):"]
    for form_id, form in forms:
        lines += [f"- {form_id}: {_json(form.title)}", *(f"  {_field(f)}" for f in form.fields)]
    return "\n".join(lines)


def _field(field: Field) -> str:
    required = ", required" if field.required else ""
    options = f", one of {_options(field.options)}" if field.options else ""
    return f"{field.id}: {field.kind} {_json(field.label)}{required}{options}"


def _options(options: tuple[Option, ...]) -> str:
    shown = [_option(option) for option in options[:_MAX_OPTIONS]]
    more = [f"{len(options) - _MAX_OPTIONS} more"] if options[_MAX_OPTIONS:] else []
    return ", ".join(shown + more)


def _option(option: Option) -> str:
    value = _json(option.value)
    return value if option.label == option.value else f"{value} ({_json(option.label)})"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
