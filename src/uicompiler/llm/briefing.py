"""What a model is told about an app, made once for as long as the app stays as it is.

Generating instructions and schema takes a hundred times as long as compiling a turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from uicompiler.app import UIApp
from uicompiler.llm.prompt import instructions
from uicompiler.llm.schema import Schema, envelope_schema, response_format
from uicompiler.llm.tools import DirectiveTool, directive_tools

_AS_TOOLS: Final = (
    "Show UI by calling directives as tools: ui.toast is the tool ui_toast, its payload the "
    "arguments. Each is checked at once; when one is refused, correct it and call it again. What "
    "you write beside your calls is assistant_text.\n\n"
)
_TOOLS_FIRST: Final = (
    "Before you answer you may call tools: call what you need to know, then write the JSON object."
)
_Parts: TypeAlias = tuple[Any, ...]  # everything that instructions and schema are made from


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a model is told.

    Attributes:
        instructions: For the system's message.
        response_format: What asks for an envelope.
        directive_tools: Its directives as tools, by the tool's name.
    """

    instructions: str
    response_format: Schema
    directive_tools: Mapping[str, DirectiveTool]

    @property
    def tool_instructions(self) -> str:
        """The instructions for a model that calls directives as tools."""
        # The first paragraph says how an answer is written; here it is written otherwise.
        return _AS_TOOLS + self.instructions.partition("\n\n")[2]

    @property
    def hybrid_instructions(self) -> str:
        """The instructions for a model that may call tools before it answers."""
        return f"{self.instructions}\n{_TOOLS_FIRST}\n"


_MADE: Final[WeakKeyDictionary[UIApp, tuple[_Parts, Briefing]]] = WeakKeyDictionary()


def briefing(app: UIApp) -> Briefing:
    """The briefing of an app as it is now.

    Raises:
        AppError: as `envelope_schema`.
    """
    parts = _parts(app)
    made = _MADE.get(app)
    if made is None or made[0] != parts:
        made = (parts, _made(app))
        _MADE[app] = made
    return made[1]


def _made(app: UIApp) -> Briefing:
    tools = directive_tools(envelope_schema(app))
    return Briefing(instructions(app), response_format(app), tools)


def _parts(app: UIApp) -> _Parts:
    """What a briefing depends on; values that did not change are the same objects."""
    registered = (app.forms, app.views, app.actions, app.nodes)
    return (app.inline_form_action, tuple(app.directives), *(tuple(x.items()) for x in registered))
