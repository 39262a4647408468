"""What a client's words mean in the IR's: surface ids and field values, read by a backend."""

from __future__ import annotations

from dataclasses import dataclass

from uicompiler.ir.actions import Button
from uicompiler.ir.values import Json


@dataclass(frozen=True, slots=True)
class Address:
    """The surface and epoch a client's surface id names."""

    surface: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that a surface shows, and in which item of a list: its name, or ""."""

    button: Button
    row: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A field's value as a client sent it: a draft value, or why it cannot be one."""

    value: Json = None
    refused: str | None = None
