"""What a slice of a long run saw: sums, and whole reports of what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.official.bridge import OfficialClient


@dataclass
class Tally:
    """Sums that add up over slices.

    Attributes:
        counts: How often things were seen, by a short plural noun such as `messages`.
        failures: One report each, with the seed and what to run to see it again.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what another slice saw."""
        self.counts.update(other.counts)
        self.failures.extend(other.failures)


Run: TypeAlias = Callable[[range, OfficialClient], Tally]
"""A workload: what seeds `range` show, with an official client to ask."""
