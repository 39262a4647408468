"""Trials run again without any model: from the answers in their records, on a clock of their own.

What a strategy makes of the same answers today is compared with what it made of them then. Requests
that are others today are counted and are no difference: only a model could say what it would have
answered to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.evals.budget import RunBudget
from uicompiler.evals.calls import Call, Recorded
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.sim.clock import SimClock
from uicompiler.evals.strategies import Terms
from uicompiler.evals.trial import TrialKey, jitter, lesson_of, run_trial, settings_of
from uicompiler.evals.trial import record as told
from uicompiler.ir.values import Json
from uicompiler.llm.asking.capabilities import Capabilities

_COMPARED: Final = ("codes", "first_answer", "second_call", "failure", "directives_ok")
"""Beside the grades, what the record of a trial says of what came of it."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A trial that was run again.

    Attributes:
        key: Which.
        usable: Whether it is usable now.
        differences: How what it comes to differs from its record; () for not at all.
        other_requests: How many requests are not what they were.
    """

    key: TrialKey
    usable: bool
    differences: tuple[str, ...] = ()
    other_requests: int = 0

    def finding(self) -> Diagnostic | None:
        """EVAL_REPLAY_DIFFERS, or None."""
        if not self.differences:
            return None
        name = "/".join(map(str, (self.key.scenario, self.key.provider, self.key.strategy)))
        why = f"{name} #{self.key.index}: {'; '.join(self.differences)}"
        return diagnostic("EVAL_REPLAY_DIFFERS", why)


async def replay_trial(record: Mapping[str, Json], ready: Prepared) -> Replayed:
    """Run a trial again from its record."""
    key = TrialKey(**record["key"])
    clock = SimClock()
    recorded = Recorded([Call.from_dict(call) for call in record["calls"]], clock)
    terms = Terms(
        settings_of(record["settings"]),
        recorded,
        clock,
        jitter(record["seed"]).random,
        tuple(record["formats"]),
        lesson_of(record["lesson"]["before"]),
        known=Capabilities.default().with_rows(record.get("capabilities", ())),
    )
    trial = await run_trial(key.strategy, ready, terms, RunBudget())
    again = told(key, record["seed"], ready, terms, trial)
    found = [*_graded(record["grades"], again["grades"])]
    then, now = len(record["calls"]), recorded.asked
    if then != now:
        found.append(f"{then} calls were made then, {now} now")
    found += [
        f"{name} was {record[name]!r}, is {again[name]!r}"
        for name in _COMPARED
        if name in record and record[name] != again[name]
    ]
    if record.get("shown_sha256", again["shown_sha256"]) != again["shown_sha256"]:
        found.append("what the user gets is not what it was")
    return Replayed(key, again["usable"], tuple(found), recorded.other_requests)


def _graded(then: Sequence[Mapping[str, Json]], now: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """Grades that differ."""
    before = {grade["name"]: grade for grade in then}
    for grade in now:
        known = before.pop(grade["name"], None)
        if known is None:
            yield f"{grade['name']} was not asked then"
        elif known["ok"] != grade["ok"]:
            detail = grade["detail"] or known["detail"]
            yield f"{grade['name']} was {_word(known)}, is {_word(grade)}: {detail}"
        elif known["detail"] != grade["detail"]:
            yield f"{grade['name']} said {known['detail']!r}, says {grade['detail']!r}"
    yield from (f"{name} is not asked any more" for name in before)


def _word(grade: Mapping[str, Json]) -> str:
    return "good" if grade["ok"] else "bad"
