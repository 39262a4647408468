"""Reading a catalog and asking it about components.

A catalog is an A2UI v0.8 catalog description: `{"catalogId", "components", "styles"}`, each
component a JSON Schema of its properties. Reading it once gives flat tables (`Component`,
`Rule`), so that checking a property later is a lookup, not a schema run.

Three annotations say what JSON Schema cannot: `"format": "a2ui-component-id"` on a string that
names another component, `a2ui-url` on one a client fetches, `a2ui-path` on one that names a
place in the data model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import orjson

from uicompiler.errors import AppError, diagnostic
from uicompiler.resources import data_path

STANDARD_CATALOG_ID: Final = "https://a2ui.org/specification/v0_8/standard_catalog_definition.json"

RuleKind = Literal["string", "number", "integer", "boolean", "object", "array"]


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
        AppError: APP_INVALID, not a catalog description; the pointer says where.
    """
    try:
        return parse_catalog(orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError) as exc:
        raise _invalid("", f"{path.name} could not be read: {exc}") from exc


def parse_catalog(document: object) -> Catalog:
    """Read a catalog description.

    Raises:
        AppError: as `load_catalog`.
    """
    if not isinstance(document, dict):
        raise _invalid("", "a catalog is an object with catalogId and components")
    catalog_id, components = document.get("catalogId"), document.get("components")
    if not isinstance(catalog_id, str) or not catalog_id:
        raise _invalid("/catalogId", "a catalog has a catalogId")
    if not isinstance(components, dict) or not components:
        raise _invalid("/components", "a catalog has components")
    rules = {
        name: _rule(schema, f"/components/{name}", document.get("$defs", {}))
        for name, schema in components.items()
    }
    return Catalog(catalog_id, MappingProxyType(rules))


_KINDS: Final = ("string", "number", "integer", "boolean", "object", "array")


def _rule(schema: Any, pointer: str, defs: Mapping[str, Any], depth: int = 0) -> Rule:  # JSON
    if depth > 16:
        raise _invalid(pointer, "a component's schema nests at most 16 levels")
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        name = schema["$ref"].removeprefix("#/$defs/")
        if name not in defs:
            raise _invalid(pointer, f"$ref {schema['$ref']!r} names no entry of $defs")
        return _rule(defs[name], pointer, defs, depth + 1)
    if not isinstance(schema, dict) or schema.get("type") not in _KINDS:
        raise _invalid(pointer, f"a property's type is one of {', '.join(_KINDS)}")
    properties = {
        name: _rule(inner, f"{pointer}/properties/{name}", defs, depth + 1)
        for name, inner in schema.get("properties", {}).items()
    }
    bound = "path" in properties and all(
        name == "path" or name.startswith("literal") for name in properties
    )
    items = schema.get("items")
    return Rule(
        kind=schema["type"],
        enum=frozenset(schema["enum"]) if "enum" in schema else None,
        format=schema.get("format", ""),
        properties=MappingProxyType(properties),
        required=frozenset(schema.get("required", ())),
        exactly_one=bound or {"explicitList", "template"} == set(properties),
        items=None if items is None else _rule(items, f"{pointer}/items", defs, depth + 1),
    )


def _invalid(pointer: str, why: str) -> AppError:
    return AppError([diagnostic("APP_INVALID", why, pointer=pointer)])
