"""What a client shows after a turn, in words that graders understand, and who finds it out.

The judge is handed in: it holds a simulated client, which this room does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from uicompiler.app import UIApp
from uicompiler.compiler import CompileResult
from uicompiler.evals.scenario import Scenario
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json


@dataclass(frozen=True, slots=True)
class ShownField:
    """An input that a person can reach.

    Attributes:
        id: The field's id, such as `email` or `guests/r1/name`.
        label: Its label as it can be read; "" when it cannot.
        value: What the client holds, as the draft value that it would send.
        words: The same as a person reads it, one text for each option that is chosen.
    """

    id: str
    label: str
    value: Json
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownAction:
    """A button that a person can press: the action it sends, and what it says."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class ShownSurface:
    """One surface: all that can be read on it, from top to bottom, and all that can be done."""

    texts: tuple[str, ...] = ()
    fields: tuple[ShownField, ...] = ()
    actions: tuple[ShownAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """All that a client shows.

    Attributes:
        surfaces: By the app's name for each.
        refused: What the client would not take, a line each; () is as it must be.
    """

    surfaces: Mapping[str, ShownSurface] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


class Stage(Protocol):
    """Where a scenario's message is said: all that comes before it is done."""

    @property
    def state(self) -> UIState:
        """The state on the server."""

    def show(self, result: CompileResult) -> Screen:
        """What the client shows after a turn; the stage itself stays as it is."""


class Judge(Protocol):
    """Plays what comes before a message, and looks at what a client makes of the answer."""

    def stage(self, scenario: Scenario, app: UIApp) -> Stage:
        """Play what comes before.

        Raises:
            EvalError: EVAL_SCENARIO_INVALID, it cannot be played; the pointer says which part.
        """
