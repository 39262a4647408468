"""Events of scripts: checked in the order of presses, and read no further than they may be long."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.host.test_refusals import codes_in
from tests.host.web import Browser, TestClient
from uicompiler.errors import HostError, diagnostic
from uicompiler.host import BodyLimits, Keeping
from uicompiler.host.api import bodies
from uicompiler.host.pages import endpoints
from uicompiler.host.streams.hub import Told

GOOD = {"error": {"surfaceId": "main", "message": "The surface could not be shown."}}
WRONG_ID = {"error": {"surfaceId": "ma in", "message": "x"}}
LONG = b'{"error": {"surfaceId": "main", "message": "' + b"x" * 300_000 + b'"}}'


def sent(page: Browser, body: bytes, *, stranger: bool = False, **headers: str) -> Any:
    told = {
        "content-type": "application/json",
        **{n.replace("_", "-"): v for n, v in headers.items()},
    }
    client = page.another().client if stranger else page.client
    return client.post(f"{page.path}/events", content=body, headers=told)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (LONG, "A2UI_C2S_CONTEXT_TOO_LARGE"),
        (b"[" * 1000, "A2UI_C2S_CONTEXT_TOO_LARGE"),
        (b"[]", "A2UI_C2S_ENVELOPE_INVALID"),
        (b"{", "A2UI_C2S_ENVELOPE_INVALID"),
        (json.dumps(WRONG_ID).encode(), "A2UI_C2S_ENVELOPE_INVALID"),
    ],
)
@pytest.mark.parametrize("stranger", [True, False])
def test_size_shape_and_ids_come_before_who_it_is_from(
    body: bytes, code: str, stranger: bool, at, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "uicompiler.host")
    page = at("crm").begin(turn="01_show_form")
    sent(page, body, stranger=stranger, origin="https://evil.example")
    assert codes_in(caplog)[0] == code


def test_then_who_it_is_from(at, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "uicompiler.host")
    page, good = at("crm").begin(turn="01_show_form"), json.dumps(GOOD).encode()
    sent(page, good, stranger=True, origin="https://evil.example")
    assert codes_in(caplog) == ["HOST_CONVERSATION_UNKNOWN"]
    sent(page, good, origin="https://evil.example")
    assert codes_in(caplog) == ["HOST_ORIGIN_FORBIDDEN"]
    sent(page, good)
    assert codes_in(caplog) == ["HOST_CSRF_INVALID"]


def test_no_more_is_read_than_an_event_may_be_long(at, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []

    async def read_body(request: Any, most: int, body: BodyLimits) -> bytes:
        read.append((most, body))
        return b"{}"

    monkeypatch.setattr(bodies, "read_body", read_body)
    limits = BodyLimits(slow_s=3.0)
    page = at("crm", body=limits).begin(turn="01_show_form")
    sent(page, b"{}")
    assert read == [(page.host._app.limits.max_event_bytes, limits)]


@pytest.mark.parametrize(
    ("code", "status"), [("HOST_BODY_SLOW", 408), ("HOST_BODY_TOO_LARGE", 413)]
)
def test_why_a_body_is_not_read_is_said(
    code: str, status: int, at, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_body(request: Any, most: int, body: BodyLimits) -> bytes:
        raise HostError([diagnostic(code, "no")])

    monkeypatch.setattr(bodies, "read_body", read_body)
    page = at("crm").begin(turn="01_show_form")
    assert sent(page, b"{}").status_code == status


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_the_content_type_has_no_case(kind: str, at) -> None:
    page = at("crm").begin(turn="01_show_form")
    token = page.values()["_csrf"]
    response = sent(page, json.dumps(GOOD).encode(), x_csrf_token=token, content_type=kind)
    assert response.status_code == 200


# --- what is swept --------------------------------------------------------------------------------


def test_what_no_store_knows_is_forgotten(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    turns, hub = page.host._turns, page.host.hub
    turns._vault.keep("gone", {"secret:1": "x"}, ["secret:1"])
    hub.tell("gone", Told(1, "", ()))
    turns.forget_unknown()
    assert (turns._vault.ids(), hub.ids()) == ([], [page.id])


def test_of_what_is_over_nothing_stays(at) -> None:
    page = at("crm", keeping=Keeping(idle_s=10)).begin(turn="01_show_form")
    assert page.host.hub.ids() == [page.id]
    page.host._store._clock = lambda: time.time() + 11
    page.host._store.expire()
    assert page.host.hub.ids() == []
    assert list(page.host._store.log.ids()) == []


def test_a_host_below_a_path_sweeps_by_itself_but_not_at_every_request(
    at, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, now, swept = at("crm"), [0.0], []
    monkeypatch.setattr(page.host._turns, "sweep", lambda: swept.append(now[0]))
    monkeypatch.setattr(page.host, "_swept", 0.0)
    monkeypatch.setattr(endpoints.time, "monotonic", lambda: now[0])
    client = TestClient(Starlette(routes=[Mount("/ui", page.asgi)]))
    for now[0] in (1.0, 59.0, 61.0, 62.0, 122.0):
        assert client.get("/ui/healthz").status_code == 200
    assert swept == [61.0, 122.0]
