"""`prompt` and `schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from uicompiler import UIApp
from uicompiler.errors import LLMError, diagnostic
from uicompiler.llm.prompt import instructions, prompt_stats
from uicompiler.llm.schema import envelope_schema, response_format
from uicompiler.llm.transport import count_tokens


def test_prompt_prints_the_instructions_of_the_app(run, crm: Path) -> None:
    done = run("prompt", "--app", crm)
    assert done.status == 0
    assert done.out.decode() == instructions(UIApp.load(crm))


def test_stats_are_json_and_count_tokens_too(run, crm: Path) -> None:
    app = UIApp.load(crm)
    counted = {
        "tokens": count_tokens(instructions(app)),
        "response_format_tokens": count_tokens(
            json.dumps(response_format(app), separators=(",", ":"), ensure_ascii=False)
        ),
        "tokenizer": "cl100k_base",
    }
    shown = run("prompt", "--app", crm, "--stats").json()
    assert shown == prompt_stats(app) | counted


def test_stats_do_without_a_tokenizer(run, crm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_text: str) -> int:
        raise LLMError([diagnostic("LLM_NOT_INSTALLED", "litellm is not installed")])

    monkeypatch.setattr("uicompiler.llm.transport.count_tokens", missing)
    assert run("prompt", "--app", crm, "--stats").json() == prompt_stats(UIApp.load(crm))


def test_schema_prints_the_envelope_schema(run, crm: Path) -> None:
    app = UIApp.load(crm)
    assert run("schema", "--app", crm).json() == envelope_schema(app)
    assert run("schema", "--app", crm, "--response-format").json() == response_format(app)


def test_both_work_without_an_app(run) -> None:
    assert run("prompt").status == 0
    assert run("schema").json() == envelope_schema(UIApp.standard())


@pytest.mark.parametrize("name", ["prompt", "schema"])
def test_an_unknown_app_is_status_2(run, name: str) -> None:
    assert run(name, "--app", "no/such/app").status == 2
