"""What does a turn cost that changes little on a large surface?

    python -m benchmarks.turns [--size 10000] [--update diff]

The surface is the reference screen with a list of rows below it. Each change is made on a state
that was compiled for it in the same round, and once more on the state that came of that, as the
next turn of the conversation; both are held against the full compile from the model's text.
"""

from __future__ import annotations

import copy
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks import arguments
from benchmarks.figures import Figure, Section, number
from uicompiler.app import Action, Outcome, StateView, UIApp, Update
from uicompiler.cli.bench_measure import Watch, bench_app, progress, settled
from uicompiler.cli.bench_shapes import composed, envelope, section
from uicompiler.compiler import CompileResult
from uicompiler.compiler import compile as compile_turn
from uicompiler.dispatcher import dispatch
from uicompiler.ir.changes import PatchOp
from uicompiler.ir.state import UIState

SIZE = 10_000
ROUNDS = 5
COUNTS = (1, 10, 100, 1_000)
MOST = 0.02
MOST_KB = 1.0
NOW = "2026-01-01T00:00:00Z"

Turn = Callable[[UIState, int], CompileResult]
"""A turn on a state; the number makes it another change each time."""


@dataclass
class Change:
    """One kind of turn, and what was measured of it."""

    name: str
    turn: Turn
    shares: list[float] = field(default_factory=list)
    next_shares: list[float] = field(default_factory=list)
    us: list[float] = field(default_factory=list)
    first_sent: tuple[int, int] = (0, 0)
    next_sent: tuple[int, int] = (0, 0)

    @property
    def most_bytes(self) -> int:
        """Of the two turns."""
        return max(self.first_sent[0], self.next_sent[0])


def counting() -> UIApp:
    """The app of all benchmarks, with an action that counts."""
    app = bench_app()

    @app.action("submit")
    def submit(action: Action, view: StateView) -> Outcome:
        count = view.get("/committed/count", default=0) + 1
        return Outcome([PatchOp("set", "/committed/count", count)])

    return app


def screen(size: int) -> list[dict[str, Any]]:
    """The reference screen, a counter and a list of rows."""
    directives = composed(size)
    guests = {
        "node": "rows",
        "id": "guests",
        "label": "Guests",
        "min_rows": 5,
        "columns": [{"id": "name", "label": "Name"}],
    }
    counter = {"node": "text", "bind": "/committed/count"}
    directives[0]["payload"]["root"]["children"].extend([counter, guests])
    return directives


def changes(app: UIApp, size: int, update: Update) -> list[Change]:
    """Every kind of turn; of many changes, those spread over the whole surface."""
    cards = len(screen(size)[0]["payload"]["root"]["children"]) - 2

    def asked(directive: Mapping[str, Any], state: UIState) -> CompileResult:
        return compile_turn([directive], app=app, state=state, update=update)

    def patched(path: str, count: int) -> Turn:
        def turn(state: UIState, number: int) -> CompileResult:
            ops = [
                {"op": "set", "path": path.format(index), "value": f"Value {number} of {index}"}
                for index in range(0, count * (cards // count), cards // count)
            ]
            return asked({"type": "ui.patch", "payload": {"ops": ops}}, state)

        return turn

    def row(state: UIState, number: int) -> CompileResult:
        op = {"op": "append", "path": "/draft/guests", "value": {"name": f"Guest {number}"}}
        return asked({"type": "ui.patch", "payload": {"ops": [op]}}, state)

    def card(state: UIState, number: int) -> CompileResult:
        (shown,) = copy.deepcopy(screen(size))
        other = section(0)
        other["children"] += [{"node": "text", "text": "More"}] * (1 + number % 2)
        shown["payload"]["root"]["children"][0] = other
        del shown["payload"]["values"]  # what was typed stays
        return asked(shown, state)

    def press(state: UIState, number: int) -> CompileResult:
        return dispatch(event(state, number), state=state, app=app)

    return [
        *(
            Change(f"{count} {_plural(what, count)}", patched(path, count))
            for what, path in (
                ("leaf", "/ui_state/s{}_title"),
                ("field", "/draft/s{}_name"),
            )
            for count in COUNTS
            if count <= cards
        ),
        Change("an action that commits one leaf", press),
        Change("append a row", row),
        Change("show the view with another card", card),
    ]


def _plural(what: str, count: int) -> str:
    return what if count == 1 else {"leaf": "leaves"}.get(what, f"{what}s")


def event(state: UIState, number: int) -> dict[str, Any]:
    """A press of the first card's button."""
    surface = state.surfaces["main"]
    return {
        "userAction": {
            "name": "submit",
            "surfaceId": "main",
            "sourceComponentId": "ui--root--0--3--Button",
            "timestamp": NOW.replace("00Z", f"{number % 60:02}Z"),
            "context": {"section": "s0", "form": "account", "_rev": surface.rev},
        }
    }


def measure(
    size: int = SIZE,
    rounds: int = ROUNDS,
    update: Update = "auto",
    only: Sequence[str] = (),
) -> list[Section]:
    """One section; `only` names the turns that are measured, () is all."""
    app = counting()
    text = envelope(screen(size))
    kinds = [item for item in changes(app, size, update) if not only or item.name in only]
    first = compile_turn(text, app=app)
    if not first.ok:
        raise AssertionError(first.diagnostics)
    cold = Change("1 leaf, on a state read from JSON", kinds[0].turn)
    with settled():
        for number in range(rounds):
            for item in kinds:
                progress(f"round {number + 1} of {rounds}: {item.name}, {update}")
                _sample(item, text, app, number)
            if not only:
                _sample(cold, text, app, number, stored=True)
    progress("")
    kinds += [] if only else [cold]
    return [_section(size, update, kinds, first)]


def _sample(item: Change, text: str, app: UIApp, number: int, *, stored: bool = False) -> None:
    watch = Watch()
    (state,) = watch.each("full", lambda told: compile_turn(told, app=app).state, [text])
    if stored:
        state = UIState.from_json(state.to_json())
    (done,) = watch.each("turn", lambda before: item.turn(before, 2 * number), [state])
    (after,) = watch.each("next", lambda before: item.turn(before, 2 * number + 1), [done.state])
    for result in (done, after):
        if not result.ok or not result.batches:
            raise AssertionError((item.name, result.diagnostics))
    took = watch.seconds
    item.shares.append(took["turn"] / took["full"])
    item.next_shares.append(took["next"] / took["full"])
    item.us.append(took["turn"] * 1e6)
    item.first_sent = (len(done.jsonl()), len(done.messages))
    item.next_sent = (len(after.jsonl()), len(after.messages))


def _section(size: int, update: Update, kinds: Sequence[Change], first: CompileResult) -> Section:
    median = statistics.median
    rows = [
        [
            item.name,
            number(median(item.us)),
            f"{median(item.shares):.2%}",
            *map(str, item.first_sent),
            f"{median(item.next_shares):.2%}",
            *map(str, item.next_sent),
        ]
        for item in kinds
    ]
    rows.append(
        ["the full compile", "", "100%", str(len(first.jsonl())), str(len(first.messages))]
        + [""] * 3
    )
    figures, turn = [], "turn" if update == "auto" else f"turn ({update})"
    for item in kinds:
        small = item.name in ("1 leaf", "1 field")
        share = median([*item.shares, *item.next_shares])
        figures.append(
            Figure(f"{turn}, {item.name} ÷ full compile", share, MOST if small else None)
        )
        if small:
            figures.append(Figure(f"{turn}, {item.name}: kB", item.most_bytes / 1000, MOST_KB))
    text = (
        f"On {size} components, `update={update!r}`; shares are of the full compile from text in "
        "the same round, of the first turn after it (with its µs) and of the next. A view with "
        "another card is asked for as a model would, as a whole, which has to be read first. What "
        "the action commits is a text of the root that was empty before, so that the first press "
        "adds a component to it, and all that is in the root goes out with it."
    )
    head = ["changed", "µs", "first turn", "bytes", "messages", "next turn", "bytes", "messages"]
    return Section(f"Turns on a large surface, {update}", text, head, rows, figures)


def main() -> None:
    """Measure and print."""
    parser = arguments.parser("turns", __doc__)
    parser.add_argument(
        "--size", type=arguments.count, default=SIZE, help="components (%(default)s)"
    )
    parser.add_argument("--rounds", type=arguments.count, default=ROUNDS, help="(%(default)s)")
    parser.add_argument("--update", choices=("auto", "full", "diff"), default="auto")
    args = parser.parse_args()
    for item in measure(args.size, args.rounds, args.update):
        print(item.markdown())


if __name__ == "__main__":
    main()
