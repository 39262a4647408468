"""Several replayed conversations as one stream that one client can take.

A client never sees a surface id again once it is deleted, and two conversations may both call a
surface `main`. So between conversations the surfaces that are still shown are deleted, and an id
that was used before goes out under its next free epoch (`main` as `main#e=2`). A single
conversation goes out as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from uicompiler.backends.a2ui_v0_8.encode import encode
from uicompiler.backends.ids import parse_surface_id, wire_surface_id


class Emitter:
    """Knows which ids the stream has used, and which surfaces it still shows."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}
        self._renamed: dict[str, str] = {}
        self._shown: dict[str, None] = {}

    def conversation(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines of one more conversation, without line ends."""
        for surface_id in self._shown:
            yield from encode([{"deleteSurface": {"surfaceId": surface_id}}])
        self._shown, self._renamed = {}, {}
        for line in lines:
            yield self._line(line)

    def _line(self, line: bytes) -> bytes:
        message: dict[str, Any] = orjson.loads(line)
        kind, body = next(iter(message.items()))
        given = body["surfaceId"]
        surface_id = self._renamed.get(given) or self._rename(given)
        if kind == "deleteSurface":
            self._shown.pop(surface_id, None)
        else:
            self._shown[surface_id] = None
        if surface_id == given:
            return line
        return encode([{kind: {**body, "surfaceId": surface_id}}])[0]

    def _rename(self, given: str) -> str:
        address = parse_surface_id(given)
        if address is None:
            return given
        epoch = max(address.epoch, self._used.get(address.surface, 0) + 1)
        self._used[address.surface] = epoch
        self._renamed[given] = wire_surface_id(address.surface, epoch)
        return self._renamed[given]
