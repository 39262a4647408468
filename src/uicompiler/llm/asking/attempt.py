"""One request of a turn and what came of it, as the trace tells it.

Source: DESIGN section 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from uicompiler.llm.exchange import Failure, Reply, Usage
from uicompiler.llm.settings import ResponseFormat

Why: TypeAlias = Literal["first", "retry", "ladder", "repair", "semantic_repair", "tool_round"]

FAILURE_CODES: Final[Mapping[str, str]] = {
    "unsupported": "LLM_PARAMETER_UNSUPPORTED",
    "refused": "LLM_REQUEST_REFUSED",
    "unauthorized": "LLM_UNAUTHORIZED",
    "not_found": "LLM_NOT_FOUND",
    "rate_limited": "LLM_RATE_LIMITED",
    "timeout": "LLM_TIMEOUT",
    "unavailable": "LLM_UNAVAILABLE",
    "invalid_response": "LLM_RESPONSE_INVALID",
    "too_large": "LLM_RESPONSE_TOO_LARGE",
    "context_too_long": "LLM_CONTEXT_TOO_LONG",
    "content_filtered": "LLM_CONTENT_FILTERED",
}
"""The code of a turn that ends with a failure, by its kind."""

_SAYS_WHY: Final = ("unauthorized", "not_found", "rate_limited", "timeout", "unavailable")
"""Failures that have nothing to do with what was said, so that no provider quotes it."""

_LONGEST_CAUSE: Final = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request.

    Attributes:
        index: From 0.
        why: What it was sent for.
        response_format: The rung of the ladder.
        dropped: Keys that were left out of it.
        outcome: `ok`, the kind of failure, `unusable`, or `cancelled` while it was waited for.
        code: Of a failure, or of an answer that could not be used; "" otherwise.
        status: HTTP status of a failure.
        cause: The provider's words for a failure of the connection, the key or the model; "" for
            all others, which may quote what was said.
        waited_ms: How long was waited before it.
        llm_ms: How long it took.
        finish_reason: Why the model stopped.
        usage: Tokens.
        cost_usd: In US dollars; None where no price is known.
        cached: Whether it was answered by what was kept.
        mended: What was mended in the answer's JSON.
        findings: Codes of what was found in the answer.
        text: What the model wrote; no trace holds it.
    """

    index: int
    why: Why
    response_format: ResponseFormat
    dropped: tuple[str, ...] = ()
    outcome: str = "ok"
    code: str = ""
    status: int | None = None
    cause: str = ""
    waited_ms: float = 0.0
    llm_ms: float = 0.0
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    cached: bool = False
    mended: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    text: str = field(default="", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The attempt as a JSON object, without what the model wrote."""
        return {
            "index": self.index,
            "why": self.why,
            "response_format": self.response_format,
            "dropped": list(self.dropped),
            "outcome": self.outcome,
            "code": self.code,
            "status": self.status,
            "cause": self.cause,
            "waited_ms": self.waited_ms,
            "llm_ms": self.llm_ms,
            "finish_reason": self.finish_reason,
            "usage": usage_dict(self.usage),
            "cost_usd": self.cost_usd,
            "cached": self.cached,
            "mended": list(self.mended),
            "findings": list(self.findings),
        }


def told(came: Reply | Failure | None) -> dict[str, Any]:
    """What an attempt keeps of a reply or a failure, by attribute; None was not waited for."""
    if came is None:
        return {"outcome": "cancelled", "code": "LLM_CANCELLED"}
    if isinstance(came, Failure):
        code = FAILURE_CODES[came.kind]
        cause = came.message[:_LONGEST_CAUSE] if came.kind in _SAYS_WHY else ""
        return {"outcome": came.kind, "code": code, "status": came.status, "cause": cause}
    return {
        "finish_reason": came.finish_reason,
        "usage": came.usage,
        "cost_usd": came.cost_usd,
        "text": came.text,
    }


def usage_dict(usage: Usage) -> dict[str, Any]:
    """Tokens as a JSON object."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "estimated": usage.estimated,
    }
