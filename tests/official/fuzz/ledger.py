"""Figures of the last long run of each kind, which docs/official-clients.md quotes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.official.judges import versions

from .tally import Tally
from .workloads import Workload

PATH = Path(__file__).parent / "runs.json"


def record(workload: Workload, tally: Tally, *, first_seed: int, seconds: float) -> bool:
    """Keep a run that failed nowhere in place of the last one of its kind.

    Returns:
        False where a longer one by the same judges is kept already, which then stays.
    """
    kept, judges = runs(), versions()
    before = kept.get(workload.name, {"counts": {}, "judges": {}})
    longer = before["counts"].get(workload.unit, 0) > tally.counts[workload.unit]
    if longer and before["judges"] == judges:
        return False
    kept[workload.name] = {
        "judges": judges,
        "first_seed": first_seed,
        "seconds": round(seconds),
        "counts": dict(sorted(tally.counts.items())),
    }
    PATH.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", "utf-8")
    return True


def runs() -> dict[str, Any]:
    """By workload, what was kept."""
    found: dict[str, Any] = json.loads(PATH.read_text("utf-8")) if PATH.is_file() else {}
    return found
