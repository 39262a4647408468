"""Buttons and the rows that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from markupsafe import Markup

from uicompiler.backends.html.markup import NOTHING
from uicompiler.backends.html.show.layout import BoxValues
from uicompiler.backends.html.show.showing import Showing, ShowNode
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Node
from uicompiler.ir.tree import NodePath

ROLE: Final = "button"
"""Ends the id of every button; events name buttons by their ids."""


class ButtonValues(NamedTuple):
    """Of the macro `button`.

    Attributes:
        id: Of the element.
        press: What a post says of it: its action and its id.
        label: What the user reads.
        primary: Whether it stands out.
    """

    id: str
    press: str
    label: str
    primary: bool


class MaskedValues(NamedTuple):
    """Of the macro `masked`: the label of a button whose action is not valid now."""

    label: str


def _actions(node: Actions, path: NodePath, to: Showing) -> Markup:
    return to.macros["actions"](BoxValues(to.inner(node, path)))


def _button(node: Button, path: NodePath, to: Showing) -> Markup:
    label = to.name(node.label, path, "a button").replace("\n", " ")
    if node.action in to.masked:
        caption = node.masked == "caption"
        return to.macros["masked"](MaskedValues(label)) if caption else NOTHING
    if node.action not in to.actions:
        to.report(
            "A2UI_S2C_COMPONENT_ACTION_FORBIDDEN",
            path,
            f"the app has no action {node.action[:40]!r}",
            "register the action, or take the button out",
        )
        return NOTHING
    ident = to.element_id(path, ROLE)
    press = f"{node.action} {ident}"
    to.pressed(node, press)
    return to.macros["button"](ButtonValues(ident, press, label, node.primary))


SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType({Actions: _actions, Button: _button})
