"""What counts as lost, what is taken off without asking, and which answer wins."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.llm.scripted import Scripted, envelope, reply, said
from uicompiler.app import UIApp
from uicompiler.compiler import CompileResult
from uicompiler.errors import DirectiveError, LLMError
from uicompiler.llm.exchange import Failure
from uicompiler.llm.runner import run
from uicompiler.llm.settings import Tries
from uicompiler.llm.turns.judging import Candidate, Compiling, best, judge
from uicompiler.llm.turns.overlay import laid_over

CONTACT = ("ui.show_form", {"form_id": "contact"})
NOBODY = ("ui.show_form", {"form_id": "nobody"})
TOAST = ("ui.toast", {"text": "Saved", "level": "success"})
LOUD = ("ui.toast", {"text": "Saved", "level": "loud"})


def judged(app: UIApp, text: str, *, strict: bool = False, finished: bool = True) -> Candidate:
    compiling = Compiling(app, None, "a2ui-v0.8", None, None, "auto", strict)
    return judge(text, compiling, finished=finished)


@pytest.mark.parametrize(
    "text",
    [
        envelope(CONTACT),
        "Sure!\n```json\n" + envelope(CONTACT) + "\n```",
        envelope(("UI_ShowForm", {"form_id": "contact"})),
        envelope(CONTACT)[:-1],
        "{'assistant_text': 'Hi', 'directives': [],}",
    ],
)
def test_what_can_be_mended_without_loss_is_no_fault(crm: UIApp, text: str) -> None:
    found = judged(crm, text)
    assert found.usable
    assert found.faults == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (envelope(CONTACT, NOBODY), "DIRECTIVE_TEMPLATE_UNKNOWN"),
        (envelope(TOAST, CONTACT)[:-30], "DIRECTIVE_TRUNCATED"),
        ('{"assistant_text": "", "directives": []}', "DIRECTIVE_EMPTY"),
        ("I cannot do that.", "DIRECTIVE_NOT_JSON"),
    ],
)
def test_what_is_lost_is_a_fault(crm: UIApp, text: str, code: str) -> None:
    found = judged(crm, text, finished=False)
    assert code in [fault.code for fault in found.faults]


def test_in_strict_nothing_is_mended_and_repairs_are_faults(crm: UIApp) -> None:
    found = judged(crm, envelope(("UI_ShowForm", {"form_id": "contact"})), strict=True)
    assert [fault.code for fault in found.faults] == ["DIRECTIVE_REPAIRED"]
    assert judged(crm, "{'assistant_text': 'Hi', 'directives': []}", strict=True).mended == ()


@pytest.mark.parametrize(
    ("payload", "change"),
    [
        ({"text": "Saved", "level": {"value": "success"}}, "payload_wrapper"),
        ({"text": ["Saved"], "level": "success"}, "payload_wrapper"),
        ([{"text": "Saved", "level": "success"}], "payload_wrapper"),
        ({"arguments": {"text": "Saved", "level": "success"}}, "payload_wrapper"),
        ({"payload": {"text": "Saved", "level": "success"}}, "payload_wrapper"),
        ({"text": {"literalString": "Saved"}, "level": "success"}, "payload_wrapper"),
    ],
)
def test_what_is_around_a_value_is_taken_off(crm: UIApp, payload: Any, change: str) -> None:
    found = judged(crm, envelope(("ui.toast", payload)))
    assert found.mended == (change,)
    (effect,) = found.result.effects
    assert dict(effect.to_dict()["data"]) == {"text": "Saved", "level": "success"}


def test_a_value_deep_in_a_view_is_unwrapped(crm: UIApp) -> None:
    node = {"node": "text", "text": "Hi", "style": {"value": "h2"}}
    found = judged(crm, envelope(("ui.show_view", {"root": node})))
    assert (found.mended, found.faults) == (("payload_wrapper",), ())


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "Saved", "level": {"value": "loud"}},
        {"text": "Saved", "level": ["success", "info"]},
        {"text": "Saved", "levle": "success"},
        {"text": "Saved", "level": "success", "only_if": "saved"},
        {"text": {"not": "Saved"}},
        {"text": {"value": "Saved", "if": "saved"}},
        {"text": "Saved", "level": {"not": "success"}},
        {"never": {"text": "Saved"}},
        {"disabled": {"text": "Saved"}},
        {"payload": {"text": "Saved"}, "if": "saved"},
        {"text": "Saved", "level": "loud", "confidence": 0.9},
    ],
)
def test_what_would_be_a_guess_is_left_to_the_model(crm: UIApp, payload: Any) -> None:
    found = judged(crm, envelope(("ui.toast", payload)))
    assert found.mended == ()
    assert {fault.code for fault in found.faults} == {"DIRECTIVE_PAYLOAD_INVALID"}


def test_what_an_envelope_quotes_in_its_text_is_shown_and_does_not_run(crm: UIApp) -> None:
    text = envelope(text=envelope(TOAST))
    found = judged(crm, text)
    assert (found.source, found.mended, found.result.effects) == (text, (), ())
    assert found.result.assistant_text == envelope(TOAST)


@pytest.mark.parametrize("name", ["disabled", "skipped", "example"])
def test_a_payload_under_a_name_that_says_more_does_not_run(crm: UIApp, name: str) -> None:
    item = {"type": "ui.toast", name: {"text": "Saved"}}
    found = judged(crm, json.dumps({"assistant_text": "", "directives": [item]}))
    assert (found.mended, found.kept) == ((), 0)


# --- one answer laid over another -----------------------------------------------------------------


def over(app: UIApp, first: str, second: str) -> Candidate | None:
    compiling = Compiling(app, None, "a2ui-v0.8", None, None, "auto", strict=False)
    return laid_over(judged(app, first), judged(app, second), compiling, None)


def test_what_a_repair_spoils_is_taken_from_the_answer_before(crm: UIApp) -> None:
    both = over(crm, envelope(TOAST, NOBODY), envelope(LOUD, CONTACT, text="Again."))
    assert both is not None and both.faults == ()
    assert json.loads(both.source) == json.loads(envelope(TOAST, CONTACT, text="Again."))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (envelope(TOAST, NOBODY), envelope(TOAST, NOBODY)),  # wrong in both
        (envelope(TOAST, NOBODY), envelope(TOAST, CONTACT)),  # right already
        (envelope(TOAST, NOBODY), envelope(LOUD)),  # another number
        (envelope(TOAST, NOBODY), envelope(NOBODY, TOAST)),  # another order
        (envelope(TOAST, NOBODY), "no JSON"),
        ("no JSON", envelope(LOUD, CONTACT)),
    ],
)
def test_answers_that_do_not_fit_together_stay_apart(crm: UIApp, first: str, second: str) -> None:
    assert over(crm, first, second) is None


def test_a_turn_lays_a_repair_over_the_answer_before(crm: UIApp) -> None:
    lines = [envelope(TOAST, NOBODY), envelope(LOUD, CONTACT)]
    result = run("x", model="sim/any", app=crm, transport=Scripted(lines))
    assert len(result.attempts) == 2
    assert [effect.kind for effect in result.compiled.effects] == ["toast"]
    assert result.compiled.state.surfaces["main"].view is not None


def test_the_best_answer_wins_and_of_equals_the_last(crm: UIApp) -> None:
    one, two, none = (judged(crm, text) for text in (envelope(TOAST), envelope(TOAST), "no"))
    assert best([none, one, two]) is two
    assert best([one, none]) is one
    assert best([]) is None


# --- semantic repair ------------------------------------------------------------------------------


def wants_form(result: CompileResult) -> list[str]:
    shown = result.state.surfaces.get("main")
    return [] if shown is not None and shown.view is not None else ["a form for the contact"]


def test_what_a_validator_misses_is_asked_for_once(crm: UIApp) -> None:
    transport = Scripted([envelope(TOAST), envelope(CONTACT)])
    result = run("x", model="sim/any", app=crm, transport=transport, validator=wants_form)
    assert [attempt.why for attempt in result.attempts] == ["first", "semantic_repair"]
    assert "a form for the contact" in said(transport.requests[1])[-1][1]
    assert "main" in result.compiled.state.surfaces


def test_an_answer_that_lacks_nothing_wins_over_one_with_more_directives(crm: UIApp) -> None:
    transport = Scripted([envelope(TOAST, TOAST), envelope(CONTACT)])
    result = run("x", model="sim/any", app=crm, transport=transport, validator=wants_form)
    assert json.loads(result.source)["directives"][0]["type"] == "ui.show_form"


def test_a_repair_that_cannot_be_asked_for_ends_with_the_providers_code(crm: UIApp) -> None:
    gone = Failure("unauthorized", "revoked", status=401)
    result = run("x", model="sim/any", app=crm, transport=Scripted([envelope(NOBODY), gone]))
    assert not result.ok
    assert result.diagnostics[0].code == "LLM_REPAIR_ASKED"
    codes = {item.code for item in result.diagnostics}
    assert {"LLM_UNAUTHORIZED", "DIRECTIVE_TEMPLATE_UNKNOWN"} <= codes
    assert "LLM_OUTPUT_UNUSABLE" not in codes


def test_what_is_missing_again_is_not_asked_for_again(crm: UIApp) -> None:
    transport = Scripted([envelope(TOAST)])
    result = run("x", model="sim/any", app=crm, transport=transport, validator=wants_form)
    assert result.ok
    assert len(transport.requests) == 2


def test_no_semantic_repair_where_none_is_allowed(crm: UIApp) -> None:
    transport = Scripted([envelope(TOAST)])
    options: dict[str, Any] = {"validator": wants_form, "tries": Tries(semantic_repairs=0)}
    run("x", model="sim/any", app=crm, transport=transport, **options)
    assert len(transport.requests) == 1


# --- words, refusals, filters ---------------------------------------------------------------------


def test_words_alone_are_shown_after_one_repair_in_vain(crm: UIApp) -> None:
    transport = Scripted(["<think>No.</think>I cannot do that.", "Really, no."])
    result = run("x", model="sim/any", app=crm, transport=transport)
    assert result.ok
    assert result.text == "I cannot do that."
    assert len(result.attempts) == 2
    found = [item for item in result.diagnostics if item.code == "LLM_OUTPUT_UNUSABLE"]
    assert [item.severity for item in found] == ["warning"]


def test_a_refusal_beside_the_text_is_shown(crm: UIApp) -> None:
    result = run("x", model="sim/any", app=crm, transport=Scripted([reply("", refusal="No.")]))
    assert (result.ok, result.text, len(result.attempts)) == (True, "No.", 1)


def test_what_a_filter_took_is_not_asked_for_again(crm: UIApp) -> None:
    filtered = reply('{"assistant_text": "Well', finish_reason="content_filter")
    result = run("x", model="sim/any", app=crm, transport=Scripted([filtered]))
    assert not result.ok
    assert [attempt.outcome for attempt in result.attempts] == ["content_filtered"]
    assert result.diagnostics[0].code == "LLM_CONTENT_FILTERED"


def test_an_answer_that_was_cut_off_is_told_to_be_shorter(crm: UIApp) -> None:
    cut = reply(envelope(TOAST, CONTACT)[:-40], finish_reason="length")
    transport = Scripted([cut, envelope(CONTACT)])
    result = run("x", model="sim/any", app=crm, transport=transport)
    assert "write a shorter one" in said(transport.requests[1])[-1][1]
    assert "LLM_OUTPUT_CUT_OFF" in {item.code for item in result.diagnostics}


# --- strict ---------------------------------------------------------------------------------------


def test_strict_raises_what_was_found_in_the_answer(crm: UIApp) -> None:
    with pytest.raises((DirectiveError, LLMError)) as caught:
        run("x", model="sim/any", app=crm, transport=Scripted([envelope(NOBODY)]), strict=True)
    assert "DIRECTIVE_TEMPLATE_UNKNOWN" in {item.code for item in caught.value.diagnostics}


def test_strict_takes_a_repaired_answer(crm: UIApp) -> None:
    transport = Scripted([envelope(NOBODY), envelope(CONTACT)])
    assert run("x", model="sim/any", app=crm, transport=transport, strict=True).ok
