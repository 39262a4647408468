"""Serve the built web client once, look at all of it as a browser would, and end.

    python tools/check_web_client.py examples/web_client/dist

Starts `uicompiler serve` on a free port; fetches the page and every file that it names; begins a
conversation, asks for the first example turn, and reads it from the stream to its end. Writes what
it did, and ends with status 1 where something is not as it should be.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 20


@contextmanager
def served(folder: str) -> Iterator[str]:
    """The address of a host that serves the client."""
    command = [sys.executable, "-m", "uicompiler", "serve", "--port", "0", "--web-client", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        if not address:
            raise SystemExit("the host did not start")
        yield address
    finally:
        process.terminate()
        process.wait(TIMEOUT_S)


class Visitor:
    """A browser with one cookie."""

    def __init__(self, address: str) -> None:
        self._netloc = urlsplit(address).netloc
        self._cookie = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        """One request; its answer is not read yet."""
        connection = HTTPConnection(self._netloc, timeout=TIMEOUT_S)
        sent = {"Cookie": self._cookie, **headers}
        if body is not None:
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        connection.request(method, path, body, {k: v for k, v in sent.items() if v})
        answer = connection.getresponse()
        if answer.status not in (200, 201):
            raise SystemExit(f"{method} {path}: {answer.status} {answer.read(500)!r}")
        self._cookie = (answer.getheader("Set-Cookie") or self._cookie).partition(";")[0]
        return answer

    def page(self) -> int:
        """Fetch the page and what it names; how many files."""
        page = self.ask("GET", "/a2ui/").read().decode()
        names = re.findall(r'(?:href|src)="([^"#:]+)"', page)
        for name in names:
            self.ask("GET", f"/a2ui/{name}").read()
        return 1 + len(names)

    def turn(self) -> list[str]:
        """Ask for the first example turn; the names of the events it came as."""
        source = json.load(self.ask("GET", "/a2ui/config.json"))["turns"][0]["source"]
        begun = json.load(self.ask("POST", "/conversations", {}))
        at = f"/conversations/{begun['id']}"
        seq = json.load(self.ask("POST", f"{at}/turns", source, **{"Idempotency-Key": "check"}))[
            "seq"
        ]
        stream = self.ask("GET", f"{at}/stream")
        return list(_events(stream, seq))


def _events(stream: HTTPResponse, seq: int) -> Iterator[str]:
    """Names of events up to the last one of a turn."""
    for line in stream:
        name, _, value = line.decode().strip().partition(": ")
        if name == "event":
            yield value
        if name == "id" and int(value) >= seq:
            return
    raise SystemExit(f"the stream ended before turn {seq}")


def main() -> int:
    """Do what the module docstring says."""
    with served(sys.argv[1]) as address:
        print(f"{address}a2ui/")
        visitor = Visitor(address)
        print(f"the page: {visitor.page()} files")
        events = visitor.turn()
        print(f"an example turn over the stream: {len(events)} events")
        if "a2ui" not in events:
            raise SystemExit("no message among them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
