"""One call of a tool: whole or not at all, checked, bounded, and told for what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from tests.llm.scripted import FakeClock, calls
from tests.llm.turns.test_tool_loop import DONE, LOOK_UP, Person, answers, asked, codes, look_up
from uicompiler.app import UIApp
from uicompiler.llm.settings import Budget
from uicompiler.llm.tools import Tool


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("look_up", '{"name": "ada"'),
        ("look_up", '{"name": "ada"}'),
        ("ui_toast", '{"text": "The amount is 10'),
    ],
)
@pytest.mark.parametrize(
    ("reason", "code"),
    [("length", "LLM_OUTPUT_CUT_OFF"), ("content_filter", "LLM_CONTENT_FILTERED")],
)
def test_a_call_of_an_answer_that_was_cut_off_is_not_carried_out(
    crm: UIApp, name: str, arguments: str, reason: str, code: str
) -> None:
    ran: list[object] = []
    tool = Tool("look_up", "Looks a person up.", Person, ran.append)
    cut = replace(calls((name, arguments)), finish_reason=reason)
    result, transport = asked(crm, [cut, DONE], tools=[tool])
    (error,) = answers(transport)[0]["errors"]
    assert "cut off" in error["message"]
    assert ran == [] and result.compiled.effects == ()
    assert code in codes(result)
    assert (result.attempts[0].outcome, result.attempts[0].code) == ("unusable", code)


def test_brackets_of_a_call_are_not_closed_when_nobody_says_that_it_was_finished(
    crm: UIApp,
) -> None:
    torn = '{"name": "ada"'
    for reason, code in (("", "LLM_TOOL_ARGUMENTS_INVALID"), ("stop", "LLM_OUTPUT_MENDED")):
        asking = replace(calls(("look_up", torn)), finish_reason=reason)
        result, _ = asked(crm, [asking, DONE], tools=[LOOK_UP])
        assert codes(result) == [code]


def test_what_was_mended_in_arguments_is_told(crm: UIApp) -> None:
    for name, arguments in (("look_up", '{"name": "ada",}'), ("ui_toast", '{"text": "Hi",}')):
        result, _ = asked(crm, [calls((name, arguments)), DONE], tools=[LOOK_UP])
        assert result.attempts[0].mended == ("trailing_comma",)
        assert codes(result) == ["LLM_OUTPUT_MENDED"]


@pytest.mark.parametrize("strict", [False, True])
def test_no_arguments_at_all_are_none(crm: UIApp, strict: bool) -> None:
    tool = Tool("now", "The time.", {"type": "object"}, lambda _given: "noon")
    result, transport = asked(crm, [calls(("now", " ")), DONE], tools=[tool], strict=strict)
    assert answers(transport) == ["noon"]
    assert codes(result) == []


def test_in_strict_no_arguments_are_mended(crm: UIApp) -> None:
    lines = [calls(("look_up", '{"name": "ada",}')), DONE]
    result, transport = asked(crm, lines, tools=[LOOK_UP], strict=True)
    assert answers(transport)[0]["errors"][0]["code"] == "LLM_TOOL_ARGUMENTS_INVALID"
    assert codes(result) == ["LLM_TOOL_ARGUMENTS_INVALID"]


def test_calls_beyond_the_most_that_run_at_once_are_told_to_the_model(crm: UIApp) -> None:
    many = calls(*(("ui_toast", {"text": f"{i}"}) for i in range(40)))
    result, transport = asked(crm, [many, DONE])
    told = answers(transport)
    assert told.count({"ok": True}) == len(told) - 1 == 32
    assert "last 8 of 40" in told[-1]["errors"][0]["message"]
    assert len(result.compiled.effects) == 32
    assert codes(result) == ["LLM_TOOL_ARGUMENTS_INVALID"]


def test_no_tool_is_run_when_the_time_is_used_up(crm: UIApp) -> None:
    clock, ran = FakeClock(), list[object]()

    def slow(given: object) -> None:
        ran.append(given)
        clock.sleep(100)

    tool = Tool("slow", "Slow.", Person, slow)
    asking = calls(("slow", {"name": "a"}), ("slow", {"name": "b"}))
    options = {"tools": [tool], "budget": Budget(seconds=60), "clock": clock.read}
    result, _ = asked(crm, [asking, DONE], **options)
    assert len(ran) == 1
    assert codes(result) == ["LLM_TOOL_FAILED", "LLM_BUDGET_EXHAUSTED"]


class Odd(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def _checked(cls, _name: str) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "parameters",
    [Odd, {"type": "object", "properties": {"name": {"$ref": "#"}}, "$ref": "#"}],
)
def test_a_check_that_fails_in_its_own_way_is_a_wrong_call(crm: UIApp, parameters: Any) -> None:
    tool = Tool("odd", "Odd.", parameters, look_up)
    _, transport = asked(crm, [calls(("odd", {"name": "x"})), DONE], tools=[tool])
    (error,) = answers(transport)[0]["errors"]
    assert error["code"] == "LLM_TOOL_ARGUMENTS_INVALID"
