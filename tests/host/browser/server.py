"""uvicorn in a thread, with a host for every app that is asked for, each under a path of its own.

A host below a path is what a reverse proxy makes of it, so every test is also one of that. What the
apps' handlers were given and what they decided is kept, to be held against recordings.
"""

from __future__ import annotations

import copy
import dataclasses
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.host.web import RING, folder
from uicompiler import Action, Outcome, StateView, UIApp, snapshot
from uicompiler.host import create_app
from uicompiler.host.conversations.conversation import Conversation
from uicompiler.host.turns.press import Answer, Pick


@dataclass
class Handled:
    """One call of a handler."""

    action: Action
    outcome: Outcome


@dataclass
class Site:
    """One served app.

    Attributes:
        url: Its start page.
        app: The app.
        asgi: What serves it.
        handled: What its handlers were given and decided, in order.
    """

    url: str
    app: UIApp
    asgi: Any
    handled: list[Handled] = field(default_factory=list)

    @property
    def host(self) -> Any:
        return self.asgi.state.host

    def kept(self, conversation_id: str) -> Conversation:
        """What the host keeps of a conversation."""
        found: Conversation | None = self.host._store.read(conversation_id)
        assert found is not None
        return found

    def markup(self, conversation_id: str, language: str) -> Mapping[str, str]:
        """The newest surfaces as the library shows them, by id on the wire."""
        kept = self.kept(conversation_id)
        turn = self.host._turns.context(kept, language)
        return snapshot(kept.state, app=self.app, backend="html", turn=turn).html

    def fresh(self) -> tuple[str, str]:
        """A conversation that nobody has seen yet: its id and its token."""
        fresh, token = self.host._turns.begin(protocol="html")
        return fresh.id, token

    def play(self, conversation_id: str, source: Any, language: str = "en") -> Answer:
        """A turn from outside any page: a model that wrote something, told to all who listen."""
        turns = self.host._turns
        turns.examples = dataclasses.replace(
            turns.examples, turns={**turns.examples.turns, "outside": source}
        )
        return turns.pick(conversation_id, Pick("turn", "outside", language=language))


class Server:
    """Sites below paths of one server."""

    def __init__(self, address: str, state_dir: Path) -> None:
        self.address = address
        self._state_dir = state_dir
        self._mounted: dict[str, ASGIApp] = {}
        self._known: dict[str, Site] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        name = scope["path"].split("/")[1]
        mounted = self._mounted.get(name)
        if mounted is None:
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await mounted({**scope, "root_path": f"/{name}"}, receive, send)

    def example(self, name: str) -> Site:
        """An example app, with its turns and conversations; made once."""
        return self.kept(name, lambda: UIApp.load(folder(name)), folder=folder(name))

    def kept(self, name: str, make: Callable[[], UIApp], **settings: Any) -> Site:
        """An app; made once."""
        if name not in self._known:
            self._known[name] = self.site(name, make(), **settings)
        return self._known[name]

    def site(self, name: str, app: UIApp, **settings: Any) -> Site:
        """Serve an app under a path; one that is served there already is no longer."""
        handled: list[Handled] = []
        app = copy.copy(app)  # the tests' own apps are shared
        app.actions = {
            name: spec
            if spec.handler is None
            else dataclasses.replace(spec, handler=_noted(spec.handler, handled))
            for name, spec in app.actions.items()
        }
        given = {"signer": RING, "state_dir": self._state_dir / name, **settings}
        asgi = create_app(app, **given)
        self._mounted[name] = asgi
        return Site(f"{self.address}/{name}/", app, asgi, handled)

    def close(self) -> None:
        """End all streams."""
        for asgi in self._mounted.values():
            asgi.state.host.hub.close()


def _noted(handler: Any, handled: list[Handled]) -> Any:
    def note(action: Action, view: StateView) -> Outcome:
        outcome: Outcome = handler(action, view)
        handled.append(Handled(action, outcome))
        return outcome

    return note


@contextmanager
def serving(state_dir: Path) -> Iterator[Server]:
    """A server on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listening.getsockname()[1]}", state_dir)
    config = uvicorn.Config(
        server, log_level="error", access_log=False, timeout_graceful_shutdown=2, ws="none"
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, args=([listening],), name="uvicorn")
    thread.start()
    try:
        yield server
    finally:
        server.close()
        running.should_exit = True
        thread.join(10)
        listening.close()
        assert not thread.is_alive(), "the server did not stop"
