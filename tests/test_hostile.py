"""Attacks by models, clients and app files, `fixtures/hostile/`: as stated, and neutralised.

Each case states its exit status, its codes and the hash of what goes out. Beside that everything
is judged by its meaning, whatever a case states: what is accepted is proven harmless, what is
refused leaves no trace. `UICOMPILER_GOLDEN=update` writes codes and hashes; an exit status that
changes is never written over, since it means that an attack fares otherwise than before.
"""

from __future__ import annotations

import functools
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.hostile import LARGEST, calls, largest, size
from clientsim import ClientSim
from tests import traces
from tests.backends.html.same_meaning.cases import Double, doubled_anew
from tests.backends.html.same_meaning.dom import faults, parsed, parsed_page, plain_tag
from tests.fixture_cases import action_of, source_of
from tests.hostile_cases import Attack, Verdict, cases, scaled, verdict, verdict_anew, written_app
from uicompiler import CompileResult, StepResult, UIState, a2ui, compile
from uicompiler.cli import main
from uicompiler.errors import CODES

UPDATE = os.environ.get("UICOMPILER_GOLDEN") == "update"

AREAS = {
    "frame": 60,
    "text": 50,
    "url": 50,
    "pattern": 20,
    "key": 30,
    "path": 40,
    "tree": 70,
    "event": 150,
    "app": 100,
}
"""What is attacked, and how many ways there are at least; the first word of a case's name."""


def each(*exits: int) -> pytest.MarkDecorator:
    chosen = [case for case in cases() if not exits or case.stated.get("exit") in exits]
    return pytest.mark.parametrize("case", chosen, ids=lambda case: case.folder.name)


# ---------------------------------------------------------------- as stated


@each()
def test_an_attack_comes_to_what_its_case_states(case: Attack) -> None:
    found = verdict(case).expectation()
    if UPDATE and case.stated.get("exit") in (None, found["exit"]):
        case.expected_json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        return
    assert found == case.stated, "UICOMPILER_GOLDEN=update rewrites codes and hash"
    assert found["exit"] in (0, 1, 3)


def test_every_case_says_what_it_attacks() -> None:
    for case in cases():
        assert re.fullmatch(r".{5,}[.?]", case.why), case.folder.name


def test_every_area_is_attacked() -> None:
    names = [case.folder.name.partition("_")[0] for case in cases()]
    assert len(names) >= 250
    assert set(names) == AREAS.keys()
    assert {area: names.count(area) for area in AREAS if names.count(area) < AREAS[area]} == {}


@each()
def test_findings_have_registered_codes_and_are_short_and_safe_to_print(case: Attack) -> None:
    assert set(verdict(case).codes) <= CODES.keys()
    for result in verdict(case).results:
        traces.check(result.trace)
    for message in verdict(case).messages:
        assert len(message) < 5_000, message[:200]
        assert not unsafe(message), message


UNSEEN = {"Cc", "Cs", "Co"}
BIDI = set("\u200b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def unsafe(text: str) -> list[str]:
    """Characters that control a terminal or a reader's eye, but line ends and tabs."""
    return [
        char
        for char in text
        if (unicodedata.category(char) in UNSEEN and char not in "\n\t") or char in BIDI
    ]


# ---------------------------------------------------------------- refused


@each(1)
def test_what_is_refused_sends_nothing_and_changes_nothing(case: Attack) -> None:
    found = verdict(case)
    assert found.output == b""
    assert found.codes, "a refusal says why"
    if found.ran is None or found.ran.result is None:
        return
    result = found.ran.result
    assert result.state is found.ran.state
    assert (result.ok, result.batches, result.effects) == (False, (), ())
    assert result.fallback is not None
    if isinstance(result, StepResult):
        assert (result.action, result.receipt, dict(result.secrets)) == (None, None, {})


# ---------------------------------------------------------------- neutralised


@each(0, 3)
def test_the_checker_finds_no_error_in_what_goes_out(case: Attack) -> None:
    markup = {"A2UI_S2C_COMPONENT_TEXT_MARKUP"} if case.options.get("plain_text") else set()
    found = a2ui.validate(stream(verdict(case)))
    assert [item for item in found if item.severity == "error" and item.code not in markup] == []


def stream(found: Verdict) -> bytes:
    """Everything that goes out, that of the steps before too."""
    return b"".join(result.jsonl() for result in found.results)


def messages(found: Verdict) -> list[Any]:
    return [json.loads(line) for line in stream(found).decode("utf-8").split("\n") if line]


def strings(value: Any) -> Iterator[str]:
    """Every key and text in a JSON value."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            todo += [*item, *item.values()]
        elif isinstance(item, list):
            todo += item


@each(0, 3)
def test_no_forbidden_key_and_no_control_character_goes_out(case: Attack) -> None:
    for text in strings(messages(verdict(case))):
        assert text not in ("__proto__", "constructor", "prototype") or case_shows(case, text)
        assert not unsafe(text), text[:200]


def case_shows(case: Attack, text: str) -> bool:
    """Whether a reserved name stands in texts only: the values of options and cells."""
    data = [m["dataModelUpdate"] for m in messages(verdict(case)) if "dataModelUpdate" in m]
    keys = {entry["key"] for body in data for entry in entries_of(body["contents"])}
    paths = {part for body in data for part in body.get("path", "").split("/")}
    contexts = {item["key"] for item in strings_of_contexts(case)}
    return text not in keys | paths | contexts


def entries_of(contents: list[Any]) -> Iterator[dict[str, Any]]:
    for entry in contents:
        yield entry
        yield from entries_of(entry.get("valueMap", []))


def strings_of_contexts(case: Attack) -> Iterator[dict[str, Any]]:
    for _, kind, props in components(verdict(case)):
        if kind == "Button":
            yield from props["action"].get("context", [])


def components(found: Verdict) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Id, type and properties of every component that goes out."""
    for message in messages(found):
        for item in message.get("surfaceUpdate", {}).get("components", []):
            ((kind, props),) = item["component"].items()
            yield item["id"], kind, props


REFERENCES = {"explicitList", "componentId", "child", "entryPointChild", "contentChild"}


@each(0, 3)
def test_no_id_equals_a_string_that_a_client_would_replace_by_it(case: Attack) -> None:
    found = verdict(case)
    ids = {ident for ident, _, _ in components(found)}
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,128}", ident) for ident in ids)
    texts = {text for _, _, props in components(found) for text in not_references(props)}
    data = [m["dataModelUpdate"]["contents"] for m in messages(found) if "dataModelUpdate" in m]
    held = {e["valueString"] for c in data for e in entries_of(c) if "valueString" in e}
    assert ids & (texts | held) == set()


def not_references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in REFERENCES and key != "action":  # whose strings no client replaces
                yield from not_references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from not_references(inner)
    elif isinstance(value, str):
        yield value


PLAIN_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")


@each(0, 3)
def test_nothing_is_fetched_but_from_plain_public_hosts(case: Attack) -> None:
    for sim, surface in screens(case):
        for node in sim.nodes(surface):
            if node["type"] in ("Image", "Video", "AudioPlayer"):
                url = read(sim, surface, node, "url")
                parts = urlsplit(url)
                assert parts.scheme in ("http", "https")
                assert PLAIN_HOST.fullmatch(parts.netloc), url[:200]


def read(sim: ClientSim, surface: str, node: dict[str, Any], name: str) -> str:
    """A property that is a bound text, as a client reads it."""
    value = node["props"][name]
    found = value.get("literalString")
    if found is None:
        found = sim.value_at(surface, value["path"], node["context"])
    assert isinstance(found, str), "a text, whatever it looks like"
    return found


def screens(case: Attack) -> Iterator[tuple[ClientSim, str]]:
    """A client that was sent everything, and each surface it shows."""
    sim = ClientSim("web_core")
    for message in messages(verdict(case)):
        sim.apply(message)
    assert sim.errors == []
    for surface in sim.surface_ids():
        assert sim.ready(surface)
        yield sim, surface


ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]|&nbsp;|&#[0-9]{1,7};")


@each(0, 3)
def test_no_text_is_markup_for_a_client_with_markdown(case: Attack) -> None:
    if case.options.get("plain_text"):
        return
    for sim, surface in screens(case):
        for node in sim.nodes(surface):
            if node["type"] == "Text":
                source = read(sim, surface, node, "text")
                left = ESCAPED.sub("", source)
                assert not re.search(r"[!-/:-@\[-`{-~]", left), left[:200]


@each(0)
def test_the_screen_shows_the_texts_as_they_were_written(case: Attack) -> None:
    seen = [words for sim, surface in screens(case) for _, _, words in sim.visible(surface)]
    for text in case.shows:
        assert any(text in words for words in seen), (text, seen[:20])
    assert not {"(empty)", "[object Object]", "Invalid label", "Invalid value"} & set(seen)


SECRETS = [case for case in cases() if case.absent]


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: case.folder.name)
def test_what_must_stay_secret_is_nowhere(case: Attack) -> None:
    found = verdict(case)
    answers = [result.to_json() for result in found.results]
    receipts = [
        r.receipt.to_dict() for r in found.results if isinstance(r, StepResult) and r.receipt
    ]
    said = "".join([*answers, *found.messages, stream(found).decode(), json.dumps(receipts)])
    assert [text for text in case.absent if text in said] == []
    unsent = case.options.get("unsent", ())
    assert [text for text in unsent if text in stream(found).decode()] == []


@each(0, 3)
def test_the_state_afterwards_comes_back_from_json(case: Attack) -> None:
    found = verdict(case)
    if found.ran is not None and found.ran.result is not None:
        text = found.ran.result.state.to_json()
        assert UIState.from_json(text, nodes=case.app.nodes).to_json() == text


@each(0, 3)
def test_no_attack_of_a_model_writes_what_only_the_app_writes(case: Attack) -> None:
    ran = verdict(case).ran
    if ran is None or ran.result is None or any(action_of(source) for source in ran.sources):
        return
    for surface in ran.result.state.surfaces.values():
        assert dict(surface.data["committed"]) == {}
        own = {name for name in surface.data["ui_state"] if name.startswith("_")}
        assert own <= {"_errors"}


# ---------------------------------------------------------------- as HTML

ONLY_ONE_FAILS = {
    "event_email_header": "a browser's input of one line holds no line ends",
    "event_minus_zero": "a browser posts a number as it was typed, not as a number",
    "event_slider_out_of_range": "a browser's slider is never moved beyond its ends",
    "text_bound_to_a_secret_after_a_submit": "handles differ with the events they come from",
    "text_many_lines": "each line is a component in A2UI, and there are too many",
    "tree_options_20_000": "A2UI tells each option twice as long, which is too long",
}
"""Attacks that come to something else as HTML, each with the reason."""


@functools.cache
def as_html(case: Attack) -> Double:
    """The attack on HTML; an assertion fails where it means anything else than with A2UI."""
    found = verdict(case)
    if found.ran is not None:
        return doubled_anew(case, found.ran)
    assert found.app is not None
    double = Double(found.app)
    double.turn(list(found.asked), found.results[0])
    return double


def html_results(case: Attack) -> list[CompileResult]:
    """Every turn for HTML that gave a result."""
    if case.folder.name not in ONLY_ONE_FAILS:
        return [item for item in as_html(case).results if item is not None]
    ran = verdict(case).ran
    assert ran is not None
    common: dict[str, Any] = {"app": case.app, "backend": "html"}
    return [compile(ran.sources[0], **common)]


@functools.cache
def trees(case: Attack) -> list[tuple[CompileResult, list[Any]]]:
    """Every turn for HTML, and the surfaces that it shows, parsed without one mend."""
    return [
        (result, [parsed(markup) for markup in result.html.values()])
        for result in html_results(case)
    ]


LOADED = [
    case
    for case in cases()
    if case.folder.name not in ONLY_ONE_FAILS and not (case.is_app and case.stated.get("exit") == 1)
]


@pytest.mark.parametrize("case", LOADED, ids=lambda case: case.folder.name)
def test_an_attack_means_the_same_as_html(case: Attack) -> None:
    double = as_html(case)
    stated = case.stated["exit"]
    last = double.results[-1]
    if stated == 1 and last is not None:
        assert (last.ok, last.batches, last.effects) == (False, (), ())
        assert last.fallback is not None
    if stated == 0:
        assert last is not None
        assert last.ok


@pytest.mark.parametrize("name", ONLY_ONE_FAILS)
def test_where_only_one_fails_is_a_case(name: str) -> None:
    (case,) = (case for case in cases() if case.folder.name == name)
    with pytest.raises(AssertionError):
        as_html(case)


@each(0, 3)
def test_markup_is_parsed_without_a_mend_and_has_nothing_that_no_template_has(
    case: Attack,
) -> None:
    for result, roots in trees(case):
        for markup, root in zip(result.html.values(), roots, strict=True):
            assert faults(root) == []
            tags = [plain_tag(element) for element in root.iter()]
            assert not {"script", "style", "iframe", "object", "embed", "link", "base"} & set(tags)
            assert not unsafe(markup), markup[:200]
        parsed_page(*result.html.values())


@each(0, 3)
def test_markup_fetches_nothing_but_from_plain_public_hosts(case: Attack) -> None:
    for _, roots in trees(case):
        for element in (item for root in roots for item in root.iter()):
            url = element.get("src")
            if url is not None:
                parts = urlsplit(url)
                assert parts.scheme in ("http", "https")
                assert PLAIN_HOST.fullmatch(parts.netloc), url[:200]


@each(0)
def test_markup_shows_the_texts_as_they_were_written(case: Attack) -> None:
    elements = [item for _, roots in trees(case) for root in roots for item in root.iter()]
    found = [
        words
        for item in elements
        for words in (item.text, item.tail, *item.attrib.values())
        if words
    ]
    for text in case.shows:
        assert any(text in words for words in found), (text, found[:20])


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: case.folder.name)
def test_what_must_stay_secret_is_nowhere_in_html(case: Attack) -> None:
    if verdict(case).exit == 1 and case.is_app:
        return
    for result in html_results(case):
        said = result.to_json() + result.jsonl().decode()
        assert [text for text in case.absent if text in said] == []
        unsent = case.options.get("unsent", ())
        assert [text for text in unsent if text in result.jsonl().decode()] == []


# ---------------------------------------------------------------- the command line

BY_HAND = {"parsed", "signed", "plain_text", "conversation_id"}
COMMANDS = [
    case
    for case in cases()
    if not BY_HAND & case.options.keys()
    and not (case.folder / "event.json").is_file()
    and (case.is_app or case.app.id == "standard")
]


@pytest.mark.parametrize("case", COMMANDS, ids=lambda case: case.folder.name)
def test_the_command_line_ends_in_the_same_status_and_without_a_traceback(
    case: Attack, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    found = verdict(case)
    status = main([str(part) for part in arguments(case, tmp_path)])
    out, err = capfdbinary.readouterr()
    assert b"Traceback" not in err
    assert not unsafe(err.decode("utf-8")), err[:500]
    assert status == (2 if case.is_app and found.exit == 1 else found.exit)
    assert out == (b"" if found.exit == 1 else found.output)


def arguments(case: Attack, folder: Path) -> Iterator[Any]:
    """`compile` of the attack, after what ran before it."""
    source, place = folder / "input", folder / "app"
    if case.is_app:
        place.mkdir()
        written_app(case, place)
        asked = {"assistant_text": "", "directives": verdict(case).asked}
        source.write_bytes(json.dumps(asked).encode())
        yield from ("compile", source, "--app", place)
        return
    raw = source_of(case)
    source.write_bytes(raw)
    ran = verdict(case).ran
    yield from ("compile", source, f"--client={case.options.get('client', 'web_core')}")
    if case.options.get("strict"):
        yield "--strict"
    if (case.folder / "before.json").is_file() and ran is not None:
        state = folder / "state.json"
        state.write_text(ran.state.to_json(), "utf-8")
        yield from ("--state", state)


# ---------------------------------------------------------------- linear


@pytest.mark.parametrize("case", largest(), ids=lambda case: case.folder.name)
def test_four_times_the_attack_takes_at_most_four_times_the_steps(case: Attack) -> None:
    small, large = calls(scaled(case, 1 / 16)), calls(scaled(case, 1 / 4))
    assert large <= 4 * 1.5 * small + 20_000, (small, large)


def test_the_largest_attacks_are_large() -> None:
    assert len(largest()) == LARGEST >= 10
    assert size(largest()[0]) > 5_000_000


@each(0, 3)
def test_a_second_run_gives_the_same(case: Attack) -> None:
    if len(verdict(case).output) < 100_000:
        assert verdict_anew(case).expectation() == verdict(case).expectation()
