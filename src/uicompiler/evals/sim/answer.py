"""What a simulated provider answers to one request: a value, however it is carried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from uicompiler.evals.sim.slips import Slip
from uicompiler.llm.exchange import Usage


@dataclass(frozen=True, slots=True)
class SimTool:
    """A tool that the model asks for."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class SimAnswer:
    """One answer.

    Attributes:
        status: HTTP status.
        text: What the model wrote.
        tools: What it asks for.
        finish_reason: Why it stopped.
        error: The body's `error`, of a status that is one.
        raw: The body as it is, instead of one made from the above.
        content_type: Of the body.
        headers: Further ones.
        delay_s: How long nothing comes; None is for ever.
        pause_s: Between every two pieces of the body.
        piece_bytes: How large a piece is.
        cut_after: After so many bytes of the body the connection is closed.
        usage: Tokens.
        cost_usd: What it cost.
        faults: What was drawn for it, for whoever counts.
        slips: What was done to what the model wrote.
    """

    status: int = 200
    text: str = ""
    tools: tuple[SimTool, ...] = ()
    finish_reason: str = "stop"
    error: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float | None = 0.0
    pause_s: float = 0.0
    piece_bytes: int = 65_536
    cut_after: int | None = None
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    faults: tuple[str, ...] = ()
    slips: tuple[Slip, ...] = ()
