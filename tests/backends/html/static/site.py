"""A small web site for the script: a page, answers in the order they are asked for, a stream.

It stands for the host and knows nothing of the library but the folder of static files. Every
response carries the Content-Security-Policy of the host, so that a page which needs more fails.
"""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NDJSON = "application/x-ndjson"
STATIC = files("uicompiler.backends.html").joinpath("static")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Post:
    """A post as it arrived: fields in order, of a file its name."""

    path: str
    headers: Message
    fields: list[tuple[str, str]]

    @property
    def key(self) -> str:
        return str(self.headers["Idempotency-Key"])


@dataclass
class Answer:
    """What the next post gets; `hold` keeps it waiting until it is set, `drop` cuts it off."""

    lines: Sequence[Any] = ()
    status: int = 200
    kind: str = NDJSON
    body: str = ""
    location: str = ""
    drop: bool = False
    hold: threading.Event | None = None


@dataclass
class Site:
    """What is served, and what arrived."""

    address: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    listeners: list[queue.Queue[str | None]] = field(default_factory=list)
    _heard: threading.Condition = field(default_factory=threading.Condition)

    def push(self, *messages: Any, event: str = "html") -> None:
        """Send events to everybody who listens, once somebody does."""
        with self._heard:
            assert self._heard.wait_for(lambda: self.listeners, 5), "nobody listens"
            for listener in self.listeners:
                for message in messages:
                    listener.put(f"event: {event}\ndata: {json.dumps(message)}\n\n")

    def hear(self) -> queue.Queue[str | None]:
        mine: queue.Queue[str | None] = queue.Queue()
        with self._heard:
            self.listeners.append(mine)
            self._heard.notify_all()
        return mine


class _Handler(BaseHTTPRequestHandler):
    site: Site  # of the class that `serve` makes

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/stream"):
            self._stream()
        elif path.startswith("/static/"):
            name = path.rpartition("/")[2]
            kind = _TYPES.get(name[name.rfind(".") :], "")
            self._send(200, kind, STATIC.joinpath(name).read_bytes())
        elif path in self.site.pages:
            kind = _TYPES.get(path[path.rfind(".") :], "text/html; charset=utf-8")
            self._send(200, kind, self.site.pages[path].encode())
        else:
            self._send(404, "text/plain", b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.site.posts.append(Post(self.path, self.headers, _fields(self.headers, body)))
        answer = self.site.answers.pop(0)
        if answer.hold is not None:
            assert answer.hold.wait(10)
        if answer.drop:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        text = answer.body or "".join(f"{json.dumps(line)}\n" for line in answer.lines)
        self._send(answer.status, answer.kind, text.encode(), answer.location)

    def _send(self, status: int, kind: str, body: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.flush()
        mine = self.site.hear()
        try:
            while (data := mine.get()) is not None:
                self.wfile.write(data.encode())
                self.wfile.flush()
        except OSError:
            pass  # the page is gone


def _fields(headers: Message, body: bytes) -> list[tuple[str, str]]:
    kind = headers["Content-Type"]
    if not kind.startswith("multipart/"):
        return parse_qsl(body.decode(), keep_blank_values=True)
    whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found = []
    for part in whole.iter_parts():
        text = part.get_payload(decode=True).decode()
        name = part.get_param("name", header="content-disposition")
        found.append((name, text if part.get_filename() is None else part.get_filename()))
    return found


@contextmanager
def serve() -> Iterator[Site]:
    """A site on a free port of this machine."""
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield site
    finally:
        for listener in site.listeners:
            listener.put(None)
        server.shutdown()
        server.server_close()
