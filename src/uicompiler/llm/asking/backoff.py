"""How long to wait before something is tried again, and for an answer.

Between half and all of a time that doubles; what the provider asks for is at least waited for. The
edge draws the time, so that many who were turned away together do not come back together.
"""

from __future__ import annotations

import math
from typing import Final

from uicompiler.llm.settings import ModelSettings, Tries
from uicompiler.llm.steps import Wait

_FAIR_CALL_S: Final = 20.0


def wait_before(retry: int, tries: Tries, retry_after_s: float | None = None) -> Wait:
    """The wait before a retry.

    Args:
        retry: Which, from 0.
        tries: How long is waited.
        retry_after_s: What the provider asks for, if it does; what is no time is not heard.
    """
    longest = min(tries.first_wait_s * 2.0 ** min(retry, 64), tries.longest_wait_s)
    jitter = longest / 2
    asked = retry_after_s
    if asked is None or not math.isfinite(asked) or asked < 0:
        return Wait(longest - jitter, longest)
    least = max(asked, longest - jitter)
    return Wait(least, least + jitter)


def call_timeout_s(settings: ModelSettings, seconds: float | None) -> float:
    """How long one call may take, given what is left for the turn.

    Half of that, as long as the rest is enough for another call: one that hangs is to leave time
    for one that does not.
    """
    if seconds is None:
        return settings.request_timeout_s
    fair = seconds / 2 if seconds / 2 >= _FAIR_CALL_S else seconds
    return min(settings.request_timeout_s, fair)


def within(wait: Wait, seconds: float | None) -> Wait | None:
    """A wait that leaves time for something after it; None when there is none."""
    if seconds is None:
        return wait
    if wait.least_s >= seconds:
        return None
    return Wait(wait.least_s, min(wait.most_s, seconds))
