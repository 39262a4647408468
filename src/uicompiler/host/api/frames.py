"""What a turn looks like on the wire: events of an SSE stream, messages of a WebSocket.

Both say the same: a name and one JSON object each, in order, and the conversation's count with the
last one of a turn, so that nobody resumes in the middle of one. A turn that tells nothing is an
event named `rest`, so that its count is known all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from uicompiler.backends.base import Backend, Message
from uicompiler.compiler import CompileResult
from uicompiler.host.streams.hub import Event, Told
from uicompiler.host.streams.stream import encoded
from uicompiler.host.turns.press import told_beside
from uicompiler.ir.state import Surface, UIState

A2UI: Final = "a2ui"
REST: Final = "rest"
NAMES: Final = (A2UI, "html", "text", "effect", "fallback", REST)
"""Names of what a turn tells; `html` in conversations of that protocol."""

_FORMER_EPOCHS: Final = 16


def as_events(told: Told) -> bytes:
    """A turn as events of an SSE stream."""
    return encoded(told.events or _REST, told.seq)


def as_messages(told: Told) -> str:
    """A turn as messages of a WebSocket, one a line: no JSON has a line's end in it."""
    events = told.events or _REST
    frames: list[dict[str, Any]] = [{"event": name, "data": data} for name, data in events]
    frames[-1]["id"] = told.seq
    return "\n".join(map(frame, frames))


def frame(content: Mapping[str, Any]) -> str:
    """One message."""
    return orjson.dumps(content).decode()


_REST: Final[tuple[Event, ...]] = ((REST, {}),)


def newest(state: UIState, seq: int, shown: CompileResult, backend: Backend) -> Told:
    """Everything there is, for a client that lost all, or too much.

    Args:
        state: What is shown.
        seq: The conversation's count.
        shown: The snapshot of the state.
        backend: The conversation's.
    """
    messages = [*gone(state, backend), *shown.messages]
    name = event_name(backend.name)
    events = [(name, dict(message)) for message in messages]
    return Told(seq, "", (*events, *told_beside(shown)))


def event_name(protocol: str) -> str:
    """The name of the events that carry a protocol's messages."""
    return "html" if protocol == "html" else A2UI


def gone(state: UIState, backend: Backend) -> list[Message]:
    """Deletions of what a client may still show and should not; one that never had it goes on."""
    shown = {backend.surface_id(surface) for surface in state.live_surfaces()}
    former = [item for surface in state.surfaces.values() for item in _former(surface)]
    lost = [surface for surface in former if backend.surface_id(surface) not in shown]
    return [message for surface in lost for message in backend.delete(surface).messages]


def _former(surface: Surface) -> list[Surface]:
    """The surface as clients knew it in its last epochs."""
    first = max(1, surface.epoch - _FORMER_EPOCHS)
    return [replace(surface, epoch=epoch) for epoch in range(first, surface.epoch + 1)]
