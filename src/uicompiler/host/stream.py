"""Server-sent events: what a conversation's turns tell, to every tab that listens.

A turn is told as a whole: its events, the last of which carries the conversation's count as `id`,
so that a tab that comes back names the last whole turn it saw and gets the ones after it, or the
newest page's surfaces where those are no longer remembered. The tab that made a turn has its answer
already and is passed over. Queues are bounded and writing has a time: a slow client is dropped,
never the server.

Source: HTML, "Server-sent events"; DESIGN section 12.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson
from starlette.types import Receive, Scope, Send

from uicompiler.errors import HostError, diagnostic
from uicompiler.ir.values import Json

HEARTBEAT: Final = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class Told:
    """What one turn tells.

    Attributes:
        seq: The conversation's count after it.
        origin: The page that made it, or "".
        events: Names and contents of its events, in order; markup is not filled in yet.
    """

    seq: int
    origin: str
    events: tuple[tuple[str, Mapping[str, Json]], ...]


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How much is kept for listeners.

    Attributes:
        streams: Of one conversation at a time.
        queued: Turns that wait for one listener.
        remembered: Turns of one conversation, for those who come back.
        heartbeat_s: How often a quiet stream says that it is still there.
        send_s: How long a client may take to accept an event.
    """

    streams: int = 16
    queued: int = 64
    remembered: int = 64
    heartbeat_s: float = 15.0
    send_s: float = 20.0


class Listener:
    """One open stream; made inside the event loop it is read in."""

    def __init__(self, page: str, queued: int) -> None:
        self.page = page
        self.dropped = False
        self._queue: asyncio.Queue[Told | None] = asyncio.Queue(queued + 1)
        self._queued = queued
        self._loop = asyncio.get_running_loop()

    def tell(self, told: Told | None) -> None:
        """Put a turn in the queue, from any thread; None ends the stream."""
        with contextlib.suppress(RuntimeError):  # its loop is gone, and it with that
            self._loop.call_soon_threadsafe(self._put, told)

    def _put(self, told: Told | None) -> None:
        full = self._queue.qsize() >= self._queued
        self.dropped = self.dropped or full or told is None
        if not self._queue.full():
            self._queue.put_nowait(None if full else told)

    async def next(self, timeout_s: float) -> Told | None:
        """The next turn; None when the stream is to end.

        Raises:
            TimeoutError: nothing came.
        """
        if self.dropped:
            return None
        return await asyncio.wait_for(self._queue.get(), timeout_s)


@dataclass(slots=True)
class _Channel:
    listeners: list[Listener] = field(default_factory=list)
    past: deque[Told] = field(default_factory=deque)


class Hub:
    """The open streams of all conversations, and the last turns of each."""

    def __init__(self, limits: StreamLimits | None = None) -> None:
        self.limits = limits or StreamLimits()
        self._channels: dict[str, _Channel] = {}
        self._lock = threading.Lock()
        self._closed = False

    def tell(self, conversation_id: str, told: Told) -> None:
        """Tell a turn, from any thread; in the order of the turns."""
        with self._lock:
            channel = self._channels.setdefault(conversation_id, _Channel())
            channel.past.append(told)
            while len(channel.past) > self.limits.remembered:
                channel.past.popleft()
            listeners = list(channel.listeners)
        for listener in listeners:
            listener.tell(told)

    def listen(self, conversation_id: str, page: str) -> Listener:
        """Open a stream.

        Raises:
            HostError: HOST_STREAMS_TOO_MANY.
        """
        listener = Listener(page, self.limits.queued)
        with self._lock:
            channel = self._channels.setdefault(conversation_id, _Channel())
            if len(channel.listeners) >= self.limits.streams or self._closed:
                message = f"at most {self.limits.streams} streams of one conversation are open"
                raise HostError([diagnostic("HOST_STREAMS_TOO_MANY", message)])
            channel.listeners.append(listener)
        return listener

    def leave(self, conversation_id: str, listener: Listener) -> None:
        """Close a stream."""
        with self._lock:
            channel = self._channels.get(conversation_id)
            if channel is not None and listener in channel.listeners:
                channel.listeners.remove(listener)

    def since(self, conversation_id: str, seq: int, now: int) -> tuple[Told, ...] | None:
        """The turns after a count up to another; None when not all of them are remembered."""
        with self._lock:
            channel = self._channels.get(conversation_id)
            past = () if channel is None else tuple(channel.past)
        missed = tuple(told for told in past if seq < told.seq <= now)
        return missed if len(missed) == max(0, now - seq) else None

    def forget(self, conversation_id: str) -> None:
        """A conversation ended: so do its streams."""
        with self._lock:
            channel = self._channels.pop(conversation_id, _Channel())
        for listener in channel.listeners:
            listener.tell(None)

    def ids(self) -> list[str]:
        """The conversations that something is kept of."""
        with self._lock:
            return list(self._channels)

    def close(self) -> None:
        """The server stops: every stream ends, and none is opened."""
        with self._lock:
            self._closed = True
            found = [item for channel in self._channels.values() for item in channel.listeners]
        for listener in found:
            listener.tell(None)


def encoded(events: Iterable[tuple[str, Mapping[str, Json]]], seq: int) -> bytes:
    """The events of one turn; the last one names the count, so that none is resumed halfway."""
    lines = [
        b"event: " + name.encode() + b"\ndata: " + orjson.dumps(content) + b"\n"
        for name, content in events
    ]
    if not lines:
        return b""
    return b"\n".join([*lines[:-1], lines[-1] + f"id: {seq}\n".encode()]) + b"\n"


class EventStream:
    """The response of a stream: what was missed, then every turn as it comes.

    Args:
        listener: Where turns come from.
        missed: What goes out first, encoded.
        after: Turns up to this count are in `missed`.
        encode: A turn as this page is to get it.
        limits: Times.
        headers: Of the response.
    """

    def __init__(
        self,
        listener: Listener,
        missed: bytes,
        after: int,
        encode: Callable[[Told], bytes],
        limits: StreamLimits,
        headers: Mapping[str, str],
    ) -> None:
        self._listener = listener
        self._missed = missed
        self._after = after
        self._encode = encode
        self._limits = limits
        self._headers = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()]

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client leaves, is too slow, or the server stops."""
        start = {"type": "http.response.start", "status": 200, "headers": self._headers}
        await send(start)
        leaving = asyncio.ensure_future(_left(receive))
        sending = asyncio.ensure_future(self._send_all(send))
        try:
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (leaving, sending):
                task.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)
        if not sending.cancelled() and sending.exception() is not None:
            raise sending.exception() or AssertionError

    async def _send_all(self, send: Send) -> None:
        try:
            await self._send(send, b"retry: 2000\n\n" + self._missed)
            while (chunk := await self._next()) is not None:
                if chunk:
                    await self._send(send, chunk)
            await self._send(send, b"", more=False)
        except TimeoutError:
            return  # the client takes nothing any more

    async def _next(self) -> bytes | None:
        try:
            told = await self._listener.next(self._limits.heartbeat_s)
        except TimeoutError:
            return HEARTBEAT
        if told is None:
            return None
        own = told.origin != "" and told.origin == self._listener.page
        return b"" if told.seq <= self._after or own else self._encode(told)

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        message = {"type": "http.response.body", "body": body, "more_body": more}
        await asyncio.wait_for(send(message), self._limits.send_s)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
