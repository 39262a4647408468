"""`python -m tests.metamorphic`: the proof at length, as a command."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from tests.official.bridge import Unavailable, ensure_node_modules
from tests.official.fuzz.runner import run
from tests.official.fuzz.tally import Tally
from tests.official.fuzz.workloads import UPDATES

EXAMPLES = """examples:
  python -m tests.metamorphic --turns 100000 --jobs 2
  python -m tests.metamorphic --turns 2000 --official-every 1     all on the official client too
  python -m tests.metamorphic --seed 4711 --turns 1               the conversations of one seed

What was stopped goes on from the seed that the last line of progress names. Status: 0 nothing
differs; 1 something does, and is printed, cut down; 2 it cannot be run
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and print what came of it; the last line on stdout, all else on stderr."""
    options = _parser().parse_args(arguments)
    os.environ["UICOMPILER_OFFICIAL_EVERY"] = str(options.official_every)
    try:
        ensure_node_modules()
    except Unavailable as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return 2
    seeds = UPDATES.seeds(options.seed, options.turns)
    told = _Told(seeds)
    tally = run(UPDATES, seeds, jobs=options.jobs, most_failures=options.most, progress=told)
    for name, count in sorted(tally.counts.items()):
        print(f"  {count:>12,} {name}", file=sys.stderr)
    turns, wrong, done = tally.counts["turns"], len(tally.failures), seeds[: told.done]
    where = f"seeds {done.start} to {done.stop - 1}"
    print(f"{turns} turns, {wrong} differences, {where}, {told.seconds:.0f} seconds")
    return int(bool(wrong))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.metamorphic",
        description=f"Random conversations. {UPDATES.claim}. Same seeds, same run.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--turns", type=int, default=2000, help="how many turns go out (2000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument(
        "--official-every",
        type=int,
        default=20,
        help="one seed in so many on the official client too; 0 for none (20)",
    )
    parser.add_argument("--most", type=int, default=5, help="stop after so many differences (5)")
    return parser


class _Told:
    """Progress on stderr: differences as they come, and a line now and then."""

    def __init__(self, seeds: range) -> None:
        self.seeds = seeds
        self.done = 0
        self.seconds = 0.0
        self._told = 0.0
        self._failures = 0

    def __call__(self, done: int, total: int, seconds: float, tally: Tally) -> None:
        self.done, self.seconds = done, seconds
        for failure in tally.failures[self._failures :]:
            print(f"\n{failure}\n", file=sys.stderr, flush=True)
        self._failures = len(tally.failures)
        if seconds - self._told < 20 and done < total:
            return
        self._told = seconds
        left = seconds / done * (total - done)
        print(
            f"{tally.counts['turns']} turns, {self._failures} differences, about {done} of {total} "
            f"seeds, {seconds:.0f} s, about {left:.0f} s left",
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    # Ended from outside, it ends its processes as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped")
