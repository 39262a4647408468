"""A client of a host over real sockets, as plain as one can be: it gives up at nothing.

Every request goes under a key and is sent again, with the same bytes, until it is answered; a
connection that breaks, and an answer that says "later", are nothing unusual here.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.sse import Event, Reader

GIVES_UP_S = 60.0
LATER = frozenset({408, 425, 429, 502, 503, 504})
CONFLICT = "STORE_CONFLICT"


class Refused(AssertionError):
    """An answer that nothing explains."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation, and what opens it."""

    id: str
    token: str


class Client:
    """One user's connections.

    Args:
        ports: Where the host listens; any of them may serve any request.
        seed: Of what is random here.
        gives_up_s: For how long a request is sent again.

    Attributes:
        sent: How many requests went out, those that came again included.
    """

    def __init__(self, ports: Sequence[int], seed: int, *, gives_up_s: float = GIVES_UP_S) -> None:
        self.sent = 0
        self._gives_up_s = gives_up_s
        self._ports = list(ports)
        self._random = random.Random(seed)
        self._connections: dict[int, http.client.HTTPConnection] = {}

    def begin(self) -> Opened:
        """Begin a conversation; one whose answer was lost is left alone."""
        found = json.loads(self.post("/conversations", {}, None, None))
        return Opened(found["id"], found["token"])

    def turn(self, opened: Opened, content: Any, key: str) -> bytes:
        """Hand in a turn: an envelope, or a user's message."""
        return self.post(f"/conversations/{opened.id}/turns", content, key, opened.token)

    def event(self, opened: Opened, event: Any, key: str) -> bytes:
        """Send what a user did."""
        return self.post(f"/conversations/{opened.id}/events", event, key, opened.token)

    def snapshot(self, opened: Opened) -> dict[str, Any]:
        """Everything there is."""
        path = f"/conversations/{opened.id}/snapshot"
        headers = {"Accept": "application/json", **_authorised(opened.token)}
        found: dict[str, Any] = json.loads(self._until_answered("GET", path, None, headers))
        return found

    def is_answered(self, path: str) -> bool:
        """Whether somebody answers now, with 200."""
        try:
            return self._once("GET", path, None, {})[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def post(self, path: str, content: Any, key: str | None, token: str | None) -> bytes:
        """Post until it is answered.

        Raises:
            Refused: it was refused, or nobody answered in time.
        """
        headers = {"Content-Type": "application/json", **_authorised(token)}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self._until_answered("POST", path, json.dumps(content).encode(), headers)

    def _until_answered(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> bytes:
        until, said = time.monotonic() + self._gives_up_s, "nobody answered"
        while time.monotonic() < until:
            self.sent += 1
            try:
                status, answer = self._once(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                time.sleep(self._random.uniform(0.005, 0.03))
                continue
            if 200 <= status < 300:
                return answer
            if status not in LATER and not (status == 409 and CONFLICT.encode() in answer):
                raise Refused(f"{method} {path}: {status} {answer[:600]!r}")
            said = f"{status} {answer[:600]!r}"
            time.sleep(self._random.uniform(0.01, 0.05))
        raise Refused(f"{method} {path}, for {self._gives_up_s} s: {said}")

    def _once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        port = self._random.choice(self._ports)
        connection = self._connections.get(port)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            self._connections[port] = connection
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except BaseException:
            connection.close()
            del self._connections[port]
            raise

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            connection.close()


def _authorised(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


class Listening:
    """A stream that comes back where it was cut.

    Args:
        ports: Where the host listens.
        opened: The conversation.
        seed: Of what is random here.

    Attributes:
        cuts: How often it was cut.
        last_id: The last whole turn that it got.
    """

    def __init__(self, ports: Sequence[int], opened: Opened, seed: int) -> None:
        self.cuts = 0
        self.last_id = ""
        self.stopped = False
        self._opened = opened
        self._ports = list(ports)
        self._random = random.Random(seed)

    def run(self, took: Any) -> None:
        """Listen until stopped; what comes is handed on, event by event."""
        while not self.stopped:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._listen(took)
            self.cuts += 1
            time.sleep(self._random.uniform(0.01, 0.05))

    def _listen(self, took: Any) -> None:
        headers = {"Accept": "text/event-stream", **_authorised(self._opened.token)}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        port = self._random.choice(self._ports)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
        try:
            connection.request("GET", f"/conversations/{self._opened.id}/stream", None, headers)
            response = connection.getresponse()
            if response.status != 200:
                answer = response.read(600)
                if response.status in LATER:
                    return
                raise Refused(f"a stream: {response.status} {answer!r}")
            self._read(response, took)
        finally:
            connection.close()

    def _read(self, response: http.client.HTTPResponse, took: Any) -> None:
        reader = Reader(self.last_id)
        while not self.stopped and (piece := response.read1(65_536)):
            for event in reader.feed(piece):
                self._took(event, took)

    def _took(self, event: Event, took: Any) -> None:
        if event.last_id and int(event.last_id) < int(self.last_id or 0):
            raise Refused(f"{event.last_id} came after {self.last_id}")
        took(event)
        self.last_id = event.last_id
