"""How long to wait before something is tried again.

Between half and all of a time that doubles; what the provider asks for is at least waited for. The
edge draws the time, so that many who were turned away together do not come back together.
"""

from __future__ import annotations

import math

from uicompiler.llm.settings import Tries
from uicompiler.llm.steps import Wait


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


def within(wait: Wait, seconds: float | None) -> Wait | None:
    """A wait that leaves time for something after it; None when there is none."""
    if seconds is None:
        return wait
    if wait.least_s >= seconds:
        return None
    return Wait(wait.least_s, min(wait.most_s, seconds))
