"""The model's part of a turn's trace: what was asked, how, what came of it. No words of anybody's.

Source: DESIGN section 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uicompiler.llm.asking.asking import Asking
from uicompiler.llm.asking.attempt import Attempt, usage_dict
from uicompiler.llm.asking.budget import left
from uicompiler.llm.asking.requests import LIMIT_KEY, NEWER_LIMIT_KEY
from uicompiler.llm.asking.terms import Terms
from uicompiler.llm.connection.secrets import host_of
from uicompiler.llm.exchange import Usage
from uicompiler.llm.settings import ModelSettings


@dataclass(slots=True)
class Times:
    """How long the parts of a turn took, in seconds; None for parts that it had not."""

    directives_s: float | None = None
    tool_loop_s: float | None = None
    compile_s: float = 0.0


def llm_block(terms: Terms, asking: Asking) -> dict[str, Any]:
    """The trace's `llm`: how the model was asked, and what came of it."""
    settings = terms.settings
    provider, _, model = settings.model.partition("/")
    return {
        "provider": provider if model else "",
        "model": settings.model,
        "stream": settings.stream,
        "response_format": asking.rung,
        "parallel_tool_calls": settings.parallel_tool_calls is True,
        "sampling": _sampling(settings, asking),
        "routing": {
            "ladder": list(asking.ladder),
            "capability_rows": list(terms.capability.rows),
            "api_base": None if settings.api_base is None else host_of(settings.api_base),
        },
        "attempts": [attempt.to_dict() for attempt in asking.attempts],
        "usage": usage_dict(usage(asking.attempts)),
        "cost_usd": asking.spent.cost_usd,
        "budget": left(terms.budget, asking.spent, asking.now),
    }


def _sampling(settings: ModelSettings, asking: Asking) -> dict[str, Any]:
    """The settings as they reached the model; what was left out says nothing."""
    left_out = set(asking.attempts[-1].dropped) if asking.attempts else set()
    told: dict[str, Any] = {
        name: None if name in left_out else getattr(settings, name)
        for name in ("temperature", "top_p", "seed")
    }
    bounded = not {LIMIT_KEY, NEWER_LIMIT_KEY} <= left_out
    return told | {"max_output_tokens": settings.max_output_tokens if bounded else None}


def timings(times: Times, attempts: Sequence[Attempt], total_s: float) -> dict[str, float | None]:
    """The trace's `timings`, in milliseconds."""
    return {
        "llm_ms": round(sum(attempt.llm_ms for attempt in attempts), 3),
        "directives_ms": _ms(times.directives_s),
        "tool_loop_ms": _ms(times.tool_loop_s),
        "compile_ms": _ms(times.compile_s),
        "total_ms": _ms(total_s),
    }


def usage(attempts: Sequence[Attempt]) -> Usage:
    """Tokens of all attempts that were not answered from a cache."""
    return sum((attempt.usage for attempt in attempts if not attempt.cached), Usage())


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
