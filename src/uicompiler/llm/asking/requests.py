"""Chat-completions requests: settings, messages and a rung of the ladder, put together.

Pure; without keys, addresses or anything else that a log may not hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from uicompiler.llm.asking.capabilities import Capability
from uicompiler.llm.schema import Schema
from uicompiler.llm.settings import ModelSettings, ResponseFormat

Message: TypeAlias = Mapping[str, Any]
"""`role`, `content` and whatever else; `Any` as in `ir.values.Json`."""

LIMIT_KEY: Final = "max_tokens"
"""Where an answer is cut off."""

NEWER_LIMIT_KEY: Final = "max_completion_tokens"
"""The same, as OpenAI's newer models want it."""


def chat_request(
    settings: ModelSettings,
    capability: Capability,
    messages: Sequence[Message],
    *,
    rung: ResponseFormat,
    schema: Schema,
    tools: Sequence[Schema] = (),
    most_tokens: int | None = None,
) -> dict[str, Any]:
    """The request, before what the model does not take is left out.

    Args:
        settings: How the model is asked.
        capability: What it takes.
        messages: What is said.
        rung: What it promises about its answer's shape; beside tools nothing.
        schema: The `response_format` of the rung `json_schema`.
        tools: Tools it may ask for.
        most_tokens: How much it may write, if the turn's budget bounds that.
    """
    limit = _least(settings.max_output_tokens, most_tokens)
    request = {
        "model": settings.model,
        "messages": list(messages),
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "seed": settings.seed,
        LIMIT_KEY: limit,
        "stream": settings.stream or None,
        "response_format": None if tools else _response_format(rung, schema),
        "tools": list(tools) or None,
        "parallel_tool_calls": _parallel(settings, capability, bool(tools)),
    }
    return {key: value for key, value in request.items() if value is not None} | {**settings.extra}


def _response_format(rung: ResponseFormat, schema: Schema) -> Schema | None:
    if rung == "json_schema":
        return schema
    return {"type": "json_object"} if rung == "json_object" else None


def _parallel(settings: ModelSettings, capability: Capability, with_tools: bool) -> bool | None:
    """Providers call tools in parallel unless told otherwise; some take the key with tools only."""
    takes = capability.parallel_tool_calls
    if not takes or (not with_tools and "parallel_tool_calls" in capability.only_with_tools):
        return None
    return bool(with_tools and settings.parallel_tool_calls)


def _least(*limits: int | None) -> int | None:
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None
