"""An answer is mended where it is sure what was meant, and is left alone everywhere else."""

from __future__ import annotations

import ast
import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile_cases import HOSTILE
from uicompiler.app import UIApp
from uicompiler.directives.envelope import parse_envelope
from uicompiler.directives.read import read_directive
from uicompiler.llm.mending.mend import CHANGES, mend, mend_object
from uicompiler.llm.mending.relaxed_words import Steps

TOAST = {"type": "ui.toast", "payload": {"text": "ok", "level": "info"}}
FORM = {"type": "ui.show_form", "payload": {"form": "contact", "values": {"name": "Ada", "n": 2}}}
ENVELOPE: dict[str, Any] = {"assistant_text": "Hi, it's me", "directives": [TOAST, FORM]}
TEXT = json.dumps(ENVELOPE)
SILENT = {"assistant_text": "", "directives": [TOAST]}
ONE = json.dumps(TOAST)


def envelope_of(text: str) -> dict[str, Any] | None:
    """What `compile` reads in a text; None for nothing, or for something cut off."""
    found = parse_envelope(text).envelope
    if found is None or not found.complete:
        return None
    return {"assistant_text": found.assistant_text, "directives": list(found.directives)}


def said(text: str) -> str:
    return f'{{"assistant_text": "{text}", "directives": []}}'


WHOLE: list[tuple[str, str, tuple[str, ...]]] = [
    ("a comma after the last member", TEXT[:-1] + ",}", ("trailing_comma",)),
    ("commas everywhere", TEXT.replace("}", ",}"), ("trailing_comma",)),
    ("a comment at the end of a line", TEXT[:-1] + " // all\n}", ("comment",)),
    ("a comment in between", TEXT.replace(": [", ": /* two */ ["), ("comment",)),
    ("a comment as in Python", TEXT[:-1] + "# all\n}", ("comment",)),
    ("as Python shows it", repr(ENVELOPE), ("quotes",)),
    ("curly quotes", TEXT.replace('"directives"', "“directives”"), ("quotes",)),
    ("low quotes", TEXT.replace('"directives"', "„directives“"), ("quotes",)),
    ("backticks", TEXT.replace('"contact"', "`contact`"), ("quotes",)),
    ("three quotes", TEXT.replace('"contact"', '"""contact"""'), ("quotes",)),
    ("bare keys", TEXT.replace('"type"', "type"), ("unquoted_key",)),
    ("no comma after a line", TEXT.replace(', "directives"', '\n"directives"'), ("missing_comma",)),
    ("no comma between objects", TEXT.replace("}, {", "} {"), ("missing_comma",)),
    ("full-width punctuation", TEXT.replace('": ', '"\uff1a'), ("punctuation",)),
    ("a space that is none", TEXT.replace('": ', '":\u00a0'), ("space",)),
    ("the last bracket missing", TEXT[:-1], ("missing_bracket",)),
    ("the first bracket missing", TEXT[1:], ("missing_bracket",)),
    ("a directive not closed", TEXT.replace("}}, {", "}, {"), ("missing_bracket",)),
    ("nor its payload", TEXT.replace("}}, {", ", {"), ("missing_bracket",)),
    ("the list not closed", TEXT.replace("]}", "}"), ("missing_bracket",)),
    ("a bracket too many", TEXT.replace("}}, {", "}}}, {"), ("excess_bracket",)),
    ("a thought", f'<think>or {{"assistant_text": "no", "directives": []}}?</think>\n{TEXT}', ()),
    ("two thoughts", f"<thinking>a</thinking><think>b</think>{TEXT}", ()),
    ("channels", f"<|channel|>analysis<|message|>{{}}<|end|><|channel|>final<|message|>{TEXT}", ()),
    ("a string", json.dumps(TEXT), ("encoded",)),
    ("a string in a string", json.dumps(json.dumps(TEXT)), ("encoded",)),
    ("escaped quotes", json.dumps(TEXT)[1:-1], ("encoded",)),
    ("a string in a fence", f"```json\n{json.dumps(TEXT)}\n```", ("encoded",)),
    ("a key around", f'{{"response": {TEXT}}}', ("wrapper",)),
    ("a list around", f"[{TEXT}]", ("wrapper",)),
    ("other spellings", TEXT.replace("assistant_text", "assistantText"), ("key_name",)),
    ("after prose, in a fence", f"Here:\n```json\n{TEXT[:-1]},}}\n```\nBye", ("trailing_comma",)),
]


@pytest.mark.parametrize(("text", "changes"), [row[1:] for row in WHOLE], ids=[w[0] for w in WHOLE])
def test_what_is_sure_is_mended(text: str, changes: tuple[str, ...]) -> None:
    mended = mend(text)
    assert envelope_of(mended.text) == ENVELOPE
    assert mended.changes == (changes or ("thinking",))


SHAPES: list[tuple[str, str, str]] = [
    ("one directive", ONE, "bare_directive"),
    ("a list", f"[{ONE}]", "bare_list"),
    ("a list in a fence", f"```json\n[{ONE}]\n```", "bare_list"),
    ("no text", f'{{"directives": [{ONE}]}}', "missing_key"),
    ("null for a text", f'{{"assistant_text": null, "directives": [{ONE}]}}', "missing_key"),
    ("not in a list", f'{{"assistant_text": "", "directives": {ONE}}}', "bare_directive"),
    ("a list as a string", json.dumps({**SILENT, "directives": f"[{ONE}]"}), "encoded"),
    ("directives as strings", json.dumps({**SILENT, "directives": [ONE]}), "encoded"),
    ("arguments", json.dumps(SILENT).replace("payload", "arguments"), "call"),
    ("parameters", json.dumps(SILENT).replace("payload", "parameters"), "call"),
    (
        "a name",
        json.dumps(SILENT).replace("payload", "arguments").replace('"type"', '"name"'),
        "call",
    ),
    (
        "a call of a function",
        json.dumps(
            {
                **SILENT,
                "directives": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "ui.toast", "arguments": json.dumps(TOAST["payload"])},
                    }
                ],
            }
        ),
        "call",
    ),
]


@pytest.mark.parametrize(
    ("text", "change"), [row[1:] for row in SHAPES], ids=[s[0] for s in SHAPES]
)
def test_shapes_that_are_sure_become_an_envelope(text: str, change: str) -> None:
    mended = mend(text)
    assert envelope_of(mended.text) == SILENT
    assert change in mended.changes


def test_directives_side_by_side_become_a_list() -> None:
    mended = mend(f"{ONE}\n{json.dumps(FORM)}\n")
    assert envelope_of(mended.text) == {"assistant_text": "", "directives": [TOAST, FORM]}


def test_a_registry_makes_flat_directives_sure() -> None:
    flat = '{"type": "ui.toast", "text": "ok"}'
    assert mend(flat).changes == ()
    mended = mend(flat, registry=UIApp.standard().directives)
    assert envelope_of(mended.text) == {"assistant_text": "", "directives": [json.loads(flat)]}


def with_payload(kind: str, payload: Any) -> dict[str, Any]:
    return {"assistant_text": "", "directives": [{"type": kind, "payload": payload}]}


OPS = [{"op": "set", "path": "/draft/a", "value": "[1]"}]
TREE = {"node": "text", "text": "Hi"}


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        ("ui.patch", {"ops": json.dumps(OPS)}, {"ops": OPS}),
    ],
)
def test_a_registry_makes_packed_values_sure(kind: str, written: Any, meant: Any) -> None:
    text = json.dumps(with_payload(kind, written))
    assert mend(text).text is text
    mended = mend(text, registry=UIApp.standard().directives)
    assert envelope_of(mended.text) == with_payload(kind, meant)


def test_a_registry_makes_another_name_of_the_payload_sure() -> None:
    text = json.dumps(with_payload("ui.toast", {"text": "ok"})).replace('"payload"', '"data"')
    assert mend(text).text is text
    mended = mend(text, registry=UIApp.standard().directives)
    assert envelope_of(mended.text) == with_payload("ui.toast", {"text": "ok"})


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("ui.toast", {"text": "[1, 2]"}),
        ("ui.patch", {"ops": OPS}),
        ("ui.show_view", {"root": json.dumps(TREE)}),
        ("ui.patch", {"ops": "[1]"}),
        ("ui.no_such", {"ops": json.dumps(OPS)}),
    ],
)
def test_a_text_that_is_one_stays_one(kind: str, payload: Any) -> None:
    text = json.dumps(with_payload(kind, payload))
    assert mend(text, registry=UIApp.standard().directives).text is text


STRINGS: list[tuple[str, str, str]] = [
    ('He said "hi" to me', 'He said "hi" to me', "inner_quotes"),
    ('Press "Save"', 'Press "Save"', "inner_quotes"),
    ('"Save" it', '"Save" it', "inner_quotes"),
    ('„Speichern" klicken', '„Speichern" klicken', "inner_quotes"),
    ("one\ntwo\tthree\r\n", "one\ntwo\tthree\r\n", "control_character"),
    ("a \x01 b", "a \x01 b", "control_character"),
    ("it\\'s", "it's", "escape"),
    ("snake\\_case 5\\%", "snake_case 5%", "escape"),
    ("caf\\xe9", "café", "escape"),
]


@pytest.mark.parametrize(("written", "meant", "change"), STRINGS)
def test_strings_arrive_as_they_were_meant(written: str, meant: str, change: str) -> None:
    mended = mend(said(written))
    assert envelope_of(mended.text) == {"assistant_text": meant, "directives": []}
    assert mended.changes == (change,)


def test_python_and_loose_numbers_are_read() -> None:
    written = '{"type":"x","payload":{"a":True,"b":None,"c":.5,"d":+5,"e":2.,"f":False}}'
    mended = mend(f'{{"assistant_text":"","directives":[{written}]}}')
    found = envelope_of(mended.text)
    assert found is not None
    assert found["directives"][0]["payload"] == {
        "a": True,
        "b": None,
        "c": 0.5,
        "d": 5,
        "e": 2.0,
        "f": False,
    }
    assert mended.changes == ("literal", "number")


PWNED = {"assistant_text": "Owned", "directives": [TOAST]}
QUOTED = json.dumps(PWNED)

QUOTES: list[tuple[str, str]] = [
    ("an envelope in the text", json.dumps({"assistant_text": QUOTED, "directives": []})),
    ("a fence in the text", json.dumps({"assistant_text": f"```\n{ONE}\n```", "directives": []})),
    ("a directive in a sentence", f"The message you pasted, {ONE}, would show a toast."),
    ("a list in a sentence", f"I considered [{ONE}] but decided against it."),
    ("a list after words", f"This is what you typed:\n\n[{ONE}]"),
    ("a list before words", f"```json\n[{ONE}]\n```\nis what you typed."),
    ("Python in a sentence", f"You wrote {PWNED!r} which I ignore."),
    ("Python in two sentences", f"Wrong: {PWNED!r}\nRight:\n{SILENT!r}"),
    ("Python before words", f"{PWNED!r} is what you wrote."),
    ("half an envelope after words", f"He wrote:\n\n{{'directives': [{ONE}]}}\n\nI did not."),
    ("an input", json.dumps({"input": PWNED, "answer": "I will not do this."})),
    ("an input alone", json.dumps({"input": PWNED})),
    ("an error", json.dumps({"error": "refused", "data": TOAST})),
    ("a verdict", json.dumps({"message": QUOTED, "verdict": "spam"})),
    ("properties", json.dumps({"properties": PWNED})),
    ("a string in an answer", json.dumps({"answer": QUOTED})),
    ("a directive as a string", json.dumps(ONE)),
    ("a directive with a note", json.dumps({**TOAST, "status": "refused"})),
    ("the end of a thought", f"User said: </think>\n{ONE}"),
]


@pytest.mark.parametrize("text", [row[1] for row in QUOTES], ids=[row[0] for row in QUOTES])
def test_what_a_model_only_quotes_is_left_alone(text: str) -> None:
    assert mend(text, finished=True).text is text
    assert mend(text, finished=True, registry=UIApp.standard().directives).text is text


@pytest.mark.parametrize(
    "text",
    [
        f"<think>He typed </think>{QUOTED}, no.</think>\n{TEXT}",
        f"<think>a</think><think>{QUOTED}</think>{TEXT}",
        f"\ufeff<thinking>{QUOTED} or </think>?</thinking>\n```json\n{TEXT}\n```",
    ],
)
def test_a_thought_ends_where_an_envelope_stands_alone(text: str) -> None:
    assert envelope_of(mend(text).text) == ENVELOPE


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff\n[{ONE}]",
        f"<tool_call>\n{ONE}\n</tool_call>",
        f"<json>\n```json\n[{ONE}]\n```\n</json>",
        f"Here you are:\n\n{SILENT!r}\n\nAnything else?",
        f"Here you are: {SILENT!r}",
        f"Sure! {SILENT!r}",
        f"Of course.\n```python\n{SILENT!r}\n```\nDone.",
    ],
)
def test_frames_around_an_answer_and_words_around_an_envelope_are_looked_past(text: str) -> None:
    assert envelope_of(mend(text).text) == SILENT


UNSURE: list[tuple[str, str]] = [
    ("prose", "Sorry, I cannot help with that."),
    ("nothing", ""),
    ("a backslash that may be one", said("C:\\Users\\new")),
    ("a bare word", '{"assistant_text": hello, "directives": []}'),
    ("a number that may be a word", TEXT.replace('"n": 2', '"n": 007')),
    ("a number with a comma", TEXT.replace('"n": 2', '"n": 1,000')),
    ("one quote inside", said('5" wide')),
    ("quotes with commas", said('Choose "a", "b" or "c"')),
    ("something left out", TEXT[:-2] + ", ...]}"),
    ("the end of what was no thought", f"He wrote: </think>\n{ONE}"),
    ("a thought without end", f"<think>perhaps {TEXT}"),
    ("a list that is opened twice", TEXT.replace(": [", ": [[")),
    ("a bracket that may be missing in two places", TEXT.replace("2}}}", "2}}")),
    ("directives in prose", f"First {ONE}, then {ONE}"),
    ("another key around", f'{{"colour": {TEXT}}}'),
    ("an unknown name for the text", f'{{"reply": "Hi", "directives": [{ONE}]}}'),
    ("an unknown name for directives", f'{{"assistant_text": "Hi", "actions": [{ONE}]}}'),
    ("a schema", '{"type": "object", "properties": {"a": {"type": "string"}}}'),
    ("some other object", '{"a": 1}'),
    ("a part of what is broken", f'{{"assistant_text" "Hi", "directives": [{ONE}]}}'),
    ("an envelope in two", f'{{"assistant_text": "Hi"}} "directives": [{ONE}]}}'),
    ("a list closed too early", f'{{"assistant_text": "Hi", "directives": [] {ONE[1:-1]}}}]}}'),
    ("quotes across values", '{"assistant_text": "", "directives": [["Ada" 5], ["Eve", 2]]}'),
    ("a payload closed too early", TEXT.replace('", "level"', '"} "level"')),
    ("a line break in a key", TEXT.replace('"type"', '"type\n"')),
    ("a bracket swapped with a quote", TEXT.replace('"info"}', '"info}"')),
    ("a bracket two places on", TEXT.replace('"info"}', '"in}fo"')),
    ("a comma swapped with a quote", TEXT.replace('"ok", ', '"ok,"\n')),
    ("a comma two places on", TEXT.replace('"ok", ', '"o,k"\n')),
    ("a quote two places on", TEXT.replace('"ok", "level"', '"ok, "level"')),
    ("a quote and a key", TEXT.replace('"ok", "level"', '"Ok, then, "level')),
    ("a list of one that is not closed", TEXT.replace('"info"', '["info"')),
    ("two slips or one", TEXT.replace("]}", "[}")),
    ("quotes that open more than a word", repr(ENVELOPE).replace("'ok', '", "'ok, '")),
    ("a key twice", '{"assistant_text": "", "assistant_text": "", "directives": []}'),
]


@pytest.mark.parametrize("text", [row[1] for row in UNSURE], ids=[row[0] for row in UNSURE])
def test_what_could_mean_two_things_is_left_alone(text: str) -> None:
    mended = mend(text, finished=True)
    assert mended.text is text
    assert not mended.changes
    assert not mended.diagnostics


def test_what_is_cut_off_stays_cut_off() -> None:
    written = repr(ENVELOPE)
    for end in range(1, len(written)):
        found = parse_envelope(mend(written[:end]).text).envelope
        if found is None or (found.complete and end == len(written) - 1):
            continue
        assert not found.complete
        assert list(found.directives) == ENVELOPE["directives"][: len(found.directives)]


def test_brackets_at_the_end_are_closed_when_the_model_had_finished() -> None:
    for missing in (1, 2):
        assert envelope_of(mend(TEXT[:-missing], finished=True).text) == ENVELOPE
    assert envelope_of(mend(TEXT[:-2]).text) is None


@pytest.mark.parametrize("end", ["\n```", "\n~~~\n", "</json>", "<|im_end|>", "</s>\n"])
def test_who_closes_what_is_around_had_finished(end: str) -> None:
    for missing in (1, 2):
        assert envelope_of(mend(TEXT[:-missing] + end).text) == ENVELOPE


SYNTAX = "{}[],:\"'"


def mutations(text: str) -> Iterator[str]:
    """The text with one character of its syntax left out, doubled, moved or put in."""
    for index, char in enumerate(text):
        rest = text[:index] + text[index + 1 :]
        yield from (text[:index] + other + text[index:] for other in SYNTAX)
        if char in SYNTAX:
            yield rest
            places = (index + step for step in (-3, -2, -1, 1, 2, 3))
            yield from (rest[:at] + char + rest[at:] for at in places if 0 <= at <= len(rest))


def readings(slip: str) -> list[object]:
    """What was meant, and what JSON and Python read in a slip that is none to them."""
    found: list[object] = [ENVELOPE]
    for read in (json.loads, ast.literal_eval):
        with contextlib.suppress(ValueError, SyntaxError):
            found.append(read(slip))
    return found


def slipped(text: str) -> tuple[int, list[str]]:
    """How many slips are mended right, and those that are mended otherwise and run."""
    directives = UIApp.standard().directives
    right, wrong = 0, []
    for slip in mutations(text):
        mended = mend(slip, finished=True, registry=directives)
        found = envelope_of(mended.text) if mended.changes else None
        if found is None:
            continue
        if found in readings(slip):
            right += 1
        elif all(read_directive(item, directives).payload for item in found["directives"]):
            wrong.append(slip)
    return right, wrong


@pytest.mark.parametrize("indent", [None, 1])
def test_one_slip_is_mended_right_or_not_at_all(indent: int | None) -> None:
    right, wrong = slipped(json.dumps(ENVELOPE, indent=indent))
    assert wrong == []
    assert right > 20


def test_a_slip_among_single_quotes_is_at_worst_an_apostrophe() -> None:
    right, wrong = slipped(repr(ENVELOPE))
    assert [slip for slip in wrong if slip.count("'") == repr(ENVELOPE).count("'")] == []
    assert right > 20


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
PAYLOADS = st.dictionaries(st.text(), JSON, max_size=4)


@settings(max_examples=40)
@given(st.text(), st.lists(st.fixed_dictionaries({"type": st.text(), "payload": PAYLOADS})))
def test_what_is_right_comes_back_as_the_same_object(text: str, directives: list[Any]) -> None:
    written = json.dumps({"assistant_text": text, "directives": directives})
    assert mend(written).text is written


@given(PAYLOADS)
def test_python_is_read_as_python_reads_it(payload: dict[str, Any]) -> None:
    envelope = {"assistant_text": "x", "directives": [{"type": "t", "payload": payload}]}
    found = envelope_of(mend(repr(envelope)).text)
    if found is not None:
        assert found == envelope


@given(st.text(alphabet="{}[]\"'\\:,\n /*#<>thinkab1-.“„`", max_size=60), st.booleans())
def test_no_text_raises_and_mending_twice_is_mending_once(text: str, finished: bool) -> None:
    once = mend(text, finished=finished)
    assert set(once.changes) <= CHANGES.keys()
    assert bool(once.changes) == (once.text != text) or once.text == text
    assert mend(once.text, finished=finished).text == once.text
    mend_object(text)


def test_the_hostile_corpus_is_mended_without_an_exception() -> None:
    texts = [path.read_text("utf-8", "replace") for path in sorted(HOSTILE.glob("*/input.*"))]
    assert len(texts) > 100
    for text in texts:
        mended = mend(text, finished=True)
        assert mended.changes or mended.text is text


@pytest.mark.parametrize(
    "unit",
    [
        "{",
        "[",
        '{"',
        "'",
        "```",
        "</s> ",
        "<|a|>",
        '"""',
        "\\",
        '{\\"',
        "<think>",
        "{'a':",
        "/*",
        '" ,',
        "{a:",
        "[[],",
        "“",
    ],
)
@pytest.mark.parametrize("before", ["", '{"assistant_text":"', '{"directives":['])
def test_twice_the_text_takes_twice_the_steps(unit: str, before: str) -> None:
    # Anything worse than linear takes minutes here; the limit only has to be below that.
    text = before + unit * (190_000 // len(unit))
    start = time.process_time()
    mend(text, finished=True)
    mend_object(text)
    assert time.process_time() - start < 20


@pytest.mark.parametrize("unit", ['["', '["a" ', "['", '{"a":"b" ', "1,", '"a",'])
def test_hopeless_text_is_given_up_after_a_bounded_number_of_steps(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = 0
    take = Steps.take

    def counted(steps: Steps) -> None:
        nonlocal taken
        taken += 1
        take(steps)

    monkeypatch.setattr(Steps, "take", counted)
    text = "{'directives':[" + unit * (150_000 // len(unit))
    assert mend(text, finished=True).text is text
    assert taken < 100_000


def test_what_is_too_long_or_too_deep_is_left_alone() -> None:
    deep = '{"assistant_text": "", "directives": ' + "[" * 70 + "]" * 70 + ",}"
    assert mend(deep).text is deep
    long = TEXT[:-1] + " " * 100 + ",}"
    assert mend(long, max_bytes=100).text is long


def test_changes_are_told_in_one_finding_that_quotes_nothing() -> None:
    (finding,) = mend(TEXT[:-1] + ",}").diagnostics
    assert finding.code == "LLM_OUTPUT_MENDED"
    assert CHANGES["trailing_comma"] in finding.message


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        (" \n", {}),
        ("{'a': True,}", {"a": True}),
        ('"{\\"a\\": 1}"', {"a": 1}),
        ('```json\n{"a": 1,}\n```', {"a": 1}),
        ('{"a": [1, 2', None),
        ('{"a": [1, 2]', {"a": [1, 2]}),
        ("[1]", None),
        ("a", None),
    ],
)
def test_arguments_of_a_tool_are_mended_likewise(text: str, meant: object) -> None:
    mended = mend_object(text, finished=True)
    if meant is None:
        assert mended.text is text
    else:
        assert json.loads(mended.text.strip("`json\n")) == meant


@pytest.mark.parametrize("end", ["", ",", ', "dry', "]", "\n```"])
@pytest.mark.parametrize(
    "start", ['{"a": 100, "b": [1, 2', '{"assistant_text": "", "directives": []']
)
def test_arguments_that_are_cut_off_are_never_closed(start: str, end: str) -> None:
    text = start + end
    assert mend_object(text).text is text


def test_arguments_in_a_sentence_are_no_arguments() -> None:
    text = "I would pass {'a': 1}, but will not."
    assert mend_object(text, finished=True).text is text
