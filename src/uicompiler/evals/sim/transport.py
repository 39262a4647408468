"""`SimTransport`: a simulated provider in process; nothing is sent and nothing waits.

What the real transport makes of HTTP is made here of a `SimAnswer`: the same kinds of failure for
the same faults, which a test holds against the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from uicompiler.evals.sim.answer import SimAnswer
from uicompiler.evals.sim.clock import SimClock
from uicompiler.evals.sim.personalities import personality
from uicompiler.evals.sim.script import Script, dice
from uicompiler.evals.sim.simulator import answer
from uicompiler.llm.connection.failures import retry_after
from uicompiler.llm.exchange import Failure, FailureKind, Reply, Request, ToolRequest


class SimSession:
    """One trial: its script, and what was answered so far."""

    def __init__(self, name: str, script: Script, *, seed: int) -> None:
        self._name = name
        self._found = personality(name)
        self._script = script
        self._seed = seed
        self.answers: list[SimAnswer] = []

    def __call__(self, request: Request) -> SimAnswer:
        """Answer the next request."""
        rng = dice(self._seed, self._name, self._script, len(self.answers))
        made = answer(self._found, self._script, request, tuple(self.answers), rng)
        self.answers.append(made)
        return made


class SimTransport:
    """A `Transport` for one trial.

    Attributes:
        session: What is answered; its `answers` tell what was.
    """

    def __init__(
        self, name: str, script: Script, *, seed: int, clock: SimClock | None = None
    ) -> None:
        self.session = SimSession(name, script, seed=seed)
        self._clock = clock or SimClock()

    @property
    def answers(self) -> list[SimAnswer]:
        """What was answered, with its faults."""
        return self.session.answers

    def send(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        """Ask; the clock goes on by as long as it would have taken."""
        made = self.session(request)
        took = timeout_s if made.delay_s is None else min(made.delay_s, timeout_s)
        self._clock.sleep(took)
        return carried(made, request, number=len(self.answers), timeout_s=timeout_s)

    async def asend(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        """The same in an event loop."""
        return self.send(request, timeout_s=timeout_s)


def carried(
    made: SimAnswer, request: Request, *, number: int = 0, timeout_s: float = 60.0
) -> Reply | Failure:
    """What a transport makes of an answer."""
    if made.delay_s is None or made.delay_s > timeout_s:
        return Failure("timeout", f"no answer within {timeout_s:g} s")
    if made.cut_after is not None:
        return Failure("unavailable", "the connection was closed")
    if made.status != 200:
        return _failure(made)
    if made.raw is not None:
        return Failure("invalid_response", "the answer is no chat completion", status=200)
    tools = (
        ToolRequest(f"call_{number}_{place}", tool.name, tool.arguments)
        for place, tool in enumerate(made.tools)
    )
    return Reply(
        made.text,
        made.finish_reason,
        tuple(tools),
        usage=made.usage,
        cost_usd=made.cost_usd,
        model=str(request.get("model", "")),
        request_id=f"sim-{number}",
    )


_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""What time it is for a date in Retry-After."""

_KINDS: Final[Mapping[int, FailureKind]] = {
    401: "unauthorized",
    403: "unauthorized",
    404: "not_found",
    408: "timeout",
    429: "rate_limited",
}


def _failure(made: SimAnswer) -> Failure:
    parameter = str(made.error.get("param") or "")
    kind = _KINDS.get(made.status, "unavailable" if made.status >= 500 else "refused")
    if parameter and made.status in (400, 422):
        kind = "unsupported"
    return Failure(
        kind,
        str(made.error.get("message", "")),
        status=made.status,
        retry_after_s=retry_after(dict(made.headers), now=_NOW),
        parameter=parameter,
    )
