"""Is a run of `uicompiler bench --json`, read from stdin, within the targets?

Exit status 1 when not. Of A2UI, everything is in units of the stdlib JSON encoder on the same
messages, at the size closest to 1 000 components; growth is over the largest two sizes. Of HTML
(`bench --backend html --json`), the floor of plain Jinja2 is the measure, at every size.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from typing import Any

OUT = ("out",)
FANOUT = ("host ÷ bare Starlette endpoint, worst", 0.7, 0.9)
"""Least allowed, and what we aim for; measured by `host.py`."""
HTML = ("from IR to markup ÷ plain Jinja2", 2.0, 1.2)
SIZE = 1_000
TARGETS = (
    # name, most allowed, what we aim for
    ("from IR to checked bytes ÷ encoder", 7.0, 3.5),
    ("check ÷ encoder", 4.0, 1.4),
    ("growth of compile", 1.4, 1.1),
)

Rows = Sequence[dict[str, Any]]


def main() -> int:
    """Print each target with what was measured; 1 when one is missed."""
    rows = json.load(sys.stdin)
    if any(row["step"] == "show" for row in rows):
        found = [(HTML, worst_html(rows)), (TARGETS[-1], growth(rows))]
    else:
        measured = (ratio(rows, OUT), ratio(rows, ("check",)), growth(rows))
        found = list(zip(TARGETS, measured, strict=True))
    missed = 0
    for (name, most, aim), value in found:
        said = verdict((name, most, aim), value)
        missed += said.startswith("missed")
        print(said)
    return int(bool(missed))


def verdict(target: tuple[str, float, float], value: float, *, more_is_better: bool = False) -> str:
    """A target and what was measured, in one line that begins with missed, within or reached."""
    name, bound, aim = target
    sign = -1 if more_is_better else 1
    missed, reached = sign * value > sign * bound, sign * value <= sign * aim
    said = "missed" if missed else "reached" if reached else "within"
    side = "least" if more_is_better else "most"
    return f"{said:<8} {name:<36} {value:6.2f}   at {side} {bound}, aim {aim}"


def ratio(rows: Rows, steps: Sequence[str]) -> float:
    """What steps cost together, in encoder times."""
    size = min((row["components"] for row in rows), key=lambda found: abs(found - SIZE))
    same = [row for row in rows if row["components"] == size]
    cost: float = sum(row["us_per_component"] for row in same if row["step"] in steps)
    encoder: float = same[0]["encoder_us_per_component"]
    return cost / encoder


def worst_html(rows: Rows) -> float:
    """What a surface costs in times of its floor, at the size where that is most."""
    shown = (row for row in rows if row["step"] == "show")
    return max(row["us_per_component"] / row["floor_us_per_component"] for row in shown)


def growth(rows: Rows) -> float:
    """The exponent of compile's time between the two largest sizes; 1 when there is one size."""
    whole = sorted(
        (row["components"], row["us_per_component"]) for row in rows if row["step"] == "compile"
    )
    if len(whole) < 2:
        return 1.0
    (small, fast), (large, slow) = whole[-2:]
    return math.log(slow * large / (fast * small)) / math.log(large / small)


if __name__ == "__main__":
    sys.exit(main())
