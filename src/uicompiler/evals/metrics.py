"""What a group of trials comes to: shares with their intervals, tokens, money, times.

A trial is a record as `evals.trial` writes it. Trials of one scenario resemble each other; every
interval here takes a scenario for a cluster of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any, Final, TypeAlias

from uicompiler.evals.stats import Interval, clustered, mean, percentile
from uicompiler.ir.values import Json

Trial: TypeAlias = Mapping[str, Any]
"""A record of a trial; `Any`, since its values are JSON."""

FIRST_ANSWERS: Final = ("clean", "mendable", "unusable", "none")
"""What the first answer was worth: as it stood, mended without asking again, nothing, or none."""

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, and where the share lies with 95 % confidence."""

    count: int
    of: int
    interval: Interval

    @property
    def rate(self) -> float | None:
        """The share; None of nothing."""
        return self.count / self.of if self.of else None

    def to_dict(self) -> dict[str, Json]:
        """The share as a JSON object."""
        return {
            "count": self.count,
            "of": self.of,
            "rate": rounded(self.rate),
            "low": rounded(self.interval.low),
            "high": rounded(self.interval.high),
        }


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a group of trials comes to.

    Attributes:
        trials: How many there are.
        scenarios: Of how many scenarios.
        usable: Trials in which every expected directive ran and the client shows it.
        compiled: Trials that made a turn of which the client took every message.
        directives: Expected directives that ran.
        first_answers: Trials by what the first answer was worth, as `FIRST_ANSWERS`.
        second: Trials in which the model was asked again after it had answered.
        avoidable: Of the trials whose first answer could be mended without the model, those in
            which it was asked again all the same.
        avoidable_of_all: Of all trials, those in which it was asked again after an answer that
            could be mended, or needed no mending.
        lossless: Of the trials with simulated models, those in which it was asked again although
            its answer had lost nothing: whoever knows the vocabulary could have read it. The model
            says so itself (`sim.slips`), so this does not hang on what is mended here.
        calls: Requests a trial, on average.
        input_tokens: Sent, in all.
        output_tokens: Written, in all.
        estimated: Whether some tokens were counted here, since the provider did not say.
        cost_usd: In all; None where a price is not known.
    """

    trials: int
    scenarios: int
    usable: Share
    compiled: Share
    directives: Share
    first_answers: Mapping[str, int]
    second: Share
    avoidable: Share
    avoidable_of_all: Share
    lossless: Share
    calls: float | None
    input_tokens: int
    output_tokens: int
    estimated: bool
    cost_usd: float | None

    @property
    def output_tokens_a_trial(self) -> float | None:
        """Tokens written, on average."""
        return self.output_tokens / self.trials if self.trials else None

    def to_dict(self) -> dict[str, Json]:
        """The figures as a JSON object."""
        return {
            "trials": self.trials,
            "scenarios": self.scenarios,
            "usable": self.usable.to_dict(),
            "compiled": self.compiled.to_dict(),
            "directives": self.directives.to_dict(),
            "first_answers": dict(self.first_answers),
            "second_call": self.second.to_dict(),
            "avoidable_second_call": self.avoidable.to_dict(),
            "avoidable_second_call_of_all": self.avoidable_of_all.to_dict(),
            "lossless_second_call": self.lossless.to_dict(),
            "calls_a_trial": rounded(self.calls),
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "output_tokens_a_trial": rounded(self.output_tokens_a_trial),
            "tokens_estimated": self.estimated,
            "cost_usd": rounded(self.cost_usd),
        }


@dataclass(frozen=True, slots=True)
class Latency:
    """How long trials took, in milliseconds; None without trials."""

    p50_ms: float | None
    p95_ms: float | None

    def to_dict(self) -> dict[str, Json]:
        """The times as a JSON object."""
        return {"p50_ms": rounded(self.p50_ms), "p95_ms": rounded(self.p95_ms)}


def measure(trials: Sequence[Trial]) -> Metrics:
    """What trials come to; nothing that was measured by a clock."""
    costs = [trial["cost_usd"] for trial in trials]
    first = Counter(str(trial["first_answer"]) for trial in trials)
    mendable = [trial for trial in trials if trial["first_answer"] == "mendable"]
    simulated = [trial for trial in trials if trial.get("lossless_second_call") is not None]
    return Metrics(
        trials=len(trials),
        scenarios=len({trial["key"]["scenario"] for trial in trials}),
        usable=share(trials, "usable"),
        compiled=share(trials, "compile_ok"),
        directives=_summed(
            trials, lambda item: (item["directives_ok"], item["directives_expected"])
        ),
        first_answers={name: first[name] for name in FIRST_ANSWERS},
        second=share(trials, "second_call"),
        avoidable=share(mendable, "avoidable_second_call"),
        avoidable_of_all=share(trials, "avoidable_second_call"),
        lossless=share(simulated, "lossless_second_call"),
        calls=mean([trial["attempts"] for trial in trials]),
        input_tokens=sum(trial["usage"]["input_tokens"] for trial in trials),
        output_tokens=sum(trial["usage"]["output_tokens"] for trial in trials),
        estimated=any(trial["usage"]["estimated"] for trial in trials),
        cost_usd=None if None in costs else fsum(costs),
    )


def latency(trials: Sequence[Trial]) -> Latency:
    """How long trials took."""
    times = [float(trial["times"]["latency_ms"]) for trial in trials]
    return Latency(percentile(times, 50), percentile(times, 95))


def share(trials: Iterable[Trial], flag: str) -> Share:
    """Of how many trials a key is true."""
    return _summed(trials, lambda trial: (int(trial[flag]), 1))


def _summed(trials: Iterable[Trial], counted: Callable[[Trial], tuple[int, int]]) -> Share:
    """A share over all trials; its interval takes each scenario for a cluster."""
    clusters: dict[str, tuple[int, int]] = {}
    for trial in trials:
        name = trial["key"]["scenario"]
        successes, of = clusters.get(name, (0, 0))
        more, more_of = counted(trial)
        clusters[name] = (successes + more, of + more_of)
    counts = list(clusters.values())
    return Share(sum(s for s, _ in counts), sum(n for _, n in counts), clustered(counts))


def rounded(value: float | None) -> float | None:
    """A figure as reports hold it, the same on every machine; None stays."""
    return None if value is None else round(value, _DIGITS)
