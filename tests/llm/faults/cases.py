"""Faults of models and providers, each a conversation of answers and how a turn ends on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from tests.evals.sim.scripts import ENVELOPE
from uicompiler.evals.sim.answer import SimAnswer
from uicompiler.llm.exchange import Request
from uicompiler.llm.settings import RunMode

Line: TypeAlias = "SimAnswer | Callable[[Request], SimAnswer]"

MEANT: Final = ENVELOPE
"""What a good answer says; a turn is usable when a client shows all of it."""

TEXT: Final = json.dumps(MEANT)
GOOD: Final = SimAnswer(text=TEXT)


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: Of the case.
        lines: Answers in order; the last one again and again.
        ends: `usable`; `partly`, when some of what is meant is shown; `words`, when the model's
            words are shown; or the code that a turn fails with.
        outcomes: Of the attempts, in order.
        settings: Of the model, where they differ.
        budget: What the turn may cost, where it differs.
        max_bytes: Of one answer.
        run_mode: How the model is asked.
        codes: That are among the findings.
    """

    name: str
    lines: Sequence[Line]
    ends: str = "usable"
    outcomes: tuple[str, ...] = ("ok",)
    settings: Mapping[str, Any] = field(default_factory=dict)
    budget: Mapping[str, Any] = field(default_factory=dict)
    max_bytes: int = 8_000_000
    run_mode: RunMode = "directives"
    codes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return self.name


def error(status: int, message: str, /, **more: Any) -> SimAnswer:
    """An error as OpenAI words it."""
    return SimAnswer(status=status, error={"message": message, **more})


def raw(body: bytes, status: int = 200, **more: Any) -> SimAnswer:
    """A body as it is."""
    return SimAnswer(status=status, raw=body, **more)


def text(words: str, **more: Any) -> SimAnswer:
    """An answer of the model."""
    return SimAnswer(text=words, **more)


def refusing(refusal: SimAnswer, *, where: Callable[[Request], bool]) -> Line:
    """A server that refuses some requests, and answers the others."""
    return lambda request: refusal if where(request) else GOOD


def has(key: str) -> Callable[[Request], bool]:
    return lambda request: key in request


def wants(kind: str) -> Callable[[Request], bool]:
    return lambda request: (request.get("response_format") or {}).get("type") == kind


def slow(answer: SimAnswer, seconds: float, pieces: int) -> SimAnswer:
    """The same in pieces of a few bytes, with pauses."""
    return replace(answer, pause_s=seconds / pieces, piece_bytes=max(1, 900 // pieces))
