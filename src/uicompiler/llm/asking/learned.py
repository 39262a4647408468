"""What providers were found to refuse, so that it is not tried again with every turn.

The one thing here that changes. It may be shared by turns in several threads; what one of them
learns late costs another a call and nothing else.
"""

from __future__ import annotations

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
    """Lessons by model and address; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lessons: dict[tuple[str, str], Lesson] = {}

    def of(self, model: str, api_base: str | None = None) -> Lesson:
        """What is known of a model; an empty lesson when nothing is."""
        return self._lessons.get((model, api_base or ""), Lesson())

    def remember(self, model: str, api_base: str | None, lesson: Lesson) -> None:
        """Keep what a request was answered with."""
        with self._lock:
            self._lessons[model, api_base or ""] = lesson
            if len(self._lessons) > _MOST:
                del self._lessons[next(iter(self._lessons))]
