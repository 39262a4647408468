"""A simulated model that is given tools: first the app's, then its directives, then its words.

What was refused is asked for once more, as it is meant; a tool that failed is not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from uicompiler.evals.sim.answer import SimTool
from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.written import compact
from uicompiler.llm.exchange import Request

_FAILED: Final = "LLM_TOOL_FAILED"


def tool_name(directive_type: str) -> str:
    """What a directive is called as a tool."""
    return directive_type.replace(".", "_")


def pending(script: Script, request: Request) -> list[Mapping[str, Any]]:
    """What it wants to call and has not yet: tools of the app's first, then directives.

    Each as a directive is written: `type` and `payload`.
    """
    offered = {_named(tool) for tool in request.get("tools") or ()}
    ran = Counter(_ran(request))
    waiting = []
    uses = [{"type": name, "payload": dict(arguments)} for name, arguments in script.uses]
    for item in (*uses, *script.reply.get("directives", ())):
        name = tool_name(item["type"])
        if ran[name] > 0:
            ran[name] -= 1
        elif name in offered:
            waiting.append(item)
    # Before it knows what the app's tools give, it has nothing to show.
    return [item for item in waiting if item in uses] or waiting


def asked_for(items: Sequence[Mapping[str, Any]], request: Request) -> list[Mapping[str, Any]]:
    """Those to ask for now: one, unless several may be asked for at once."""
    at_once = request.get("parallel_tool_calls", True)
    return list(items) if at_once else list(items[:1])


def as_tool(item: Mapping[str, Any]) -> SimTool:
    """A directive as a tool that is asked for."""
    return SimTool(tool_name(item["type"]), compact(item.get("payload", {})))


def _named(tool: Any) -> str:
    return str(tool.get("function", {}).get("name", "")) if isinstance(tool, Mapping) else ""


def _ran(request: Request) -> Iterator[str]:
    """Names of the tools that were answered without an error."""
    names: dict[str, str] = {}
    for message in request.get("messages", ()):
        for call in message.get("tool_calls") or ():
            names[str(call.get("id", ""))] = _named(call)
        if message.get("role") == "tool" and _is_good(message.get("content")):
            yield names.get(str(message.get("tool_call_id", "")), "")


def _is_good(content: Any) -> bool:
    try:
        found = json.loads(content)
    except (TypeError, ValueError):
        return False
    if not isinstance(found, Mapping) or found.get("ok", "error" not in found) is not False:
        return True
    errors = found.get("errors") or ()
    return any(isinstance(item, Mapping) and item.get("code") == _FAILED for item in errors)
