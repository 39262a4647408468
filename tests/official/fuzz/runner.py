"""Cuts a long run into slices, spreads them over processes, and adds up what they saw.

Seeds are handed out in order, so that the same command does the same work whatever the number of
processes. An official client that dies is a finding of the seed it died on.
"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor

from tests.official.bridge import BridgeError, OfficialClient

from .tally import Run, Tally
from .workloads import Workload

Progress = Callable[[int, int, float, Tally], None]
"""Told of seeds done, seeds in all, seconds since the start, and the sum so far."""

_client: OfficialClient | None = None


def run(
    workload: Workload, seeds: range, *, jobs: int, most_failures: int, progress: Progress
) -> Tally:
    """All slices of a run, or as many as it takes to fail often enough.

    Args:
        workload: What is run.
        seeds: Over which seeds.
        jobs: In how many processes; 1 stays in this one.
        most_failures: After how many failures nothing more is begun.
        progress: Told after every slice.
    """
    started, total, done = time.monotonic(), Tally(), 0
    slices = _slices(seeds, workload.slice)
    results = _alone(workload, slices) if jobs == 1 else _spread(workload, slices, jobs)
    for count, tally in results:
        total.add(tally)
        done += count
        progress(done, len(seeds), time.monotonic() - started, total)
        if len(total.failures) >= most_failures:
            results.close()
    return total


def _slices(seeds: range, size: int) -> Iterator[range]:
    for start in range(0, len(seeds), size):
        yield seeds[start : start + size]


Results = Iterator[tuple[int, Tally]]


def _alone(workload: Workload, slices: Iterator[range]) -> Results:
    with OfficialClient() as client:
        for part in slices:
            yield len(part), survived(workload.run(), part, client)


def _spread(workload: Workload, slices: Iterator[range], jobs: int) -> Results:
    """Two slices wait for every process, so that none is idle and stopping is quick."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, spawn, _start) as pool:
        waiting: dict[Future[Tally], int] = {}
        try:
            for part in slices:
                waiting[pool.submit(_slice, workload, part)] = len(part)
                while len(waiting) >= 2 * jobs:
                    yield from _finished(waiting)
            while waiting:
                yield from _finished(waiting)
        finally:
            pool.shutdown(cancel_futures=True)


def _finished(waiting: dict[Future[Tally], int]) -> Results:
    done, _ = concurrent.futures.wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        yield waiting.pop(future), future.result()


def _start() -> None:
    """A worker process has one official client, to the end."""
    global _client
    _client = OfficialClient()
    _client.start()


def _slice(workload: Workload, seeds: range) -> Tally:
    assert _client is not None, "the worker has started its client"
    return survived(workload.run(), seeds, _client)


def survived(run: Run, seeds: range, official: OfficialClient) -> Tally:
    """A slice; of seeds on which the official client died, one failure each."""
    try:
        if not official.alive:
            official.start()
        return run(seeds, official)
    except BridgeError as error:
        if len(seeds) == 1:
            return Tally(failures=[f"seed {seeds[0]}: {error}"])
    except Exception as error:
        error.add_note(f"while seeds {seeds[0]} to {seeds[-1]} ran")
        raise
    middle = len(seeds) // 2
    tally = Tally()
    for part in (seeds[:middle], seeds[middle:]):
        tally.add(survived(run, part, official))
    return tally
