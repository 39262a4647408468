"""A report as one HTML page: no script, nothing fetched, all that others wrote escaped.

The page's policy forbids everything but its own style sheet, which it names by its hash.
"""

from __future__ import annotations

import functools
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from uicompiler.backends.html.markup import environment_of
from uicompiler.evals import figures
from uicompiler.evals.metrics import FIRST_ANSWERS
from uicompiler.evals.report import Report
from uicompiler.evals.report_plots import LABEL, WIDTH, first_answers_plot, interval_plot

_FOLDER: Final = Path(__file__).with_name("templates")
_HARDEST: Final = 25
_FAILURES: Final = 100
_CODES: Final = 20


def to_html(report: Report) -> str:
    """The report as HTML."""
    strategies: list[str] = list(report.asked["strategies"])
    style = _style()
    template = _environment().get_template("report.html.j2")
    return template.render(
        report=report,
        said=figures.settings(report.asked),
        planned=figures.planned(report.asked),
        is_simulated=figures.is_simulated(report.asked),
        strategies=strategies,
        style=Markup(style),  # noqa: S704  # our own file
        policy=_policy(style),
        width=WIDTH,
        label=LABEL,
        kinds=FIRST_ANSWERS,
        overall=interval_plot([*report.strategies, *report.providers], strategies),
        by_tag=interval_plot(report.tags, strategies),
        first=first_answers_plot(report.providers),
        tables=_tables(report),
        hardest=figures.hardest(report.scenarios, _HARDEST),
        counts=_counts(report, strategies),
        failures=report.unusable[:_FAILURES],
        failures_more=max(0, len(report.unusable) - _FAILURES) + report.unusable_more,
    )


def _tables(report: Report) -> Mapping[str, Any]:
    found = {"Tags": report.tags, "Languages": report.languages, "Apps": report.apps}
    return {title: figures.matrix(rows) for title, rows in found.items()}


def _counts(report: Report, strategies: list[str]) -> Mapping[str, Any]:
    return {
        strategy: {
            what: [item for item in items if item.strategy == strategy][:_CODES]
            for what, items in (("grade", report.grades), ("code", report.codes))
        }
        for strategy in strategies
    }


def _policy(style: str) -> str:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@functools.cache
def _style() -> str:
    return (_FOLDER / "report.css").read_text("utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    environment = environment_of(jinja2.FileSystemLoader(_FOLDER))
    told = (
        figures.percent,
        figures.share,
        figures.interval,
        figures.points,
        figures.points_between,
        figures.p_value,
        figures.decimal,
        figures.whole,
        figures.several,
        figures.money,
        figures.milliseconds,
        figures.plain,
        figures.visible,
    )
    environment.filters.update({function.__name__: function for function in told})
    return environment
