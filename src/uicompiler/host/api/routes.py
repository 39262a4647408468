"""The table as an application: routes for a host to serve, and what belongs to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import orjson
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.routing import WebSocketRoute as StarletteWebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from uicompiler.host.api.endpoints import Api, Endpoint
from uicompiler.host.api.openapi import openapi
from uicompiler.host.api.refusals import JSON
from uicompiler.host.api.table import ROUTES
from uicompiler.host.api.websocket import WebSocketRoute

_PATHS: Final = frozenset(route.path for route in ROUTES if "{" not in route.path)
_BELOW: Final = "/conversations/"
_HEADERS: Final = ("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID")
_SHOWN: Final = ("Location", "Retry-After", "X-Conversation-Seq", "X-Request-ID")


def routes(api: Api, title: str) -> list[BaseRoute]:
    """The routes of the API.

    Args:
        api: What serves them.
        title: What the description is of.
    """
    made: list[BaseRoute] = []
    for route in ROUTES:
        if route.method == "WS":
            made.append(StarletteWebSocketRoute(route.path, WebSocketRoute(api)))
            continue
        endpoint = _description(api, title) if route.endpoint == "openapi" else None
        served: Endpoint = endpoint or getattr(api, route.endpoint)
        made.append(Route(route.path, api.refusing(served), methods=[route.method]))
    return made


def _description(api: Api, title: str) -> Endpoint:
    async def describe(request: Request) -> ASGIApp:
        """The OpenAPI description, of the host as it is mounted."""
        server = request.scope.get("root_path", "").rstrip("/")
        return Response(orjson.dumps(openapi(api.app, title, server)), media_type=JSON)

    return describe


def is_api(scope: Scope) -> bool:
    """Whether a request is one for the API, there or not, whose refusals are JSON."""
    root, path = scope.get("root_path", "").rstrip("/"), scope["path"]
    below = path[len(root) :] if root and path.startswith(root) else path
    return below in _PATHS or below.startswith(_BELOW)


class Cors:
    """Lets pages of other origins use the API, with a token of their own; pages stay as they are.

    Args:
        app: What is inside.
        origins: Which origins.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._api = CORSMiddleware(
            app,
            allow_origins=sorted(origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=_HEADERS,
            allow_credentials=True,
            expose_headers=_SHOWN,
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        served = self._api if scope["type"] == "http" and is_api(scope) else self._app
        await served(scope, receive, send)
