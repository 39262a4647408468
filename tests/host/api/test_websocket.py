"""WebSockets: the same as the streams, and what the user does; misuse is closed with a code."""

from __future__ import annotations

import contextlib
import gc
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.host.api.served import (
    ENVELOPE,
    FORM,
    Caller,
    Served,
    Stream,
    host,
    press,
    serving,
    until,
)
from tests.host.web import RING
from uicompiler import Action, Outcome, StateView, StoreError, UIApp
from uicompiler.errors import diagnostic
from uicompiler.host import Rate, RateLimits, StreamLimits, create_app

QUICK = StreamLimits(streams=4, heartbeat_s=0.2, send_s=0.5)


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(host(streams=QUICK)) as found:
        yield found


@pytest.fixture
def caller(served: Served) -> Iterator[Caller]:
    with httpx.Client(base_url=served.url) as http:
        yield Caller(http)


def opened(
    served: Served, caller: Caller, query: str = "", headers: dict[str, str] | None = None
) -> ClientConnection:
    told = caller.bearer if headers is None else headers
    url = f"ws://127.0.0.1:{served.port}{caller.at}/ws{query}"
    return connect(url, additional_headers=told, open_timeout=20, close_timeout=5)


def goes_on(opened_: ClientConnection) -> None:
    """Whoever is told that something is wrong is heard further on."""
    opened_.send('{"what": 1, "key": "still here"}')
    while frames(opened_, "answer")[-1].get("key") != "still here":
        pass


def frames(opened_: ClientConnection, last: int | str) -> list[Any]:
    """Frames up to a turn's last, or one of a name; without heartbeats."""
    found: list[Any] = []
    while True:
        said = json.loads(opened_.recv(timeout=20))
        if said["event"] == "heartbeat":
            continue
        found.append(said)
        if last in (said.get("id"), said["event"]):
            return found


def closed(opened_: ClientConnection) -> tuple[int, str]:
    """How a socket is closed."""
    while True:
        try:
            opened_.recv(timeout=20)
        except ConnectionClosed as exc:
            assert exc.rcvd is not None
            return exc.rcvd.code, exc.rcvd.reason


def refusal(served: Served, caller: Caller, **given: Any) -> tuple[int, str]:
    """How a handshake is refused."""
    with pytest.raises(InvalidStatus) as refused:
        opened(served, caller, **given)
    response = refused.value.response
    assert response.body is not None
    return response.status_code, json.loads(response.body)["error"]["code"]


def test_it_tells_what_the_stream_tells(served: Served, caller: Caller) -> None:
    stream = Stream(served, caller).until(1)
    with opened(served, caller) as opened_:
        opened_.send('{"resume": null}')
        assert frames(opened_, 1) == [{"event": "rest", "data": {}, "id": 1}]
        caller.turn()
        told = frames(opened_, 2)
    stream.until(2)
    assert [(f["event"], f["data"]) for f in told] == [
        (e.name, json.loads(e.data)) for e in stream.events[1:]
    ]
    assert [f.get("id") for f in told] == [None] * (len(told) - 1) + [2]


@pytest.mark.parametrize("by", ["message", "address", "header"])
def test_who_resumes_gets_the_turns_after(served: Served, caller: Caller, by: str) -> None:
    caller.turn()
    caller.turn({"assistant_text": "more", "directives": []})
    query = "?after=2" if by == "address" else ""
    headers = {**caller.bearer, **({"Last-Event-ID": "2"} if by == "header" else {})}
    with opened(served, caller, query, headers) as opened_:
        if by == "message":
            opened_.send('{"resume": 2}')
        assert frames(opened_, 3) == [{"event": "text", "data": {"text": "more"}, "id": 3}]
        opened_.send('{"resume": 1}')  # once is enough: it may be long
        refused = frames(opened_, "answer")[-1]
        assert refused["data"]["error"]["code"] == "HOST_FRAME_INVALID"


def test_who_says_nothing_gets_everything(served: Served, caller: Caller) -> None:
    caller.turn()
    with opened(served, caller) as opened_:
        assert [f["data"] for f in frames(opened_, 2)] == caller.messages()


def test_a_user_acts_and_is_answered(served: Served, caller: Caller) -> None:
    caller.turn()
    with opened(served, caller, "?after=0") as opened_:
        shown = [f["data"] for f in frames(opened_, 2) if f["event"] == "a2ui"]
        event = press(shown, {"name": "Ada", "email": "ada@example.org"})
        opened_.send(json.dumps({**event, "key": "k1"}))
        said = frames(opened_, "answer")
        answer = said[-1]
        assert (answer["status"], answer["key"]) == (200, "k1")
        assert answer["data"]["ok"]
        opened_.send(json.dumps({**event, "key": "k1"}))
        assert frames(opened_, "answer")[-1] == answer
        again = caller.post("/events", event, Idempotency_Key="k1")
        assert again.json() == answer["data"]
        event["userAction"]["context"]["_nonce"] = "forged"
        opened_.send(json.dumps({**event, "key": "k2"}))
        refused = frames(opened_, "answer")[-1]
        assert (refused["status"], refused["key"]) == (403, "k2")
        assert refused["data"]["error"]["code"] == "A2UI_C2S_NONCE_INVALID"


def test_a_client_error_shows_the_surface_anew(served: Served, caller: Caller) -> None:
    caller.turn()
    with opened(served, caller, "?after=2") as opened_:
        opened_.send('{"error": {"surfaceId": "main", "message": "lost it"}}')
        said = frames(opened_, "answer")
        assert said[-1]["status"] == 200
        assert "key" not in said[-1]


# --- who ------------------------------------------------------------------------------------------


def test_a_wrong_token_is_refused_like_a_wrong_id(served: Served, caller: Caller) -> None:
    forged = {"Authorization": "Bearer forged"}
    assert refusal(served, caller, headers=forged) == (404, "HOST_CONVERSATION_UNKNOWN")
    caller.at = "/conversations/nowhere"
    assert refusal(served, caller) == (404, "HOST_CONVERSATION_UNKNOWN")


def test_a_malformed_place_is_refused(served: Served, caller: Caller) -> None:
    assert refusal(served, caller, query="?after=x") == (400, "HOST_RESUME_INVALID")


def test_the_token_may_come_first(served: Served, caller: Caller) -> None:
    caller.turn()
    with opened(served, caller, headers={}) as opened_:
        opened_.send(json.dumps({"token": caller.token, "resume": 1}))
        assert frames(opened_, 2)[-1]["event"] == "text"


@pytest.mark.parametrize(
    "first",
    [
        {"token": "forged"},
        {"token": 1},
        {"resume": 1},
        {"userAction": {}},
        {},
    ],
)
def test_without_it_nothing_opens(served: Served, caller: Caller, first: Any) -> None:
    with opened(served, caller, headers={}) as opened_:
        opened_.send(json.dumps(first))
        assert closed(opened_) == (4404, "HOST_CONVERSATION_UNKNOWN")


def test_who_brings_no_token_in_time_is_closed() -> None:
    asgi = host()
    api = asgi.state.host._api
    object.__setattr__(api, "hello_s", 0.2)
    with serving(asgi) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)
        with opened(served, caller, headers={}) as opened_:
            assert closed(opened_) == (4408, "HOST_TOKEN_LATE")


def test_a_page_of_another_site_opens_nothing(served: Served, caller: Caller) -> None:
    cookie = {"Cookie": f"ui_capability={caller.token}"}
    evil = {**cookie, "Origin": "https://evil.example"}
    assert refusal(served, caller, headers=evil) == (403, "HOST_ORIGIN_FORBIDDEN")
    without = {"Origin": "https://evil.example"}
    assert refusal(served, caller, headers=without) == (403, "HOST_ORIGIN_FORBIDDEN")
    own = {**cookie, "Origin": served.url}
    with opened(served, caller, headers=own) as opened_:
        opened_.send('{"resume": null}')
        frames(opened_, 1)


def test_only_so_many_are_open(served: Served, caller: Caller) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            frames(stack.enter_context(opened(served, caller, "?after=0")), 1)
        with opened(served, caller, "?after=0") as one_more:
            assert closed(one_more) == (4429, "HOST_STREAMS_TOO_MANY")
    until(lambda: served.asgi.state.host.hub.open_streams == 0)


# --- misuse ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("hello", "HOST_FRAME_INVALID"),
        ("[]", "HOST_FRAME_INVALID"),
        ('{"a":1,"a":2}', "HOST_FRAME_INVALID"),
        ("[" * 5_000, "HOST_FRAME_INVALID"),
        ('{"error":{"message":"\\ud800"}}', "HOST_FRAME_INVALID"),
        ('{"error":{"message":"m"},"key":"\\ud800"}', "HOST_FRAME_INVALID"),
        ('{"resume":"\\udfff"}', "HOST_FRAME_INVALID"),
        ('{"\\ud800":1}', "HOST_FRAME_INVALID"),
    ],
)
def test_what_cannot_be_read_is_an_error(
    served: Served, caller: Caller, message: str, code: str
) -> None:
    with opened(served, caller, "?after=0") as opened_:
        frames(opened_, 1)
        opened_.send(message)
        said = frames(opened_, "error")[-1]
        assert (said["status"], said["data"]["error"]["code"]) == (400, code)
        goes_on(opened_)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"what": 1, "key": "k"}, "HOST_FRAME_INVALID"),
        ({"userAction": {}, "error": {}, "key": "k"}, "HOST_FRAME_INVALID"),
        ({"resume": "x"}, "HOST_RESUME_INVALID"),
        ({"resume": -1}, "HOST_RESUME_INVALID"),
        ({"resume": True}, "HOST_RESUME_INVALID"),
        ({"resume": 1.5}, "HOST_RESUME_INVALID"),
        ({"userAction": {}, "key": "k"}, "A2UI_C2S_ENVELOPE_INVALID"),
        ({"userAction": {}, "key": 1}, "HOST_BODY_INVALID"),
        ({"userAction": {}, "key": "k" * 300}, "HOST_BODY_INVALID"),
    ],
)
def test_what_is_not_known_is_answered(
    served: Served, caller: Caller, content: Any, code: str
) -> None:
    with opened(served, caller, "?after=0") as opened_:
        frames(opened_, 1)
        opened_.send(json.dumps(content))
        said = frames(opened_, "answer")[-1]
        assert said["data"]["error"]["code"] == code
        assert said.get("key") == (content["key"] if isinstance(content.get("key"), str) else None)


def test_binary_messages_close_it(served: Served, caller: Caller) -> None:
    for headers in (caller.bearer, {}):
        with opened(served, caller, headers=headers) as opened_:
            opened_.send(b"\x00\x01")
            assert closed(opened_) == (4400, "HOST_FRAME_INVALID")


def test_huge_messages_close_it(served: Served, caller: Caller) -> None:
    for headers in (caller.bearer, {}):
        with opened(served, caller, headers=headers) as opened_:
            opened_.send('"' + "x" * 400_000 + '"')
            assert closed(opened_) == (4413, "HOST_BODY_TOO_LARGE")


def test_a_flood_is_limited_then_closed_while_others_go_on() -> None:
    rates = RateLimits(messages=Rate(5, 10))
    with serving(host(rates=rates)) as served, httpx.Client(base_url=served.url) as http:
        flooder, other = Caller(http), Caller(http)
        other.turn()
        with (
            opened(served, other, "?after=2") as calm,
            opened(served, flooder, "?after=0") as opened_,
        ):
            frames(opened_, 1)
            began = time.monotonic()
            try:
                for _ in range(10_000):
                    opened_.send('{"error": {"surfaceId": "main", "message": "x"}}')
            except ConnectionClosed:
                pass
            assert closed(opened_) == (4429, "HOST_RATE_LIMITED")
            assert time.monotonic() - began < 10
            calm.send(json.dumps({**other.submit(), "key": "k"}))
            assert frames(calm, "answer")[-1]["status"] == 200
        assert 'uicompiler_refusals_total{code="HOST_RATE_LIMITED"}' in http.get("/metrics").text


def test_a_little_too_fast_is_told_and_goes_on() -> None:
    rates = RateLimits(messages=Rate(2, 2))
    with serving(host(rates=rates)) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)
        with opened(served, caller, "?after=0") as opened_:
            frames(opened_, 1)
            for _ in range(8):
                opened_.send('{"what": 1}')
                time.sleep(0.02)  # one refusal is said at a time
            said = frames(opened_, "error")[-1]
            assert said["data"]["error"]["code"] == "HOST_RATE_LIMITED"
            time.sleep(0.6)
            goes_on(opened_)


def test_a_client_that_never_reads_is_dropped(served: Served, caller: Caller) -> None:
    deaf = served.connect()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    head = (
        f"GET {caller.at}/ws?after=0 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {caller.token}\r\n"
    )
    deaf.sendall(f"{head}\r\n".encode())
    hub = served.asgi.state.host.hub
    until(lambda: hub.open_streams == 1)
    large = {"assistant_text": "x" * 60_000, "directives": [FORM]}
    deadline = time.monotonic() + 60
    while not hub.drops["send"] and not hub.drops["queue"]:
        assert time.monotonic() < deadline
        assert caller.turn(large).status_code == 200
    until(lambda: hub.open_streams == 0)


def test_a_quiet_socket_says_that_it_is_there(served: Served, caller: Caller) -> None:
    with opened(served, caller, "?after=0") as opened_:
        frames(opened_, 1)
        assert json.loads(opened_.recv(timeout=20)) == {"event": "heartbeat", "data": {}}


def test_when_a_conversation_ends_so_does_its_socket(served: Served, caller: Caller) -> None:
    with opened(served, caller, "?after=0") as opened_:
        frames(opened_, 1)
        caller.http.delete(caller.at, headers=caller.bearer)
        assert closed(opened_) == (4404, "HOST_CONVERSATION_UNKNOWN")


def test_turns_of_one_socket_run_beside_each_other() -> None:
    going = threading.Event()

    def model(_request: Any) -> Any:
        going.wait(10)
        return ENVELOPE

    with serving(host(model=model)) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)
        caller.turn()
        asking = threading.Thread(target=lambda: caller.turn({"message": "more"}))
        asking.start()
        with opened(served, caller, "?after=2") as opened_:
            opened_.send(json.dumps({**caller.submit(), "key": "k"}))
            assert frames(opened_, "answer")[-1]["status"] == 200  # while the model still thinks
            going.set()
            asking.join()


def broken(**_settings: Any) -> Any:
    """A host whose handler has a bug, and one whose log is away from some time on."""
    app = UIApp("broken", inline_form_action="go")

    @app.action("go")
    def go(_action: Action, _view: StateView) -> Outcome:
        raise LookupError("my pin is 4711")

    return create_app(app, signer=RING)


def test_a_bug_is_answered_and_told_to_whoever_runs_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fields = [{"id": "name", "label": "Name"}]
    form = {"type": "ui.show_form", "payload": {"title": "T", "fields": fields}}
    with serving(broken()) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)
        caller.turn({"assistant_text": "", "directives": [form]})
        event = press(caller.messages(), {}, "go")
        with opened(served, caller, "?after=2") as opened_:
            opened_.send(json.dumps({**event, "key": "k"}))
            said = frames(opened_, "answer")[-1]
            assert (said["status"], said["key"]) == (500, "k")
            assert said["data"]["error"]["code"] == "HOST_FAILED"
            assert "4711" not in json.dumps(said)
            goes_on(opened_)
    assert any(record.exc_info for record in caplog.records if record.name == "asyncio")


def test_a_log_that_is_away_closes_it_to_be_resumed(
    served: Served, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise StoreError([diagnostic("STORE_UNAVAILABLE", "away")])

    with opened(served, caller, "?after=0") as opened_:
        frames(opened_, 1)
        hub = served.asgi.state.host.hub
        monkeypatch.setattr(hub.source, "since", away)
        hub.caught_up_to(caller.id, 9)
        assert closed(opened_) == (4503, "STORE_UNAVAILABLE")


def test_a_turn_that_cannot_answer_closes_the_socket(
    served: Served, caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr("uicompiler.host.api.websocket._ANSWERS", 0)
    caller.turn()
    with opened(served, caller, "?after=2") as opened_:
        opened_.send(json.dumps({**caller.submit(), "key": "k"}))
        assert closed(opened_) == (1013, "HOST_STREAM_SLOW")
    gc.collect()
    assert [record for record in caplog.records if record.name == "asyncio"] == []
