"""Who listens to which conversation, and what its turns tell: the open streams of one process.

Made for many: a turn is encoded once for all its listeners of one kind, in the thread that tells
it; an event loop is woken once for many turns; one clock serves every stream of a loop, so that
no event has a timer of its own. Queues are bounded, and so is what is remembered.

Knows nothing of logs, of HTTP or of other processes: turns that were not told here are asked of a
`source`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from uicompiler.errors import HostError, UICompilerError, diagnostic
from uicompiler.host.watch.log import log_line
from uicompiler.ir.values import Json

Event: TypeAlias = tuple[str, Mapping[str, Json]]


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
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How much is kept for listeners.

    Attributes:
        streams: Of one conversation at a time.
        total: Of all conversations at a time.
        queued: Turns that wait for one listener.
        queued_bytes: Bytes of the turns that wait for one listener; one turn may always wait.
        missed_bytes: Bytes of missed turns that are told to one who comes back; beyond them a
            snapshot is shorter.
        remembered: Turns of one conversation, for those who come back.
        remembered_total: Turns of all conversations; those told longest ago go first.
        heartbeat_s: How often a quiet stream says that it is still there.
        send_s: How long a client may take to accept an event.
    """

    streams: int = 16
    total: int = 20_000
    queued: int = 64
    queued_bytes: int = 16 * 1024 * 1024
    missed_bytes: int = 4 * 1024 * 1024
    remembered: int = 64
    remembered_total: int = 4_096
    heartbeat_s: float = 15.0
    send_s: float = 20.0


Encode: TypeAlias = Callable[[Told], Any]  # bytes for an HTTP stream, text for a WebSocket
"""How a kind of listener gets a turn. A module's function is a kind that many share; a closure is
one listener's own."""


class Telling:
    """A turn on its way to listeners, encoded once for each kind of them.

    Args:
        told: The turn.
        began: When it was told, by `time.perf_counter`.
    """

    __slots__ = ("_encoded", "began", "told")

    def __init__(self, told: Told, began: float) -> None:
        self.told = told
        self.began = began
        self._encoded: dict[Encode, Any] = {}

    def encoded(self, encode: Encode) -> Any:  # as of `Encode`
        """The turn as a kind of listener gets it."""
        found = self._encoded.get(encode)
        if found is None:
            found = self._encoded[encode] = encode(self.told)
        return found


class Source(Protocol):
    """Where turns are found that a process was not told of: the log."""

    def since(self, conversation_id: str, seq: int, upto: int) -> Sequence[Told] | None:
        """The turns after a count up to another, in order; None when not all can be told."""

    def seqs(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """The newest counts of those conversations that there are."""


class Latencies:
    """How long turns took from being told to being sent: a histogram, written by event loops."""

    BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

    def __init__(self) -> None:
        self.counts = [0] * (len(self.BOUNDS) + 1)
        self.total_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.BOUNDS, seconds)] += 1
        self.total_s += seconds


class Listener:
    """One open stream; made inside the event loop it is read in.

    Args:
        conversation_id: Whose turns it hears.
        page: The page that listens, or "".
        encode: How it gets turns; None where it fills in more than the turn.
        limits: How much may wait.

    Attributes:
        held: Bytes of what is sent before turns that come, as far as it was not sent yet.
    """

    __slots__ = (
        "_bytes",
        "_ended",
        "_limits",
        "_queue",
        "_waiter",
        "after",
        "conversation_id",
        "dropped",
        "encode",
        "held",
        "home",
        "page",
    )

    def __init__(
        self, conversation_id: str, page: str, encode: Encode | None, limits: StreamLimits
    ) -> None:
        self.conversation_id = conversation_id
        self.page = page
        self.encode = encode
        self.after = 0
        self.held = 0
        self.dropped = False
        self.home = asyncio.get_running_loop()
        self._limits = limits
        self._queue: deque[Telling | int] = deque()
        self._bytes = 0
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None

    def put(self, item: Telling | int) -> None:
        """Take in a turn, or the count of one that another process made. In its loop only."""
        if self._ended:
            return
        if self._is_full(item):
            self.dropped = True
            self.end()
            return
        self._queue.append(item)
        self.wake()

    def _is_full(self, item: Telling | int) -> bool:
        if len(self._queue) >= self._limits.queued:
            return True
        if self.encode is None or isinstance(item, int):
            return False
        self._bytes += len(item.encoded(self.encode))
        return bool(self._queue) and self.held + self._bytes > self._limits.queued_bytes

    def end(self) -> None:
        """Nothing comes any more, and what waits is let go of. In its loop only."""
        self._ended = True
        self._queue.clear()
        self.wake()

    def wake(self) -> None:
        """Let `take` return, whether there is something or not."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    @property
    def ended(self) -> bool:
        """Whether nothing comes any more."""
        return self._ended

    async def take(self) -> list[Telling | int] | None:
        """Everything that waits; nothing when it was only woken; None when the stream is to end."""
        if not self._queue and not self._ended:
            self._waiter = self.home.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._ended:
            return None
        found = list(self._queue)
        self._queue.clear()
        self._bytes = 0
        return found


@dataclass(slots=True)
class _Channel:
    listeners: list[Listener] = field(default_factory=list)
    past: dict[int, Telling] = field(default_factory=dict)


class Watched(Protocol):
    """A stream that the clock of its loop looks after."""

    def tick(self, now: float) -> None:
        """Look at the time, of the loop's clock."""


class _Home:
    """One event loop: its letter box for other threads, and its one clock."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        tick_s: float,
        every: tuple[float, Callable[[], Awaitable[None]]],
    ) -> None:
        self._loop = loop
        self._tick_s = tick_s
        self._every_s, self._do = every
        self._due = loop.time() + self._every_s
        self._doing: asyncio.Future[None] | None = None
        self._lock = threading.Lock()
        self._items: list[tuple[Sequence[Listener], Telling | int | None]] = []
        self._streams: set[Watched] = set()
        self._timer: asyncio.TimerHandle | None = None

    def post(self, listeners: Sequence[Listener], item: Telling | int | None) -> None:
        """Hand something to listeners, from any thread; None ends them."""
        with self._lock:
            self._items.append((listeners, item))
            first = len(self._items) == 1
        if first:
            with contextlib.suppress(RuntimeError):  # the loop is gone, and they with it
                self._loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        with self._lock:
            items, self._items = self._items, []
        for listeners, item in items:
            for listener in listeners:
                if item is None:
                    listener.end()
                else:
                    listener.put(item)

    def watch(self, stream: Watched) -> None:
        """Have the clock look after a stream."""
        self._streams.add(stream)
        if self._timer is None:
            self._timer = self._loop.call_later(self._tick_s, self._tick)

    def unwatch(self, stream: Watched) -> None:
        """A stream is over."""
        self._streams.discard(stream)

    def _tick(self) -> None:
        self._timer = None
        now = self._loop.time()
        for stream in list(self._streams):
            stream.tick(now)
        # Without streams what began now could outlive the loop.
        if self._streams and now >= self._due and (self._doing is None or self._doing.done()):
            self._due = now + self._every_s
            self._doing = asyncio.ensure_future(self._do())
        if self._streams:
            self._timer = self._loop.call_later(self._tick_s, self._tick)


class Hub:
    """The open streams of all conversations, and the last turns of each.

    Attributes:
        limits: How much is kept.
        source: Where turns are found that were not told here.
        latencies: From telling to sending.
        drops: Streams that were dropped, by why: `queue`, `send`.
        closed: Whether the server stops.
    """

    def __init__(self, limits: StreamLimits | None = None, source: Source | None = None) -> None:
        self.limits = limits or StreamLimits()
        self.source = source
        self.latencies = Latencies()
        self.drops = {"queue": 0, "send": 0}
        self.closed = False
        self._channels: OrderedDict[str, _Channel] = OrderedDict()  # told longest ago first
        self._remembered = 0
        self._open = 0
        self._homes: dict[asyncio.AbstractEventLoop, _Home] = {}
        self._finding: dict[tuple[str, int, int], asyncio.Future[Sequence[Telling] | None]] = {}
        self._lock = threading.Lock()

    # --- telling ----------------------------------------------------------------------------------

    def tell(self, conversation_id: str, told: Told) -> None:
        """Tell a turn, from any thread; those that come out of order are put in order."""
        telling = Telling(told, time.perf_counter())
        with self._lock:
            channel = self._remember(conversation_id, telling)
            listeners = list(channel.listeners)
        for encode in {item.encode for item in listeners if item.encode is not None}:
            telling.encoded(encode)  # here, where no event loop waits for it
        self._post(listeners, telling)

    def caught_up_to(self, conversation_id: str, seq: int) -> None:
        """Another process made turns up to a count: listeners look for those that they lack."""
        with self._lock:
            channel = self._channels.get(conversation_id)
            listeners = [] if channel is None else list(channel.listeners)
        self._post(listeners, seq)

    def _post(self, listeners: Sequence[Listener], item: Telling | int | None) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[Listener]] = {}
        for listener in listeners:
            by_loop.setdefault(listener.home, []).append(listener)
        for loop, found in by_loop.items():
            self._home(loop).post(found, item)

    def _home(self, loop: asyncio.AbstractEventLoop) -> _Home:
        with self._lock:
            home = self._homes.get(loop)
            if home is None:
                for gone in [each for each in self._homes if each.is_closed()]:
                    del self._homes[gone]
                shortest = min(self.limits.heartbeat_s, self.limits.send_s)
                every = (self.limits.heartbeat_s, self.look_after_lost_notices)
                home = self._homes[loop] = _Home(loop, min(1.0, shortest / 4), every)
            return home

    def _remember(self, conversation_id: str, telling: Telling) -> _Channel:
        channel = self._channels.setdefault(conversation_id, _Channel())
        self._channels.move_to_end(conversation_id)
        self._remembered += telling.told.seq not in channel.past
        channel.past[telling.told.seq] = telling
        if len(channel.past) > self.limits.remembered:
            del channel.past[min(channel.past)]
            self._remembered -= 1
        while self._remembered > self.limits.remembered_total:
            self._forget_oldest()
        return channel

    def _forget_oldest(self) -> None:
        """Forget the turns of the conversation that was told longest ago; streams stay open."""
        name, channel = next((n, c) for n, c in self._channels.items() if c.past)
        self._remembered -= len(channel.past)
        channel.past.clear()
        if not channel.listeners:
            del self._channels[name]

    # --- listening --------------------------------------------------------------------------------

    def listen(self, conversation_id: str, page: str, encode: Encode | None = None) -> Listener:
        """Open a stream.

        Args:
            conversation_id: Whose turns.
            page: The page that listens, or "".
            encode: As of `Listener`.

        Raises:
            HostError: HOST_STREAMS_TOO_MANY.
        """
        listener = Listener(conversation_id, page, encode, self.limits)
        with self._lock:
            channel = self._channels.setdefault(conversation_id, _Channel())
            if len(channel.listeners) >= self.limits.streams or self.closed:
                message = f"at most {self.limits.streams} streams of one conversation are open"
                raise HostError([diagnostic("HOST_STREAMS_TOO_MANY", message)])
            if self._open >= self.limits.total:
                message = f"at most {self.limits.total} streams are open"
                raise HostError([diagnostic("HOST_STREAMS_TOO_MANY", message)])
            channel.listeners.append(listener)
            self._open += 1
        return listener

    def leave(self, conversation_id: str, listener: Listener) -> None:
        """Close a stream."""
        with self._lock:
            channel = self._channels.get(conversation_id)
            if channel is not None and listener in channel.listeners:
                channel.listeners.remove(listener)
                self._open -= 1
                if not channel.listeners and not channel.past:
                    del self._channels[conversation_id]

    def watch(self, stream: Watched) -> Callable[[], None]:
        """Have the clock of this loop look after a stream; gives what ends that."""
        home = self._home(asyncio.get_running_loop())
        home.watch(stream)
        return lambda: home.unwatch(stream)

    @property
    def open_streams(self) -> int:
        """How many there are."""
        return self._open

    def listening(self) -> list[str]:
        """The conversations that somebody listens to."""
        with self._lock:
            return [name for name, channel in self._channels.items() if channel.listeners]

    # --- what was missed --------------------------------------------------------------------------

    def since(self, conversation_id: str, seq: int, now: int) -> tuple[Told, ...] | None:
        """The turns after a count up to another; None when not all of them are remembered."""
        found = self._remembered_since(conversation_id, seq, now)
        return None if found is None else tuple(telling.told for telling in found)

    def _remembered_since(self, conversation_id: str, seq: int, now: int) -> list[Telling] | None:
        with self._lock:
            channel = self._channels.get(conversation_id)
            past = {} if channel is None else channel.past
            found = [past[n] for n in range(seq + 1, now + 1) if n in past] if past else []
        return found if len(found) == max(0, now - seq) else None

    async def between(self, conversation_id: str, seq: int, now: int) -> Sequence[Telling] | None:
        """The turns after a count up to another, from memory or the source, which is asked once.

        Returns:
            None when not all of them can be told.
        """
        found = self._remembered_since(conversation_id, seq, now)
        if found is not None or self.source is None:
            return found
        name = (conversation_id, seq, now)
        asked = self._finding.get(name)
        if asked is None or asked.get_loop() is not asyncio.get_running_loop():
            asked = asyncio.ensure_future(self._find(conversation_id, seq, now))
            self._finding[name] = asked
            asked.add_done_callback(lambda _done: self._finding.pop(name, None))
        return await asyncio.shield(asked)

    async def _find(self, conversation_id: str, seq: int, now: int) -> Sequence[Telling] | None:
        source, began = self.source, time.perf_counter()
        if source is None:
            return None
        with self._lock:
            channel = self._channels.get(conversation_id)
            listeners = [] if channel is None else list(channel.listeners)
        kinds = {item.encode for item in listeners if item.encode is not None}

        def find() -> Sequence[Telling] | None:
            found = source.since(conversation_id, seq, now)
            tellings = [Telling(told, began) for told in found or ()]
            for telling in tellings:
                for encode in kinds:
                    telling.encoded(encode)  # here, where no event loop waits for it
            return None if found is None else tellings

        return await asyncio.to_thread(find)

    async def look_after_lost_notices(self) -> None:
        """Ask the source how far conversations with listeners are: a lost notice only delays.

        So does a source that cannot be asked now. Streams of what is gone are ended.
        """
        names = self.listening()
        if self.source is None or not names:
            return
        try:
            found = await asyncio.to_thread(self.source.seqs, names)
        except UICompilerError as exc:
            log_line("stream", level=logging.WARNING, codes=[exc.code])
            return
        for name in names:
            if name in found:
                self.caught_up_to(name, found[name])
            else:
                self.forget(name)

    # --- endings ----------------------------------------------------------------------------------

    def forget(self, conversation_id: str) -> None:
        """A conversation ended: so do its streams."""
        with self._lock:
            channel = self._channels.pop(conversation_id, _Channel())
            self._remembered -= len(channel.past)
            self._open -= len(channel.listeners)
        self._post(channel.listeners, None)

    def ids(self) -> list[str]:
        """The conversations that something is kept of."""
        with self._lock:
            return list(self._channels)

    def close(self) -> None:
        """The server stops: every stream ends, and none is opened."""
        with self._lock:
            self.closed = True
            found = [item for channel in self._channels.values() for item in channel.listeners]
        self._post(found, None)
