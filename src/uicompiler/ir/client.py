"""What a client's words mean in the IR's: surface ids and field values, read by a backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from uicompiler.ir.actions import Button
from uicompiler.ir.inputs import Input
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


class Sent(NamedTuple):
    """What a press carries.

    Attributes:
        context: Values by name, as the button means them.
        inputs: The inputs whose values are among them.
    """

    context: Mapping[str, Json]
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A field's value as a client sent it: a draft value, or why it cannot be one."""

    value: Json = None
    refused: str | None = None
