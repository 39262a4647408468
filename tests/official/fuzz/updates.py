"""Whichever way surfaces are brought up to date, clients are the same (see `tests/metamorphic`).

One seed in `UICOMPILER_OFFICIAL_EVERY` is played on the official client as well, by default all.
"""

from __future__ import annotations

import os

from tests.metamorphic.play import in_threads, play, report
from tests.official.bridge import OfficialClient

from .tally import Tally

_THREADED_EVERY = 50
_THREADED = 4


def run(seeds: range, official: OfficialClient) -> Tally:
    """The conversations of some seeds; at the beginning of every fifty, some again in threads."""
    every = int(os.environ.get("UICOMPILER_OFFICIAL_EVERY", "1"))
    tally = Tally()
    digests = {}
    for seed in seeds:
        asked = official if every and seed % every == 0 else None
        played = play(seed, asked)
        tally.counts.update(played.counts)
        if played.wrong is None:
            digests[seed] = played.digests
        else:
            tally.failures.append(report(played.wrong, asked))
    again = [seed for seed in digests if seed % _THREADED_EVERY < _THREADED]
    try:
        in_threads(again, [digests[seed] for seed in again])
    except AssertionError as error:
        tally.failures.append(f"seeds {again}: {error}")
    tally.counts["seeds again in threads"] += len(again)
    return tally
