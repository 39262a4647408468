from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.evals.rehearsal import GOOD, prepared, terms
from tests.llm.scripted import Line
from uicompiler.evals.budget import RunBudget
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.replaying import Replayed, replay_trial
from uicompiler.evals.strategies import STRATEGIES
from uicompiler.evals.trial import TrialKey, record, run_trial
from uicompiler.llm.exchange import Failure

BUSY = Failure("rate_limited", "slow down", status=429, retry_after_s=2.0)


def recorded(ready: Prepared, lines: list[Line], strategy: str = "production") -> dict[str, Any]:
    key = TrialKey("form-and-toast", "sim/scripted", strategy, 0)
    asked = terms(lines)
    trial = asyncio.run(run_trial(strategy, ready, asked, RunBudget()))
    return record(key, key.seed(7), ready, asked, trial)


def replay(found: dict[str, Any], ready: Prepared) -> Replayed:
    return asyncio.run(replay_trial(found, ready))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("lines", [[GOOD], [BUSY, GOOD], ["Certainly!", GOOD], ["Certainly!"]])
def test_a_trial_comes_to_the_same_again(tmp_path: Path, strategy: str, lines: list[Line]) -> None:
    ready = prepared(tmp_path)
    found = recorded(ready, lines, strategy)
    again = replay(found, ready)
    assert again.differences == ()
    assert again.usable == found["usable"]
    assert again.finding() is None


def test_a_scenario_that_expects_more_now_differs(tmp_path: Path) -> None:
    found = recorded(prepared(tmp_path), [GOOD])
    more = prepared(tmp_path, expect={"screen": {"main": {"texts": ["Nowhere to be read"]}}})
    again = replay(found, more)
    assert not again.usable
    assert "screen was good, is bad" in again.differences[0]
    finding = again.finding()
    assert finding is not None
    assert finding.code == "EVAL_REPLAY_DIFFERS"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("codes", ["EVAL_X"], "codes was ['EVAL_X'], is []"),
        ("first_answer", "mendable", "first_answer was 'mendable', is 'clean'"),
        ("second_call", True, "second_call was True, is False"),
        ("shown_sha256", "0", "what the user gets is not what it was"),
    ],
)
def test_more_than_the_grades_is_compared(tmp_path: Path, name: str, value: Any, told: str) -> None:
    ready = prepared(tmp_path)
    found = {**recorded(ready, [GOOD]), name: value}
    assert replay(found, ready).differences == (told,)


def test_a_grade_that_is_bad_for_another_reason_differs(tmp_path: Path) -> None:
    first = prepared(tmp_path, expect={"screen": {"main": {"texts": ["Nowhere"]}}})
    found = recorded(first, [GOOD])
    other = prepared(tmp_path, expect={"screen": {"main": {"texts": ["Elsewhere"]}}})
    assert any("screen said" in item for item in replay(found, other).differences)


def test_another_request_is_counted_and_is_no_difference(tmp_path: Path) -> None:
    found = recorded(prepared(tmp_path), [GOOD])
    again = replay(found, prepared(tmp_path, message="Another message."))
    assert again.differences == ()
    assert again.other_requests == 1


def test_calls_that_are_not_made_any_more_differ(tmp_path: Path) -> None:
    ready = prepared(tmp_path)
    found = recorded(ready, [GOOD])
    again = replay({**found, "calls": [*found["calls"], *found["calls"]]}, ready)
    assert again.differences == ("2 calls were made then, 1 now",)


def test_calls_that_were_not_made_then_differ(tmp_path: Path) -> None:
    ready = prepared(tmp_path)
    found = recorded(ready, ["Certainly!", GOOD])
    again = replay({**found, "calls": found["calls"][:1]}, ready)
    assert any("calls were made then" in item for item in again.differences)
