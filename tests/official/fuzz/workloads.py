"""The long runs there are: a new one is a module with `run` and a row here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .tally import Run


@dataclass(frozen=True)
class Workload:
    """One kind of long run.

    Attributes:
        name: What the command calls it.
        module: Where its `run` stands, beside this file.
        unit: What it counts, and what `--count` is a number of.
        per_seed: How many of these one seed gives.
        slice: How many seeds a worker takes at a time.
        claim: What holds if nothing differs.
        needs_sdk: Whether the official Python packages are asked too.
        figures: Which of its counts the report quotes.
    """

    name: str
    module: str
    unit: str
    per_seed: int
    slice: int
    claim: str
    needs_sdk: bool = False
    figures: tuple[str, ...] = ()

    def run(self) -> Run:
        """The function; imported when it is needed."""
        module: Any = importlib.import_module(f"{__package__}.{self.module}")
        found: Run = module.run
        return found

    def seeds(self, first: int, count: int) -> range:
        """The seeds for so many units, rounded up to whole seeds."""
        return range(first, first + -(-count // self.per_seed))


_ROWS = (
    Workload(
        "streams",
        "sim_streams",
        "streams",
        1,
        50,
        "ClientSim (web_core) and the official processor agree after every message and every hand",
        False,
        ("streams", "messages", "refusals", "hands", "screens", "screens not compared"),
    ),
    Workload(
        "clients",
        "official_clients",
        "streams",
        1,
        20,
        "official clients disagree with each other only as the table below says",
        True,
        ("streams", "messages", "agreements", "differences"),
    ),
    Workload(
        "conversations",
        "conversations",
        "conversations",
        1,
        20,
        "compiled conversations of at least 5 turns: nothing refused, and exactly what the IR says",
        True,
        ("conversations", "turns", "messages", "screens", "actions", "edits", "unrepresentable"),
    ),
    Workload(
        "keystrokes",
        "keystrokes",
        "steps",
        500,
        1,
        "no keystroke is lost, whatever edits, turns, retries and cut lines do; but a turn that "
        "was cut in its middle and comes again writes what it wrote, over later typing too",
        False,
        (
            *("steps", "edits", "presses", "messages", "retry steps", "torn turns"),
            *("reload steps", "turns that landed on a newer state"),
            "inputs that a torn turn wrote again",
        ),
    ),
)

UPDATES = Workload(
    "updates",
    "updates",
    "turns",
    50,
    5,
    "surfaces updated in full, by differences or by choice, from states that were kept or stored: "
    "the same clients, the same states, and no more bytes than in full",
    False,
    ("turns", "official turns", "surfaces compared", "turns from JSON", "turns from older states"),
)

WORKLOADS: Mapping[str, Workload] = {row.name: row for row in _ROWS}
"""Those of which the last long run is kept."""

RUNNABLE: Mapping[str, Workload] = {**WORKLOADS, UPDATES.name: UPDATES}
"""All that can be run."""
