"""Asking an ASGI application in this process, byte for byte: requests, streams, WebSockets.

No HTTP client stands between: what an application sends is what is seen here, in the pieces it was
sent in, and a connection is cut where a test says.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

App: TypeAlias = Callable[..., Awaitable[None]]
Headers: TypeAlias = Mapping[str, str]

WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Response:
    """What a request came to."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def _scope(kind: str, method: str, path: str, headers: Headers) -> dict[str, Any]:
    path, _, query = path.partition("?")
    given = {"host": "testserver", **headers}
    scope = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in given.items()],
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 50_000),
    }
    return {**scope, "method": method} if kind == "http" else {**scope, "subprotocols": []}


class Stream:
    """An open response.

    Attributes:
        received: Every byte of its body so far.
        status: Its status, once there is one.
        headers: Its headers, once there are some.
        ended: Whether the application ended it.
    """

    def __init__(self, app: App, method: str, path: str, headers: Headers, body: bytes) -> None:
        self.received = bytearray()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ended = False
        self._bodies = [body]
        self._changed = asyncio.Condition()
        self._left = asyncio.Event()
        scope = _scope("http", method, path, headers)
        self._task = asyncio.ensure_future(self._run(app, scope))

    async def _run(self, app: App, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._send)
        finally:
            self.ended = True
            async with self._changed:
                self._changed.notify_all()

    async def _receive(self) -> dict[str, Any]:
        if self._bodies:
            return {"type": "http.request", "body": self._bodies.pop(), "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Mapping[str, Any]) -> None:
        if self._left.is_set():
            raise OSError("the connection is cut")
        async with self._changed:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {k.decode(): v.decode("latin-1") for k, v in message["headers"]}
            else:
                self.received += message.get("body", b"")
            self._changed.notify_all()

    async def until(self, true: Callable[[], Any]) -> None:
        """Wait until something holds, or the application has ended the response.

        Raises:
            TimeoutError: it does not come to hold.
        """
        async with self._changed:
            waiting = self._changed.wait_for(lambda: self.ended or true())
            await asyncio.wait_for(waiting, WITHIN_S)

    async def cut(self) -> bytes:
        """Cut the connection; every byte that came."""
        self._left.set()
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.wait_for(self._task, WITHIN_S)
        return bytes(self.received)


async def request(
    app: App, method: str, path: str, *, headers: Headers | None = None, body: bytes = b""
) -> Response:
    """One request, and the whole response."""
    stream = Stream(app, method, path, headers or {}, body)
    await stream.until(lambda: False)
    await stream.cut()
    return Response(stream.status, stream.headers, bytes(stream.received))


class Socket:
    """An open WebSocket.

    Attributes:
        received: Every text message so far.
        code: What it was closed with, once it was.
    """

    def __init__(self, app: App, path: str, headers: Headers) -> None:
        self.received: list[str] = []
        self.code: int | None = None
        self.accepted = False
        self._ended = False
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent.put_nowait({"type": "websocket.connect"})
        self._changed = asyncio.Condition()
        self._task = asyncio.ensure_future(self._run(app, _scope("websocket", "", path, headers)))

    async def _run(self, app: App, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._sent.get, self._send)
        finally:
            self._ended = True
            async with self._changed:
                self._changed.notify_all()

    async def _send(self, message: Mapping[str, Any]) -> None:
        async with self._changed:
            if message["type"] == "websocket.accept":
                self.accepted = True
            elif message["type"] == "websocket.close":
                self.code = message.get("code", 1000)
            elif message["type"] == "websocket.send":
                raw = message.get("text")
                self.received.append(message["bytes"].decode() if raw is None else raw)
            self._changed.notify_all()

    def send(self, content: Any) -> None:
        """Send a message, as JSON."""
        self._sent.put_nowait({"type": "websocket.receive", "text": json.dumps(content)})

    async def until(self, true: Callable[[], Any]) -> None:
        """As of `Stream`."""
        async with self._changed:
            waiting = self._changed.wait_for(lambda: self._ended or true())
            await asyncio.wait_for(waiting, WITHIN_S)

    async def cut(self) -> list[str]:
        """Cut the connection; every message that came."""
        self._sent.put_nowait({"type": "websocket.disconnect", "code": 1006})
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.wait_for(self._task, WITHIN_S)
        return list(self.received)


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    """The application between its startup and its shutdown."""
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    told: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
    task = asyncio.ensure_future(app(scope, said.get, told.put))
    said.put_nowait({"type": "lifespan.startup"})
    assert (await told.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        said.put_nowait({"type": "lifespan.shutdown"})
        await asyncio.wait_for(task, WITHIN_S)
