"""How much memory does a large compile take, and does a long conversation leak?

python -m benchmarks.memory [--turns 100000]
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import arguments
from benchmarks.figures import Figure, Section, number
from benchmarks.turns import NOW
from uicompiler.app import Action, Outcome, StateView, UIApp
from uicompiler.cli.bench_measure import bench_app, progress
from uicompiler.cli.bench_shapes import SHAPES, composed, envelope
from uicompiler.compiler import CompileResult
from uicompiler.compiler import compile as compile_turn
from uicompiler.dispatcher import dispatch
from uicompiler.ir.changes import PatchOp
from uicompiler.ir.state import UIState

SIZE = 10_000
TURNS = 2_000
MOST_PEAK = 3.0
MOST_GROWTH = 0.01


def deep_size(value: Any, seen: set[int]) -> int:
    """Bytes of a JSON value as Python objects; what is shared counts once."""
    size, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        size += sys.getsizeof(item)
        if isinstance(item, Mapping):
            waiting.extend(itertools.chain(item, item.values()))
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
    return size


def peak(shape: str, size: int) -> dict[str, float]:
    """Megabytes of compiling a screen at their most, of its messages, and of what stays."""
    app, text = bench_app(), envelope(SHAPES[shape](size))
    compile_turn(envelope(SHAPES[shape](10)), app=app)  # what is made once is there
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = compile_turn(text, app=app)
    most = tracemalloc.get_traced_memory()[1] - before
    messages = deep_size(list(result.messages), set())
    state = result.state
    del result
    gc.collect()
    stays = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    stored = len(state.to_json())
    told = {"peak": most, "messages": messages, "state": stays, "stored": stored}
    return {name: value / 1e6 for name, value in told.items()}


# --- a long conversation --------------------------------------------------------------------------


def rss_mb() -> float:
    """Resident memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(item for item in status.read_text().splitlines() if item.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    import resource  # where there is no /proc, the most so far is known at least

    scale = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def talking() -> UIApp:
    """An app with an action that commits and shows."""
    app = bench_app()

    @app.action("submit")
    def submit(action: Action, view: StateView) -> Outcome:
        count = (view.get("/committed/count", default=0) + 1) % 1_000
        shown = {"type": "ui.show_result", "payload": {"surface": "done", "title": f"No. {count}"}}
        return Outcome([PatchOp("set", "/committed/count", count)], [shown])

    return app


def conversation(app: UIApp) -> Iterator[UIState]:
    """Turn after turn of every kind, on one small screen, without an end."""
    views = [{"type": "ui.show_view", "payload": composed(size)[0]["payload"]} for size in (40, 60)]
    state = compile_turn([views[0]], app=app).state
    for count in itertools.count():
        text = f"Value {count % 1_000}"
        kind = count % 6
        if kind == 5:
            result: CompileResult = dispatch(_press(state), state=state, app=app)
        else:
            directives: list[dict[str, Any]] = [
                {"type": "ui.close", "payload": {"surface": "done"}},
                _patch("/ui_state/s0_title", text),
                _patch("/draft/s1_name", text),
                views[count // 6 % 2],
                {"type": "ui.toast", "payload": {"text": text}},
            ]
            result = compile_turn([directives[kind]], app=app, state=state)
        if not result.ok and count:  # at first there is nothing to close
            raise AssertionError(result.diagnostics)
        state = result.state
        yield state


def _patch(path: str, value: str) -> dict[str, Any]:
    return {"type": "ui.patch", "payload": {"ops": [{"op": "set", "path": path, "value": value}]}}


def _press(state: UIState) -> dict[str, Any]:
    action = {
        "name": "submit",
        "surfaceId": "main",
        "sourceComponentId": "ui--root--0--3--Button",
        "timestamp": NOW,
        "context": {"section": "s0", "form": "account", "_rev": state.surfaces["main"].rev},
    }
    return {"userAction": action}


def rss_over(turns: int) -> dict[str, float]:
    """Resident memory after the first tenth of so many turns, and after all of them."""
    begin = max(1, turns // 10)
    states = conversation(talking())
    for _ in itertools.islice(states, begin):
        pass
    gc.collect()
    before = rss_mb()
    for done, _ in enumerate(itertools.islice(states, turns - begin), start=begin):
        if done % 100 == 0:
            progress(f"turn {done} of {turns}")
    progress("")
    gc.collect()
    return {"before": before, "after": rss_mb()}


def elsewhere(*arguments: str) -> dict[str, float]:
    """What a module of this folder prints as JSON, run in a process of its own."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(size: int = SIZE, turns: int = TURNS, *, quick: bool = False) -> list[Section]:
    """Two sections; quick is the first."""
    return [_peaks(size, ("composed",) if quick else tuple(SHAPES))] + (
        [] if quick else [_long(turns)]
    )


def _peaks(size: int, shapes: tuple[str, ...]) -> Section:
    rows, figures = [], []
    for shape in shapes:
        found = peak(shape, size)
        times = found["peak"] / found["messages"]
        rows.append([shape, *map(number, found.values()), number(times)])
        bound = MOST_PEAK if shape == "composed" else None
        figures.append(Figure(f"memory, {shape}, {size}: peak ÷ messages", times, bound))
    text = (
        f"`tracemalloc` over one compile of {size} components from text: the most there was at a "
        "time, its result included; the messages as Python objects, shared ones once; the state "
        "that a host keeps in memory; and that state as JSON."
    )
    head = ["MB", "peak", "messages", "state", "state, stored", "peak ÷ messages"]
    return Section("Memory of a large compile", text, head, rows, figures)


def _long(turns: int) -> Section:
    found = elsewhere("benchmarks.memory", "--rss", str(turns))
    grown = found["after"] / found["before"] - 1
    text = (
        "One conversation in a process of its own, with patches of leaves and fields, views shown "
        "again, actions, results that come and go, toasts: resident memory after a tenth of its "
        "turns, and after all. The target is about 100 000 turns (`--turns 100000`)."
    )
    row = [str(turns), number(found["before"]), number(found["after"]), f"{grown:.2%}"]
    name = f"memory: RSS after {turns} turns ÷ after a tenth"
    figure = Figure(name, 1 + grown, 1 + MOST_GROWTH, portable=False)
    return Section(
        "Memory of a long conversation", text, ["turns", "MB", "MB", "grown"], [row], [figure]
    )


def main() -> None:
    """Measure and print."""
    parser = arguments.parser("memory", __doc__)
    parser.add_argument("--turns", type=arguments.count, default=TURNS, help="(%(default)s)")
    parser.add_argument(
        "--size", type=arguments.count, default=SIZE, help="components (%(default)s)"
    )
    parser.add_argument("--rss", type=int, metavar="TURNS", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.rss is not None:
        print(json.dumps(rss_over(args.rss)))
        return
    for section in measure(args.size, args.turns):
        print(section.markdown())


if __name__ == "__main__":
    main()
