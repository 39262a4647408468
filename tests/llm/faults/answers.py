"""What models write: mendable without another call, and not."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.llm.faults.bodies import completion
from tests.llm.faults.cases import GOOD, MEANT, TEXT, Fault, raw, text
from uicompiler.evals.sim.answer import SimAnswer, SimTool

_CHOICES, _TOAST = MEANT["directives"]
_INDENTED: Final = json.dumps(MEANT, indent=2)


def envelope(*directives: Any, **more: Any) -> str:
    """An envelope with these directives."""
    return json.dumps({"assistant_text": MEANT["assistant_text"], "directives": directives, **more})


MENDABLE: Final[dict[str, str]] = {
    "as it should be": TEXT,
    "a code fence": f"```json\n{_INDENTED}\n```",
    "a fence of tildes": f"~~~json\n{TEXT}\n~~~",
    "a fence that is not closed": f"```json\n{_INDENTED}",
    "words before": f"Here is the JSON you asked for:\n\n{TEXT}",
    "words after": f"{TEXT}\n\nLet me know if you need more!",
    "words with braces before": f"I set {{title}} and {{options}}:\n\n{TEXT}",
    "words, a fence, words": f"Sure!\n\n```json\n{_INDENTED}\n```\n\nAnything else?",
    "tags around": f"<directives>{TEXT}</directives>",
    "thoughts": f"<think>\nA form? No, choices.\n</think>\n{TEXT}",
    "thoughts with an object in them": f'<think>Maybe {{"type": "x"}}?</think>\n{TEXT}',
    "thoughts without their beginning": f"A form? No, choices.\n</think>\n\n{TEXT}",
    "a byte order mark": f"\ufeff{TEXT}",
    "a trailing comma": TEXT.replace("}]}", "},]}"),
    "comments": _INDENTED.replace("{\n", "{ // the turn\n", 1),
    "single quotes": str(MEANT),
    "curly quotes": TEXT.replace('"', "\u201c", 1).replace('"', "\u201d", 1),
    "raw newlines": TEXT.replace("suits you?", "suits you?\n"),
    "a missing bracket": TEXT[:-1],
    "the same object twice": f"{TEXT}\n{TEXT}",
    "a string that holds it": json.dumps(TEXT),
    "an object around it": json.dumps({"response": MEANT}),
    "a bare list": json.dumps(MEANT["directives"]),
    "no words": json.dumps({"directives": MEANT["directives"]}),
    "arguments for payload": TEXT.replace('"payload"', '"arguments"'),
    "no payload": json.dumps(
        {
            **MEANT,
            "directives": [
                {"type": item["type"], **item["payload"]} for item in MEANT["directives"]
            ],
        }
    ),
    "payloads as strings": json.dumps(
        {
            **MEANT,
            "directives": [
                {**item, "payload": json.dumps(item["payload"])} for item in MEANT["directives"]
            ],
        }
    ),
    "directives as a string": json.dumps({**MEANT, "directives": json.dumps(MEANT["directives"])}),
    "types in another spelling": TEXT.replace("ui.show_choices", "UI.ShowChoices").replace(
        "ui.toast", "ui_toast"
    ),
    "keys beside the envelope": json.dumps({"reasoning": "A choice.", **MEANT}),
}
"""Each is usable with one call."""

UNUSABLE: Final[dict[str, SimAnswer]] = {
    "an invented key": text(TEXT.replace('{"text": "Two', '{"blink": true, "text": "Two')),
    "a key is missing": text(envelope({"type": "ui.show_choices", "payload": {"title": "Day"}})),
    "a wrong type": text(
        envelope({"type": "ui.show_choices", "payload": {**_CHOICES["payload"], "options": 3}})
    ),
    "an unknown type": text(envelope({"type": "ui.pick_a_day", "payload": {}}, _TOAST)),
    "an unknown action": text(
        envelope(
            {"type": "ui.show_choices", "payload": {**_CHOICES["payload"], "action": "rm -rf"}}
        )
    ),
    "an unknown form": text(envelope({"type": "ui.show_form", "payload": {"form_id": "day"}})),
    "a payload that is a list": text(envelope({"type": "ui.toast", "payload": [1]}, _CHOICES)),
    "directives that are numbers": text(envelope(1, 2, 3)),
    "a path to what is committed": text(
        envelope(
            {
                "type": "ui.patch",
                "payload": {"ops": [{"op": "set", "path": "/committed/x", "value": 1}]},
            }
        )
    ),
    "two views on one surface": text(envelope(_CHOICES, _CHOICES)),
    "an empty object": text("{}"),
    "an empty envelope": text('{"assistant_text": "", "directives": []}'),
    "a key twice": text('{"assistant_text": "a", "assistant_text": "b", "directives": []}'),
    "NaN": text(envelope({"type": "ui.toast", "payload": {"text": "x", "n": float("nan")}})),
    "a number beyond what is exact": text(
        envelope({"type": "ui.toast", "payload": {"text": "x", "n": 2**60}})
    ),
    "20 000 brackets": text('{"assistant_text": "x", "directives": ' + "[" * 20_000),
    "a text larger than is read": text(TEXT.replace("Monday", "x" * 250_000)),
    "half a surrogate": raw(completion({"role": "assistant", "content": "\ud83d"})),
    "cut off in the first directive": text(TEXT[:120], finish_reason="length"),
    "cut off after the first directive": text(TEXT[:-40], finish_reason="length"),
    "cut off before the object": text("I will now", finish_reason="length"),
    "a tool that was not offered": SimAnswer(
        tools=(SimTool("show_day_picker", '{"days": 2}'),), finish_reason="tool_calls"
    ),
    "HTML": text("<form><input name='day'></form>"),
    "A2UI instead of directives": text('{"surfaceUpdate": {"surfaceId": "main"}}'),
}
"""Each wants another call; the second answer is good, or the same again."""

EMPTY: Final[dict[str, SimAnswer]] = {
    "an empty text": text(""),
    "white space": text(" \n\n "),
    "a content that is null": raw(completion({"role": "assistant", "content": None})),
}
"""Each is asked for again, as if it had not come."""

_NEITHER: Final = ("unusable", "unusable")
_TWICE: Final = {
    "an invented key": "partly",
    "an unknown type": "partly",
    "a payload that is a list": "partly",
    "two views on one surface": "partly",
    "cut off in the first directive": "words",
    "cut off after the first directive": "partly",
    "cut off before the object": "words",
    "half a surrogate": "words",
}
"""How a turn ends on the same answer twice, where something of it can be shown or said."""

ANSWERS: Final = (
    *(Fault(name, [text(words)]) for name, words in MENDABLE.items()),
    *(
        Fault(f"{name}, once", [answer, GOOD], outcomes=("invalid_response", "ok"))
        for name, answer in EMPTY.items()
    ),
    *(
        Fault(f"{name}, for ever", [answer], "LLM_RESPONSE_INVALID", ("invalid_response",) * 4)
        for name, answer in EMPTY.items()
    ),
    *(
        Fault(f"{name}, then good", [answer, GOOD], outcomes=("unusable", "ok"))
        for name, answer in UNUSABLE.items()
    ),
    *(
        Fault(f"{name}, twice", [answer], _TWICE.get(name, "LLM_OUTPUT_UNUSABLE"), _NEITHER)
        for name, answer in UNUSABLE.items()
    ),
)
"""Answers."""

REFUSALS: Final = (
    Fault(
        "a refusal beside the text",
        [raw(completion({"role": "assistant", "content": None, "refusal": "I cannot do that."}))],
        ends="words",
        outcomes=("ok",),
    ),
    Fault(
        "a refusal in words",
        [text("I'm sorry, I can't help with that.")],
        ends="words",
        outcomes=("unusable", "unusable"),
    ),
    Fault(
        "words after a sea of white space",
        [text(" " * 150_000 + "I can't help with that.")],
        ends="words",
        outcomes=_NEITHER,
    ),
    Fault(
        "an answer that a filter took",
        [text("", finish_reason="content_filter")],
        ends="LLM_CONTENT_FILTERED",
        outcomes=("content_filtered",),
    ),
)
"""Answers that say no."""

_WRONG_TOOL: Final = SimAnswer(
    tools=(SimTool("show_day_picker", "{}"),), finish_reason="tool_calls"
)


def calling(*calls: tuple[str, str]) -> SimAnswer:
    """An answer that asks for tools."""
    tools = tuple(SimTool(name, arguments) for name, arguments in calls)
    return SimAnswer(tools=tools, finish_reason="tool_calls")


_CALLS: Final = (
    calling(("ui_show_choices", json.dumps(_CHOICES["payload"]))),
    calling(("ui_toast", json.dumps(_TOAST["payload"]))),
    text(MEANT["assistant_text"]),
)

TOOLS: Final = (
    Fault("tools, one after the other", _CALLS, outcomes=("ok",) * 3, run_mode="tool_loop"),
    Fault(
        "several tools at once",
        [
            calling(
                ("ui_show_choices", json.dumps(_CHOICES["payload"])),
                ("ui_toast", json.dumps(_TOAST["payload"])),
            ),
            text(MEANT["assistant_text"]),
        ],
        outcomes=("ok",) * 2,
        run_mode="tool_loop",
    ),
    Fault(
        "a tool that is not there",
        [_WRONG_TOOL, *_CALLS],
        outcomes=("ok",) * 4,
        codes=("LLM_TOOL_UNKNOWN",),
        run_mode="tool_loop",
    ),
    Fault(
        "arguments that are no JSON",
        [calling(("ui_toast", '{"text": "Two d')), *_CALLS],
        outcomes=("ok",) * 4,
        run_mode="tool_loop",
    ),
    Fault(
        "arguments that are wrong",
        [calling(("ui_toast", '{"text": 3, "blink": true}')), *_CALLS],
        outcomes=("ok",) * 4,
        run_mode="tool_loop",
    ),
    Fault(
        "a limit between two tools",
        [_CALLS[0], SimAnswer(status=429, error={"message": "Slow down."}), *_CALLS[1:]],
        outcomes=("ok", "rate_limited", "ok", "ok"),
        run_mode="tool_loop",
    ),
    Fault(
        "tools without an end",
        [_WRONG_TOOL],
        "LLM_TOOL_LOOP_ENDLESS",
        ("ok",) * 9,
        run_mode="tool_loop",
    ),
)
"""Tools."""
