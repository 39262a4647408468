"""How a model is asked: settings, what a turn may cost, how often it is tried again.

Source: DESIGN section 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

ResponseFormat: TypeAlias = Literal["json_schema", "json_object", "prompt_only"]
RunMode: TypeAlias = Literal["directives", "tool_loop", "hybrid"]

LADDER: Final[tuple[ResponseFormat, ...]] = ("json_schema", "json_object", "prompt_only")
"""From the most to the least that a provider promises about the shape of its answer."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model, and how it is asked; its `repr` leaves out what may hold a key.

    Attributes:
        model: As litellm names it, provider first: `openai/gpt-4o-mini`, `ollama/llama3.1`.
        response_format: The first rung of the ladder; `auto` begins with the best that the model
            is known to take.
        step_down: Whether a refused rung is followed by the next one.
        temperature: As the provider understands it; None leaves it to the provider, as do the
            other settings that are None.
        top_p: As above.
        seed: As above.
        max_output_tokens: Where an answer is cut off.
        stream: Ask for the answer piece by piece; only with `prompt_only` and without tools.
        parallel_tool_calls: Whether several tools may be asked for at once; they run one after
            the other unless this is True.
        extra: Further keys of the request, as the provider knows them.
        strict_parameters: Refuse what the model does not take, instead of leaving it out.
        request_timeout_s: Of one call, in seconds.
        api_base: Address of an OpenAI-compatible server; None is the provider's own.
        api_key: The key; None takes it from the provider's environment variable.
    """

    model: str
    response_format: ResponseFormat | Literal["auto"] = "auto"
    step_down: bool = True
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_output_tokens: int | None = None
    stream: bool = False
    parallel_tool_calls: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    strict_parameters: bool = False
    request_timeout_s: float = 60.0
    api_base: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Budget:
    """What one turn may cost in all, waiting included; None is no limit.

    Attributes:
        seconds: Time.
        calls: Requests sent, retries and repairs included.
        tokens: Sent and written.
        usd: US dollars, of models whose price is known.
    """

    seconds: float | None = 120.0
    calls: int | None = 10
    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class Tries:
    """How often something is tried again, and how long is waited.

    Attributes:
        retries: After 429, 5xx, a timeout or a lost connection, of one request.
        repairs: After an answer that cannot be used, naming what is wrong with it.
        semantic_repairs: After an answer in which the caller's validator misses something.
        tool_rounds: How often the model may ask for tools.
        first_wait_s: Of the first retry; doubled each time, and jittered: between half of it and
            all of it is waited.
        longest_wait_s: Of any retry. A provider that asks for more (`Retry-After`) is waited for
            as long as the budget allows.
    """

    retries: int = 3
    repairs: int = 1
    semantic_repairs: int = 1
    tool_rounds: int = 8
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
