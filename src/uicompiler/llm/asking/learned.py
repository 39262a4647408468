"""What providers were found to refuse, so that it is not tried again with every turn.

The one thing here that changes. It may be shared by turns in several threads; what one of them
learns late costs another a call and nothing else. Providers change too, and what they say of a
refusal may be vague, so that nothing is known for good.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from uicompiler.llm.settings import ResponseFormat

_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is known of one model at one address.

    Attributes:
        response_format: The rung that was answered; None when the ladder's own first is.
        dropped: Keys that it refused.
    """

    response_format: ResponseFormat | None = None
    dropped: frozenset[str] = frozenset()


class Learned:
    """Lessons by model and address; the oldest go when there are too many.

    Args:
        seconds: How long a lesson holds; then all is tried again. None is for good.
        clock: Gives seconds.
    """

    def __init__(
        self,
        seconds: float | None = 3_600.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._lessons: dict[tuple[str, str], tuple[Lesson, float]] = {}

    def of(self, model: str, api_base: str | None = None) -> Lesson:
        """What is known of a model; an empty lesson when nothing is, or not any more."""
        lesson, since = self._lessons.get((model, api_base or ""), (Lesson(), self._clock()))
        old = self._seconds is not None and self._clock() - since >= self._seconds
        return Lesson() if old else lesson

    def forget(self, model: str | None = None) -> None:
        """Forget what is known of a model at any address; None is all."""
        with self._lock:
            gone = [key for key in self._lessons if model in (None, key[0])]
            for key in gone:
                del self._lessons[key]

    def remember(self, model: str, api_base: str | None, lesson: Lesson) -> None:
        """Keep what a request was answered with."""
        key = (model, api_base or "")
        with self._lock:
            self._lessons.pop(key, None)  # the newest is the last
            self._lessons[key] = (lesson, self._clock())
            if len(self._lessons) > _MOST:
                del self._lessons[next(iter(self._lessons))]
