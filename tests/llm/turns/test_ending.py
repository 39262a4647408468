"""What a result says of an answer that was taken although something is missing in it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.llm.scripted import Scripted, envelope
from uicompiler.app import UIApp
from uicompiler.compiler import CompileResult
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import run

FORM = envelope(("ui.show_form", {"form_id": "contact"}))
WORDS = envelope(text="Sure.")


def wants_form(result: CompileResult) -> Sequence[str]:
    return [] if result.state.surfaces else ["a form for the contact"]


def asked(crm: UIApp, *answers: str) -> LLMResult:
    return run("x", model="sim/x", app=crm, transport=Scripted(answers), validator=wants_form)


def test_a_validator_that_is_never_satisfied_is_told_with_what_it_misses(crm: UIApp) -> None:
    result = asked(crm, WORDS, WORDS)
    assert result.ok
    told = [item for item in result.diagnostics if item.code == "LLM_VALIDATOR_UNSATISFIED"]
    assert [(item.severity, item.message) for item in told] == [
        ("warning", "The answer that was taken still lacks: a form for the contact.")
    ]
    assert "LLM_VALIDATOR_UNSATISFIED" in result.trace.to_json()


def test_one_that_is_satisfied_in_the_end_is_not(crm: UIApp) -> None:
    codes = {item.code for item in asked(crm, WORDS, FORM).diagnostics}
    assert codes == {"LLM_REPAIR_ASKED"}


def test_what_is_missing_is_told_within_bounds(crm: UIApp) -> None:
    long = run(
        "x",
        model="sim/x",
        app=crm,
        transport=Scripted([WORDS]),
        validator=lambda _: ["much " * 1_000] * 50,
    )
    (told,) = [item for item in long.diagnostics if item.code == "LLM_VALIDATOR_UNSATISFIED"]
    assert len(told.message) < 400
