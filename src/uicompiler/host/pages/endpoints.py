"""The routes, as thin as they go.

    GET  /                      the start page          POST /                begin a conversation
    GET  /c/{id}                its page                POST /c/{id}          a press of a button
    GET  /c/{id}/stream         what its turns tell     POST /c/{id}/turns    an example turn
    GET  /static/…                                      POST /c/{id}/messages a message to the model
                                                        POST /c/{id}/events   an event of a script

The routes of the API are in `api/table.py`.

A post is looked at in the order of DESIGN section 10: size, shape, ids; then who it is from
(capability, origin, CSRF token); then everything `dispatch` asks. What is refused changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from uicompiler.backends import html as html_backend
from uicompiler.errors import HostError, UICompilerError, diagnostic
from uicompiler.host.api.bodies import read_event_body
from uicompiler.host.api.endpoints import Api
from uicompiler.host.api.refusals import headers_of
from uicompiler.host.api.routes import Cors, is_api
from uicompiler.host.conversations.conversation import Conversation, unknown_conversation
from uicompiler.host.guard import csrf
from uicompiler.host.guard.headers import CONVERSATION_KEY, Boundary
from uicompiler.host.guard.signals import draining
from uicompiler.host.guard.signer import KeyRing
from uicompiler.host.pages.answers import Answers, page_of, refused_answer
from uicompiler.host.pages.asked import (
    header_key,
    is_secure,
    key_of,
    last_seen,
    note,
    picked,
    places_of,
    typed_in,
)
from uicompiler.host.pages.messages import Beginnings, Begun, message_key, message_of, typed
from uicompiler.host.pages.negotiate import form_of
from uicompiler.host.pages.pages import Pages
from uicompiler.host.pages.post import Post, read_post
from uicompiler.host.pages.visitor import Visitor, visitor
from uicompiler.host.streams.hub import Listener, Told
from uicompiler.host.streams.stream import EventStream, within
from uicompiler.host.turns.press import Answer, Press
from uicompiler.host.turns.turns import BACKEND
from uicompiler.ingress.form import read_form
from uicompiler.ir.reserved import CSRF, KEY

STATIC: Final = Path(html_backend.__file__).parent / "static"
_SWEEP_S: Final = 60.0


class Host:
    """The endpoints of pages.

    Args:
        api: The API, whose parts are the pages' too.
        answers: Writes answers.
        pages: Writes pages.
        ring: Signs.
    """

    def __init__(self, api: Api, *, answers: Answers, pages: Pages, ring: KeyRing) -> None:
        self._api = api
        self.hub, self.drain, self.examples = api.hub, api.drain, api.turns.examples
        self._app, self._store, self._turns = api.app, api.store, api.turns
        self._answers, self._pages, self._ring = answers, pages, ring
        self._languages, self._origins = api.languages, api.origins
        self._body, self._presses, self._headers = api.body, api.presses, api.headers
        self._beginnings = Beginnings()
        self._swept = time.monotonic()

    def starlette(
        self, hosts: Collection[str] | None, beside: Sequence[BaseRoute] = ()
    ) -> Starlette:
        """The application, with further routes beside its own."""
        made = Starlette(
            routes=[
                Route("/", self.start, methods=["GET"], name="start"),
                Route("/", self.begin, methods=["POST"]),
                Route("/favicon.ico", self.no_icon, methods=["GET"]),
                Route("/c/{id}", self.show, methods=["GET"], name="conversation"),
                Route("/c/{id}", self.press, methods=["POST"]),
                Route("/c/{id}/turns", self.pick, methods=["POST"]),
                Route("/c/{id}/messages", self.say, methods=["POST"]),
                Route("/c/{id}/events", self.event, methods=["POST"]),
                Route("/c/{id}/stream", self.stream, methods=["GET"]),
                Mount("/static", _Static(directory=STATIC), name="static"),
                *beside,
            ],
            middleware=[
                Middleware(
                    Boundary,
                    headers=self._headers,
                    hosts=hosts,
                    refuse=self._refuse_host,
                    after=self._sweep_when_due,
                    metrics=self._api.metrics,
                    limiter=self._api.limiter,
                ),
                *([Middleware(Cors, origins=self._origins)] if self._origins else []),
            ],
            exception_handlers={
                UICompilerError: self._on_refusal,
                HTTPException: self._on_http,
                ClientDisconnect: self._on_disconnect,
                Exception: self._on_bug,
            },
            lifespan=self._lifespan,
        )
        made.state.host = self
        return made

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self._turns.recover_when_due()  # what an earlier process left
        sweeping = asyncio.ensure_future(self._sweep_when_quiet())
        try:
            with draining(self.drain.begin):
                yield
        finally:
            sweeping.cancel()
            self.drain.begin()

    async def _sweep_when_quiet(self) -> None:
        """Sweep also when nobody asks for anything; who is mounted below a path never starts."""
        while True:
            await asyncio.sleep(min(_SWEEP_S, self._turns.lease_s))
            await self._sweep_when_due()

    async def _sweep_when_due(self) -> None:
        now = time.monotonic()
        if now - self._swept >= _SWEEP_S:
            self._swept = now
            await run_in_threadpool(self._sweep)
        self._turns.recover_when_due()

    def _sweep(self) -> None:
        self._turns.sweep()

    # --- pages ------------------------------------------------------------------------------------

    async def start(self, request: Request) -> Response:
        """The start page."""
        return self._remembered(self._start(request), request, self._visitor(request))

    def _start(
        self, request: Request, *, status: int = 200, notice: str = "", draft: str = ""
    ) -> Response:
        examples = self._turns.examples
        page = self._pages.start(
            self._visitor(request),
            places_of(request),
            turns=examples.turns,
            conversations=examples.conversations,
            key=secrets.token_urlsafe(16),
            notice=notice,
            draft=draft,
        )
        return Response(page, status, media_type="text/html")

    async def begin(self, request: Request) -> Response:
        """Begin a conversation, with the message or the turn that was chosen for it, if any was."""
        post = await read_post(request, body=self._body, limits=self._app.limits, keep_files=False)
        csrf.check_origin(request, self._origins)
        try:
            message = message_of(post) if self._turns.has_model else ""
        except UICompilerError as exc:
            note(request, [exc.code])
            text = self._app.text(exc.code, language=self._visitor(request).language)
            return self._start(request, status=exc.status or 400, notice=text, draft=typed(post))
        if message:
            begin = partial(self._begun_with, request, message)
            key = message_key(request, post, message)
            fresh, token = await self._beginnings.once(key, begin)
        else:
            fresh, token = await self._begun(request, post)
        return self._begins(request, fresh, token)

    async def _begun(self, request: Request, post: Post) -> Begun:
        fresh, token = await run_in_threadpool(self._turns.begin, protocol=BACKEND)
        request.scope[CONVERSATION_KEY] = fresh.id
        pick = picked(request, post, self._visitor(request).language, later=True)
        if pick is not None:
            await self._api.run("pick", fresh, None, partial(self._turns.pick, fresh.id, pick))
        return fresh, token

    async def _begun_with(self, request: Request, message: str) -> Begun:
        self._api.limiter.begun(request)
        fresh, token = await run_in_threadpool(self._turns.begin, protocol=BACKEND)
        request.scope[CONVERSATION_KEY] = fresh.id
        language = self._visitor(request).language
        turn = partial(self._turns.ask, fresh.id, message, key=None, language=language, later=True)
        answer = await self._api.run("ask", fresh, None, turn)
        note(request, answer.codes)
        return fresh, token

    def _begins(self, request: Request, fresh: Conversation, token: str) -> Response:
        """The way to a conversation that began."""
        at = places_of(request).conversation(fresh.id)
        response = RedirectResponse(at, 303)
        response.set_cookie(
            csrf.COOKIE, token, path=at, httponly=True, samesite="lax", secure=is_secure(request)
        )
        return response

    async def show(self, request: Request) -> Response:
        """A conversation's page; what the last turns told is told once, to whoever reads it."""
        seen = self._visitor(request)
        found = await self.reading(request)
        if request.method != "HEAD":
            opened = await run_in_threadpool(self._turns.opened, found.id, seen.language)
            found = opened or found
            if found.toasts:
                found = await self._presses.run(found.id, self._turns.toasts_taken, found.id)
        response = await run_in_threadpool(
            self._answers.view, found, seen, places_of(request), toasts=found.toasts
        )
        return self._remembered(response, request, seen)

    async def no_icon(self, _request: Request) -> Response:
        """Browsers ask; there is none, and that is no error."""
        return Response(status_code=204)

    # --- posts ------------------------------------------------------------------------------------

    async def press(self, request: Request) -> Response:
        """A press of a button."""
        seen, opened = self._visitor(request), await self._maybe_opened(request)
        post = Post()
        try:
            post = await read_post(
                request,
                body=self._body,
                limits=self._app.limits,
                keep_files=opened is not None,
            )
            read_form(post.pairs({}), limits=self._app.limits)  # the shape, before anything else
            found = self._checked(request, opened, post.first(CSRF))
            key, page = key_of(request, post), page_of(post.first(KEY))
            press = Press(post, key=key, language=seen.language, origin=page)
            turn = partial(self._turns.press, found.id, press)
            answer = await self._api.run("press", found, None, turn)
            note(request, answer.codes)
            return await run_in_threadpool(
                self._answers.response, form_of(request), answer, seen, places_of(request), page
            )
        except UICompilerError as exc:
            return await self._refused(request, exc, opened, seen, post)
        finally:
            post.close()

    async def event(self, request: Request) -> Response:
        """An event of a script: `{"userAction": …}` or `{"error": …}` as JSON."""
        seen, opened = self._visitor(request), await self._maybe_opened(request)
        try:
            raw = await read_event_body(request, self._app.limits, self._body)
            event = self._turns.read_event(raw)
            found = self._checked(request, opened, request.headers.get("x-csrf-token", ""))
            press = Press(event=event, key=header_key(request), language=seen.language)
            answer = await self._api.press(found, press)
            note(request, answer.codes)
            form = form_of(request)
            return await run_in_threadpool(
                self._answers.response, form, answer, seen, places_of(request), ""
            )
        except UICompilerError as exc:
            return await self._refused(request, exc, opened, seen, Post())

    async def pick(self, request: Request) -> Response:
        """A press of a button that runs an example turn, or goes back."""
        seen, opened = self._visitor(request), await self._maybe_opened(request)
        try:
            post = await read_post(
                request, body=self._body, limits=self._app.limits, keep_files=False
            )
            form, places = form_of(request), places_of(request)
            pick = picked(request, post, seen.language, later=form == "page")
            if pick is None:
                raise _no_turn()
            found = self._checked(request, opened, post.first(CSRF))
            turn = partial(self._turns.pick, found.id, pick)
            answer = await self._api.run("pick", found, None, turn)
            note(request, answer.codes)
            if form == "page" and not answer.refused:
                return RedirectResponse(places.conversation(found.id), 303)
            return await run_in_threadpool(
                self._answers.response, form, answer, seen, places, pick.origin
            )
        except UICompilerError as exc:
            return await self._refused(request, exc, opened, seen, Post())

    async def say(self, request: Request) -> Response:
        """A message to the model."""
        seen, opened = self._visitor(request), await self._maybe_opened(request)
        post = Post()
        try:
            post = await read_post(
                request, body=self._body, limits=self._app.limits, keep_files=False
            )
            message = message_of(post)
            found = self._checked(request, opened, post.first(CSRF))
            form, places, page = form_of(request), places_of(request), page_of(post.first(KEY))
            answer = await self._said(request, post, found, message) if message else None
            if form == "page":
                return RedirectResponse(places.conversation(found.id), 303)
            answer = answer or Answer(found, found)
            return await run_in_threadpool(self._answers.response, form, answer, seen, places, page)
        except UICompilerError as exc:
            return await self._refused(request, exc, opened, seen, post)

    async def _said(
        self, request: Request, post: Post, found: Conversation, message: str
    ) -> Answer:
        key = message_key(request, post, message)
        turn = partial(
            self._turns.ask,
            found.id,
            message,
            key=key,
            language=self._visitor(request).language,
            origin=page_of(post.first(KEY)),
            later=form_of(request) == "page",
        )
        answer = await self._api.run("ask", found, key, turn)
        note(request, answer.codes)
        return answer

    async def stream(self, request: Request) -> ASGIApp:
        """What the conversation's turns tell, from where the page left off."""
        self._api.limiter.client(request)
        seen, found = self._visitor(request), await self.reading(request)
        page = page_of(f"{request.query_params.get('page', '')}.")
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        listener = self.hub.listen(found.id, page)
        try:
            response = await run_in_threadpool(self._stream, request, found, seen, listener)
        except BaseException:
            self.hub.leave(found.id, listener)
            raise

        async def until_left(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await response(scope, receive, send)
            finally:
                self.hub.leave(found.id, listener)

        return until_left

    def _stream(
        self, request: Request, found: Conversation, seen: Visitor, listener: Listener
    ) -> EventStream:
        """The response of a stream: the turns that were missed first, or the newest surfaces."""
        slots = self._answers.slots(found, places_of(request), listener.page)
        now = self._turns.opened(found.id, seen.language) or found
        last = last_seen(request, now)
        missed = None if last > now.seq else self._turns.since(found.id, last, now.seq)

        def encode(told: Told) -> bytes:
            return self._answers.stream_events(told, slots)

        def newest() -> tuple[bytes, int]:
            latest = self._store.read(found.id) or found
            return self._answers.newest(latest, seen, slots), latest.seq

        async def newest_then() -> tuple[bytes, int]:
            return await run_in_threadpool(newest)

        told = None if missed is None else within(missed, encode, self.hub.limits.missed_bytes)
        chunk, listener.after = (b"", now.seq) if told is not None else newest()
        headers = {**self._headers, "Content-Type": "text/event-stream; charset=utf-8"}
        return EventStream(self.hub, listener, told or [chunk], encode, headers, newest_then)

    # --- who --------------------------------------------------------------------------------------

    def _visitor(self, request: HTTPConnection) -> Visitor:
        return visitor(request, self._languages)

    async def _maybe_opened(self, request: HTTPConnection) -> Conversation | None:
        """The conversation a request has the token of; looked at alike whether there is one.

        Pages are of conversations that began as pages.
        """
        found = await self._api.maybe_opened(request)
        return None if found is None or found.protocol != BACKEND else found

    async def reading(self, request: HTTPConnection) -> Conversation:
        """The conversation whose pages a request may read, now.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN, HOST_RATE_LIMITED.
        """
        found = await self._api.reading(request)
        if found.protocol != BACKEND:
            raise unknown_conversation()
        return found

    def _checked(
        self, request: HTTPConnection, opened: Conversation | None, token: str
    ) -> Conversation:
        """The conversation of a post that may act in it."""
        if opened is None:
            raise unknown_conversation()
        csrf.check_origin(request, self._origins)
        csrf.check_csrf(self._ring, token, opened.id, opened.token_hash)
        self._api.limiter.conversation(opened.id)
        return opened

    def _remembered(self, response: Response, request: Request, seen: Visitor) -> Response:
        seen.remember(response, secure=is_secure(request))
        return response

    # --- refusals ---------------------------------------------------------------------------------

    async def _refused(
        self,
        request: Request,
        exc: UICompilerError,
        opened: Conversation | None,
        seen: Visitor,
        post: Post,
    ) -> Response:
        """A refusal before the turn: on the conversation's page, for whoever may see that."""
        note(request, [exc.code])
        form, places = form_of(request), places_of(request)
        now = None if opened is None else await run_in_threadpool(self._store.read, opened.id)
        if now is None:
            return self._answers.refusal(form, exc, seen, places)
        text = self._app.text(exc.code, language=seen.language)
        # What another site typed is not shown as if it were the user's.
        own = Post() if exc.code == "HOST_ORIGIN_FORBIDDEN" else post
        answer = refused_answer(now, exc.diagnostics, text, typed_in(own), typed(own))
        return await run_in_threadpool(
            self._answers.response, form, answer, seen, places, page_of(post.first(KEY))
        )

    async def _on_refusal(self, request: Request, exc: Exception) -> Response:
        if not isinstance(exc, UICompilerError):
            raise exc
        return self._without_conversation(request, exc)

    async def _on_http(self, request: Request, exc: Exception) -> Response:
        status = exc.status_code if isinstance(exc, HTTPException) else 400
        code = "HOST_METHOD_FORBIDDEN" if status == 405 else "HOST_PAGE_UNKNOWN"
        refused = HostError([diagnostic(code, "no such page, or not by this method")])
        response = self._without_conversation(request, refused)
        if isinstance(exc, HTTPException) and exc.headers:
            response.headers.update(exc.headers)
        return response

    async def _on_disconnect(self, request: Request, _exc: Exception) -> Response:
        """Nobody reads this."""
        note(request, ["HOST_BODY_INVALID"])
        return Response(status_code=400)

    async def _on_bug(self, request: Request, _exc: Exception) -> Response:
        """The page of a bug; the exception itself goes on, to whoever runs the server."""
        failed = HostError([diagnostic("HOST_FAILED", "a bug, ours or the app's")])
        response = self._without_conversation(request, failed)
        response.headers.update(self._headers)
        return response

    def _without_conversation(self, request: HTTPConnection, exc: UICompilerError) -> Response:
        note(request, [exc.code])
        if is_api(request.scope):
            return self._api.refusal(request, exc)
        seen, places = self._visitor(request), places_of(request)
        response = self._answers.refusal(form_of(request), exc, seen, places)
        response.headers.update(headers_of(exc))
        return response

    def _refuse_host(self, scope: Scope, exc: HostError) -> ASGIApp:
        return self._without_conversation(HTTPConnection(scope), exc)


class _Static(StaticFiles):
    """Script and style; browsers ask again whether they changed."""

    def file_response(self, *args: object, **more: object) -> Response:
        """A file, or that it did not change."""
        response = super().file_response(*args, **more)  # type: ignore[arg-type]  # as above it
        response.headers["Cache-Control"] = "no-cache"
        return response


def _no_turn() -> HostError:
    return HostError([diagnostic("HOST_TURN_UNKNOWN", "the form names no turn")])
