"""How far a run is: one bar that is drawn anew on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, TextIO

_WIDTH: Final = 24
_REDRAWN_EVERY_S: Final = 0.1
_LINE_EVERY_S: Final = 10.0
_SIMULATED: Final = ("sim", "sim-http")
"""Providers whom nobody pays; what they cost is what such calls would cost."""


class Progress:
    """Says on standard error how many trials are done, how many of them are usable, what they cost.

    Args:
        total: How many trials there are.
        clock: What time it is, in seconds.
        stream: Where to; standard error.

    Attributes:
        calls_here: How many calls were made now, in trials that are done.
    """

    def __init__(
        self, total: int, clock: Callable[[], float], stream: TextIO | None = None
    ) -> None:
        self._total = total
        self._clock = clock
        self._stream = sys.stderr if stream is None else stream
        self._is_terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._every_s = _REDRAWN_EVERY_S if self._is_terminal else _LINE_EVERY_S
        self._began = self._last = clock()
        self._done = self._here = self._usable = self._calls = 0
        self._paid = self._simulated = 0.0
        self.calls_here = 0

    def known(self, record: Mapping[str, Any]) -> None:
        """Count a trial that was done before."""
        self._count(record)

    def done(self, record: Mapping[str, Any]) -> None:
        """Count a trial that was done now, and tell of it when it is time."""
        self._count(record)
        self._here += 1
        self.calls_here += int(record["attempts"])
        now = self._clock()
        if now - self._last >= self._every_s:
            self._last = now
            self._write(last=False)

    def end(self) -> None:
        """Tell of all."""
        self._write(last=True)

    def _count(self, record: Mapping[str, Any]) -> None:
        self._done += 1
        self._usable += bool(record["usable"])
        self._calls += int(record["attempts"])
        cost = record["cost_usd"] or 0.0
        if record["key"]["provider"].partition("/")[0] in _SIMULATED:
            self._simulated += cost
        else:
            self._paid += cost

    def _write(self, *, last: bool) -> None:
        text = self._text()
        if not self._is_terminal:
            self._stream.write(f"{text}\n")
        else:
            self._stream.write(f"\r\x1b[2K{self._bar()} {text}{chr(10) if last else ''}")
        self._stream.flush()

    def _bar(self) -> str:
        full = _WIDTH * self._done // max(1, self._total)
        return f"[{'#' * full}{'.' * (_WIDTH - full)}]"

    def _text(self) -> str:
        share = f", {self._usable / self._done:.1%} usable" if self._done else ""
        cost = f", ${self._paid:.4f}" if self._paid else ""
        cost += f", ${self._simulated:.4f} simulated" if self._simulated else ""
        left = self._left()
        return f"{self._done}/{self._total} trials{share}, {self._calls} calls{cost}{left}"

    def _left(self) -> str:
        """How long the rest will take, if it goes on like this."""
        rest, took = self._total - self._done, self._clock() - self._began
        if not rest or not self._here or took <= 0:
            return ""
        return f", {rest * took / self._here:.0f} s left"
