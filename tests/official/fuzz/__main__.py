"""`python -m tests.official.fuzz`: long runs against the official clients, as a command."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from tests.official.bridge import Unavailable, ensure_node_modules
from tests.official.sdk import require_sdk

from . import ledger
from .runner import run
from .tally import Tally
from .workloads import RUNNABLE, WORKLOADS, Workload

EXAMPLES = """examples:
  python -m tests.official.fuzz streams --count 100000
  python -m tests.official.fuzz streams --seed 4711 --count 1      one stream again
  python -m tests.official.fuzz keystrokes --count 1000000 --record

status: 0 nothing differs; 1 something does, and is printed; 2 it cannot be run
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one workload and print what it saw; the sums on stdout, all else on stderr."""
    options = _parser().parse_args(arguments)
    workload = RUNNABLE[options.what]
    what = f"{workload.name}: {options.count} {workload.unit} from seed {options.seed}"
    print(f"{what}, {options.jobs} processes; the first run installs npm packages", file=sys.stderr)
    try:
        ensure_node_modules()
        if workload.needs_sdk:
            require_sdk()
    except Unavailable as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return 2
    bar = _Bar(workload)
    tally = run(
        workload,
        workload.seeds(options.seed, options.count),
        jobs=options.jobs,
        most_failures=options.most_failures,
        progress=bar,
    )
    bar.end()
    _tell(workload, tally, options.seed, bar.seconds)
    if options.record and workload.name in WORKLOADS and not tally.failures:
        kept = ledger.record(workload, tally, first_seed=options.seed, seconds=bar.seconds)
        print("kept" if kept else "not kept: a longer run is", file=sys.stderr)
    return int(bool(tally.failures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.official.fuzz",
        description="Long runs against the official clients. Same seeds, same run.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    about = "; ".join(f"{row.name}: {row.claim}" for row in RUNNABLE.values())
    parser.add_argument("what", choices=sorted(RUNNABLE), help=about)
    parser.add_argument("--count", type=_positive, default=1000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    cores = os.cpu_count() or 1
    parser.add_argument("--jobs", type=_positive, default=cores, help=f"processes ({cores})")
    parser.add_argument(
        "--most-failures", type=_positive, default=10, help="stop after so many (10)"
    )
    parser.add_argument(
        "--record", action="store_true", help="keep the figures for docs/official-clients.md"
    )
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} found, a number from 1 up expected")
    return value


class _Bar:
    """Progress on stderr: failures as they come, and a line that moves, or one now and then."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._told = 0.0
        self._failures = 0
        self.seconds = 0.0

    def __call__(self, done: int, total: int, seconds: float, tally: Tally) -> None:
        self.seconds = seconds
        for failure in tally.failures[self._failures :]:
            print(f"\n{failure}\n", file=sys.stderr)
        self._failures = len(tally.failures)
        terminal = sys.stderr.isatty()
        if seconds - self._told < (0.2 if terminal else 20) and done < total:
            return
        self._told = seconds
        left = seconds / done * (total - done)
        filled = "#" * (30 * done // total)
        line = (
            f"[{filled:<30}] {done * self._workload.per_seed} {self._workload.unit}, "
            f"{len(tally.failures)} failures, {seconds:.0f} s, about {left:.0f} s left"
        )
        print(
            f"\r{line}\x1b[K" if terminal else line, end="" if terminal else "\n", file=sys.stderr
        )

    def end(self) -> None:
        """Leave the line that moves."""
        if sys.stderr.isatty():
            print(file=sys.stderr)


def _tell(workload: Workload, tally: Tally, first: int, seconds: float) -> None:
    print(f"{workload.name} from seed {first} in {seconds:.0f} s")
    for name, count in sorted(tally.counts.items()):
        print(f"  {count:>12,} {name}")
    print(f"  {len(tally.failures):>12,} unexplained differences")


if __name__ == "__main__":
    # Ended from outside, it ends its processes as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped; nothing was kept")
