"""The same post, from many at once: one effect, equal answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.host.api.served import ENVELOPE, Caller, host, serving
from tests.host.web import Browser, example, folder
from uicompiler.host.api.once import Once


@pytest.fixture
def many() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(50) as found:
        yield found


def test_fifty_clients_send_the_same_action_under_one_key(many: ThreadPoolExecutor) -> None:
    with serving(host()) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)
        caller.turn()
        event, together = caller.submit(), threading.Barrier(50)

        def send(_number: int) -> httpx.Response:
            with httpx.Client(base_url=served.url, timeout=30) as own:
                together.wait()
                headers = {**caller.bearer, "Idempotency-Key": "k"}
                return own.post(f"{caller.at}/events", json=event, headers=headers)

        answers = list(many.map(send, range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert caller.get("/snapshot").json()["seq"] == answers[0].json()["seq"] == 3
        text = http.get("/metrics").text
        assert 'uicompiler_turns_total{kind="event",outcome="ok"} 1.0' in text
        assert 'uicompiler_turns_total{kind="event",outcome="repeated"} 49.0' in text


def test_fifty_messages_under_one_key_ask_the_model_once(many: ThreadPoolExecutor) -> None:
    asked: list[Any] = []

    def model(request: Any) -> Any:
        asked.append(request)
        return ENVELOPE

    with serving(host(model=model)) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)

        def send(_number: int) -> httpx.Response:
            with httpx.Client(base_url=served.url, timeout=30) as own:
                headers = {**caller.bearer, "Idempotency-Key": "k"}
                return own.post(f"{caller.at}/turns", json={"message": "x"}, headers=headers)

        answers = list(many.map(send, range(50)))
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1
        assert len(asked) == 1


def test_presses_of_pages_are_counted_too(tmp_path: Any) -> None:
    page = Browser(example("crm"), tmp_path, folder=folder("crm")).begin(turn="01_show_form")
    page.press("Save", {"name": "Ada", "email": "ada@example.org"})
    text = page.client.get("/metrics").text
    assert 'uicompiler_turns_total{kind="pick",outcome="ok"} 1.0' in text
    assert 'uicompiler_turns_total{kind="press",outcome="ok"} 1.0' in text


def test_locks_go_with_who_waits_for_them() -> None:
    async def run() -> None:
        once, order = Once(), list[str]()

        async def wait(name: str, key: str | None) -> None:
            async with once.alone("c", key):
                order.append(f"{name} in")
                await asyncio.sleep(0.01)
                order.append(f"{name} out")

        await asyncio.gather(wait("a", "k"), wait("b", "k"))
        assert order == ["a in", "a out", "b in", "b out"]
        order.clear()
        await asyncio.gather(wait("a", None), wait("b", None), wait("c", "k"), wait("d", "l"))
        assert [item[2:] for item in order[:4]] == ["in"] * 4
        failing = asyncio.ensure_future(wait("e", "k"))
        await asyncio.sleep(0)
        failing.cancel()
        await asyncio.gather(failing, return_exceptions=True)
        assert once._known == {}

    asyncio.run(run())
