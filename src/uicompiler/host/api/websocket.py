"""The same over a WebSocket: what turns tell comes in, what the user did goes out.

    to the client     {"event", "data"} with "id" on a turn's last, as the SSE stream has them;
                      {"event": "answer", "status", "data", "key"?} to what it sent;
                      {"event": "error", "status", "data"} to what cannot be read
    from the client   {"token": "…"} first, where the handshake brought none; {"resume": n | null};
                      {"userAction": …, "key"?}, {"error": …, "key"?}

Whoever sends `resume` gets the turns after it, once; whoever sends nothing for a second, or begins
with something else, gets everything there is. One task sends and one reads; turns run beside them,
so many at a time, and nothing is read meanwhile beyond that. It is closed with the code 4000 + the
HTTP status of a code, and that code as the reason; RFC 6455's own codes stand for its own reasons.

Source: RFC 6455; DESIGN section 12.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from uicompiler.errors import CODES, UICompilerError
from uicompiler.host.api import bodies
from uicompiler.host.api.endpoints import Api
from uicompiler.host.api.frames import as_messages, frame
from uicompiler.host.api.refusals import refused
from uicompiler.host.conversations.conversation import Conversation, unknown_conversation
from uicompiler.host.guard import csrf
from uicompiler.host.guard.limits import Bucket, Limited, Rate
from uicompiler.host.pages.asked import hashed_key
from uicompiler.host.streams.hub import Listener
from uicompiler.host.streams.stream import Reader, abort, comes_back_in
from uicompiler.host.turns.press import Press
from uicompiler.host.watch.log import log_line
from uicompiler.strict_json import StrictJsonError, loads

_BEGINS_S: Final = 1.0
"""Whoever has said nothing after so long is told everything there is."""

_TURNS: Final = 8
_ANSWERS: Final = 64
_PATIENCE: Final = 100
"""So many messages beyond the rate are refused one by one; beyond, the socket is closed."""

_CLOSE_S: Final = 2.0
_GOING_AWAY: Final = 1012  # service restart
_TOO_SLOW: Final = 1013  # try again later


class Closed(Exception):  # no error: how a socket ends
    """The socket is to be closed.

    Args:
        status: The WebSocket status.
        reason: A code, or "".
    """

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


class _Left(Exception):  # no error
    """The client is gone."""


def _closing(exc: UICompilerError) -> Closed:
    return Closed(4_000 + (exc.status or CODES[exc.code].status or 400), exc.code)


class WebSocketRoute:
    """The endpoint, as an ASGI application.

    Args:
        api: The host.
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        connection = HTTPConnection(scope)
        try:
            found, after = await self._handshake(connection)
        except UICompilerError as exc:
            self._logged(connection, exc.status or 400, [exc.code])
            await self._deny(connection, exc, receive, send)
            return
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        session = _Session(self._api, connection, receive, send)
        try:
            await session.run(found, after)
        except Closed as exc:
            codes = [exc.reason] if exc.reason in CODES else []
            self._logged(connection, exc.status, codes)
            self._api.metrics.refused(codes)
            await session.close(exc)
        except _Left:
            self._logged(connection, 1000, [])

    async def _handshake(
        self, connection: HTTPConnection
    ) -> tuple[Conversation | None, int | None]:
        """The conversation, None where the token is still to come; and where to resume.

        Raises:
            HostError: the handshake is refused.
        """
        self._api.limiter.client(connection)
        found = None
        if csrf.given_tokens(connection):
            found = await self._api.opened(connection)
        self._api.check_site(connection)
        after = bodies.resumed_at(connection)
        if self._api.drain.began:
            raise refused("HOST_DRAINING", "the server stops")
        return found, after

    async def _deny(
        self, connection: HTTPConnection, exc: UICompilerError, receive: Receive, send: Send
    ) -> None:
        """Refuse a handshake as a request is refused, where the server can say it."""
        if "websocket.http.response" in connection.scope.get("extensions", {}):
            response = self._api.refusal(connection, exc)
            await response(connection.scope, receive, send)
            return
        closed = _closing(exc)
        await send({"type": "websocket.close", "code": closed.status, "reason": closed.reason})

    def _logged(self, connection: HTTPConnection, status: int, codes: list[str]) -> None:
        named = connection.scope.get("uicompiler.conversation")
        log_line("socket", conversation=named, status=status, codes=codes)


class _Session:
    """One open socket.

    Args:
        api: The host.
        connection: The handshake.
        receive: As of ASGI.
        send: As of ASGI.
    """

    def __init__(self, api: Api, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        self._api = api
        self._connection = connection
        self._receive = receive
        self._send = send
        self._language = api.language(connection)
        self._answers: deque[str] = deque()
        self._turns: set[asyncio.Task[None]] = set()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._clock = asyncio.get_running_loop().time
        self._sending = 0.0  # since when; 0 while nothing is sent
        self._sent = self._clock()
        self._sender: asyncio.Task[None] | None = None
        self._listener: Listener | None = None
        self._begun = asyncio.Event()
        self._resume: list[int | None] = []
        self._resumed = False
        self._first: Mapping[str, Any] | None = None
        self._take = api.limiter.messages()
        self._patience = Bucket(Rate(1.0, _PATIENCE), self._clock())

    # --- from the beginning to the end ------------------------------------------------------------

    async def run(self, found: Conversation | None, after: int | None) -> None:
        """Serve it until somebody leaves.

        Raises:
            Closed: how it is to be closed.
            _Left: the client is gone.
        """
        conversation = found or await self._introduced()
        hub = self._api.hub
        try:
            listener = hub.listen(conversation.id, "", as_messages)
        except UICompilerError as exc:
            raise _closing(exc) from exc
        if after is not None:
            self._resume.append(after)
            self._resumed = True
            self._begun.set()
        unwatch = hub.watch(self)
        self._sender = asyncio.ensure_future(self._send_all(listener))
        reading = asyncio.ensure_future(self._read_all(conversation, listener))
        try:
            await self._until_one_ends(self._sender, reading, self._failed)
        finally:
            unwatch()
            hub.leave(conversation.id, listener)

    async def _until_one_ends(self, *tasks: asyncio.Future[None]) -> None:
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done() and not task.cancelled():
                    task.result()
        finally:
            for task in (*tasks, *self._turns):
                task.cancel()
            await asyncio.gather(*tasks, *self._turns, return_exceptions=True)
        raise Closed(_TOO_SLOW, "HOST_STREAM_SLOW")  # its sender was cut

    def tick(self, now: float) -> None:
        """Drop a client that takes nothing any more; wake a socket that was quiet for long."""
        limits, sender = self._api.hub.limits, self._sender
        if sender is None:
            return
        if self._sending and now - self._sending > limits.send_s:
            self._api.hub.drops["send"] += 1
            self._sending = 0.0
            sender.cancel()
        elif not self._sending and now - self._sent >= limits.heartbeat_s:
            self._wake()

    async def close(self, closed: Closed) -> None:
        """Say that it is closed, to a client that takes it in time."""
        try:
            async with asyncio.timeout(_CLOSE_S):
                reason = closed.reason
                await self._send(
                    {"type": "websocket.close", "code": closed.status, "reason": reason}
                )
        except (TimeoutError, RuntimeError, OSError):  # it takes nothing, or is gone
            abort(self._receive)

    # --- who --------------------------------------------------------------------------------------

    async def _introduced(self) -> Conversation:
        """The conversation that the first message has the token of."""
        api, name = self._api, self._connection.path_params["id"]
        try:
            async with asyncio.timeout(api.hello_s):
                said = _read(await self._next(), api.app.limits.max_event_depth)
        except TimeoutError as exc:
            late = refused("HOST_TOKEN_LATE", f"no token came within {api.hello_s:g} s")
            raise _closing(late) from exc
        except UICompilerError as exc:
            raise _closing(exc) from exc
        token = said.get("token")
        tokens = [token] if isinstance(token, str) else []
        found = await api.opened_by(self._connection, name, tokens)
        if found is None:
            raise _closing(unknown_conversation())
        if set(said) - {"token"}:
            self._first = {key: value for key, value in said.items() if key != "token"}
        return found

    # --- sending ----------------------------------------------------------------------------------

    async def _send_all(self, listener: Listener) -> None:
        """Send what there is to send, in order, until the stream ends."""
        self._listener = listener
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BEGINS_S):
                await self._begun.wait()
        reader: Reader[str] = Reader(self._api.hub, listener, as_messages, self._newest(listener))
        await self._begin(listener, self._resume.pop(0) if self._resume else None)
        while True:
            await self._send_own(listener)
            if self._answers or self._resume:
                continue  # whoever put them there found nobody waiting
            try:
                chunks = await reader.next()
            except UICompilerError as exc:  # the log cannot be asked now
                raise _closing(exc) from exc
            if chunks is None:
                await self._send_own(listener)
                raise await self._ended(listener)
            for chunk in chunks:
                await self._text(chunk)
            reader.sent()
            if self._clock() - self._sent >= self._api.hub.limits.heartbeat_s:
                await self._text(_HEARTBEAT)

    async def _send_own(self, listener: Listener) -> None:
        """Send answers, and what somebody wants from a count on."""
        while self._answers:
            await self._text(self._answers.popleft())
        while self._resume:
            await self._begin(listener, self._resume.pop(0))

    async def _begin(self, listener: Listener, after: int | None) -> None:
        try:
            chunks = deque(
                await run_in_threadpool(
                    self._api.first, listener, after, self._language, as_messages
                )
            )
        except UICompilerError as exc:
            raise _closing(exc) from exc
        listener.held = sum(map(len, chunks))
        while chunks:  # a chunk that was sent is let go of
            chunk = chunks.popleft()
            await self._text(chunk)
            listener.held -= len(chunk)

    def _newest(self, listener: Listener) -> Any:
        async def newest() -> tuple[str, int]:
            first, language = self._api.first, self._language
            chunks = await run_in_threadpool(first, listener, None, language, as_messages)
            return "\n".join(chunks), listener.after

        return newest

    async def _ended(self, listener: Listener) -> Closed:
        hub = self._api.hub
        if listener.dropped:
            hub.drops["queue"] += 1
            return Closed(_TOO_SLOW, "HOST_STREAM_SLOW")
        if hub.closed:
            await self._text(frame({"event": "retry", "data": {"ms": comes_back_in()}}))
            return Closed(_GOING_AWAY, "HOST_DRAINING")
        return _closing(unknown_conversation())

    async def _text(self, messages: str) -> None:
        """Send messages, one a line."""
        for message in messages.split("\n"):
            self._sending = self._clock()
            await self._send({"type": "websocket.send", "text": message})
        self._sent, self._sending = self._clock(), 0.0

    def _wake(self) -> None:
        """Let the sender look at what there is."""
        if self._listener is not None:
            self._listener.wake()

    def _answer(self, content: Mapping[str, Any]) -> None:
        if len(self._answers) >= _ANSWERS:
            raise Closed(_TOO_SLOW, "HOST_STREAM_SLOW")
        self._answers.append(frame(content))
        self._wake()

    # --- reading ----------------------------------------------------------------------------------

    async def _next(self) -> str:
        """The next message.

        Raises:
            HostError: HOST_FRAME_INVALID, it is binary; HOST_BODY_TOO_LARGE.
            _Left: the client is gone.
        """
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise _Left
        text = message.get("text")
        if text is None:
            raise _closing(refused("HOST_FRAME_INVALID", "messages are text"))
        most = self._api.app.limits.max_event_bytes + 1_024  # the key, and what is around it
        if len(text) > most or len(text.encode("utf-8", "replace")) > most:
            raise _closing(refused("HOST_BODY_TOO_LARGE", f"a message has at most {most} bytes"))
        return str(text)

    async def _read_all(self, conversation: Conversation, listener: Listener) -> None:
        depth = self._api.app.limits.max_event_depth + 1
        while True:
            try:
                said, self._first = self._first, None
                if said is None:
                    text = await self._next()
                    self._take()
                    said = _read(text, depth)
                await self._said(conversation, said)
            except Limited as exc:
                self._tired(exc)
            except UICompilerError as exc:
                self._refuse(exc, said)

    def _tired(self, exc: Limited) -> None:
        """Refuse a message beyond the rate; a flood of them is the end."""
        if self._patience.take(self._clock()):
            raise _closing(exc) from exc
        self._api.metrics.refused([exc.code])
        if not self._answers:
            self._refuse(exc, None)

    def _refuse(self, exc: UICompilerError, said: Mapping[str, Any] | None) -> None:
        refusal = self._api.refusal_body(self._connection, exc)
        status = refusal.pop("status")
        key = None if said is None else said.get("key")
        known = said is not None and isinstance(key, str)
        event = {"event": "answer" if said is not None else "error", "status": status}
        self._answer({**event, "data": refusal, **({"key": key} if known else {})})

    async def _said(self, conversation: Conversation, said: Mapping[str, Any]) -> None:
        """Do what a message says."""
        if set(said) == {"resume"}:
            after = bodies.count(said["resume"])
            if self._resumed:
                hint = "open another socket"
                raise refused("HOST_FRAME_INVALID", "resume is said once, and first", hint=hint)
            self._resumed = True
            self._resume.append(after)
            self._begun.set()
            self._wake()
            return
        self._begun.set()
        content = {name: value for name, value in said.items() if name != "key"}
        if set(content) not in ({"userAction"}, {"error"}):
            hint = "resume, userAction or error"
            raise refused("HOST_FRAME_INVALID", "the message is none that is known", hint=hint)
        key = bodies.checked_key(said.get("key"))
        event = self._api.turns.read_event(orjson.dumps(content), conversation.protocol)
        self._api.limiter.conversation(conversation.id)
        press = Press(event=event, key=hashed_key(key), language=self._language)
        if len(self._turns) >= _TURNS:  # nothing more is read until one is done
            await asyncio.wait(self._turns, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.ensure_future(self._turn(conversation, press, said))
        self._turns.add(task)
        task.add_done_callback(self._turn_over)

    def _turn_over(self, task: asyncio.Task[None]) -> None:
        """A turn's task ended; what it could not say ends the socket."""
        self._turns.discard(task)
        failed = None if task.cancelled() else task.exception()
        if failed is not None and not self._failed.done():
            self._failed.set_exception(failed)

    async def _turn(
        self, conversation: Conversation, press: Press, said: Mapping[str, Any]
    ) -> None:
        """Run a turn, and answer."""
        key = {"key": said["key"]} if "key" in said else {}
        try:
            answer = await self._api.press(conversation, press)
        except UICompilerError as exc:
            self._refuse(exc, said)
            return
        except Exception as exc:
            self._refuse(refused("HOST_FAILED", "a bug, ours or the app's"), said)
            told = {"message": "a turn of a WebSocket failed", "exception": exc}
            asyncio.get_running_loop().call_exception_handler(told)  # to whoever runs the server
            return
        body = bodies.answer_body(answer)
        self._answer({"event": "answer", "status": answer.status, "data": body, **key})


def _read(text: str, max_depth: int) -> Mapping[str, Any]:
    try:
        said = loads(text, max_depth=max_depth)
    except StrictJsonError as exc:
        raise refused("HOST_FRAME_INVALID", f"the message is not JSON: {exc}") from exc
    if not isinstance(said, dict):
        raise refused("HOST_FRAME_INVALID", "the message is a JSON object")
    try:
        orjson.dumps(said)
    except TypeError as exc:  # whatever is answered could not be sent
        why = "the message holds a lone surrogate, or a number that is too large"
        raise refused("HOST_FRAME_INVALID", why) from exc
    return said


_HEARTBEAT: Final = frame({"event": "heartbeat", "data": {}})
