"""One trial: a scenario put to a model by a strategy, and the record of all that came of it.

The record holds what every call was answered, so that the same trial can be run again without any
model. Everything random in it is drawn from a seed that follows from the run's seed and the trial's
key; what was measured stands under `times`.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import Any, Final, Literal, TypeAlias

from uicompiler.canonical import sha256_hex
from uicompiler.evals.budget import RunBudget
from uicompiler.evals.calls import Call, Recording
from uicompiler.evals.graders import Grade, directives_that_ran, expected_that_ran, usable
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.sim.slips import Slip
from uicompiler.evals.strategies import STRATEGIES, Outcome, Terms, read_strictly
from uicompiler.ir.values import Json, thaw
from uicompiler.llm.asking.learned import Lesson
from uicompiler.llm.connection.secrets import origin_of
from uicompiler.llm.exchange import Failure, Reply, Usage
from uicompiler.llm.mending.mend import mend
from uicompiler.llm.settings import ModelSettings

RECORD_VERSION: Final = 1
FirstAnswer: TypeAlias = Literal["clean", "mendable", "unusable", "none"]


@dataclass(frozen=True, slots=True, order=True)
class TrialKey:
    """What names a trial within a run."""

    scenario: str
    provider: str
    strategy: str
    index: int

    def seed(self, run_seed: int) -> str:
        """The seed of all that is random in it: 64 hex digits."""
        text = "\n".join([str(run_seed), *map(str, astuple(self))])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that was run.

    Attributes:
        outcome: What the strategy came to.
        grades: What that is worth.
        calls: All calls.
        seconds: How long it took.
    """

    outcome: Outcome
    grades: Sequence[Grade]
    calls: Sequence[Call]
    seconds: float


async def run_trial(strategy: str, ready: Prepared, terms: Terms, budget: RunBudget) -> Trial:
    """Run one trial.

    Args:
        strategy: A name in `STRATEGIES`.
        ready: The scenario.
        terms: How the model is asked.
        budget: What the whole run may cost.

    Raises:
        RunExhausted: the run's budget is used up; the trial counts for nothing.
    """
    recording = Recording(terms.transport, terms.clock, budget)
    began = terms.clock.read()
    outcome = await STRATEGIES[strategy](ready, replace(terms, transport=recording))
    seconds = terms.clock.read() - began
    grades = ready.grade(outcome.source, outcome.result, outcome.uses)
    return Trial(outcome, grades, recording.calls, seconds)


def jitter(seed: str) -> random.Random:
    """The randomness of a trial's own waits; the provider draws from the seed by itself."""
    return random.Random(f"jitter {seed}")  # noqa: S311  # nothing secret hangs on it


def record(
    key: TrialKey,
    seed: str,
    ready: Prepared,
    terms: Terms,
    trial: Trial,
    slips: Sequence[Sequence[Slip]] | None = None,
) -> dict[str, Json]:
    """What is written down of a trial.

    Args:
        key: Which it is.
        seed: Its seed.
        ready: The scenario.
        terms: How the model was asked; the key and the address stay out.
        trial: What came of it.
        slips: What a simulated model did to each of its answers; None of a real one.
    """
    scenario, outcome = ready.scenario, trial.outcome
    first = first_answer(ready, trial.calls)
    again = _asked_again(ready, trial.calls)
    second = outcome.repaired or again
    about_words = outcome.repaired or (again and scenario.run_mode == "directives")
    ran = directives_that_ran(outcome.source, outcome.result, ready.app)
    costs = [c.came.cost_usd for c in trial.calls if isinstance(c.came, Reply)]
    known = [cost for cost in costs if cost is not None]
    return {
        "v": RECORD_VERSION,
        "key": asdict(key),
        "seed": seed,
        "settings": _told(terms.settings),
        "formats": list(terms.formats),
        "capabilities": [] if terms.known is None else terms.known.own_rows(),
        "lesson": {"before": _lesson(terms.lesson), "after": _lesson(trial.outcome.lesson)},
        "app": ready.app.id,
        "tags": list(scenario.tags),
        "language": scenario.language,
        "run_mode": scenario.run_mode,
        "usable": usable(trial.grades),
        "grades": [grade.to_dict() for grade in trial.grades],
        "compile_ok": all(g.ok for g in trial.grades if g.name in ("compiled", "client")),
        "directives_expected": len(scenario.expect.directives),
        "directives_ok": expected_that_ran(scenario.expect, ran),
        "calls": [call.to_dict() for call in trial.calls],
        "attempts": len(trial.calls),
        "first_answer": first,
        "second_call": second,
        "avoidable_second_call": about_words and first in ("clean", "mendable"),
        "slips": None if slips is None else [[item.to_dict() for item in one] for one in slips],
        "lossless_second_call": None if slips is None else second and lossless(ready, trial, slips),
        "usage": _usage(trial.calls),
        "cost_usd": round(sum(known), 9) if len(known) == len(costs) else None,
        "codes": _codes(outcome),
        "shown_sha256": _shown(outcome),
        "failure": _failure(trial.calls),
        "times": {"latency_ms": round(trial.seconds * 1000, 3)},
        "trace": dict(outcome.trace),
    }


def first_answer(ready: Prepared, calls: Sequence[Call]) -> FirstAnswer:
    """What the first answer of a model would have been worth by itself."""
    replies = (call.came for call in calls)
    first = next((came for came in replies if isinstance(came, Reply)), None)
    if first is None:
        return "none"
    if first.tool_requests:
        return "clean"  # there is more to come: a round of tools is no repair
    strict = read_strictly(ready, first.text)
    if usable(ready.grade(strict.source, strict.result)):
        return "clean"
    finished = first.finish_reason == "stop"
    source = mend(first.text, finished=finished, registry=ready.app.directives).text
    mended = usable(ready.grade(source, ready.compile(source)))
    return "mendable" if mended else "unusable"


def lossless(ready: Prepared, trial: Trial, slips: Sequence[Sequence[Slip]]) -> bool:
    """Whether nothing was lost in the answers that a further call followed.

    With `directives` that is the first answer; with tools any but the last may have been asked
    about.
    """
    given = [
        made for call, made in zip(trial.calls, slips, strict=False) if isinstance(call.came, Reply)
    ]
    asked_about = given[:1] if ready.scenario.run_mode == "directives" else given[:-1]
    return all(slip.lossless for made in asked_about for slip in made)


def lesson_of(told: Mapping[str, Json]) -> Lesson:
    """The lesson that a record tells of."""
    return Lesson(told["response_format"], frozenset(told["dropped"]))


def _lesson(lesson: Lesson) -> dict[str, Json]:
    return {"response_format": lesson.response_format, "dropped": sorted(lesson.dropped)}


def settings_of(told: Mapping[str, Json]) -> ModelSettings:
    """The settings that a record tells of."""
    return ModelSettings(**told)


def _told(settings: ModelSettings) -> dict[str, Json]:
    found = {item.name: getattr(settings, item.name) for item in fields(settings)}
    del found["api_key"]
    return {**found, "api_base": origin_of(settings.api_base), "extra": dict(settings.extra)}


def _asked_again(ready: Prepared, calls: Sequence[Call]) -> bool:
    """Whether a call followed an answer, for whatever reason.

    With tools it has to; there it counts when the model was told that what it asked for cannot be.
    """
    if ready.scenario.run_mode != "directives":
        return bool(calls) and any(map(_is_refused, calls[-1].request.get("messages", ())))
    return any(isinstance(call.came, Reply) for call in calls[:-1])


def _is_refused(message: Mapping[str, Any]) -> bool:
    """Whether a model is told of a tool's call that was not carried out; one that failed was."""
    told = str(message.get("content"))
    is_no = message.get("role") == "tool" and told.startswith('{"ok":false')
    return is_no and "LLM_TOOL_FAILED" not in told


def _codes(outcome: Outcome) -> list[str]:
    told: Any = outcome.trace.get("validation", {})  # a trace is JSON
    in_trace = told.get("codes", ()) if isinstance(told, Mapping) else ()
    return sorted({*(item.code for item in outcome.result.diagnostics), *in_trace})


def _shown(outcome: Outcome) -> str:
    """Hash of all that the user gets: words, messages, effects."""
    result = outcome.result
    effects = [thaw(effect.to_dict()) for effect in result.effects]
    return sha256_hex([result.assistant_text, result.jsonl().decode(), effects])


def _failure(calls: Sequence[Call]) -> str:
    """Why the last call failed; "" when it did not."""
    last = calls[-1].came if calls else None
    return last.kind if isinstance(last, Failure) else ""


def _usage(calls: Sequence[Call]) -> dict[str, Json]:
    total = sum((c.came.usage for c in calls if isinstance(c.came, Reply)), Usage())
    return {
        "input_tokens": total.input_tokens,
        "output_tokens": total.output_tokens,
        "cached_input_tokens": total.cached_input_tokens,
        "estimated": total.estimated,
    }
