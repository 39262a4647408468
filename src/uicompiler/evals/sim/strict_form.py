"""An envelope as a provider's strict mode makes a model write it.

Every key of the schema is there, in its order, null where nothing is meant, and maps are lists of
entries; a key that may have one value only has it. What does not fit the schema stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]


def in_strict_form(value: Any, schema: Schema) -> Any:
    """A value as a schema wants it written."""
    return _Form(schema).of(value, schema)


class _Form:
    def __init__(self, root: Schema) -> None:
        self._definitions: Mapping[str, Schema] = root.get("$defs", {})

    def of(self, value: Any, schema: Schema) -> Any:
        chosen = self._chosen(value, self._resolved(schema))
        if chosen.get("type") == "object" and isinstance(value, Mapping):
            return self._object(value, chosen)
        if chosen.get("type") == "array":
            return self._array(value, chosen)
        return value

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        if reference is None:
            return schema
        return self._resolved(self._definitions[str(reference).rpartition("/")[2]])

    def _chosen(self, value: Any, schema: Schema) -> Schema:
        """The branch of a union that the value fits; the first if none does."""
        if "anyOf" not in schema:
            return schema
        branches = [self._resolved(branch) for branch in schema["anyOf"]]
        fitting = [branch for branch in branches if self._fits(value, branch)]
        return self._chosen(value, fitting[0]) if fitting else schema

    def _fits(self, value: Any, schema: Schema) -> bool:
        if "anyOf" in schema:
            return any(self._fits(value, self._resolved(branch)) for branch in schema["anyOf"])
        if "const" in schema or "enum" in schema:
            return value in (schema.get("enum") or [schema.get("const")])
        kind = schema.get("type")
        if kind == "object":
            return isinstance(value, Mapping) and self._has(value, schema)
        if kind == "array":
            return isinstance(value, list) or (
                isinstance(value, Mapping) and _entries(schema, self)
            )
        return isinstance(value, _PYTHON.get(str(kind), ())) and (
            not isinstance(value, bool) or kind == "boolean"
        )

    def _has(self, value: Mapping[str, Any], schema: Schema) -> bool:
        properties = schema.get("properties", {})
        return set(value) <= set(properties) and all(
            self._fits(item, self._resolved(properties[key])) for key, item in value.items()
        )

    def _object(self, value: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
        properties = schema.get("properties", {})
        said = {key: self.of(value[key], item) for key, item in properties.items() if key in value}
        filled = said | self._filled({k: v for k, v in properties.items() if k not in value})
        ordered = {key: filled[key] for key in properties if key in filled}
        return {**ordered, **{key: item for key, item in value.items() if key not in properties}}

    def _filled(self, properties: Mapping[str, Schema]) -> dict[str, Any]:
        """What is written for keys that say nothing: the only value they may have, or null."""
        found: dict[str, Any] = {}
        for key, item in properties.items():
            schema = self._resolved(item)
            only = schema.get("enum", [schema["const"]] if "const" in schema else [])
            if len(only) == 1:
                found[key] = only[0]
            elif self._fits(None, schema):
                found[key] = None
        return found

    def _array(self, value: Any, schema: Schema) -> Any:
        items = schema.get("items", {})
        if isinstance(value, Mapping) and _entries(schema, self):
            value = [{"path": key, "value": item} for key, item in value.items()]
        return [self.of(item, items) for item in value] if isinstance(value, list) else value

    def keys(self, schema: Schema) -> set[str]:
        return set(self._resolved(schema).get("properties", {}))


_PYTHON: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def _entries(schema: Schema, form: _Form) -> bool:
    """Whether a list stands for a map."""
    return form.keys(schema.get("items", {})) == {"path", "value"}
