"""uvicorn for `serve`, bounded where it is not: in time, in connections, in how it stops.

uvicorn waits for a request's head for as long as it takes, so that whoever opens connections and
dribbles holds them for ever; here a head has a time, and connections are counted. When it is told
to stop, the host says so first: probes see it, streams end, and what runs is finished.

Behind a proxy that does this itself any other server is as good.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from uicompiler.host.guard.drain import Drain


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """How much a server bears.

    Attributes:
        connections: At a time; further ones are closed at once.
        head_s: How long the head of a request may take.
        head_bytes: How long it may be.
        idle_s: How long a connection stays open between two requests.
        message_bytes: Of one WebSocket message.
        notice_s: How long it still listens once it is to stop, and says that it is not ready.
        finish_s: How long what runs may take then.
    """

    connections: int = 25_000
    head_s: float = 10.0
    head_bytes: int = 32 * 1024
    idle_s: int = 5
    message_bytes: int = 1024 * 1024
    notice_s: float = 0.0
    finish_s: int = 5


def _protocol(limits: ServerLimits) -> type[H11Protocol]:
    """A protocol class with limits: uvicorn makes one of it for each connection."""

    class Bounded(H11Protocol):
        """HTTP/1.1 with a time for heads."""

        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            """Wait for a head, unless there are too many already."""
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                transport.abort()
            self._wait()

        def data_received(self, data: bytes) -> None:
            """Read on; the time runs until a head is whole."""
            super().data_received(data)
            self._wait()

        def on_response_complete(self) -> None:
            """Wait for the next head."""
            super().on_response_complete()
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            """It is over."""
            self._unwait()
            super().connection_lost(exc)

        def _wait(self) -> None:
            waits = self.conn.their_state is h11.IDLE and not self.transport.is_closing()
            if not waits:
                self._unwait()
            elif self._late is None:
                self._late = self.loop.call_later(limits.head_s, self.transport.abort)

        def _unwait(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

    return Bounded


def config(  # app and more are as of uvicorn
    app: Any, limits: ServerLimits, *, proxy: bool = False, **more: Any
) -> uvicorn.Config:
    """The configuration of a bounded server.

    Args:
        app: The ASGI application.
        limits: How much it bears.
        proxy: Whether what a proxy at 127.0.0.1 (or FORWARDED_ALLOW_IPS) says of its clients is
            believed; uvicorn would by default, and anyone on this machine could say anything.
        more: What else uvicorn is to know.
    """
    return uvicorn.Config(
        app,
        http=_protocol(limits),
        proxy_headers=proxy,
        h11_max_incomplete_event_size=limits.head_bytes,
        timeout_keep_alive=limits.idle_s,
        timeout_graceful_shutdown=limits.finish_s,
        ws_max_size=limits.message_bytes,
        ws_max_queue=8,
        **more,
    )


class Server(uvicorn.Server):
    """Stops in order.

    Args:
        config: As `config` makes it.
        drain: Of the host.
        notice_s: As of `ServerLimits`.
        clock: Seconds that only rise.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        drain: Drain,
        notice_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._notice_s = notice_s
        self._clock = clock
        self._told = False
        self._stops_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Remember that it is to stop; a second signal stops at once."""
        # No lock may be taken here: whatever was interrupted may hold it.
        if self._told:
            super().handle_exit(sig, frame)
            return
        self._told = True
        self._captured_signals.append(sig)

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to stop; says so first."""
        if self._told and self._stops_at is None:
            self._drain.begin()
            self._stops_at = self._clock() + self._notice_s
        due = self._stops_at is not None and self._clock() >= self._stops_at
        return due or await super().on_tick(counter)
