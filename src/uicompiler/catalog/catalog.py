"""Reading a catalog and asking it about components.

A catalog is an A2UI v0.8 catalog description: `{"catalogId", "components", "styles"}`, each
component a JSON Schema of its properties. Reading it once gives flat tables (`Component`,
`Rule`), so that checking a property later is a lookup, not a schema run.

Three annotations say what JSON Schema cannot: `"format": "a2ui-component-id"` on a string that
names another component, `a2ui-url` on one a client fetches, `a2ui-path` on one that names a
place in the data model.

A catalog of an app's own need not repeat the standard components: with `"extends"`, the id of the
standard catalog, it has these and adds its own. It adds only; no component is defined twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import orjson

from uicompiler.errors import AppError, Diagnostic, diagnostic
from uicompiler.ir.values import FORBIDDEN_KEYS
from uicompiler.pointer import join
from uicompiler.resources import data_path

STANDARD_CATALOG_ID: Final = "https://a2ui.org/specification/v0_8/standard_catalog_definition.json"

RuleKind = Literal["string", "number", "integer", "boolean", "object", "array"]

_MAX_DEPTH: Final = 16

# The official client looks a type up among the page's custom elements, whose names hold a hyphen.
_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Rule:
    """What one value must be.

    Attributes:
        kind: Its JSON type.
        enum: The only strings allowed, where there are such.
        format: One of the annotations above, or "".
        properties: For an object: its closed set of properties.
        required: For an object: those that must be there.
        exactly_one: For an object: whether it has exactly one property (a bound value).
        items: For an array: the rule of its items.
    """

    kind: RuleKind
    enum: frozenset[str] | None = None
    format: str = ""
    properties: Mapping[str, Rule] = field(default_factory=lambda: MappingProxyType({}))
    required: frozenset[str] = frozenset()
    exactly_one: bool = False
    items: Rule | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """The components of one catalog.

    Attributes:
        catalog_id: Its identifier.
        components: By component type, the rule of its properties.
    """

    catalog_id: str
    components: Mapping[str, Rule]

    @property
    def is_standard(self) -> bool:
        """Whether this is the standard catalog, which `beginRendering` names by silence."""
        return self.catalog_id == STANDARD_CATALOG_ID


@cache
def standard_catalog() -> Catalog:
    """The standard catalog of A2UI v0.8, as it ships with this library."""
    return load_catalog(data_path("catalogs/standard_v0_8.json"))


def load_catalog(path: Path) -> Catalog:
    """Read a catalog file.

    Raises:
        AppError: APP_INVALID, not a catalog description; the pointers say where.
    """
    try:
        return parse_catalog(orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError) as exc:
        raise AppError([_invalid((), f"{path.name} could not be read: {exc}")]) from exc


def parse_catalog(document: object) -> Catalog:
    """Read a catalog description.

    Raises:
        AppError: APP_INVALID, each part that is none with its pointer.
    """
    if not isinstance(document, dict):
        raise AppError([_invalid((), "a catalog is an object with catalogId and components")])
    reader = _Reader(document.get("$defs"))
    catalog = reader.catalog(document)
    if reader.found:
        raise AppError(reader.found)
    return catalog


_KINDS: Final = ("string", "number", "integer", "boolean", "object", "array")
_NOTHING: Final = Rule("object")


class _Reader:
    """Reads one description; what is wrong with it is collected in `found`."""

    def __init__(self, defs: object) -> None:
        self.found: list[Diagnostic] = []
        self._defs = defs if isinstance(defs, dict) else {}

    def catalog(self, document: Mapping[str, Any]) -> Catalog:
        catalog_id, own = document.get("catalogId"), document.get("components")
        if not isinstance(catalog_id, str) or not catalog_id:
            self._wrong(("catalogId",), "a catalog has a catalogId, a text")
        if not isinstance(own, dict) or not own:
            self._wrong(("components",), "a catalog has components, an object by their types")
            own = {}
        inherited = self._inherited(document)
        rules = {**inherited, **dict(self._components(own, inherited))}
        return Catalog(str(catalog_id), MappingProxyType(rules))

    def _inherited(self, document: Mapping[str, Any]) -> Mapping[str, Rule]:
        if "extends" not in document:
            return {}
        if document["extends"] != STANDARD_CATALOG_ID:
            hint = f"extends is {STANDARD_CATALOG_ID}, or left out"
            self._wrong(("extends",), "only the standard catalog can be extended", hint)
            return {}
        if document.get("catalogId") == STANDARD_CATALOG_ID:
            self._wrong(("catalogId",), "a catalog that adds components has an id of its own")
        return standard_catalog().components

    def _components(
        self, own: Mapping[str, Any], inherited: Mapping[str, Rule]
    ) -> Iterator[tuple[str, Rule]]:
        for name, schema in own.items():
            place = ("components", name)
            if _TYPE.fullmatch(name) is None or name in FORBIDDEN_KEYS:
                hint = "letters, digits and _, at most 64; no reserved JavaScript name"
                self._wrong(place, f"no component can be called {name[:80]!r}", hint)
            elif name in inherited:
                self._wrong(place, f"the catalog that this one extends has {name} already")
            elif not isinstance(schema, dict) or schema.get("type") != "object":
                self._wrong(place, "a component's schema has the type object, its properties")
            else:
                yield name, self._rule(schema, place)

    def _rule(self, schema: object, place: tuple[str, ...], depth: int = 0) -> Rule:
        if depth > _MAX_DEPTH:
            return self._wrong(place, f"a component's schema nests at most {_MAX_DEPTH} levels")
        if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            inner = self._defs.get(schema["$ref"].removeprefix("#/$defs/"))
            if inner is None:
                return self._wrong(place, f"$ref {schema['$ref'][:80]!r} names no entry of $defs")
            return self._rule(inner, place, depth + 1)
        if not isinstance(schema, dict) or schema.get("type") not in _KINDS:
            return self._wrong(place, f"a property's type is one of {', '.join(_KINDS)}")
        properties = self._properties(schema, place, depth)
        items = schema.get("items")
        return Rule(
            kind=schema["type"],
            enum=frozenset(self._texts(schema, "enum", place)) if "enum" in schema else None,
            format=schema["format"] if isinstance(schema.get("format"), str) else "",
            properties=MappingProxyType(properties),
            required=frozenset(self._texts(schema, "required", place)),
            exactly_one=_is_bound(properties) or {"explicitList", "template"} == set(properties),
            items=None if items is None else self._rule(items, (*place, "items"), depth + 1),
        )

    def _properties(
        self, schema: Mapping[str, Any], place: tuple[str, ...], depth: int
    ) -> dict[str, Rule]:
        given = schema.get("properties", {})
        if not isinstance(given, dict):
            self._wrong((*place, "properties"), "properties is an object of schemas by name")
            return {}
        return {
            name: self._rule(inner, (*place, "properties", name), depth + 1)
            for name, inner in given.items()
        }

    def _texts(self, schema: Mapping[str, Any], key: str, place: tuple[str, ...]) -> list[str]:
        given = schema.get(key, [])
        if isinstance(given, list) and all(isinstance(item, str) for item in given):
            return given
        self._wrong((*place, key), f"{key} is a list of texts")
        return []

    def _wrong(self, place: tuple[str, ...], why: str, hint: str = "") -> Rule:
        """Note a problem; the rule stands in for what could not be read."""
        self.found.append(_invalid(place, why, hint))
        return _NOTHING


def _is_bound(properties: Mapping[str, Rule]) -> bool:
    """Whether this is a bound value: a path, or a literal of some kind."""
    return "path" in properties and all(
        name == "path" or name.startswith("literal") for name in properties
    )


def _invalid(place: tuple[str, ...], why: str, hint: str = "") -> Diagnostic:
    return diagnostic("APP_INVALID", why, pointer=join(place), hint=hint)
