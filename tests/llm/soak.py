"""The soak: many thousand turns of simulated models, hostile output and faults, none of which may
send A2UI that breaks a rule, raise, or fail without a code.

    python -m tests.llm.soak --turns 50000

Most turns run in process; every fiftieth conversation goes over HTTP, through the real litellm.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.llm.soaking.conversations import TURNS, conversation
from tests.llm.soaking.playing import Counted, Soak
from uicompiler.evals.sim.server import SimServer

_HTTP_EVERY = 50
_TOLD_EVERY_S = 20.0


def soak(turns: int, seed: int, *, http_every: int = _HTTP_EVERY) -> list[Counted]:
    """Play so many turns; gives what was counted in process, and over HTTP."""
    began = told = time.monotonic()
    with SimServer() as server:
        inside, outside = Soak(), Soak(server)
        number = done = 0
        while done < turns:
            chosen = outside if http_every and number % http_every == http_every - 1 else inside
            chosen.play(conversation(seed, number), min(TURNS, turns - done))
            number += 1
            done = inside.counted.all_turns + outside.counted.all_turns
            if time.monotonic() - told > _TOLD_EVERY_S:
                told = time.monotonic()
                faults = len(inside.counted.faults) + len(outside.counted.faults)
                print(f"{done} turns, {told - began:.0f} s, {faults} faults", file=sys.stderr)
    return [inside.counted, outside.counted]


def main(argv: list[str] | None = None) -> int:
    """Run the soak and print what was counted; 1 when anything was that must not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.llm.soak")
    parser.add_argument("--turns", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--http-every", type=int, default=_HTTP_EVERY, metavar="N")
    options = parser.parse_args(argv)
    began = time.monotonic()
    counts = soak(options.turns, options.seed, http_every=options.http_every)
    print(_report(counts, time.monotonic() - began))
    return 1 if any(counted.faults for counted in counts) else 0


def _report(counts: list[Counted], seconds: float) -> str:
    turns = sum(counted.all_turns for counted in counts)
    kinds: Counter[str] = sum((counted.turns for counted in counts), Counter())
    ended: Counter[str] = sum((counted.ended for counted in counts), Counter())
    invalid = [item for counted in counts for item in counted.invalid]
    raised = [item for counted in counts for item in counted.raised]
    silent = [item for counted in counts for item in counted.silent]
    lines = [
        f"{turns} turns in {seconds:.0f} s: {len(invalid)} with invalid A2UI, "
        f"{len(raised)} that raised, {len(silent)} that failed without a code",
        f"sent A2UI: {sum(c.sent for c in counts)} turns, {sum(c.messages for c in counts)} "
        f"messages; calls: {sum(c.calls for c in counts)}",
        *(f"  {kind}: {count}" for kind, count in sorted(kinds.items())),
        "ended:",
        *(f"  {how}: {count}" for how, count in ended.most_common()),
        *invalid[:20],
        *raised[:20],
        *silent[:20],
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
