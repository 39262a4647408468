"""How the time of the largest attacks in `fixtures/hostile/` grows with their size.

    python -m benchmarks.hostile

Each is run at a quarter of its size and at its size, as a server would take it and once more with
the limits on sizes and counts lifted, so that nothing is refused early. `growth` is what four times
the size costs, divided by four times the cost: 1 is linear, less is better. Exit status 1 when an
attack is above the target.
"""

from __future__ import annotations

import copy
import functools
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

from benchmarks import arguments
from tests.fixture_cases import source_of
from tests.hostile_cases import Attack, cases, verdict_anew
from uicompiler import UIApp

LARGEST = 10
TARGET = 1.5
ROUNDS = 5
NOTICEABLE_S = 0.005
"""Below this the time is that of the machine, not of the attack."""


def main() -> int:
    """Measure and print; 1 when growth is above the target."""
    arguments.parser("hostile", __doc__).parse_args()
    print(f"{'attack':<44}{'bytes':>12}{'limits':>9}{'n/4 ms':>9}{'n ms':>9}{'growth':>8}")
    missed = 0
    for case in largest():
        for label, kind in (("served", Attack), ("lifted", Unlimited)):
            small, large = _seconds(kind(case.folder, 1 / 4), kind(case.folder, 1))
            growth = large / (4 * small)
            missed += growth > TARGET and large > NOTICEABLE_S
            row = f"{case.folder.name:<44}{size(case):>12}{label:>9}"
            print(f"{row}{small * 1000:>9.1f}{large * 1000:>9.1f}{growth:>8.2f}")
    return int(bool(missed))


@dataclass(frozen=True)
class Unlimited(Attack):
    """An attack on an app whose limits are lifted, but for depths."""

    @property
    def app(self) -> UIApp:  # type: ignore[override]  # a cached property there
        """The app without limits on sizes and counts."""
        app = copy.copy(Attack(self.folder).app)
        lifted = {f.name: 10**12 for f in fields(app.limits) if "depth" not in f.name}
        app.limits = replace(app.limits, **lifted)
        return app


@functools.cache
def largest() -> tuple[Attack, ...]:
    """The attacks of most bytes, the largest first; of those that can be made larger."""
    found = [case for case in cases() if "repeat" in case.options]
    return tuple(sorted(found, key=size, reverse=True)[:LARGEST])


def size(case: Attack) -> int:
    """Bytes of an attack."""
    repeat = case.options["repeat"]
    text, times = str(repeat["text"]), int(repeat["times"])
    digits = sum(len(str(n)) for n in range(times)) if "@N@" in text else 0
    written = text.replace("@N@", "")
    return _kept(case.folder) + times * len(written.encode()) + digits


def _kept(folder: Path) -> int:
    own = (path for path in folder.iterdir() if path.is_file() and path.name != "attack.md")
    return sum(path.stat().st_size for path in own)


def calls(case: Attack) -> int:
    """How many functions an attack makes run: a measure of time that no machine changes."""
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        verdict_anew(case)
    finally:
        sys.setprofile(before)
    return counted


def _seconds(*several: Attack) -> list[float]:
    """The best of some rounds of each, by turns, so that a busy machine slows all alike."""
    rounds = [[_taken(one) for one in several] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _taken(case: Attack) -> float:
    """Processor time of an attack, but for that of writing the attack itself down."""
    whole = _timed(lambda: verdict_anew(case))
    written = 0.0 if case.is_app else _timed(lambda: source_of(case))
    return max(whole - written, 1e-6)


def _timed(call: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        call()
        return time.process_time() - start
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
