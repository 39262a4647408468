"""Clients that mean no good, on real sockets: each is refused, and others go on."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.host.api.served import Caller, Served, Stream, host, serving, until
from uicompiler.host import BodyLimits, StreamLimits

SLOW = BodyLimits(slow_s=0.3, min_bytes_per_s=100_000)


@pytest.fixture
def served() -> Iterator[Served]:
    limits = StreamLimits(heartbeat_s=0.2, send_s=0.4)
    with serving(host(body=SLOW, streams=limits)) as found:
        yield found


@pytest.fixture
def caller(served: Served) -> Iterator[Caller]:
    with httpx.Client(base_url=served.url, timeout=20) as http:
        yield Caller(http)


def answer(sent: socket.socket) -> tuple[int, Any]:
    """The answer on a connection that is closed after it."""
    found = b""
    while piece := sent.recv(65_536):
        found += piece
        head, _, body = found.partition(b"\r\n\r\n")
        if body and (f"content-length: {len(body)}".encode() in head.lower()):
            return int(head.split()[1]), json.loads(body)
    return (int(found.split()[1]), None) if found else (0, None)


def head(caller: Caller, path: str, length: int, **more: str) -> bytes:
    told = {"Host": "x", **caller.bearer, "Content-Length": str(length), **more}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {caller.at}{path} HTTP/1.1\r\n{lines}\r\n".encode()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/turns", "application/json"),
        ("/events", "application/json"),
        ("/undo", "application/json"),
        ("/uploads", "multipart/form-data; boundary=x"),
    ],
)
def test_a_body_that_dribbles_is_not_waited_for(
    served: Served, caller: Caller, path: str, kind: str
) -> None:
    sent = served.connect()
    sent.sendall(head(caller, path, 900, **{"Content-Type": kind}))
    began = time.monotonic()
    for _ in range(2):
        sent.sendall(b"-" if "multipart" in kind else b" ")
        time.sleep(0.05)
    status, body = answer(sent)
    assert (status, body["error"]["code"]) == (408, "HOST_BODY_SLOW")
    assert time.monotonic() - began < 5
    assert caller.turn().status_code == 200


def test_a_body_that_is_cut_off_leaves_nothing(served: Served, caller: Caller) -> None:
    sent = served.connect()
    sent.sendall(head(caller, "/turns", 900, **{"Content-Type": "application/json"}) + b"{")
    sent.close()
    assert caller.get("/snapshot").json()["seq"] == 1


def test_a_body_larger_than_it_says_is_not_read(served: Served, caller: Caller) -> None:
    sent = served.connect()
    kind = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    told = {"Host": "x", **caller.bearer, **kind}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    sent.sendall(f"POST {caller.at}/turns HTTP/1.1\r\n{lines}\r\n".encode())
    piece = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    try:
        for _ in range(100):
            sent.sendall(piece)
    except OSError:  # it hung up while we were still sending
        return
    status, body = answer(sent)
    assert (status, body["error"]["code"]) == (413, "HOST_BODY_TOO_LARGE")


def test_a_body_that_says_it_is_too_large_is_not_waited_for(served: Served, caller: Caller) -> None:
    sent = served.connect()
    sent.sendall(head(caller, "/turns", 10**9, **{"Content-Type": "application/json"}))
    status, body = answer(sent)
    assert (status, body["error"]["code"]) == (413, "HOST_BODY_TOO_LARGE")


def test_headers_cannot_be_injected(served: Served, caller: Caller) -> None:
    evil = "x%0d%0aSet-Cookie:%20evil=1"
    for path in (f"/conversations/{evil}/snapshot", f"{caller.at}/stream?after={evil}"):
        response = caller.http.get(path, headers=caller.bearer)
        assert response.status_code in (400, 404)
        assert "evil" not in str(response.headers)
        assert "evil" not in response.text
    named = caller.http.get("/healthz", headers={"X-Request-ID": "x\tSet-Cookie: evil=1"})
    assert "evil" not in str(named.headers)


@pytest.mark.parametrize("value", ["a b", "", "x/../y", "evil.example:99999", "x\x00y"])
def test_other_hosts_are_refused(served: Served, caller: Caller, value: str) -> None:
    sent = served.connect()
    sent.sendall(f"GET /healthz HTTP/1.1\r\nHost: {value}\r\nConnection: close\r\n\r\n".encode())
    assert answer(sent)[0] == 400


def test_a_half_open_stream_is_dropped_once_it_takes_nothing(
    served: Served, caller: Caller
) -> None:
    """The peer is there and never reads: the buffers fill, the time runs out, it is let go."""
    stream = Stream(served, caller).until(1)
    hub = served.asgi.state.host.hub
    large = {"assistant_text": "x" * 100_000, "directives": []}
    until(lambda: caller.turn(large).status_code == 200 and hub.drops["send"] == 1, 60)
    until(lambda: hub.open_streams == 0)
    assert stream.socket.fileno() > 0
    assert 'uicompiler_stream_drops_total{why="send"} 1.0' in caller.http.get("/metrics").text


def test_guessing_ids_finds_nothing(served: Served, caller: Caller) -> None:
    guesses = [caller.id[:-1], caller.id + "A", caller.id.swapcase(), "..", "%00", "a" * 5_000]
    found = {
        caller.http.get(f"/conversations/{guess}/snapshot", headers=caller.bearer).status_code
        for guess in guesses
    }
    assert found == {404}


def test_tokens_are_long_and_never_the_same(served: Served, caller: Caller) -> None:
    tokens = {Caller(caller.http).token for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43  # 256 bits
    assert not any(token in caller.http.get("/metrics").text for token in tokens)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
        b"[" + b"1," * 60_000 + b"1]",
        b'{"assistant_text":"' + b"\\u0041" * 30_000 + b'","directives":[]}',
        b'{"n":' + b"9" * 100_000 + b"}",
        b'{"n":1e' + b"9" * 1_000 + b"}",
    ],
)
def test_json_bombs_are_answered_at_once(caller: Caller, body: bytes) -> None:
    for path in ("/turns", "/events"):
        began = time.monotonic()
        response = caller.http.post(
            f"{caller.at}{path}",
            content=body,
            headers={**caller.bearer, "Content-Type": "application/json"},
        )
        assert response.status_code in (200, 400, 413)
        assert time.monotonic() - began < 3
    assert caller.http.get("/healthz").status_code == 200
