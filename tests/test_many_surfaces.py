"""Conversations that show more surfaces than one response may: none of them is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.host.api.served import Caller, Stream, serving
from tests.host.playing import Site, said
from tests.host.web import RING, TestClient
from uicompiler import CompileResult, Limits, UIApp, UIState, compile, restore, snapshot
from uicompiler.host import create_app
from uicompiler.store.memory import MemoryLog
from uicompiler.templates.form import FormTemplate

MANY = 20
"""More than `max_surfaces_per_response`."""

each_backend = pytest.mark.parametrize("backend", ["a2ui-v0.8", "html"])


def app_of(title: str = "One", version: int = 1) -> UIApp:
    """An app with one form."""
    app = UIApp("many", inline_form_action="save")
    given = {
        "title": title,
        "version": version,
        "fields": [{"id": "name", "label": "N"}],
        "buttons": [{"key": "s", "label": "S", "action": "save", "submit": True}],
    }
    app.add_form("f", FormTemplate.model_validate(given))
    return app


def shown(number: int, kind: str = "ui.show_form") -> dict[str, Any]:
    name = f"s{number}"
    if kind == "ui.show_result":
        return {"type": kind, "payload": {"title": "T", "surface": name}}
    payload = {"form_id": "f", "surface": name, "values": {"/draft/name": f"draft {number}"}}
    return {"type": kind, "payload": payload}


def many(backend: str, app: UIApp, count: int = MANY) -> UIState:
    """A state that shows many forms with drafts, each of a turn of its own."""
    state: UIState | None = None
    for number in range(count):
        result = compile([shown(number)], app=app, state=state, backend=backend)
        assert result.ok, result.diagnostics
        state = result.state
    assert state is not None
    return state


def drafts(state: UIState) -> Mapping[str, Any]:
    return {surface.name: surface.data["draft"]["name"] for surface in state.live_surfaces()}


def names(result: CompileResult) -> list[str]:
    return [batch.surface for batch in result.batches]


ALL = {f"s{number}": f"draft {number}" for number in range(MANY)}


@each_backend
@pytest.mark.parametrize(
    "tight",
    [{}, {"max_messages_per_response": 8}, {"max_bytes_per_response": 4_000}],
    ids=["surfaces", "messages", "bytes"],
)
def test_a_snapshot_is_whole(backend: str, tight: dict[str, int]) -> None:
    state = many(backend, app_of())
    app = app_of()
    object.__setattr__(app, "limits", replace(Limits(), **tight))
    result = snapshot(state, app=app, backend=backend)
    assert result.ok
    assert names(result) == list(ALL)


@each_backend
def test_what_expires_at_once_is_locked_at_once_and_no_draft_is_lost(backend: str) -> None:
    before = many(backend, app_of())
    result = compile([], app=app_of("Two", 2), state=before, backend=backend)
    assert result.ok
    assert {surface.status for surface in result.state.surfaces.values()} == {"expired"}
    assert drafts(result.state) == ALL
    assert names(result) == list(ALL)


@each_backend
def test_what_a_model_shows_beside_is_counted_by_itself(backend: str) -> None:
    before = many(backend, app_of())
    more = [shown(100 + number, "ui.show_result") for number in range(17)]
    result = compile(more, app=app_of("Two", 2), state=before, backend=backend)
    assert result.fallback is not None
    assert result.fallback.surfaces == ("s116",)
    assert {name for name in ALL if result.state.surfaces[name].live} == set(ALL)


@each_backend
def test_all_of_a_state_comes_back(backend: str) -> None:
    app = app_of()
    then = many(backend, app)
    now = restore(then, UIState(then.conversation_id), app=app, backend=backend).state
    assert drafts(now) == {}
    result = restore(now, then, app=app, backend=backend)
    assert result.ok
    assert drafts(result.state) == ALL


@each_backend
def test_a_reset_builds_all_of_them_anew(backend: str) -> None:
    before = many(backend, app_of())
    turn = said(shown(0))
    result = compile(turn, app=app_of(), state=before, backend=backend, update="reset")
    assert result.ok
    assert drafts(result.state) == ALL


# --- how many there may be ------------------------------------------------------------------------


@each_backend
def test_a_directive_that_shows_one_too_many_is_refused(backend: str) -> None:
    app = UIApp("few", limits=replace(Limits(), max_live_surfaces=2))
    result = compile([shown(n, "ui.show_result") for n in range(3)], app=app, backend=backend)
    assert names(result) == ["s0", "s1"]
    [finding] = result.diagnostics
    assert finding.code == "DIRECTIVE_LIMIT_EXCEEDED"
    assert "max_live_surfaces is 2, the conversation would show 3" in finding.message
    assert finding.pointer == "/directives/2/payload/surface"
    again = compile([shown(1, "ui.show_result")], app=app, state=result.state, backend=backend)
    assert again.ok
    close = {"type": "ui.close", "payload": {"surface": "s0"}}
    room = compile([close, shown(2, "ui.show_result")], app=app, state=again.state, backend=backend)
    assert [surface.name for surface in room.state.live_surfaces()] == ["s1", "s2"]


def test_as_many_as_there_may_be_are_shown_to_whoever_comes_anew() -> None:
    most = Limits().max_live_surfaces
    state = many("a2ui-v0.8", app_of(), most)
    assert len(snapshot(state, app=app_of()).batches) == most
    refused = compile([shown(most)], app=app_of(), state=state)
    assert (refused.ok, refused.state) == (False, state)


# --- over HTTP ------------------------------------------------------------------------------------


def test_an_app_that_changed_loses_no_form_of_a_conversation(tmp_path: Path) -> None:
    log = MemoryLog()
    old = Site(app_of(), tmp_path, log)
    name = old.turns.begin()[0].id
    for number in range(MANY):
        old.turns.model(name, said(shown(number)), key=None)
    now = Site(app_of("Two", 2), tmp_path, log).turns.opened(name)
    assert now is not None
    assert drafts(now.state) == ALL
    assert {surface.status for surface in now.state.surfaces.values()} == {"expired"}


@each_backend
def test_every_way_to_come_anew_shows_all_there_is(backend: str) -> None:
    host = create_app(app_of(), signer=RING)
    caller = Caller(TestClient(host), protocol=backend)
    for number in range(MANY):
        assert caller.turn(said(shown(number))).json()["ok"]
    ways = {"snapshot": caller.get("/snapshot").text}
    with serving(host) as served:
        ways["stream"] = Stream(served, caller).until(MANY + 1).body.decode()
        socket = f"ws://127.0.0.1:{served.port}{caller.at}/ws"
        with connect(socket, additional_headers=caller.bearer) as opened:
            frames = [json.loads(opened.recv(20))]
            while "id" not in frames[-1]:
                frames.append(json.loads(opened.recv(20)))
            ways["socket"] = json.dumps(frames)
    if backend == "html":
        page = f"/c/{caller.id}"
        ways["page"] = caller.http.get(page, headers=caller.bearer).text
    for way, told in ways.items():
        assert [n for n in range(MANY) if f"draft {n}" not in told] == [], way
