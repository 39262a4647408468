"""What a benchmark gives back: tables for people, and ratios that a later run is held against."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

SLIDE = 0.20
"""How much worse a ratio may be than in the last table before it is worth a warning."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio.

    Attributes:
        name: What is divided by what, and of which screen; the same in every run.
        value: The ratio.
        bound: What it should be at most (or at least), or None where there is no target.
        more_is_better: Whether the bound is a least.
        portable: Whether it means the same on another machine, so that runs can be compared.
    """

    name: str
    value: float
    bound: float | None = None
    more_is_better: bool = False
    portable: bool = True

    @property
    def missed(self) -> bool:
        """Whether it is on the wrong side of its bound."""
        if self.bound is None:
            return False
        return self.value < self.bound if self.more_is_better else self.value > self.bound

    def slide(self, before: float) -> float:
        """How much worse it is than it was, as a share; below 0 when it is better."""
        if before <= 0 or self.value <= 0:
            return 0.0 if self.value == before else math.inf
        return before / self.value - 1 if self.more_is_better else self.value / before - 1

    def target(self) -> str:
        """The bound in words."""
        if self.bound is None:
            return ""
        return f"at {'least' if self.more_is_better else 'most'} {number(self.bound)}"


@dataclass(frozen=True, slots=True)
class Section:
    """One question and its answer.

    Attributes:
        title: The question, in few words.
        text: What was measured.
        head: Names of the columns; the first is that of the rows.
        rows: Cells.
        figures: The ratios in it.
        notes: What else is to be said.
    """

    title: str
    text: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[Figure] = field(default_factory=tuple)
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """The section of a page."""
        told = table(self.head, self.rows) if self.rows else ""
        parts = [f"## {self.title}", self.text, told, *self.notes]
        return "\n\n".join(part.strip() for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; all but the first column to the right."""
    ruled = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruled, *rows))


def number(value: float) -> str:
    """A figure as people read it: three digits that count."""
    if value == 0 or math.isinf(value):
        return "0" if value == 0 else "∞"
    size = math.floor(math.log10(abs(value)))
    return f"{value:,.{max(0, 2 - size)}f}".replace(",", " ")


def verdicts(figures: Iterable[Figure]) -> str:
    """The figures that have a target, as a table."""
    rows = [
        [figure.name, number(figure.value), figure.target(), "missed" if figure.missed else "met"]
        for figure in figures
        if figure.bound is not None
    ]
    return table(["figure", "measured", "target", ""], rows)
