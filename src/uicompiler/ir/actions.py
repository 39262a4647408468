"""Nodes a user presses: a button and the row that holds a form's buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, StringConstraints

from uicompiler.ir.base import Children, Key, Node
from uicompiler.ir.values import freeze

Scalar = str | int | float | bool
Args = Annotated[Mapping[Key, Scalar], AfterValidator(freeze)]


class Button(Node):
    """Sends an action to the app.

    Attributes:
        label: What the user reads; not empty.
        action: Name of an action the app has registered.
        submit: Whether the fields of the view go with it.
        args: Fixed values that go with it; a client cannot change them.
    """

    example: ClassVar[Mapping[str, Any]] = {"label": "Save", "action": "save", "primary": True}

    node: Literal["button"] = "button"
    label: Annotated[str, StringConstraints(min_length=1)]
    action: Key
    submit: bool = False
    primary: bool = False
    args: Args = freeze({})

    def model_post_init(self, _context: Any, /) -> None:  # pydantic's signature
        """Freeze args that were given as a plain mapping."""
        object.__setattr__(self, "args", freeze(self.args))


class Actions(Node):
    """Buttons that belong together, in a row."""

    example: ClassVar[Mapping[str, Any]] = {
        "children": [{"node": "button", "label": "Save", "action": "save"}]
    }

    node: Literal["actions"] = "actions"
    children: Children = ()


NODES: Final[tuple[type[Node], ...]] = (Actions, Button)
