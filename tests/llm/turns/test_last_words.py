"""What a model says when it is done with its tools: words are words, whatever they quote."""

from __future__ import annotations

import json

import pytest

from tests.llm.scripted import calls, envelope, reply, said
from tests.llm.turns.test_tool_loop import DONE, LOOK_UP, SHOW, asked
from uicompiler.app import UIApp
from uicompiler.llm.exchange import Failure, ToolRequest
from uicompiler.llm.settings import Tries
from uicompiler.llm.turns.thoughts import visible

TOAST = ("ui_toast", {"text": "Here"})
QUOTED = '{"type":"ui.toast","payload":{"text":"You won"}}'


def toasts(result: object) -> list[str]:
    source = json.loads(getattr(result, "source", ""))
    return [item["payload"]["text"] for item in source["directives"] if "text" in item["payload"]]


@pytest.mark.parametrize(
    "words",
    [
        f"The message you pasted, {QUOTED}, would show a toast. I will not run it.",
        f"I considered [{QUOTED}] but decided against it.",
        "Wrong: {'assistant_text': 'a', 'directives': [" + QUOTED + "]}",
    ],
)
def test_a_directive_that_is_only_quoted_is_not_run(crm: UIApp, words: str) -> None:
    result, _ = asked(crm, [calls(SHOW), words])
    assert result.compiled.effects == ()
    assert result.text == words


def test_an_envelope_that_cannot_be_read_has_to_be_put_right(crm: UIApp) -> None:
    torn = '{"assistant_text": "Done.", "directives": [{"type'
    for broken in ("{'assistant_text': 'Done.', 'directives': []}", torn):
        result, transport = asked(crm, [calls(SHOW), broken, "Done."])
        assert [attempt.why for attempt in result.attempts] == ["first", "tool_round", "repair"]
        assert "cannot be used" in said(transport.requests[2])[-1][1]
        assert result.text == "Done."


def test_what_was_called_and_is_named_once_more_counts_once(crm: UIApp) -> None:
    last = envelope(("toast", {"text": "Here"}), ("ui.toast", {"text": "There"}))
    result, _ = asked(crm, [calls(TOAST), last])
    assert toasts(result) == ["Here", "There"]


def test_a_call_that_was_taken_and_comes_again_counts_once(crm: UIApp) -> None:
    wrong = ("ui_toast", {"txt": "There"})
    again = calls(TOAST, ("ui_toast", {"text": "There"}))
    result, transport = asked(crm, [calls(TOAST, wrong), again, DONE])
    assert toasts(result) == ["Here", "There"]
    told = [m["content"] for m in transport.requests[2]["messages"] if m["role"] == "tool"]
    assert "counts once" in told[2]


@pytest.mark.parametrize(
    "text", ["<think>secret plan</think>Here you go.", "secret plan</think>\nHere you go."]
)
def test_thoughts_are_not_shown(crm: UIApp, text: str) -> None:
    beside = reply(text, tool_requests=calls(SHOW).tool_requests)
    for lines in ([beside], [calls(SHOW), text]):
        result, transport = asked(crm, lines)
        assert result.text == "Here you go."
        assert "secret" not in json.dumps(transport.requests)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a < b, and <b>bold</b>", "a < b, and <b>bold</b>"),
        ("<THINK>x</THINK> a <reasoning>y</reasoning> b", "a  b"),
        ("a <think> without an end", "a"),
        ("<think>x <think>y</think> z</think>a", "a"),
        ("<think>" * 50_000, ""),
    ],
)
def test_what_is_left_without_thoughts(text: str, left: str) -> None:
    assert visible(text) == left


def test_words_beside_calls_outlive_a_provider_that_goes_away(crm: UIApp) -> None:
    beside = reply(
        "Here is the answer.", tool_requests=calls(("look_up", {"name": "x"})).tool_requests
    )
    gone = Failure("unauthorized", "no", status=401)
    result, _ = asked(crm, [beside, gone], tools=[LOOK_UP])
    assert result.ok and result.text == "Here is the answer."
    assert "LLM_UNAUTHORIZED" in {item.code for item in result.diagnostics}


def test_words_beside_calls_outlive_a_loop_without_end(crm: UIApp) -> None:
    beside = reply(
        "Here is the answer.", tool_requests=calls(("look_up", {"name": "x"})).tool_requests
    )
    result, _ = asked(crm, [beside], tools=[LOOK_UP], tries=Tries(tool_rounds=1))
    assert result.ok and result.text == "Here is the answer."


def test_words_beside_calls_are_told_to_the_model_once(crm: UIApp) -> None:
    beside = reply("Here you are.", tool_requests=calls(SHOW).tool_requests)
    seen: list[object] = []
    result, transport = asked(
        crm,
        [beside, "Now it is done."],
        validator=lambda found: [] if seen or seen.append(found) else ["a toast"],
    )
    assert [role for role, _ in said(transport.requests[1])][-3:] == ["assistant", "tool", "user"]
    assert result.text == "Now it is done."


def test_in_hybrid_an_envelope_that_is_quoted_is_not_the_answer(crm: UIApp) -> None:
    won = envelope(("ui.toast", {"text": "You won"}))
    good = envelope(text="Hello.")
    for quoting in (f"The page says {QUOTED}.", f"The page says {won}", "{'directives': []}"):
        lines = [calls(("look_up", {"name": "x"})), quoting, good]
        result, transport = asked(crm, lines, tools=[LOOK_UP], run_mode="hybrid")
        assert len(transport.requests) == 3
        assert (result.text, result.compiled.effects) == ("Hello.", ())


@pytest.mark.parametrize("around", ["{}", "```json\n{}\n```", "<think>I know.</think>{}"])
def test_in_hybrid_an_envelope_alone_is_the_answer(crm: UIApp, around: str) -> None:
    text = around.replace("{}", envelope(("ui.toast", {"text": "Hi"})))
    result, transport = asked(crm, [text], tools=[LOOK_UP], run_mode="hybrid")
    assert len(transport.requests) == 1
    assert [effect.kind for effect in result.compiled.effects] == ["toast"]


def test_ids_of_calls_differ_throughout_the_turn(crm: UIApp) -> None:
    def asking(*ids: str) -> object:
        given = '{"name": "x"}'
        return reply("", tool_requests=tuple(ToolRequest(i, "look_up", given) for i in ids))

    lines = [asking("call_1", "call_1", ""), asking("call_1", "call_2", "call_2"), DONE]
    _, transport = asked(crm, lines, tools=[LOOK_UP])
    messages = transport.requests[-1]["messages"]
    asked_for = [call["id"] for m in messages for call in m.get("tool_calls", ())]
    answered = [m["tool_call_id"] for m in messages if m["role"] == "tool"]
    assert asked_for == answered
    assert len(set(asked_for)) == 6
    assert asked_for[0] == "call_1"
