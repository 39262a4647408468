"""Conversations without HTTP: a host's turns, and a client that is shown what they tell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from clientsim import ClientSim
from tests.examples import app_of
from tests.faults.player import SECRET, Screen, Script
from tests.host.logs import check_log
from tests.host.web import RING
from uicompiler import Action, Outcome, PatchOp, StateView, ToolCall, UIApp
from uicompiler.host import create_app
from uicompiler.host.pages.post import Post, PostedFile
from uicompiler.host.turns.press import Answer, Press
from uicompiler.ir.field_kinds import UPLOAD_HANDLE
from uicompiler.store.log import EventLog

Json = Any
NAME = {"id": "name", "label": "Name"}
PIN = {"id": "pin", "label": "PIN", "kind": "secret"}


def form(title: str = "T", *, secret: bool = False) -> dict[str, Json]:
    fields = [NAME, PIN] if secret else [NAME]
    return {"type": "ui.show_form", "payload": {"title": title, "fields": fields}}


FORM = form()
TOAST = {"type": "ui.toast", "payload": {"text": "hello"}}


def said(*directives: Json, text: str = "") -> dict[str, Json]:
    return {"assistant_text": text, "directives": list(directives)}


def counting(*, tool: str = "") -> UIApp:
    """An app whose one button counts; with a tool, what that gave is what is counted."""
    app = UIApp("counting", inline_form_action="count")

    @app.action("count")
    def count(action: Action, view: StateView) -> Outcome:
        if tool and action.tool_results is None:
            given = {"pin": action.context.get("pin"), "name": action.context.get("name")}
            return Outcome(tool_calls=[ToolCall("t", tool, given)])
        done = view.get("/committed/count", default=0) + 1
        results = {} if action.tool_results is None else dict(action.tool_results)
        toast = {"type": "ui.toast", "payload": {"text": f"counted {done}"}}
        return Outcome(
            commit=[
                PatchOp("set", "/committed/count", done),
                PatchOp("set", "/committed/results", results),
            ],
            directives=[toast],
        )

    return app


class Site:
    """One process's host, without HTTP.

    Attributes:
        asgi: What serves it.
        host: The host.
        turns: Its turns.
        log: Its log.
    """

    def __init__(
        self,
        app: UIApp,
        state_dir: Path,
        log: EventLog | None = None,
        *,
        examples: Path | None = None,
        **more: Any,
    ) -> None:
        given = {"signer": RING, "rates": None, "folder": examples, **more}
        self.asgi = asgi = create_app(app, state_dir=state_dir, log=log, **given)
        self.app = app
        self.host = asgi.state.host
        self.turns = self.host._turns
        self.store = self.host._store
        self.log = self.store.log

    def check(self) -> None:
        """Every conversation replays."""
        for conversation_id in self.log.ids():
            check_log(self.log, conversation_id, self.app)


class Visit:
    """One conversation, and a client of it."""

    def __init__(self, site: Site, known: str = "", **begun: Any) -> None:
        self.site = site
        self.id = known or site.turns.begin(**begun)[0].id
        self.screen = Screen("web_core")
        self.seq = 0
        if known:
            for message in site.turns.snapshot(self.kept, "en").messages:
                assert self.screen.sim.apply(message) is None
            self.seq = self.kept.seq

    @property
    def kept(self) -> Any:
        return self.site.store.read(self.id)

    @property
    def sim(self) -> ClientSim:
        return self.screen.sim

    def look(self) -> None:
        """Take in what was told meanwhile."""
        now = self.kept.seq
        told = self.site.turns.since(self.id, self.seq, now)
        assert told is not None
        assert [t.seq for t in told] == list(range(self.seq + 1, now + 1))
        for turn in told:
            for name, content in turn.events:
                if name == "a2ui":
                    assert self.sim.apply(content) is None
        self.seq = now

    def model(self, source: Json, key: str | None = None, **more: Any) -> Answer:
        answer = self.site.turns.model(self.id, source, key=key, **more)
        self.look()
        return answer

    def back(self, direction: Any, key: str | None = None) -> Answer:
        answer = self.site.turns.back(self.id, direction, key=key)
        self.look()
        return answer

    def event(self, action: str = "count", surface: str = "main", **typed: Json) -> dict[str, Json]:
        """The event of a press of the button of an action, once something is typed."""
        for name, value in typed.items():
            self.screen.enter({"surface": surface, "field": name, "value": value})
        wire_id = self.screen.wire_id(surface)
        button = next(
            str(node["id"])
            for node in self.sim.nodes(wire_id)
            if node["type"] == "Button" and node["props"]["action"]["name"] == action
        )
        return self.sim.press(wire_id, button, timestamp="2026-01-01T12:00:00Z")

    def press(self, action: str = "count", key: str | None = None, **typed: Json) -> Answer:
        answer = self.site.turns.press(self.id, Press(event=self.event(action, **typed), key=key))
        self.look()
        return answer

    def value(self, path: str, surface: str = "main") -> Json:
        found: Json = self.kept.state.surfaces[surface].data["committed"]
        for part in path.split("/"):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


def play(path: Path, site: Site) -> Visit:
    """A recorded conversation, played through turns."""
    script = Script.of(path)
    visit, files = Visit(site), script.files()
    for number, step in enumerate(script.steps):
        if step["kind"] == "edit":
            _enter(visit, step, files)
        elif step["kind"] == "model":
            visit.model(step.get("envelope", step.get("text")), f"k{number}")
        else:
            event = _pressed(visit, step) if step["kind"] == "action" else _reported(visit, step)
            site.turns.press(visit.id, Press(event=event, key=f"k{number}"))
            visit.look()
    return visit


def _enter(visit: Visit, step: Mapping[str, Json], files: Iterator[bytes]) -> None:
    value = step["value"]
    if value == "secret:redacted":
        value = SECRET
    elif isinstance(value, str) and value.startswith(UPLOAD_HANDLE):
        content = next(files, b"")
        file = PostedFile(step["field"], "card.json", BytesIO(content), len(content))
        value = visit.site.turns.upload(visit.id, Post(files=(file,))).handle
    visit.screen.enter({**step, "value": value})


def site_of(path: Path, folder: Path, log: EventLog | None = None) -> Site:
    return Site(app_of(path), folder, log, tools=Script.of(path).tools())


def _pressed(visit: Visit, step: Mapping[str, Json]) -> dict[str, Json]:
    action = step["event"]["userAction"]
    wire_id = visit.screen.wire_id(action["surfaceId"].partition("#e=")[0])
    return visit.sim.press(wire_id, action["sourceComponentId"], timestamp=action["timestamp"])


def _reported(visit: Visit, step: Mapping[str, Json]) -> dict[str, Json]:
    error = step["event"]["error"]
    wire_id = visit.screen.wire_id(error["surfaceId"].partition("#e=")[0])
    return visit.sim.report_error(wire_id, error["message"])


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """What threads get that all begin at the same moment."""
    start, answers = threading.Barrier(count), [None] * count

    def run(index: int) -> None:
        start.wait()
        answers[index] = do(index)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
