"""Nodes a user presses: a button and the row that holds a form's buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from uicompiler.ir.base import AS_WRITTEN, Children, Key, Node
from uicompiler.ir.values import FrozenDict, freeze

Scalar = str | int | float | bool

_ENTRIES: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "key": {"type": "string"},
            "value": {"anyOf": [{"type": kind} for kind in ("string", "number", "boolean")]},
        },
        "required": ["key", "value"],
    },
}


def _from_entries(value: Any) -> Any:  # a before-validator sees anything
    """A list of `{"key", "value"}` as a map; of two for one key the last counts."""
    if not isinstance(value, list):
        return value
    fits = all(
        isinstance(item, dict) and set(item) == {"key", "value"} and isinstance(item["key"], str)
        for item in value
    )
    return {item["key"]: item["value"] for item in value} if fits else value


Args = Annotated[
    Mapping[Key, Scalar],
    BeforeValidator(_from_entries),
    AS_WRITTEN,
    AfterValidator(FrozenDict),
    WithJsonSchema(_ENTRIES),
]
"""Values by name; models write a list of entries, since strict JSON Schema has no maps."""


class Button(Node):
    """Sends an action to the app.

    Attributes:
        label: What the user reads; not empty.
        action: Name of an action the app has registered.
        submit: Whether the fields of the view go with it.
        check: Whether they must keep to their rules for the action to run.
        masked: What stands in its place while its action is not valid in the step shown.
        args: Fixed values that go with it; a client cannot change them.
    """

    example: ClassVar[Mapping[str, Any]] = {"label": "Save", "action": "save", "primary": True}

    node: Literal["button"] = "button"
    label: Annotated[str, StringConstraints(min_length=1)]
    action: Key
    submit: bool = False
    check: bool = True
    masked: Literal["hide", "caption"] = "hide"
    primary: bool = False
    args: Args = freeze({})


class Actions(Node):
    """Buttons that belong together, in a row."""

    example: ClassVar[Mapping[str, Any]] = {
        "children": [{"node": "button", "label": "Save", "action": "save"}]
    }

    node: Literal["actions"] = "actions"
    children: Children = ()


NODES: Final[tuple[type[Node], ...]] = (Actions, Button)
