"""The geometry of a report's plots: where marks, bars and labels stand. Draws nothing.

Coordinates are in the units of an SVG's view box, rounded, so that the same figures give the same
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Final

from uicompiler.evals import figures
from uicompiler.evals.metrics import FIRST_ANSWERS
from uicompiler.evals.report import Row

WIDTH: Final = 960.0
LABEL: Final = 250.0
"""How much of the width the names of rows take."""

SHAPES: Final = ("circle", "square", "diamond", "triangle")

_RIGHT: Final = 24.0
_TOP: Final = 10.0
_AXIS: Final = 30.0
_LINE: Final = 18.0
_GAP: Final = 12.0
_BAR: Final = 16.0
_SHORT: Final = 36
_STEPS: Final = (0.02, 0.05, 0.1, 0.2)
_MOST_TICKS: Final = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A value on the axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a row: cut short, and whole."""

    y: float
    text: str
    whole: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A share and its interval.

    Attributes:
        x: Where the share is.
        y: In which line.
        low: Where the interval begins.
        high: Where it ends.
        series: The number of the strategy, from 0; its shape and colour.
        told: The same in words.
    """

    x: float
    y: float
    low: float
    high: float
    series: int
    told: str

    @property
    def shape(self) -> str:
        """What stands there."""
        return SHAPES[self.series % len(SHAPES)]


@dataclass(frozen=True, slots=True)
class IntervalPlot:
    """Shares with their intervals, a row a group, a line a strategy."""

    height: float
    bottom: float
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: `kind` is its number among the parts, from 0."""

    x: float
    y: float
    width: float
    kind: int
    told: str


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Bars from nothing to all, each in parts."""

    height: float
    bottom: float
    bar: float
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]
    segments: tuple[Segment, ...]


def interval_plot(rows: Sequence[Row], strategies: Sequence[str]) -> IntervalPlot:
    """Usable trials of groups, by strategy.

    Args:
        rows: In order; those of a group stand together.
        strategies: In order; the number of one is its series.
    """
    lowest = min((row.metrics.usable.interval.low for row in rows), default=0.0)
    start, step = _axis(lowest)
    labels: list[Label] = []
    marks: list[Mark] = []
    y = _TOP
    for name, by in figures.matrix(rows).items():
        labels.append(_label(name, y + _LINE * len(by) / 2))
        for strategy in (item for item in strategies if item in by):
            marks.append(_mark(by[strategy], y + _LINE / 2, start, strategies.index(strategy)))
            y += _LINE
        y += _GAP
    return IntervalPlot(_n(y + _AXIS), _n(y), _ticks(start, step), tuple(labels), tuple(marks))


def first_answers_plot(rows: Sequence[Row]) -> BarPlot:
    """What first answers were worth, a bar a model and strategy."""
    labels: list[Label] = []
    segments: list[Segment] = []
    y = _TOP
    for row in rows:
        name = f"{row.name}, {row.strategy}"
        labels.append(_label(name, y + _BAR / 2))
        segments += _segments(name, row.metrics.first_answers, y)
        y += _BAR + _GAP / 2
    return BarPlot(_n(y + _AXIS), _n(y), _BAR, _ticks(*_axis(0.0)), tuple(labels), tuple(segments))


# --- parts ----------------------------------------------------------------------------------------


def _mark(row: Row, y: float, start: float, series: int) -> Mark:
    usable = row.metrics.usable
    between = figures.interval(usable.interval)
    return Mark(
        x=_x(usable.rate or 0.0, start),
        y=_n(y),
        low=_x(usable.interval.low, start),
        high=_x(usable.interval.high, start),
        series=series,
        told=f"{row.name}, {row.strategy}: {figures.share(usable)}, {between}",
    )


def _segments(name: str, counts: Mapping[str, int], y: float) -> list[Segment]:
    total = sum(counts.values())
    segments = []
    so_far = 0
    for kind, what in enumerate(FIRST_ANSWERS):
        if counts[what]:
            begin, end = _x(so_far / total, 0.0), _x((so_far + counts[what]) / total, 0.0)
            told = f"{name}: {what} {counts[what]} of {total}"
            segments.append(Segment(begin, _n(y), _n(end - begin), kind, told))
        so_far += counts[what]
    return segments


def _label(name: str, y: float) -> Label:
    whole = figures.plain(name)
    short = whole if len(whole) <= _SHORT else f"{whole[: _SHORT - 1]}…"
    return Label(_n(y), short, whole)


def _axis(lowest: float) -> tuple[float, float]:
    """Where an axis begins that holds a share, and the finest round step that is not too fine."""
    for step in _STEPS:
        start = floor(lowest / step) * step
        if (1 - start) / step < _MOST_TICKS:
            break
    return start, step


def _ticks(start: float, step: float) -> tuple[Tick, ...]:
    count = round((1 - start) / step)
    values = [1 - step * (count - at) for at in range(count + 1)]
    return tuple(Tick(_x(value, start), f"{value * 100:.0f} %") for value in values)


def _x(value: float, start: float) -> float:
    """Where a share stands on an axis from `start` to 1."""
    room = WIDTH - LABEL - _RIGHT
    return _n(LABEL + room * (value - start) / (1 - start))


def _n(value: float) -> float:
    return round(value, 2)
