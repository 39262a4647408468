"""A transport that answers from a list, and a clock that only its own waits move."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from uicompiler.llm.exchange import Failure, Reply, Request, ToolRequest, Usage

Line: TypeAlias = "str | Reply | Failure | Callable[[Request], Reply | Failure]"


class FakeClock:
    """Seconds that pass when somebody waits, or when it is told so."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now
        self.waits: list[float] = []

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


class Scripted:
    """Answers one line after the other; the last one again and again.

    Attributes:
        requests: What was asked.
        timeouts: How long each might have taken.
    """

    def __init__(
        self, lines: Iterable[Line], *, clock: FakeClock | None = None, takes_s: float = 0.0
    ) -> None:
        self._lines = list(lines)
        self._clock = clock
        self._takes_s = takes_s
        self.requests: list[Request] = []
        self.timeouts: list[float] = []

    def send(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        json.dumps(request)  # a request is JSON
        self.requests.append(request)
        self.timeouts.append(timeout_s)
        line = self._lines[min(len(self.requests), len(self._lines)) - 1]
        came = line(request) if callable(line) else line
        if self._clock is not None:
            taken = self._takes_s
            hangs = isinstance(came, Failure) and came.kind == "timeout"
            self._clock.now += timeout_s if hangs else min(taken, timeout_s)
        return reply(came) if isinstance(came, str) else came

    async def asend(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        return self.send(request, timeout_s=timeout_s)


def reply(text: str, **more: Any) -> Reply:
    return Reply(text, **{"usage": Usage(100, 20), "model": "scripted", **more})


def calls(*calls: tuple[str, Any]) -> Reply:
    """A reply that asks for tools."""
    asked = [
        ToolRequest(f"c{i}", name, given if isinstance(given, str) else json.dumps(given))
        for i, (name, given) in enumerate(calls)
    ]
    return reply("", finish_reason="tool_calls", tool_requests=tuple(asked))


def envelope(*directives: tuple[str, dict[str, Any]], text: str = "Here you are.") -> str:
    items = [{"type": kind, "payload": payload} for kind, payload in directives]
    return json.dumps({"assistant_text": text, "directives": items})


def said(request: Request) -> Sequence[tuple[str, str]]:
    return [(item["role"], item.get("content") or "") for item in request["messages"]]
