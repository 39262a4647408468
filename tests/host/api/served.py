"""A host as clients of its API meet it: in this process, and on a socket."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import uvicorn

from clientsim import ClientSim
from tests.examples import enter
from tests.faults.sse import Event, Reader
from tests.host.web import RING, Response, TestClient, example, folder
from uicompiler.host import create_app

FORM = {"type": "ui.show_form", "payload": {"form_id": "contact"}}
ENVELOPE = {"assistant_text": "Hello", "directives": [FORM]}
WITHIN_S = 20.0


def host(name: str = "crm", **settings: Any) -> Any:
    """A host of an example app."""
    return create_app(example(name), signer=RING, folder=folder(name), **settings)


class Caller:
    """Somebody with one conversation.

    Attributes:
        id: The conversation.
        token: What opens it.
        at: Its path.
        http: An HTTP client without cookies.
    """

    def __init__(self, http: Any, below: str = "", **begin: Any) -> None:
        self.http = http
        response = http.post(f"{below}/conversations", json=begin)
        assert response.status_code == 201, response.text
        http.cookies.clear()
        self.begun = response.json()
        self.id, self.token = self.begun["id"], self.begun["token"]
        self.at = f"{below}/conversations/{self.id}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **headers: str) -> Response:
        return self.http.get(f"{self.at}{path}", headers={**self.bearer, **_named(headers)})

    def post(self, path: str, content: Any = None, **headers: str) -> Response:
        raw = json.dumps({} if content is None else content)
        kind = {"Content-Type": "application/json"}
        return self.http.post(
            f"{self.at}{path}", content=raw, headers={**self.bearer, **kind, **_named(headers)}
        )

    def turn(self, content: Any = ENVELOPE, **headers: str) -> Response:
        return self.post("/turns", content, **headers)

    def messages(self) -> list[Any]:
        found: list[Any] = self.get("/snapshot").json()["messages"]
        return found

    def submit(self, **typed: str) -> dict[str, Any]:
        """The event of pressing Save, as the newest form has it."""
        return press(self.messages(), {"name": "Ada", "email": "ada@example.org", **typed})


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def press(messages: list[Any], typed: Mapping[str, Any], name: str = "save_contact") -> Any:
    """A press of the button of an action, by a client that was sent messages."""
    sim = ClientSim("web_core")
    for message in messages:
        assert sim.apply(message) is None
    for field, value in typed.items():
        enter(sim, "main", field, value)
    button = next(node for node in sim.nodes("main") if _action(node) == name)
    return sim.press("main", str(button["id"]), timestamp="2026-01-01T00:00:00Z")


def _action(node: Mapping[str, Any]) -> str:
    action = node["props"].get("action") or {}
    return str(action.get("name", ""))


def calling(**settings: Any) -> Caller:
    """Somebody at a host in this process."""
    return Caller(TestClient(host(**settings)))


class Served:
    """A host on a socket.

    Attributes:
        asgi: It.
        port: Where it listens.
    """

    def __init__(self, asgi: Any, **config: Any) -> None:
        self.asgi = asgi
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._clients: list[socket.socket] = []
        self.port = self._socket.getsockname()[1]
        given = uvicorn.Config(
            asgi, log_level="critical", access_log=False, timeout_graceful_shutdown=3, **config
        )
        self.server = uvicorn.Server(given)
        self._thread = threading.Thread(target=self.server.run, args=([self._socket],))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Served:
        self._thread.start()
        until(lambda: self.server.started)
        return self

    def stop(self) -> None:
        host = getattr(self.asgi.state, "host", None)
        if host is not None:
            host.drain.begin()
        self.server.should_exit = True
        self._thread.join(WITHIN_S)
        for client in (self._socket, *self._clients):
            client.close()
        assert not self._thread.is_alive()

    def connect(self) -> socket.socket:
        """A connection, which is closed with the host."""
        found = socket.create_connection(("127.0.0.1", self.port), timeout=WITHIN_S)
        self._clients.append(found)
        return found


@contextlib.contextmanager
def serving(asgi: Any, **config: Any) -> Iterator[Served]:
    """A host on a socket, for as long as it is needed."""
    served = Served(asgi, **config)
    try:
        yield served.start()
    finally:
        served.stop()


def until(true: Any, within_s: float = WITHIN_S) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it does not come to hold"
        time.sleep(0.01)


class Stream:
    """An open stream, read byte by byte."""

    def __init__(self, served: Served, caller: Caller, query: str = "", **headers: str) -> None:
        told = {
            "Host": "x",
            **caller.bearer,
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self.socket = served.connect()
        self.socket.sendall(f"GET {caller.at}/stream{query} HTTP/1.1\r\n{head}\r\n".encode())
        self.raw = b""
        self.reader = Reader()
        self.events: list[Event] = []
        self.status = 0
        self.ended = False
        self._chunks = b""

    def read(self) -> Stream:
        """Read what there is."""
        self.socket.settimeout(0.05)
        try:
            while piece := self.socket.recv(65_536):
                self.raw += piece
            self.ended = True
        except TimeoutError:
            pass
        head, _, body = self.raw.partition(b"\r\n\r\n")
        if head:
            self.status = int(head.split()[1])
        plain = _unchunked(body)
        self.events += self.reader.feed(plain[len(self._chunks) :])
        self._chunks = plain
        return self

    def until(self, seq: int) -> Stream:
        """Read until a turn was seen whole."""
        until(lambda: self.read().reader.last_id == str(seq))
        return self

    @property
    def body(self) -> bytes:
        return self._chunks

    def close(self) -> None:
        self.socket.close()


def _unchunked(body: bytes) -> bytes:
    found = b""
    while b"\r\n" in body:
        size, _, rest = body.partition(b"\r\n")
        count = int(size, 16)
        if len(rest) < count + 2:
            break
        found, body = found + rest[:count], rest[count + 2 :]
    return found
