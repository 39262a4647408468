"""SSE over a real socket: whole turns, resumed at whole turns, for one and for many."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from clientsim import ClientSim
from tests.faults.sse import Event, Reader
from tests.host.api.served import (
    ENVELOPE,
    FORM,
    Caller,
    Served,
    Stream,
    calling,
    host,
    serving,
    until,
)
from uicompiler.host import StreamLimits

QUICK = StreamLimits(streams=3, heartbeat_s=0.2, send_s=0.5)


def shown(events: list[Event]) -> str:
    """What a client shows that was sent events."""
    sim = ClientSim("web_core")
    for event in events:
        if event.name == "a2ui":
            assert sim.apply(json.loads(event.data)) is None
    return sim.surface_hash_all()


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(host(streams=QUICK)) as found:
        yield found


@pytest.fixture
def caller(served: Served) -> Iterator[Caller]:
    with httpx.Client(base_url=served.url) as http:
        yield Caller(http)


def closing() -> dict[str, Any]:
    return {"assistant_text": "", "directives": [{"type": "ui.close", "payload": {}}]}


def test_a_turn_is_told_as_it_comes(served: Served, caller: Caller) -> None:
    stream = Stream(served, caller).until(1)
    assert [event.name for event in stream.events] == ["rest"]
    assert stream.reader.retry_ms == 2_000
    caller.turn()
    stream.until(2)
    names = [event.name for event in stream.events[1:]]
    assert names == ["a2ui"] * (len(names) - 1) + ["text"]
    assert [event.is_last for event in stream.events[1:]] == [False] * (len(names) - 1) + [True]
    assert json.loads(stream.events[-1].data) == {"text": "Hello"}
    assert [json.loads(e.data) for e in stream.events[1:-1]] == caller.messages()


def test_its_head_says_what_it_is(served: Served, caller: Caller) -> None:
    head = Stream(served, caller).until(1).raw.partition(b"\r\n\r\n")[0].decode().lower()
    for line in (
        "content-type: text/event-stream; charset=utf-8",
        "cache-control: no-store",
        "x-accel-buffering: no",
        "x-content-type-options: nosniff",
    ):
        assert line in head


def test_who_resumes_gets_the_turns_after(served: Served, caller: Caller) -> None:
    whole = Stream(served, caller).until(1)
    for turn in (ENVELOPE, closing(), ENVELOPE):
        caller.turn(turn)
    whole.until(4)
    for seq in range(1, 5):
        after = [event for event in whole.events if _is_of(whole, event, seq)]
        resumed = Stream(served, caller, Last_Event_ID=str(seq))
        if seq < 4:
            resumed.until(4)
        assert [e.data for e in resumed.events] == [e.data for e in after][-len(resumed.events) :]
        resumed.close()
        time.sleep(0.05)


def _is_of(stream: Stream, event: Event, seq: int) -> bool:
    """Whether an event belongs to a turn after a count, though its id comes later."""
    at = stream.events.index(event)
    last = next(item for item in stream.events[at:] if item.is_last)
    return int(last.last_id) > seq


@pytest.mark.parametrize("beyond", ["5", "99999999"])
def test_who_is_beyond_the_end_gets_everything(served: Served, caller: Caller, beyond: str) -> None:
    caller.turn()
    stream = Stream(served, caller, Last_Event_ID=beyond)
    stream.reader = Reader()
    stream.until(2)
    assert [json.loads(e.data) for e in stream.events] == caller.messages()


def test_the_header_counts_more_than_the_address(served: Served, caller: Caller) -> None:
    caller.turn()
    old = Stream(served, caller, "?after=1").until(2)
    assert len(old.events) > 1
    new = Stream(served, caller, "?after=0", Last_Event_ID="2")
    caller.turn(closing())
    new.until(3)
    assert [event.last_id for event in new.events if event.is_last] == ["3"]


def test_gone_surfaces_are_deleted_for_who_lost_count(served: Served, caller: Caller) -> None:
    caller.turn()
    old = Stream(served, caller).until(2)
    caller.turn(closing())
    anew = Stream(served, caller).until(3)
    assert [json.loads(e.data) for e in anew.events] == [{"deleteSurface": {"surfaceId": "main"}}]
    assert shown(old.events + anew.events) == shown([])


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "-1",
        "1.0",
        "+1",
        "0x1",
        "1e3",
        "\u0661",
        "9" * 16,
        "1,2",
        "1\t2",
        "null",
        "1 2",
        "\xb2",
    ],
)
def test_a_malformed_last_event_id_is_refused(given: str) -> None:
    caller = calling()
    header = {**caller.bearer, "Last-Event-ID": given.encode()}
    for response in (
        caller.http.get(f"{caller.at}/stream", headers=header),
        caller.http.get(f"{caller.at}/stream", params={"after": given}, headers=caller.bearer),
    ):
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "HOST_RESUME_INVALID"


def test_two_of_them_are_refused(served: Served, caller: Caller) -> None:
    sent = served.connect()
    head = f"GET {caller.at}/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.token}\r\n"
    sent.sendall(f"{head}Last-Event-ID: 1\r\nLast-Event-ID: 2\r\n\r\n".encode())
    assert b"HOST_RESUME_INVALID" in _all(sent)


def _all(sent: socket.socket) -> bytes:
    sent.settimeout(0.5)
    found = b""
    try:
        while piece := sent.recv(65_536):
            found += piece
    except TimeoutError:
        pass
    sent.close()
    return found


def test_an_empty_one_is_none(served: Served, caller: Caller) -> None:
    assert Stream(served, caller, Last_Event_ID="").until(1).status == 200


def test_who_it_is_comes_before_where_it_was(served: Served, caller: Caller) -> None:
    response = caller.http.get(f"{caller.at}/stream", headers={"Last-Event-ID": "x"})
    assert response.json()["error"]["code"] == "HOST_CONVERSATION_UNKNOWN"


def test_a_quiet_stream_says_that_it_is_there(served: Served, caller: Caller) -> None:
    stream = Stream(served, caller).until(1)
    until(lambda: stream.read().reader.comments >= 2)


def test_head_opens_no_stream(served: Served, caller: Caller) -> None:
    for _ in range(5):
        response = caller.http.head(f"{caller.at}/stream", headers=caller.bearer)
        assert response.status_code == 200
    assert served.asgi.state.host.hub.open_streams == 0


def test_only_so_many_are_open(served: Served, caller: Caller) -> None:
    streams = [Stream(served, caller).until(1) for _ in range(3)]
    refused = caller.get("/stream")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "HOST_STREAMS_TOO_MANY")
    assert refused.headers["retry-after"]
    streams[0].close()
    until(lambda: served.asgi.state.host.hub.open_streams == 2)
    Stream(served, caller).until(1)


def test_whoever_leaves_is_forgotten(served: Served, caller: Caller) -> None:
    stream = Stream(served, caller).until(1)
    stream.close()
    until(lambda: served.asgi.state.host.hub.open_streams == 0)


def test_when_a_conversation_ends_so_do_its_streams(served: Served, caller: Caller) -> None:
    stream = Stream(served, caller).until(1)
    caller.http.delete(caller.at, headers=caller.bearer)
    until(lambda: stream.read().body.endswith(b"\n") and stream.raw.endswith(b"0\r\n\r\n"))
    assert caller.get("/stream").status_code == 404


def test_a_client_that_never_reads_is_dropped_and_others_go_on(
    served: Served, caller: Caller
) -> None:
    deaf = served.connect()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    head = f"Host: x\r\nAuthorization: Bearer {caller.token}\r\n"
    deaf.sendall(f"GET {caller.at}/stream HTTP/1.1\r\n{head}\r\n".encode())
    other = Stream(served, caller).until(1)
    hub = served.asgi.state.host.hub
    seq = 1
    large = {"assistant_text": "x" * 60_000, "directives": [FORM]}
    deadline = time.monotonic() + 60
    while not hub.drops["send"] and not hub.drops["queue"]:
        assert time.monotonic() < deadline
        assert caller.turn(large).status_code == 200
        seq += 1
        other.read()
    other.until(seq)
    until(lambda: hub.open_streams == 1)
    deaf.close()


def test_html_conversations_are_streamed_too(served: Served, caller: Caller) -> None:
    with httpx.Client(base_url=served.url) as http:
        html = Caller(http, protocol="html")
        stream = Stream(served, html).until(1)
        html.turn()
        stream.until(2)
        assert {event.name for event in stream.events[1:]} <= {"html", "text"}
        anew = Stream(served, html).until(2)
        assert "replace" in json.loads(anew.events[0].data)


def test_what_was_said_is_in_no_log(
    served: Served, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    caller.get(f"/stream?after=x&token={caller.token}")
    caller.turn({"assistant_text": "my pin is 4711", "directives": [FORM]})
    own = [r.getMessage() for r in caplog.records if r.name.startswith("uicompiler")]
    assert own
    for line in own:
        said = json.loads(line)
        assert caller.token not in line
        assert "4711" not in line
        assert "after" not in line
        assert set(said) <= {
            "event",
            "method",
            "route",
            "conversation",
            "status",
            "codes",
            "ms",
            "request",
        }


def test_a_requests_id_is_in_its_answer_and_its_line(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "uicompiler.host")
    response = caller.get("/snapshot", X_Request_ID="abc-1")
    assert response.headers["x-request-id"] == "abc-1"
    assert json.loads(caplog.records[-1].getMessage())["request"] == "abc-1"
    fresh = caller.get("/snapshot", X_Request_ID="a b")
    assert len(fresh.headers["x-request-id"]) == 32


@pytest.mark.parametrize("remembered", [64, 1], ids=["memory", "log"])
@pytest.mark.parametrize("by", ["stream", "socket"])
def test_who_missed_too_many_bytes_gets_a_snapshot(by: str, remembered: int) -> None:
    limits = StreamLimits(missed_bytes=20_000, remembered=remembered)
    with serving(host(streams=limits)) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)
        caller.turn()
        for number in range(5):
            caller.turn({"assistant_text": f"{number} " + "x" * 5_000, "directives": []})
        for after, whole in ((4, True), (2, False)):
            told = resumed(served, caller, by, after)
            assert ("x" * 100 in told) == whole
            assert ("surfaceUpdate" in told) != whole


def resumed(served: Served, caller: Caller, by: str, after: int) -> str:
    """What somebody is told who comes back."""
    if by == "stream":
        return Stream(served, caller, Last_Event_ID=str(after)).until(7).body.decode()
    at = f"ws://127.0.0.1:{served.port}{caller.at}/ws?after={after}"
    with connect(at, additional_headers=caller.bearer) as opened:
        told = [json.loads(opened.recv(20))]
        while told[-1].get("id") != 7:
            told.append(json.loads(opened.recv(20)))
    return json.dumps(told)
