"""What a press of a button in a form carries: more than it was asked for, and less.

A browser posts every field of the form, whichever button was pressed, and leaves out boxes and
options that are not chosen. The button's fixed values are no part of a form at all: the server
knows them, so that nobody can change them.
"""

from __future__ import annotations

from collections.abc import Mapping

from uicompiler.ir.actions import Button
from uicompiler.ir.client import Sent
from uicompiler.ir.inputs import Input
from uicompiler.ir.reserved import CONTEXT_KEYS, REV_KEY
from uicompiler.ir.state import Surface
from uicompiler.ir.values import Json

_LEFT_OUT: Mapping[str, Json] = {"boolean": None, "choice": "", "multi_choice": ()}
"""Kinds of fields that a post may leave out, and what that means."""


def sent(context: Mapping[str, Json], button: Button, surface: Surface) -> Sent:
    """The context of a press as the button means it, and the inputs whose values it holds.

    What was typed is learned whichever button was pressed. From an older screen, which only a
    button that needs no revision may be pressed on, nothing is: its fields may be other ones now.
    """
    if not button.submit and context.get(REV_KEY) != surface.rev:
        kept = {key: value for key, value in context.items() if key in CONTEXT_KEYS}
        return Sent({**kept, **button.args}, ())
    # A fixed value of a field's name is the button's, and says nothing of the field.
    args = () if button.submit else button.args
    inputs = tuple(item for item in surface.inputs if item.id not in args)
    known = {item.id for item in surface.inputs}
    # A name that no field has is left for the check of the context, and refused there.
    kept = {key: value for key, value in context.items() if key not in known}
    return Sent({**kept, **button.args, **_values(context, inputs)}, inputs)


def _values(context: Mapping[str, Json], inputs: tuple[Input, ...]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for item in inputs:
        if item.id in context:
            found[item.id] = context[item.id]
        elif item.field.kind in _LEFT_OUT:
            found[item.id] = _LEFT_OUT[item.field.kind]
    return found
