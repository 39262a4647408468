"""A request as keywords of litellm's call, and what litellm is told to leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from uicompiler.llm.exchange import Request

_KEYWORDS: Final = frozenset(
    {
        "temperature",
        "top_p",
        "n",
        "seed",
        "stop",
        "max_tokens",
        "max_completion_tokens",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "user",
        "response_format",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "functions",
        "function_call",
        "stream",
        "stream_options",
        "reasoning_effort",
        "verbosity",
        "thinking",
        "top_k",
    }
)
"""Keys that litellm translates; others go into the body as they are, never into its options."""

QUIET: Final[Mapping[str, Any]] = {  # keywords of a call that is not typed
    "num_retries": 0,
    "max_retries": 0,
    "drop_params": False,
    "caching": False,
    "no-log": True,
}


def arguments(request: Request) -> dict[str, Any]:
    """The request as keywords; what litellm does not translate goes into the body as it is."""
    known = {key: request[key] for key in request if key in _KEYWORDS}
    own = {key: request[key] for key in request if key not in _KEYWORDS | {"model", "messages"}}
    extra = {"extra_body": own} if own else {}
    return {"model": request["model"], "messages": request["messages"], **known, **extra}
