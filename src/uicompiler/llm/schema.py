"""The JSON Schema a model is held to, generated from an app's directive registry.

It keeps to the subset that providers' strict structured outputs share: a root object, every object
closed, every property required (an optional one may be null), no map, and none of the keywords in
`_REFUSED` and `_NOTED`; bounds become descriptions, since strict mode has no place for them.
What it allows, `directives.read` reads without repair; rules between keys (an option's values
differ, a bound fits its kind) stay the payload models' own.

Two marks stand in raw JSON Schema for what no model says: `{"anyOf": "value"}` for what a field
takes, and `{"nodes": "any"}` for a node of any class a model may write (`{"nodes": "tab"}`: of
one). A key or a class with `hidden_from_model` among its JSON Schema extras is left out.

Nothing here knows a directive by name. By model are known: `ShowForm` and `ShowTree` (with their
subclasses), which an app's forms and views narrow; `ShowChoices` and `RequestUpload`, whose action
an app without `inline_form_action` has to be told; and `Payload`, whose keys belong to every
directive. A text under `action`, or a name that ends in `_action`, is one of the app's actions.

Source: DESIGN sections 4 and 11.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, count
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind, models_json_schema

from uicompiler.app import UIApp
from uicompiler.directives.registry import DirectiveSpec, PayloadModel
from uicompiler.directives.standard.forms import RequestUpload, ShowChoices, ShowForm
from uicompiler.directives.standard.views import ShowTree
from uicompiler.errors import AppError, Diagnostic, diagnostic
from uicompiler.ir.base import Node
from uicompiler.ir.fields import Field
from uicompiler.ir.layout import Tab
from uicompiler.ir.rows import Rows
from uicompiler.llm.lean_schema import lean
from uicompiler.pointer import escape

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema; `Any` as in `ir.values.Json`."""

NAME: Final = "uicompiler_envelope"

_DEFS: Final = "#/$defs/"
_LOW_LEVEL: Final = "Low-level"
_ACTION: Final = "Action"
_INLINE_KEYS: Final = ("title", "intro", "fields", "submit_label")
_INLINE_REQUIRED: Final = ("title", "fields")
_ASKS: Final = (ShowChoices, RequestUpload)
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
_UNION_BOUNDS: Final = (
    ("gt", "exclusiveMinimum"),
    ("ge", "minimum"),
    ("lt", "exclusiveMaximum"),
    ("le", "maximum"),
)
"""How pydantic spells the bounds of a union, which JSON Schema has no keyword for."""
_HINT: Final = "declare a closed model, a list of one, a text, number, boolean or Literal"


def response_format(app: UIApp) -> Schema:
    """The `response_format` of a chat-completions request that asks for an envelope.

    Its schema takes what that of `envelope_schema` takes, and leaves out what the instructions,
    which go beside it, tell or do without.

    Raises:
        AppError: as `envelope_schema`.
    """
    body = {"name": NAME, "strict": True, "schema": lean(envelope_schema(app), _own_words())}
    return {"type": "json_schema", "json_schema": body}


@cache
def _own_words() -> frozenset[str]:
    """What the library says of its own shapes, whose names and keys tell a model enough."""
    definitions = envelope_schema(UIApp.standard())["$defs"].values()
    return frozenset(item["description"] for item in definitions if "description" in item)


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
    strict = _Strict(app, _generated(specs, app))
    items = [_directive(spec, strict.payload(spec)) for spec in specs]
    if strict.found:
        raise AppError(strict.found)
    return _envelope(items, strict.done)


def offered(app: UIApp) -> list[DirectiveSpec]:
    """The directives a model is told of, low-level ones last.

    Without those that show forms where there are none, and those that need an action where none
    is registered.
    """
    specs = [spec for spec in app.directives if _can_work(spec.payload, app)]
    return sorted(specs, key=lambda spec: spec.summary.startswith(_LOW_LEVEL))


def inline_nodes(app: UIApp) -> dict[str, type[Node]]:
    """The node classes a model may write in any place of a tree, by kind."""
    fields = (Field, Rows) if app.inline_form_action is None else ()
    return {
        kind: app.nodes[kind]
        for kind in sorted(app.nodes)
        if not issubclass(app.nodes[kind], (Tab, *fields)) and not _is_hidden(app.nodes[kind])
    }


def _placed(app: UIApp) -> dict[str, type[Node]]:
    """Node classes that have one place only, which names them: `tab` in `tabs`."""
    return {kind: node for kind, node in app.nodes.items() if issubclass(node, Tab)}


def is_action(key: str) -> bool:
    """Whether a key of a payload or node holds the name of an action."""
    return key == "action" or key.endswith("_action")


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


def _can_work(payload: PayloadModel, app: UIApp) -> bool:
    if issubclass(payload, ShowForm):
        return bool(app.forms) or app.inline_form_action is not None
    told = issubclass(payload, _ASKS) and app.inline_form_action is None
    needed = any(
        is_action(key) and item.is_required() for key, item in payload.model_fields.items()
    )
    return bool(app.actions) or not (told or needed)


def _is_hidden(node: type[Node]) -> bool:
    extra = node.model_config.get("json_schema_extra")
    return isinstance(extra, dict) and bool(extra.get("hidden_from_model"))


def _narrowed(payload: PayloadModel, node: Schema, app: UIApp) -> Schema:
    """A payload's raw schema with the app's own forms and views, without what it forbids."""
    inline = app.inline_form_action is not None
    if issubclass(payload, ShowForm):
        known = _one_of(node, "form_id", app.forms, _INLINE_REQUIRED)
        return known if inline else _without(known, _INLINE_KEYS, ("form_id",))
    if issubclass(payload, ShowTree):
        return _one_of(node, "view_id", app.views, ("root",))
    if issubclass(payload, _ASKS) and not inline:
        return _without(node, (), ("action",))
    return node


def _one_of(node: Schema, key: str, names: Iterable[str], instead: Iterable[str]) -> Schema:
    """With the names a key takes; where there are none, what stands instead is required."""
    enum = sorted(names)
    if not enum:
        return _without(node, (key,), instead)
    named = {"type": "string", "enum": enum}
    return {**node, "properties": {**node["properties"], key: named}}


def _without(node: Schema, dropped: Iterable[str], required: Iterable[str]) -> Schema:
    gone = set(dropped)
    kept = {key: value for key, value in node["properties"].items() if key not in gone}
    needed = {*node.get("required", ()), *required}
    return {**node, "properties": kept, "required": sorted(needed)}


# From payload models to raw JSON Schema.


class _Quiet(GenerateJsonSchema):
    """Without the warning about defaults, which strict mode has no place for."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012  # as in the base class
        "skipped-choice",
        "non-serializable-default",
    }


@dataclass(frozen=True, slots=True)
class _Generated:
    """Raw JSON Schema: what pydantic says of all models that take part.

    Attributes:
        definitions: By unique name.
        payloads: Names of payloads, by their model.
        nodes: Names of nodes, by kind; of the union of those that fit anywhere under `any`.
    """

    definitions: Mapping[str, Schema]
    payloads: Mapping[PayloadModel, str]
    nodes: Mapping[str, str]


def _generated(specs: Iterable[DirectiveSpec], app: UIApp) -> _Generated:
    specs = list(specs)
    anywhere = inline_nodes(app)
    nodes: dict[str, type[Node]] = {**anywhere, **_placed(app)}
    models: dict[type[BaseModel], str] = {Node: "the base of nodes"}
    models.update({spec.payload: f"the payload of {spec.type}" for spec in specs})
    models.update({node: f"the node {kind}" for kind, node in nodes.items()})
    _check_generates(models)
    names, raw = _raw_schemas(models)
    raw |= {names[node]: _named(raw[names[node]], kind) for kind, node in nodes.items()}
    # Where a payload takes the base of all nodes, it takes any of them, and a string as a text.
    refs = [{"$ref": f"{_DEFS}{names[node]}"} for node in anywhere.values()]
    raw[names[Node]] = {"anyOf": [*refs, {"type": "string"}]}
    return _Generated(
        _without_idle_tags(raw, {names[node] for node in nodes.values()}),
        {spec.payload: names[spec.payload] for spec in specs},
        {"any": names[Node], **{kind: names[node] for kind, node in nodes.items()}},
    )


def _raw_schemas(
    models: Iterable[type[BaseModel]],
) -> tuple[dict[type[BaseModel], str], dict[str, Schema]]:
    """The definitions' names by model, unique ones, and all definitions."""
    table, root = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_Quiet
    )
    names = {model: _name(table[model, "validation"]["$ref"]) for model in models}
    return names, root["$defs"]


def _named(node: Schema, kind: str) -> Schema:
    """A node's schema in which `node` can be nothing but its kind."""
    name = {"const": kind, "default": kind, "type": "string"}
    return {**node, "properties": {**node["properties"], "node": name}}


def _check_generates(models: Mapping[type[BaseModel], str]) -> None:
    for model, what in models.items():
        try:
            model.model_json_schema(mode="validation", schema_generator=_Quiet)
        except PydanticUserError as exc:
            raise _invalid(f"{what} has no JSON Schema: {exc.message[:160]}", hint=_HINT) from exc


def _name(ref: str) -> str:
    return ref.removeprefix(_DEFS)


def _without_idle_tags(
    definitions: Mapping[str, Schema], tagged: Collection[str]
) -> dict[str, Schema]:
    """Keys that can only be their default are left out, or required to tell alternatives apart.

    Args:
        definitions: The models.
        tagged: Names of those whose reader wants the tag anywhere.
    """
    telling = {*_alternatives(definitions), *tagged}
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


def _actionless(definitions: Mapping[str, Schema]) -> frozenset[str]:
    """Names of definitions that nothing fits while there is no action to name."""
    found: frozenset[str] = frozenset()
    while True:
        more = {
            name
            for name, node in definitions.items()
            for key in node.get("required", ())
            if is_action(key) or _only(node["properties"].get(key, {}), found)
        }
        if more <= found:
            return found
        found |= more


def _only(node: Schema, names: frozenset[str]) -> bool:
    """Whether a schema takes nothing but certain definitions, or lists of them, or null."""
    if "$ref" in node:
        return _name(node["$ref"]) in names
    options = node.get("anyOf", node.get("oneOf"))
    if isinstance(options, list):
        rest = [option for option in options if option.get("type") != "null"]
        return bool(rest) and all(_only(option, names) for option in rest)
    return node.get("type") == "array" and _only(node.get("items", {}), names)


# From raw JSON Schema to strict mode.


class _Strict:
    """Rewrites payloads one after another; collects the definitions used and what is wrong."""

    def __init__(self, app: UIApp, raw: _Generated) -> None:
        self.done: dict[str, Schema] = {}
        self.found: list[Diagnostic] = []
        self._app = app
        self._raw = raw
        self._directive = ""
        self._impossible = frozenset() if app.actions else _actionless(raw.definitions)
        spellings = chain([_ACTION], (f"{_ACTION}{number}" for number in count(2)))
        self._action = next(name for name in spellings if name not in raw.definitions)

    def payload(self, spec: DirectiveSpec) -> Schema:
        self._directive = spec.type
        node = self._raw.definitions[self._raw.payloads[spec.payload]]
        return self._object(_narrowed(spec.payload, node, self._app), "")

    def _schema(self, node: Schema, at: str) -> Schema:
        if "$ref" in node:
            return self._ref(_name(node["$ref"]))
        if isinstance(node.get("nodes"), str):
            return self._ref(self._raw.nodes[node["nodes"]])
        refused = [keyword for keyword in _REFUSED if keyword in node]
        if refused:
            return self._refuse(at, f"uses {refused[0]}")
        return self._shape(node, at) | _description(_notes(node))

    def _ref(self, name: str) -> Schema:
        if name not in self.done:
            self.done[name] = {}  # a recursive model finds itself here
            self.done[name] = self._schema(self._raw.definitions[name], f"/$defs/{name}")
        return {"$ref": f"{_DEFS}{name}"}

    def _shape(self, node: Schema, at: str) -> Schema:
        if node.get("anyOf") == "value":
            texts = {"type": "array", "items": {"type": "string"}}
            return _either([*({"type": kind} for kind in _SCALARS), texts])
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
        possible = [i for i, node in enumerate(options) if not _only(node, self._impossible)]
        # A map beside something that can be said is another spelling of it.
        said = [i for i in possible if not _is_map(options[i]) and options[i] != {"type": "null"}]
        told = [i for i in possible if not (said and _is_map(options[i]))]
        return _either([self._schema(options[i], f"{at}/{i}") for i in told])

    def _object(self, node: Schema, at: str) -> Schema:
        if "properties" not in node:
            return self._refuse(
                at, "has a map", "declare a list of entries, such as path and value"
            )
        required = node.get("required", ())
        told = {
            key: self._property(key, value, f"{at}/properties/{escape(key)}", key in required)
            for key, value in node["properties"].items()
        }
        return _closed({key: value for key, value in told.items() if value is not None})

    def _property(self, key: str, node: Schema, at: str, required: bool) -> Schema | None:
        """What a property takes; None leaves it out."""
        if node.get("hidden_from_model"):
            if required:
                self._refuse(at, "hides a required key", "give it a default")
            return None
        names_action = is_action(key) and _is_text(node)
        if (names_action and not self._app.actions) or _only(node, self._impossible):
            if required:
                self._refuse(at, "needs an action, and the app has none", "register an action")
            return None
        inner = self._actions() if names_action else self._schema(node, at)
        # The reader takes null for absent, so what is required is never null.
        return without_null(inner)[0] if required else _nullable(inner)

    def _actions(self) -> Schema:
        names = {"type": "string", "enum": sorted(self._app.actions)}
        self.done[self._action] = _description("What a button may send.") | names
        return {"$ref": f"{_DEFS}{self._action}"}

    def _refuse(self, at: str, why: str, hint: str = _HINT) -> Schema:
        what = f"the payload of {self._directive} {why}, which strict structured output cannot say"
        self.found.append(diagnostic("APP_INVALID", what, pointer=at, hint=hint))
        return {"type": "null"}


def _is_map(node: Schema) -> bool:
    return node.get("type") == "object" and "properties" not in node


def _is_text(node: Schema) -> bool:
    kinds = [item.get("type") for item in node.get("anyOf", [node])]
    return "string" in kinds and set(kinds) <= {"string", "null"}


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
    bounds = [
        f"{word} {node[word]}" for word in _NOTED if word in node and not _is_plain(word, node)
    ]
    bounds += [f"{keyword} {node[name]}" for name, keyword in _UNION_BOUNDS if name in node]
    return "; ".join(([first] if first else []) + bounds)


def _is_plain(keyword: str, node: Mapping[str, Any]) -> bool:
    """Whether a bound goes without saying: what is given is not empty."""
    return keyword in ("minLength", "minItems") and node[keyword] == 1


def _description(text: str) -> Schema:
    return {"description": text} if text else {}


def _invalid(message: str, *, hint: str) -> AppError:
    return AppError([diagnostic("APP_INVALID", message, hint=hint)])
