"""What the first trial of a model teaches all its later ones: which formats and keys it refuses.

A host that keeps a `Learned` pays once for what a provider does not take. So does a run, and in a
way that does not depend on which trial ends first: the first one in the order of the plan finds
out, the others wait for it and begin with what it found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from uicompiler.evals.budget import RunExhausted
from uicompiler.evals.trial import TrialKey, lesson_of
from uicompiler.ir.values import Json
from uicompiler.llm.asking.learned import Lesson

_Pair: TypeAlias = tuple[str, str]
"""A model and a strategy."""


class Lessons:
    """By model and strategy, what the first trial learned.

    Args:
        keys: All trials of the run, in order.
        before: Records of those that were done before.
    """

    def __init__(self, keys: Iterable[TrialKey], before: Iterable[Mapping[str, Json]]) -> None:
        self._first: dict[_Pair, TrialKey] = {}
        for key in keys:
            self._first.setdefault(_pair(key), key)
        self._known: dict[_Pair, Lesson] = {}
        self._over = {pair: asyncio.Event() for pair in self._first}
        for record in before:
            key = TrialKey(**record["key"])
            if self.is_first(key):
                self.learned(key, lesson_of(record["lesson"]["after"]))

    def is_first(self, key: TrialKey) -> bool:
        """Whether a trial is the one that finds out."""
        return self._first.get(_pair(key)) == key

    async def of(self, key: TrialKey) -> Lesson:
        """What a trial begins with; waits until it is known.

        Raises:
            RunExhausted: the first trial could not be paid for.
        """
        if self.is_first(key):
            return Lesson()
        await self._over[_pair(key)].wait()
        if _pair(key) not in self._known:
            raise RunExhausted("the first trial of this model")
        return self._known[_pair(key)]

    def learned(self, key: TrialKey, lesson: Lesson) -> None:
        """Keep what the first trial found out."""
        self._known[_pair(key)] = lesson
        self._over[_pair(key)].set()

    def given_up(self, key: TrialKey) -> None:
        """The first trial came to no end: nobody waits for it any more."""
        self._over[_pair(key)].set()


def _pair(key: TrialKey) -> _Pair:
    return key.provider, key.strategy
