"""Rules between the values of a form or a step, and the conditions under which a step is shown.

A rule compares a field with another one or with a fixed value, once both are filled in: texts
(dates and times too) by their characters, numbers as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import model_validator

from uicompiler.ir.base import Frozen, Key
from uicompiler.ir.fields import SECRET_HANDLE, Field, Label, is_handle
from uicompiler.ir.tree import Editable
from uicompiler.ir.values import Json

Op = Literal["lt", "le", "gt", "ge", "eq", "ne"]

_OPS: Final[Mapping[str, Callable[[Any, Any], bool]]] = MappingProxyType(
    {"lt": lt, "le": le, "gt": gt, "ge": ge, "eq": eq, "ne": ne}
)


class Comparison(Frozen):
    """A field held against another one, or against a value.

    Attributes:
        field: The field on the left.
        op: lt, le, gt, ge, eq or ne.
        other: The field on the right.
        value: The value on the right.
    """

    field: Key
    op: Op
    other: Key | None = None
    value: str | int | float | bool | None = None

    @model_validator(mode="after")
    def _one_right_side(self) -> Comparison:
        if (self.other is None) == (self.value is None):
            raise ValueError("a comparison has exactly one of other and value")
        return self

    def right(self, values: Mapping[str, Json]) -> Json:
        """What stands on the right."""
        return self.value if self.other is None else values.get(self.other)

    def names(self) -> tuple[str, ...]:
        """The fields it speaks of."""
        return (self.field,) if self.other is None else (self.field, self.other)


class Rule(Comparison):
    """A comparison that must hold for a form or step to be taken.

    Attributes:
        message: What the user reads beside the field when it does not hold.
    """

    message: Label


def holds(comparison: Comparison, values: Mapping[str, Json]) -> bool | None:
    """Whether it holds for typed values; None when one side is empty or they do not compare."""
    left, right = values.get(comparison.field), comparison.right(values)
    if left is None or right is None:
        return None
    secrets = [is_handle(side, SECRET_HANDLE) for side in (left, right)]
    if any(secrets):
        # Both were compared when they were typed; one of them alone can be compared no more.
        return None if all(secrets) else False
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (left, right))
    if not numbers and type(left) is not type(right):
        return None
    if isinstance(left, (bool, tuple, dict)) and comparison.op not in ("eq", "ne"):
        return None
    return _OPS[comparison.op](left, right)


def broken(rules: Iterable[Rule], values: Mapping[str, Json]) -> dict[str, str]:
    """Messages by field id, of the first rule each field breaks."""
    found: dict[str, str] = {}
    for rule in rules:
        if rule.field not in found and holds(rule, values) is False:
            found[rule.field] = rule.message
    return found


_GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "number": "number",
        "slider": "number",
        "boolean": "boolean",
        "date": "date",
        "time": "time",
        "datetime": "datetime",
        "multi_choice": "list",
        "tags": "list",
        "secret": "secret",
        "upload": "file",
    }
)
_VALUES: Final[Mapping[str, type | tuple[type, ...]]] = MappingProxyType(
    {"number": (int, float), "boolean": bool, "list": (), "secret": (), "file": ()}
)


def misfit(comparison: Comparison, fields: Mapping[str, Editable]) -> str | None:
    """Why a comparison can never hold anybody back, or None.

    Args:
        comparison: A comparison; one of fields that are not there fits.
        fields: Fields and rows by id.
    """
    if not fields.keys() >= set(comparison.names()):
        return None
    sides = [fields[name] for name in comparison.names()]
    rows = next((side.id for side in sides if not isinstance(side, Field)), None)
    if rows is not None:
        return f"{rows!r} are rows, which compare with nothing; see min_rows"
    groups = [_GROUPS.get(side.kind, "text") for side in sides if isinstance(side, Field)]
    if len(set(groups)) > 1:
        return f"{comparison.field!r} is a {groups[0]} and {comparison.other!r} a {groups[1]}"
    fits = _VALUES.get(groups[0], str)
    is_boolean = isinstance(comparison.value, bool) and groups != ["boolean"]
    if comparison.other is None and (is_boolean or not isinstance(comparison.value, fits)):
        return f"{comparison.field!r} is a {groups[0]}, and {comparison.value!r} is none"
    return None


def unknown_names(comparisons: Iterable[Comparison], known: Iterable[str]) -> list[str]:
    """Fields that comparisons speak of and nobody has, sorted."""
    return sorted({name for item in comparisons for name in item.names()} - set(known))
