from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.evals.sim.scripts import ENVELOPE, asking, script
from uicompiler.evals.sim.personalities import personality
from uicompiler.evals.sim.script import dice
from uicompiler.evals.sim.simulator import answer
from uicompiler.evals.sim.tool_calls import as_tool, asked_for, pending

NAMES = ("ui_show_choices", "ui_toast")


def offering(*names: str, **more: Any) -> dict[str, Any]:
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    return {**asking("prompt_only"), "tools": tools, **more}


def answered(request: dict[str, Any], name: str, content: str) -> dict[str, Any]:
    """The request after a tool was asked for, and answered."""
    number = f"c{len(request['messages'])}"
    call = {"id": number, "type": "function", "function": {"name": name, "arguments": "{}"}}
    told = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": number, "content": content},
    ]
    return {**request, "messages": [*request["messages"], *told]}


def test_directives_wait_until_their_tools_were_called() -> None:
    request = offering(*NAMES)

    first = pending(script(), request)
    second = pending(script(), answered(request, NAMES[0], '{"ok":true}'))

    assert [item["type"] for item in first] == ["ui.show_choices", "ui.toast"]
    assert [item["type"] for item in second] == ["ui.toast"]


def test_one_that_was_refused_is_asked_for_once_more() -> None:
    request = answered(offering(*NAMES), NAMES[0], '{"ok":false,"errors":[]}')

    assert len(pending(script(), request)) == 2


def test_a_directive_without_a_tool_is_not_asked_for() -> None:
    assert [item["type"] for item in pending(script(), offering("ui_toast"))] == ["ui.toast"]


def test_tools_of_the_app_come_first_and_one_that_failed_is_not_asked_again() -> None:
    asking_first = replace(script(), uses=(("find", {"name": "Ada"}),))
    request = offering("find", *NAMES)
    assert [item["type"] for item in pending(asking_first, request)] == ["find"]
    failed = answered(request, "find", '{"ok":false,"errors":[{"code":"LLM_TOOL_FAILED"}]}')
    assert pending(asking_first, failed)[0]["type"] == "ui.show_choices"
    refused = answered(request, "find", '{"ok":false,"errors":[{"code":"LLM_TOOL_UNKNOWN"}]}')
    assert [item["type"] for item in pending(asking_first, refused)] == ["find"]


def test_one_at_a_time_unless_several_may_be_asked_for() -> None:
    waiting = pending(script(), offering(*NAMES))

    assert len(asked_for(waiting, offering(*NAMES))) == 2
    assert len(asked_for(waiting, offering(*NAMES, parallel_tool_calls=False))) == 1


def test_arguments_are_the_payload() -> None:
    assert json.loads(as_tool(ENVELOPE["directives"][1]).arguments) == {"text": "Two days are left"}


def test_when_all_were_called_the_words_are_said() -> None:
    request = offering(*NAMES)
    for name in NAMES:
        request = answered(request, name, '{"ok":true}')

    made = answer(personality("frontier"), script(), request, (), dice(1, "x", script(), 9))

    assert (made.text, made.tools) == (ENVELOPE["assistant_text"], ())
