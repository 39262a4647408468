"""What the routes of the API do, as thin as it goes.

A request is looked at in the order of DESIGN section 10: size, time, shape; then who it is from
(capability, origin, how often); then everything `dispatch` asks. What is refused changes nothing,
and a wrong token is answered like a wrong id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from uicompiler.app import UIApp
from uicompiler.backends.registry import backend_named
from uicompiler.errors import StoreError, UICompilerError, diagnostic
from uicompiler.host.api import bodies
from uicompiler.host.api.bodies import PROTOCOLS
from uicompiler.host.api.frames import as_events, newest
from uicompiler.host.api.once import Once
from uicompiler.host.api.refusals import JSON, body_of, headers_of, refusal, refused, status_of
from uicompiler.host.conversations.conversation import Conversation, Direction, unknown_conversation
from uicompiler.host.conversations.durable import Conversations
from uicompiler.host.guard import csrf
from uicompiler.host.guard.drain import Drain
from uicompiler.host.guard.headers import CONVERSATION_KEY
from uicompiler.host.guard.limits import Limiter
from uicompiler.host.pages.asked import hashed_key, is_secure, note
from uicompiler.host.pages.post import BodyLimits, read_post
from uicompiler.host.pages.visitor import visitor
from uicompiler.host.streams.hub import Hub, Listener, Told
from uicompiler.host.streams.stream import RETRY_MS, Chunk, EventStream, within
from uicompiler.host.turns.press import Answer, Press
from uicompiler.host.turns.turns import Turns
from uicompiler.host.turns.waiting import Presses
from uicompiler.host.watch.metrics import CONTENT_TYPE, Metrics
from uicompiler.host.watch.observe import span

Endpoint = Callable[[Request], Awaitable[ASGIApp]]
EVENT_STREAM: Final = "text/event-stream"
_READY_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Api:
    """The parts of a host that the API is made of; what each is, is in `create_app`.

    Attributes:
        app: The app.
        store: The conversations.
        turns: Runs turns.
        hub: The streams.
        presses: The threads of turns.
        limiter: How often somebody may ask.
        drain: Whether the host stops.
        metrics: What is counted.
        body: How much of a post is read.
        origins: Origins that are trusted beside our own.
        languages: Tags of the languages that are spoken, the default first.
        headers: Of every response.
        inline_catalogs: Whether clients may bring catalogs along; for development.
        hello_s: How long a WebSocket may take to bring its token.
        once: Requests that wait for the same one.
    """

    app: UIApp
    store: Conversations
    turns: Turns
    hub: Hub
    presses: Presses
    limiter: Limiter
    drain: Drain
    metrics: Metrics
    body: BodyLimits
    origins: Collection[str]
    languages: Sequence[str]
    headers: Mapping[str, str]
    inline_catalogs: bool = False
    hello_s: float = 10.0
    once: Once = field(default_factory=Once)

    # --- conversations ----------------------------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        """Begin a conversation; its token is told this once."""
        asked = await bodies.read_begin(request, self.body)
        protocol = bodies.protocol_of(asked)
        client = bodies.client_of(asked, inline_catalogs=self.inline_catalogs)
        csrf.check_origin(request, self.origins)
        self.limiter.begun(request)
        language = self.language(request, asked.get("language"))
        found, token = await run_in_threadpool(
            self.turns.begin, protocol=protocol, client=client, language=language
        )
        request.scope[CONVERSATION_KEY] = found.id
        at = self._at(request, found.id)
        body = {"id": found.id, "token": token, "protocol": protocol, "seq": found.seq}
        response = _json(body, 201, {"Location": at})
        response.set_cookie(
            csrf.COOKIE, token, path=at, httponly=True, samesite="strict", secure=is_secure(request)
        )
        return response

    async def end(self, request: Request) -> Response:
        """Forget a conversation, all of it."""
        found = await self._posting(request)
        await run_in_threadpool(self.turns.end, found.id)
        response = Response(status_code=204)
        response.delete_cookie(csrf.COOKIE, self._at(request, found.id), httponly=True)
        return response

    def _at(self, request: HTTPConnection, name: str) -> str:
        """The path of a conversation, below the path that the host is mounted at."""
        return f"{request.scope.get('root_path', '').rstrip('/')}/conversations/{name}"

    async def snapshot(self, request: Request) -> Response:
        """Everything there is, for a client that lost all."""
        found, language = await self.reading(request), self.language(request)
        now = await run_in_threadpool(self.turns.opened, found.id, language)
        told = await run_in_threadpool(self.newest, now or found, language)
        messages = [data for name, data in told.events if name in ("a2ui", "html")]
        if bodies.wants_lines(request):
            headers = {"X-Conversation-Seq": str(told.seq)}
            return Response(bodies.lines(messages), media_type=bodies.NDJSON, headers=headers)
        beside = [{name: data} for name, data in told.events if name not in ("a2ui", "html")]
        return _json({"seq": told.seq, "messages": messages, "beside": beside})

    # --- turns ------------------------------------------------------------------------------------

    async def turn(self, request: Request) -> Response:
        """Run a turn of a model, or ask the host's model."""
        key = bodies.key_in(request.headers)
        message, source = await bodies.read_turn(request, self.app.limits, self.body)
        found = await self._posting(request)
        answer = await self.run(
            "model" if message is None else "ask",
            found,
            hashed_key(key),
            self._turn_of(found, message, source, hashed_key(key), self.language(request)),
        )
        return await self._answered(request, answer)

    def _turn_of(
        self,
        found: Conversation,
        message: str | None,
        source: bytes | str,
        key: str | None,
        language: str,
    ) -> Callable[[], Answer]:
        if message is None:
            return partial(self.turns.model, found.id, source, key=key, language=language)
        return partial(self.turns.ask, found.id, message, key=key, language=language)

    async def event(self, request: Request) -> Response:
        """Take what a client did: `{"userAction": …}` or `{"error": …}`."""
        key = bodies.key_in(request.headers)
        raw = await bodies.read_event_body(request, self.app.limits, self.body)
        opened = await self.maybe_opened(request)
        event = self.turns.read_event(raw, PROTOCOLS[0] if opened is None else opened.protocol)
        found = self._may_post(request, opened)
        press = Press(event=event, key=hashed_key(key), language=self.language(request))
        return await self._answered(request, await self.press(found, press))

    async def press(self, found: Conversation, press: Press) -> Answer:
        """Run what a client did; raises as `run` does."""
        turn = partial(self.turns.press, found.id, press)
        return await self.run("event", found, press.key, turn)

    async def undo(self, request: Request) -> Response:
        """Go a turn back."""
        return await self._back(request, "undo")

    async def redo(self, request: Request) -> Response:
        """Go a turn forward again."""
        return await self._back(request, "redo")

    async def _back(self, request: Request, direction: Direction) -> Response:
        key = hashed_key(bodies.key_in(request.headers))
        await bodies.read_nothing(request, self.body)
        found, language = await self._posting(request), self.language(request)
        turn = partial(self.turns.back, found.id, direction, key=key, language=language)
        return await self._answered(request, await self.run(direction, found, key, turn))

    async def upload(self, request: Request) -> Response:
        """Keep a file; its handle goes into the event that sends it."""
        opened = await self.maybe_opened(request)
        post = await read_post(
            request, body=self.body, limits=self.app.limits, keep_files=opened is not None
        )
        try:
            found = self._may_post(request, opened)
            info = await self.presses.run(found.id, self.turns.upload, found.id, post)
            said = {"handle": info.handle, "field": info.field, "name": info.name}
            return _json({**said, "media_type": info.media_type, "size": info.size}, 201)
        finally:
            post.close()

    async def run(
        self, kind: str, found: Conversation, key: str | None, turn: Callable[[], Answer]
    ) -> Answer:
        """Run a turn in a thread of its own, counted and traced.

        Raises:
            HostError: HOST_PRESSES_TOO_MANY.
            Exception: whatever the turn raises.
        """
        with self.drain.turn(), span(f"uicompiler {kind}", uicompiler__kind=kind) as traced:
            try:
                async with self.once.alone(found.id, key):
                    answer = await self.presses.run(found.id, turn)
            except UICompilerError as exc:
                traced.codes([exc.code])
                self.metrics.turn(kind, "refused")
                raise
            except Exception:
                self.metrics.turn(kind, "failed")
                raise
            traced.codes(answer.codes)
            traced.set(uicompiler__seq=answer.now.seq, http__response__status_code=answer.status)
            self.metrics.turn(kind, _outcome(answer))
            return answer

    async def _answered(self, request: Request, answer: Answer) -> Response:
        note(request, answer.codes)
        body = bodies.answer_body(answer)
        if not bodies.wants_lines(request):
            return _json(body, answer.status)
        messages = await run_in_threadpool(self._messages, answer)
        lines = bodies.lines([*messages, {"answer": body}])
        return Response(lines, answer.status, media_type=bodies.NDJSON)

    def _messages(self, answer: Answer) -> list[Mapping[str, Any]]:
        """What an answer's commits told, as its stream tells it; also when it is given again."""
        told: list[Told] = []
        for seq in answer.seqs:
            told.extend(self.turns.since(answer.now.id, seq - 1, seq) or ())
        return [data for turn in told for name, data in turn.events if name in ("a2ui", "html")]

    # --- streams ----------------------------------------------------------------------------------

    async def stream(self, request: Request) -> ASGIApp:
        """What the conversation's turns tell, from where the client left off."""
        self.limiter.client(request)
        found = await self.reading(request)
        after = bodies.resumed_at(request)
        if request.method == "HEAD":
            return Response(media_type=EVENT_STREAM)
        if self.drain.began:  # another status would keep an EventSource from coming back
            return Response(b"retry: %d\n\n" % RETRY_MS, media_type=EVENT_STREAM)
        language = self.language(request)
        listener = self.hub.listen(found.id, "", as_events)
        try:
            first = await run_in_threadpool(self.first, listener, after, language, as_events)
        except BaseException:
            self.hub.leave(found.id, listener)
            raise
        return _Stream(self, found.id, listener, first, language)

    def first(
        self, listener: Listener, after: int | None, language: str, encode: Callable[[Told], Chunk]
    ) -> list[Chunk]:
        """What a listener gets first, encoded: the turns it missed, or everything there is.

        For a thread: neither the log nor the encoding is waited for in an event loop.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN, it is gone by now.
        """
        now = self.turns.opened(listener.conversation_id, language)
        if now is None:
            raise unknown_conversation()
        missed = None
        if after is not None and after <= now.seq:
            missed = self.turns.since(now.id, after, now.seq)
        told = None if missed is None else within(missed, encode, self.hub.limits.missed_bytes)
        listener.after = now.seq
        return [encode(self.newest(now, language))] if told is None else told

    def newest(self, conversation: Conversation, language: str) -> Told:
        """Everything there is, as one turn would tell it."""
        shown = self.turns.snapshot(conversation, language)
        backend = backend_named(conversation.protocol)
        return newest(conversation.state, conversation.seq, shown, backend)

    # --- the host ---------------------------------------------------------------------------------

    async def health(self, _request: Request) -> Response:
        """That it is there."""
        return _json({"ok": True})

    async def ready(self, _request: Request) -> Response:
        """That requests may be sent to it: it does not stop, and its store answers."""
        try:
            await self._check_ready()
        except UICompilerError as exc:
            body = {"ok": False, **body_of(exc.diagnostics, self.app.text(exc.code))}
            return _json(body, 503, headers_of(exc))
        return _json({"ok": True})

    async def _check_ready(self) -> None:
        if self.drain.began:
            raise refused("HOST_DRAINING", "the server stops")
        try:
            async with asyncio.timeout(_READY_S):
                await asyncio.to_thread(self.store.log.seqs, ["ready"])
        except TimeoutError as exc:
            message = f"the store did not answer within {_READY_S:g} s"
            raise StoreError([diagnostic("STORE_UNAVAILABLE", message)]) from exc

    async def metric(self, _request: Request) -> Response:
        """What is counted, for Prometheus."""
        text = await run_in_threadpool(self.metrics.text)
        return Response(text, headers={"Content-Type": CONTENT_TYPE})

    # --- who --------------------------------------------------------------------------------------

    def language(self, request: HTTPConnection, asked: object = None) -> str:
        """The language to answer in: the one that is asked for, if it is spoken."""
        if isinstance(asked, str) and asked in self.languages:
            return asked
        return visitor(request, self.languages).language

    async def maybe_opened(self, request: HTTPConnection) -> Conversation | None:
        """The conversation a request has the token of; looked at alike whether there is one."""
        name = request.path_params["id"]
        return await self.opened_by(request, name, csrf.given_tokens(request))

    async def opened_by(
        self, request: HTTPConnection, name: str, tokens: Sequence[str]
    ) -> Conversation | None:
        """The conversation of a name that one of some tokens opens."""
        found = await run_in_threadpool(self._opened_by, name, tokens)
        if found is not None:
            request.scope[CONVERSATION_KEY] = found.id
        return found

    def _opened_by(self, name: str, tokens: Sequence[str]) -> Conversation | None:
        """The conversation, which is read only for whoever has its token."""
        kept = self.store.token_hash(name)
        if not csrf.opens(tokens, csrf.token_hash("") if kept is None else kept) or kept is None:
            return None
        return self.store.read(name)

    async def opened(self, request: HTTPConnection) -> Conversation:
        """The conversation a request has the token of.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN.
        """
        found = await self.maybe_opened(request)
        if found is None:
            raise unknown_conversation()
        return found

    async def reading(self, request: HTTPConnection) -> Conversation:
        """The conversation that a request may read, now.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN, HOST_RATE_LIMITED.
        """
        self.limiter.client_reads(request)
        found = await self.opened(request)
        self.limiter.reads(found.id)
        return found

    async def _posting(self, request: Request) -> Conversation:
        return self._may_post(request, await self.maybe_opened(request))

    def _may_post(self, request: HTTPConnection, found: Conversation | None) -> Conversation:
        """The conversation of a request that may change it, now."""
        if found is None:
            raise unknown_conversation()
        self.check_site(request)
        self.limiter.conversation(found.id)
        return found

    def check_site(self, request: HTTPConnection) -> None:
        """Refuse what another site made a browser send: cookies go along by themselves.

        Raises:
            HostError: HOST_ORIGIN_FORBIDDEN.
        """
        if not csrf.is_bearer(request):
            csrf.check_origin(request, self.origins)

    # --- refusals ---------------------------------------------------------------------------------

    def refusing(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint whose refusals are JSON."""

        async def serve(request: Request) -> ASGIApp:
            try:
                return await endpoint(request)
            except ClientDisconnect:
                note(request, ["HOST_BODY_INVALID"])
                return Response(status_code=400)  # nobody reads this
            except UICompilerError as exc:
                return self.refusal(request, exc)

        return serve

    def refusal(self, request: HTTPConnection, exc: UICompilerError) -> Response:
        """The response to what was refused."""
        note(request, [exc.code])
        return refusal(exc, self.app, self.language(request))

    def refusal_body(self, request: HTTPConnection, exc: UICompilerError) -> dict[str, Any]:
        """What is said of a refusal, with its status."""
        text = self.app.text(exc.code, language=self.language(request))
        return {"status": status_of(exc), **body_of(exc.diagnostics, text)}


class _Stream:
    """An open SSE stream, as an application: it leaves its conversation when it is over."""

    def __init__(
        self, api: Api, name: str, listener: Listener, first: Sequence[bytes], language: str
    ) -> None:
        self._api = api
        self._name = name
        self._listener = listener
        self._first = first
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hub = self._api.hub
        headers = {
            **self._api.headers,
            "Content-Type": f"{EVENT_STREAM}; charset=utf-8",
            "X-Accel-Buffering": "no",  # nginx would keep events back
        }
        stream = EventStream(hub, self._listener, self._first, as_events, headers, self._newest)
        try:
            await stream(scope, receive, send)
        finally:
            hub.leave(self._name, self._listener)

    async def _newest(self) -> tuple[bytes, int]:
        listener, language = self._listener, self._language
        chunks = await run_in_threadpool(self._api.first, listener, None, language, as_events)
        return b"".join(chunks), listener.after


def _json(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(orjson.dumps(body), status, media_type=JSON, headers=headers)


def _outcome(answer: Answer) -> str:
    if answer.refused:
        return "refused"
    if answer.repeated:
        return "repeated"
    return "ok" if answer.status < 400 and answer.body["ok"] else "not_ok"
