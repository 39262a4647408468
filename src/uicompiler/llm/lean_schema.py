"""The schema of an envelope in fewer tokens: the same values fit, and no provider needs new words.

Many providers put the schema into the model's context, where every turn pays for it. Beside the
instructions it need not describe what they tell, and a union that stands in many places is written
once, as a definition.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from typing import Any, Final, TypeAlias

_Schema: TypeAlias = dict[str, Any]
_DEFS: Final = "#/$defs/"
_SMALL: Final = {"type", "enum", "items", "$ref", "description"}


def lean(schema: _Schema, known_words: Collection[str] = ()) -> _Schema:
    """The schema of an envelope, said shorter.

    Args:
        schema: As `schema.envelope_schema` makes it.
        known_words: Descriptions of definitions that need not be told. Those of directives need
            not either, as instructions tell them. What a key is for stays, as do all others.
    """
    return _shared(_undescribed(schema, known_words))


def _undescribed(schema: _Schema, known_words: Collection[str]) -> _Schema:
    directives = schema["properties"]["directives"]
    branches = [_bare(branch) for branch in directives["items"]["anyOf"]]
    properties = {
        "assistant_text": _bare(schema["properties"]["assistant_text"]),
        "directives": {**directives, "items": {"anyOf": branches}},
    }
    definitions = {
        name: _bare(item) if item.get("description") in known_words else item
        for name, item in schema.get("$defs", {}).items()
    }
    return {**schema, "properties": properties, **({"$defs": definitions} if definitions else {})}


def _bare(schema: _Schema) -> _Schema:
    return {key: value for key, value in schema.items() if key != "description"}


# Unions that stand in many places.


def _shared(schema: _Schema) -> _Schema:
    times = Counter(_unions(schema))
    names = (f"U{number}" for number in count(1))
    free = (name for name in names if name not in schema.get("$defs", {}))
    known = {union: next(free) for union, often in times.items() if _pays(union, often)}
    if not known:
        return schema
    told: _Schema = _replaced(schema, known)
    unions = {name: json.loads(union) for union, name in known.items()}
    return {**told, "$defs": {**told.get("$defs", {}), **unions}}


def _pays(union: str, often: int) -> bool:
    reference = len(f'{{"$ref": "{_DEFS}U10"}}')
    return often * (len(union) - reference) > len(union)


def _is_union(value: Mapping[str, Any]) -> bool:
    """Of small things: a union of whole objects stays where they are told apart."""
    return set(value) == {"anyOf"} and all(set(item) <= _SMALL for item in value["anyOf"])


def _unions(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if _is_union(value):
            yield json.dumps(value)
            return
        for item in value.values():
            yield from _unions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _unions(item)


def _replaced(value: Any, known: Mapping[str, str]) -> Any:  # any part of a schema
    if isinstance(value, Mapping):
        if _is_union(value) and json.dumps(value) in known:
            return {"$ref": f"{_DEFS}{known[json.dumps(value)]}"}
        return {key: _replaced(item, known) for key, item in value.items()}
    return [_replaced(item, known) for item in value] if isinstance(value, list) else value
