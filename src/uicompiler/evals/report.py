"""The report of a run: what its trials come to, by strategy, model, tag, language and app.

Same trials, same report: nothing here was measured by a clock but what stands under `times`, which
`Report.without_times` leaves out. How it is written as Markdown and HTML stands elsewhere.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, TypeAlias

from uicompiler.evals.compare import Comparison, compare
from uicompiler.evals.metrics import Latency, Metrics, Trial, latency, measure
from uicompiler.ir.values import Json

REPORT_VERSION: Final = 1

_MAX_FAILURES: Final = 500
_MAX_ANSWER: Final = 600

Named: TypeAlias = Callable[[Trial], Iterable[str]]
"""The groups that a trial belongs to."""

Groups: TypeAlias = Mapping[tuple[str, str], Sequence[Trial]]
"""Trials by group and strategy."""

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Row:
    """A group of trials: what they have in common, and what they come to."""

    name: str
    strategy: str
    metrics: Metrics

    def to_dict(self) -> dict[str, Json]:
        """The row as a JSON object."""
        return {"name": self.name, "strategy": self.strategy, **self.metrics.to_dict()}


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something was found in the trials of a strategy."""

    strategy: str
    name: str
    count: int

    def to_dict(self) -> dict[str, Json]:
        """The count as a JSON object."""
        return {"strategy": self.strategy, "name": self.name, "count": self.count}


@dataclass(frozen=True, slots=True)
class Unusable:
    """A trial that was not usable.

    Attributes:
        scenario: Which scenario.
        provider: Which model.
        strategy: How it was asked.
        index: Which trial of them.
        first_answer: What the first answer was worth.
        problems: What is wrong, a line each.
        codes: Of all diagnostics.
        failure: Why the last call failed; "" when it did not.
        answer: What the model wrote last, cut short.
    """

    scenario: str
    provider: str
    strategy: str
    index: int
    first_answer: str
    problems: tuple[str, ...]
    codes: tuple[str, ...]
    failure: str
    answer: str

    def to_dict(self) -> dict[str, Json]:
        """The trial as a JSON object."""
        return {
            "scenario": self.scenario,
            "provider": self.provider,
            "strategy": self.strategy,
            "index": self.index,
            "first_answer": self.first_answer,
            "problems": list(self.problems),
            "codes": list(self.codes),
            "failure": self.failure,
            "answer": self.answer,
        }


@dataclass(frozen=True, slots=True)
class Timed:
    """How long a group of trials took."""

    name: str
    strategy: str
    latency: Latency

    def to_dict(self) -> dict[str, Json]:
        """The times as a JSON object."""
        return {"name": self.name, "strategy": self.strategy, **self.latency.to_dict()}


@dataclass(frozen=True, slots=True)
class Times:
    """All that differs from one run to the next: when, on what, and how long it took."""

    created: str
    versions: Mapping[str, str]
    rows: tuple[Timed, ...]

    def to_dict(self) -> dict[str, Json]:
        """The times as a JSON object."""
        rows = [row.to_dict() for row in self.rows]
        return {"created": self.created, "versions": dict(self.versions), "latency": rows}


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a run.

    Attributes:
        asked: What was asked for: seed, trials, providers, strategies, settings, the number of
            scenarios, the hash of the plan.
        titles: By scenario, its title.
        planned: How many trials there are to be.
        done: How many there are.
        strategies: All trials of each strategy.
        providers: Of each model and strategy.
        tags: Of each tag and strategy; a scenario has several.
        languages: Of each language and strategy.
        apps: Of each app and strategy.
        scenarios: Of each scenario and strategy.
        grades: How often each grade was bad.
        codes: How often each code was found.
        comparisons: The strategies, two by two.
        unusable: Trials that were not usable, those of the last strategy first; at most 500.
        unusable_more: How many more there are.
        times: What was measured by a clock; None leaves it out.
    """

    asked: Mapping[str, Json]
    titles: Mapping[str, str]
    planned: int
    done: int
    strategies: tuple[Row, ...]
    providers: tuple[Row, ...]
    tags: tuple[Row, ...]
    languages: tuple[Row, ...]
    apps: tuple[Row, ...]
    scenarios: tuple[Row, ...]
    grades: tuple[Counted, ...]
    codes: tuple[Counted, ...]
    comparisons: tuple[Comparison, ...]
    unusable: tuple[Unusable, ...]
    unusable_more: int
    times: Times | None

    @property
    def complete(self) -> bool:
        """Whether all trials are done."""
        return self.done == self.planned

    def without_times(self) -> Report:
        """The same, without what differs from one run to the next."""
        return replace(self, times=None)

    def to_dict(self) -> dict[str, Json]:
        """The report as a JSON object."""
        tables = ("strategies", "providers", "tags", "languages", "apps", "scenarios")
        lists = (*tables, "grades", "codes", "comparisons", "unusable")
        report: dict[str, Json] = {
            "v": REPORT_VERSION,
            "asked": dict(self.asked),
            "complete": self.complete,
            "planned": self.planned,
            "done": self.done,
            **{name: [item.to_dict() for item in getattr(self, name)] for name in lists},
            "unusable_more": self.unusable_more,
        }
        return report if self.times is None else {**report, "times": self.times.to_dict()}


def build(run: Mapping[str, Json], trials: Sequence[Trial]) -> Report:
    """Make the report of a run.

    Args:
        run: `run.json`.
        trials: Records of its trials, in the order of the plan; some may be missing.
    """
    strategies = [str(name) for name in run["strategies"]]
    order = {str(name): at for at, name in enumerate([*run["providers"], *strategies])}
    bad = _last_strategy_first((trial for trial in trials if not trial["usable"]), order)
    return Report(
        asked=_asked(run),
        titles={str(item["id"]): str(item["title"]) for item in run["scenarios"]},
        planned=_planned(run),
        done=len(trials),
        strategies=_rows(trials, order, lambda _: [ALL]),
        providers=_rows(trials, order, _provider),
        tags=_rows(trials, order, lambda trial: trial["tags"]),
        languages=_rows(trials, order, lambda trial: [trial["language"]]),
        apps=_rows(trials, order, lambda trial: [trial["app"]]),
        scenarios=_rows(trials, order, lambda trial: [trial["key"]["scenario"]]),
        grades=_counted(trials, strategies, _bad_grades),
        codes=_counted(trials, strategies, lambda trial: trial["codes"]),
        comparisons=tuple(_comparisons(trials, strategies)),
        unusable=tuple(_unusable(trial) for trial in bad[:_MAX_FAILURES]),
        unusable_more=max(0, len(bad) - _MAX_FAILURES),
        times=_times(run, trials, order),
    )


def to_json(report: Report) -> str:
    """The report as JSON, for programs."""
    return json.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n"


# --- parts ----------------------------------------------------------------------------------------


def _asked(run: Mapping[str, Json]) -> dict[str, Json]:
    names = ("seed", "trials", "providers", "strategies", "settings", "plan_sha256")
    return {**{name: run[name] for name in names}, "scenarios": len(run["scenarios"])}


def _planned(run: Mapping[str, Json]) -> int:
    trials: int = run["trials"]
    return trials * len(run["providers"]) * len(run["strategies"]) * len(run["scenarios"])


def _grouped(trials: Iterable[Trial], order: Mapping[str, int], named: Named) -> Groups:
    """Trials by group and strategy; what `order` names comes in that order, then by name."""
    groups: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        for name in named(trial):
            groups.setdefault((name, trial["key"]["strategy"]), []).append(trial)
    last = len(order)
    keys = sorted(
        groups, key=lambda key: (order.get(key[0], last), key[0], order.get(key[1], last))
    )
    return {key: groups[key] for key in keys}


def _rows(trials: Iterable[Trial], order: Mapping[str, int], named: Named) -> tuple[Row, ...]:
    found = _grouped(trials, order, named)
    return tuple(Row(name, strategy, measure(items)) for (name, strategy), items in found.items())


def _counted(
    trials: Iterable[Trial], strategies: Sequence[str], found: Named
) -> tuple[Counted, ...]:
    """By strategy what was found, most often first."""
    counts = {name: Counter[str]() for name in strategies}
    for trial in trials:
        counts[trial["key"]["strategy"]].update(found(trial))
    return tuple(
        Counted(strategy, name, count)
        for strategy, counter in counts.items()
        for name, count in sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    )


def _bad_grades(trial: Trial) -> list[str]:
    return [str(grade["name"]) for grade in trial["grades"] if not grade["ok"]]


def _comparisons(trials: Sequence[Trial], strategies: Sequence[str]) -> Iterable[Comparison]:
    by_strategy = {
        name: [trial for trial in trials if trial["key"]["strategy"] == name] for name in strategies
    }
    for names in combinations(strategies, 2):
        first, second = (by_strategy[name] for name in names)
        if first and second:
            yield compare(first, second, names=names)


def _last_strategy_first(trials: Iterable[Trial], order: Mapping[str, int]) -> list[Trial]:
    """The barest strategy fails most often, and would leave no room for the others."""
    return sorted(trials, key=lambda trial: -order[trial["key"]["strategy"]])


def _unusable(trial: Trial) -> Unusable:
    bad = [grade for grade in trial["grades"] if not grade["ok"]]
    return Unusable(
        **trial["key"],
        first_answer=trial["first_answer"],
        problems=(*_cause(trial), *(f"{grade['name']}: {grade['detail']}" for grade in bad)),
        codes=tuple(trial["codes"]),
        failure=trial["failure"],
        answer=_last_answer(trial),
    )


def _cause(trial: Trial) -> list[str]:
    """In a trial whose last call failed, why: nothing else is wrong with it."""
    if not trial["failure"]:
        return []
    said = [call["failure"]["message"] for call in trial["calls"] if "failure" in call]
    why = f": {said[-1][:_MAX_ANSWER]}" if said else ""
    return [f"the last call failed, {trial['failure']}{why}"]


def _last_answer(trial: Trial) -> str:
    replies = [call["reply"] for call in trial["calls"] if "reply" in call]
    text = str(replies[-1]["text"]) if replies else ""
    return text if len(text) <= _MAX_ANSWER else f"{text[: _MAX_ANSWER - 1]}…"


def _times(run: Mapping[str, Json], trials: Iterable[Trial], order: Mapping[str, int]) -> Times:
    groups = _grouped(trials, order, _provider)
    rows = tuple(
        Timed(name, strategy, latency(items)) for (name, strategy), items in groups.items()
    )
    versions = {str(name): str(value) for name, value in run["versions"].items()}
    return Times(str(run["created"]), versions, rows)


def _provider(trial: Trial) -> list[str]:
    return [trial["key"]["provider"]]
