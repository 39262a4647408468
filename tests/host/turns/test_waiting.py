"""Presses that wait keep nobody else waiting, and there are only so many."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.host.web import Browser, TestClient
from uicompiler import HostError, Outcome, ToolCall, UIApp
from uicompiler.host.turns.waiting import Presses, PressLimits

FORM = {"type": "ui.show_form", "payload": {"title": "T", "fields": [{"id": "a", "label": "A"}]}}


def slow_app(tmp_path: Path, tool: Any, **settings: Any) -> Browser:
    """A host whose only button asks for a tool."""
    app = UIApp("slow", inline_form_action="take")

    @app.action("take")
    def take(action: Any, view: Any) -> Outcome:
        return Outcome() if action.tool_results else Outcome(tool_calls=[ToolCall("t", "x", {})])

    (tmp_path / "app" / "turns").mkdir(parents=True)
    turn = {"assistant_text": "", "directives": [FORM]}
    (tmp_path / "app" / "turns" / "form.json").write_text(json.dumps(turn))
    return Browser(app, tmp_path, folder=tmp_path / "app", tools={"x": tool}, **settings)


def test_presses_beyond_the_limit_are_refused_and_keep_nobody_waiting(tmp_path: Path) -> None:
    asked, go = threading.Event(), threading.Event()

    def tool(arguments: Any, context: Any) -> Any:
        asked.set()
        go.wait(20)
        return 1

    page = slow_app(tmp_path, tool)
    statuses: Counter[int] = Counter()
    with TestClient(page.asgi) as page.client:
        page.begin(turn="form")
        post = page.post_of("Submit", {"a": "x"})

        def send() -> None:
            statuses[page.send(post, idempotency_key="k").status_code] += 1

        threads = [threading.Thread(target=send) for _ in range(45)]
        for thread in threads:
            thread.start()
        assert asked.wait(5)
        began = time.monotonic()
        assert page.client.get("/static/uicompiler.js").status_code == 200
        assert page.client.get(page.path).status_code == 200
        assert time.monotonic() - began < 3
        while statuses[429] < 37 and time.monotonic() - began < 10:
            time.sleep(0.01)
        go.set()
        for thread in threads:
            thread.join()
        assert page.send(post, idempotency_key="k").status_code == 200
    assert statuses == {200: 8, 429: 37}


def test_the_refusal_is_said_in_words(tmp_path: Path) -> None:
    page = slow_app(tmp_path, lambda *_: 1, presses=PressLimits(conversation=0))
    response = page.client.post("/", data={})
    page.response = response
    csrf = next(v for n, v in _hidden(page) if n == "_csrf")
    refused = page.client.post(f"{page.path}/turns", data={"turn": "form", "_csrf": csrf})
    assert refused.status_code == 429
    assert "That was a lot at once." in refused.text


def _hidden(page: Browser) -> list[tuple[str, str]]:
    inputs = (e for e in page.root.iter() if e.get("type") == "hidden")
    return [(str(e.get("name")), str(e.get("value"))) for e in inputs]


def test_places_come_free_again() -> None:
    presses = Presses(PressLimits(conversation=1))

    async def main() -> None:
        for _ in range(3):
            assert await presses.run("c", lambda: 7) == 7
            with pytest.raises(LookupError):
                await presses.run("c", {}.__getitem__, "x")

    anyio.run(main)
    assert not presses._counts


def test_conversations_are_counted_apart() -> None:
    presses = Presses(PressLimits(conversation=1))
    inside, go = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        go.wait(5)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(presses.run, "c", wait)
            await anyio.to_thread.run_sync(inside.wait)
            with pytest.raises(HostError) as refused:
                await presses.run("c", wait)
            assert refused.value.code == "HOST_PRESSES_TOO_MANY"
            assert await presses.run("d", lambda: 7) == 7
            go.set()

    anyio.run(main)
