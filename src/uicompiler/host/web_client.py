"""A built web client beside the API: its files, and what it is told of the app.

The files are whatever a bundler made of `examples/web_client`, or of a client like it, and are
served below `/a2ui/`. They get the same strict policy as every page here, with fonts of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from uicompiler.errors import HostError, diagnostic
from uicompiler.host.guard.headers import security_headers
from uicompiler.host.pages.pages import spoken
from uicompiler.host.pages.visitor import Visitor, visitor
from uicompiler.host.turns.examples import Examples
from uicompiler.ir.values import thaw

AT: Final = "/a2ui"
"""Where the client is, below the host's own root path."""


@dataclass(frozen=True, slots=True)
class WebClient:
    """What is served of a client.

    Attributes:
        folder: Its built files, among them `index.html`.
        title: What stands above the page.
        languages: Tags of the languages to offer, the default first.
        examples: What can be shown without a model.
        url_schemes: As of `security_headers`.
        playground: Whether conversations can be looked into.
    """

    folder: Path
    title: str
    languages: Sequence[str]
    examples: Examples
    url_schemes: Sequence[str] = ()
    playground: bool = False

    def __post_init__(self) -> None:
        if not (self.folder / "index.html").is_file():
            message = f"{self.folder} holds no index.html"
            hint = "build the client first: npm ci && npm run build in examples/web_client"
            raise HostError([diagnostic("HOST_WEB_CLIENT_MISSING", message, hint=hint)])

    def routes(self) -> list[BaseRoute]:
        """Its routes."""
        return [
            Route(f"{AT}/config.json", self.config, methods=["GET"]),
            Mount(AT, _Files(self.folder, self._policy()), name="web_client"),
        ]

    async def config(self, request: Request) -> Response:
        """What the client is to show, in the visitor's language."""
        return JSONResponse(self._told(visitor(request, self.languages)))

    def _told(self, seen: Visitor) -> dict[str, Any]:
        return {
            "title": self.title,
            "language": seen.language,
            "direction": seen.direction,
            "playground": self.playground,
            "turns": [
                {"name": name, "label": spoken(name), "source": thaw(source)}
                for name, source in self.examples.turns.items()
            ],
            "conversations": [
                {"name": name, "label": spoken(name), "sources": [thaw(item) for item in turns]}
                for name, turns in self.examples.conversations.items()
            ],
        }

    def _policy(self) -> str:
        return security_headers(self.url_schemes)["Content-Security-Policy"] + "; font-src 'self'"


class _Files(StaticFiles):
    """The built files; browsers ask again whether they changed."""

    def __init__(self, folder: Path, policy: str) -> None:
        super().__init__(directory=folder, html=True)
        self._policy = policy

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or that it did not change."""
        response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["Cache-Control"] = "no-cache"
        return response
