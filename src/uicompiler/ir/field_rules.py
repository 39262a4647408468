"""What kinds of fields look at, and what they answer with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final, Protocol

from pydantic import StringConstraints

from uicompiler.ir.base import Frozen
from uicompiler.ir.values import Json

ROW_ID_PATTERN: Final = r"r[1-9][0-9]{0,8}"
_CELL: Final = re.compile(rf"[^/]+/{ROW_ID_PATTERN}/[^/]+")


def cell_id(rows: str, row: str, column: str) -> str:
    """The id of a row's cell."""
    return f"{rows}/{row}/{column}"


def is_cell_id(name: str) -> bool:
    """Whether an id is that of a row's cell, such as `guests/r1/name`; no field may have one."""
    return "/" in name and _CELL.fullmatch(name) is not None


Label = Annotated[str, StringConstraints(min_length=1)]


class Option(Frozen):
    """One value a choice offers."""

    value: Label
    label: Label


class Rules(Protocol):
    """A field, as its kind sees it; `fields.Field` says what each means."""

    @property
    def required(self) -> bool:
        """Whether an empty value is a problem."""

    @property
    def min(self) -> int | float | str | None:
        """Smallest number, or earliest day or time."""

    @property
    def max(self) -> int | float | str | None:
        """Largest number, or latest day or time."""

    @property
    def min_length(self) -> int | None:
        """In characters."""

    @property
    def max_length(self) -> int | None:
        """In characters."""

    @property
    def min_items(self) -> int | None:
        """Fewest options or tags."""

    @property
    def max_items(self) -> int | None:
        """Most options or tags."""

    @property
    def max_bytes(self) -> int | None:
        """Size of an upload."""

    @property
    def pattern(self) -> str | None:
        """The whole text must match."""

    @property
    def options(self) -> tuple[Option, ...]:
        """What a choice offers."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A draft value that fits its field; `repaired` says that its type was changed."""

    value: Json
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field's value cannot be taken: a stable reason and its numbers or names."""

    reason: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What the app gets for a field: a typed value, or None when it was left empty."""

    value: Json = None
    problem: Problem | None = None


def nothing(rules: Rules) -> Typed:
    """The answer to a field that was left empty."""
    return Typed(problem=Problem("required") if rules.required else None)
