"""Settings that could not work are refused before anything is sent, with all that is wrong."""

from __future__ import annotations

import math
from typing import Any

import pytest

from uicompiler.errors import LLMError
from uicompiler.llm.asking.capabilities import Capabilities, Capability
from uicompiler.llm.asking.checks import check_provider, check_settings, refuse
from uicompiler.llm.settings import Budget, ModelSettings, Tries

STREAM_FORMAT = "LLM_STREAMING_WITH_RESPONSE_FORMAT_FORBIDDEN"
STREAM_TOOLS = "LLM_STREAMING_WITH_TOOL_CALLING_FORBIDDEN"
TOOLS_FORMAT = "LLM_TOOLS_WITH_RESPONSE_FORMAT_FORBIDDEN"
PARALLEL = "LLM_STRUCTURED_OUTPUTS_PARALLEL_TOOL_CALLS_FORBIDDEN"
INVALID = "LLM_SETTINGS_INVALID"
UNSUPPORTED = "LLM_PARAMETER_UNSUPPORTED"


def settings(**values: Any) -> ModelSettings:
    return ModelSettings("openai/gpt-4o-mini", **values)


def found(values: dict[str, Any], **turn: Any) -> list[tuple[str, str]]:
    findings = check_settings(settings(**values), turn.pop("known", Capability()), **turn)
    assert all(each.hint or each.code == INVALID for each in findings)
    return [(each.code, each.pointer) for each in findings]


WORKS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"stream": True}, {}),
    ({"stream": True, "response_format": "prompt_only"}, {}),
    ({"response_format": "json_schema"}, {}),
    ({"response_format": "json_schema"}, {"run_mode": "hybrid", "tools": True}),
    ({"response_format": "prompt_only"}, {"run_mode": "tool_loop", "tools": True}),
    ({"parallel_tool_calls": True}, {"run_mode": "tool_loop", "tools": True}),
    ({"parallel_tool_calls": True, "response_format": "json_object"}, {"run_mode": "hybrid"}),
    ({"temperature": 0, "top_p": 1, "seed": 0, "max_output_tokens": 1}, {}),
    ({"temperature": 2.0, "request_timeout_s": 0.1}, {}),
    ({"api_base": "http://localhost:8000/v1", "api_key": "x"}, {}),
    ({"api_base": "https://[::1]:8000/"}, {}),
    ({"extra": {"min_p": 0.1, "chat_template_kwargs": {"thinking": False}}}, {}),
    ({}, {"budget": Budget(None, None, None, None), "tries": Tries(0, 0, 0, 0, 0, 0)}),
    ({}, {"budget": Budget(0.5, 0, 1000, 0.01)}),
]


@pytest.mark.parametrize(("values", "turn"), WORKS)
def test_what_can_work_is_let_through(values: dict[str, Any], turn: dict[str, Any]) -> None:
    assert found(values, **turn) == []


@pytest.mark.parametrize("end", ["/chat/completions", "/v1/chat/completions/", "/v1/models"])
def test_an_address_of_an_endpoint_is_refused_with_where_it_should_end(end: str) -> None:
    (finding,) = check_settings(settings(api_base=f"http://localhost:8000{end}"), Capability())
    assert (finding.code, finding.pointer) == (INVALID, "/api_base")
    assert "up to /v1" in finding.hint


CONTRADICTIONS: list[tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = [
    ({"stream": True, "response_format": "json_schema"}, {}, [(STREAM_FORMAT, "/stream")]),
    ({"stream": True, "response_format": "json_object"}, {}, [(STREAM_FORMAT, "/stream")]),
    ({"stream": True}, {"run_mode": "tool_loop"}, [(STREAM_TOOLS, "/stream")]),
    ({"stream": True}, {"run_mode": "hybrid"}, [(STREAM_TOOLS, "/stream")]),
    (
        {"stream": True},
        {"tools": True},
        [(STREAM_TOOLS, "/stream"), (INVALID, "/run_mode")],
    ),
    (
        {"response_format": "json_schema"},
        {"run_mode": "tool_loop"},
        [(TOOLS_FORMAT, "/response_format")],
    ),
    (
        {"response_format": "json_object", "parallel_tool_calls": True},
        {},
        [(PARALLEL, "/parallel_tool_calls")],
    ),
    ({}, {"tools": True}, [(INVALID, "/run_mode")]),
    (
        {"stream": True, "response_format": "json_schema"},
        {"run_mode": "tool_loop"},
        [(STREAM_FORMAT, "/stream"), (STREAM_TOOLS, "/stream"), (TOOLS_FORMAT, "/response_format")],
    ),
]


@pytest.mark.parametrize(("values", "turn", "findings"), CONTRADICTIONS)
def test_settings_that_contradict_each_other_are_refused(
    values: dict[str, Any], turn: dict[str, Any], findings: list[tuple[str, str]]
) -> None:
    assert found(values, **turn) == findings


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"response_format": "yaml"}, "/response_format"),
    ({"temperature": -0.1}, "/temperature"),
    ({"temperature": 2.1}, "/temperature"),
    ({"temperature": math.nan}, "/temperature"),
    ({"temperature": "hot"}, "/temperature"),
    ({"temperature": True}, "/temperature"),
    ({"top_p": 0}, "/top_p"),
    ({"top_p": 1.1}, "/top_p"),
    ({"seed": 1.5}, "/seed"),
    ({"seed": True}, "/seed"),
    ({"max_output_tokens": 0}, "/max_output_tokens"),
    ({"max_output_tokens": 1.5}, "/max_output_tokens"),
    ({"max_output_tokens": math.inf}, "/max_output_tokens"),
    ({"max_output_tokens": 10**400}, "/max_output_tokens"),
    ({"seed": 10**400}, "/seed"),
    ({"temperature": -math.inf}, "/temperature"),
    ({"stream": "yes"}, "/stream"),
    ({"stream": None}, "/stream"),
    ({"strict_parameters": "no"}, "/strict_parameters"),
    ({"step_down": 1}, "/step_down"),
    ({"parallel_tool_calls": "yes"}, "/parallel_tool_calls"),
    ({"request_timeout_s": 0}, "/request_timeout_s"),
    ({"request_timeout_s": math.inf}, "/request_timeout_s"),
    ({"request_timeout_s": None}, "/request_timeout_s"),
    ({"api_base": ""}, "/api_base"),
    ({"api_base": "localhost:8000"}, "/api_base"),
    ({"api_base": "file:///etc/passwd"}, "/api_base"),
    ({"api_base": "http://"}, "/api_base"),
    ({"api_base": "http://host:port/"}, "/api_base"),
    ({"api_base": "http://host\r\nx: y/"}, "/api_base"),
    ({"api_base": "http://user:pass@host/v1"}, "/api_base"),
    ({"api_base": "http://kanari@host/v1"}, "/api_base"),
    ({"api_base": "http://host/v1?api_key=kanari"}, "/api_base"),
    ({"api_base": "http://host/v1?kanari"}, "/api_base"),
    ({"api_base": "http://host/v1#kanari"}, "/api_base"),
    ({"api_base": "http://host/v1?"}, "/api_base"),
    ({"api_base": "http://host/v1%3Fkey=kanari"}, "/api_base"),
    ({"api_base": "http://host/v1;api_key=kanari-0123"}, "/api_base"),
    ({"api_base": "http://host/sk-kanari0123456789/v1"}, "/api_base"),
    ({"api_base": 7}, "/api_base"),
    ({"api_key": ""}, "/api_key"),
    ({"api_key": "two words"}, "/api_key"),
    ({"api_key": "line\n"}, "/api_key"),
    ({"api_key": "Schlüssel"}, "/api_key"),
    ({"api_key": 7}, "/api_key"),
    ({"extra": []}, "/extra"),
    ({"extra": {1: 2}}, "/extra"),
    ({"extra": {"x": object()}}, "/extra"),
    ({"extra": {"x": math.nan}}, "/extra"),
    ({"extra": {"messages": []}}, "/extra/messages"),
    ({"extra": {"stream": True}}, "/extra/stream"),
    ({"extra": {"response_format": {}}}, "/extra/response_format"),
    ({"extra": {"api_key": "x"}}, "/extra/api_key"),
    ({"extra": {"extra_headers": {}}}, "/extra/extra_headers"),
    ({"extra": {"Authorization": "Bearer x"}}, "/extra/Authorization"),
    ({"extra": {"tool_choice": "required"}}, "/extra/tool_choice"),
    ({"extra": {"n": 3}}, "/extra/n"),
    ({"extra": {"stream_options": {"include_usage": True}}}, "/extra/stream_options"),
]


@pytest.mark.parametrize(("values", "pointer"), NONSENSE)
def test_settings_that_name_nothing_are_refused(values: dict[str, Any], pointer: str) -> None:
    assert found(values) == [(INVALID, pointer)]


HIDDEN: list[tuple[dict[str, Any], str]] = [
    *(
        ({name: "kanari"}, f"/extra/{name}")
        for name in (
            *(
                "x-goog-api-key",
                "api-key",
                "apikey",
                "apiKey",
                "X-API-KEY",
                "token",
                "access_token",
            ),
            *("accessToken", "aws_secret_access_key", "client_secret", "password", "userPassword"),
            *("proxy-authorization", "auth", "bearer", "credentials", "subscription.key"),
        )
    ),
    ({"extra_query": {"a": "b"}}, "/extra/extra_query"),
    ({"default_headers": None}, "/extra/default_headers"),
    ({"metadata": {"authorization": "kanari"}}, "/extra/metadata/authorization"),
    ({"metadata": [{"deep": {"Token": ["kanari"]}}]}, "/extra/metadata/0/deep/Token/0"),
    ({"secrets": {"a": "kanari"}}, "/extra/secrets/a"),
    ({"note": "Bearer kanari-0123456789"}, "/extra/note"),
    ({"notes": ["sk-kanari0123456789"]}, "/extra/notes/0"),
]


@pytest.mark.parametrize(("extra", "pointer"), HIDDEN)
def test_a_key_hides_in_no_further_key(extra: dict[str, Any], pointer: str) -> None:
    assert found({"extra": extra}) == [(INVALID, pointer)]
    findings = check_settings(settings(extra=extra), Capability())
    assert "kanari" not in str(findings) and findings[0].hint == "Give the key as api_key."


@pytest.mark.parametrize(
    "extra",
    [
        {"stop_token_ids": [1, 2], "min_tokens": 3, "add_bos_token": True},
        {"prompt_cache_key": "screen-7", "monkey": "x", "keyboard": "y", "tokenizer": "z"},
        {"guided_json": {"properties": {"password": {"type": "string"}}}},
        {"stop": ["sky", "bearer of news"], "chat_template_kwargs": {"enable_thinking": False}},
    ],
)
def test_what_is_no_key_may_be_sent(extra: dict[str, Any]) -> None:
    assert found({"extra": extra}) == []


def test_what_only_a_stream_has_needs_one() -> None:
    assert found({"extra": {"stream_options": {"include_usage": True}}, "stream": True}) == []


def test_how_deep_something_lies_is_no_matter() -> None:
    deep: Any = "sk-kanari0123456789"
    for _ in range(5_000):
        deep = {"x": deep}
    assert found({"extra": {"x": deep}}) == [(INVALID, "/extra")]


def test_a_mode_that_there_is_not_is_refused() -> None:
    assert found({}, run_mode="dance") == [(INVALID, "/run_mode")]


@pytest.mark.parametrize(
    ("limits", "pointer"),
    [
        ({"budget": Budget(seconds=-1)}, "/budget/seconds"),
        ({"budget": Budget(usd=math.nan)}, "/budget/usd"),
        ({"budget": Budget(tokens="many")}, "/budget/tokens"),  # type: ignore[arg-type]
        ({"tries": Tries(retries=-1)}, "/tries/retries"),
        ({"tries": Tries(repairs=None)}, "/tries/repairs"),  # type: ignore[arg-type]
        ({"tries": Tries(first_wait_s=math.nan)}, "/tries/first_wait_s"),
        ({"budget": Budget(seconds=math.inf)}, "/budget/seconds"),
        ({"budget": Budget(usd=math.inf)}, "/budget/usd"),
        ({"budget": Budget(tokens=math.inf)}, "/budget/tokens"),  # type: ignore[arg-type]
        ({"budget": Budget(calls=1.5)}, "/budget/calls"),  # type: ignore[arg-type]
        ({"budget": Budget(calls=10**400)}, "/budget/calls"),
        ({"budget": Budget(seconds=10**400)}, "/budget/seconds"),
        ({"tries": Tries(retries=10**400)}, "/tries/retries"),
        ({"tries": Tries(repairs=0.5)}, "/tries/repairs"),  # type: ignore[arg-type]
        ({"tries": Tries(repairs=True)}, "/tries/repairs"),
        ({"tries": Tries(first_wait_s=math.inf)}, "/tries/first_wait_s"),
        ({"tries": Tries(longest_wait_s=math.inf)}, "/tries/longest_wait_s"),
    ],
)
def test_limits_that_are_no_numbers_are_refused(limits: dict[str, Any], pointer: str) -> None:
    assert found({}, **limits) == [(INVALID, pointer)]


def test_a_shape_that_the_model_does_not_take_may_be_stepped_down_from() -> None:
    known = Capabilities.default().of("deepseek/deepseek-chat")
    wanted = {"response_format": "json_schema"}
    assert found(wanted, known=known) == []
    assert found({**wanted, "step_down": False}, known=known) == [(UNSUPPORTED, "/response_format")]
    assert found({**wanted, "strict_parameters": True}, known=known) == [
        (UNSUPPORTED, "/response_format")
    ]


def test_a_model_without_tools_runs_no_tool_loop() -> None:
    known = Capabilities.default().of("ollama/llama3.1")
    assert found({}, known=known, run_mode="tool_loop") == [(UNSUPPORTED, "/run_mode")]
    assert found({}, known=known) == []


def test_all_that_is_wrong_is_told_at_once() -> None:
    findings = check_settings(settings(temperature=9, top_p=9, seed=0.5), Capability())
    with pytest.raises(LLMError) as caught:
        refuse(findings)
    assert [each.pointer for each in caught.value.diagnostics] == [
        "/temperature",
        "/top_p",
        "/seed",
    ]
    refuse([])


# --- provider and key -----------------------------------------------------------------------------


def provider(model: Any, **more: Any) -> list[tuple[str, str]]:
    known = Capabilities.default().of(str(model))
    environment = more.pop("environment", {})
    own = more.pop("own_server", False)
    findings = check_provider(
        ModelSettings(model, **more),
        known,
        environment=environment,
        providers={"openai", "ollama", "bedrock", "anthropic"},
        own_server=own,
    )
    assert all(each.hint for each in findings)
    return [(each.code, each.pointer) for each in findings]


@pytest.mark.parametrize(
    "model", ["", "gpt-4o", "/gpt-4o", "openai/", "open ai/x", "openai/x y", None, 7, "nobody/x"]
)
def test_a_model_of_no_provider_is_refused(model: Any) -> None:
    assert provider(model) == [("LLM_MODEL_UNKNOWN", "/model")]


def test_what_was_meant_is_suggested() -> None:
    known = Capability()
    (finding,) = check_provider(
        ModelSettings("antropic/x"), known, environment={}, providers={"anthropic", "openai"}
    )
    assert finding.hint == "Is it anthropic?"


def test_a_key_is_wanted_where_the_provider_wants_one() -> None:
    missing = [("LLM_KEY_MISSING", "/api_key")]
    assert provider("openai/x") == missing
    assert provider("openai/x", environment={"OPENAI_API_KEY": ""}) == missing
    assert provider("openai/x", environment={"ANTHROPIC_API_KEY": "k"}) == missing
    assert provider("openai/x", environment={"OPENAI_API_KEY": "k"}) == []
    assert provider("openai/x", api_key="k") == []
    assert provider("openai/x", own_server=True) == []
    assert provider("ollama/x") == []
    assert provider("bedrock/x") == []  # its credentials are found in many ways
