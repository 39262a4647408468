"""Nodes that show values: progress and key_values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from uicompiler.ir.base import Frozen, Node


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
