"""Tools of a scenario: what they give, who is given them, and that calling them counts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.evals.rehearsal import FORM, TOAST, envelope, prepared, terms, write
from uicompiler.errors import EvalError
from uicompiler.evals.app_tools import Given, ScenarioTool, ToolFailedError, ToolUse, given
from uicompiler.evals.budget import RunBudget
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.scenario import load_scenario
from uicompiler.evals.trial import Trial, run_trial
from uicompiler.llm.exchange import Reply, ToolRequest

FIND: dict[str, Any] = {
    "name": "find",
    "description": "Finds a contact.",
    "parameters": {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
    },
    "gives": [
        {"to": {"name": "Ada"}, "result": {"id": "c1"}},
        {"to": {"name": "Bob"}, "error": "Locked"},
    ],
}
USE = {"tool": "find", "arguments": {"name": "Ada"}}
GOOD = json.dumps(envelope(TOAST, FORM))


def with_tools(folder: Path, **more: Any) -> Prepared:
    told: dict[str, Any] = {"run_mode": "hybrid", "tools": [FIND], "uses": [USE], **more}
    told.setdefault("expect", {"tools": [USE]})
    return prepared(folder, **told)


def tried(ready: Prepared, lines: list[Any], strategy: str = "production") -> Trial:
    return asyncio.run(run_trial(strategy, ready, terms(lines), RunBudget()))


def asks(name: str) -> Reply:
    return Reply("", tool_requests=(ToolRequest("t1", "find", json.dumps({"name": name})),))


def grade(trial: Trial) -> tuple[bool, str]:
    (found,) = [item for item in trial.grades if item.name == "tools"]
    return found.ok, found.detail


def test_a_tool_gives_what_is_written_for_its_arguments() -> None:
    tool = ScenarioTool.model_validate(FIND)
    assert given(tool, {"name": "Ada", "more": 1}) == {"id": "c1"}
    assert given(tool, {"name": "Eve"}) == {"found": False}
    with pytest.raises(ToolFailedError, match="Locked"):
        given(tool, {"name": "Bob"})
    assert given(tool.model_copy(update={"gives": (Given(result=7),)}), {}) == 7


def test_a_tool_that_is_called_is_a_good_grade(tmp_path: Path) -> None:
    trial = tried(with_tools(tmp_path), [asks("Ada"), "Done.", GOOD])
    assert grade(trial) == (True, "")
    assert trial.outcome.uses == [ToolUse(tool="find", arguments={"name": "Ada"})]


@pytest.mark.parametrize("lines", [["Done.", GOOD], [asks("Eve"), "Done.", GOOD]])
def test_a_tool_that_is_not_called_as_it_must_be_is_a_bad_grade(
    tmp_path: Path, lines: list[Any]
) -> None:
    is_good, detail = grade(tried(with_tools(tmp_path), lines))
    assert not is_good
    assert detail == 'find was not called with {"name": "Ada"}'


@pytest.mark.parametrize("strategy", ["raw", "baseline"])
def test_who_is_given_no_tools_is_told_what_they_would_give(tmp_path: Path, strategy: str) -> None:
    trial = tried(with_tools(tmp_path), [GOOD], strategy)
    said = trial.calls[0].request["messages"][-1]["content"]
    assert 'find({"name": "Ada"}) gave {"id": "c1"}' in said
    assert grade(trial) == (True, "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"run_mode": "directives"}, "tools go with the run modes"),
        ({"uses": [{"tool": "found"}]}, "no tool 'found'"),
        ({"expect": {"tools": [{"tool": "found"}]}, "uses": []}, "no tool 'found'"),
        ({"tools": [{**FIND, "gives": []}]}, "at least 1"),
        ({"tools": [{**FIND, "name": "find it"}]}, "pattern"),
    ],
)
def test_tools_that_do_not_fit_are_refused(
    tmp_path: Path, changed: dict[str, Any], why: str
) -> None:
    told: dict[str, Any] = {"run_mode": "hybrid", "tools": [FIND], "uses": [USE], **changed}
    with pytest.raises(EvalError, match=why):
        load_scenario(write(tmp_path, **told))
