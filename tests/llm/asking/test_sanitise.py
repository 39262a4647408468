"""Requests without what a model does not take: left out and named, or refused when strict."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.errors import LLMError
from uicompiler.llm.asking.capabilities import Capabilities, Capability
from uicompiler.llm.asking.sanitise import sanitise

TABLE = Capabilities.default()
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
TOOLS = [{"type": "function", "function": {"name": "look_up"}}]
SAID = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}]


def request(**more: Any) -> dict[str, Any]:
    return {"model": "x/y", "messages": SAID, **more}


def test_what_a_model_takes_is_left_as_it_is() -> None:
    asked = request(temperature=0, seed=1, response_format=SCHEMA, stream=False)
    done = sanitise(asked, TABLE.of("openai/gpt-4o"))
    assert (done.request, done.dropped, done.findings) == (asked, (), ())


def test_what_it_refuses_is_left_out_and_named() -> None:
    done = sanitise(request(temperature=0, seed=1, top_p=1), TABLE.of("openai/o3"))
    assert done.request == request(seed=1)
    assert done.dropped == ("temperature", "top_p")
    assert [(it.code, it.severity, it.pointer) for it in done.findings] == [
        ("LLM_PARAMETER_DROPPED", "warning", "/temperature"),
        ("LLM_PARAMETER_DROPPED", "warning", "/top_p"),
    ]


def test_strict_refuses_with_all_that_would_be_left_out() -> None:
    asked = request(temperature=0, seed=1, logprobs=True)
    with pytest.raises(LLMError) as caught:
        sanitise(asked, TABLE.of("openai/o3"), strict=True)
    found = [(it.code, it.pointer) for it in caught.value.diagnostics]
    assert found == [
        ("LLM_PARAMETER_UNSUPPORTED", "/temperature"),
        ("LLM_PARAMETER_UNSUPPORTED", "/logprobs"),
    ]
    assert sanitise(request(seed=1), TABLE.of("openai/o3"), strict=True).dropped == ()


def test_a_shape_that_it_does_not_take_is_left_out() -> None:
    known = TABLE.of("deepseek/deepseek-chat")
    assert sanitise(request(response_format=SCHEMA), known).dropped == ("response_format",)
    as_object = request(response_format={"type": "json_object"})
    assert sanitise(as_object, known).request == as_object
    text = request(response_format={"type": "text"})
    assert sanitise(text, known).request == request()
    assert sanitise(text, known).dropped == ()


def test_keys_are_called_as_the_provider_calls_them() -> None:
    known = TABLE.of("openai/o3")
    assert sanitise(request(max_tokens=9), known).request == request(max_completion_tokens=9)
    both = request(max_tokens=9, max_completion_tokens=7)
    assert sanitise(both, known).request == request(max_completion_tokens=7)
    assert sanitise(request(max_tokens=9), known, strict=True).dropped == ()


def test_a_key_that_is_nothing_without_tools_goes_without_them() -> None:
    known = TABLE.of("openai/gpt-4o")
    alone = request(parallel_tool_calls=False, response_format=SCHEMA)
    assert sanitise(alone, known).request == request(response_format=SCHEMA)
    assert sanitise(alone, known).dropped == ("parallel_tool_calls",)
    assert sanitise(alone, known, strict=True).dropped == ("parallel_tool_calls",)
    beside = request(parallel_tool_calls=False, tools=TOOLS)
    assert sanitise(beside, known).request == beside


def test_who_takes_no_tools_gets_none_of_their_keys() -> None:
    asked = request(tools=TOOLS, tool_choice="auto", parallel_tool_calls=False)
    done = sanitise(asked, TABLE.of("perplexity/sonar"))
    assert done.request == request()
    assert done.dropped == ("tools", "tool_choice", "parallel_tool_calls")


def test_of_keys_that_exclude_each_other_the_first_stays() -> None:
    known = TABLE.of("anthropic/claude-sonnet-4-5")
    done = sanitise(request(top_p=0.9, temperature=0.1), known)
    assert done.request == request(temperature=0.1)
    assert done.dropped == ("top_p",)
    assert sanitise(request(top_p=0.9), known).dropped == ()
    refusing = Capability(refuses=frozenset({"a"}), one_of=(("a", "b"),))
    assert sanitise({"a": 1, "b": 2}, refusing).request == {"b": 2}


def test_keys_that_say_nothing_go_without_a_word() -> None:
    asked = request(temperature=None, tools=[], response_format=None, seed=0, stream=False)
    done = sanitise(asked, TABLE.of("openai/gpt-4o"), strict=True)
    assert (done.request, done.dropped) == (request(seed=0, stream=False), ())


def test_streaming_is_left_out_where_it_is_not_known() -> None:
    assert sanitise(request(stream=True), Capability(stream=False)).dropped == ("stream",)
    assert sanitise(request(stream=False), Capability(stream=False)).dropped == ()


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (SAID, [{"role": "user", "content": "Be brief.\n\nHello?"}]),
        ([SAID[1]], [SAID[1]]),
        ([SAID[0]], [{"role": "user", "content": "Be brief."}]),
        (
            [SAID[0], {"role": "assistant", "content": "Hi."}, SAID[1], SAID[0]],
            [
                {"role": "assistant", "content": "Hi."},
                {"role": "user", "content": "Be brief.\n\nBe brief.\n\nHello?"},
            ],
        ),
        (
            [SAID[0], {"role": "user", "content": [{"type": "text", "text": "a"}]}],
            [{"role": "user", "content": "Be brief.\n\na"}],
        ),
    ],
)
def test_what_the_system_says_is_said_by_the_user_where_it_may_not(
    said: list[dict[str, Any]], sent: list[dict[str, Any]]
) -> None:
    done = sanitise({"model": "x/y", "messages": said}, Capability(system=False))
    assert done.request["messages"] == sent
    assert done.dropped == ()


_MODELS = st.sampled_from(
    ["openai/gpt-4o", "openai/o1-mini", "anthropic/claude-opus-4-7", "mistral/x", "ollama/x", "?"]
)
_REQUESTS = st.fixed_dictionaries(
    {"model": st.just("x/y"), "messages": st.just(SAID)},
    optional={
        "temperature": st.none() | st.floats(0, 2),
        "top_p": st.none() | st.just(0.5),
        "seed": st.integers(0, 9),
        "max_tokens": st.integers(1, 9),
        "max_completion_tokens": st.integers(1, 9),
        "tools": st.sampled_from([None, [], TOOLS]),
        "tool_choice": st.sampled_from([None, "auto"]),
        "parallel_tool_calls": st.none() | st.booleans(),
        "response_format": st.sampled_from([None, SCHEMA, {"type": "text"}, {"type": "yaml"}]),
        "stream": st.booleans(),
        "user": st.just("u"),
    },
)


@given(_REQUESTS, _MODELS)
def test_what_is_sanitised_needs_no_more_of_it(asked: dict[str, Any], model: str) -> None:
    before = copy.deepcopy(asked)
    known = TABLE.of(model)
    once = sanitise(asked, known)
    again = sanitise(once.request, known, strict=True)
    assert asked == before
    assert (again.request, again.dropped) == (once.request, ())
    assert {"model", "messages"} <= once.request.keys()
    assert not known.refuses & once.request.keys()
    assert len(once.findings) == len(once.dropped)
