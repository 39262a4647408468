"""A random value of a Hypothesis strategy as a function of a seed, for runs of many thousands.

Hypothesis itself chooses, remembers and shrinks examples; a long run wants the value of seed 4711,
in another process too. So a seeded generator makes bytes, and Hypothesis reads them through the
door that it has for fuzzers. The same seed gives the same value as long as Hypothesis, which is
pinned, and the strategy stay the same.
"""

from __future__ import annotations

import random
from typing import Generic, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

T = TypeVar("T")

_BYTES = 16_384
"""More than Hypothesis reads of any value."""


class Seeded(Generic[T]):
    """The values of a strategy by seed."""

    def __init__(self, strategy: st.SearchStrategy[T]) -> None:
        self._found: list[T] = []

        @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(strategy)
        def keep(value: T) -> None:
            self._found.append(value)

        self._read = keep.hypothesis.fuzz_one_input

    def __call__(self, seed: int | str) -> T:
        """The value of a seed; bytes that are no value give way to others."""
        self._found.clear()
        for attempt in range(100):
            self._read(random.Random(f"{seed}/{attempt}").randbytes(_BYTES))
            if self._found:
                return self._found.pop()
        raise ValueError(f"no value of the strategy was found for seed {seed}")
