"""Official clients take the same streams, and differ in nothing but what the table has a row for.

A stream of `streams.py` is shown to all three as it is, which tells how often they part ways, and
then rewritten by the rows of `disagreements.py`, after which they must agree after every message.
What still differs is cut down and reported. A row counts for each stream that it rewrote.
"""

from __future__ import annotations

import json
from typing import Any

from tests.official.bridge import OfficialClient
from tests.official.common_form import in_common_form
from tests.official.disagreements import ROWS
from tests.official.streams import stream
from tests.official.three_clients import watch

from .shrink import shrunk, shrunk_json
from .tally import Tally


def run(seeds: range, official: OfficialClient) -> Tally:
    """The streams of some seeds."""
    tally = Tally()
    for seed in seeds:
        _one(seed, stream(seed), official, tally)
    return tally


def _one(seed: int, messages: list[Any], official: OfficialClient, tally: Tally) -> None:
    different = sum(seen.difference() is not None for seen in watch(official, messages))
    told = in_common_form(official, messages, ROWS)
    tally.counts.update(streams=1, messages=len(messages), differences=different)
    tally.counts.update(agreements=len(messages) - different)
    tally.counts["rewritten messages"] += told.messages
    tally.counts.update(f"streams with {name}" for name in told.rows)
    if told.difference is not None:
        tally.failures.append(report(official, seed, messages))


def report(official: OfficialClient, seed: int, messages: list[Any]) -> str:
    """A stream that no rows explain, cut down, with what to run to see it whole."""

    def fails(shorter: list[Any]) -> bool:
        return in_common_form(official, shorter, ROWS).difference is not None

    smallest = shrunk_json(shrunk(messages, fails), fails)
    told = in_common_form(official, smallest, ROWS)
    lines = [json.dumps(message, ensure_ascii=False) for message in smallest]
    again = f"python -m tests.official.fuzz clients --seed {seed} --count 1"
    return "\n".join(
        [f"seed {seed}: {told.difference}", f"rows: {told.rows}", *lines, f"again: {again}"]
    )
