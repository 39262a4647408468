"""How fast a long conversation opens, beside a fold of all of it; how many commits a log takes.

    python -m benchmarks.store --events 100000
    python -m benchmarks.store --postgres postgresql://…

One conversation is recorded in an SQLite file: an action an entry, each with its handler's outcome
and a batch. Opening it is what the host does: open the file, read the head, make the state of it.
Folding is replaying every record since the beginning. Exit status 1 when opening takes more than
1 % of folding.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import arguments
from clientsim import ClientSim
from uicompiler import (
    Action,
    Outcome,
    PatchOp,
    StateView,
    TurnContext,
    UIApp,
    UIState,
    dispatch,
    replay,
)
from uicompiler import compile as compile_turn
from uicompiler.app import Receipt
from uicompiler.conversation import meta_record, state_record, step_records, turn_records
from uicompiler.host.conversations.conversation import MAX_RECEIPTS, Conversation
from uicompiler.host.conversations.kept import from_kept, to_kept
from uicompiler.store.log import Commit, Head
from uicompiler.store.open import open_log
from uicompiler.store.sql import SqlLog
from uicompiler.store.verification import verify

TARGET = 0.01
OPENINGS = 21
COMMITS = 2_000
CHUNK = 1_000
"""Entries that are folded in one go; the state is handed on, so that memory stays bounded."""

ID, NOW = "bench", "2026-01-01T00:00:00Z"
FORM = {
    "type": "ui.show_form",
    "payload": {"title": "Guest", "fields": [{"id": "name", "label": "Name"}]},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Record, open, fold, compare."""
    args = _arguments(argv)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        recorded = timed(lambda: record(path, args.events))
        size = path.stat().st_size
        print(f"recorded {args.events} events in {recorded:.1f} s, {size / 1e6:.0f} MB")
        opening = statistics.median(timed(lambda: opened(path)) for _ in range(OPENINGS))
        state = opened(path).state
        folding = timed(lambda: fold(path, args.events, state))
        ratio = opening / folding
        print(f"opens in {opening * 1000:.2f} ms, folds in {folding:.2f} s")
        print(f"opening / folding: {ratio:.5%} (at most {TARGET:.0%})")
        if args.verify:
            print(f"verifies in {timed(lambda: verified(path)):.1f} s")
        for name, log in logs(Path(folder), args.postgres):
            print(f"commits a second, {name}: {commits(log):.0f}")
            log.close()
    return int(ratio >= TARGET)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = arguments.parser("store", __doc__)
    parser.add_argument(
        "--events", type=arguments.count, default=5_000, help="actions (%(default)s)"
    )
    parser.add_argument("--postgres", metavar="URL", help="measure commits there as well")
    parser.add_argument("--verify", action="store_true", help="verify what was recorded, too")
    return parser.parse_args(argv)


def timed(do: Callable[[], object]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def progress(what: str, done: int, whole: int) -> None:
    """Tell how far it is, to whoever watches."""
    if sys.stderr.isatty() or done % (10 * CHUNK) == 0:
        print(
            f"{what}: {done} of {whole}", end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr
        )


# --- recording ------------------------------------------------------------------------------------


def counting() -> UIApp:
    """An app that counts whoever is entered, and shows the count."""
    app = UIApp("bench", inline_form_action="count")

    @app.action("count")
    def count(action: Action, view: StateView) -> Outcome:
        done = view.get("/committed/count", default=0) + 1
        title = f"{action.context['name']} is guest {done}"
        shown = {"type": "ui.show_result", "payload": {"surface": "done", "title": title}}
        return Outcome([PatchOp("set", "/committed/count", done)], [shown])

    return app


@dataclass
class Recorder:
    """A conversation that goes on as a host's would."""

    log: SqlLog
    app: UIApp
    conversation: Conversation
    head: Head

    def commit(self, now: Conversation, records: Sequence[Mapping[str, Any]]) -> None:
        """Commit a turn."""
        made = Commit(NOW, records, to_kept(now), now.state.hash, now.turns)
        self.head = self.log.append(ID, made, expected=self.head)
        self.conversation = now

    def turn(self, key: str | None = None) -> TurnContext:
        """The context of the next turn."""
        number = self.conversation.turns + 1
        seen = dict(self.conversation.receipts)
        return TurnContext(ID, number, f"r{number}", NOW, None, idempotency_key=key, seen=seen)


def begun(log: SqlLog, app: UIApp) -> Recorder:
    """A conversation in which nothing has happened."""
    empty = Conversation(ID, "0" * 64, UIState(ID), protocol="a2ui-v0.8", app=app.hash, seq=1)
    meta = [meta_record(app, conversation_id=ID)]
    head = log.begin(ID, Commit(NOW, meta, to_kept(empty), empty.state.hash, 0))
    return Recorder(log, app, empty, head)


def record(path: Path, events: int) -> None:
    """A conversation of so many actions, in a file."""
    app, log = counting(), open_log(str(path))
    recorder = begun(log, app)
    event = shown(recorder)
    for number in range(1, events + 1):
        press(recorder, event, number)
        progress("recording", number, events)
    log.close()


def shown(recorder: Recorder) -> Mapping[str, Any]:
    """Show the form; gives the event of its button."""
    turn = recorder.turn()
    source = {"assistant_text": "", "directives": [FORM]}
    result = compile_turn(source, app=recorder.app, state=recorder.conversation.state, turn=turn)
    recorder.commit(recorder.conversation.after(result), turn_records(source, result, turn))
    sim = ClientSim("web_core")
    for message in result.messages:
        sim.apply(message)
    button = next(str(node["id"]) for node in sim.nodes("main") if node["type"] == "Button")
    event: Mapping[str, Any] = sim.press("main", button, timestamp=NOW)
    return event


def press(recorder: Recorder, event: Mapping[str, Any], number: int) -> None:
    """One action, as a client would send it."""
    was, turn = recorder.conversation, recorder.turn(f"k{number}")
    action = event["userAction"]
    rev = was.state.surfaces["main"].rev
    sent = {
        "userAction": {
            **action,
            "context": {**action["context"], "name": f"guest {number}", "_rev": rev},
        }
    }
    step = dispatch(sent, state=was.state, app=recorder.app, turn=turn)
    if step.receipt is None or not step.ok:
        raise AssertionError(step.diagnostics)
    recorder.commit(was.after(step), step_records(sent, step, turn=turn, state=was.state))


# --- opening and folding --------------------------------------------------------------------------


def opened(path: Path) -> Conversation:
    """The conversation, from its head."""
    log = open_log(str(path))
    head = log.head(ID)
    if head is None:
        raise AssertionError("the conversation is gone")
    conversation = from_kept(head.kept, counting().nodes, head.seq)
    log.close()
    return conversation


def fold(path: Path, events: int, expected: UIState) -> None:
    """The conversation, from all of its records; it has to come to the same."""
    log, app = open_log(str(path)), counting()
    entries = log.entries(ID)
    known: list[Mapping[str, Any]] = []
    meta: Mapping[str, Any] = {}
    while chunk := list(islice(entries, CHUNK)):
        records = [record for entry in chunk for record in entry.records]
        meta = meta or records[0]
        result = replay.run([*known, *records], app, check=False)
        known = [
            meta,
            state_record(result.state, turn_index=chunk[-1].turn, receipts=newest(result)),
        ]
        progress("folding", chunk[-1].seq, events)
    log.close()
    if result.state.hash != expected.hash:
        raise AssertionError("the fold comes to another state")


def newest(result: replay.ReplayResult) -> list[Receipt]:
    """The receipts that a host would still have."""
    steps = (getattr(turn.result, "receipt", None) for turn in result.turns[-MAX_RECEIPTS:])
    return [receipt for receipt in steps if receipt is not None]


def verified(path: Path) -> None:
    """Look at every entry."""
    log = open_log(str(path))
    found = verify(log, ID).diagnostics
    log.close()
    if found:
        raise AssertionError(found)


# --- commits --------------------------------------------------------------------------------------


def logs(folder: Path, postgres: str | None) -> Iterator[tuple[str, SqlLog]]:
    """Each kind of log, empty."""
    yield "in memory", open_log("memory:")
    yield "SQLite", open_log(str(folder / "commits.db"))
    if postgres:
        yield "PostgreSQL", open_log(postgres)


def commits(log: SqlLog) -> float:
    """Commits a second of one writer, of what an action of the conversation above is."""
    name = f"commits-{os.getpid()}"
    recorder = begun(open_log("memory:"), counting())
    event = shown(recorder)
    press(recorder, event, 1)
    (*_, entry), kept = recorder.log.entries(ID), recorder.head.kept
    made = Commit(NOW, entry.records, kept, entry.state, 1)
    head = log.begin(name, made)

    def write() -> None:
        nonlocal head
        for _ in range(COMMITS):
            head = log.append(name, made, expected=head)

    seconds = timed(write)
    log.delete(name)
    return COMMITS / seconds


if __name__ == "__main__":
    sys.exit(main())
