"""Arguments of the wrong kind are refused before anything is sent: what was found, what to do."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tests.llm.scripted import FakeClock, Scripted, envelope
from uicompiler.app import UIApp
from uicompiler.compiler import CompileResult
from uicompiler.llm.host import as_model
from uicompiler.llm.options import RunOptions
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import arun, run
from uicompiler.llm.tools import Tool

OPENAI_TOOL = {"type": "function", "function": {"name": "look_up"}}


class Nothing(BaseModel):
    """No arguments."""


class Blocking:
    """A transport of `run` alone."""

    def send(self, request: Mapping[str, Any], *, timeout_s: float) -> None:
        raise AssertionError("nothing is to be sent")


def tool(**changes: Any) -> Tool:
    given = {"name": "look_up", "description": "", "parameters": Nothing, "run": dict, **changes}
    return Tool(**given)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("tool", "is it tools?"), ("way", "known: app, "), ("temperature", "it is a setting: model=")],
)
def test_a_name_that_there_is_not_is_told_with_a_near_one(name: str, hint: str) -> None:
    wrong: Any = {name: 1}
    for caller, ask in (("run", run), ("arun", lambda *a, **b: asyncio.run(arun(*a, **b)))):
        with pytest.raises(TypeError) as caught:
            ask("x", model="sim/x", transport=Scripted([envelope()]), **wrong)
        assert f"{caller}() takes no argument {name}; {hint}" in str(caught.value)


async def misses_nothing(result: CompileResult) -> list[str]:
    return []


WRONG: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("a message in parts", {"message": ["hi"]}, ("message is str, found list",)),
    ("no model", {"model": None}, ("model is str or ModelSettings, found NoneType", "openai/")),
    ("a dict as turn", {"turn": {"now": ""}}, ("turn is TurnContext, found dict",)),
    (
        "OpenAI's messages",
        {"history": [{"role": "user", "content": "hi"}]},
        ("history[0] is a pair (role, text) of strings, found dict", "('user', 'Hello.')"),
    ),
    ("texts alone", {"history": ["hi"]}, ("history[0] is a pair", "found str")),
    ("one text", {"history": "hi"}, ("history is a list of pairs", "found str")),
    ("a text that is none", {"history": [("user", None)]}, ("history[0] is a pair",)),
    ("OpenAI's tools", {"tools": [OPENAI_TOOL]}, ("tools[0] is Tool, found dict", "llm.Tool(")),
    ("one tool", {"tools": tool()}, ("tools is a list of llm.Tool, found Tool",)),
    (
        "a schema in words",
        {"tools": [tool(parameters="x")]},
        ("tools[0].parameters is a pydantic",),
    ),
    ("a tool that does nothing", {"tools": [tool(run=None)]}, ("tools[0].run is a function",)),
    ("a nameless tool", {"tools": [tool(name=None)]}, ("tools[0].name is str, found NoneType",)),
    ("a validator that waits", {"validator": misses_nothing}, ("validator is a plain function",)),
    ("a list as validator", {"validator": ["a form"]}, ("validator is a function, found list",)),
    ("a dict as budget", {"budget": {"seconds": 3}}, ("budget is Budget, found dict", "Budget(")),
    ("a number as tries", {"tries": 2}, ("tries is Tries, found int", "llm.Tries(")),
    ("a path as cache", {"cache": "/kept"}, ("cache is Cache, found str", "directory_cache(path)")),
    (
        "a path as table",
        {"capabilities": Path("x")},
        ("capabilities is", "Capabilities.load(path)"),
    ),
    ("rows as table", {"capabilities": []}, ("found list", "with_rows(rows)")),
    ("a dict as lessons", {"learned": {}}, ("learned is Learned, found dict",)),
    ("a flag as event", {"cancel": True}, ("cancel is an event", "threading.Event")),
    ("a reading as clock", {"clock": 3.0}, ("clock is a function, found float",)),
    ("a coroutine as sleep", {"sleep": asyncio.sleep}, ("sleep is a plain function",)),
    ("a class as transport", {"transport": Scripted}, ("found the class Scripted", "make one")),
    ("a text as transport", {"transport": "litellm"}, ("transport is an object with send()",)),
]


@pytest.mark.parametrize(("given", "words"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_a_wrong_kind_is_named_with_what_to_do(
    given: dict[str, Any], words: tuple[str, ...]
) -> None:
    transport = Scripted([envelope()])
    arguments: dict[str, Any] = {"message": "x", "model": "sim/x", "transport": transport, **given}
    with pytest.raises(TypeError) as caught:
        run(arguments.pop("message"), **arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert "; " in str(caught.value)
    assert transport.requests == []


def test_a_result_in_place_of_its_state_is_told_which_part_is_meant() -> None:
    result = run("x", model="sim/x", transport=Scripted([envelope(text="Hello.")]))
    for state, hint in ((result, "result.compiled.state"), (result.compiled, "result.state")):
        with pytest.raises(TypeError, match=f"hand in {hint}"):
            run("x", model="sim/x", state=state, transport=Blocking())  # type: ignore[arg-type]


def test_what_is_refused_is_never_quoted() -> None:
    with pytest.raises(TypeError) as caught:
        run("x", model="sim/x", cache="sk-secret")  # type: ignore[arg-type]
    assert "sk-secret" not in str(caught.value)


def test_arun_needs_a_transport_that_awaits() -> None:
    with pytest.raises(TypeError, match=r"an object with asend\(\), found Blocking"):
        asyncio.run(arun("x", model="sim/x", transport=Blocking()))  # type: ignore[arg-type]


class Wordy:
    """A transport that gives the text of an answer, where a reply is wanted."""

    def send(self, request: Mapping[str, Any], *, timeout_s: float) -> str:
        return "Hello."

    async def asend(self, request: Mapping[str, Any], *, timeout_s: float) -> None:
        return None


def test_a_transport_that_gives_no_reply_is_told_what_it_gives() -> None:
    wordy: Any = Wordy()
    with pytest.raises(TypeError, match=r"gives an llm\.Reply or an llm\.Failure, found str"):
        run("x", model="sim/x", transport=wordy)
    with pytest.raises(TypeError, match="found NoneType"):
        asyncio.run(arun("x", model="sim/x", transport=wordy))


def test_a_host_is_told_when_its_model_is_made_and_not_with_the_first_message() -> None:
    for wrong in ({"transport": Blocking()}, {"budget": 3}, {"tools": [OPENAI_TOOL]}):
        with pytest.raises(TypeError):
            as_model("sim/x", UIApp.standard(), **{"transport": Scripted([]), **wrong})  # type: ignore[arg-type]


def test_run_and_arun_take_the_same() -> None:
    assert [*inspect.signature(run).parameters] == [*inspect.signature(arun).parameters]


def test_the_page_lists_every_parameter() -> None:
    page = (Path(__file__).parents[2] / "docs/llm.md").read_text()
    table = page.partition("| `run` and `arun` take | |")[2].partition("\n\n")[0]
    listed = re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.split("\n")[2:]))
    assert sorted(listed) == sorted(("message", "model", "sleep", *RunOptions.__annotations__))


def test_what_is_right_goes_on() -> None:
    clock = FakeClock()
    result: LLMResult = run(
        "x",
        model="sim/x",
        history=(["user", "Hello."], ("assistant", "Hello!")),  # type: ignore[arg-type]
        transport=Scripted([envelope(text="Hello.")]),
        clock=clock.read,
        sleep=clock.sleep,
    )
    assert result.ok
