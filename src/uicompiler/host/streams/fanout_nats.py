"""Fan-out over NATS JetStream.

One stream holds the newest notice of each conversation, for a bounded time and size. Each process
reads it by an ordered consumer of its own: no acknowledgements, numbered deliveries, a heartbeat;
at the first gap or silence it begins again after the last notice it saw. A connection that breaks
is made anew, with pauses that grow; what was to be announced meanwhile waits, the newest number of
each conversation. It lives in a thread with an event loop of its own, so that it works under any
server and in any thread.

Needs the extra `uicompiler[nats]`, which is imported when the first one is made. What is logged is
codes: never an address, since addresses hold passwords.

Source: NATS, ADR-17 ("Ordered Consumer") and the JetStream documentation on `Nats-Msg-Id`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from uicompiler.host.streams.fanout import Heard, Newest
from uicompiler.host.watch.log import log_line

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription
    from nats.js import JetStreamContext

DEFAULT_STREAM: Final = "uicompiler"

_AT_ONCE: Final = 256
_TIMEOUT_S: Final = 5.0
_HEARTBEAT_S: Final = 5.0
_SILENT_S: Final = 2.5 * _HEARTBEAT_S
_FLUSH_S: Final = 1.0
_PAUSES_S: Final = (0.05, 5.0)
"""The first pause before a new connection, and the longest."""
_DUPLICATES_S: Final = 120.0
_NAME_IN_USE: Final = 10058
"""JetStream's code for a stream that is there with other settings."""


class NatsFanout:
    """Tells and hears through a NATS server with JetStream.

    Args:
        url: Address of the server; may hold a user and a password, or a token.
        stream: Names the stream and its subjects; processes of one deployment have the same.
        max_age_s: How long a notice is kept.
        max_bytes: How much of notices is kept; the oldest go first.
        options: More for `nats.connect`, such as `tls` or `user_credentials`.

    Raises:
        ImportError: the extra `uicompiler[nats]` is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        stream: str = DEFAULT_STREAM,
        max_age_s: float = 600.0,
        max_bytes: int = 64 * 1024 * 1024,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        import nats  # noqa: F401  # says at once that the extra is missing

        self._url = url
        self._stream = stream
        self._kept = (max_age_s, max_bytes)
        self._options = dict(options or {})
        self._self = uuid4().hex
        self._due = Newest()
        self._heard = Newest()
        self._callbacks: list[Heard] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: list[threading.Thread] = []
        self._wake: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._seen: int | None = None
        self._pause_s = _PAUSES_S[0]

    # --- from any thread --------------------------------------------------------------------------

    def announce(self, conversation_id: str, seq: int) -> None:
        """Say that a commit is durable; see `Fanout`."""
        if not self._due.put(conversation_id, seq):
            self._count("dropped")
        self._start()
        self._stir()

    def subscribe(self, heard: Heard) -> None:
        """Have what others announce told to a function; see `Fanout`."""
        with self._lock:
            self._callbacks.append(heard)
        self._start()

    def counts(self) -> Mapping[str, int]:
        """`announced`, `heard`, `dropped` (never to be told), `connections`, `failures`."""
        with self._lock:
            return dict(self._counts)

    def close(self) -> None:
        """Stop; what waits is sent if it can be within a second."""
        with self._lock:
            self._closing = True
            threads, loop = list(self._threads), self._loop
        until = time.monotonic() + _FLUSH_S
        while loop is not None and self._due and time.monotonic() < until:
            self._stir()
            time.sleep(0.01)
        self._heard.close()
        if loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(self._cancel)
        for thread in threads:
            thread.join(_TIMEOUT_S)

    def _start(self) -> None:
        """Begin with the first use: a process that forks before that has no thread to lose."""
        with self._lock:
            if self._threads or self._closing:
                return
            ready = threading.Event()
            self._threads = [
                threading.Thread(target=self._serve, args=(ready,), name="fanout", daemon=True),
                threading.Thread(target=self._tell_all, name="fanout-tell", daemon=True),
            ]
            for thread in self._threads:
                thread.start()
        ready.wait(_TIMEOUT_S)

    def _stir(self) -> None:
        loop, wake = self._loop, self._wake
        if loop is not None and wake is not None:
            with suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(wake.set)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _count(self, what: str, by: int = 1) -> None:
        with self._lock:
            self._counts[what] += by

    def _failed(self, exc: BaseException) -> None:
        """Count and log a failure: its kind, never what it says."""
        self._count("failures")
        inner = exc.exceptions[0] if isinstance(exc, BaseExceptionGroup) else exc
        log_line("fanout", level=logging.WARNING, codes=[type(inner).__name__])

    # --- telling, in a thread of its own: who is told may wait for a database ---------------------

    def _tell_all(self) -> None:
        while found := self._heard.wait(_AT_ONCE):
            for conversation_id, seq in found:
                self._tell(conversation_id, seq)

    def _tell(self, conversation_id: str, seq: int) -> None:
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            try:
                callback(conversation_id, seq)
            except Exception as exc:  # one who cannot be told must not keep it from the others
                self._failed(exc)

    # --- the event loop ---------------------------------------------------------------------------

    def _serve(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._wake = asyncio.Event()
            ready.set()
            with suppress(asyncio.CancelledError):
                runner.run(self._keep_connected())

    async def _keep_connected(self) -> None:
        self._task = asyncio.current_task()
        while not self._closing:
            try:
                await self._session()
            except Exception as exc:  # the network's, the server's: none of them ends this
                self._failed(exc)
            await asyncio.sleep(self._pause_s * random.uniform(0.5, 1.0))  # noqa: S311
            self._pause_s = min(2 * self._pause_s, _PAUSES_S[1])

    async def _session(self) -> None:
        """One connection, until it breaks."""
        from nats.aio.client import Client

        client = Client()
        try:
            await self._connect(client)
            js = client.jetstream(timeout=_TIMEOUT_S)
            await self._have_stream(js)
            self._count("connections")
            self._pause_s = _PAUSES_S[0]
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._announce_all(js))
                tasks.create_task(self._hear_all(client, js))
        finally:
            with suppress(Exception):  # it may be broken already
                await asyncio.wait_for(client.close(), _FLUSH_S)

    async def _connect(self, client: Client) -> None:
        async def failed(exc: Exception) -> None:
            self._failed(exc)

        # Reconnecting is our own: a new connection means a new consumer, after what was seen.
        settings = {"connect_timeout": int(_TIMEOUT_S), "name": "uicompiler", **self._options}
        await client.connect(
            self._url,
            error_cb=failed,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            ping_interval=20,
            **settings,
        )

    async def _have_stream(self, js: JetStreamContext) -> None:
        from nats.js.api import DiscardPolicy, StorageType, StreamConfig
        from nats.js.errors import BadRequestError

        age_s, size = self._kept
        config = StreamConfig(
            name=self._stream,
            subjects=[f"{self._stream}.told.*"],
            max_age=age_s,
            max_bytes=size,
            max_msgs_per_subject=1,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            duplicate_window=min(_DUPLICATES_S, age_s),
        )
        try:
            await js.add_stream(config)
        except BadRequestError as exc:
            if exc.err_code != _NAME_IN_USE:
                raise
            log_line("fanout", codes=["STREAM_AS_IT_IS"])  # somebody set it up otherwise

    # --- announcing -------------------------------------------------------------------------------

    async def _announce_all(self, js: JetStreamContext) -> None:
        wake = self._wake
        while wake is not None:
            while found := self._due.take(_AT_ONCE):
                await self._publish_all(js, found)
            await wake.wait()
            wake.clear()

    async def _publish_all(self, js: JetStreamContext, found: list[tuple[str, int]]) -> None:
        """Publish some; what the server did not answer waits for the next connection."""
        waiting = dict(found)

        async def publish(conversation_id: str, seq: int) -> None:
            await self._publish(js, conversation_id, seq)
            del waiting[conversation_id]

        try:
            sent = [publish(*notice) for notice in found]
            results = await asyncio.gather(*sent, return_exceptions=True)
        finally:  # here, since what is cancelled may not even have begun
            for notice in waiting.items():
                self._due.put(*notice)
            self._count("announced", len(found) - len(waiting))
        wrong = [result for result in results if isinstance(result, BaseException)]
        if wrong:
            raise wrong[0]

    async def _publish(self, js: JetStreamContext, conversation_id: str, seq: int) -> None:
        token = subject_token(conversation_id)
        notice = {"conversation": conversation_id, "seq": seq, "from": self._self}
        await js.publish(
            f"{self._stream}.told.{token}",
            json.dumps(notice).encode(),  # in ASCII: any id goes through
            headers={"Nats-Msg-Id": f"{token}.{seq}"},
        )

    # --- hearing ----------------------------------------------------------------------------------

    async def _hear_all(self, client: Client, js: JetStreamContext) -> None:
        """Read the stream in order; raises at the first gap or silence."""
        inbox = client.new_inbox()
        reading = await client.subscribe(inbox)
        await self._begin_consumer(js, inbox)
        await self._read(reading)

    async def _read(self, reading: Subscription) -> None:
        delivered = 0
        while True:
            message = await reading.next_msg(_SILENT_S)
            if message.headers and message.headers.get("Status"):
                continue  # a heartbeat
            if message.metadata.sequence.consumer != delivered + 1:
                raise ConnectionError("a notice is missing")
            delivered += 1
            self._seen = message.metadata.sequence.stream
            self._took(message)

    async def _begin_consumer(self, js: JetStreamContext, inbox: str) -> None:
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        begin = await self._begin_at(js)
        config = ConsumerConfig(
            deliver_subject=inbox,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=begin,
            ack_policy=AckPolicy.NONE,
            max_deliver=1,
            idle_heartbeat=_HEARTBEAT_S,
            inactive_threshold=2 * _SILENT_S,
            mem_storage=True,
            num_replicas=1,
        )
        await js.add_consumer(self._stream, config)
        self._seen = begin - 1

    async def _begin_at(self, js: JetStreamContext) -> int:
        """After what was seen; with the newest at first, with the oldest of a stream made anew."""
        last = (await js.stream_info(self._stream)).state.last_seq
        if self._seen is None:
            return last + 1
        return self._seen + 1 if self._seen <= last else 1

    def _took(self, message: Msg) -> None:
        found = _read_notice(message.data)
        if found is None:
            self._failed(ValueError())
            return
        conversation_id, seq, sender = found
        if sender != self._self:
            self._count("heard")
            self._heard.put(conversation_id, seq)


def subject_token(conversation_id: str) -> str:
    """A conversation as one token of a subject, whatever characters its id has."""
    return hashlib.sha256(conversation_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _read_notice(raw: bytes) -> tuple[str, int, str] | None:
    """Whose log goes up to where, and who said so; None when it is none of our notices."""
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    parts = (found.get("conversation"), found.get("seq"), found.get("from"))
    right = isinstance(parts[0], str) and type(parts[1]) is int and isinstance(parts[2], str)
    return parts if right else None  # type: ignore[return-value]  # as `right` says
