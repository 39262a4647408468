"""Playing a fault: one turn through the real litellm against the server on loopback."""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clientsim import ClientSim
from tests.llm.faults.cases import Fault
from uicompiler import UIApp
from uicompiler.a2ui import validate
from uicompiler.compiler import CompileResult
from uicompiler.evals.sim.answer import SimAnswer
from uicompiler.evals.sim.server import SimServer
from uicompiler.llm.exchange import Request
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import arun, run
from uicompiler.llm.settings import Budget, ModelSettings
from uicompiler.llm.transport import LiteLLMTransport

KEY = "sk-canary-4f9d2b7a"
USUAL_SECONDS = 20.0


@dataclass(frozen=True)
class Played:
    """What a turn came to.

    Attributes:
        result: Of the turn.
        requests: What the server was asked.
        waits: How long was waited between requests, in seconds.
        took_s: How long the turn took; waits take none.
    """

    result: LLMResult
    requests: list[Request]
    waits: list[float]
    took_s: float


@functools.cache
def app() -> UIApp:
    return UIApp.standard()


def play(server: SimServer, fault: Fault) -> Played:
    """A turn that blocks; waits are noted and not waited."""
    told = _Told(server, fault)
    began = time.monotonic()
    with told.transport() as transport:
        result = run(**told.arguments, transport=transport, sleep=told.waits.append)
    return Played(result, told.requests, told.waits, time.monotonic() - began)


async def aplay(server: SimServer, fault: Fault) -> Played:
    """The same in an event loop."""
    told = _Told(server, fault)

    async def sleep(seconds: float) -> None:
        told.waits.append(seconds)

    began = time.monotonic()
    with told.transport() as transport:
        result = await arun(**told.arguments, transport=transport, sleep=sleep)
    return Played(result, told.requests, told.waits, time.monotonic() - began)


class _Told:
    def __init__(self, server: SimServer, fault: Fault) -> None:
        self.requests: list[Request] = []
        self.waits: list[float] = []
        self._fault = fault
        token = server.open(self._answers())
        usual = {"request_timeout_s": 5.0, "api_key": KEY, "api_base": server.base_url_of(token)}
        self._settings = ModelSettings("openai/fault", **{**usual, **fault.settings})

    @property
    def arguments(self) -> dict[str, Any]:
        return {
            "message": "When?",
            "model": self._settings,
            "app": app(),
            "run_mode": self._fault.run_mode,
            "budget": Budget(**{"seconds": USUAL_SECONDS, **self._fault.budget}),
        }

    def transport(self) -> LiteLLMTransport:
        return LiteLLMTransport(self._settings, max_bytes=self._fault.max_bytes)

    def _answers(self) -> Callable[[Request], SimAnswer]:
        lines = itertools.chain(self._fault.lines, itertools.repeat(self._fault.lines[-1]))

        def answers(request: Request) -> SimAnswer:
            self.requests.append(request)
            line = next(lines)
            return line(request) if callable(line) else line

        return answers


# --- what is shown --------------------------------------------------------------------------------


def screen(result: CompileResult) -> str:
    """What a client shows after a result; it takes every message.

    Raises:
        AssertionError: the stream breaks a rule.
    """
    stream = result.jsonl()
    if not stream:
        return ""
    assert [item for item in validate(stream) if item.severity == "error"] == []
    client = ClientSim(profile="web_core")
    assert client.feed(stream) == []
    return "\n".join(client.screen(surface) for surface in client.surface_ids())


def shows_all(result: CompileResult) -> bool:
    """Whether both directives that were meant have run, and a client shows them."""
    shown = screen(result)
    toasts = [effect for effect in result.effects if effect.kind == "toast"]
    return "Monday" in shown and "Tuesday" in shown and len(toasts) == 1
