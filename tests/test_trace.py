"""A turn leaves a trace that fits the published schema, whatever became of the turn.

The traces of `fixtures/`, of the recorded conversations and of all other turns with a model are
checked where those run: `tests/traces.py` is asked by their tests.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from tests.llm.scripted import FakeClock, Scripted, calls, envelope, reply
from tests.traces import check, objects, schema
from uicompiler import UIApp
from uicompiler.errors import Recovery
from uicompiler.llm.asking.attempt import FAILURE_CODES, Attempt, Why
from uicompiler.llm.exchange import Failure, FailureKind, Reply, Usage
from uicompiler.llm.mending.mend import CHANGES
from uicompiler.llm.runner import run as ask
from uicompiler.llm.settings import Budget, ModelSettings, ResponseFormat, RunMode
from uicompiler.llm.tools import Tool
from uicompiler.trace import SurfaceTrace, Trace

# --- the schema -----------------------------------------------------------------------------------


def test_the_schema_is_one_and_lets_nothing_else_in() -> None:
    Draft202012Validator.check_schema(schema())
    found = dict(objects(schema()))
    assert len(found) > 8
    for place, part in found.items():
        assert part["additionalProperties"] is False, place
        if "finding" not in place:
            assert sorted(part["required"]) == sorted(part["properties"]), place


def enum(*place: str) -> set[str]:
    part: Any = schema()
    for key in place:
        part = part[key]
    return set(part["enum"])


def test_the_schema_names_what_the_code_names() -> None:
    attempt = ("$defs", "attempt", "properties")
    assert enum(*attempt, "why") == set(get_args(Why))
    assert enum(*attempt, "outcome") == {
        "ok",
        "unusable",
        "cancelled",
        *get_args(FailureKind),
    }
    assert enum("$defs", "response_format") == set(get_args(ResponseFormat))
    assert enum("properties", "run_mode") == set(get_args(RunMode))
    recovery = ("properties", "recovery", "items", "properties", "taken")
    assert enum(*recovery) == set(get_args(Recovery))
    told = {item.name for item in dataclasses.fields(Attempt)} - {"text"}
    assert set(schema()["$defs"]["attempt"]["properties"]) == told
    surface = {item.name for item in dataclasses.fields(SurfaceTrace)}
    assert set(schema()["$defs"]["surface"]["properties"]) == surface


def test_a_trace_of_nothing_fits() -> None:
    assert check(Trace())["llm"] is None


# --- turns with a model ---------------------------------------------------------------------------

GOOD = envelope(("ui.toast", {"text": "Saved"}))
WORSE = envelope(("ui.no_such", {}))
LOOK_UP = Tool("look_up", "Looks a name up.", {"type": "object"}, lambda _arguments: {"found": 1})
SETTINGS = ModelSettings("openai/gpt-4o-mini", temperature=0.2, seed=7, max_output_tokens=500)

STORIES: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "good": ([GOOD], {}),
    "mended": ([GOOD.replace("}]", "},]")], {}),
    "repaired": ([WORSE, GOOD], {}),
    "never_usable": (["no", "no"], {}),
    "stepped_down": ([Failure("unsupported", "no", 400, parameter="response_format"), GOOD], {}),
    "retried": ([Failure("rate_limited", "slow down", 429, retry_after_s=1.5), GOOD], {}),
    "missing": ([GOOD, GOOD], {"validator": lambda _result: ["a form"]}),
    "cut_off": ([reply(GOOD[:-20], finish_reason="length"), GOOD], {}),
    "priced": ([Reply(GOOD, usage=Usage(900, 40, 512, True), cost_usd=0.0012)], {}),
    "out_of_calls": ([WORSE], {"budget": Budget(calls=1, tokens=100_000, usd=1.0)}),
    "settings": ([GOOD], {"model": SETTINGS}),
    "tools": (
        [calls(("look_up", {"name": "Ada"})), calls(("ui_toast", {"text": "x"})), reply("Done.")],
        {"run_mode": "tool_loop", "tools": (LOOK_UP,)},
    ),
    "hybrid": (
        [calls(("look_up", "{'name': 'Ada'}")), reply("Found."), GOOD],
        {"run_mode": "hybrid", "tools": (LOOK_UP,)},
    ),
    **{f"failed_{kind}": ([Failure(kind, "no")], {}) for kind in FAILURE_CODES},  # type: ignore[arg-type]
}


@functools.cache
def app() -> UIApp:
    return UIApp.standard()


@functools.cache
def told(story: str) -> dict[str, Any]:
    """The trace of a story."""
    return told_with(story)


def told_with(story: str, **more: Any) -> dict[str, Any]:
    """The trace of a story under other settings; its clock moves only as the story says."""
    lines, keywords = STORIES[story]
    clock = FakeClock()
    asked = {"model": "openai/gpt-4o-mini", "app": app(), **keywords, **more}
    result = ask(
        "Private words of a user.",
        transport=Scripted(lines, clock=clock, takes_s=0.25),
        clock=clock.read,
        sleep=clock.sleep,
        random=lambda: 0.5,
        **asked,
    )
    assert "Private words" not in result.trace.to_json()
    return check(result.trace)


@pytest.mark.parametrize("story", STORIES)
def test_the_trace_of_a_turn_with_a_model_fits(story: str) -> None:
    found = told(story)
    attempts = found["llm"]["attempts"]
    assert [attempt["index"] for attempt in attempts] == list(range(len(attempts)))
    assert attempts[0]["why"] == "first"
    assert found["timings"]["llm_ms"] == pytest.approx(sum(item["llm_ms"] for item in attempts))
    assert {name for attempt in attempts for name in attempt["mended"]} <= CHANGES.keys()


def test_a_trace_tells_each_call_and_why_it_was_made() -> None:
    whys = {story: [item["why"] for item in told(story)["llm"]["attempts"]] for story in STORIES}
    assert whys["good"] == ["first"]
    assert whys["repaired"] == ["first", "repair"]
    assert whys["stepped_down"] == ["first", "ladder"]
    assert whys["retried"] == ["first", "retry"]
    assert whys["missing"] == ["first", "semantic_repair"]
    assert whys["tools"][:2] == ["first", "tool_round"]


def test_a_trace_tells_what_was_mended_waited_and_spent() -> None:
    assert told("mended")["llm"]["attempts"][0]["mended"] == ["trailing_comma"]
    assert [item["code"] for item in told("mended")["repairs"]] == ["LLM_OUTPUT_MENDED"]
    assert told("retried")["llm"]["attempts"][1]["waited_ms"] >= 1500
    priced = told("priced")["llm"]
    assert priced["cost_usd"] == 0.0012
    assert priced["usage"] == {
        "input_tokens": 900,
        "output_tokens": 40,
        "cached_input_tokens": 512,
        "estimated": True,
    }
    assert told("out_of_calls")["llm"]["budget"]["calls"] == 0
    assert told("settings")["llm"]["sampling"] == {
        "temperature": 0.2,
        "top_p": None,
        "seed": 7,
        "max_output_tokens": 500,
    }


def test_a_trace_names_no_key_and_of_an_address_the_host_alone() -> None:
    settings = ModelSettings("openai/x", api_base="http://localhost:8080/v1", api_key="sk-word")
    found = told_with("good", model=settings)
    assert found["llm"]["routing"]["api_base"] == "localhost:8080"
    assert "sk-word" not in str(found)


def test_a_trace_of_a_model_says_which_run_mode_and_how_strict() -> None:
    assert told("tools")["run_mode"] == "tool_loop"
    assert told("hybrid")["run_mode"] == "hybrid"
    assert told_with("good", strict=True)["strict_mode"] is True
