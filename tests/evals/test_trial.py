from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.evals.rehearsal import FORM, GOOD, TOAST, envelope, prepared, terms
from tests.llm.scripted import Line
from uicompiler.evals.budget import RunBudget, RunExhausted
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.trial import TrialKey, record, run_trial, settings_of
from uicompiler.llm.exchange import Failure, Reply, Usage
from uicompiler.llm.settings import ModelSettings

KEY = TrialKey("form-and-toast", "sim/scripted", "production", 0)
ALIASED = json.dumps(envelope({**TOAST, "type": "toast"}, FORM))


@pytest.fixture
def ready(tmp_path: Path) -> Prepared:
    return prepared(tmp_path)


def told(ready: Prepared, lines: Iterable[Line], strategy: str = "production") -> dict[str, Any]:
    asked = terms(lines)
    trial = asyncio.run(run_trial(strategy, ready, asked, RunBudget()))
    return record(replace(KEY, strategy=strategy), KEY.seed(7), ready, asked, trial)


def test_a_record_is_json_and_tells_what_came_of_it(ready: Prepared) -> None:
    found = told(ready, [Reply(GOOD, usage=Usage(100, 20), cost_usd=0.25)])
    assert orjson.loads(orjson.dumps(found)) == found
    assert found["key"] == {
        "scenario": "form-and-toast",
        "provider": "sim/scripted",
        "strategy": "production",
        "index": 0,
    }
    assert found["usable"] and found["compile_ok"]
    assert (found["directives_ok"], found["directives_expected"]) == (2, 2)
    assert (found["attempts"], found["cost_usd"]) == (1, 0.25)
    assert found["usage"]["input_tokens"] == 100
    assert found["calls"][0]["reply"]["text"] == GOOD


@pytest.mark.parametrize(
    ("lines", "first", "second", "avoidable"),
    [
        ([GOOD], "clean", False, False),
        ([ALIASED], "mendable", False, False),
        (["Certainly!", GOOD], "unusable", True, False),
        ([Failure("timeout", "late"), ALIASED], "mendable", False, False),
        ([Failure("unauthorized", "no", status=401)], "none", False, False),
    ],
)
def test_the_first_answer_is_judged_by_itself(
    ready: Prepared, lines: list[Line], first: str, second: bool, avoidable: bool
) -> None:
    found = told(ready, lines)
    assert found["first_answer"] == first
    assert found["second_call"] is second
    assert found["avoidable_second_call"] is avoidable


def test_an_empty_answer_that_is_asked_for_again_takes_a_second_call(ready: Prepared) -> None:
    found = told(ready, ["", GOOD])
    assert found["usable"]
    assert found["second_call"]
    assert not found["avoidable_second_call"]


def test_a_second_call_after_an_answer_that_mends_is_avoidable(ready: Prepared) -> None:
    trial = asyncio.run(run_trial("production", ready, terms([ALIASED]), RunBudget()))
    again = replace(trial, outcome=replace(trial.outcome, repaired=True))
    assert record(KEY, "", ready, terms([]), again)["avoidable_second_call"] is True


def test_what_is_lost_is_told_by_code_and_by_failure(ready: Prepared) -> None:
    found = told(ready, [Failure("unauthorized", "no", status=401)])
    assert "LLM_UNAUTHORIZED" in found["codes"]
    assert found["failure"] == "unauthorized"
    assert not found["usable"] and not found["compile_ok"]
    assert found["cost_usd"] == 0


def test_a_cost_that_nobody_knows_is_none(ready: Prepared) -> None:
    assert told(ready, [Reply(GOOD, cost_usd=None)])["cost_usd"] is None


def test_a_trial_that_the_run_cannot_pay_for_counts_for_nothing(ready: Prepared) -> None:
    with pytest.raises(RunExhausted):
        asyncio.run(run_trial("production", ready, terms(["Certainly!", GOOD]), RunBudget(calls=1)))


def test_a_record_holds_no_key_and_no_secret_of_an_address(ready: Prepared) -> None:
    settings = ModelSettings(
        "openai/x",
        api_key="sk-canary",
        api_base="https://me:canary@example.org:8/canary/v1?key=canary",
    )
    asked = replace(terms([GOOD]), settings=settings)
    trial = asyncio.run(run_trial("raw", ready, asked, RunBudget()))
    found = record(KEY, "", ready, asked, trial)
    assert b"canary" not in orjson.dumps(found)
    assert settings_of(found["settings"]).api_base == "https://example.org:8"


def test_a_seed_follows_from_the_run_and_the_trial() -> None:
    assert KEY.seed(7) == KEY.seed(7)
    others = [KEY.seed(8), replace(KEY, index=1).seed(7), replace(KEY, strategy="raw").seed(7)]
    assert len({KEY.seed(7), *others}) == 4
