"""Asking for directives: one call where it suffices, repairs where it does not, the best wins."""

from __future__ import annotations

import pytest

from tests.llm.scripted import FakeClock, Scripted, envelope, reply, said
from uicompiler.app import UIApp
from uicompiler.compiler import compile
from uicompiler.llm.exchange import Failure
from uicompiler.llm.runner import run

GOOD = envelope(("ui.show_form", {"form_id": "contact"}))
WRONG = envelope(("ui.show_form", {"form_id": "nobody"}))


def test_a_good_answer_takes_one_call_and_compiles_as_compile_does(crm: UIApp) -> None:
    transport = Scripted([GOOD])
    result = run("A contact, please.", model="sim/good", app=crm, transport=transport)
    assert result.ok
    assert result.compiled.jsonl() == compile(GOOD, app=crm).jsonl()
    assert [attempt.outcome for attempt in result.attempts] == ["ok"]
    assert len(transport.requests) == 1


def test_a_dropped_directive_is_repaired_by_naming_what_is_wrong(crm: UIApp) -> None:
    transport = Scripted([WRONG, GOOD])
    result = run("A contact, please.", model="sim/good", app=crm, transport=transport)
    assert result.ok
    assert [attempt.why for attempt in result.attempts] == ["first", "repair"]
    role, note = said(transport.requests[1])[-1]
    assert role == "user"
    assert "DIRECTIVE_TEMPLATE_UNKNOWN at /directives/0/payload/form_id" in note
    assert said(transport.requests[1])[-2] == ("assistant", WRONG)


def test_a_worse_repair_does_not_replace_a_better_answer(crm: UIApp) -> None:
    half = envelope(("ui.toast", {"text": "Saved"}), ("ui.show_form", {"form_id": "nobody"}))
    result = run("x", model="sim/good", app=crm, transport=Scripted([half, "no JSON at all {"]))
    assert result.ok
    assert [effect.kind for effect in result.compiled.effects] == ["toast"]


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"assistant_text":"","directives":[]}'])
def test_nothing_usable_leaves_the_state_as_it_was(crm: UIApp, text: str) -> None:
    before = compile(GOOD, app=crm).state
    result = run("x", model="sim/bad", app=crm, state=before, transport=Scripted([reply(text)]))
    assert not result.ok
    assert result.compiled.state is before
    assert result.text
    assert "LLM_OUTPUT_UNUSABLE" in {item.code for item in result.diagnostics}


def test_what_had_arrived_of_an_earlier_answer_counts_though_the_last_one_failed_otherwise(
    crm: UIApp,
) -> None:
    lost = Failure("timeout", "too slow", partial_text=GOOD)
    lines = [lost, Failure("unauthorized", "no", status=401)]
    clock = FakeClock()
    options = {"clock": clock.read, "sleep": clock.sleep}
    result = run("x", model="sim/any", app=crm, transport=Scripted(lines), **options)
    assert result.ok
    assert "main" in result.compiled.state.surfaces


@pytest.mark.parametrize(
    ("given", "told"), [("a toast", "- a toast"), (["a toast", "a form"], "- a form"), ("", "")]
)
def test_a_validator_may_give_a_text_or_a_list(crm: UIApp, given: object, told: str) -> None:
    transport = Scripted([GOOD])
    run("x", model="sim/any", app=crm, transport=transport, validator=lambda _result: given)
    assert len(transport.requests) == (2 if told else 1)
    assert told in said(transport.requests[-1])[-1][1].splitlines() or not told


def test_a_validator_that_gives_nothing_misses_nothing(crm: UIApp) -> None:
    transport = Scripted([GOOD])
    assert run("x", model="sim/any", app=crm, transport=transport, validator=lambda _r: None).ok
    assert len(transport.requests) == 1
