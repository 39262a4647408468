"""What a model is told about an app: format, directives, shapes, nodes, forms, views, rules.

Generated from the registry and from the schema of `schema.py`, so a directive is described where
it is registered and nowhere else. Same app, same text. Every line is paid for in each turn, so
what two payloads share is told once, and a key that takes a text is told without a type.

Source: DESIGN sections 4 and 11.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from uicompiler.app import Form, UIApp
from uicompiler.directives.registry import DirectiveSpec, Payload
from uicompiler.directives.standard.common import DEFAULT_SURFACE
from uicompiler.directives.standard.forms import ShowForm
from uicompiler.directives.standard.views import ShowTree
from uicompiler.ir.fields import Field, Option
from uicompiler.ir.rows import Rows
from uicompiler.ir.tree import STANDARD_NODES, Editable
from uicompiler.llm.schema import Schema, envelope_schema, is_action, offered, without_null
from uicompiler.templates.view import ViewTemplate
from uicompiler.templates.wizard import WizardTemplate

_CHARACTERS_PER_TOKEN: Final = 4
_MAX_OPTIONS: Final = 40
_MANY: Final = 8
_WORD: Final = re.compile(r"[\w.-]+")
_TREES: Final = (
    "A node has either its content or bind, a JSON Pointer below /committed, /ui_state or /draft; "
    "inside item, bind may begin without a slash and is read from the item. "
    "Describe an image in alt, or say decorative: true."
)
_KEYS: Final = "? marks optional keys; a key without a type takes a text"
_FORMAT: Final = {
    "assistant_text": "…",
    "directives": [{"type": "<type>", "payload": {}}],
}


def instructions(app: UIApp) -> str:
    """System-prompt instructions for answering with directives.

    Raises:
        AppError: as `envelope_schema`.
    """
    schema = envelope_schema(app)
    keys = _Keys(schema)
    parts = [
        _format(),
        _directives(app, schema, keys),
        _shapes(keys),
        _nodes(keys),
        _forms(app),
        _views(app),
        _rules(app, keys),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def prompt_stats(app: UIApp) -> dict[str, int]:
    """Size of the instructions, and how much of everything they tell of.

    Raises:
        AppError: as `envelope_schema`.
    """
    text = instructions(app)
    return {
        "characters": len(text),
        "approx_tokens": -(-len(text) // _CHARACTERS_PER_TOKEN),
        "directives": len(offered(app)),
        "forms": len(_told_forms(app)),
        "views": len(_told_views(app)),
        "actions": len(app.actions),
        "nodes": len(_Keys(envelope_schema(app)).nodes),
    }


def _format() -> str:
    return f"Answer with one JSON object on one line and nothing else:\n{_json(_FORMAT)}"


def _rules(app: UIApp, keys: _Keys) -> str:
    forms = [form for _, form in _told_forms(app)]
    rules = [
        "Always write assistant_text: plain text for the user.",
        "directives holds only the types above. When no UI is needed, write an empty list.",
        f'Every payload may name a surface (default "{DEFAULT_SURFACE}"). '
        "Show at most one view per surface and answer.",
        "Leave out optional keys that you do not need, or write null.",
        "Paths are /draft/<field id>"
        + ("; in rows /draft/<rows id>/<row id>/<column id>." if _have_rows(forms) else "."),
        "Never write HTML, A2UI or any other markup.",
    ]
    if keys.nodes:
        rules.append(_TREES)
    if forms and app.inline_form_action is not None:
        rules.append("Compose a form from title and fields only when no registered form fits.")
    return "\n".join(["Rules:", *(f"- {rule}" for rule in rules)])


# Directives.


def _directives(app: UIApp, schema: Schema, keys: _Keys) -> str:
    payloads = _payloads(schema)
    lines = [f"Directives, each with the keys of its payload ({_KEYS}):"]
    first: dict[type[Payload], str] = {}
    for spec in offered(app):
        lines.append(f"- {spec.type}: {spec.summary}")
        told = first.setdefault(spec.payload, spec.type)
        if told != spec.type:
            lines.append(f"  as {told}")
            continue
        lines.append(f"  {keys.of_payload(payloads[spec.type])}")
        lines += [f"  e.g. {_json(item)}" for item in _examples(app, spec, payloads[spec.type])]
    return "\n".join(lines)


def _payloads(schema: Schema) -> dict[str, Schema]:
    """The payload schemas, by directive."""
    return {
        item["properties"]["type"]["enum"][0]: item["properties"]["payload"]
        for item in schema["properties"]["directives"]["items"]["anyOf"]
    }


class _Keys:
    """Writes schemas as compact key lists.

    Attributes:
        nodes: The nodes a model may write, by kind.
        shapes: Other definitions that are told apart from where they stand: what stands in two
            places, or inside itself.
    """

    def __init__(self, schema: Schema) -> None:
        self._definitions: Mapping[str, Schema] = schema.get("$defs", {})
        self._kinds = {
            name: node["properties"]["node"]["enum"][0]
            for name, node in self._definitions.items()
            if "enum" in node.get("properties", {}).get("node", {})
        }
        self.nodes = {kind: self._definitions[name] for name, kind in self._kinds.items()}
        times = Counter(_referred(schema))
        self.shapes = {
            name: node
            for name, node in self._definitions.items()
            if times[name] > 1 and name not in self._kinds and not self._is_any_node(node)
        }

    def of_payload(self, payload: Schema) -> str:
        """The keys of a payload, without those of every payload."""
        return self._object(payload, skip=Payload.model_fields)

    def of_node(self, kind: str) -> str:
        """The keys of a node, without its kind; an app's own node is explained too."""
        told = self._object(self.nodes[kind], skip=("node",))
        text = "" if kind in STANDARD_NODES else self.nodes[kind].get("description", "")
        return f"{told}: {text}" if text else told

    def of_shape(self, node: Schema) -> str:
        """A definition written out."""
        told = self._kind(node)
        return f"{told}: {node['description']}" if "enum" in node else told

    def _is_any_node(self, node: Schema) -> bool:
        names = [
            item["$ref"].rpartition("/")[2] for item in node.get("anyOf", ()) if "$ref" in item
        ]
        return bool(names) and set(names) <= set(self._kinds)

    def _object(self, node: Schema, skip: Iterable[str] = ()) -> str:
        told = {key: value for key, value in node["properties"].items() if key not in set(skip)}
        return f"{{{', '.join(self._key(key, value) for key, value in told.items())}}}"

    def _key(self, key: str, node: Schema) -> str:
        required, optional = without_null(node)
        kind = self._kind(required)
        return f"{key}{'?' if optional else ''}{'' if kind == 'string' else f': {kind}'}"

    def _kind(self, node: Schema) -> str:
        if "$ref" in node:
            return self._ref(node["$ref"].rpartition("/")[2])
        if "anyOf" in node:
            return "|".join(self._kind(item) for item in node["anyOf"])
        if "enum" in node:
            return _one_of(node["enum"])
        if node["type"] == "array":
            return f"[{self._kind(node['items'])}]"
        return self._object(node) if node["type"] == "object" else str(node["type"])

    def _ref(self, name: str) -> str:
        if name in self._kinds:
            return str(self._kinds[name])
        node = self._definitions[name]
        told_elsewhere = name in self.shapes or self._is_any_node(node)
        return name if told_elsewhere else self._kind(node)


def _one_of(values: Sequence[object]) -> str:
    """What a key takes; many words without the quotes, which cost as much as they do."""
    words = [value for value in values if isinstance(value, str) and _WORD.fullmatch(value)]
    if len(words) == len(values) > _MANY:
        return f"one of {' '.join(words)}"
    return "|".join(map(_json, values))


def _referred(node: object) -> Iterator[str]:
    """Names of the definitions a schema refers to, once for every time."""
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _referred(value)
    elif isinstance(node, list):
        for item in node:
            yield from _referred(item)


def _shapes(keys: _Keys) -> str:
    lines = [f"- {name} {keys.of_shape(node)}" for name, node in keys.shapes.items()]
    return "\n".join(["Shapes:", *lines]) if lines else ""


def _nodes(keys: _Keys) -> str:
    lines = [f"- {kind} {keys.of_node(kind)}" for kind in sorted(keys.nodes)]
    head = 'Nodes, each with its keys beside {"node": <kind>}; Node is any, or a string as a text:'
    return "\n".join([head, *lines]) if lines else ""


def _examples(app: UIApp, spec: DirectiveSpec, payload: Schema) -> list[dict[str, Any]]:
    """The spec's example, if the app has what it names; for forms one that the app has."""
    example = dict(spec.example)
    if issubclass(spec.payload, ShowForm) and example.get("form_id") not in app.forms:
        example = _form_example(app)
    fits = _fits(example, payload) and set(_named_actions(example)) <= set(app.actions)
    return [{"type": spec.type, "payload": example}] if example and fits else []


def _form_example(app: UIApp) -> dict[str, Any]:
    if app.forms:
        return {"form_id": min(app.forms)}
    return {"title": "Your details", "fields": [{"id": "name", "label": "Name"}]}


def _fits(example: Mapping[str, Any], payload: Schema) -> bool:
    """Whether an example has the keys that a payload needs, and no others."""
    properties = payload["properties"]
    required = {key for key, value in properties.items() if not without_null(value)[1]}
    return required <= set(example) <= set(properties)


def _named_actions(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (item for key, item in value.items() if is_action(key) and item is not None)
        for item in value.values():
            yield from _named_actions(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _named_actions(item)


# Forms and views.


def _told_forms(app: UIApp) -> list[tuple[str, Form]]:
    shows = any(issubclass(spec.payload, ShowForm) for spec in offered(app))
    return sorted(app.forms.items(), key=lambda item: item[0]) if shows else []


def _told_views(app: UIApp) -> list[tuple[str, ViewTemplate]]:
    shows = any(issubclass(spec.payload, ShowTree) for spec in offered(app))
    return sorted(app.views.items(), key=lambda item: item[0]) if shows else []


def _have_rows(forms: Iterable[Form]) -> bool:
    return any(isinstance(item, Rows) for form in forms for item in form.fields)


def _forms(app: UIApp) -> str:
    forms = _told_forms(app)
    if not forms:
        return ""
    lines = ["Registered forms, each with its fields (id, kind, label):"]
    for form_id, form in forms:
        lines += [f"- {form_id}: {_json(form.title)}", *_entries(form)]
    return "\n".join(lines)


def _entries(form: Form) -> Iterator[str]:
    """The lines of a form's fields; of a wizard's, below their steps."""
    if not isinstance(form, WizardTemplate):
        yield from (f"  {_entry(item)}" for item in form.fields)
        return
    for step in form.steps:
        yield f"  step {step.id}: {_json(step.title)}"
        yield from (f"    {_entry(item)}" for item in step.fields)


def _entry(item: Editable) -> str:
    if isinstance(item, Field):
        return _field(item)
    columns = "; ".join(map(_field, item.columns))
    return f"{item.id}: rows {_json(item.label)}, each with {columns}"


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


def _views(app: UIApp) -> str:
    views = _told_views(app)
    lines = [
        f"- {view_id}: {_json(view.description)}" if view.description else f"- {view_id}"
        for view_id, view in views
    ]
    return "\n".join(["Registered views:", *lines]) if lines else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
