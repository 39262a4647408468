"""A report as Markdown, for a pull request or a terminal.

All that comes from models, scenarios and settings stands in code spans or is escaped: it stays
text, in one line, and makes no links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from uicompiler.evals import figures
from uicompiler.evals.compare import ALPHA, Comparison, Contrast
from uicompiler.evals.metrics import FIRST_ANSWERS
from uicompiler.evals.report import Report, Row, Times, Unusable
from uicompiler.ir.values import Json

_HARDEST: Final = 20
_FAILURES: Final = 10
_CODES: Final = 15
_MAX_DETAIL: Final = 300
_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>#|&~@$]|(?<=www)\.|:(?=//)", re.IGNORECASE)

Cells = Sequence[str]


def to_markdown(report: Report) -> str:
    """The report as Markdown (CommonMark with GitHub's tables)."""
    parts = [
        "# Evaluation report",
        _summary(report),
        _section("Strategies", _metrics(report.strategies, named=False)),
        _section("Strategies compared", _comparisons(report.comparisons)),
        _section("Models", _metrics(report.providers, named=True)),
        _section("First answers", _first_answers(report.providers)),
        *(
            _section(title, _matrix(rows, report.asked["strategies"]))
            for title, rows in (
                ("Tags", report.tags),
                ("Languages", report.languages),
                ("Apps", report.apps),
            )
        ),
        _section("Hardest scenarios", _hardest(report)),
        _section("What was noticed", _counts(report)),
        _section("Unusable trials", _failures(report)),
    ]
    if report.times is not None:
        parts.append(_section("Times", _times(report.times)))
    return "\n\n".join(part for part in parts if part) + "\n"


def comparison_to_markdown(comparison: Comparison) -> str:
    """Two runs side by side, as Markdown."""
    a, b = map(escaped, comparison.names)
    parts = [
        f"# {a} and {b}",
        f"**{escaped(comparison.verdict)}** {_how(comparison)}",
        _contrasts([("all", comparison.contrast, comparison.contrast.p_value)]),
        _section("By model and strategy", _groups(comparison)),
        _section(f"Scenarios that were usable more often in {a}", _scenarios(comparison.lost)),
        _section(f"Scenarios that were usable more often in {b}", _scenarios(comparison.won)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """A text that Markdown leaves as it is."""
    return _SPECIAL.sub(lambda found: f"\\{found.group()}", figures.plain(text))


def code(text: str) -> str:
    """A text as a code span, which may stand in a cell of a table."""
    kept = figures.plain(text).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", kept)), default=0))
    pad = " " if kept.startswith("`") or kept.endswith("`") else ""
    return f"{fence}{pad}{kept}{pad}{fence}" if kept else ""


# --- parts ----------------------------------------------------------------------------------------


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}" if body else ""


def _table(head: Cells, rows: Iterable[Cells]) -> str:
    """A table; its first column is of words, the others of figures."""
    lines = [head, [":--", *("--:" for _ in head[1:])], *rows]
    found = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join(found) if len(found) > 2 else ""


def _summary(report: Report) -> str:
    missing = figures.whole(report.planned - report.done)
    warning = "" if report.complete else f"**Not complete: {missing} trials are missing.**"
    simulated = _SIMULATED if figures.is_simulated(report.asked) else ""
    parts = (warning, _asked(report.asked, report.done), _USABLE, simulated)
    return "\n\n".join(part for part in parts if part)


_SIMULATED: Final = "Simulated models cost nothing; told is what such calls would cost."


_USABLE: Final = (
    "A trial is usable when every expected directive ran, the client shows what was asked for, "
    "and nothing reached the user that must not. Intervals are 95 % score intervals that take a "
    "scenario for a cluster of trials; of one scenario alone none is known. A second call was "
    "avoidable when the first answer needs no mending, or none but ours; nothing was lost when all "
    "that a simulated model did to its answer could be undone by whoever knows the vocabulary."
)


def _asked(asked: Mapping[str, Json], done: int) -> str:
    said = figures.settings(asked)
    return (
        f"{figures.several(done, 'trial')}: {figures.planned(asked)}; seed {asked['seed']}, "
        f"plan {code(asked['plan_sha256'][:12])}{f', asked with {code(said)}' if said else ''}."
    )


_METRICS: Final = (
    "trials",
    "usable",
    "95 % interval",
    "compiled",
    "directives",
    "second calls",
    "avoidable",
    "nothing lost",
    "calls",
    "tokens out",
    "cost",
)


def _metrics(rows: Sequence[Row], *, named: bool) -> str:
    head = ["model and strategy" if named else "strategy", *_METRICS]
    return _table(head, (_metrics_line(row, named=named) for row in rows))


def _metrics_line(row: Row, *, named: bool) -> list[str]:
    found = row.metrics
    name = f"{row.name}, {row.strategy}" if named else row.strategy
    return [
        code(name),
        figures.whole(found.trials),
        figures.percent(found.usable.rate),
        figures.interval(found.usable.interval),
        figures.percent(found.compiled.rate),
        figures.percent(found.directives.rate),
        figures.percent(found.second.rate),
        figures.percent(found.avoidable_of_all.rate),
        figures.percent(found.lossless.rate),
        figures.decimal(found.calls),
        figures.decimal(found.output_tokens_a_trial, 0),
        figures.money(found.cost_usd),
    ]


def _comparisons(comparisons: Sequence[Comparison]) -> str:
    found = [
        (f"{item.names[0]} and {item.names[1]}", item.contrast, item.contrast.p_value)
        for item in comparisons
    ]
    return _contrasts(found)


def _contrasts(found: Sequence[tuple[str, Contrast, float]]) -> str:
    head = ("", "pairs", "first", "second", "difference", "95 % interval", "p", "McNemar's p")
    rows = (
        (
            code(name),
            figures.whole(item.pairs),
            figures.percent(item.rate_a),
            figures.percent(item.rate_b),
            figures.points(item.difference),
            figures.points_between(item.interval),
            figures.p_value(p),
            figures.p_value(item.p_mcnemar),
        )
        for name, item, p in found
    )
    return _table(head, rows)


def _how(comparison: Comparison) -> str:
    lost = sum(comparison.unpaired)
    told = (
        f"Whole scenarios turned, p {figures.p_value(comparison.contrast.p_value)}; a difference "
        f"counts as shown below {ALPHA}."
    )
    return f"{told} {figures.whole(lost)} trials have no counterpart." if lost else told


def _groups(comparison: Comparison) -> str:
    return _contrasts([(item.name, item.contrast, item.p_holm) for item in comparison.groups])


def _scenarios(found: Sequence[tuple[str, int]]) -> str:
    rows = [(code(name), figures.whole(count)) for name, count in found[:_HARDEST]]
    return _table(("scenario", "trials"), rows)


def _first_answers(rows: Sequence[Row]) -> str:
    head = ("model and strategy", *FIRST_ANSWERS, "mendable, asked again")
    return _table(
        head,
        (
            (
                code(f"{row.name}, {row.strategy}"),
                *(figures.whole(row.metrics.first_answers[name]) for name in FIRST_ANSWERS),
                figures.share(row.metrics.avoidable),
            )
            for row in rows
        ),
    )


def _matrix(rows: Sequence[Row], strategies: Sequence[str]) -> str:
    found = figures.matrix(rows).items()
    return _table(
        ("", *map(code, strategies)),
        ((code(name), *_usable(by, strategies)) for name, by in found),
    )


def _usable(by: Mapping[str, Row], strategies: Sequence[str]) -> Iterator[str]:
    for strategy in strategies:
        row = by.get(strategy)
        yield figures.NOTHING if row is None else figures.share(row.metrics.usable)


def _hardest(report: Report) -> str:
    strategies = report.asked["strategies"]
    return _table(
        ("scenario", *map(code, strategies)),
        (
            (_titled(name, report), *_usable(by, strategies))
            for name, by in figures.hardest(report.scenarios, _HARDEST)
        ),
    )


def _titled(name: str, report: Report) -> str:
    title = report.titles.get(name, "")
    return f"{code(name)}: {escaped(title)}" if title else code(name)


def _counts(report: Report) -> str:
    found = []
    for strategy in report.asked["strategies"]:
        for what, items in (("grade", report.grades), ("code", report.codes)):
            own = [item for item in items if item.strategy == strategy][:_CODES]
            found += [
                (code(strategy), f"{what} {code(item.name)}", figures.whole(item.count))
                for item in own
            ]
    return _table(("strategy", "what", "trials"), found)


def _failures(report: Report) -> str:
    strategies = reversed(report.asked["strategies"])
    shown = [
        item
        for strategy in strategies
        for item in [found for found in report.unusable if found.strategy == strategy][:_FAILURES]
    ]
    lines = [f"- {code(_named(item))}: {code(_problems(item))}" for item in shown]
    more = len(report.unusable) - len(lines) + report.unusable_more
    if more > 0:
        lines.append(f"- {figures.whole(more)} more, in the report as HTML and JSON")
    return "\n".join(lines)


def _named(item: Unusable) -> str:
    return f"{item.scenario}, {item.provider}, {item.strategy}, {item.index}"


def _problems(item: Unusable) -> str:
    return "; ".join(item.problems)[:_MAX_DETAIL] or "no problem was told"


def _times(times: Times) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(times.versions.items()))
    rows = (
        (
            code(f"{row.name}, {row.strategy}"),
            figures.milliseconds(row.latency.p50_ms),
            figures.milliseconds(row.latency.p95_ms),
        )
        for row in times.rows
    )
    told = f"Begun {code(times.created)}; {code(versions)}."
    table = _table(("model and strategy", "half within", "95 % within"), rows)
    return "\n\n".join(part for part in (told, table) if part)
