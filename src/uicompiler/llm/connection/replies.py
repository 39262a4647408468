"""What litellm hands back, as a `Reply`: read with care, since servers leave out what they like.

Objects are looked at by attribute only; nothing of litellm is imported. Numbers that a provider
gives are taken when they can be: whole, finite, not negative.

Source: DESIGN section 11.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from uicompiler.llm.connection.failures import Seen
from uicompiler.llm.exchange import Failure, Reply, Request, ToolRequest, Usage

Price: TypeAlias = Callable[[Usage], float | None]
"""What some tokens cost; None where no price is known."""

_MOST_TOKENS: Final = 2**53
_PER_MESSAGE: Final = 4
"""Tokens around a message, as OpenAI's models count them."""


@dataclass(slots=True)
class Collected:
    """A streamed answer, whole: what `reply_of` looks at.

    Attributes:
        text: Its words, in pieces.
        refusal: Why it would not answer, in pieces.
        finish_reason: Why it ended; "" when it did not say so.
        usage: Tokens as the provider counted them, if it did.
        model: As the provider names it.
        id: Of the call.
        tools: Tools that it asks for, by index.
    """

    text: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    finish_reason: str = ""
    usage: object = None
    model: str = ""
    id: str = ""
    tools: dict[int, list[str]] = field(default_factory=dict)


async def collect(chunks: AsyncIterable[object], seen: Seen) -> Collected:
    """All pieces of a streamed answer.

    Args:
        chunks: As litellm yields them.
        seen: Keeps the words that arrived, in case the rest does not.
    """
    got = Collected(text=seen.text)
    async for chunk in chunks:
        got.model = _text(chunk, "model") or got.model
        got.id = _text(chunk, "id") or got.id
        got.usage = getattr(chunk, "usage", None) or got.usage
        choice = _first(getattr(chunk, "choices", None))
        delta = getattr(choice, "delta", None)
        got.text.append(_text(delta, "content"))
        got.refusal.append(_refusal(delta))
        got.finish_reason = _text(choice, "finish_reason") or got.finish_reason
        for piece in getattr(delta, "tool_calls", None) or ():
            _add_tool(got.tools, piece)
    return got


def _add_tool(tools: dict[int, list[str]], piece: object) -> None:
    index = getattr(piece, "index", None)
    held = tools.setdefault(index if isinstance(index, int) else len(tools), ["", "", ""])
    function = getattr(piece, "function", None)
    held[0] = _text(piece, "id") or held[0]
    held[1] = _text(function, "name") or held[1]
    held[2] += _text(function, "arguments")


def reply_of_stream(got: Collected, price: Price) -> Reply:
    """A streamed answer as a reply."""
    usage = _usage(got.usage)
    return Reply(
        text="".join(got.text),
        finish_reason=got.finish_reason or "stop",
        tool_requests=tuple(ToolRequest(*held) for _, held in sorted(got.tools.items())),
        refusal="".join(got.refusal),
        usage=usage,
        cost_usd=price(usage),
        model=got.model,
        request_id=got.id,
    )


def reply_of(answer: object, price: Price) -> Reply | Failure:
    """An answer that came in one piece as a reply."""
    choice = _first(getattr(answer, "choices", None))
    message = getattr(choice, "message", None)
    if message is None:
        return Failure("invalid_response", "The answer holds no message.")
    usage = _usage(getattr(answer, "usage", None))
    return Reply(
        text=_content(message),
        finish_reason=_text(choice, "finish_reason") or "stop",
        tool_requests=tuple(_tools(getattr(message, "tool_calls", None) or ())),
        refusal=_refusal(message),
        usage=usage,
        cost_usd=price(usage),
        model=_text(answer, "model"),
        request_id=_text(answer, "id"),
    )


def with_estimates(
    reply: Reply, request: Request, count: Callable[[str], int], price: Price
) -> Reply:
    """A reply whose tokens are counted here where the provider did not count them.

    Args:
        reply: As it came.
        request: What was asked.
        count: Tokens of a text.
        price: What tokens cost.
    """
    usage = reply.usage
    if usage.input_tokens and usage.output_tokens:
        return reply
    written = [
        reply.text,
        reply.refusal,
        *(f"{it.name}{it.arguments}" for it in reply.tool_requests),
    ]
    counted = Usage(
        usage.input_tokens or _sent(request, count),
        usage.output_tokens or sum(map(count, filter(None, written))),
        usage.cached_input_tokens,
        estimated=True,
    )
    return replace(reply, usage=counted, cost_usd=price(counted))


def without_echo(came: Reply | Failure, scrub: Callable[[str], str]) -> Reply | Failure:
    """What came without the key, which a server may have sent back.

    Args:
        came: As it was read.
        scrub: Takes the key out of a text, and leaves it otherwise as it is.
    """
    if isinstance(came, Failure):
        return replace(came, message=scrub(came.message), partial_text=scrub(came.partial_text))
    tools = [(scrub(it.id), scrub(it.name), scrub(it.arguments)) for it in came.tool_requests]
    return replace(
        came,
        text=scrub(came.text),
        finish_reason=scrub(came.finish_reason),
        tool_requests=tuple(ToolRequest(*tool) for tool in tools),
        refusal=scrub(came.refusal),
        model=scrub(came.model),
        request_id=scrub(came.request_id),
    )


def _sent(request: Request, count: Callable[[str], int]) -> int:
    messages = request.get("messages") or ()
    shapes = [request[key] for key in ("tools", "response_format") if request.get(key)]
    texts = [_as_text(message) for message in messages]
    return sum(count(text) + _PER_MESSAGE for text in texts) + sum(
        count(json.dumps(shape, ensure_ascii=False)) for shape in shapes
    )


def _as_text(message: object) -> str:
    if not isinstance(message, Mapping):
        return ""
    content = message.get("content")
    rest = {key: value for key, value in message.items() if key not in ("role", "content")}
    said = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return said + (json.dumps(rest, ensure_ascii=False) if rest else "")


def _content(message: object) -> str:
    """The words of a message; of one in parts, those of its parts."""
    content = getattr(message, "content", None)
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


def _refusal(message: object) -> str:
    fields = getattr(message, "provider_specific_fields", None)
    told = fields.get("refusal") if isinstance(fields, Mapping) else None
    return _text(message, "refusal") or (told if isinstance(told, str) else "")


def _tools(calls: Iterable[object]) -> Iterable[ToolRequest]:
    for number, call in enumerate(calls):
        function = getattr(call, "function", None)
        arguments: Any = getattr(function, "arguments", None)
        if arguments is not None and not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        name, call_id = _text(function, "name"), _text(call, "id") or f"call_{number}"
        yield ToolRequest(call_id, name, arguments or "")


def _usage(told: object) -> Usage:
    details = getattr(told, "prompt_tokens_details", None)
    return Usage(
        _number(told, "prompt_tokens"),
        _number(told, "completion_tokens"),
        _number(details, "cached_tokens") or _number(told, "cache_read_input_tokens"),
    )


def _number(holder: object, name: str) -> int:
    value = getattr(holder, name, None)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and isinstance(value, int) and 0 <= value <= _MOST_TOKENS else 0


def _text(holder: object, name: str) -> str:
    value = getattr(holder, name, None)
    return value if isinstance(value, str) else ""


def _first(choices: object) -> object:
    return choices[0] if isinstance(choices, list) and choices else None
