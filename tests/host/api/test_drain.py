"""Stopping in order: probes see it, streams are sent away, turns are finished, then it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.host.api.served import ENVELOPE, Caller, Stream, host, serving, until
from tests.host.api.test_websocket import closed, frames, opened, refusal
from tests.services import free_port
from uicompiler.host.guard.signals import draining
from uicompiler.host.server import Server, ServerLimits, config

ROOT = Path(__file__).resolve().parents[3]


def test_streams_end_and_say_when_to_come_back() -> None:
    with serving(host()) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)
        stream = Stream(served, caller).until(1)
        with opened(served, caller, "?after=0") as socket_:
            frames(socket_, 1)
            served.asgi.state.host.drain.begin()
            retry = frames(socket_, "retry")[-1]
            assert 1_000 <= retry["data"]["ms"] < 5_000
            assert closed(socket_) == (1012, "HOST_DRAINING")
        until(lambda: stream.read().raw.endswith(b"0\r\n\r\n"))
        assert stream.reader.retry_ms != 2_000 or stream.body.count(b"retry: ") == 2
        # Who comes now is sent away in the same words: another status would end an EventSource.
        again = http.get(f"{caller.at}/stream", headers=caller.bearer)
        assert (again.status_code, again.text) == (200, "retry: 2000\n\n")
        assert refusal(served, caller) == (503, "HOST_DRAINING")
        assert http.get("/readyz").status_code == 503
        assert caller.turn().status_code == 200  # whoever does not know yet loses nothing
        assert "uicompiler_draining 1.0" in http.get("/metrics").text


def test_a_turn_that_runs_is_finished_first() -> None:
    thinking = threading.Event()

    def model(_request: Any) -> Any:
        thinking.set()
        time.sleep(0.5)
        return ENVELOPE

    answers: list[Any] = []
    with serving(host(model=model)) as served, httpx.Client(base_url=served.url) as http:
        caller = Caller(http)
        ask = threading.Thread(target=lambda: answers.append(caller.turn({"message": "hello"})))
        ask.start()
        assert thinking.wait(10)
        assert served.asgi.state.host.drain.running == 1
        served.stop()
        ask.join(10)
    assert [answer.status_code for answer in answers] == [200]


_OWN = """
import contextlib
from fastapi import FastAPI
from tests.host.api.served import host
from uicompiler.host import drain_on_signals
ui = host()
"""
_LIFESPANS = {
    "alone": "app = ui",
    "ours within theirs": """
app = FastAPI(lifespan=lambda app: ui.router.lifespan_context(ui))
app.mount("/ui", ui)
""",
    "theirs": """
@contextlib.asynccontextmanager
async def lifespan(app):
    with drain_on_signals(ui):
        yield
app = FastAPI(lifespan=lifespan)
app.mount("/ui", ui)
""",
}


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("lifespan", _LIFESPANS)
def test_a_uvicorn_of_ones_own_ends_with_its_streams_open(
    lifespan: str, signal_: signal.Signals, tmp_path: Path
) -> None:
    """`uvicorn own:app` without any option: it would wait for an open stream for ever."""
    (tmp_path / "own.py").write_text(_OWN + _LIFESPANS[lifespan])
    port = free_port()
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "own:app", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    below = "" if lifespan == "alone" else "/ui"
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
            until(lambda: _status(http, f"{below}/readyz") == 200)
            caller = Caller(http, below=below)
            with http.stream("GET", f"{caller.at}/stream", headers=caller.bearer) as stream:
                lines = stream.iter_lines()
                assert next(lines) == "retry: 2000"
                process.send_signal(signal_)
                began = time.monotonic()
                told = [line for line in lines if line]  # to its end: no chunk is missing
            assert told[-1].startswith("retry: ")
            process.wait(10)
        assert time.monotonic() - began < 3
        assert process.returncode in (0, -signal_)  # uvicorn raises the signal again in the end
    finally:
        process.kill()
        process.wait()


def test_handlers_are_put_back() -> None:
    async def run() -> list[str]:
        seen: list[str] = []
        before = signal.signal(signal.SIGTERM, lambda _number, _frame: seen.append("server"))
        try:
            own = signal.getsignal(signal.SIGTERM)
            with draining(lambda: seen.append("begun")):
                signal.raise_signal(signal.SIGTERM)
                await asyncio.sleep(0.01)
            assert signal.getsignal(signal.SIGTERM) is own
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            with draining(lambda: None):  # the system would end the process: that stays
                assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        finally:
            signal.signal(signal.SIGTERM, before)
        return seen

    assert asyncio.run(run()) == ["server", "begun"]


def test_a_signal_is_heard_told_and_then_it_stops() -> None:
    script = """
import sys
from tests.host.api.served import host
from uicompiler.host.server import Server, ServerLimits, config
import socket
asgi = host()
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
limits = ServerLimits(notice_s=1.0)
made = config(asgi, limits, log_level="critical")
Server(made, asgi.state.host.drain, limits.notice_s).run([listening])
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        until(lambda: _status(http, "/readyz") == 200)
        process.send_signal(signal.SIGTERM)
        until(lambda: _status(http, "/readyz") == 503)
        assert _status(http, "/healthz") == 200
        assert process.wait(10) in (0, -signal.SIGTERM)
    process.stdout.close()


def _status(http: httpx.Client, path: str) -> int:
    try:
        return http.get(path).status_code
    except httpx.TransportError:
        return 0


# --- the server of `serve` ------------------------------------------------------------------------


class Bounded:
    """A bounded server in a thread."""

    def __init__(self, limits: ServerLimits) -> None:
        self.asgi = host()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        made = config(self.asgi, limits, log_level="critical", access_log=False)
        self.server = Server(made, self.asgi.state.host.drain)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))

    def __enter__(self) -> Bounded:
        self.thread.start()
        until(lambda: self.server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self.asgi.state.host.drain.begin()
        self.server.should_exit = True
        self.thread.join(20)
        self.socket.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


def is_over(client: socket.socket) -> bool:
    try:
        return client.recv(1_000) == b""
    except ConnectionResetError:
        return True


def test_a_head_that_dribbles_is_not_waited_for() -> None:
    with Bounded(ServerLimits(head_s=0.3)) as served:
        for beginning in (b"", b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: "):
            with served.connect() as client:
                client.sendall(beginning)
                began = time.monotonic()
                assert is_over(client)
                assert time.monotonic() - began < 5


def test_the_second_head_has_a_time_too() -> None:
    with Bounded(ServerLimits(head_s=0.3)) as served, served.connect() as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in client.recv(10_000)
        client.sendall(b"GET /hea")
        until(lambda: is_over(client))


def test_a_long_head_is_refused() -> None:
    with Bounded(ServerLimits(head_bytes=4_096)) as served, served.connect() as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 10_000)
        assert client.recv(10_000).startswith(b"HTTP/1.1 400")


def test_only_so_many_connections_are_kept() -> None:
    with Bounded(ServerLimits(connections=2)) as served:
        kept = [served.connect() for _ in range(2)]
        with served.connect() as one_more:
            assert is_over(one_more)
        for client in kept:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b"200 OK" in client.recv(10_000)
            client.close()


def test_streams_and_sockets_outlive_the_time_of_heads() -> None:
    with (
        Bounded(ServerLimits(head_s=0.2)) as served,
        httpx.Client(base_url=f"http://127.0.0.1:{served.port}") as http,
    ):
        http.headers["Connection"] = "close"  # an idle connection does not outlive it
        caller = Caller(http)
        url = f"ws://127.0.0.1:{served.port}{caller.at}/ws?after=0"
        with connect(url, additional_headers=caller.bearer) as socket_:
            frames(socket_, 1)
            time.sleep(0.6)
            caller.turn()
            assert frames(socket_, 2)


def test_a_second_signal_stops_at_once() -> None:
    asgi = host()
    server = Server(config(asgi, ServerLimits()), asgi.state.host.drain, notice_s=60.0)
    server.handle_exit(signal.SIGINT, None)
    assert not server.should_exit
    server.handle_exit(signal.SIGINT, None)
    assert server.should_exit
