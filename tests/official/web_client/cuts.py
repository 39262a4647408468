"""A way to a server that can be cut: real sockets, ended or kept from being opened at will."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_CHUNK = 65_536


@dataclass
class Cuts:
    """Passes bytes on between a browser and a server.

    Attributes:
        address: Where to come in.
        closed: Whether new connections are ended at once.
        passed: How many bytes of an event stream may still come out; None for all.
        lost: How many answers to posts of events are still to be lost on the way.
    """

    address: str
    closed: bool = False
    passed: int | None = None
    lost: int = 0
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cut(self) -> None:
        """End every connection, as a network does that goes away."""
        with self._lock:
            found, self._open = self._open, set()
        for connection in found:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def cut_after(self, count: int) -> None:
        """Let so many bytes of the stream through, then cut it, and let nobody in again."""
        self.passed = count

    def serve(self, listening: socket.socket, server: tuple[str, int]) -> None:
        """Take connections until the listening socket is closed."""
        while True:
            try:
                browser, _ = listening.accept()
            except OSError:
                return
            if self.closed:
                browser.close()
                continue
            threading.Thread(target=self._pass_on, args=(browser, server), daemon=True).start()

    def _pass_on(self, browser: socket.socket, server: tuple[str, int]) -> None:
        with browser, socket.create_connection(server) as behind:
            with self._lock:
                self._open |= {browser, behind}
            asked = _Asked()
            there = threading.Thread(
                target=self._pump, args=(browser, behind, asked, True), daemon=True
            )
            there.start()
            self._pump(behind, browser, asked, False)
            there.join()
            with self._lock:
                self._open -= {browser, behind}

    def _pump(
        self, source: socket.socket, target: socket.socket, asked: _Asked, is_request: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_CHUNK):
                if is_request:
                    asked.last = piece.split(b"\r\n", 1)[0] if b" HTTP/1." in piece else asked.last
                elif not self._comes_through(piece, target, asked):
                    break
                if is_request:
                    target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _comes_through(self, piece: bytes, browser: socket.socket, asked: _Asked) -> bool:
        """Pass on what the server said; whether the connection lives on."""
        if self.lost and b"/events " in asked.last:
            self.lost -= 1
            return False
        if self.passed is None or b"/stream " not in asked.last:
            browser.sendall(piece)
            return True
        browser.sendall(piece[: self.passed])
        self.passed -= len(piece)
        if self.passed > 0:
            return True
        self.passed, self.closed = None, True
        return False


@dataclass
class _Asked:
    """The first line of the last request of a connection."""

    last: bytes = b""


@contextmanager
def cuts_before(port: int) -> Iterator[Cuts]:
    """A way to a port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    found = Cuts(f"http://127.0.0.1:{listening.getsockname()[1]}")
    thread = threading.Thread(
        target=found.serve, args=(listening, ("127.0.0.1", port)), daemon=True, name="cuts"
    )
    thread.start()
    try:
        yield found
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        found.cut()
        thread.join(5)
