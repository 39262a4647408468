from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.evals.rehearsal import write
from uicompiler.errors import EvalError
from uicompiler.evals.plan import Plan, changed_since, keys_of, other_versions
from uicompiler.evals.scenario import load_scenario
from uicompiler.evals.trial import TrialKey


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    scenarios = [load_scenario(write(tmp_path, id=name)) for name in ("a", "b")]
    return Plan(scenarios, ["sim/plain", "sim/loose"], ["raw", "production"], 3, 7, {})


def test_every_trial_has_one_place_in_the_order(plan: Plan) -> None:
    keys = list(plan.keys_in_order())
    assert len(keys) == len(set(keys)) == plan.total == 24
    assert keys[0] == TrialKey("a", "sim/plain", "raw", 0)
    assert keys[-1] == TrialKey("b", "sim/loose", "production", 2)
    run = orjson.loads(orjson.dumps(plan.to_dict(created="2026-01-01T00:00:00Z")))
    assert list(keys_of(run)) == keys


def test_a_run_is_the_same_plan_whenever_it_began(plan: Plan, tmp_path: Path) -> None:
    first, second = (plan.to_dict(created=day) for day in ("2026-01-01", "2026-02-02"))
    assert first["plan_sha256"] == second["plan_sha256"]
    plan.check_same(orjson.loads(orjson.dumps(first)), tmp_path)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"seed": 8}, "seed"),
        ({"trials": 4}, "trials"),
        ({"strategies": ["raw"]}, "strategies"),
        ({"providers": ["sim/plain"]}, "providers"),
        ({"settings": {"temperature": 1.0}}, "settings"),
        ({"apps": {"crm": "0"}}, "apps"),
        ({"simulator": "0"}, "simulator"),
    ],
)
def test_another_plan_is_told_by_what_differs(
    plan: Plan, tmp_path: Path, changed: dict[str, Any], name: str
) -> None:
    run = replace(plan, **changed).to_dict(created="")
    with pytest.raises(EvalError) as caught:
        plan.check_same(run, tmp_path)
    assert [item.pointer for item in caught.value.diagnostics] == [f"/{name}"]
    assert caught.value.code == "EVAL_RUN_INVALID"


def test_a_scenario_that_was_changed_makes_another_plan(plan: Plan, tmp_path: Path) -> None:
    run = plan.to_dict(created="")
    changed = load_scenario(write(tmp_path, id="a", message="Another one."))
    with pytest.raises(EvalError, match="other scenarios"):
        replace(plan, scenarios=[changed, plan.scenarios[1]]).check_same(run, tmp_path)


def test_a_run_of_another_version_is_not_gone_on_with(plan: Plan, tmp_path: Path) -> None:
    run = plan.to_dict(created="")
    run["versions"] = {**run["versions"], "uicompiler": "0.0.1"}
    with pytest.raises(EvalError, match=r"begun with uicompiler 0\.0\.1") as caught:
        plan.check_same(run, tmp_path)
    assert [item.pointer for item in caught.value.diagnostics] == ["/versions/uicompiler"]


def test_the_client_of_models_matters_where_it_is_used(plan: Plan) -> None:
    run = plan.to_dict(created="")
    run["versions"] = {**run["versions"], "litellm": "0.0.1"}
    assert other_versions(run) == {}
    assert list(other_versions({**run, "providers": ["openai/x"]})) == ["litellm"]


def test_what_changed_between_two_runs_is_named(plan: Plan, tmp_path: Path) -> None:
    changed = load_scenario(write(tmp_path, id="a", message="Another one."))
    first = replace(plan, apps={"crm": "0", "gone": "1"}).to_dict(created="")
    other = replace(plan, scenarios=[changed, plan.scenarios[1]], apps={"crm": "2", "new": "1"})
    found = changed_since(first, other.to_dict(created=""))
    assert found == ["a: the scenario", "crm: the app"]
    assert changed_since(first, first) == []
