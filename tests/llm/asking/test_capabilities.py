"""What models take: the shipped table knows what providers refuse; apps add rows of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from uicompiler.errors import LLMError
from uicompiler.llm.asking.capabilities import Capabilities, Row, read_rows

TABLE = Capabilities.default()
ALL = ("json_schema", "json_object", "prompt_only")
OBJECT = ("json_object", "prompt_only")
SCHEMA = ("json_schema", "prompt_only")
PROMPT = ("prompt_only",)

RUNGS = [
    ("openai/gpt-4o-mini", ALL),
    ("OpenAI/GPT-4o-mini", ALL),
    ("openai/gpt-4.1", ALL),
    ("openai/gpt-4-turbo", OBJECT),
    ("openai/gpt-3.5-turbo", OBJECT),
    ("openai/gpt-4", PROMPT),
    ("openai/o3-mini", ALL),
    ("openai/o1-mini", PROMPT),
    ("openai/gpt-5-mini", ALL),
    ("azure/our-deployment", ALL),
    ("anthropic/claude-sonnet-4-5", SCHEMA),
    ("vertex_ai/claude-opus-4-5", SCHEMA),
    ("gemini/gemini-2.5-flash", ALL),
    ("vertex_ai/gemini-2.5-pro", ALL),
    ("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", SCHEMA),
    ("bedrock/us.amazon.nova-lite-v1:0", SCHEMA),
    ("bedrock/meta.llama3-1-70b-instruct-v1:0", PROMPT),
    ("mistral/mistral-small-latest", ALL),
    ("cohere_chat/command-r-plus", PROMPT),
    ("groq/llama-3.3-70b-versatile", OBJECT),
    ("groq/openai/gpt-oss-20b", ALL),
    ("groq/moonshotai/kimi-k2-instruct", ALL),
    ("deepseek/deepseek-chat", OBJECT),
    ("xai/grok-4", ALL),
    ("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo", ALL),
    ("fireworks_ai/accounts/fireworks/models/llama-v3p1-70b-instruct", ALL),
    ("openrouter/openai/gpt-4o-mini", ALL),
    ("ollama/llama3.1", ALL),
    ("hosted_vllm/meta-llama/Llama-3.1-8B-Instruct", ALL),
    ("lm_studio/qwen3", SCHEMA),
    ("llamafile/x", ALL),
    ("huggingface/meta-llama/Llama-3.1-8B-Instruct", ALL),
    ("nobody-knows/this", ALL),
    ("", ALL),
]


@pytest.mark.parametrize(("model", "rungs"), RUNGS)
def test_the_ladder_begins_with_the_best_that_is_known(model: str, rungs: tuple[str, ...]) -> None:
    assert TABLE.of(model).response_formats == rungs


REFUSED = [
    ("openai/o3-mini", {"temperature", "top_p", "parallel_tool_calls"}, {"seed"}),
    ("azure/o1", {"temperature"}, set()),
    ("openai/gpt-5-mini", {"temperature", "top_p"}, {"parallel_tool_calls", "seed"}),
    ("openai/gpt-5-chat-latest", set(), {"temperature", "top_p"}),
    ("openrouter/openai/gpt-5", {"temperature"}, set()),
    ("openai/gpt-4o", set(), {"temperature", "seed", "parallel_tool_calls"}),
    ("anthropic/claude-3-5-sonnet-20241022", {"seed", "logprobs", "n"}, {"temperature"}),
    ("anthropic/claude-opus-4-7", {"temperature", "top_p", "seed"}, set()),
    ("openrouter/anthropic/claude-opus-4.7", {"temperature"}, set()),
    ("anthropic/claude-opus-4-20250514", {"seed"}, {"temperature", "top_p"}),
    ("gemini/gemini-2.5-flash", {"parallel_tool_calls"}, {"temperature", "seed"}),
    ("bedrock/meta.llama3-1-70b-instruct-v1:0", {"tool_choice", "seed"}, {"temperature"}),
    ("mistral/mistral-small-latest", {"logprobs", "user"}, {"seed", "parallel_tool_calls"}),
    ("groq/llama-3.3-70b-versatile", {"logprobs", "logit_bias"}, {"seed"}),
    ("deepseek/deepseek-reasoner", {"temperature", "top_p"}, set()),
    ("deepseek/deepseek-chat", {"parallel_tool_calls"}, {"temperature"}),
    ("xai/grok-4", {"stop", "presence_penalty"}, {"temperature"}),
    ("xai/grok-3", set(), {"stop", "presence_penalty"}),
    ("ollama_chat/llama3.1", {"parallel_tool_calls"}, {"temperature", "seed"}),
]


@pytest.mark.parametrize(("model", "refused", "taken"), REFUSED)
def test_keys_that_a_model_is_known_to_refuse(
    model: str, refused: set[str], taken: set[str]
) -> None:
    refuses = TABLE.of(model).refuses
    assert refused <= refuses
    assert not taken & refuses


def test_reasoning_models_call_the_limit_otherwise() -> None:
    assert TABLE.of("openai/o4-mini").renames == {"max_tokens": "max_completion_tokens"}
    assert TABLE.of("mistral/x").renames == {"max_completion_tokens": "max_tokens"}
    assert TABLE.of("openai/gpt-4o").renames == {}


def test_newer_claude_models_take_one_of_two_keys() -> None:
    for model in ("claude-sonnet-4-5", "claude-opus-4-1", "claude-opus-4-5@20251101"):
        assert TABLE.of(f"anthropic/{model}").one_of == (("temperature", "top_p"),)
    assert TABLE.of("anthropic/claude-3-5-haiku-latest").one_of == ()


def test_who_takes_no_tools_takes_no_key_for_them() -> None:
    without = TABLE.of("ollama/llama3.1")
    assert (without.tools, without.parallel_tool_calls) == (False, False)
    assert TABLE.of("openai/o3").tools and not TABLE.of("openai/o3").parallel_tool_calls
    assert not TABLE.of("openai/o1-mini").system


@pytest.mark.parametrize(
    ("model", "variables"),
    [
        ("openai/gpt-4o", ("OPENAI_API_KEY",)),
        ("ollama/llama3.1", ()),
        ("bedrock/anthropic.claude", None),
        ("nobody-knows/this", None),
    ],
)
def test_where_keys_are(model: str, variables: tuple[str, ...] | None) -> None:
    assert TABLE.of(model).key_variables == variables


def test_rows_are_named_for_traces_from_the_general_to_the_special() -> None:
    rows = TABLE.of("openai/o3-mini").rows
    assert rows[0] == "*"
    assert rows[1] == "openai/*"
    assert rows[-1].startswith("openai/o[134]*")


def test_every_row_of_the_table_can_fit_and_most_say_where_they_are_from() -> None:
    assert len(TABLE.rows) > 30
    without = [row.match for row in TABLE.rows if not row.source]
    assert without == [("anthropic/*",), ("gemini/*",)]  # they name nothing but a variable
    assert all(row.source.startswith("https://") for row in TABLE.rows if row.source)


def test_providers_are_those_that_rows_name() -> None:
    known = {"openai", "azure", "anthropic", "gemini", "vertex_ai", "bedrock", "mistral", "groq"}
    known |= {"cohere", "deepseek", "xai", "together_ai", "fireworks_ai", "openrouter", "ollama"}
    known |= {"hosted_vllm", "lm_studio", "llamafile", "huggingface"}
    assert known <= TABLE.providers
    assert "*" not in TABLE.providers and "" not in TABLE.providers


# --- an app's own rows ----------------------------------------------------------------------------


def test_an_apps_rows_have_the_last_word() -> None:
    own = TABLE.with_rows(
        [
            {"match": "openai/gpt-5.1*", "takes": ["temperature"]},
            {"match": ["openai/ours", "azure/ours"], "response_formats": ["json_object"]},
            Row(match=("openai/ours",), tools=False, refuses=("seed",)),
        ]
    )
    assert "temperature" not in own.of("openai/gpt-5.1-mini").refuses
    assert "top_p" in own.of("openai/gpt-5.1-mini").refuses
    assert own.of("azure/ours").response_formats == OBJECT
    assert not own.of("openai/ours").tools
    assert own.of("openai/gpt-4o") == TABLE.of("openai/gpt-4o")
    assert TABLE.of("azure/ours").response_formats == ALL  # the shipped table stays as it is


def test_rungs_are_in_the_ladders_order_whatever_the_rows() -> None:
    own = TABLE.with_rows([{"match": "x/*", "response_formats": ["json_object", "json_schema"]}])
    assert own.of("x/y").response_formats == ALL


def test_a_row_may_be_about_servers_of_ones_own() -> None:
    own = TABLE.with_rows([{"match": "openai/*", "server": "own", "refuses": ["seed"]}])
    assert "seed" in own.of("openai/x", api_base="http://localhost:8000/v1").refuses
    assert "seed" not in own.of("openai/x").refuses
    theirs = TABLE.with_rows([{"match": "openai/*", "server": "provider", "refuses": ["seed"]}])
    assert "seed" not in theirs.of("openai/x", api_base="http://localhost:8000/v1").refuses
    assert "seed" in theirs.of("openai/x").refuses


def test_a_table_of_an_apps_own_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    path.write_text("rows:\n  - match: ours/*\n    refuses: [seed]\n    why: It says so.\n")
    assert Capabilities.load(path).of("ours/x").refuses == {"seed"}


WRONG: list[tuple[str, str]] = [
    ("rows: [", ""),
    ("just words", ""),
    ("", ""),
    ("rows: 7", "/rows"),
    ("version: 2\nrows: []", "/version"),
    ("rows: []\nmore: 1", "/more"),
    ("rows:\n  - tools: true", "/rows/0/match"),
    ("rows:\n  - match: []", "/rows/0/match"),
    ("rows:\n  - match: x\n    tool: true", "/rows/0/tool"),
    ("rows:\n  - match: x\n    tools: perhaps", "/rows/0/tools"),
    ("rows:\n  - match: x\n    response_formats: [yaml]", "/rows/0/response_formats/0"),
    ("rows:\n  - match: x\n    refuses: [messages]", "/rows/0/refuses"),
    ("rows:\n  - match: x\n    only_with_tools: [model]", "/rows/0/only_with_tools"),
    ("rows: !!python/object/apply:os.getcwd []", ""),
    ("\x00", ""),
]


@pytest.mark.parametrize(("text", "pointer"), WRONG)
def test_a_table_that_cannot_be_read_is_refused_with_its_place(text: str, pointer: str) -> None:
    with pytest.raises(LLMError) as caught:
        read_rows(text)
    assert {each.code for each in caught.value.diagnostics} == {"LLM_CAPABILITIES_INVALID"}
    assert caught.value.pointer == pointer
    assert caught.value.hint


def test_all_that_is_wrong_is_told_at_once() -> None:
    rows: list[dict[str, Any]] = [{"match": "x", "tools": 7}, {"tools": True}]
    with pytest.raises(LLMError) as caught:
        TABLE.with_rows(rows)
    pointers = [each.pointer for each in caught.value.diagnostics]
    assert pointers == ["/rows/0/tools", "/rows/1/match"]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LLMError) as caught:
        Capabilities.load(tmp_path / "nothing.yaml")
    assert caught.value.code == "LLM_CAPABILITIES_INVALID"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- match: x", "The table is a mapping with rows, found list."),
        ("", "The table is a mapping with rows, found nothing."),
        ("rows: 3", "It is a list."),
        ("rows: [3]", "A row is a mapping that begins with match."),
        ("rows: [{match: a, refuse: [x]}]", "There is no such key in a row; known: match, server"),
        ("rows: []\nrow: []", "There is no such key in a table; known: version, rows."),
    ],
)
def test_what_is_wrong_in_a_file_names_the_file_and_what_is_known(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "models.yaml"
    path.write_text(text)
    with pytest.raises(LLMError) as caught:
        Capabilities.load(path)
    assert caught.value.message.startswith(f"{path}: {says}")
    assert caught.value.hint
    assert "_Table" not in str(caught.value)


def test_rows_that_are_no_list_are_told_so() -> None:
    with pytest.raises(LLMError, match="Rows are a list, found dict"):
        Capabilities.default().with_rows({"match": "a"})  # type: ignore[dict-item]
