"""Calls of tools and their answers, as messages that a provider takes back. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from uicompiler.errors import Diagnostic
from uicompiler.llm.asking.requests import Message
from uicompiler.llm.exchange import ToolRequest
from uicompiler.llm.tools import read_object
from uicompiler.llm.turns.messages import sendable

_MOST_ECHOED_BYTES: Final = 20_000
_UNSENDABLE: Final = re.compile(r"[^A-Za-z0-9_-]")
_TOLD: Final = ("code", "message", "pointer", "hint")


def distinct(requests: Sequence[ToolRequest], taken: set[str]) -> list[ToolRequest]:
    """The requests with ids that differ, as the answers refer to them by id.

    Args:
        requests: As they came; some providers give no ids, or begin anew with every answer.
        taken: Ids of earlier ones; those of these are added.
    """
    given = {request.id for request in requests}
    told = []
    for request in requests:
        name, number = request.id, len(taken)
        while not name or name in taken:
            name, number = f"call_{number}", number + 1
            name = "" if name in given else name
        taken.add(name)
        told.append(ToolRequest(name, request.name, request.arguments))
    return told


def calls_message(text: str, requests: Sequence[ToolRequest]) -> Message:
    """What the model wrote: words, and calls."""
    calls = [
        {
            "id": request.id,
            "type": "function",
            "function": {"name": _sendable(request.name), "arguments": _echo(request.arguments)},
        }
        for request in requests
    ]
    return {"role": "assistant", "content": sendable(text) or None, "tool_calls": calls}


def answer_message(request: ToolRequest, text: str) -> Message:
    """What came of one of its calls."""
    return {"role": "tool", "tool_call_id": request.id, "content": text}


def refusal(findings: Sequence[Diagnostic]) -> str:
    """What is wrong with a call, for the model."""
    told = [
        {key: value for key, value in item.to_dict().items() if key in _TOLD and value}
        for item in findings
    ]
    return compact({"ok": False, "errors": told})


def compact(value: object) -> str:
    """A value as compact JSON that can be sent."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return sendable(text)


def _sendable(name: str) -> str:
    """A name that the provider takes back: some refuse what they let their model write."""
    return _UNSENDABLE.sub("_", name)[:64] or "unknown"


def _echo(arguments: str) -> str:
    """Arguments that the provider takes back: an object, for some of them read it."""
    read = read_object(arguments, max_bytes=_MOST_ECHOED_BYTES)
    return "{}" if read.values is None else compact(dict(read.values))
