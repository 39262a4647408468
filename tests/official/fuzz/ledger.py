"""Figures of the last long run of each kind, which docs/official-clients.md quotes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .tally import Tally
from .workloads import Workload

PATH = Path(__file__).parent / "runs.json"


def record(workload: Workload, tally: Tally, *, first_seed: int, seconds: float) -> None:
    """Keep a run that failed nowhere in place of the last one of its kind."""
    kept = runs()
    kept[workload.name] = {
        "first_seed": first_seed,
        "seconds": round(seconds),
        "counts": dict(sorted(tally.counts.items())),
    }
    PATH.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", "utf-8")


def runs() -> dict[str, Any]:
    """By workload, what was kept."""
    found: dict[str, Any] = json.loads(PATH.read_text("utf-8")) if PATH.is_file() else {}
    return found
