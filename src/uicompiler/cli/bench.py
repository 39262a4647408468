"""`uicompiler bench`: what each step costs a component, beside floors, an encoder and peers.

How times are taken stands in `bench_measure`, on what in `bench_shapes`, what they are held against
in `floor`, `floor_tree`, `floor_check`, `floor_html` and `bench_peers`. Quote ratios, since the
times are those of one machine.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict

from uicompiler.cli.bench_shapes import DEPTH, SHAPES
from uicompiler.cli.common import UsageError, command, out, say

if TYPE_CHECKING:
    from uicompiler.cli.bench_measure import Case
    from uicompiler.cli.bench_peers import Peers

STEPS: Final = ("parse", "execute", "lower", "check", "encode", "compile")
BESIDE: Final = (
    "out",
    "floor",
    "floor_checked",
    "official_checker",
    "official_compiler",
    "official_compiler_nested",
)
"""Measured in the same rounds, as rows of their own."""
HTML_STEPS: Final = ("parse", "execute", "show", "compile")
SIZES: Final = "10,100,1000,10000"
_MAX_SIZE: Final = 100_000
_PEERS: Final = 1_000
_DESCRIPTION: Final = f"""\
Measure each step on screens of growing size, in microseconds per component.

composed  cards with bound texts, inputs with values and buttons: the reference
form      one form, fields of all kinds      wide  one column of texts
deep      columns in columns, {DEPTH} deep       many  surfaces of a few cards

out       from IR to checked, size-guarded bytes: lower + check + encode
floor     a hand-written builder of an equal surface; of HTML, plain Jinja2
floor_checked  the same with a hand-written check, encoded and counted
encoder   the stdlib JSON encoder on the finished messages
official  of a2ui-agent-sdk, where installed: its checker on our messages, and its text
          compiler on an equal screen in Express, a component a line, or all nested
growth    the exponent of the time in the size; 1 is linear"""
_EXAMPLES: Final = """\
uicompiler bench
uicompiler bench --shape all --sizes 100,1000,10000
uicompiler bench --backend html
uicompiler bench --json --sizes 100,1000 --rounds 5"""


class Row(TypedDict):
    """One step of one shape at one size; `growth` is from the size before it, or None."""

    step: str
    components: int
    us_per_component: float
    floor_us_per_component: float
    encoder_us_per_component: float
    shape: str
    ratio_to_encoder: float
    growth: float | None


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "bench",
        run,
        summary="measure each step, per component",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("--json", action="store_true", help="one JSON array")
    parser.add_argument(
        "--backend",
        choices=("a2ui-v0.8", "html"),
        default="a2ui-v0.8",
        help="what is compiled to; of html, components are nodes; default: %(default)s",
    )
    parser.add_argument(
        "--shape", choices=(*SHAPES, "all"), help="default: composed; html shows forms only"
    )
    parser.add_argument(
        "--sizes", metavar="N,N…", default=SIZES, help="components; default: %(default)s"
    )
    parser.add_argument(
        "--rounds", metavar="N", type=int, default=7, help="rounds; default: %(default)s"
    )
    parser.add_argument(
        "--peers",
        metavar="N",
        type=int,
        default=_PEERS,
        help="the largest size the official packages are put to, 0 is none; default: %(default)s",
    )


def run(args: argparse.Namespace) -> int:
    """Measure; see the module docstring."""
    sizes = _sizes(args.sizes)
    if not 1 <= args.rounds <= 10_000:
        raise UsageError(f"--rounds is {args.rounds}, expected 1 to 10000; 5 is enough")
    if args.peers < 0:
        raise UsageError(f"--peers is {args.peers}, expected 0 or more; 0 is none")
    html = args.backend == "html"
    if html and args.shape not in (None, "form"):
        raise UsageError(f"--shape is {args.shape}, but html is measured on forms: leave it out")
    shapes = ["form"] if html else list(SHAPES) if args.shape == "all" else [args.shape]
    found = measure(
        [shape or "composed" for shape in shapes], sizes, args.rounds, args.peers, html=html
    )
    rows = rows_of(found, HTML_STEPS if html else (*STEPS, *BESIDE))
    out(json.dumps(rows) + "\n" if args.json else tables(found, html=html))
    return 0


def _sizes(text: str) -> list[int]:
    try:
        sizes = sorted({int(part) for part in text.split(",")})
    except ValueError:
        sizes = []
    if not sizes or not all(1 <= size <= _MAX_SIZE for size in sizes):
        raise UsageError(
            f"--sizes is {text!r}, expected numbers from 1 to {_MAX_SIZE}; for example {SIZES}"
        )
    return sizes


def measure(
    shapes: Sequence[str],
    sizes: Sequence[int],
    rounds: int,
    peers_up_to: int,
    *,
    html: bool = False,
) -> list[Case]:
    """Measure shapes at sizes, all in the same rounds."""
    from uicompiler.cli import bench_measure

    peers = None if html or peers_up_to < 1 else _peers()
    make = bench_measure.html_case if html else bench_measure.a2ui_case
    cases = [
        make(shape, size, peers if size <= peers_up_to else None)
        for shape in shapes
        for size in sizes
    ]
    bench_measure.run(cases, rounds)
    return cases


def _peers() -> Peers | None:
    from uicompiler.cli import bench_peers

    peers = bench_peers.load()
    if peers is None:
        say(f"bench: {bench_peers.MISSING}")
    return peers


# --- showing --------------------------------------------------------------------------------------


def rows_of(cases: Sequence[Case], steps: Sequence[str]) -> list[Row]:
    """One row a step, shape and size, of the steps that were measured."""
    return [
        Row(
            step=step,
            components=case.components,
            us_per_component=round(case.us(step), 3),
            floor_us_per_component=round(case.us("floor"), 3),
            encoder_us_per_component=round(case.us("encoder"), 3),
            shape=case.shape,
            ratio_to_encoder=round(case.ratio(step, "encoder"), 3),
            growth=None if smaller is None else growth(smaller, case, step),
        )
        for smaller, case in _with_smaller(cases)
        for step in steps
        if step in case.steps
    ]


def _with_smaller(cases: Sequence[Case]) -> list[tuple[Case | None, Case]]:
    """Each case after the next smaller one of its shape."""
    before = dict(zip(map(id, cases[1:]), cases, strict=False))
    found = [(before.get(id(case)), case) for case in cases]
    return [(a if a is not None and a.shape == b.shape else None, b) for a, b in found]


def growth(small: Case, large: Case, step: str) -> float | None:
    """The exponent of a step's whole time in the number of components."""
    if step not in small.steps or small.components >= large.components:
        return None
    times = large.us(step) * large.components / (small.us(step) * small.components)
    return round(math.log(times) / math.log(large.components / small.components), 3)


def tables(cases: Sequence[Case], *, html: bool = False) -> str:
    """A table a shape."""
    shapes = dict.fromkeys(case.shape for case in cases)
    return "\n".join(
        _table([case for case in cases if case.shape == shape], html=html) for shape in shapes
    )


def _table(cases: Sequence[Case], *, html: bool) -> str:
    counts = "".join(f"{case.components:>{_CELL}}" for case in cases)
    title = f"{cases[0].shape}: µs per {'node' if html else 'component'}"
    lines = [f"{title:<{_NAMES}}{counts}   growth"]
    steps = (*HTML_STEPS, "floor") if html else (*STEPS, *BESIDE)
    lines += [
        f"{_named(step):<{_NAMES}}{_cells(cases, step)}".rstrip()
        for step in (*steps, "encoder")
        if any(step in case.steps for case in cases)
    ]
    lines += [
        f"{f'{_named(step)} ÷ {_named(to)}':<{_NAMES}}" + _ratio_cells(cases, step, to)
        for step, to in (HTML_RATIOS if html else RATIOS)
        if any(step in case.steps and to in case.steps for case in cases)
    ]
    return "".join(f"{line}\n" for line in lines)


RATIOS: Final = (
    ("out", "encoder"),
    ("out", "floor_checked"),
    ("compile", "encoder"),
    ("official_checker", "compile"),
    ("official_compiler", "compile"),
    ("official_compiler_nested", "compile"),
)
"""What is said beside the times."""
HTML_RATIOS: Final = (("show", "floor"), ("compile", "encoder"))
_NAMES, _CELL = 38, 10


def _named(step: str) -> str:
    return "stdlib encoder" if step == "encoder" else step.replace("_", " ")


def _cells(cases: Sequence[Case], step: str) -> str:
    cells = [f"{case.us(step):.2f}" if step in case.steps else "-" for case in cases]
    grown = [
        growth(small, case, step)
        for small, case in _with_smaller(cases)
        if small is not None and step in case.steps
    ]
    told = "  ".join(f"{exponent:.2f}" for exponent in grown if exponent is not None)
    return "".join(f"{cell:>{_CELL}}" for cell in cells) + f"   {told}"


def _ratio_cells(cases: Sequence[Case], step: str, to: str) -> str:
    cells = [
        f"{case.ratio(step, to):.1f}" if step in case.steps and to in case.steps else "-"
        for case in cases
    ]
    return "".join(f"{cell:>{_CELL}}" for cell in cells)
