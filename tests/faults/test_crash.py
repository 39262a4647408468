from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.crash import ON, Plan, run

KILLS = 5
"""`python -m tests.faults.crash --kills 200` is the long run."""


@pytest.mark.slow
@pytest.mark.parametrize("on", list(ON))
def test_a_killed_host_loses_nothing_and_does_nothing_twice(on: str, tmp_path: Path) -> None:
    with ON[on](tmp_path) as places:
        report = run(Plan(kills=KILLS, seed=len(on), users=4, shared=2, least=40), places)
    assert report.ok, report.text()
    assert report.acknowledged >= 40
    assert report.found.figures["charges outside"] > 0
