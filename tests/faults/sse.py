"""A reader of server-sent events that forgives nothing, for what is cut off anywhere.

It does what a browser's EventSource does, a byte at a time if need be, and refuses whatever a
browser would pass over in silence.

Source: HTML, section 9.2.6, "Interpreting an event stream".
"""

from __future__ import annotations

from dataclasses import dataclass

_FIELDS = ("event", "data", "id", "retry")


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as it was dispatched.

    Attributes:
        name: Its type.
        data: Its lines, joined.
        last_id: What a client that is cut off right after it would send as `Last-Event-ID`.
        is_last: Whether it named the id itself.
        end: How many bytes of the stream there were when it was dispatched.
    """

    name: str
    data: str
    last_id: str
    is_last: bool
    end: int


class Broken(AssertionError):
    """The stream is none that a browser would read whole."""


class Reader:
    """Reads a stream in pieces of any length.

    Attributes:
        last_id: What would be sent as `Last-Event-ID` now; "" for nothing.
        retry_ms: What the stream said of coming back.
        comments: How many there were.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry_ms: int | None = None
        self.comments = 0
        self._id = last_id
        self._named = False
        self._name = ""
        self._data: list[str] = []
        self._line = b""
        self._read = 0

    def feed(self, piece: bytes) -> list[Event]:
        """The events that are complete now; what is not yet waits for the next piece."""
        found: list[Event] = []
        *whole, rest = piece.split(b"\n")
        for line in whole:
            self._line, line = b"", self._line + line
            self._read += len(line) + 1
            found += self._took(line.decode())
        self._line += rest
        return found

    def _took(self, line: str) -> list[Event]:
        if "\r" in line:
            raise Broken("a carriage return")
        if line == "":
            return self._dispatched()
        if line.startswith(":"):
            self.comments += 1
            return []
        name, colon, value = line.partition(": ")
        if not colon or name not in _FIELDS:
            raise Broken(f"no field of the format: {line[:80]!r}")
        self._field(name, value)
        return []

    def _field(self, name: str, value: str) -> None:
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id":
            if not value.isdigit() or int(value) < int(self._id or 0):
                raise Broken(f"an id that is no rising number: {value!r}")
            self._id, self._named = value, True
        else:
            self.retry_ms = int(value)

    def _dispatched(self) -> list[Event]:
        self.last_id = self._id
        name, data, named = self._name or "message", self._data, self._named
        self._name, self._data, self._named = "", [], False
        if not data:
            return []
        return [Event(name, "\n".join(data), self.last_id, named, self._read)]


def read(stream: bytes, last_id: str = "") -> list[Event]:
    """The events of a stream, or of the beginning of one."""
    return Reader(last_id).feed(stream)
