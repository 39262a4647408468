"""Second calls after answers that had lost nothing, as the simulated model itself says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.evals.rehearsal import GOOD, prepared, terms
from tests.llm.scripted import Line
from uicompiler.evals.budget import RunBudget
from uicompiler.evals.calls import Call
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.sim.slips import Slip
from uicompiler.evals.trial import Trial, TrialKey, lossless, record, run_trial
from uicompiler.llm.exchange import Failure, Reply

FENCE, CUT = Slip("fence", lossless=True), Slip("truncated", lossless=False)
LATE = Failure("timeout", "late")


@pytest.fixture
def ready(tmp_path: Path) -> Prepared:
    return prepared(tmp_path)


def tried(ready: Prepared, lines: Sequence[Line]) -> Trial:
    return asyncio.run(run_trial("production", ready, terms(lines), RunBudget()))


def told(
    ready: Prepared, lines: Sequence[Line], slips: Sequence[Sequence[Slip]] | None
) -> dict[str, Any]:
    key = TrialKey("form-and-toast", "sim/plain", "production", 0)
    return record(key, key.seed(7), ready, terms([]), tried(ready, lines), slips)


@pytest.mark.parametrize(
    ("lines", "slips", "needless"),
    [
        ([GOOD], [[]], False),
        ([GOOD], [[FENCE]], False),
        (["Certainly!", GOOD], [[FENCE], []], True),
        (["Certainly!", GOOD], [[], []], True),
        (["Certainly!", GOOD], [[FENCE, CUT], []], False),
        ([LATE, "Certainly!", GOOD], [[], [CUT], []], False),
        ([LATE, GOOD], [[], [FENCE]], False),
    ],
)
def test_a_second_call_is_needless_when_the_first_answer_had_lost_nothing(
    ready: Prepared, lines: list[Line], slips: list[list[Slip]], needless: bool
) -> None:
    found = told(ready, lines, slips)
    assert found["lossless_second_call"] is needless
    assert found["slips"] == [[item.to_dict() for item in one] for one in slips]


def test_what_a_real_model_meant_nobody_knows(ready: Prepared) -> None:
    found = told(ready, ["Certainly!", GOOD], None)
    assert found["second_call"] is True
    assert found["lossless_second_call"] is found["slips"] is None


def test_it_does_not_hang_on_what_is_mended_here(ready: Prepared) -> None:
    """Were nothing mended any more, second calls after a fence would show."""
    fenced = [f"```\n{GOOD}\n```", GOOD]
    assert told(ready, fenced, [[FENCE], []])["lossless_second_call"] is False
    trial = tried(ready, fenced)
    again = replace(trial, outcome=replace(trial.outcome, repaired=True))
    key = TrialKey("form-and-toast", "sim/plain", "production", 0)
    found = record(key, "", ready, terms([]), again, [[FENCE], []])
    assert found["lossless_second_call"] is True


def test_with_tools_any_answer_but_the_last_may_have_been_asked_about(tmp_path: Path) -> None:
    ready = prepared(tmp_path, run_mode="tool_loop")
    trial = replace(tried(ready, [GOOD]), calls=[_call(), _call(), _call()])
    assert lossless(ready, trial, [[], [FENCE], [CUT]])
    assert not lossless(ready, trial, [[], [CUT], []])


def _call() -> Call:
    return Call({}, Reply(GOOD), 0.1)
