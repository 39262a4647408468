"""Answers that come piece by piece, and do not come whole."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.llm.faults.cases import GOOD, TEXT, Fault, raw
from uicompiler.evals.sim.answer import SimAnswer

_STREAMED: Final[dict[str, Any]] = {"stream": True, "request_timeout_s": 2.0}
_HEAD: Final = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "x"}


def events(*pieces: str | dict[str, Any], done: bool = True, stop: bool = True) -> SimAnswer:
    """A stream of words and other events."""
    sent = [_event({"content": piece}) if isinstance(piece, str) else piece for piece in pieces]
    if stop:
        sent.append(_event({}, "stop"))
    lines = [b"data: " + json.dumps(item).encode() for item in sent]
    lines += [b"data: [DONE]"] if done else []
    return raw(b"\n\n".join([*lines, b""]), content_type="text/event-stream")


def _event(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {**_HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


_HALF: Final = len(TEXT) // 2

STREAMS: Final = (
    Fault("a stream", [GOOD], settings=_STREAMED),
    Fault("a stream of single bytes", [SimAnswer(text=TEXT, piece_bytes=1)], settings=_STREAMED),
    Fault("a stream without its end", [events(TEXT, done=False)], settings=_STREAMED),
    Fault(
        "a stream with comments",
        [
            raw(
                b": keep-alive\n\n" + (events(TEXT).raw or b""),
                content_type="text/event-stream",
            )
        ],
        settings=_STREAMED,
    ),
    Fault(
        "a stream with a fence",
        [events("```json\n", TEXT[:_HALF], TEXT[_HALF:], "\n```")],
        settings=_STREAMED,
    ),
    Fault(
        "a stream that is cut off",
        [SimAnswer(text=TEXT, cut_after=900), GOOD],
        outcomes=("unavailable", "ok"),
        settings=_STREAMED,
    ),
    Fault(
        "a stream that stops for ever",
        [SimAnswer(text=TEXT, pause_s=30.0, piece_bytes=1_500), GOOD],
        outcomes=("timeout", "ok"),
        settings={**_STREAMED, "request_timeout_s": 0.3},
    ),
    Fault(
        "a stream with an error in it",
        [events(TEXT[:_HALF], {"error": {"message": "It broke.", "code": 502}}, stop=False), GOOD],
        outcomes=("invalid_response", "ok"),
        settings=_STREAMED,
    ),
    Fault(
        "a stream with what is no JSON",
        [raw(b"data: {nothing\n\n", content_type="text/event-stream"), GOOD],
        outcomes=("invalid_response", "ok"),
        settings=_STREAMED,
    ),
    Fault(
        "a stream without words",
        [events(), GOOD],
        outcomes=("invalid_response", "ok"),
        settings=_STREAMED,
    ),
    Fault(
        "a whole body instead of a stream",
        [raw(b"<html>Sign in</html>", content_type="text/html"), GOOD],
        outcomes=("invalid_response", "ok"),
        settings=_STREAMED,
    ),
    Fault(
        "a stream that is huge",
        [SimAnswer(text="x" * 300_000), GOOD],
        outcomes=("too_large", "ok"),
        settings=_STREAMED,
        max_bytes=100_000,
    ),
)
"""Streams."""
