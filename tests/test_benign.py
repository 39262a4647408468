"""Ordinary envelopes raise no alarm, and every text of theirs arrives unchanged.

`fixtures/benign/<theme>.jsonl` holds what models write for the standard app, one envelope a line;
a line that is an array holds the turns of one conversation. Texts are read from the payloads by
the names of their keys alone, and looked for on two screens: ClientSim's (`web_core`) and the
official client's after its markdown renderer. The official screen is also compared, in order and
in full, with what `official/screens.py` reads from the IR.

Allowed differences: a kind of space looks like any other, a tab is laid out as one, the label of
what must be filled in has ` *` behind it, and an input of one line shows no line breaks (they stay
in its data).
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from clientsim import ClientSim
from tests.official.bridge import OfficialClient
from tests.official.conftest import require
from tests.official.screens import expected, shown
from uicompiler import CompileResult, Diagnostic, UIApp, UICompilerError, UIState, compile
from uicompiler.cli import main

Json: TypeAlias = Any
"""A JSON value, as a fixture's file holds it."""

FOLDER = Path(__file__).resolve().parent.parent / "fixtures/benign"
THEMES = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
APP = UIApp.standard()

JSON_LIKE = "A2UI_S2C_DATA_UNREPRESENTABLE"
"""For a field's value that clients would read as JSON: it goes out with an invisible mark."""

DEGRADED = "A2UI_S2C_CATALOG_DEGRADED"
"""The official client shows secrets in clear, and the standard catalog has no file input."""

DIRECTIVES = {
    *("ui.show_form", "ui.show_view", "ui.show_choices", "ui.confirm", "ui.show_progress"),
    *("ui.show_result", "ui.show_error", "ui.show_table", "ui.request_upload", "ui.toast"),
    *("ui.patch", "ui.close", "ui.surface.open", "ui.surface.close"),
    *("ui.data.patch", "ui.data.replace"),
}
NODES = {
    *("stack", "card", "section", "divider", "tabs", "tab", "disclosure", "text", "notice"),
    *("image", "icon", "video", "audio", "list", "table", "key_values", "progress", "actions"),
    *("button", "field", "rows"),
}
KINDS = {
    *("short_text", "long_text", "secret", "number", "slider", "boolean", "choice"),
    *("multi_choice", "date", "time", "datetime", "tags", "email", "url", "phone", "upload"),
}
SCRIPTS = {
    *("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "BENGALI", "TAMIL"),
    *("TELUGU", "MALAYALAM", "KANNADA", "GUJARATI", "GURMUKHI", "SINHALA", "THAI", "LAO"),
    *("KHMER", "MYANMAR", "TIBETAN", "ETHIOPIC", "GEORGIAN", "ARMENIAN", "CJK", "HIRAGANA"),
    *("KATAKANA", "HANGUL", "THAANA", "SYRIAC", "NKO", "CHEROKEE", "CANADIAN", "TIFINAGH"),
}
"""By the first words of the names of their letters."""


@dataclass(frozen=True)
class Turn:
    """One envelope, and what became of it.

    Attributes:
        name: Theme and line.
        envelope: The envelope as the file has it, parsed.
        by_design: Codes of the warnings that its conversation may give.
        before: The state it began with.
        result: What `compile` made of it.
    """

    name: str
    envelope: Json
    by_design: frozenset[str]
    before: UIState | None
    result: CompileResult


@functools.cache
def conversations(theme: str) -> tuple[tuple[Turn, ...], ...]:
    """The conversations of a theme, compiled turn by turn; most have one turn."""
    lines = (FOLDER / f"{theme}.jsonl").read_text("utf-8").splitlines()
    return tuple(
        tuple(_turns(f"{theme}:{number}", json.loads(line)))
        for number, line in enumerate(lines, start=1)
    )


def _turns(name: str, line: Json) -> Iterator[Turn]:
    state = None
    codes = frozenset(_by_design(line))
    for envelope in line if isinstance(line, list) else [line]:
        source = json.dumps(envelope, ensure_ascii=False)
        result = compile(source, app=APP, state=state)
        yield Turn(name, envelope, codes, state, result)
        state = result.state


def _by_design(line: Json) -> Iterator[str]:
    """The warnings that are due: for secrets and files, and for values that look like JSON."""
    found = list(objects(line))
    if any(item.get("kind") in ("secret", "upload") for item in found):
        yield DEGRADED
    if any(item.get("type") == "ui.request_upload" for item in found):
        yield DEGRADED
    if any(looks_like_json(item.get("value")) for item in found if "path" in item):
        yield JSON_LIKE


def looks_like_json(value: Json) -> bool:
    """Whether a text is a JSON object or array."""
    if not isinstance(value, str) or value.strip()[:1] not in ("{", "["):
        return False
    try:
        return json.loads(value) is not None
    except ValueError:
        return False


def turns(theme: str) -> Iterator[Turn]:
    """All turns of a theme."""
    return (turn for conversation in conversations(theme) for turn in conversation)


def each_theme() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("theme", THEMES)


# ---------------------------------------------------------------- what the corpus holds


def test_the_corpus_is_large_and_holds_every_directive_node_and_kind_of_field() -> None:
    envelopes = [turn.envelope for theme in THEMES for turn in turns(theme)]
    found = [item for envelope in envelopes for item in objects(envelope["directives"])]
    assert len(envelopes) >= 520
    assert {item["type"] for item in found if "payload" in item} == DIRECTIVES
    assert {item["node"] for item in found if "node" in item} == NODES
    assert {item.get("kind", "short_text") for item in found} >= KINDS


def test_the_corpus_is_written_in_many_scripts_and_at_length() -> None:
    said = [text for theme in THEMES for turn in turns(theme) for text in strings(turn.envelope)]
    scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in set("".join(said))}
    assert scripts >= SCRIPTS
    assert sum(len(text) >= 5_000 for text in said) >= 10
    assert sum(len(text) >= 30_000 for text in said) >= 3


def test_no_envelope_stands_there_twice() -> None:
    envelopes = [json.dumps(turn.envelope) for theme in THEMES for turn in turns(theme)]
    assert len(set(envelopes)) == len(envelopes)


def objects(value: Json) -> Iterator[dict[str, Json]]:
    """Every object inside a value."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)):
            yield from objects(item)


# ---------------------------------------------------------------- no false alarm


@each_theme()
def test_nothing_is_refused_or_repaired(theme: str) -> None:
    alarms = [
        (turn.name, item.code, item.message)
        for turn in turns(theme)
        for item in turn.result.diagnostics
        if item.severity == "error" or item.code not in turn.by_design
    ]
    assert alarms == []
    assert [turn.name for turn in turns(theme) if not turn.result.ok] == []
    assert [turn.name for turn in turns(theme) if turn.result.fallback is not None] == []


@each_theme()
def test_strict_mode_takes_them_too(theme: str) -> None:
    refused = [(turn.name, item.code) for turn in turns(theme) for item in strict_alarms(turn)]
    assert refused == []


def strict_alarms(turn: Turn) -> list[Diagnostic]:
    """What strict mode refuses, but for what it does by design."""
    source = json.dumps(turn.envelope)
    try:
        result = compile(source, app=APP, state=turn.before, strict=True)
    except UICompilerError as refusal:
        return [item for item in refusal.diagnostics if item.code not in turn.by_design]
    assert result.jsonl() == turn.result.jsonl(), turn.name
    return []


@each_theme()
def test_assistant_text_and_toasts_are_unchanged(theme: str) -> None:
    for turn in turns(theme):
        assert turn.result.assistant_text == turn.envelope["assistant_text"], turn.name
        toasts = [effect.data["text"] for effect in turn.result.effects if effect.kind == "toast"]
        assert toasts == [
            item["payload"]["text"]
            for item in turn.envelope["directives"]
            if item["type"] == "ui.toast"
        ], turn.name


def test_the_commands_take_them(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    sample = [conversation[0] for theme in THEMES for conversation in conversations(theme)[::25]]
    for turn in sample:
        source, lines = tmp_path / "envelope.json", tmp_path / "lines.jsonl"
        source.write_text(json.dumps(turn.envelope, ensure_ascii=False), "utf-8")
        assert main(["compile", str(source)]) == 0, turn.name
        lines.write_bytes(capfdbinary.readouterr().out)
        assert lines.read_bytes() == turn.result.jsonl(), turn.name
        assert main(["validate", str(lines)]) == 0, turn.name
        capfdbinary.readouterr()


# ---------------------------------------------------------------- texts arrive unchanged


@each_theme()
def test_every_text_is_on_clientsims_screen(theme: str) -> None:
    missing = []
    for conversation in conversations(theme):
        sim = ClientSim(profile="web_core")
        for turn in conversation:
            sim.feed(turn.result.jsonl())
            assert sim.errors == [], turn.name
            words = [entry[2] for name in sim.surface_ids() for entry in sim.visible(name)]
            held = [text for name in sim.surface_ids() for text in strings(sim.data(name))]
            missing += [(turn.name, text) for text in lost(turn.envelope, words, held)]
    assert missing == []


@pytest.fixture(scope="module")
def official() -> Iterator[OfficialClient]:
    """One Node process with the official client; without Node, skip aloud or fail in CI."""
    client = OfficialClient()
    require(client.start)
    yield client
    client.close()


@pytest.mark.official
@each_theme()
def test_every_text_is_on_the_official_screen(official: OfficialClient, theme: str) -> None:
    missing = []
    for conversation in conversations(theme):
        with official.session() as session:
            for turn in conversation:
                messages = turn.result.messages
                assert session.apply_many(messages) == [None] * len(messages), turn.name
                states = session.states()
                screens = {name: session.visible(name) for name in states}
                words = [entry.text for screen in screens.values() for entry in screen]
                held = [text for state in states.values() for text in strings(state.data)]
                missing += [(turn.name, text) for text in lost(turn.envelope, words, held)]
                for surface in turn.result.state.live_surfaces():
                    assert shown(screens[surface.name]) == expected(surface), turn.name
    assert missing == []


def strings(value: Json) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from strings(item)


def lost(envelope: Json, words: list[str], held: list[str]) -> list[str]:
    """The texts of an envelope that are not there to be read.

    Args:
        envelope: What the model wrote.
        words: Everything on the screen.
        held: Every text in the client's data, for what an input holds.
    """
    seen = {as_seen(text) for text in words}
    whole = {text.removeprefix("\u2060") for text in held}
    inside = whole | {tag for text in whole for tag in text.split(", ")}
    shows = [item for item in envelope["directives"] if item["type"] != "ui.toast"]
    return [
        text
        for item in shows
        for kind, text in texts(item["payload"])
        if not (is_seen(text, seen) or (kind == "value" and text in inside))
    ]


MARKS = ("", " *", " \u2026")
"""What may stand after a text: a label is required, a title opens what is below it."""


def is_seen(text: str, seen: set[str]) -> bool:
    """Whether each line is on the screen as it was written, or with a mark behind it."""
    lines = text.split("\n") if text.strip("\n") else []
    return all(
        any(f"{as_seen(line)}{mark}" in seen for mark in MARKS)
        for line in (x or " " for x in lines)
    )


def as_seen(text: str) -> str:
    """A text as it looks: kinds of space look alike."""
    return text.replace("\u00a0", " ").replace("\t", " ")


# ---------------------------------------------------------------- the texts of a payload

READ = {
    *("title", "text", "label", "intro", "help", "hint", "caption", "empty", "submit_label"),
    *("confirm_label", "cancel_label", "retry_label", "add_label", "remove_label", "url"),
}
"""Keys whose texts are for people; `url` is what a picture or player shows."""

SILENT = {"args", "accept", "options"}
"""Keys below which no text is for people, or none that `texts` has not given already."""


def texts(value: Json) -> Iterator[tuple[str, str]]:
    """Every text for people in a payload, each with `text` or, for what inputs hold, `value`."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key in READ and isinstance(item, str) and is_shown(key, value):
            yield "text", item
        elif key == "rows":
            yield from (("text", cell) for cell in cells(item))
        elif key == "options":
            yield from (("text", x if isinstance(x, str) else x["label"]) for x in item or ())
        elif key == "default" or (key == "value" and is_written(value)):
            yield from (("value", cell) for cell in cells(item))
        if key not in SILENT:
            yield from texts(item)


def is_shown(key: str, item: Mapping[str, Json]) -> bool:
    """Whether a text has its turn: `empty` only without rows, an address not on ClientSim."""
    if key == "url":
        return False
    return key != "empty" or item.get("rows") == []


def is_written(item: Mapping[str, Json]) -> bool:
    """Whether a `value` stands there as it is: one at a path or beside a label, no bar's."""
    return "path" in item or ("label" in item and "node" not in item)


def cells(value: Json) -> Iterator[str]:
    """The texts of a table's rows, of options without labels, or of a field's value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from cells(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield json.dumps(int(value) if value == int(value) else value)
