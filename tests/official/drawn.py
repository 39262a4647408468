"""Messages drawn from a JSON Schema: what the schema has is what comes out.

A schema that lacks what another has is found out by messages drawn from the other. `Draw` makes
one instance at a time by chance; `every_part` makes few, in which every property and every allowed
value occurs. Objects whose properties exclude each other (a bound value, a component's type, the
kind of a message) get one of them, by chance mostly; ids are unique and references lead to
components of the same message, children after parents.

It reads no more of JSON Schema than the protocol's schemas use.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

METASCHEMA = "https://json-schema.org/draft/2020-12/schema"

PATHS = ("/a", "a", "/a/b", "/items/0/v", ".", "/", "", "é", "/constructor", "a.b[0]", "/\u2060")
TEXTS = (
    *("x", "Good day", "", " ", "h1", "title", "5*3*2", "[1,2]", '{"a":1}', "null", "true", "0"),
    *("é\U0001f600", "\u200b", "\u202eabc", "\ud800", "line\nline", "\x00", "![a](http://b.c/d)"),
    *("https://example.com/a.png", "javascript:alert(1)", "2025-05-06", "(a+)+$", "x" * 70),
)
STRINGS: Mapping[str, tuple[str, ...]] = {
    "surfaceId": ("main", "main#e=2", "s", "é", "a b"),
    "root": ("c0", "root", ""),
    "path": PATHS,
    "dataBinding": PATHS,
    "key": ("a", "b", "c", "name", "a.b", "", ".", "__proto__", "é", "10", "_nonce"),
    "primaryColor": ("#00BFFF", "#abcdef", "#012345"),
    "timestamp": ("2026-01-01T00:00:00Z", "2026-02-28T23:59:59.5+01:00"),
    "catalogId": ("urn:x", "https://a2ui.org/specification/v0_8/standard_catalog_definition.json"),
}
"""What a string may be, by the name of its property; any other is one of `TEXTS`."""

NUMBERS = (0, 1, 2, 7, -1, 0.5, 1.0, 100, 2**31, 2**53, 1e21, 1e-7)
SCHEMAS: tuple[Any, ...] = (
    True,
    {},
    {"type": "string"},
    {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]},
    {"enum": ["a", "b"]},
    {"type": "array", "items": {"minLength": 1}, "maxItems": 3},
)
REFERENCES = ("child", "componentId", "entryPointChild", "contentChild")
WEIGHTS = {"surfaceUpdate": 8, "dataModelUpdate": 4, "beginRendering": 3}
"""How often kinds of messages come, where others come once."""

IDS = ("c{}", "c{}", "c{}", "ui--{}", "é{}", "a b{}", "x" * 130 + "{}")


class Draw:
    """Instances of one schema.

    Args:
        schema: The whole document; its `$ref`s lead into its own `$defs` or to the metaschema.
        rng: Where chance comes from.
    """

    def __init__(self, schema: Mapping[str, Any], rng: random.Random) -> None:
        self._document = schema
        self._rng = rng

    def message(self) -> Any:
        """One instance, valid for the schema and, as a rule, for the official client."""
        return connected(self._value(self._document, ""), self._rng)

    def _chance(self, probability: float) -> bool:
        return self._rng.random() < probability

    def _value(self, schema: Mapping[str, Any], name: str) -> Any:
        if "$ref" in schema:
            return self._referred(schema["$ref"], name)
        if "enum" in schema:
            return self._rng.choice(schema["enum"])
        kind = schema["type"]
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            some = self._rng.choice((0, 1, 1, 2, 3))
            count = max(some, schema.get("minItems", 0))
            return [self._value(schema["items"], name) for _ in range(count)]
        if kind == "string":
            return self._rng.choice(STRINGS.get(name, TEXTS))
        if kind == "boolean":
            return self._chance(0.5)
        return self._rng.choice(NUMBERS if kind == "number" else (0, 1, 2.0, 100))

    def _referred(self, ref: str, name: str) -> Any:
        if ref.startswith("#"):
            return self._value(target(self._document, ref), name)
        return copy.deepcopy(self._rng.choice(elsewhere(ref)))

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        inner = schema.get("properties", {})
        names = self._names(schema)
        wanted = [name for name in inner if name in names]
        self._rng.shuffle(wanted)
        drawn = {name: self._value(inner[name], name) for name in wanted}
        further = schema.get("additionalProperties", True)
        if isinstance(further, dict):
            return {
                name: self._value(further, name) for name in ("A", "b")[: self._rng.choice((1, 2))]
            }
        if further and self._chance(0.5 if inner else 0.9):
            drawn |= {f"x-{name}": anything(self._rng, 2) for name in ("a", "b")}
        return drawn

    def _names(self, schema: Mapping[str, Any]) -> set[str]:
        """Which properties an object gets."""
        inner, required = schema.get("properties", {}), schema.get("required", ())
        optional = [name for name in inner if name not in required]
        if optional and exclude_each_other(inner) and self._chance(0.97):
            weights = [WEIGHTS.get(name, 1) for name in optional]
            return {*required, *self._rng.choices(optional, weights)}
        share = self._rng.choice((0.2, 0.5, 0.9)) if len(optional) < 9 else 0.1
        return {*required, *(name for name in optional if self._chance(share))}


def target(document: Mapping[str, Any], ref: str) -> Any:
    """What a `$ref` inside a document leads to."""
    found: Any = document
    for part in ref.split("/")[1:]:
        found = found[part]
    return found


def elsewhere(ref: str) -> Sequence[Any]:
    """Instances of what is in another document: the metaschema, or a catalog's description."""
    if ref == METASCHEMA:
        return SCHEMAS
    return [{"catalogId": "urn:x", "components": {"A": schema}, "styles": {}} for schema in SCHEMAS]


def every_part(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Messages in which each property, kind and allowed value of a schema occurs once at least."""
    rng = random.Random(0)
    for message in _variants(schema, schema, ""):
        yield connected(copy.deepcopy(message), rng)


def _variants(schema: Mapping[str, Any], document: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Values of a schema; the first has every property there is room for."""
    if "$ref" in schema:
        yield from _referred(schema["$ref"], document, name)
    elif "enum" in schema:
        yield from schema["enum"]
    elif schema["type"] == "object":
        yield from _objects(schema, document)
    elif schema["type"] == "array":
        yield from ([item] for item in _variants(schema["items"], document, name))
    elif schema["type"] == "string":
        yield STRINGS.get(name, TEXTS)[0]
    else:
        yield True if schema["type"] == "boolean" else 1


def _referred(ref: str, document: Mapping[str, Any], name: str) -> Iterator[Any]:
    if ref.startswith("#"):
        yield from _variants(target(document, ref), document, name)
    else:
        yield from elsewhere(ref)


def _objects(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Any]:
    inner, required = schema.get("properties", {}), schema.get("required", ())
    values = {name: list(_variants(inner[name], document, name)) for name in inner}
    first = {name: found[0] for name, found in values.items()}
    if exclude_each_other(inner):
        kept = {name: first[name] for name in required}
        for name in (name for name in inner if name not in required):
            yield from ({**kept, name: value} for value in values[name])
    else:
        yield first
        for name, found in values.items():
            yield from ({**first, name: value} for value in found[1:])


def exclude_each_other(properties: Mapping[str, Any]) -> bool:
    """Whether the optional properties of an object are alternatives."""
    alternatives = ("path", "explicitList", "valueString", "Text", "beginRendering", "userAction")
    return any(name in properties for name in alternatives) and "contents" not in properties


def anything(rng: random.Random, depth: int) -> Any:
    """Any JSON value."""
    kind = rng.randrange(8 if depth else 6)
    if kind == 6:
        return [anything(rng, depth - 1) for _ in range(rng.randrange(3))]
    if kind == 7:
        return {rng.choice(TEXTS): anything(rng, depth - 1) for _ in range(rng.randrange(3))}
    if kind < 3:
        return rng.choice(TEXTS)
    return rng.choice((None, True, False, *NUMBERS))


def connected(message: Any, rng: random.Random) -> Any:
    """Give the components of a message unique ids, and references to later ones."""
    if "surfaceUpdate" in message:
        components = message["surfaceUpdate"]["components"]
        components.append({"id": "", "component": {"Divider": {}}})
        _connect(components, rng)
    return message


def _connect(components: list[Any], rng: random.Random) -> None:
    ids = [rng.choice(IDS).format(number) for number in range(len(components))]
    for number, component in enumerate(components):
        component["id"] = ids[number]
        later = ids[number + 1 :]
        for parent, key in places(component["component"]):
            if key in REFERENCES and later and isinstance(parent[key], str):
                parent[key] = rng.choice(later)
            elif key == "explicitList" and isinstance(parent[key], list):
                parent[key] = rng.sample(later, min(len(later), rng.randrange(3)))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or array inside a JSON value with each of its keys or indices."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item))
        for key in keys:
            yield item, key
            if isinstance(item[key], (dict, list)):
                waiting.append(item[key])
