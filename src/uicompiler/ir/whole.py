"""Whole trees read at once.

A model that holds nodes reads each of them through Python, which looks its class up in the table
that came along (`base.AnyNode`). `whole_reader` makes one validator of the same model for one
table, in which that lookup is a tagged union: what it takes the model takes, with an equal value.
What it refuses may be right all the same, so only the model says what is wrong.

It changes nothing but the places that `base.read_whole_as` marks. Whatever else a class brings
(its own validators, types and settings) is in its core schema, and is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from pydantic.errors import PydanticUserError
from pydantic_core import CoreSchema, SchemaError, SchemaValidator, core_schema

from uicompiler.ir.base import NODE_REF, SHARES, WHOLE, Node
from uicompiler.ir.values import Json

_SCHEMAS_AT: Final = frozenset(
    {
        *("schema", "lax_schema", "strict_schema", "json_schema", "python_schema", "steps"),
        *("items_schema", "keys_schema", "values_schema", "extras_schema", "fields", "choices"),
    }
)
"""Keys of a core schema under which others stand; below any other key nothing is changed."""

_SAME_IN_PYTHON: Final = frozenset(
    {
        *("model", "model-fields", "model-field", "definitions", "definition-ref", "tuple"),
        *("tagged-union", "union", "nullable", "default", "lax-or-strict", "chain", "list"),
        *("function-after", "dict", "str", "int", "float", "bool", "literal", "none"),
    }
)
"""Core schemas that give the same of dicts and lists as of their text, and keep no part of them."""

_STRICT: Final = core_schema.CoreConfig(strict=True)

_SEQUENCES: Final = ("list", "tuple")
"""Where reading ends at the first item that is wrong: what else is, the model says."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What reads a model whole.

    Attributes:
        validator: Strict about every property.
        from_text: Whether it has to read JSON text, since a class of an app's may alter what it is
            given, or has types that JSON writes as texts.
    """

    validator: SchemaValidator
    from_text: bool

    def read(self, value: Json, text: bytes, context: Mapping[str, object]) -> Any:  # the model
        """Read a value, of which the text is given too.

        Raises:
            pydantic.ValidationError: it is not right, or not beyond doubt.
        """
        if self.from_text:
            return self.validator.validate_json(text, strict=True, context=context)
        return self.validator.validate_python(value, context=context)


def whole_reader(model: type[BaseModel], nodes: Mapping[str, type[Node]]) -> Whole | None:
    """A reader that gives what `model` gives, where it gives anything.

    Args:
        model: A model whose properties hold nodes.
        nodes: The table of node classes.

    Returns:
        The reader, whose context is that of the model; None when it could not be any faster.
    """
    build = _Builder()
    try:
        schema = build.rewritten(model.__pydantic_core_schema__)
        if not build.marks:
            return None
        if build.holds_nodes:
            build.define(NODE_REF, _node(nodes, build))
    except PydanticUserError:  # a class is not finished: its model says so when it is used
        return None
    whole = core_schema.definitions_schema(schema, list(build.definitions.values()))
    validator = _validator(whole)
    return None if validator is None else Whole(validator, build.from_text)


def _validator(whole: CoreSchema) -> SchemaValidator | None:
    try:
        # Else pydantic takes the validators that the classes have, which read nodes one by one.
        return SchemaValidator(whole, _STRICT, _use_prebuilt=False)
    except TypeError:  # a version without the setting
        return None
    except SchemaError:  # a class has what is not known here
        return None


def _node(nodes: Mapping[str, type[Node]], build: _Builder) -> CoreSchema:
    """A node of any class of the table, told by its kind, or a text in the fewest tokens."""
    kinds = {kind: build.rewritten(cls.__pydantic_core_schema__) for kind, cls in nodes.items()}
    node: CoreSchema = core_schema.tagged_union_schema(kinds, "node")
    if "text" not in kinds:
        return node
    spelled = core_schema.no_info_after_validator_function(_spelled, core_schema.str_schema())
    short = core_schema.chain_schema([spelled, kinds["text"]])
    return core_schema.union_schema(
        [node, short],
        mode="left_to_right",
        custom_error_type="not_whole",  # one for all below, where else each level adds to each
        custom_error_message="a node, or something below it, cannot be read",
    )


def _spelled(text: str) -> dict[str, str]:
    return {"node": "text", "text": text}


def _needs_text(schema: Any) -> bool:  # as below
    """Whether a value could be altered or kept, or is written in another way than it is read."""
    if "allow" in (
        schema.get("extra_behavior"),
        schema.get("config", {}).get("extra_fields_behavior"),
    ):
        return True
    return schema["type"] not in _SAME_IN_PYTHON and SHARES not in schema.get("metadata", {})


class _Builder:
    """Rewrites core schemas, collecting the definitions that they refer to."""

    def __init__(self) -> None:
        self.definitions: dict[str, CoreSchema] = {}
        self.marks = 0
        self.holds_nodes = False
        self.from_text = False

    def define(self, ref: str, schema: CoreSchema) -> None:
        named: Any = {**schema, "ref": ref}
        self.definitions.setdefault(ref, named)

    def rewritten(self, schema: Any) -> Any:  # a core schema is one of 50 typed dicts
        """The schema with every marked place replaced, without its name and definitions."""
        instead = schema.get("metadata", {}).get(WHOLE)
        if instead is not None:
            self.marks += 1
            return self.rewritten(instead({**schema, "metadata": {}}))
        if schema.get("schema_ref") == NODE_REF:
            self.holds_nodes = True
        if schema["type"] == "definitions":
            for definition in schema["definitions"]:
                self.define(definition["ref"], self.rewritten(definition))
            return self.rewritten(schema["schema"])
        kept = {
            key: self._below(value) if key in _SCHEMAS_AT else value
            for key, value in schema.items()
            if key not in ("ref", "strict")
        }
        self.from_text = self.from_text or _needs_text(schema)
        if schema["type"] in _SEQUENCES:
            return {**kept, "strict": False, "fail_fast": True}
        if schema["type"] == "model":
            return {**kept, "strict": False, "config": {**schema.get("config", {}), **_STRICT}}
        return kept

    def _below(self, value: Any) -> Any:  # a schema, or schemas in a list, by name, with a label
        if isinstance(value, (list, tuple)):
            return type(value)(map(self._below, value))
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("type"), str):
            return self.rewritten(value)
        return {name: self._below(inner) for name, inner in value.items()}
