"""Tools: run one after the other, told what they gave; directives as tools are checked at once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from tests.llm.scripted import FakeClock, Scripted, calls, envelope, reply, said
from uicompiler.app import UIApp
from uicompiler.directives.registry import DirectiveRegistry
from uicompiler.errors import LLMError
from uicompiler.llm.briefing import briefing
from uicompiler.llm.exchange import Failure
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import arun, run
from uicompiler.llm.settings import ModelSettings, Tries
from uicompiler.llm.tools import Tool, check_tools, checked, read_object

SHOW = ("ui_show_form", {"form_id": "contact"})
DONE = reply("Here is the form.")


class Person(BaseModel):
    name: str
    age: int = 0


def look_up(given: Mapping[str, Any]) -> Any:
    return {"email": f"{given['name']}@example.com"}


class Unspeakable(BaseModel):
    call: Callable[[], int]


LOOK_UP = Tool("look_up", "Looks a person up.", Person, look_up)


def asked(app: UIApp, lines: list[Any], **options: Any) -> tuple[LLMResult, Scripted]:
    transport, clock = Scripted(lines), FakeClock()
    given = {"model": "sim/any", "run_mode": "tool_loop", "clock": clock.read, **options}
    return run("Hi", app=app, transport=transport, sleep=clock.sleep, **given), transport


def answers(transport: Scripted, request: int = -1) -> list[Any]:
    told = [m for m in transport.requests[request]["messages"] if m["role"] == "tool"]
    return [json.loads(message["content"]) for message in told]


def codes(result: LLMResult) -> list[str]:
    return [item.code for item in result.diagnostics]


# --- directives as tools --------------------------------------------------------------------------


def test_every_directive_is_a_tool_under_its_own_name(crm: UIApp) -> None:
    tools = briefing(crm).directive_tools
    registry: DirectiveRegistry = crm.directives
    for name, tool in tools.items():
        spec = registry.find(name)
        assert spec is not None and spec.type == tool.type
        text = json.dumps(tool.schema)
        defined = tool.schema["function"]["parameters"].get("$defs", {})
        referred = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
        assert referred == set(defined)


def test_directives_that_were_called_are_compiled_once_at_the_end(crm: UIApp) -> None:
    toast = ("ui_toast", {"text": "Here"})
    result, transport = asked(crm, [calls(SHOW, toast), DONE])
    assert result.ok
    assert json.loads(result.source) == {
        "assistant_text": "Here is the form.",
        "directives": [
            {"type": "ui.show_form", "payload": {"form_id": "contact"}},
            {"type": "ui.toast", "payload": {"text": "Here"}},
        ],
    }
    assert answers(transport) == [{"ok": True}] * 2
    assert [attempt.why for attempt in result.attempts] == ["first", "tool_round"]
    assert result.trace.run_mode == "tool_loop"
    assert "Answer with one JSON object" not in said(transport.requests[0])[0][1]


def test_a_refused_call_tells_the_model_why_and_leaves_nothing_behind(crm: UIApp) -> None:
    wrong = ("ui_show_form", {"form_id": "nobody"})
    result, transport = asked(crm, [calls(wrong), calls(SHOW), DONE])
    (error,) = answers(transport, 1)[0]["errors"]
    assert error["code"] == "DIRECTIVE_TEMPLATE_UNKNOWN"
    assert "contact" in error["hint"]
    assert len(json.loads(result.source)["directives"]) == 1
    assert {item.severity for item in result.diagnostics} == {"warning"}


def test_two_views_on_one_surface_are_found_between_calls(crm: UIApp) -> None:
    _, transport = asked(crm, [calls(SHOW), calls(("ui_show_form", {"form_id": "deal"})), DONE])
    assert answers(transport)[1]["errors"][0]["code"] == "DIRECTIVE_SURFACE_CONFLICT"


def test_words_beside_calls_that_were_all_taken_end_the_turn(crm: UIApp) -> None:
    both = reply("Here you are.", tool_requests=calls(SHOW).tool_requests)
    result, transport = asked(crm, [both])
    assert len(transport.requests) == 1
    assert result.text == "Here you are."


def test_an_envelope_as_the_last_words_counts_too(crm: UIApp) -> None:
    last = envelope(("ui.toast", {"text": "Here"}), text="Done.")
    result, _ = asked(crm, [calls(SHOW), last])
    assert result.text == "Done."
    assert len(json.loads(result.source)["directives"]) == 2


def test_directives_that_were_taken_outlive_a_provider_that_goes_away(crm: UIApp) -> None:
    gone = Failure("unavailable", "down", status=503)
    result, _ = asked(crm, [calls(SHOW), gone], tries=Tries(retries=0))
    assert result.ok
    assert "main" in result.compiled.state.surfaces
    assert [i.severity for i in result.diagnostics if i.code == "LLM_UNAVAILABLE"] == ["warning"]


# --- tools of the app's ---------------------------------------------------------------------------


def test_what_a_tool_gives_is_told_under_the_id_of_its_call(crm: UIApp) -> None:
    _, transport = asked(crm, [calls(("look_up", {"name": "ada"})), DONE], tools=[LOOK_UP])
    *_, call, answer = transport.requests[1]["messages"]
    assert call["tool_calls"][0]["id"] == answer["tool_call_id"]
    assert json.loads(answer["content"]) == {"email": "ada@example.com"}


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("look_up", "{}", "LLM_TOOL_ARGUMENTS_INVALID"),
        ("look_up", "[1]", "LLM_TOOL_ARGUMENTS_INVALID"),
        ("look_up", "{{{", "LLM_TOOL_ARGUMENTS_INVALID"),
        ("look_up", '{"name": "x", "age": "old"}', "LLM_TOOL_ARGUMENTS_INVALID"),
        ("look up", '{"name": "x"}', "LLM_TOOL_UNKNOWN"),
        ("", "", "LLM_TOOL_UNKNOWN"),
    ],
)
def test_a_wrong_call_is_told_to_the_model_and_in_the_trace(
    crm: UIApp, name: str, arguments: str, code: str
) -> None:
    result, transport = asked(crm, [calls((name, arguments)), DONE], tools=[LOOK_UP])
    assert answers(transport)[0]["errors"][0]["code"] == code
    assert code in {item.code for item in result.diagnostics}
    asking = transport.requests[1]["messages"][-2]["tool_calls"][0]["function"]
    assert isinstance(json.loads(asking["arguments"]), dict)
    assert asking["name"].replace("_", "a").isalnum()


def test_arguments_with_a_trailing_comma_are_mended(crm: UIApp) -> None:
    _, transport = asked(crm, [calls(("look_up", '{"name": "ada",}')), DONE], tools=[LOOK_UP])
    assert answers(transport) == [{"email": "ada@example.com"}]


def test_a_tool_that_raises_is_told_by_the_name_of_what_it_raised(
    crm: UIApp, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_given: Mapping[str, Any]) -> Any:
        raise ValueError("canary-4711")

    tool = Tool("broken", "Fails.", {"type": "object"}, broken)
    result, transport = asked(crm, [calls(("broken", {})), DONE], tools=[tool])
    assert result.ok
    assert "ValueError" in answers(transport)[0]["errors"][0]["message"]
    told = json.dumps(transport.requests) + caplog.text + json.dumps(result.trace.to_dict())
    assert "canary" not in told


def test_a_result_that_is_no_json_counts_as_a_failure(crm: UIApp) -> None:
    tool = Tool("odd", "Gives an object.", {"type": "object"}, lambda _given: object())
    _, transport = asked(crm, [calls(("odd", {})), DONE], tools=[tool])
    assert answers(transport)[0]["errors"][0]["code"] == "LLM_TOOL_FAILED"


def test_a_long_result_is_cut(crm: UIApp) -> None:
    tool = Tool("long", "Much.", {"type": "object"}, lambda _given: "x" * 1_000_000)
    _, transport = asked(crm, [calls(("long", {})), DONE], tools=[tool])
    assert len(transport.requests[1]["messages"][-1]["content"]) < 21_000


def test_a_loop_without_end_is_ended(crm: UIApp) -> None:
    again = calls(("look_up", {"name": "x"}))
    result, transport = asked(crm, [again], tools=[LOOK_UP], tries=Tries(tool_rounds=3))
    assert len(transport.requests) == 4
    assert not result.ok
    assert [i.code for i in result.diagnostics] == ["LLM_TOOL_LOOP_ENDLESS"]


def order_of(app: UIApp, *, parallel: bool | None) -> list[str]:
    """Which of two calls of one reply is seen when, where the first one waits for the second."""
    seen: list[str] = []
    second = threading.Event()

    def work(given: Mapping[str, Any]) -> Any:
        if given["name"] == "first":
            second.wait(0.2)
        seen.append(given["name"])
        second.set()
        return None

    tool = Tool("work", "Works.", Person, work)
    lines = [calls(("work", {"name": "first"}), ("work", {"name": "second"})), DONE]
    settings = ModelSettings("sim/any", parallel_tool_calls=parallel)
    asked(app, lines, tools=[tool], model=settings)
    return seen


def test_tools_run_one_after_the_other_unless_they_may_run_at_once(crm: UIApp) -> None:
    assert order_of(crm, parallel=None) == ["first", "second"]
    assert order_of(crm, parallel=True) == ["second", "first"]


def test_tools_may_be_coroutines(crm: UIApp) -> None:
    async def look(given: Mapping[str, Any]) -> Any:
        await asyncio.sleep(0)
        return given["name"]

    tool = Tool("look", "Looks.", Person, look)
    lines = [calls(("look", {"name": "ada"})), DONE]
    options: dict[str, Any] = {"model": "sim/any", "run_mode": "tool_loop", "tools": [tool]}
    for ask in (run, arun):
        transport = Scripted(lines)
        came = ask("Hi", app=crm, transport=transport, **options)
        if asyncio.iscoroutine(came):
            asyncio.run(came)
        assert answers(transport) == ["ada"]


# --- what cannot be used --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "says"),
    [
        (Tool("a b", "", {"type": "object"}, look_up), "characters"),
        (Tool("ui_toast", "", {"type": "object"}, look_up), "another tool"),
        (Tool("x", "", {"type": "array"}, look_up), "an object"),
        (Tool("x", "", {"type": 7}, look_up), "no JSON Schema"),
        (Tool("x", "", {"type": "object", "$ref": "#/nope"}, look_up), "not in them"),
        (Tool("x", "", {"type": "object", "not": {"$ref": "http://a/b"}}, look_up), "not in them"),
        (Tool("x", "", Unspeakable, look_up), "cannot be read"),
    ],
)
def test_tools_that_cannot_work_are_refused_before_anything_is_sent(
    crm: UIApp, tool: Tool, says: str
) -> None:
    transport = Scripted([DONE])
    with pytest.raises(LLMError) as caught:
        run("Hi", model="sim/any", app=crm, tools=[tool], run_mode="tool_loop", transport=transport)
    assert (caught.value.code, caught.value.pointer) == ("LLM_SETTINGS_INVALID", "/tools/0")
    assert says in caught.value.message
    assert transport.requests == []


def test_two_tools_of_one_name_are_refused() -> None:
    (found,) = check_tools([LOOK_UP, LOOK_UP], [])
    assert found.pointer == "/tools/1"


def test_arguments_by_json_schema_are_checked_with_a_pointer() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    tool = Tool("x", "", schema, look_up)
    assert checked(tool, {"n": 3}).values == {"n": 3}
    (found,) = checked(tool, {"n": "3"}).findings
    assert found.pointer == "/n"


def test_arguments_are_bounded() -> None:
    assert read_object('{"n": 3}', max_bytes=100).values == {"n": 3}
    assert read_object('{"n": 3}', max_bytes=4).values is None


# --- hybrid ---------------------------------------------------------------------------------------


def test_hybrid_runs_tools_first_and_tells_what_they_gave(crm: UIApp) -> None:
    lines = [
        calls(("look_up", {"name": "ada"})),
        "I know enough.",
        envelope(("ui.toast", {"text": "Hi"})),
    ]
    result, transport = asked(crm, lines, tools=[LOOK_UP], run_mode="hybrid")
    assert result.ok
    first, _, last = transport.requests
    assert [t["function"]["name"] for t in first["tools"]] == ["look_up"]
    assert "tools" not in last and last["response_format"]["type"] == "json_schema"
    assert 'look_up({"name":"ada","age":0}) = {"email":"ada@example.com"}' in said(last)[-1][1]
    assert {"tool"}.isdisjoint(role for role, _ in said(last))
    timings = result.trace.timings_ms
    assert timings["tool_loop_ms"] is not None and timings["directives_ms"] is not None


def test_what_a_model_says_between_the_parts_is_not_for_the_user(crm: UIApp) -> None:
    down = Failure("unavailable", "down", status=503)
    lines = [calls(("look_up", {"name": "ada"})), "I know enough.", down]
    tries = Tries(retries=0)
    result, _ = asked(crm, lines, tools=[LOOK_UP], run_mode="hybrid", tries=tries)
    assert not result.ok
    assert "enough" not in result.text
    assert [attempt.outcome for attempt in result.attempts] == ["ok", "ok", "unavailable"]


def test_hybrid_takes_an_envelope_that_comes_of_itself(crm: UIApp) -> None:
    result, transport = asked(
        crm, [envelope(("ui.toast", {"text": "Hi"}))], tools=[LOOK_UP], run_mode="hybrid"
    )
    assert result.ok
    assert len(transport.requests) == 1


def test_hybrid_without_tools_asks_for_directives_at_once(crm: UIApp) -> None:
    _, transport = asked(crm, [envelope(text="Hello.")], run_mode="hybrid")
    assert "tools" not in transport.requests[0]


def test_hybrid_goes_on_to_directives_when_its_tools_have_no_end(crm: UIApp) -> None:
    again = calls(("look_up", {"name": "x"}))
    lines = [again, again, envelope(text="Hello.")]
    result, _ = asked(crm, lines, tools=[LOOK_UP], run_mode="hybrid", tries=Tries(tool_rounds=1))
    assert result.ok
    found = [item for item in result.diagnostics if item.code == "LLM_TOOL_LOOP_ENDLESS"]
    assert [item.severity for item in found] == ["warning"]
