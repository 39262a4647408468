"""What holds for every request of a turn, and the requests made of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from uicompiler.errors import Diagnostic
from uicompiler.llm.asking.budget import Spent, output_tokens_left
from uicompiler.llm.asking.capabilities import Capability
from uicompiler.llm.asking.ladder import rungs
from uicompiler.llm.asking.learned import Learned
from uicompiler.llm.asking.requests import LIMIT_KEY, NEWER_LIMIT_KEY, Message, chat_request
from uicompiler.llm.asking.sanitise import sanitise
from uicompiler.llm.schema import Schema
from uicompiler.llm.settings import Budget, ModelSettings, ResponseFormat, Tries

_BYTES_PER_TOKEN: Final = 4


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every request of a turn.

    Attributes:
        settings: How the model is asked.
        budget: What the turn may cost.
        tries: How often something is tried again.
        capability: What the model takes.
        learned: What it was found to refuse.
        schema: The `response_format` of the rung `json_schema`.
    """

    settings: ModelSettings
    budget: Budget
    tries: Tries
    capability: Capability
    learned: Learned
    schema: Schema


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request to send.

    Attributes:
        request: The request.
        dropped: Keys that were left out of it.
        findings: Why, for those that were not told of before.
        tokens: About how many it has; 0 where nobody counts.
    """

    request: dict[str, Any]  # as `exchange.Request`
    dropped: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    tokens: int


def first_request(terms: Terms, messages: Sequence[Message]) -> dict[str, Any]:
    """The request that a turn begins with, before what the model does not take is left out."""
    rung = rungs(terms.settings, terms.capability)[0]
    return _built(terms, messages, rung, (), None)


def prepared(
    terms: Terms,
    messages: Sequence[Message],
    rung: ResponseFormat,
    *,
    tools: Sequence[Schema],
    dropped: Collection[str],
    spent: Spent,
) -> Prepared:
    """The next request of a turn.

    Args:
        terms: What holds for all of them.
        messages: What is said.
        rung: What is asked of the answer's shape.
        tools: What the model may ask for.
        dropped: Keys that it refused in this turn.
        spent: What the turn has cost, which bounds what may be written.
    """
    request = _built(terms, messages, rung, tools, None)
    tokens = _size(terms, request)
    request = _built(terms, messages, rung, tools, output_tokens_left(terms.budget, spent, tokens))
    if LIMIT_KEY in dropped and LIMIT_KEY in request:
        request[NEWER_LIMIT_KEY] = request[LIMIT_KEY]
    clean = sanitise(_without(request, dropped), terms.capability)
    # The table may call a key otherwise, and the provider refuse it under that name.
    kept = _without(clean.request, dropped)
    refused = [key for key in {**request, **clean.request} if key in dropped]
    return Prepared(kept, (*refused, *clean.dropped), clean.findings, tokens)


def _built(
    terms: Terms,
    messages: Sequence[Message],
    rung: ResponseFormat,
    tools: Sequence[Schema],
    most_tokens: int | None,
) -> dict[str, Any]:
    return chat_request(
        terms.settings,
        terms.capability,
        messages,
        rung=rung,
        schema=terms.schema,
        tools=tools,
        most_tokens=most_tokens,
    )


def _without(request: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in request.items() if key not in keys}


def _size(terms: Terms, request: Mapping[str, Any]) -> int:
    if terms.budget.tokens is None:
        return 0
    return len(orjson.dumps(request, default=str)) // _BYTES_PER_TOKEN
