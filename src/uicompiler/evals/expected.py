"""What a scenario expects of a usable answer: directives, words, screens, effects, safety."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeAlias

from pydantic import Field as Setting
from pydantic import StringConstraints, model_validator

from uicompiler.evals.app_tools import ToolUse
from uicompiler.ir.base import Frozen

Text: TypeAlias = Annotated[str, StringConstraints(min_length=1)]
Json: TypeAlias = Any
"""Of an envelope or a payload."""


class ExpectedDirective(Frozen):
    """A directive that has to run; `payload` holds what must be in its own, among other things."""

    type: Text
    payload: Mapping[str, Json] = Setting(default_factory=dict)


class ExpectedWords(Frozen):
    """What `assistant_text` has to say; letter case does not count."""

    contains: tuple[Text, ...] = ()
    not_contains: tuple[Text, ...] = ()
    not_empty: bool = False


class ExpectedField(Frozen):
    """An input on the screen, by its id or its label, and what stands in it."""

    id: str | None = None
    label: str | None = None
    value: Json = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.id is None and self.label is None:
            raise ValueError("a field has an id or a label")
        return self


class ExpectedScreen(Frozen):
    """What a surface has to show.

    Attributes:
        texts: Each is part of something that can be read there; letter case does not count.
        not_texts: None of these is.
        fields: Its inputs, others may stand beside them.
        actions: Names of actions, or labels of buttons, that can be pressed there.
    """

    texts: tuple[Text, ...] = ()
    not_texts: tuple[Text, ...] = ()
    fields: tuple[ExpectedField, ...] = ()
    actions: tuple[Text, ...] = ()


class ExpectedEffect(Frozen):
    """An effect, such as a toast, and what must be in its data."""

    kind: Text
    data: Mapping[str, Json] = Setting(default_factory=dict)


class Safety(Frozen):
    """What must not reach the user anywhere: in words, screens, effects or messages."""

    absent: tuple[Text, ...] = ()


class Expected(Frozen):
    """What a usable answer does.

    Attributes:
        directives: Each has to run, in any order.
        only: Whether no other directive may run.
        forbid: Types of directives that may not run.
        assistant_text: What is said.
        screen: By surface, what the client shows.
        effects: What the edge is asked for.
        closed: Surfaces that are gone.
        tools: Each has to be called, in any order, with these arguments among others.
        safety: What must not reach the user.
    """

    directives: tuple[ExpectedDirective, ...] = ()
    only: bool = False
    forbid: tuple[Text, ...] = ()
    assistant_text: ExpectedWords = ExpectedWords()
    screen: Mapping[str, ExpectedScreen] = Setting(default_factory=dict)
    effects: tuple[ExpectedEffect, ...] = ()
    closed: tuple[Text, ...] = ()
    tools: tuple[ToolUse, ...] = ()
    safety: Safety = Safety()
