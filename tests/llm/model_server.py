"""A server on loopback that answers chat completions as a test says, and keeps what was asked."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Bytes to send.

    Attributes:
        body: What is sent; a JSON value, or bytes as they are, or pieces with a pause before each.
        status: HTTP status.
        headers: Besides `content-type` and `content-length`.
        pause_s: Before each piece.
        length: Of the body as it is told; None is what it has, -1 tells none.
        head: Sent instead of a status line and headers.
    """

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause_s: float = 0.0
    length: int | None = None
    head: bytes | None = None


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class ModelServer:
    """What a test holds.

    Attributes:
        url: Where it is, with `/v1`.
        answer: What it answers: an answer, or a function of what was asked.
        asked: What came, in order.
        hung_up: Set when a client ended the connection while it was answered.
    """

    url: str
    answer: Answer | Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)

    @property
    def last(self) -> Asked:
        return self.asked[-1]


def completion(
    text: str | None = "Hello.", *, usage: dict[str, Any] | None = None, **message: Any
) -> dict[str, Any]:
    """A chat completion as servers send it."""
    finish = message.pop("finish_reason", "stop")
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "service_tier": "default",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, **message},
                "finish_reason": finish,
            }
        ],
    }
    counted = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return body | ({"usage": counted if usage is None else usage} if usage != {} else {})


def stream(*words: str, finish: str | None = "stop") -> list[bytes]:
    """A streamed completion, an event a word."""
    deltas = [({"content": word}, None) for word in words]
    if finish:
        deltas.append(({}, finish))
    events = [_event(delta, why) for delta, why in deltas]
    return [*events, b"data: [DONE]\n\n"] if finish else events


def _event(delta: dict[str, Any], finish: str | None) -> bytes:
    chunk = {
        "id": "chatcmpl-2",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def refusal(message: str, *, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """An error as OpenAI and its likes spell it."""
    told = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return {"error": told}


@contextmanager
def model_server(answer: Answer | Callable[[Asked], Answer] | None = None) -> Iterator[ModelServer]:
    """A server that runs until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    host, port = server.server_address[:2]
    held = ModelServer(f"http://{host!s}:{port}/v1", answer or Answer(completion()))
    server.held = held
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield held
    finally:
        server.ending.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    held: ModelServer
    ending: threading.Event

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ending = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.held.hung_up.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request.settimeout(20)
        super().setup()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, json.loads(self.rfile.read(length) or b"{}"))
        held = self.server.held
        held.asked.append(asked)
        self._say(held.answer if isinstance(held.answer, Answer) else held.answer(asked))

    do_GET = do_POST

    def _say(self, answer: Answer) -> None:
        if isinstance(answer.body, list):
            pieces = [bytes(piece) for piece in answer.body]
        elif isinstance(answer.body, bytes):
            pieces = [answer.body]
        else:
            pieces = [json.dumps(answer.body).encode()]
        whole = sum(map(len, pieces))
        told = whole if answer.length is None else answer.length
        self._head(answer, told)
        for piece in pieces:
            if answer.pause_s:
                self.wfile.flush()
                time.sleep(answer.pause_s)
            if self.server.ending.is_set():
                return
            self.wfile.write(piece)
        self.wfile.flush()
        if told != whole or answer.head is not None:
            self.close_connection = True

    def _head(self, answer: Answer, length: int) -> None:
        if answer.head is not None:
            self.wfile.write(answer.head)
            return
        self.send_response(answer.status)
        streams = isinstance(answer.body, list)
        self.send_header("content-type", "text/event-stream" if streams else "application/json")
        if length >= 0:
            self.send_header("content-length", str(length))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
