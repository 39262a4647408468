"""The loop of tools: a model asks for some, is told what they gave, and goes on until it is done.

A directive called as a tool is checked at once, together with those that were taken before it, and
the model is told what is wrong with it; those that were taken are compiled once, at the end. Yields
the steps of `steps.py`, as the turn it is a part of.

Source: DESIGN section 11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.llm.asking.asking import Asking, Steps, Stopped
from uicompiler.llm.asking.attempt import Why
from uicompiler.llm.asking.requests import Message
from uicompiler.llm.exchange import Reply, ToolRequest
from uicompiler.llm.schema import Schema
from uicompiler.llm.steps import Call, CallTools
from uicompiler.llm.tools import (
    DirectiveTool,
    Tool,
    ToolResult,
    read_arguments,
    read_object,
    tool_schema,
)
from uicompiler.llm.turns.judging import Compiling, candidate, envelope_of, place_of
from uicompiler.llm.turns.messages import sendable

_MOST_AT_ONCE: Final = 32
_MOST_RESULT_BYTES: Final = 20_000
_UNSENDABLE: Final = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What may be called.

    Attributes:
        tools: The app's tools.
        directives: Directives as tools, by the tool's name; none in the first part of `hybrid`.
    """

    tools: Sequence[Tool] = ()
    directives: Mapping[str, DirectiveTool] = field(default_factory=dict)

    @property
    def schemas(self) -> list[Schema]:
        """As a request names them."""
        return [*map(tool_schema, self.tools), *(item.schema for item in self.directives.values())]

    def named(self, name: str) -> Tool | None:
        """The app's tool of a name, or None."""
        return next((tool for tool in self.tools if tool.name == name), None)


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a loop.

    Attributes:
        text: What the model wrote last.
        stopped: Why it did not come to its own end; None when it did.
        said: All messages, with what the tools gave.
        reply: The last reply, if there is one.
    """

    text: str
    stopped: Stopped | None
    said: Sequence[Message]
    reply: Reply | None = None


class ToolLoop:
    """One loop.

    Attributes:
        directives: Those that were taken, as an envelope holds them.
        given: What tools of the app's gave: name, arguments as JSON, result as JSON.
    """

    def __init__(
        self, asking: Asking, toolbox: Toolbox, compiling: Compiling, *, rounds: int, at_once: bool
    ) -> None:
        self.directives: list[dict[str, Any]] = []
        self.given: list[tuple[str, str, str]] = []
        self._asking = asking
        self._toolbox = toolbox
        self._compiling = compiling
        self._rounds_left = rounds
        self._at_once = at_once

    def run(self, messages: Sequence[Message], why: Why = "first") -> Steps[Finished]:
        """Ask until the model asks for no more tools."""
        said = list(messages)
        schemas = self._toolbox.schemas
        while True:
            came = yield from self._asking.ask(said, why, tools=schemas)
            if isinstance(came, Stopped):
                return Finished("", came, said)
            if not came.tool_requests:
                return Finished(came.text, None, said, came)
            if self._rounds_left <= 0:
                return Finished(came.text, self._endless(), said, came)
            self._rounds_left -= 1
            requests = _distinct(came.tool_requests[:_MOST_AT_ONCE])
            answers = yield from self._answers(requests)
            said += [_asked(came.text, requests), *map(_answer, requests, answers)]
            if self._is_done(came, answers):
                return Finished(came.text, None, said, came)
            why = "tool_round"

    def _is_done(self, came: Reply, answers: Sequence[str]) -> bool:
        """Whether the model said its words beside directives that were all taken."""
        names = {request.name for request in came.tool_requests}
        taken = all(answer == _OK for answer in answers)
        return bool(came.text.strip()) and taken and names <= set(self._toolbox.directives)

    def _endless(self) -> Stopped:
        what = "The model asked for tools more often than it may."
        return Stopped(
            diagnostic("LLM_TOOL_LOOP_ENDLESS", what, hint="Allow more in Tries.tool_rounds.")
        )

    # --- one round --------------------------------------------------------------------------------

    def _answers(self, requests: Sequence[ToolRequest]) -> Steps[list[str]]:
        """What the model is told of each request, in order."""
        prepared = [self._prepared(request) for request in requests]
        calls = [item for item in prepared if isinstance(item, Call)]
        results: list[ToolResult] = []
        for group in [calls] if self._at_once else [[call] for call in calls]:
            if group:
                results += yield from self._asking.step(CallTools(tuple(group)))
        given = iter(results)
        return [
            self._told(item, next(given)) if isinstance(item, Call) else item for item in prepared
        ]

    def _prepared(self, request: ToolRequest) -> Call | str:
        """A call to carry out, or what the model is told at once."""
        limit = self._compiling.app.limits.max_envelope_bytes
        if request.name in self._toolbox.directives:
            return self._directive(request, limit)
        tool = self._toolbox.named(request.name)
        if tool is None:
            return self._unknown(request)
        read = read_arguments(tool, request.arguments, max_bytes=limit)
        if read.values is None:
            return self._wrong(read.findings)
        return Call(tool, read.values, self._asking.seconds_left)

    def _directive(self, request: ToolRequest, limit: int) -> str:
        read = read_object(request.arguments, max_bytes=limit)
        if read.values is None:
            return self._wrong(read.findings)
        kind = self._toolbox.directives[request.name].type
        item = {"type": kind, "payload": dict(read.values)}
        found = candidate(envelope_of("", [*self.directives, item]), self._compiling, None)
        mine = len(self.directives)
        faults = [fault for fault in found.faults if _concerns(fault, mine)]
        if faults:
            return self._wrong(faults)
        self.directives.append(item)
        return _OK

    def _unknown(self, request: ToolRequest) -> str:
        names = ", ".join([*self._toolbox.directives, *(tool.name for tool in self._toolbox.tools)])
        what = f"There is no tool {request.name[:60]!r}."
        return self._wrong([diagnostic("LLM_TOOL_UNKNOWN", what, hint=f"There are: {names}.")])

    def _wrong(self, findings: Sequence[Diagnostic]) -> str:
        """Findings for the model; the turn tells of them as warnings, since it goes on."""
        self._asking.tell([_as_warning(item) for item in findings])
        told = [
            {key: value for key, value in item.to_dict().items() if key in _TOLD and value}
            for item in findings
        ]
        return _json({"ok": False, "errors": told})

    def _told(self, call: Call, result: ToolResult) -> str:
        if result.error:
            what = f"The tool {call.tool.name} failed ({result.error})."
            return self._wrong([diagnostic("LLM_TOOL_FAILED", what)])
        try:
            text = orjson.dumps(result.value, option=orjson.OPT_NON_STR_KEYS)
        except TypeError:
            what = f"The tool {call.tool.name} gave no JSON value."
            return self._wrong([diagnostic("LLM_TOOL_FAILED", what)])
        told = text[:_MOST_RESULT_BYTES].decode(errors="ignore")
        told += "…" if len(text) > _MOST_RESULT_BYTES else ""
        self.given.append((call.tool.name, _json(dict(call.arguments)), told))
        return told


_OK: Final = '{"ok":true}'
_TOLD: Final = ("code", "message", "pointer", "hint")


def _concerns(fault: Diagnostic, index: int) -> bool:
    """Whether a fault is that of one directive, or of no other in particular."""
    return place_of(fault) in (None, index)


def _as_warning(item: Diagnostic) -> Diagnostic:
    return Diagnostic(item.code, "warning", item.message, item.pointer, item.hint)


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return sendable(text)


# --- messages -------------------------------------------------------------------------------------


def _distinct(requests: Sequence[ToolRequest]) -> list[ToolRequest]:
    """The requests with ids that differ, as the answers refer to them by id."""
    seen: set[str] = set()
    distinct = []
    for index, request in enumerate(requests):
        name = request.id if request.id and request.id not in seen else f"call_{index}"
        seen.add(name)
        distinct.append(ToolRequest(name, request.name, request.arguments))
    return distinct


def _asked(text: str, requests: Sequence[ToolRequest]) -> Message:
    calls = [
        {
            "id": request.id,
            "type": "function",
            "function": {"name": _sendable(request.name), "arguments": _echo(request.arguments)},
        }
        for request in requests
    ]
    return {"role": "assistant", "content": sendable(text) or None, "tool_calls": calls}


def _answer(request: ToolRequest, text: str) -> Message:
    return {"role": "tool", "tool_call_id": request.id, "content": text}


def _sendable(name: str) -> str:
    """A name that the provider takes back: some refuse what they let their model write."""
    return _UNSENDABLE.sub("_", name)[:64] or "unknown"


def _echo(arguments: str) -> str:
    """Arguments that the provider takes back: an object, for some of them read it."""
    read = read_object(arguments, max_bytes=_MOST_RESULT_BYTES)
    return "{}" if read.values is None else _json(dict(read.values))
