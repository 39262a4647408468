"""Writes docs/official-clients.md: what the official clients were seen to do, and how often asked.

    python -m tests.official.report            write the page
    python -m tests.official.report --check    write nothing; 1 if the page is out of date

Same tables and same figures, same bytes. The figures of long runs come from `fuzz/runs.json`,
which `make fuzz FUZZ_ARGS=--record` keeps; all else from the tables that the tests hold true.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import disagreements
from .agreement import NOT_COMPARED
from .browser import keyboard, seen
from .fuzz import ledger
from .fuzz.features import FEATURES
from .fuzz.workloads import WORKLOADS, Workload
from .judges import JUDGES, ROOT, versions

PAGE = ROOT / "docs" / "official-clients.md"
MARK = "<!-- Written by tests/official/report.py. Change the tables, then run `make docs`. -->"


def page() -> str:
    """The whole page."""
    parts = (
        *(_head(), _versions(), _runs(), _streams(), _not_compared()),
        *(_section("Where official clients disagree with each other", disagreements.markdown()),),
        *(_section("What a person sees", seen.markdown()),),
        *(_section("With the keyboard alone", keyboard.markdown()),),
        _again(),
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def main() -> int:
    """Write the page, or with `--check` compare it."""
    text = page()
    current = PAGE.read_text("utf-8") if PAGE.is_file() else ""
    if sys.argv[1:] == ["--check"]:
        if current != text:
            print(f"docs/{PAGE.name} is out of date; run `make docs`", file=sys.stderr)
        return int(current != text)
    PAGE.write_text(text, "utf-8")
    print(f"docs/{PAGE.name}: {'as it was' if current == text else 'written'}")
    return 0


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body.strip()}"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    listed = [list(head), *(list(map(str, row)) for row in rows)]
    listed.insert(1, ["---"] * len(listed[0]))
    return "\n".join("| " + " | ".join(row) + " |" for row in listed)


# ---------------------------------------------------------------- parts


def _head() -> str:
    return f"""{MARK}

# What the official clients do

Whoever uses `uicompiler` sends to somebody else's client. This page tells what those clients were
seen to do with whole sequences of messages, how much of it is run on every commit and how much was
run at length, where they disagree with each other, and what a person in front of one sees. What is
done about it on the way out stands in [traps](a2ui-v0_8-traps.md) and
[components](components.md)."""


def _versions() -> str:
    pinned = versions()
    rows = [(f"`{name}`", pinned[name], what) for name, _, what in JUDGES]
    return _section("The judges", _table(("package", "version", "what it is asked"), rows))


def _runs() -> str:
    kept = ledger.runs()
    rows = [_run(row, kept[name]) for name, row in WORKLOADS.items() if name in kept]
    table = _table(("run", "what held", "how much", "seeds", "time"), rows)
    text = "The last long run of each kind. A run is kept here only if nothing in it differed."
    return _section("Long runs", f"{text}\n\n{table}")


def _run(workload: Workload, kept: Mapping[str, Any]) -> tuple[str, ...]:
    counts, first = kept["counts"], kept["first_seed"]
    last = first + len(workload.seeds(first, counts[workload.unit])) - 1
    amount = [f"{counts.get(name, 0):,} {name}" for name in workload.figures]
    minutes = f"{kept['seconds'] / 60:.0f} min"
    return (
        f"`make fuzz WHAT={workload.name}`",
        workload.claim,
        "<br>".join(amount),
        f"{first:,} to {last:,}",
        minutes,
    )


def _streams() -> str:
    counts = ledger.runs().get("streams", {"counts": {}})["counts"]
    rows = [(name, f"{counts.get(f'streams with {name}', 0):,}") for name in FEATURES]
    text = (
        "A third of the streams are valid, a third nearly valid, a third hostile; a user types\n"
        "and presses between the messages. After every message and every hand, ClientSim and the\n"
        "official processor must agree on whether it was taken, on root, styles, data model,\n"
        "resolved tree and data contexts, and at the end on what is on the screen."
    )
    return _section("What the streams hold", f"{text}\n\n{_table(('what', 'streams'), rows)}")


def _not_compared() -> str:
    rows = NOT_COMPARED.items()
    return _section("What ClientSim is not held to", _table(("what", "why"), rows))


def _again() -> str:
    return _section("See it again", "\n".join(_commands()))


def _commands() -> Iterator[str]:
    yield "Everything is seeded: the same command does the same work. Node 20, npm and Chromium are"
    yield "needed; what is missing is said with the way to install it.\n"
    for row in WORKLOADS.values():
        kept = ledger.runs().get(row.name, {"counts": {}})["counts"]
        yield f"    make fuzz WHAT={row.name} N={kept.get(row.unit, 1000)}"
    yield ""
    yield "A difference is printed as a few lines of JSON, cut down to what matters, with the"
    yield "command that shows it again. `FUZZ_ARGS=--record` keeps the figures for this page."


if __name__ == "__main__":
    sys.exit(main())
