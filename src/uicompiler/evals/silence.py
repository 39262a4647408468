"""Models that do not answer at all: such a run says nothing of them, and is given up.

A trial in which no call was answered is held back until its model answers another one, and is
written down then: it failed. When a model stays silent, what was held back is dropped, and is run
again when the run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from uicompiler.errors import LLMError, diagnostic
from uicompiler.ir.values import Json
from uicompiler.llm.asking.attempt import FAILURE_CODES

MOST_SILENT: Final = 5
"""Trials in a row without any answer after which a run is given up."""

_HOPELESS: Final = ("unauthorized", "not_found")
"""Failures that are the same for every trial of a model."""
_MAX_CAUSE: Final = 300

Record = dict[str, Json]


class Silence:
    """Holds records back as long as their model says nothing.

    Args:
        on_done: Takes each record that counts.
        before: Records of trials that were done before.
        trusted: Models that cannot be out of reach.
    """

    def __init__(
        self,
        on_done: Callable[[Record], None],
        before: Iterable[Mapping[str, Json]],
        trusted: Collection[str],
    ) -> None:
        self._on_done = on_done
        self._trusted = trusted
        self._answered = {item["key"]["provider"] for item in before if _was_answered(item)}
        self._held: dict[str, list[Record]] = {}

    def look_at(self, record: Record) -> None:
        """See whether a trial shows that no other one of its model can do better.

        Raises:
            LLMError: its provider refuses the key, or has no such model.
        """
        name = record["key"]["provider"]
        is_open = name not in self._answered and name not in self._trusted
        if is_open and record["failure"] in _HOPELESS and not _was_answered(record):
            raise _given_up(name, [*self._held.get(name, ()), record])

    def done(self, record: Record) -> None:
        """Take the record of a trial.

        Raises:
            LLMError: its model has not answered for too long, or never will.
        """
        name = record["key"]["provider"]
        if name in self._trusted:
            self._on_done(record)
            return
        self.look_at(record)
        held = self._held.setdefault(name, [])
        held.append(record)
        if _was_answered(record):
            self._answered.add(name)
            self._write(name)
        elif len(held) >= MOST_SILENT:
            raise _given_up(name, held)

    def end(self) -> None:
        """No trial is left.

        Raises:
            LLMError: a model answered none of them.
        """
        for name, held in list(self._held.items()):
            if held and name not in self._answered:
                raise _given_up(name, held)
            self._write(name)

    def _write(self, name: str) -> None:
        for record in self._held.pop(name, []):
            self._on_done(record)


def _was_answered(record: Mapping[str, Json]) -> bool:
    """Whether there is a verdict; that what was asked or written is filtered out is one."""
    return bool(record["first_answer"] != "none" or record["failure"] == "content_filtered")


def _given_up(name: str, held: list[Record]) -> LLMError:
    kind = held[-1]["failure"]
    failures: list[Any] = [call["failure"] for call in held[-1]["calls"] if "failure" in call]
    cause = failures[-1]["message"] if failures else ""
    calls = sum(record["attempts"] for record in held)
    told = f"{calls} call{'' if calls == 1 else 's'} in {len(held)} trial"
    told += "" if len(held) == 1 else "s"
    what = f"{name} cannot be asked ({kind}): no answer to {told}, so the run was given up."
    code = FAILURE_CODES.get(kind, "LLM_UNAVAILABLE")
    return LLMError([diagnostic(code, what, hint=cause[:_MAX_CAUSE])])
