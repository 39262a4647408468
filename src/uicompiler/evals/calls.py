"""Calls of a trial: recorded as they are made, written down as JSON, and answered from a record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, TypeAlias

import orjson

from uicompiler.evals.budget import RunBudget
from uicompiler.evals.clock import Clock
from uicompiler.evals.sim.clock import SimClock
from uicompiler.ir.values import Json, thaw
from uicompiler.llm.exchange import Failure, Reply, Request, ToolRequest, Transport, Usage

Came: TypeAlias = Reply | Failure

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what was sent, what came, and how long it took."""

    request: Request
    came: Came
    seconds: float

    @property
    def request_sha256(self) -> str:
        """The hash of the request."""
        return request_hash(self.request)

    def to_dict(self) -> dict[str, Json]:
        """The call as a JSON object."""
        kind = "reply" if isinstance(self.came, Reply) else "failure"
        return {
            "request_sha256": self.request_sha256,
            "request": thaw(self.request),
            kind: thaw(asdict(self.came)),
            "seconds": round(self.seconds, _DIGITS),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Json]) -> Call:
        """Read what `to_dict` wrote.

        Raises:
            KeyError, TypeError: it is something else.
        """
        came = reply_of(value["reply"]) if "reply" in value else Failure(**value["failure"])
        return cls(value["request"], came, float(value["seconds"]))


def reply_of(value: Mapping[str, Json]) -> Reply:
    """A reply as `dataclasses.asdict` gives it."""
    known = {item.name for item in fields(Reply)} - {"tool_requests", "usage"}
    return Reply(
        **{name: value[name] for name in known if name in value},
        tool_requests=tuple(ToolRequest(**item) for item in value.get("tool_requests", ())),
        usage=Usage(**value.get("usage", {})),
    )


def request_hash(request: Request) -> str:
    """SHA-256 over a request's JSON with sorted keys, 64 hex digits."""
    raw = orjson.dumps(request, option=orjson.OPT_SORT_KEYS, default=_plain)
    return hashlib.sha256(raw).hexdigest()


def _plain(value: object) -> Any:  # JSON
    return thaw(value)


class Recording:
    """A transport that keeps what passes, and lets nothing pass beyond the run's budget.

    Attributes:
        calls: What passed so far.
    """

    def __init__(self, inner: Transport, clock: Clock, budget: RunBudget) -> None:
        self.calls: list[Call] = []
        self._inner = inner
        self._clock = clock
        self._budget = budget

    def send(self, request: Request, *, timeout_s: float) -> Came:
        """Trials run in an event loop."""
        raise NotImplementedError("trials are run by arun")

    async def asend(self, request: Request, *, timeout_s: float) -> Came:
        """Send, and keep what came.

        Raises:
            RunExhausted: the run may not send any more.
        """
        await self._budget.begin()
        before, came = self._clock.read(), None
        try:
            came = await self._inner.asend(request, timeout_s=timeout_s)
        finally:
            await self._budget.end(came)
        self.calls.append(Call(request, came, self._clock.read() - before))
        return came


class Recorded:
    """A transport that answers as it was answered when the trial was run.

    Attributes:
        asked: How many calls were made.
        other_requests: How many of them sent something else than then.
    """

    def __init__(self, calls: Sequence[Call], clock: SimClock) -> None:
        self.asked = 0
        self.other_requests = 0
        self._calls = list(calls)
        self._clock = clock

    def send(self, request: Request, *, timeout_s: float) -> Came:
        """Trials run in an event loop."""
        raise NotImplementedError("trials are run by arun")

    async def asend(self, request: Request, *, timeout_s: float) -> Came:
        """The answer of the record; a failure when there is none left."""
        index, self.asked = self.asked, self.asked + 1
        if index >= len(self._calls):
            return Failure("unavailable", "no such call was recorded")
        call = self._calls[index]
        self.other_requests += call.request_sha256 != request_hash(request)
        self._clock.sleep(call.seconds)
        return call.came
