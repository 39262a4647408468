"""What goes to a model and what comes back: a request, a reply or a failure, and who carries them.

A request is a mapping like the body of OpenAI's chat completions, JSON and without any secret, so
that it may be logged and hashed; the key and the address belong to the transport. A failure is a
value, not an exception: the ladder decides what to do about it.

Source: DESIGN section 11.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

Request: TypeAlias = Mapping[str, Any]
"""`model`, `messages` and whatever else; `Any` as in `ir.values.Json`."""

FailureKind: TypeAlias = Literal[
    "unsupported",  # the provider or the model does not know a key or a response_format of it
    "refused",  # another 4xx: the same request would be refused again
    "unauthorized",
    "not_found",  # no such model, or no such endpoint
    "rate_limited",
    "timeout",
    "unavailable",  # 5xx, or no connection
    "invalid_response",  # what came back is no chat completion
    "too_large",  # what came back exceeds the limit
    "context_too_long",
    "content_filtered",
]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, or of several added up.

    Attributes:
        input_tokens: What was sent.
        output_tokens: What was written, reasoning included.
        cached_input_tokens: Of those sent, what the provider had in its cache.
        estimated: Whether a part was counted here, since the provider did not say.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    estimated: bool = False

    @property
    def total_tokens(self) -> int:
        """Tokens sent and written."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A tool that the model asks for; `arguments` is the text as it wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered.

    Attributes:
        text: Its words; "" when it only asks for tools.
        finish_reason: `stop`, `length`, `tool_calls`, `content_filter`, or the provider's own.
        tool_requests: In order.
        refusal: Why it would not answer, where the provider tells that apart from the text.
        usage: Tokens.
        cost_usd: In US dollars; None where no price is known, and for what is no price.
        model: The model as the provider names it.
        request_id: The provider's own id of the call.
    """

    text: str
    finish_reason: str = "stop"
    tool_requests: tuple[ToolRequest, ...] = ()
    refusal: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    model: str = ""
    request_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "cost_usd", _amount(self.cost_usd))


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reply.

    Attributes:
        kind: What to do follows from it.
        message: For developers: what the provider said, short and without secrets.
        status: HTTP status, if there was an answer.
        retry_after_s: How long the provider asks to wait; None for what is no time.
        parameter: The key of the request that it names, if it names one.
        partial_text: What had arrived before the answer was cut off.
    """

    kind: FailureKind
    message: str
    status: int | None = None
    retry_after_s: float | None = None
    parameter: str = ""
    partial_text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "retry_after_s", _amount(self.retry_after_s))


def _amount(told: float | None) -> float | None:
    """A number as a transport gives it; infinite, undefined or below zero, it is none."""
    return told if told is not None and math.isfinite(told) and told >= 0 else None


class Transport(Protocol):
    """Carries one request to a model; both ways do the same. It neither retries nor raises."""

    def send(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        """Ask and wait, `timeout_s` seconds in all at most."""

    async def asend(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        """The same in an event loop; cancelling it closes the connection."""


@runtime_checkable
class Loads(Protocol):
    """A transport that has something to load before its first request."""

    @property
    def is_loaded(self) -> bool:
        """Whether that was done."""

    def load(self) -> None:
        """Load it now; otherwise it is loaded while the time of a turn stands still."""
