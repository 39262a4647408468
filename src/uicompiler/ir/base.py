"""The base of all nodes: frozen, closed, named by `node`, found by key.

A node that holds others takes nodes or, while a state or template is read, plain objects; the
table of node classes then comes with the validation context (`tree.parse_node`), so that an
app's own nodes need no global registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Final, TypeAlias, TypeVar

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    JsonValue,
    SerializeAsAny,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from uicompiler.ir.values import FORBIDDEN_KEYS


class Frozen(BaseModel):
    """A closed, immutable record."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


WHOLE: Final = "uicompiler.whole"
"""Where a core schema's metadata say how a whole tree is read in its place."""

NODE_REF: Final = "uicompiler.node"
"""What a node of any class is called in the core schema of a whole tree."""


def read_whole_as(instead: Callable[[Any], CoreSchema]) -> GetPydanticSchema:
    """An annotation beside a validator in Python: how a whole tree is read without it (`whole.py`).

    Args:
        instead: From the core schema of what is annotated (`Any`: it is one of 50 typed dicts) to
            one that takes nothing else and gives equal values.
    """

    def marked(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # any type
        schema: Any = handler(source)
        return {**schema, "metadata": {**schema.get("metadata", {}), WHOLE: instead}}

    return GetPydanticSchema(marked)


SHARES: Final = "uicompiler.shares"
"""Where a core schema's metadata say that what it is given may be somebody else's too."""


def _sharing(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # any type
    schema: Any = handler(source)
    return {**schema, "metadata": {**schema.get("metadata", {}), SHARES: True}}


SHARING: Final = GetPydanticSchema(_sharing)
"""Beside a before-validator, or a value of any type: what is JSON is not altered by it, and frozen
by whoever keeps it."""


def _inner_first(read: Any) -> CoreSchema:
    read = {**read, "metadata": {**read["metadata"], SHARES: True}}
    return core_schema.union_schema([read["schema"], read], mode="left_to_right")


AS_WRITTEN: Final = read_whole_as(_inner_first)
"""Beside a before-validator that mends spellings: it is asked only where nothing else fits."""


def _not_reserved(value: Any) -> Any:  # a before-validator sees anything
    if isinstance(value, str) and (value.startswith("_") or value in FORBIDDEN_KEYS):
        raise ValueError("names may not begin with '_' or be a reserved JavaScript name")
    return value


_RESERVED_BEGIN: Final = "".join(sorted({"_", *(name[0] for name in FORBIDDEN_KEYS)}))


def _key(_read: Any) -> CoreSchema:
    """The rule is asked only of a name that begins as a reserved one does."""
    text = core_schema.str_schema(min_length=1, max_length=64)
    free = core_schema.str_schema(min_length=1, max_length=64, pattern=f"^[^{_RESERVED_BEGIN}]")
    asked = core_schema.no_info_after_validator_function(_not_reserved, text)
    return core_schema.union_schema([free, asked], mode="left_to_right")


Key: TypeAlias = Annotated[
    str,
    BeforeValidator(_not_reserved),
    StringConstraints(min_length=1, max_length=64),
    read_whole_as(_key),
]
"""A name of a field, node or action argument."""


HIDDEN: Final[dict[str, JsonValue]] = {"hidden_from_model": True}
"""JSON Schema extras of a key that no model is told of."""


class Node(Frozen):
    """One element of a view.

    Attributes:
        node: The kind; each class fixes its own.
        key: Names the node among its siblings, so that its component ids survive when siblings
            come and go; without one its position does.
    """

    example: ClassVar[Mapping[str, Any]] = {}
    """Properties of one such node, for the documentation."""

    owns_entry: ClassVar[bool] = False
    """Whether it owns an entry of `/draft`: fields and rows do."""

    node: str
    key: Annotated[Key | None, Field(json_schema_extra=HIDDEN)] = None


def _read_node(value: Any, info: ValidationInfo) -> Any:  # as above
    if isinstance(value, Node):
        return value
    table = (info.context or {}).get("nodes")
    if isinstance(value, str):
        value = {"node": "text", "text": value}  # a text without more, said in the fewest tokens
    if not isinstance(value, dict) or table is None:
        raise ValueError("a node, or an object read with parse_node, was expected")
    kind = value.get("node")
    if not isinstance(kind, str) or kind not in table:
        raise ValueError(f"unknown node {str(kind)[:40]!r}; known: {', '.join(sorted(table))}")
    return read_as(table[kind], value, info)


ModelT = TypeVar("ModelT", bound=BaseModel)


def read_as(model: type[ModelT], value: Any, info: ValidationInfo) -> ModelT:
    """Read an object as one model from inside a validator; its errors keep their places."""
    context: Mapping[str, Any] = info.context or {}
    if context.get("strict"):
        # Strictness knows JSON's types only where it reads JSON.
        return model.model_validate_json(orjson.dumps(value), strict=True, context=context)
    return model.model_validate(value, context=context)


AnyNode: TypeAlias = Annotated[
    SerializeAsAny[Node],
    BeforeValidator(_read_node),
    WithJsonSchema({"nodes": "any"}),
    read_whole_as(lambda _read: core_schema.definition_reference_schema(NODE_REF)),
]
"""A node of any class; its JSON Schema is a mark, since only an app knows which classes there are.

`llm.schema` puts the union of them in the mark's place; `{"nodes": "tab"}` marks one kind.
"""

Children: TypeAlias = tuple[AnyNode, ...]
