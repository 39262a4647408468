"""What does a conversation cost that waits, and do many, or threads, get in each other's way?

python -m benchmarks.conversations [--count 10000]
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import statistics
import sys
import sysconfig
import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks import arguments
from benchmarks.figures import Figure, Section, number
from benchmarks.memory import elsewhere, rss_mb
from uicompiler.app import UIApp
from uicompiler.cli.bench_measure import bench_app, clock, progress
from uicompiler.cli.bench_shapes import envelope
from uicompiler.compiler import compile as compile_turn
from uicompiler.ir.state import UIState

FIELDS = 20
COUNT = 10_000
IDLE = 200
THREADS = (1, 2, 4)
THREAD_TURNS = 400
ROUNDS = 5


def form() -> str:
    """A model's answer with a form of twenty fields."""
    fields = [{"id": f"f{index}", "label": f"Field {index}"} for index in range(FIELDS)]
    return envelope([{"type": "ui.show_form", "payload": {"title": "Guest", "fields": fields}}])


def patch(count: int) -> list[dict[str, Any]]:
    """One field of it gets another value."""
    op = {"op": "set", "path": f"/draft/f{count % FIELDS}", "value": f"Value {count}"}
    return [{"type": "ui.patch", "payload": {"ops": [op]}}]


# --- idle -----------------------------------------------------------------------------------------


def idle_bytes(make: Callable[[int], UIState]) -> float:
    """Bytes that one state takes in memory, of many made alike."""
    make(0)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    states = [make(index) for index in range(1, IDLE + 1)]
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return grown / len(states)


def idle(app: UIApp) -> dict[str, float]:
    """Kilobytes of a waiting conversation, by what happened in it before."""

    def shown(_index: int) -> UIState:
        return compile_turn(form(), app=app).state

    def updated(index: int) -> UIState:
        return compile_turn(patch(index), app=app, state=shown(index)).state

    def stored(index: int) -> UIState:
        return UIState.from_json(updated(index).to_json())

    made = {"first render": shown, "an update": updated, "read from JSON": stored}
    found = {name: idle_bytes(make) / 1000 for name, make in made.items()}
    return {**found, "as JSON": len(updated(1).to_json()) / 1000}


# --- ten thousand at a time -----------------------------------------------------------------------


def alive(count: int) -> dict[str, float]:
    """Many conversations in one process: memory, and the time of a turn of each in turn."""
    app, text = bench_app(), form()
    compile_turn(text, app=app)
    empty = rss_mb()
    few = [compile_turn(text, app=app).state for _ in range(IDLE)]
    alone = _round(app, few)
    states: list[UIState] = []
    for index in range(count):
        if index % 100 == 0:
            progress(f"conversation {index} of {count}")
        states.append(compile_turn(text, app=app).state)
    progress("")
    gc.collect()
    shown = rss_mb()
    among = _round(app, states)
    gc.collect()
    return {
        "kb": (shown - empty) * 1024 / count,
        "kb_after": (rss_mb() - empty) * 1024 / count,
        "alone_us": alone,
        "among_us": among,
    }


def _round(app: UIApp, states: list[UIState]) -> float:
    """A turn of every conversation; microseconds of one, the median."""
    took = []
    for index, state in enumerate(states):
        start = clock()
        states[index] = compile_turn(patch(index), app=app, state=state).state
        took.append(clock() - start)
    return statistics.median(took) * 1e6


# --- threads --------------------------------------------------------------------------------------


def worked(app: UIApp, count: int) -> str:
    """A conversation of so many turns; a digest of all that went out."""
    digest = hashlib.sha256()
    result = compile_turn(form(), app=app)
    digest.update(result.jsonl())
    for number_ in range(count):
        result = compile_turn(patch(number_), app=app, state=result.state)
        digest.update(result.jsonl())
    return digest.hexdigest()


def in_threads(app: UIApp, threads: int) -> tuple[float, float, set[str]]:
    """The same work on so many threads: seconds, processor seconds, digests."""
    count = THREAD_TURNS // threads
    start, began = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        digests = set(pool.map(lambda _: worked(app, count), range(threads)))
    return time.perf_counter() - start, time.process_time() - began, digests


def threaded(app: UIApp) -> list[tuple[int, float, float]]:
    """By threads: wall and processor time, in those of one thread, medians of rounds."""
    expected = {threads: {worked(app, THREAD_TURNS // threads)} for threads in THREADS}
    samples: dict[int, list[tuple[float, float]]] = {threads: [] for threads in THREADS}
    for _ in range(ROUNDS):
        gc.collect()
        one = in_threads(app, 1)
        for threads in THREADS:
            wall, spent, digests = one if threads == 1 else in_threads(app, threads)
            if digests != expected[threads]:
                raise AssertionError(f"{threads} threads came to other bytes")
            samples[threads].append((wall / one[0], spent / one[1]))
    return [
        (threads, statistics.median(w for w, _ in found), statistics.median(s for _, s in found))
        for threads, found in samples.items()
    ]


# --- the page -------------------------------------------------------------------------------------


def measure(count: int = COUNT) -> list[Section]:
    """Three sections."""
    app = bench_app()
    return [_idle(app), _alive(count), _threads(app)]


def _idle(app: UIApp) -> Section:
    found = idle(app)
    rows = [[name, number(kilobytes)] for name, kilobytes in found.items()]
    text = (
        f"A form of {FIELDS} fields, what `tracemalloc` says of {IDLE} states. A surface this "
        "small keeps nothing for the next turn; one of 64 components and more does, until its "
        "state is read from JSON."
    )
    figures = [
        Figure("conversation, idle: kB after a first render", found["first render"]),
        Figure("conversation, idle: in memory ÷ as JSON", found["an update"] / found["as JSON"]),
    ]
    return Section("A conversation that waits", text, ["after", "kB"], rows, figures)


def _alive(count: int) -> Section:
    found = elsewhere("benchmarks.conversations", "--alive", str(count))
    rows = [
        ["resident memory, kB each", number(found["kb"])],
        ["… after a turn of each", number(found["kb_after"])],
        ["a turn, µs", number(found["among_us"])],
        [f"… among {IDLE} conversations", number(found["alone_us"])],
    ]
    figures = [
        Figure(
            f"conversations, {count}: a turn ÷ among {IDLE}", found["among_us"] / found["alone_us"]
        )
    ]
    text = f"{count} conversations with that form in one process, and a patch of a field in each."
    return Section("Many conversations at a time", text, ["", ""], rows, figures)


def _threads(app: UIApp) -> Section:
    found = threaded(app)
    rows = [[str(threads), f"{wall:.2f}", f"{spent:.2f}"] for threads, wall, spent in found]
    text = (
        f"{THREAD_TURNS} turns shared out among threads, each with a conversation of its own, all "
        "with one app; the bytes are compared with those of one thread. Under a global interpreter "
        "lock the best there can be is 1."
    )
    figures = [
        Figure(f"threads, {threads}: processor time ÷ one thread", spent, 1.25)
        for threads, _, spent in found
        if threads > 1
    ]
    notes = [] if free_threaded() else [NOT_FREE]
    head = ["threads", "wall ÷ one thread", "processor ÷ one thread"]
    return Section("Threads", text, head, rows, figures, notes)


NOT_FREE = (
    "NOT MEASURED: a free-threaded Python. This one has a global interpreter lock; run "
    "`python -m benchmarks.conversations` with a free-threaded one where orjson has a wheel for it."
)


def free_threaded() -> bool:
    """Whether threads of this Python really run at the same time."""
    return (
        bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
        and not getattr(sys, "_is_gil_enabled", lambda: True)()
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = arguments.parser("conversations", __doc__)
    parser.add_argument(
        "--count", type=arguments.count, default=COUNT, help="conversations (%(default)s)"
    )
    parser.add_argument("--alive", type=int, metavar="COUNT", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.alive is not None:
        print(json.dumps(alive(args.alive)))
        return
    for section in measure(args.count):
        print(section.markdown())


if __name__ == "__main__":
    main()
