"""Cuts a long run into slices and spreads them over processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.official.fuzz.shrink import shrunk

from .walks import script_of, walk

SLICE = 10
"""Seeds that a process is handed at once."""

Slice = tuple[Counter[str], list[str]]


def slices(seeds: range, jobs: int) -> Iterable[Slice]:
    """What came of each slice of some seeds, in order, in so many processes."""
    parts = [seeds[at : at + SLICE] for at in range(0, len(seeds), SLICE)]
    if jobs == 1:
        yield from map(_slice, parts)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        try:
            yield from pool.map(_slice, parts)
        finally:
            pool.shutdown(cancel_futures=True)


def _slice(seeds: range) -> Slice:
    seen, wrong = Counter[str](), []
    for seed in seeds:
        found, why = walk(seed)
        seen.update(found.counts)
        seen["conversations"] += 1
        seen["steps"] += len(found.played)
        if why:
            wrong.append(report(seed, found.played))
    return seen, wrong


def report(seed: int, played: list[object]) -> str:
    """A failing conversation, cut down, with what to run to see it whole."""
    steps = shrunk(played, lambda shorter: bool(walk(seed, shorter)[1]))
    _, why = walk(seed, steps)
    templates = script_of(seed).templates
    named = {name: form for name, form in templates.items() if f"'{name}'" in str(steps)}
    again = f"python -m tests.backends.html.same_meaning --seed {seed} --count 1"
    return "\n".join([f"seed {seed}: {why}", *map(repr, steps), f"app: {named}", f"again: {again}"])
