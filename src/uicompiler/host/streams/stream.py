"""Server-sent events: what a conversation's turns tell, to every tab that listens.

A turn is told as a whole: its events, the last of which carries the conversation's count as `id`,
so that a tab that comes back names the last whole turn it saw and gets the ones after it, or the
newest surfaces where those are no longer known. The tab that made a turn has its answer already and
is passed over. Writing has a time: a slow client is dropped, never the server.

A listener that finds that turns are missing between two that it got asks the hub for them.

Source: HTML, "Server-sent events"; DESIGN section 12.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeAlias, TypeVar

import orjson
from starlette.types import Receive, Scope, Send

from uicompiler.errors import UICompilerError
from uicompiler.host.streams.hub import Event, Hub, Listener, Telling, Told
from uicompiler.host.watch.log import log_line

HEARTBEAT: Final = b": still here\n\n"
RETRY_MS: Final = 2_000
"""How long a client waits before it comes back."""

SEND_KEY: Final = "uicompiler.send"
"""In a scope: how to send a body without whatever of ours only looks at its beginning."""

_PIECE: Final = 256 * 1024
"""So much of what was missed is handed to the server at a time, and has its time to go out."""

_SPREAD_MS: Final = 4_000
"""Those who are sent away together come back within so much more time, not all at once."""

Chunk = TypeVar("Chunk", bytes, str)


def encoded(events: Iterable[Event], seq: int) -> bytes:
    """The events of one turn; the last one names the count, so that none is resumed halfway."""
    lines = [
        b"event: " + name.encode() + b"\ndata: " + orjson.dumps(content) + b"\n"
        for name, content in events
    ]
    if not lines:
        return b""
    return b"\n".join([*lines[:-1], lines[-1] + f"id: {seq}\n".encode()]) + b"\n"


def within(told: Iterable[Told], encode: Callable[[Told], Chunk], most: int) -> list[Chunk] | None:
    """Turns that were missed, encoded; None when they come to more than so many bytes."""
    chunks: list[Chunk] = []
    for turn in told:
        chunks.append(encode(turn))
        most -= len(chunks[-1])
        if most < 0:
            return None
    return chunks


Newest: TypeAlias = Callable[[], Awaitable[tuple[Chunk, int]]]
"""Everything there is, encoded, for a listener whose turns can no longer be told; and its count."""


class Reader(Generic[Chunk]):
    """What a listener is sent, turn by turn: in order, none twice, none left out.

    Args:
        hub: Where it listens.
        listener: It.
        encode: A turn as it gets it.
        newest: As of `Newest`; None where nothing can be made of turns that are missing.
    """

    def __init__(
        self,
        hub: Hub,
        listener: Listener,
        encode: Callable[[Told], Chunk],
        newest: Newest[Chunk] | None = None,
    ) -> None:
        self._hub = hub
        self._listener = listener
        self._encode: Callable[[Told], Chunk] = encode
        self._newest: Newest[Chunk] | None = newest
        self.began: list[float] = []

    async def next(self) -> list[Chunk] | None:
        """What is to be sent next, nothing when the stream was only woken; None at its end."""
        items = await self._listener.take()
        if items is None:
            return None
        chunks: list[Chunk] = []
        for item in items:
            await self._add(item, chunks)
        return chunks

    async def _add(self, item: Telling | int, chunks: list[Chunk]) -> None:
        seq = item if isinstance(item, int) else item.told.seq
        after = self._listener.after
        if seq <= after:
            return
        if isinstance(item, int) or (seq > after + 1 and self._hub.source is not None):
            await self._catch_up(seq, chunks)
        else:
            self._append(item, chunks)

    async def _catch_up(self, seq: int, chunks: list[Chunk]) -> None:
        listener = self._listener
        found = await self._hub.between(listener.conversation_id, listener.after, seq)
        if found is not None:
            for telling in found:
                self._append(telling, chunks)
        elif self._newest is not None:
            chunk, listener.after = await self._newest()
            chunks.append(chunk)

    def _append(self, telling: Telling, chunks: list[Chunk]) -> None:
        listener, told = self._listener, telling.told
        listener.after = told.seq
        self.began.append(telling.began)
        if told.origin and told.origin == listener.page:
            return
        shared = listener.encode is not None
        chunks.append(telling.encoded(self._encode) if shared else self._encode(told))

    def sent(self) -> None:
        """What `next` gave last was sent."""
        now = time.perf_counter()
        for began in self.began:
            self._hub.latencies.add(now - began)
        self.began.clear()


class EventStream:
    """The response of a stream: what was missed, then every turn as it comes.

    Args:
        hub: Where it listens.
        listener: Where turns come from.
        missed: What goes out first, encoded, in order; `listener.after` counts the turns in it.
        encode: A turn as this page is to get it.
        headers: Of the response.
        newest: As of `Reader`.
    """

    def __init__(
        self,
        hub: Hub,
        listener: Listener,
        missed: Sequence[bytes],
        encode: Callable[[Told], bytes],
        headers: Mapping[str, str],
        newest: Newest[bytes] | None = None,
    ) -> None:
        self._hub = hub
        self._listener = listener
        first, *others = missed or [b""]
        self._missed = deque([b"retry: %d\n\n" % RETRY_MS + first, *others])
        listener.held = sum(map(len, self._missed))
        self._reader: Reader[bytes] = Reader(hub, listener, encode, newest)
        self._headers = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()]
        self._sending = 0.0  # since when, by the loop's clock; 0 while nothing is sent
        self._sent = 0.0
        self._cut = False
        self._task: asyncio.Task[Any] | None = None

    def tick(self, now: float) -> None:
        """Drop a client that takes nothing any more; wake a stream that was quiet for long."""
        limits = self._hub.limits
        if self._sending:
            if now - self._sending > limits.send_s and not self._cut and self._task is not None:
                self._cut = True
                self._task.cancel()
        elif now - self._sent >= limits.heartbeat_s:
            self._listener.wake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client leaves, is too slow, or the server stops.

        The sending is a task of its own: whoever wakes it does not wake all middleware around it,
        frame by frame, for every event. For the same reason events take the short way out, past
        those of our own that look at a response's beginning only (`SEND_KEY`).
        """
        self._sent = self._listener.home.time()
        events = scope.get(SEND_KEY, send)
        self._task = sending = asyncio.ensure_future(self._send_all(send, events))
        leaving = asyncio.ensure_future(self._left(receive))
        unwatch = self._hub.watch(self)
        try:
            await sending
        except asyncio.CancelledError:
            asked = asyncio.current_task()
            if not self._cut or (asked is not None and asked.cancelling()):
                raise
            self._hub.drops["send"] += 1
        finally:
            unwatch()
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            if self._cut:
                abort(receive)

    async def _next(self) -> list[bytes] | None:
        """What is to be sent next; where the log cannot be asked the stream ends, to be resumed."""
        try:
            return await self._reader.next()
        except UICompilerError as exc:
            log_line("stream", level=logging.WARNING, codes=[exc.code])
            return None

    async def _left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener.end()

    async def _send_all(self, begin: Send, send: Send) -> None:
        await begin({"type": "http.response.start", "status": 200, "headers": self._headers})
        while self._missed and not self._listener.ended:  # what was sent is let go of
            await self._send_missed(send, self._missed.popleft())
        while (chunks := await self._next()) is not None:
            if chunks:
                await self._send(send, chunks[0] if len(chunks) == 1 else b"".join(chunks))
                self._reader.sent()
            elif self._listener.home.time() - self._sent >= self._hub.limits.heartbeat_s:
                await self._send(send, HEARTBEAT)
        if self._listener.dropped:
            self._hub.drops["queue"] += 1
        last = b"retry: %d\n\n" % comes_back_in() if self._hub.closed else b""
        await self._send(send, last, more=False)

    async def _send_missed(self, send: Send, chunk: bytes) -> None:
        for at in range(0, len(chunk), _PIECE):
            await self._send(send, chunk[at : at + _PIECE])
        self._listener.held -= len(chunk)

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        clock = self._listener.home.time
        self._sending = clock()
        await send({"type": "http.response.body", "body": body, "more_body": more})
        self._sent, self._sending = clock(), 0.0


def comes_back_in() -> int:
    """After how many milliseconds somebody who is sent away is to come back: not all at once."""
    return RETRY_MS // 2 + random.randrange(_SPREAD_MS)  # noqa: S311  # no secret


def abort(receive: Receive) -> None:
    """Let go of a connection that takes nothing, at once.

    ASGI has no word for it, and a server that closes it waits until what it buffered is taken.
    uvicorn's receive is a method of what holds the transport; other servers are left to themselves.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if isinstance(transport, asyncio.Transport):
        transport.abort()
