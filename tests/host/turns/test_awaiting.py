"""Models and tools that are coroutine functions, and tools that give what is no JSON."""

from __future__ import annotations

import asyncio
import datetime
import math
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.host.api.served import Caller, press, serving
from tests.host.playing import FORM, Site, Visit, counting, said
from tests.host.web import RING
from uicompiler.host import ModelRequest, ToolContext, create_app
from uicompiler.host.turns.awaiting import SERVING, settled


class Service:
    """Something asynchronous that belongs to one event loop, as HTTP clients do."""

    def __init__(self) -> None:
        self.loops: set[asyncio.AbstractEventLoop] = set()
        self.threads: set[int] = set()

    async def asked(self) -> None:
        self.loops.add(asyncio.get_running_loop())
        self.threads.add(threading.get_ident())
        await asyncio.sleep(0.001)


def made(service: Service) -> Any:
    async def model(request: ModelRequest) -> dict[str, Any]:
        await service.asked()
        return said(FORM, text=f"You said {request.message}.")

    async def look(arguments: Any, context: ToolContext) -> Any:
        await service.asked()
        return {"name": arguments["name"]}

    return create_app(counting(tool="look"), signer=RING, model=model, tools={"look": look})


def played(caller: Caller) -> Any:
    said_back = caller.turn({"message": "hi"}).json()["assistant_text"]
    assert said_back == "You said hi."
    event = press(caller.messages(), {"name": "Ada"}, "count")
    answer = caller.post("/events", event)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("below", ["", "/ui"])
def test_coroutines_run_in_the_loop_that_serves(below: str) -> None:
    """Alone, and mounted in FastAPI."""
    service = Service()
    app = made(service)
    if below:
        theirs = FastAPI()
        theirs.mount(below, app)
        theirs.state.host = None
        app = theirs
    with serving(app) as served, httpx.Client(base_url=served.url) as http:
        played(Caller(http, below=below))
    assert (len(service.loops), len(service.threads)) == (1, 1)


def test_without_a_loop_that_serves_a_coroutine_has_its_own(tmp_path: Path) -> None:
    async def look(arguments: Any, context: ToolContext) -> Any:
        await asyncio.sleep(0)
        return {"seen": True}

    async def model(request: ModelRequest) -> Any:
        return said(FORM)

    visit = Visit(Site(counting(tool="look"), tmp_path, tools={"look": look}, model=model))
    assert visit.site.turns.ask(visit.id, "hi", key=None).status == 200
    visit.look()
    visit.press(name="Ada")
    assert visit.value("results/t") == {"seen": True}


def test_what_a_coroutine_raises_is_what_the_function_would(tmp_path: Path) -> None:
    async def look(arguments: Any, context: ToolContext) -> Any:
        raise TimeoutError("its own")

    async def model(request: ModelRequest) -> Any:
        raise LookupError("no model")

    visit = Visit(Site(counting(tool="look"), tmp_path, tools={"look": look}, model=model))
    with pytest.raises(LookupError):
        visit.site.turns.ask(visit.id, "hi", key=None)
    visit.model(said(FORM))
    visit.press(name="Ada")
    assert list(visit.value("results/t")) == ["error"]


def test_a_timeout_of_its_own_comes_through_and_a_loop_that_ended_is_told() -> None:
    async def late() -> None:
        raise TimeoutError

    async def never() -> None:
        await asyncio.sleep(60)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    token = SERVING.set(loop)
    try:
        with pytest.raises(TimeoutError):
            settled(late())
        loop.call_later(0.1, loop.stop)
        with pytest.raises(RuntimeError, match="ended"):
            settled(never())
    finally:
        SERVING.reset(token)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


@pytest.mark.parametrize(
    "given",
    [{1, 2}, object(), math.nan, 2**60, {"when": datetime.date(2026, 1, 1)}, [b"bytes"]],
    ids=["set", "object", "nan", "large", "date", "bytes"],
)
def test_a_tool_that_gives_no_json_failed(given: Any, tmp_path: Path) -> None:
    app = counting(tool="look")
    visit = Visit(Site(app, tmp_path, tools={"look": lambda _arguments, _context: given}))
    visit.model(said(FORM))
    assert visit.press(name="Ada").status == 200
    assert visit.value("results/t") == {"error": app.text("host.tool_failed", language="en")}
    visit.site.check()


@pytest.mark.parametrize("given", [None, 1.5, "x", [1, {"a": ()}], {"a": {"b": [True]}}])
def test_what_is_json_is_handed_on(given: Any, tmp_path: Path) -> None:
    visit = Visit(
        Site(counting(tool="look"), tmp_path, tools={"look": lambda _arguments, _context: given})
    )
    visit.model(said(FORM))
    visit.press(name="Ada")
    assert "error" not in str(visit.value("results"))
    visit.site.check()
