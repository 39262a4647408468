"""Nodes that show values: progress and key_values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from uicompiler.ir.base import Frozen, Node
from uicompiler.ir.field_formats import parse_number
from uicompiler.ir.values import Json

NO_VALUE: Final = "\u2014"
"""Shown where a value is missing."""


class Progress(Node):
    """How far something is; without `value` and `bind`, only that it is going on.

    Attributes:
        value: How far; what is below 0 or beyond `max` counts as that.
        bind: Instead: a JSON Pointer to the value in the surface's document.
        max: The value when all is done; above 0.
        label: What is going on.
    """

    example: ClassVar[Mapping[str, Any]] = {"value": 40, "label": "Importing contacts"}

    node: Literal["progress"] = "progress"
    value: int | float | None = None
    bind: str | None = None
    max: Annotated[int | float, Field(gt=0)] = 100
    label: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Progress:
        if self.value is not None and self.bind is not None:
            raise ValueError("a progress has at most one of value and bind")
        return self


def percent_of(value: Json, most: int | float) -> int | None:
    """How much of `most` a value is, from 0 to 100; None for what is no number.

    100 only when all is done.
    """
    number = parse_number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return None
    # Exact, since a float's rounding would show 0.29 of 1 as 28 %.
    share = min(max(Fraction(number) / Fraction(most), Fraction(0)), Fraction(1))
    percent = int(share * 100 + Fraction(1, 2))
    return percent if share == 1 else min(percent, 99)


class KeyValue(Frozen):
    """A name and its value, fixed (`text`) or read from the surface's document (`bind`)."""

    label: Annotated[str, StringConstraints(min_length=1)]
    text: str | None = None
    bind: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> KeyValue:
        if (self.text is None) == (self.bind is None):
            raise ValueError("an item has exactly one of text and bind")
        return self


class KeyValues(Node):
    """Names and values, one pair a line.

    Attributes:
        items: At least one `{"label": …, "text": …}`, or `bind` (a JSON Pointer) for `text`; what
            is not there shows as a dash.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "items": [
            {"label": "Plan", "text": "Pro"},
            {"label": "Seats", "bind": "/committed/seats"},
        ]
    }

    node: Literal["key_values"] = "key_values"
    items: Annotated[tuple[KeyValue, ...], Field(min_length=1)]


STAGE_ICONS: Final = MappingProxyType(
    {"todo": "more_horiz", "now": "arrow_forward", "done": "check", "failed": "error"}
)
"""The symbol (`ir/media.py`) of a stage in each state."""


class Stage(Frozen):
    """One stage: what it is, and whether it is `todo`, `now`, `done` or `failed`."""

    label: Annotated[str, StringConstraints(min_length=1)]
    state: Literal["todo", "now", "done", "failed"] = "todo"


class Stages(Node):
    """The stages of something that takes a while, and how far it is.

    Attributes:
        items: At least one `{"label": …, "state": …}`, in order.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "items": [
            {"label": "Upload", "state": "done"},
            {"label": "Check", "state": "now"},
            {"label": "Import"},
        ]
    }

    node: Literal["stages"] = "stages"
    items: Annotated[tuple[Stage, ...], Field(min_length=1)]


NODES: Final[tuple[type[Node], ...]] = (Progress, KeyValues, Stages)
