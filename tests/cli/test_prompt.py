"""`prompt` and `schema`."""

from __future__ import annotations

from pathlib import Path

import pytest

from uicompiler import UIApp
from uicompiler.llm.prompt import instructions, prompt_stats
from uicompiler.llm.schema import envelope_schema, response_format


def test_prompt_prints_the_instructions_of_the_app(run, crm: Path) -> None:
    done = run("prompt", "--app", crm)
    assert done.status == 0
    assert done.out.decode() == instructions(UIApp.load(crm))


def test_stats_are_json(run, crm: Path) -> None:
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
