"""What does each step cost a component, beside floors, an encoder and the official packages?

python -m benchmarks.steps
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from benchmarks import arguments
from benchmarks.figures import Figure, Section, number
from uicompiler.cli import bench
from uicompiler.cli.bench_measure import Case
from uicompiler.cli.bench_shapes import SHAPES

SIZES = (100, 1_000, 10_000)
ROUNDS = 5
PEERS_UP_TO = 1_000
NEAR = 1_000
"""The size that targets are about."""

_TARGETS = {
    ("composed", "out", "encoder"): (3.5, False),
    ("composed", "compile", "encoder"): (5.5, False),
    ("composed", "official_checker", "compile"): (7.0, True),
    ("composed", "official_compiler", "compile"): (30.0, True),
}
_GROWTH = ((100, 1_000, 1.1), (1_000, 10_000, 1.2))
_GROWING = ("wide", "deep", "many")


def measure(
    shapes: Sequence[str] = tuple(SHAPES),
    sizes: Sequence[int] = SIZES,
    rounds: int = ROUNDS,
    peers_up_to: int = PEERS_UP_TO,
) -> list[Section]:
    """A section a shape; all were measured in the same rounds."""
    cases = bench.measure(shapes, sizes, rounds, peers_up_to)
    return [_section([case for case in cases if case.shape == shape]) for shape in shapes]


def _section(cases: Sequence[Case]) -> Section:
    shape = cases[0].shape
    steps = dict.fromkeys((*bench.STEPS, *bench.BESIDE, "encoder"))
    known = [step for step in steps if any(step in case.steps for case in cases)]
    head = ["µs per component", *(f"{case.components}" for case in cases), "growth"]
    rows = [_row(step, cases) for step in known] + [
        [f"{_named(step)} ÷ {_named(to)}", *_ratios(cases, step, to), ""]
        for step, to in bench.RATIOS
        if any(step in case.steps for case in cases)
    ]
    rows.append(
        ["bytes a component", *(f"{case.bytes / case.components:.0f}" for case in cases), ""]
    )
    text = f"`uicompiler bench --shape {shape}`, medians; ratios are medians within a round."
    return Section(f"Steps: {shape}", text, head, rows, [*_figures(cases), *_growths(cases)])


def _row(step: str, cases: Sequence[Case]) -> list[str]:
    cells = [number(case.us(step)) if step in case.steps else "" for case in cases]
    grown = [
        bench.growth(small, large, step)
        for small, large in itertools.pairwise(cases)
        if step in large.steps
    ]
    return [_named(step), *cells, " ".join(f"{item:.2f}" for item in grown if item is not None)]


def _ratios(cases: Sequence[Case], step: str, to: str) -> list[str]:
    return [
        number(case.ratio(step, to)) if step in case.steps and to in case.steps else ""
        for case in cases
    ]


def _named(step: str) -> str:
    return "stdlib encoder" if step == "encoder" else step.replace("_", " ")


def _figures(cases: Sequence[Case]) -> list[Figure]:
    found = []
    for case in cases:
        for step, to in bench.RATIOS:
            if step not in case.steps:
                continue
            bound, more = _TARGETS.get((case.shape, step, to), (None, step.startswith("official")))
            name = f"{case.shape}, {case.size}: {_named(step)} ÷ {_named(to)}"
            found.append(
                Figure(name, case.ratio(step, to), bound if case.size == NEAR else None, more)
            )
    return found


def _growths(cases: Sequence[Case]) -> list[Figure]:
    by_size = {case.size: case for case in cases}
    found = []
    for small, large, most in _GROWTH:
        if small in by_size and large in by_size:
            exponent = bench.growth(by_size[small], by_size[large], "compile")
            bound = most if cases[0].shape in _GROWING else None
            name = f"{cases[0].shape}: growth of compile, {small} → {large}"
            found.append(Figure(name, exponent or 0.0, bound))
    return found


def main() -> None:
    """Measure and print."""
    arguments.parser("steps", __doc__).parse_args()
    for section in measure():
        print(section.markdown())


if __name__ == "__main__":
    main()
