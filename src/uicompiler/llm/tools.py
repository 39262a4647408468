"""Tools: functions of the app's that a model may ask for.

Source: DESIGN section 11.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic import BaseModel

Run: TypeAlias = Callable[[Mapping[str, Any]], "Any | Awaitable[Any]"]
"""`arguments -> a JSON value`, or a coroutine function of that; `Any` as in `ir.values.Json`."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the app's.

    Attributes:
        name: As the model calls it: letters, digits, `_` and `-`, at most 64.
        description: What it does, for the model.
        parameters: Of its arguments: a pydantic model, or a JSON Schema of an object.
        run: What it does; takes the arguments as a mapping, gives a JSON value.
    """

    name: str
    description: str
    parameters: type[BaseModel] | Mapping[str, Any]
    run: Run = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave.

    Attributes:
        value: What it returned, a JSON value.
        error: The name of what it raised, or "".
    """

    value: Any = None
    error: str = ""
