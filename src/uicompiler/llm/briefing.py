"""What a model is told about an app, made once for as long as the app stays as it is.

Generating instructions and schema takes a hundred times as long as compiling a turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from uicompiler.app import UIApp
from uicompiler.llm.prompt import instructions
from uicompiler.llm.schema import NAME, Schema, envelope_schema

_Parts: TypeAlias = tuple[Any, ...]  # everything that instructions and schema are made from


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a model is told.

    Attributes:
        instructions: For the system's message.
        schema: The JSON Schema of an envelope.
    """

    instructions: str
    schema: Schema

    @property
    def response_format(self) -> Schema:
        """The `response_format` that asks for an envelope."""
        body = {"name": NAME, "strict": True, "schema": self.schema}
        return {"type": "json_schema", "json_schema": body}


_MADE: Final[WeakKeyDictionary[UIApp, tuple[_Parts, Briefing]]] = WeakKeyDictionary()


def briefing(app: UIApp) -> Briefing:
    """The briefing of an app as it is now.

    Raises:
        AppError: as `envelope_schema`.
    """
    parts = _parts(app)
    made = _MADE.get(app)
    if made is None or made[0] != parts:
        made = (parts, Briefing(instructions(app), envelope_schema(app)))
        _MADE[app] = made
    return made[1]


def _parts(app: UIApp) -> _Parts:
    """What a briefing depends on; values that did not change are the same objects."""
    registered = (app.forms, app.views, app.actions, app.nodes)
    return (app.inline_form_action, tuple(app.directives), *(tuple(x.items()) for x in registered))
