"""The host in somebody's own application: below a path, beside routes of theirs."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from tests.host.api.served import Caller, Stream, host, press, serving, until
from tests.host.api.test_websocket import frames, opened
from tests.host.web import TestClient
from uicompiler.host.pages import endpoints


def fastapi() -> Any:
    began: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        began.append("theirs")
        yield

    app = FastAPI(lifespan=lifespan, title="Theirs")

    @app.get("/items/{item_id}")
    def item(item_id: int) -> dict[str, int]:
        return {"item": item_id}

    app.mount("/ui", host())
    app.state.began = began
    return app


def starlette() -> Any:
    async def item(request: Request) -> JSONResponse:
        return JSONResponse({"item": int(request.path_params["item_id"])})

    return Starlette(routes=[Route("/items/{item_id}", item), Mount("/ui", host())])


@pytest.mark.parametrize("theirs", [fastapi, starlette])
def test_everything_works_below_a_path_over_sockets(theirs: Any) -> None:
    """Nobody runs our lifespan there."""
    app = theirs()
    app.state.host = None
    with serving(app) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http, below="/ui")
        stream = Stream(served, caller).until(1)
        with opened(served, caller, "?after=1") as socket:
            assert caller.turn().json()["ok"]
            stream.until(2)
            shown = [f["data"] for f in frames(socket, 2) if f["event"] == "a2ui"]
            event = press(shown, {"name": "Ada", "email": "ada@example.org"})
            assert caller.post("/events", event).status_code == 200
            assert frames(socket, 3)
        stream.until(3)
        stream.close()
        assert http.get("/items/7").json() == {"item": 7}
        assert http.get("/ui/readyz").json() == {"ok": True}
        page = http.get("/ui/")
        assert 'href="/ui/static/' in page.text


@pytest.mark.parametrize("theirs", [fastapi, starlette])
def test_the_cookie_and_the_place_are_below_it_too(theirs: Any) -> None:
    http = TestClient(theirs())
    response = http.post("/ui/conversations")
    at = response.headers["location"]
    assert at == f"/ui/conversations/{response.json()['id']}"
    assert f"Path={at};" in response.headers["set-cookie"]
    assert http.get(f"{at}/snapshot").status_code == 200
    assert http.get(at.removeprefix("/ui") + "/snapshot").status_code == 404


def test_both_descriptions_stand_side_by_side() -> None:
    http = TestClient(fastapi())
    theirs, ours = http.get("/openapi.json").json(), http.get("/ui/openapi.json").json()
    assert set(theirs["paths"]) == {"/items/{item_id}"}
    assert ours["servers"] == [{"url": "/ui"}]
    assert "/conversations" in ours["paths"]
    assert http.get("/docs").status_code == 200


def test_refusals_below_a_path_are_json_for_the_api_and_pages_for_pages() -> None:
    http = TestClient(fastapi())
    api = http.get("/ui/conversations/x/nothing")
    assert (api.status_code, api.json()["error"]["code"]) == (404, "HOST_PAGE_UNKNOWN")
    page = http.get("/ui/nothing")
    assert page.headers["content-type"].startswith("text/html")
    assert http.get("/nothing").json() == {"detail": "Not Found"}  # theirs


def test_a_lifespan_of_theirs_may_run_ours() -> None:
    ui = host()
    app = FastAPI(lifespan=lambda _app: ui.router.lifespan_context(ui))
    app.mount("/ui", ui)
    with TestClient(app) as http:
        assert http.get("/ui/readyz").status_code == 200
        assert not ui.state.host.drain.began
    assert ui.state.host.drain.began


def test_two_hosts_in_one_application_know_nothing_of_each_other() -> None:
    app = FastAPI()
    app.mount("/crm", host())
    app.mount("/booking", host("booking"))
    http = TestClient(app)
    one, other = Caller(http, below="/crm"), Caller(http, below="/booking")
    one.turn()
    there = http.get(f"{other.at}/snapshot", headers=one.bearer)
    assert there.status_code == 404
    assert "uicompiler_turns_total{" in http.get("/crm/metrics").text
    assert "uicompiler_turns_total{" not in http.get("/booking/metrics").text
    assert json.loads(http.get("/booking/openapi.json").text)["info"]["title"] == "booking"


@pytest.mark.parametrize("ours", [True, False])
def test_the_sweep_runs_by_the_clock_only_where_our_lifespan_runs(
    ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "_SWEEP_S", 0.02)
    ui = host()
    swept: list[float] = []
    monkeypatch.setattr(ui.state.host._turns, "sweep", lambda: swept.append(time.monotonic()))
    run = (lambda _app: ui.router.lifespan_context(ui)) if ours else None
    app = FastAPI(lifespan=run)
    app.mount("/ui", ui)
    app.state.host = None
    with serving(app) as served:
        time.sleep(0.3)
        assert bool(swept) == ours
        httpx.get(f"{served.url}/ui/healthz")
        until(lambda: swept)  # a request sees to it in any case
