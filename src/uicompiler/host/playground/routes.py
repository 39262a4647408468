"""The playground's routes: `/c/{id}/playground`, and the same beside the JSON API.

Two places, because a browser sends a conversation's cookie below its own path only. Which moment is
looked at, and how, stands in the query; a number that is none is the newest moment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from uicompiler.app import UIApp
from uicompiler.compiler import snapshot
from uicompiler.host.conversations.conversation import Conversation
from uicompiler.host.pages.asked import places_of
from uicompiler.host.pages.pages import Places
from uicompiler.host.playground.moments import Moment, Moments
from uicompiler.host.playground.pages import VIEWS, page
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json
from uicompiler.semantic_diff import Difference, diff_states, diff_streams
from uicompiler.store.log import EventLog

Simulate: TypeAlias = Callable[[Sequence[Mapping[str, Json]]], Mapping[str, Any]]
"""What a client shows and holds after some messages: the report of a ClientSim, with `screens`."""

_A2UI: Final = "a2ui-v0.8"


class Playground:
    """The playground of a host.

    Args:
        app: The app.
        log: Where conversations are kept.
        opened: The conversation of a request that may see it; raises for every other.
        simulate: A client to look through; None for none.
    """

    def __init__(
        self,
        app: UIApp,
        log: EventLog,
        opened: Callable[[Request], Awaitable[Conversation]],
        simulate: Simulate | None = None,
    ) -> None:
        self._app = app
        self._log = log
        self._opened = opened
        self._simulate = simulate

    def routes(self) -> list[BaseRoute]:
        """Its routes."""
        static = StaticFiles(directory=Path(__file__).parent / "static")
        return [
            Route("/c/{id}/playground", self.show, methods=["GET"]),
            Route("/conversations/{id}/playground", self.show, methods=["GET"]),
            Mount("/playground", static, name="playground"),
        ]

    async def show(self, request: Request) -> Response:
        """One moment of a conversation, in one view."""
        found = await self._opened(request)
        body = await run_in_threadpool(self._page, found, request.query_params, places_of(request))
        return HTMLResponse(body)

    def _page(self, found: Conversation, asked: Mapping[str, str], places: Places) -> str:
        moments = Moments(self._log, found.id, self._app, found.seq)
        seq = _number(asked.get("seq"), found.seq)
        moment = moments.at(seq)
        first = next(iter(VIEWS))
        asked_for = asked.get("show", first)
        view = asked_for if asked_for in VIEWS else first
        given: dict[str, Any] = {
            "title": self._app.id,
            "conversation": found,
            "moment": moment,
            "newest": found.seq,
            "listed": moments.listed(_number(asked.get("upto"), max(seq, found.seq))),
            "places": places,
            "unknown": "" if asked_for == view else asked_for[:64],
        }
        more = _VIEWS[view](self, moments, moment, asked)
        return page(view, **given, **more)

    def _turn(
        self, _moments: Moments, _moment: Moment, _asked: Mapping[str, str]
    ) -> dict[str, Any]:
        return {}

    def _state(self, moments: Moments, moment: Moment, _asked: Mapping[str, str]) -> dict[str, Any]:
        return {"then": moments.then(moment)}

    def _client(
        self, moments: Moments, moment: Moment, _asked: Mapping[str, str]
    ) -> dict[str, Any]:
        then = moments.then(moment)
        report = None
        if then.state is not None and self._simulate is not None:
            report = self._simulate(self._messages(then.state))
        return {"then": then, "report": report, "simulated": self._simulate is not None}

    def _trace(self, moments: Moments, moment: Moment, _asked: Mapping[str, str]) -> dict[str, Any]:
        again, diagnostics = moments.again(moment)
        return {"again": again, "replayed": diagnostics}

    def _diff(self, moments: Moments, moment: Moment, asked: Mapping[str, str]) -> dict[str, Any]:
        other = moments.at(_number(asked.get("other"), max(1, moment.seq - 1), moments.newest))
        before, after = moments.then(other), moments.then(moment)
        screen: list[Difference] = []
        state: list[Difference] = []
        if before.state is not None and after.state is not None:
            screen = diff_streams(self._messages(before.state), self._messages(after.state))
            state = diff_states(before.state.to_dict(), after.state.to_dict())
        return {
            "other": other,
            "lost": (*before.lost, *after.lost),
            "screen": screen,
            "state": state,
        }

    def _messages(self, state: UIState) -> tuple[Mapping[str, Json], ...]:
        """What a client gets that comes anew; without a signer, so that no nonce is in it."""
        return snapshot(state, app=self._app, backend=_A2UI).messages


_VIEWS: Final[Mapping[str, Callable[..., dict[str, Any]]]] = {
    "turn": Playground._turn,
    "state": Playground._state,
    "client": Playground._client,
    "trace": Playground._trace,
    "diff": Playground._diff,
}


def _number(text: str | None, default: int, most: int | None = None) -> int:
    """The number of an entry: one that there is."""
    most = default if most is None else most
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 18:
        return default
    return min(max(1, int(text)), most)
