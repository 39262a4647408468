"""The JSON Schema a model is held to, generated from an app's directive registry.

It keeps to the subset that providers' strict structured outputs share: a root object, every object
closed, every property required (an optional one may be null), no map, and none of the keywords in
`_REFUSED` and `_NOTED`; bounds become descriptions, since strict mode has no place for them.
What it allows, `directives.read` reads without repair; rules between keys (an option's values
differ, a bound fits its kind) stay the payload models' own.

Nothing here knows a directive by name. Two things are known by model: an app's forms narrow what
`ShowForm` and its subclasses take, and the keys of `Payload` belong to every directive.

Source: DESIGN sections 4 and 11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from pydantic import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind, models_json_schema

from uicompiler.app import UIApp
from uicompiler.directives.registry import DirectiveSpec
from uicompiler.directives.standard import ShowForm
from uicompiler.errors import AppError, Diagnostic, diagnostic
from uicompiler.pointer import escape

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema; `Any` as in `ir.values.Json`."""

NAME: Final = "uicompiler_envelope"

_DEFS: Final = "#/$defs/"
_INLINE_KEYS: Final = ("title", "fields", "submit_label")
_INLINE_REQUIRED: Final = ("title", "fields")
_SCALARS: Final = ("string", "number", "boolean")
_PLAIN: Final = (*_SCALARS, "integer", "null")
_REFUSED: Final = (
    "not",
    "if",
    "prefixItems",
    "contains",
    "patternProperties",
    "dependentSchemas",
    "dependentRequired",
)
_NOTED: Final = (
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
)
_HINT: Final = "declare a closed model, a list of one, a text, number, boolean or Literal"


def response_format(app: UIApp) -> Schema:
    """The `response_format` of a chat-completions request that asks for an envelope.

    Raises:
        AppError: as `envelope_schema`.
    """
    body = {"name": NAME, "strict": True, "schema": envelope_schema(app)}
    return {"type": "json_schema", "json_schema": body}


def envelope_schema(app: UIApp) -> Schema:
    """The schema of an envelope with the directives this app offers.

    Raises:
        AppError: APP_INVALID, a payload model cannot be said in strict mode; the message names
            the directive, the pointer leads into the model's own JSON Schema. Or the app offers
            no directive at all.
    """
    specs = offered(app)
    if not specs:
        raise _invalid("the app offers no directive", hint="register one, or a form to show")
    payloads, definitions = _generated(specs)
    items: list[Schema] = []
    used: dict[str, Schema] = {}
    found: list[Diagnostic] = []
    for spec in specs:
        strict = _Strict(spec.type, definitions)
        items.append(_directive(spec, strict.payload(_narrowed(spec, payloads[spec.type], app))))
        used.update(strict.done)
        found += strict.found
    if found:
        raise AppError(found)
    return _envelope(items, used)


def offered(app: UIApp) -> list[DirectiveSpec]:
    """The directives a model is told of: all but those that show forms where there are none."""
    has_forms = bool(app.forms) or app.inline_form_action is not None
    return [spec for spec in app.directives if has_forms or not issubclass(spec.payload, ShowForm)]


def without_null(schema: Schema) -> tuple[Schema, bool]:
    """A schema that is not null, and whether null was allowed."""
    alternatives = schema.get("anyOf", [])
    rest = [item for item in alternatives if item != {"type": "null"}]
    if len(rest) == len(alternatives) or not rest:
        return schema, False
    return (_either(rest) | _description(schema.get("description", ""))), True


# The parts of the envelope.


def _envelope(directives: list[Schema], used: Mapping[str, Schema]) -> Schema:
    root = _closed(
        {
            "assistant_text": {"type": "string", "description": "What the user reads."},
            "directives": {"type": "array", "items": {"anyOf": directives}},
        }
    )
    return root | ({"$defs": {name: used[name] for name in sorted(used)}} if used else {})


def _directive(spec: DirectiveSpec, payload: Schema) -> Schema:
    # `type` is the first key: providers tell alternatives apart by it.
    shape = _closed({"type": {"type": "string", "enum": [spec.type]}, "payload": payload})
    return _description(spec.summary) | shape


def _closed(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _narrowed(spec: DirectiveSpec, node: Schema, app: UIApp) -> Schema:
    """A form payload's raw schema with the app's own forms, without what the app forbids."""
    if not issubclass(spec.payload, ShowForm):
        return node
    properties = dict(node["properties"])
    required = set(node.get("required", ()))
    properties["form_id"] = {"type": "string", "enum": sorted(app.forms)}
    if app.inline_form_action is None:
        required.add("form_id")
    elif not app.forms:
        required.update(_INLINE_REQUIRED)
    dropped = _INLINE_KEYS if app.inline_form_action is None else () if app.forms else ("form_id",)
    kept = {key: value for key, value in properties.items() if key not in dropped}
    return {**node, "properties": kept, "required": sorted(required)}


# From payload models to raw JSON Schema.


class _Quiet(GenerateJsonSchema):
    """Without the warning about defaults, which strict mode has no place for."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012  # as in the base class
        "skipped-choice",
        "non-serializable-default",
    }


def _generated(specs: Iterable[DirectiveSpec]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Payload schemas by directive, and the definitions they share under unique names."""
    specs = list(specs)
    for spec in specs:
        _check_generates(spec)
    models = list(dict.fromkeys(spec.payload for spec in specs))
    table, root = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_Quiet
    )
    definitions = _without_idle_tags(root["$defs"])
    names = {spec.type: table[spec.payload, "validation"]["$ref"] for spec in specs}
    return {kind: definitions[_name(ref)] for kind, ref in names.items()}, definitions


def _check_generates(spec: DirectiveSpec) -> None:
    try:
        spec.payload.model_json_schema(mode="validation", schema_generator=_Quiet)
    except PydanticUserError as exc:
        what = f"the payload of {spec.type} has no JSON Schema: {exc.message[:160]}"
        raise _invalid(what, hint=_HINT) from exc


def _name(ref: str) -> str:
    return ref.removeprefix(_DEFS)


def _without_idle_tags(definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """Keys that can only be their default are left out, or required to tell alternatives apart."""
    telling = set(_alternatives(definitions))
    return {
        name: _tagged(node) if name in telling else _untagged(node)
        for name, node in definitions.items()
    }


def _tagged(node: Schema) -> Schema:
    return {**node, "required": [*node.get("required", ()), *_tags(node)]}


def _untagged(node: Schema) -> Schema:
    properties, tags = node.get("properties"), _tags(node)
    if properties is None or not tags:
        return node
    return {**node, "properties": {key: properties[key] for key in properties if key not in tags}}


def _tags(node: Schema) -> list[str]:
    return [
        key
        for key, value in node.get("properties", {}).items()
        if "const" in value and value.get("default") == value["const"]
    ]


def _alternatives(node: object) -> Iterable[str]:
    """Names of definitions that stand beside another one in a union."""
    if isinstance(node, Mapping):
        for keyword in ("anyOf", "oneOf"):
            options = node.get(keyword)
            items = options if isinstance(options, list) else []
            refs = [item["$ref"] for item in items if "$ref" in item]
            yield from map(_name, refs if len(refs) > 1 else ())
        for value in node.values():
            yield from _alternatives(value)
    elif isinstance(node, list):
        for item in node:
            yield from _alternatives(item)


# From raw JSON Schema to strict mode.


class _Strict:
    """Rewrites one directive's payload; collects the definitions it uses and what is wrong."""

    def __init__(self, directive: str, definitions: Mapping[str, Schema]) -> None:
        self.done: dict[str, Schema] = {}
        self.found: list[Diagnostic] = []
        self._directive = directive
        self._definitions = definitions

    def payload(self, node: Schema) -> Schema:
        return self._object(node, "")

    def _schema(self, node: Schema, at: str) -> Schema:
        if "$ref" in node:
            return self._ref(node["$ref"])
        refused = [keyword for keyword in _REFUSED if keyword in node]
        if refused:
            return self._refuse(at, f"uses {refused[0]}")
        return self._shape(node, at) | _description(_notes(node))

    def _ref(self, ref: str) -> Schema:
        name = _name(ref)
        if name not in self.done:
            self.done[name] = {}  # a recursive model finds itself here
            self.done[name] = self._schema(self._definitions[name], f"/$defs/{name}")
        return {"$ref": ref}

    def _shape(self, node: Schema, at: str) -> Schema:
        if node.get("anyOf") == "scalar":
            return _either([{"type": kind} for kind in _SCALARS])
        for keyword in ("anyOf", "oneOf", "allOf"):
            if keyword in node:
                return self._union(node[keyword], f"{at}/{keyword}", keyword)
        if "enum" in node or "const" in node:
            return _enum(node["enum"] if "enum" in node else [node["const"]])
        return self._typed(node, at)

    def _typed(self, node: Schema, at: str) -> Schema:
        kind = node.get("type")
        if kind == "object":
            return self._object(node, at)
        if kind == "array":
            return {"type": "array", "items": self._schema(node.get("items", {}), f"{at}/items")}
        if kind in _PLAIN:
            return {"type": kind}
        return self._refuse(at, "takes any value")

    def _union(self, options: list[Schema], at: str, keyword: str) -> Schema:
        if keyword == "allOf" and len(options) > 1:
            return self._refuse(at, "uses allOf")
        return _either([self._schema(option, f"{at}/{i}") for i, option in enumerate(options)])

    def _object(self, node: Schema, at: str) -> Schema:
        if "properties" not in node:
            return self._refuse(
                at, "has a map", "declare a list of entries, such as path and value"
            )
        required = node.get("required", ())
        properties = {}
        for key, value in node["properties"].items():
            place = f"{at}/properties/{escape(key)}"
            if not value.get("hidden_from_model"):
                inner = self._schema(value, place)
                # The reader takes null for absent, so what is required is never null.
                properties[key] = without_null(inner)[0] if key in required else _nullable(inner)
            elif key in required:
                self._refuse(place, "hides a required key", "give it a default")
        return _closed(properties)

    def _refuse(self, at: str, why: str, hint: str = _HINT) -> Schema:
        what = f"the payload of {self._directive} {why}, which strict structured output cannot say"
        self.found.append(diagnostic("APP_INVALID", what, pointer=at, hint=hint))
        return {"type": "null"}


def _either(options: list[Schema]) -> Schema:
    """The union, flat, without repeats; a number may be an integer already."""
    flat: list[Schema] = []
    for option in options:
        inner = option["anyOf"] if set(option) == {"anyOf"} else [option]
        flat += [item for item in inner if item not in flat]
    if {"type": "number"} in flat:
        flat = [item for item in flat if item != {"type": "integer"}]
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def _nullable(schema: Schema) -> Schema:
    text = schema.get("description", "")
    bare = {key: value for key, value in schema.items() if key != "description"}
    return _either([bare, {"type": "null"}]) | _description(text)


def _enum(values: Iterable[object]) -> Schema:
    """The values by JSON type, since strict mode wants a type beside every enum."""
    groups: dict[str, list[object]] = {}
    for value in values:
        groups.setdefault(_type_of(value), []).append(value)
    return _either(
        [
            {"type": kind} if kind == "null" else {"type": kind, "enum": members}
            for kind, members in groups.items()
        ]
    )


def _type_of(value: object) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return names.get(type(value), "null")


def _notes(node: Mapping[str, Any]) -> str:
    """First paragraph of the description, and the bounds in words."""
    first = " ".join(str(node.get("description", "")).partition("\n\n")[0].split())
    bounds = [f"{keyword} {node[keyword]}" for keyword in _NOTED if keyword in node]
    return "; ".join(([first] if first else []) + bounds)


def _description(text: str) -> Schema:
    return {"description": text} if text else {}


def _invalid(message: str, *, hint: str) -> AppError:
    return AppError([diagnostic("APP_INVALID", message, hint=hint)])
