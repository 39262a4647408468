from __future__ import annotations

import io
from typing import Any

import pytest

from uicompiler.cli.eval_progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def record(
    usable: bool = True, cost_usd: float | None = 0.01, provider: str = "openai/x"
) -> dict[str, Any]:
    key = {"provider": provider}
    return {"key": key, "usable": usable, "attempts": 2, "cost_usd": cost_usd}


def test_away_from_a_terminal_a_line_is_said_now_and_then() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(100, clock, stream)
    for _ in range(50):
        clock.now += 0.5
        progress.done(record())
    progress.end()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[0] == "20/100 trials, 100.0% usable, 40 calls, $0.2000, 40 s left"
    assert "\r" not in stream.getvalue()


def test_on_a_terminal_one_bar_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    clock, stream = Clock(), Terminal()
    progress = Progress(4, clock, stream)
    for _ in range(4):
        clock.now += 1
        progress.done(record(usable=False, cost_usd=None))
    progress.end()
    drawn = stream.getvalue().split("\r\x1b[2K")
    assert drawn[1].startswith("[######..................] 1/4 trials, 0.0% usable, 2 calls")
    assert drawn[-1].startswith(f"[{'#' * 24}] 4/4 trials")
    assert stream.getvalue().count("\n") == 1


def test_what_was_done_before_counts_but_says_nothing_of_speed() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(10, clock, stream)
    for _ in range(8):
        progress.known(record())
    clock.now += 10
    progress.done(record())
    assert stream.getvalue() == "9/10 trials, 100.0% usable, 18 calls, $0.0900, 10 s left\n"


def test_money_that_nobody_pays_is_told_as_simulated() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(2, clock, stream)
    progress.done(record(provider="sim/plain"))
    progress.done(record(cost_usd=0.5))
    progress.end()
    assert stream.getvalue().endswith(", 4 calls, $0.5000, $0.0100 simulated\n")
