"""What every response carries, and what every request has to: security headers, a sane Host.

The pages need no `unsafe-…` of any kind: no inline script, style or handler is ever written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from uicompiler.errors import HostError, diagnostic
from uicompiler.host.log import log_line

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
    """Middleware around everything: refuses other hosts, adds headers, writes the log.

    Args:
        app: What is inside.
        headers: Of every response that does not set its own.
        hosts: As of `check_host`.
        refuse: The response to a refusal.
        after: What is to be done once a request is answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        headers: Mapping[str, str],
        hosts: Collection[str] | None,
        refuse: Refuse,
        after: Callable[[], Awaitable[None]],
    ) -> None:
        self._app = app
        self._headers = headers
        self._hosts = None if hosts is None else frozenset(name.lower() for name in hosts)
        self._refuse = refuse
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._inside(scope)(scope, receive, with_headers)
        finally:
            _log(scope, status, began)
        await self._after()

    def _inside(self, scope: Scope) -> ASGIApp:
        try:
            check_host(Headers(scope=scope), self._hosts)
        except HostError as exc:
            return self._refuse(scope, exc)
        return self._app


def _log(scope: Scope, status: int, began: float) -> None:
    log_line(
        "request",
        method=scope["method"] if scope["method"] in _METHODS else "other",
        route=_route(scope),
        conversation=scope.get(CONVERSATION_KEY),
        status=status,
        codes=scope.get(CODES_KEY, ()),
        ms=(time.perf_counter() - began) * 1000,
    )


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
