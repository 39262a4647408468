"""What to do about a failure: try again, step down, leave a key out, or stop.

A table of kinds and three rules. Pure; it remembers nothing.

Source: DESIGN section 11.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from uicompiler.llm.asking.capabilities import Capability
from uicompiler.llm.exchange import Failure
from uicompiler.llm.settings import LADDER, ModelSettings, ResponseFormat

RETRIED: Final = frozenset({"rate_limited", "timeout", "unavailable", "invalid_response"})
"""Kinds of failures that pass."""

_ABOUT_THE_REQUEST: Final = frozenset({400, 404, 422, None})
_NAMING: Final = frozenset({"not_found", "refused"})
"""Kinds of failures that may name a key too: routers answer 404 for one that no provider takes."""

_NEEDED: Final = frozenset({"model", "messages", "tools"})
_FORMAT: Final = "response_format"
_ROOT: Final = re.compile(r"[A-Za-z_]+")


@dataclass(frozen=True, slots=True)
class Drop:
    """Leave keys out and send the rest again.

    Attributes:
        keys: Which.
        guessed: Whether nobody said that it is they who are refused.
    """

    keys: tuple[str, ...]
    guessed: bool = False


Move: TypeAlias = Literal["retry", "step_down", "stop"] | Drop


def rungs(settings: ModelSettings, capability: Capability) -> tuple[ResponseFormat, ...]:
    """The rungs of a ladder, the first one to be tried first."""
    if settings.response_format == "auto":
        takes = ("prompt_only",) if settings.stream else capability.response_formats
        return takes if settings.step_down else takes[:1]
    first = settings.response_format
    if not settings.step_down:
        return (first,)
    below = LADDER[LADDER.index(first) :]
    return tuple(rung for rung in below if rung in capability.response_formats)


def move(
    failure: Failure, keys: Collection[str], *, lower: bool, strict: bool, structured: bool
) -> Move:
    """What to do about a failure.

    Args:
        failure: What came instead of a reply.
        keys: Those of the request.
        lower: Whether there is a lower rung.
        strict: Whether no key may be left out.
        structured: Whether the request asks for a `response_format`.
    """
    if failure.kind in RETRIED:
        return "retry"
    can_step = structured and lower
    if failure.kind == "unsupported" or (failure.parameter and failure.kind in _NAMING):
        return _unsupported(failure, keys, can_step, strict)
    vague = failure.kind == "refused" and failure.status in _ABOUT_THE_REQUEST
    return "step_down" if can_step and (vague or failure.kind == "not_found") else "stop"


def _unsupported(failure: Failure, keys: Collection[str], can_step: bool, strict: bool) -> Move:
    root = _ROOT.match(failure.parameter)
    named = root.group() if root else ""
    if named == "model":
        return "stop"
    optional = () if strict else tuple(sorted(set(keys) - _NEEDED - {_FORMAT}))
    if named in optional:
        return Drop((named,))
    if can_step:
        return "step_down"
    # Nobody says which key it is, or it is one that the turn needs.
    return Drop(optional, guessed=True) if optional and named not in {*_NEEDED, _FORMAT} else "stop"
