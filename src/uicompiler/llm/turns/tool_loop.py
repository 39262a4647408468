"""The loop of tools: a model asks for some, is told what they gave, and goes on until it is done.

A directive called as a tool is checked at once, together with those that were taken before it, and
the model is told what is wrong with it; those that were taken are compiled once, at the end. Yields
the steps of `steps.py`, as the turn it is a part of.

Source: DESIGN section 11.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    Arguments,
    DirectiveTool,
    Tool,
    ToolResult,
    checked,
    read_object,
    tool_schema,
)
from uicompiler.llm.turns.judging import Compiling, candidate, envelope_of, place_of
from uicompiler.llm.turns.thoughts import visible
from uicompiler.llm.turns.tool_messages import (
    answer_message,
    calls_message,
    compact,
    distinct,
    refusal,
)

CUT_OFF: Final = diagnostic(
    "LLM_OUTPUT_CUT_OFF",
    "The answer ended at its length limit.",
    hint="Raise max_output_tokens, or ask for less at once.",
)
_FILTERED: Final = diagnostic(
    "LLM_CONTENT_FILTERED",
    "The provider's filter took the end of an answer that called tools.",
    severity="warning",
)
_ENDED_EARLY: Final[Mapping[str, Diagnostic]] = {"length": CUT_OFF, "content_filter": _FILTERED}
"""Reasons to stop after which nobody knows how a call would have gone on."""

_FINISHED: Final = frozenset({"stop", "tool_calls"})
_MOST_AT_ONCE: Final = 32
_MOST_RESULT_BYTES: Final = 20_000
_OK: Final = '{"ok":true}'
_AGAIN: Final = '{"ok":true,"note":"It was called before, and counts once."}'


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
        text: What the model said last, without its thoughts.
        stopped: Why it did not come to its own end; None when it did.
        said: All messages, with what the tools gave.
        reply: The last reply, if there is one.
        told: Whether `said` holds the text already.
    """

    text: str
    stopped: Stopped | None
    said: Sequence[Message]
    reply: Reply | None = None
    told: bool = False


class ToolLoop:
    """One loop.

    Attributes:
        directives: Those that were taken, as an envelope holds them.
        given: What tools of the app's gave, a line for each call.
    """

    def __init__(
        self, asking: Asking, toolbox: Toolbox, compiling: Compiling, *, rounds: int, at_once: bool
    ) -> None:
        self.directives: list[dict[str, Any]] = []
        self.given: list[str] = []
        self._asking = asking
        self._toolbox = toolbox
        self._compiling = compiling
        self._rounds_left = rounds
        self._at_once = at_once
        self._ids: set[str] = set()
        self._words = ""  # the last that were said beside calls

    def run(self, messages: Sequence[Message], why: Why = "first") -> Steps[Finished]:
        """Ask until the model asks for no more tools."""
        said = list(messages)
        schemas = self._toolbox.schemas
        while True:
            came = yield from self._asking.ask(said, why, tools=schemas)
            if isinstance(came, Stopped):
                return Finished(self._words, came, said, told=True)
            words = visible(came.text)
            if not came.tool_requests:
                return Finished(words or self._words, None, said, came, told=not words)
            self._words = words if words.strip() else self._words
            if self._rounds_left <= 0:
                return Finished(self._words, self._endless(), said, came)
            self._rounds_left -= 1
            done = yield from self._round(came, words, said)
            if done:
                return Finished(words, None, said, came, told=True)
            why = "tool_round"

    def _endless(self) -> Stopped:
        what = "The model asked for tools more often than it may."
        return Stopped(
            diagnostic("LLM_TOOL_LOOP_ENDLESS", what, hint="Allow more in Tries.tool_rounds.")
        )

    # --- one round --------------------------------------------------------------------------------

    def _round(self, came: Reply, words: str, said: list[Message]) -> Steps[bool]:
        """Answer the calls of a reply; gives whether the model has said all it had to."""
        requests = distinct(came.tool_requests[: _MOST_AT_ONCE + 1], self._ids)
        if came.finish_reason in _ENDED_EARLY:
            answers = self._none_of(requests, _ENDED_EARLY[came.finish_reason])
        else:
            finished = came.finish_reason in _FINISHED
            answers = yield from self._answers(requests[:_MOST_AT_ONCE], finished)
            answers += self._too_many(came, requests)
        said += [calls_message(words, requests), *map(answer_message, requests, answers)]
        return self._is_done(words, requests, answers)

    def _is_done(self, words: str, requests: Sequence[ToolRequest], answers: Sequence[str]) -> bool:
        """Whether the model said its words beside directives that were all taken."""
        names = {request.name for request in requests}
        taken = {_OK, _AGAIN}.issuperset(answers)
        return bool(words.strip()) and taken and names <= set(self._toolbox.directives)

    def _none_of(self, requests: Sequence[ToolRequest], why: Diagnostic) -> list[str]:
        """What a model is told of calls that were cut off: half of one is another one."""
        self._asking.amend(outcome="unusable", code=why.code, findings=(why.code,))
        self._asking.tell([why])
        what = "The answer was cut off, so none of its calls was carried out."
        hint = "Call again, with less at once."
        found = diagnostic("LLM_TOOL_ARGUMENTS_INVALID", what, hint=hint)
        return [self._wrong([found]) for _ in requests]

    def _too_many(self, came: Reply, requests: Sequence[ToolRequest]) -> list[str]:
        """What a model is told of the calls after the last one that is carried out."""
        if len(requests) <= _MOST_AT_ONCE:
            return []
        rest = len(came.tool_requests) - _MOST_AT_ONCE
        what = f"The last {rest} of {len(came.tool_requests)} calls were not carried out."
        hint = f"At most {_MOST_AT_ONCE} are at once; call the rest again."
        return [self._wrong([diagnostic("LLM_TOOL_ARGUMENTS_INVALID", what, hint=hint)])]

    def _answers(self, requests: Sequence[ToolRequest], finished: bool) -> Steps[list[str]]:
        """What the model is told of each request, in order."""
        prepared = [self._prepared(request, finished) for request in requests]
        calls = [item for item in prepared if isinstance(item, Call)]
        results: list[ToolResult] = []
        for group in [calls] if self._at_once else [[call] for call in calls]:
            if group:
                results += yield from self._called(group)
        given = iter(results)
        return [
            self._told(item, next(given)) if isinstance(item, Call) else item for item in prepared
        ]

    def _called(self, calls: Sequence[Call]) -> Steps[list[ToolResult]]:
        """What tools give, in the time that is left for them."""
        seconds = self._asking.seconds_left
        if seconds == 0.0:
            return [ToolResult(error="TimeoutError") for _ in calls]
        timed = tuple(replace(call, timeout_s=seconds) for call in calls)
        results: list[ToolResult] = yield from self._asking.step(CallTools(timed))
        return results

    def _prepared(self, request: ToolRequest, finished: bool) -> Call | str:
        """A call to carry out, or what the model is told at once."""
        tool = self._toolbox.named(request.name)
        is_directive = request.name in self._toolbox.directives
        if tool is None and not is_directive:
            return self._unknown(request)
        read = self._read(request, finished)
        if tool is not None and read.values is not None:
            read = checked(tool, read.values)
        if read.values is None:
            return self._wrong(read.findings)
        return (
            self._directive(request.name, read.values) if tool is None else Call(tool, read.values)
        )

    def _read(self, request: ToolRequest, finished: bool) -> Arguments:
        """The arguments of a call; what was mended in them is told."""
        read = read_object(
            request.arguments,
            max_bytes=self._compiling.app.limits.max_envelope_bytes,
            finished=finished,
            mending=not self._compiling.strict,
        )
        if read.mended:
            before = self._asking.attempts[-1].mended
            self._asking.amend(mended=tuple(dict.fromkeys((*before, *read.mended))))
            what = f"The arguments of {request.name} were mended: {', '.join(read.mended)}."
            self._asking.tell([diagnostic("LLM_OUTPUT_MENDED", what)])
        return read

    def _directive(self, name: str, payload: Mapping[str, Any]) -> str:
        """Take a directive, if it goes together with those that were taken."""
        item = {"type": self._toolbox.directives[name].type, "payload": dict(payload)}
        if same(item) in map(same, self.directives):
            return _AGAIN
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
        return refusal(findings)

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
        self.given.append(f"{call.tool.name}({compact(dict(call.arguments))}) = {told}")
        return told


def same(directive: object) -> str:
    """A text that is equal for directives that say the same."""
    return json.dumps(directive, sort_keys=True, default=str)


def _concerns(fault: Diagnostic, index: int) -> bool:
    """Whether a fault is that of one directive, or of no other in particular."""
    return place_of(fault) in (None, index)


def _as_warning(item: Diagnostic) -> Diagnostic:
    return Diagnostic(item.code, "warning", item.message, item.pointer, item.hint)
