"""What a turn asks of its edge, one step at a time, and what the edge answers.

A turn (`turn.py`) is a generator: it yields steps and is sent `Answered`. It reads no clock, opens
no socket and draws no random number; every answer says what time it is. The two drivers of
`turns/driving.py` carry steps out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from uicompiler.errors import Diagnostic
from uicompiler.llm.exchange import Request
from uicompiler.llm.tools import Tool


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request. Answered by a `Reply` or a `Failure`."""

    request: Request
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait, a random time between two. Answered by None."""

    least_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class Call:
    """A tool of the app's to run, `timeout_s` seconds at most where it can be stopped."""

    tool: Tool
    arguments: Mapping[str, Any]  # as `ir.values.Json`
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallTools:
    """Run tools, several of them at once. Answered by a list of `ToolResult`, in order."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Look at the clock. Answered by None."""


Step: TypeAlias = Send | Wait | CallTools | Look


@dataclass(frozen=True, slots=True)
class Answered:
    """What a step came to.

    Attributes:
        value: As the step says.
        now: The clock's reading, in seconds.
        cached: Whether a reply is one that was kept.
        notes: What went wrong beside, for the turn's diagnostics.
    """

    value: Any  # each kind of step has its own
    now: float
    cached: bool = False
    notes: tuple[Diagnostic, ...] = ()


class Cancelled(Exception):
    """Thrown into a turn by its driver: nobody wants the answer any more.

    Attributes:
        now: The clock's reading, in seconds.
        answered: What the last step came to, so that it can be accounted; None when it was not
            begun. Its value is None where nothing had come yet.
    """

    def __init__(self, now: float, answered: Answered | None = None) -> None:
        super().__init__("cancelled")
        self.now = now
        self.answered = answered
