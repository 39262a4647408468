"""`python -m tests.backends.html.same_meaning --count 2000`: many random conversations."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

from .compare import ROWS
from .runner import SLICE, slices

EXAMPLES = """examples:
  python -m tests.backends.html.same_meaning --count 2000
  python -m tests.backends.html.same_meaning --seed 4711 --count 1      one conversation again

status: 0 nothing differs; 1 something does, and is printed
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run conversations and print what was compared; sums on stdout, all else on stderr."""
    options = _parser().parse_args(arguments)
    seeds = range(options.seed, options.seed + options.count)
    print(f"{options.count} conversations from seed {options.seed}", file=sys.stderr)
    seen, failures, started, told = Counter[str](), 0, time.monotonic(), 0.0
    for done, (counts, wrong) in enumerate(slices(seeds, options.jobs), 1):
        seen.update(counts)
        failures += len(wrong)
        for failure in wrong:
            print(f"\n{failure}\n", file=sys.stderr)
        seconds = time.monotonic() - started
        if seconds - told > 10:
            told = seconds
            print(
                _line(min(done * SLICE, len(seeds)), len(seeds), failures, seconds),
                file=sys.stderr,
            )
        if failures >= options.most_failures:
            break
    _tell(seen, failures, options.seed, time.monotonic() - started)
    return int(failures > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.backends.html.same_meaning",
        description="Random conversations with A2UI and HTML beside each other.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cores = os.cpu_count() or 1
    parser.add_argument("--count", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--jobs", type=int, default=cores, help=f"processes ({cores})")
    parser.add_argument("--most-failures", type=int, default=5, help="stop after so many (5)")
    return parser


def _line(done: int, total: int, failures: int, seconds: float) -> str:
    left = seconds / done * (total - done)
    filled = "#" * (30 * done // total)
    told = f"{failures} failures, {seconds:.0f} s, about {left:.0f} s left"
    return f"[{filled:<30}] {done} of {total}, {told}"


def _tell(seen: Counter[str], failures: int, first: int, seconds: float) -> None:
    print(f"same meaning, from seed {first}, in {seconds:.0f} s")
    for name, count in sorted(seen.items()):
        print(f"  {count:>10,} {name}")
    unused = sorted(row for row in ROWS if not seen[f"row {row}"])
    print(f"  {failures:>10,} differences that no row explains")
    print(f"rows that were not met: {', '.join(unused) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
