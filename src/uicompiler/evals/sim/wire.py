"""A `SimAnswer` as bytes of HTTP: a chat completion, its stream of events, or an error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from uicompiler.evals.sim.answer import SimAnswer
from uicompiler.llm.exchange import Request

_CREATED: Final = 1_700_000_000
_STREAMED_CHARACTERS: Final = 24


def body_of(made: SimAnswer, request: Request, number: int) -> bytes:
    """The body of a response."""
    if made.raw is not None:
        return made.raw
    if made.status != 200:
        return _json({"error": made.error})
    if request.get("stream"):
        return b"".join(b"data: %b\n\n" % event for event in _events(made, request, number))
    return _json(_completion(made, request, number))


def head_of(made: SimAnswer, request: Request, length: int) -> bytes:
    """The status line and the headers."""
    streamed = made.raw is None and made.status == 200 and request.get("stream")
    content_type = "text/event-stream" if streamed else made.content_type
    headers = [
        ("content-type", content_type),
        ("content-length", str(length)),
        ("connection", "close"),
        *made.headers,
    ]
    try:
        phrase = HTTPStatus(made.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {made.status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _completion(made: SimAnswer, request: Request, number: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": made.text}
    if made.tools:
        message["tool_calls"] = _tool_calls(made, number)
    return {
        **_about("chat.completion", request, number),
        "choices": [{"index": 0, "message": message, "finish_reason": made.finish_reason}],
        "usage": _usage(made),
    }


def _events(made: SimAnswer, request: Request, number: int) -> Iterator[bytes]:
    about = _about("chat.completion.chunk", request, number)
    for delta in _deltas(made, number):
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        yield _json({**about, "choices": [choice]})
    last = {"index": 0, "delta": {}, "finish_reason": made.finish_reason}
    yield _json({**about, "choices": [last]})
    if (request.get("stream_options") or {}).get("include_usage"):
        yield _json({**about, "choices": [], "usage": _usage(made)})
    yield b"[DONE]"


def _deltas(made: SimAnswer, number: int) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for start in range(0, len(made.text), _STREAMED_CHARACTERS):
        yield {"content": made.text[start : start + _STREAMED_CHARACTERS]}
    for place, call in enumerate(_tool_calls(made, number)):
        yield {"tool_calls": [{"index": place, **call}]}


def _about(kind: str, request: Request, number: int) -> dict[str, Any]:
    name = str(request.get("model", ""))
    return {"id": f"sim-{number}", "object": kind, "created": _CREATED, "model": name}


def _tool_calls(made: SimAnswer, number: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{number}_{place}",
            "type": "function",
            "function": {"name": tool.name, "arguments": tool.arguments},
        }
        for place, tool in enumerate(made.tools)
    ]


def _usage(made: SimAnswer) -> dict[str, int]:
    return {
        "prompt_tokens": made.usage.input_tokens,
        "completion_tokens": made.usage.output_tokens,
        "total_tokens": made.usage.total_tokens,
    }


def _json(value: object) -> bytes:
    """In ASCII, so that half a character, which UTF-8 cannot say, goes out as models write it."""
    return json.dumps(value, separators=(",", ":")).encode()
