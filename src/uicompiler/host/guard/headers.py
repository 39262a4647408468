"""What every response carries, and what every request has to: security headers, a sane Host.

The pages need no `unsafe-…` of any kind: no inline script, style or handler is ever written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from uicompiler.errors import HostError, diagnostic
from uicompiler.host.guard.limits import Limiter
from uicompiler.host.streams.stream import SEND_KEY
from uicompiler.host.watch.log import log_line
from uicompiler.host.watch.metrics import Metrics
from uicompiler.host.watch.observe import Span, new_request_id, request_span

CODES_KEY: Final = "uicompiler.codes"
CONVERSATION_KEY: Final = "uicompiler.conversation"
"""Where a request's scope holds what its log line names."""

_HOST: Final = re.compile(
    r"(?:([A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)|(\[[0-9A-Fa-f:.]{2,45}\]))(?::([0-9]{1,5}))?"
)
_NOT_FETCHED: Final = frozenset({"mailto", "tel", "sms"})

Refuse = Callable[[Scope, HostError], ASGIApp]


def security_headers(url_schemes: Collection[str]) -> dict[str, str]:
    """The headers of every response.

    Args:
        url_schemes: Schemes that the app's images and media may have.
    """
    schemes = " ".join(f"{name}:" for name in sorted(url_schemes) if name not in _NOT_FETCHED)
    outside = f"'self' {schemes}".rstrip()
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": outside,
        "media-src": outside,
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: browsers then hide the origin of our own forms from us (Fetch, "Origin").
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def check_host(headers: Headers, hosts: Collection[str] | None) -> None:
    """Refuse a request that is not meant for us.

    Args:
        headers: Of the request.
        hosts: Names we are reached by; None for any name that is one.

    Raises:
        HostError: HOST_ADDRESS_INVALID.
    """
    given = headers.getlist("host")
    found = _HOST.fullmatch(given[0]) if len(given) == 1 else None
    known = found is not None and int(found[3] or 0) < 65_536
    if found is not None and known and hosts is not None:
        known = (found[1] or found[2]).lower().rstrip(".") in hosts
    if not known:
        message = "the Host header names none of our addresses"
        raise HostError([diagnostic("HOST_ADDRESS_INVALID", message)])


class Boundary:
    """Middleware around everything: refuses other hosts, adds headers, counts, writes the log.

    Args:
        app: What is inside.
        headers: Of every response that does not set its own.
        hosts: As of `check_host`.
        refuse: The response to a refusal.
        after: What is to be done once a request is answered.
        metrics: Where requests are counted.
        limiter: How often an address may post.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        headers: Mapping[str, str],
        hosts: Collection[str] | None,
        refuse: Refuse,
        after: Callable[[], Awaitable[None]],
        metrics: Metrics | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        self._app = app
        self._headers = headers
        self._hosts = None if hosts is None else frozenset(name.lower() for name in hosts)
        self._refuse = refuse
        self._after = after
        self._metrics = metrics
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one WebSocket."""
        if scope["type"] == "websocket":
            await self._inside(scope)(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with request_span(_method(scope), Headers(scope=scope)) as span:
            await self._answer(scope, receive, send, span)
        await self._after()

    async def _answer(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        status, streams, began = 500, False, time.perf_counter()
        named = new_request_id(Headers(scope=scope).get("x-request-id"))

        async def with_headers(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers["X-Request-ID"] = named
                streams = headers.get("content-type", "").startswith("text/event-stream")
                if streams:
                    _end(span, scope, status)
            await send(message)

        scope[SEND_KEY] = send
        try:
            await self._inside(scope)(scope, receive, with_headers)
        finally:
            seconds = time.perf_counter() - began
            _end(span, scope, status)
            _log(scope, status, seconds, named)
            if self._metrics is not None:
                timed = -1.0 if streams else seconds
                codes = scope.get(CODES_KEY, ())
                self._metrics.answered(_method(scope), _route(scope), status, timed, codes)

    def _inside(self, scope: Scope) -> ASGIApp:
        try:
            check_host(Headers(scope=scope), self._hosts)
            if self._limiter is not None and scope.get("method") in _CHANGING:
                self._limiter.client(HTTPConnection(scope))
        except HostError as exc:
            return self._refuse(scope, exc)
        return self._app


def _end(span: Span, scope: Scope, status: int) -> None:
    route = _route(scope)
    span.name(f"{_method(scope)} {route}" if route else _method(scope))
    span.set(http__route=route, http__response__status_code=status)
    span.set(uicompiler__conversation=scope.get(CONVERSATION_KEY))
    span.codes(scope.get(CODES_KEY, ()))
    span.end(failed=status >= 500)


def _log(scope: Scope, status: int, seconds: float, request_id: str) -> None:
    log_line(
        "request",
        method=_method(scope),
        route=_route(scope),
        conversation=scope.get(CONVERSATION_KEY),
        status=status,
        codes=scope.get(CODES_KEY, ()),
        ms=seconds * 1000,
        request=request_id,
    )


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


def _route(scope: Scope) -> str | None:
    """The pattern of the route; older versions of Starlette name its endpoint only."""
    found = scope.get("route")
    if found is None and "endpoint" in scope and "app" in scope:
        served = scope["endpoint"]
        ends = ((r, getattr(r, "endpoint", getattr(r, "app", None))) for r in scope["app"].routes)
        found = next((route for route, end in ends if end == served), None)
    path: str | None = getattr(found, "path", None)
    return path


_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
_CHANGING: Final = ("POST", "PUT", "DELETE", "PATCH")
