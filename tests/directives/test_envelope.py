"""The envelope is found in any framing, read exactly, salvaged when cut, or refused."""

from __future__ import annotations

import enum
import json
import math
from collections import OrderedDict
from types import MappingProxyType
from typing import Any  # nested and hostile inputs have no useful static type

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.directives import envelope as module
from uicompiler.directives import json_reader
from uicompiler.directives.envelope import Envelope, parse_envelope
from uicompiler.strict_json import is_deeper

TOAST = {"type": "ui.toast", "payload": {"text": "Saved"}}
VALUE: dict[str, Any] = {"assistant_text": 'Hi {x} ``` " \\', "directives": [TOAST, TOAST]}
TEXT = json.dumps(VALUE)
EXPECTED = Envelope(VALUE["assistant_text"], (TOAST, TOAST), True)


def wrap(directives: str) -> str:
    """An envelope's text around the text of its directives."""
    return f'{{"assistant_text": "t", "directives": {directives}}}'


def findings(source: object, **options: Any) -> list[tuple[str, str]]:
    """Code and pointer of every finding of a refused source."""
    parsed = parse_envelope(source, **options)  # type: ignore[arg-type]  # hostile on purpose
    assert parsed.envelope is None
    assert any(found.severity == "error" for found in parsed.diagnostics)
    for found in parsed.diagnostics:
        assert found.message.endswith(".") and found.hint
        assert len(found.message) < 200
    return [(found.code.removeprefix("DIRECTIVE_"), found.pointer) for found in parsed.diagnostics]


# Framing.

FRAMED = {
    "bare": TEXT,
    "byte order mark": f"\ufeff{TEXT}",
    "blank around": f" \r\n\t{TEXT}\n\n",
    "fence": f"```json\n{TEXT}\n```",
    "fence without language": f"```\n{TEXT}```",
    "tilde fence": f"~~~json\n{TEXT}\n~~~",
    "directives tag": f"<directives>{TEXT}</directives>",
    "json tag around a fence": f"<json>\n```json\n{TEXT}\n```\n</json>",
    "prose around": f"Sure! Here it is:\n{TEXT}\nAnything else?",
    "prose and fence": f"Here:\n```json\n{TEXT}\n```\nDone }} {{.",
    "curly prose": f"Use {{curly}} braces, {{{{x}}}} or {{ 'a' }}: {TEXT}",
    "prose begins with a brace": f"{{curly}} first. {TEXT}",
    "quoted prose": f'Write {{ "quoted" }} and {{"a" b}}. {TEXT}',
    "empty object in prose": f"An empty object is {{}}. {TEXT}",
    "another object in prose": f'The user gave {{"name": "Ada"}}. {TEXT}',
    "broken object in prose": f'The shape is {{"type": ...}}. {TEXT}',
    "bracketed prose": f"[1] See below. {TEXT}",
    "prose begins like a literal": f"true story: {TEXT}",
    "prose begins with a string": f'"Sure," it said. {TEXT}',
    "second envelope": f'{TEXT} {{"assistant_text": "b", "directives": []}}',
    "indented": json.dumps(VALUE, indent=4),
}


@pytest.mark.parametrize("text", FRAMED.values(), ids=FRAMED.keys())
@pytest.mark.parametrize("strict", [False, True])
def test_framing_is_tolerated_without_a_finding(text: str, strict: bool) -> None:
    for source in (text, text.encode(), bytearray(text.encode())):
        parsed = parse_envelope(source, strict=strict)
        assert (parsed.envelope, parsed.diagnostics) == (EXPECTED, ())


@pytest.mark.parametrize(
    "source",
    [VALUE, OrderedDict(VALUE), MappingProxyType(VALUE), {**VALUE, "directives": (TOAST, TOAST)}],
)
def test_parsed_envelope_is_read_like_its_text(source: Any) -> None:
    parsed = parse_envelope(source, strict=True)
    assert (parsed.envelope, parsed.diagnostics) == (EXPECTED, ())


def test_list_is_short_for_its_directives() -> None:
    assert parse_envelope([TOAST]).envelope == Envelope("", (TOAST,), True)
    assert parse_envelope(()).envelope == Envelope("", (), True)


def test_parsed_envelope_is_copied() -> None:
    source = json.loads(TEXT)
    parsed = parse_envelope(source)
    source["directives"][0]["payload"]["text"] = "changed"
    assert parsed.envelope == EXPECTED


def test_subclasses_of_scalars_become_plain() -> None:
    class Name(str):
        def __str__(self) -> str:
            return "something else"

    class Count(enum.IntEnum):
        TWO = 2

    parsed = parse_envelope([{Name("ui.toast"): Name("ui.toast"), "n": Count.TWO}])
    assert parsed.envelope is not None
    (item,) = parsed.envelope.directives
    assert isinstance(item, dict)
    assert [type(x) for pair in item.items() for x in pair] == [str, str, str, int]
    assert item == {"ui.toast": "ui.toast", "n": 2}


def test_texts_and_keys_of_other_modules_pass() -> None:
    text = wrap(r'["\ud800", "\u0000", {"__proto__": 1}]')
    parsed = parse_envelope(text, strict=True)
    assert parsed.envelope is not None
    assert parsed.envelope.directives == ("\ud800", "\0", {"__proto__": 1})
    again = parse_envelope(["\ud800", "\0", {"__proto__": 1}])
    assert again.envelope is not None
    assert again.envelope.directives == parsed.envelope.directives


def test_negative_zero_becomes_zero() -> None:
    for source in (wrap("[-0, -0.0, -0e1]"), [-0, -0.0, -0.0]):
        parsed = parse_envelope(source)
        assert parsed.envelope is not None
        numbers = [x for x in parsed.envelope.directives if isinstance(x, (int, float))]
        assert [math.copysign(1, x) for x in numbers] == [1, 1, 1]


def test_largest_numbers_pass() -> None:
    numbers = [2**53, -(2**53), 1.7976931348623157e308, 5e-324, 1e-400]
    for source in (
        wrap("[9007199254740992, -9007199254740992, 1.7976931348623157e308, 5e-324, 1e-400]"),
        numbers,
    ):
        parsed = parse_envelope(source)
        assert parsed.envelope is not None
        assert list(parsed.envelope.directives) == numbers


# Refusals.

NINES = "9" * 10_000
CYCLE: list[Any] = []
CYCLE.append({"payload": CYCLE})

REFUSED: dict[str, tuple[object, list[tuple[str, str]]]] = {
    "empty": ("", [("EMPTY", "")]),
    "blank": (" \n\ufeff"[:2], [("EMPTY", "")]),
    "only a byte order mark": (b"\xef\xbb\xbf", [("EMPTY", "")]),
    "prose": ("Hello there.", [("NOT_JSON", "")]),
    "only a fence": ("```json\n```", [("NOT_JSON", "")]),
    "invalid UTF-8": (TEXT.encode() + b"\xff", [("NOT_JSON", "")]),
    "UTF-16": (TEXT.encode("utf-16"), [("NOT_JSON", "")]),
    "single quotes": ("{'assistant_text': ''}", [("NOT_JSON", "")]),
    "bare keys": ('{assistant_text: "", directives: [{"type": "a"}]}', [("NOT_JSON", "")]),
    "missing comma": ('{"assistant_text": "" "directives": [{"a": 1}]}', [("NOT_JSON", "")]),
    "trailing comma": (wrap("[1,]"), [("NOT_JSON", "")]),
    "comment": (wrap("[/* none */]"), [("NOT_JSON", "")]),
    "mismatched bracket": (wrap("[{]"), [("NOT_JSON", "")]),
    "leading zero": (wrap("[01]"), [("NOT_JSON", "")]),
    "no digits after the point": (wrap("[1.]"), [("NOT_JSON", "")]),
    "plus sign": (wrap("[+1]"), [("NOT_JSON", "")]),
    "line end in a string": (wrap('["a\nb"]'), [("NOT_JSON", "")]),
    "unknown escape": (wrap(r'["\x41"]'), [("NOT_JSON", "")]),
    "short escape": (wrap(r'["\u12"]'), [("NOT_JSON", "")]),
    "unknown word": (wrap("[nul]"), [("NOT_JSON", "")]),
    "array text": (json.dumps([TOAST]), [("NOT_OBJECT", "")]),
    "fenced array": (f"```json\n{json.dumps([TOAST])}\n```", [("NOT_OBJECT", "")]),
    "cut array": ('[{"type": "ui.toast"', [("NOT_OBJECT", "")]),
    "string text": ('"hello"', [("NOT_OBJECT", "")]),
    "number text": ("12", [("NOT_OBJECT", "")]),
    "null text": ("null", [("NOT_OBJECT", "")]),
    "None": (None, [("NOT_OBJECT", "")]),
    "a set": ({1}, [("NOT_OBJECT", "")]),
    "a memoryview": (memoryview(b"{}"), [("NOT_OBJECT", "")]),
    "duplicate key": (
        wrap('[{"a/b": 1, "x": {}, "a/b": 2}]'),
        [("DUPLICATE_KEY", "/directives/0/a~1b")],
    ),
    "duplicate spelled with an escape": (
        wrap(r'[{"a": 1, "\u0061": 2}]'),
        [("DUPLICATE_KEY", "/directives/0/a")],
    ),
    "duplicate in the envelope": (
        '{"directives": [], "assistant_text": "", "directives": []}',
        [("DUPLICATE_KEY", "/directives")],
    ),
    "duplicate before a cut": (
        wrap('[{"a": 1, "a": 2}, {"b":')[:-1],
        [("DUPLICATE_KEY", "/directives/0/a")],
    ),
    "NaN": (wrap("[1, NaN]"), [("NUMBER_NOT_FINITE", "/directives/1")]),
    "Infinity": (wrap('[{"v": Infinity}]'), [("NUMBER_NOT_FINITE", "/directives/0/v")]),
    "-Infinity": (wrap("[-Infinity]"), [("NUMBER_NOT_FINITE", "/directives/0")]),
    "Python nan": ([math.nan], [("NUMBER_NOT_FINITE", "/directives/0")]),
    "Python inf": ([[math.inf]], [("NUMBER_NOT_FINITE", "/directives/0/0")]),
    "2^53 + 1": (wrap("[9007199254740993]"), [("NUMBER_OUT_OF_RANGE", "/directives/0")]),
    "-2^53 - 1": (wrap("[-9007199254740993]"), [("NUMBER_OUT_OF_RANGE", "/directives/0")]),
    "10 000 digits": (wrap(f'[{{"n": {NINES}}}]'), [("NUMBER_OUT_OF_RANGE", "/directives/0/n")]),
    "1e400": (wrap("[-1e400]"), [("NUMBER_OUT_OF_RANGE", "/directives/0")]),
    "10 000 digits and a point": (wrap(f"[{NINES}.5]"), [("NUMBER_OUT_OF_RANGE", "/directives/0")]),
    "Python 2^53 + 1": ([2**53 + 1], [("NUMBER_OUT_OF_RANGE", "/directives/0")]),
    "Python 10^10000": ({"a": 10**10_000, **VALUE}, [("NUMBER_OUT_OF_RANGE", "/a")]),
    "10 000 arrays": ("[" * 10_000 + "]" * 10_000, [("TOO_DEEP", "/0" * 64)]),
    "10 000 arrays in an envelope": (
        wrap("[" * 10_000 + "]" * 10_000),
        [("TOO_DEEP", "/directives" + "/0" * 63)],
    ),
    "10 000 objects": ('{"a":' * 10_000, [("TOO_DEEP", "/a" * 64)]),
    "Python cycle": (CYCLE, [("TOO_DEEP", "/directives/0/payload")]),
    "assistant_text missing": ('{"directives": []}', [("ENVELOPE_INVALID", "/assistant_text")]),
    "directives missing": ({"assistant_text": ""}, [("ENVELOPE_INVALID", "/directives")]),
    "both missing": (
        "{}",
        [("ENVELOPE_INVALID", "/assistant_text"), ("ENVELOPE_INVALID", "/directives")],
    ),
    "assistant_text null": (
        {"assistant_text": None, "directives": []},
        [("ENVELOPE_INVALID", "/assistant_text")],
    ),
    "directives an object": (
        '{"assistant_text": "", "directives": {}}',
        [("ENVELOPE_INVALID", "/directives")],
    ),
    "wrong type before a cut": (
        '{"assistant_text": 5, "directives": [1,',
        [
            ("ENVELOPE_INVALID", "/assistant_text"),
            ("TRUNCATED", "/directives/1"),
        ],
    ),
    "key that is no string": ([{"a": {1: 2}}], [("NOT_JSON", "/directives/0/a")]),
    "value that is no JSON": (
        [{"a": [b"x", {1}]}],
        [("NOT_JSON", "/directives/0/a/0"), ("NOT_JSON", "/directives/0/a/1")],
    ),
    "several at once": (
        wrap('[{"a": NaN, "a": 1e999}, 99999999999999999]'),
        [
            ("NUMBER_NOT_FINITE", "/directives/0/a"),
            ("DUPLICATE_KEY", "/directives/0/a"),
            ("NUMBER_OUT_OF_RANGE", "/directives/0/a"),
            ("NUMBER_OUT_OF_RANGE", "/directives/1"),
        ],
    ),
}


@pytest.mark.parametrize(("source", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_code_and_pointer(source: object, expected: list[tuple[str, str]]) -> None:
    assert findings(source) == expected
    assert {code for code, _ in findings(source, strict=True)} >= {expected[0][0]}


def test_syntax_error_names_line_and_column() -> None:
    parsed = parse_envelope('Here:\n{"assistant_text": "",\n "directives" []}')
    assert parsed.diagnostics[0].message == "Line 3 column 15 has '[', expected ':'."


def test_messages_quote_little_of_the_input() -> None:
    key = "k" * 1000
    for source in (
        wrap(f'[{{"{key}": 1, "{key}": {NINES}}}]'),
        f'{{"{key}": 1, {TEXT[1:]}',
        wrap(f'[{{"{key}": 1'),
    ):
        for found in parse_envelope(source).diagnostics:
            assert "k" * 41 not in found.message and "9" * 41 not in found.message


def test_size_counts_utf8_bytes_of_text() -> None:
    text = json.dumps({"assistant_text": "é😀\ud800", "directives": []}, ensure_ascii=False)
    size = len(text.encode("utf-8", "surrogatepass"))
    assert parse_envelope(text, max_bytes=size).envelope is not None
    assert findings(text, max_bytes=size - 1) == [("TOO_LARGE", "")]
    assert findings("é" * 10, max_bytes=19) == [("TOO_LARGE", "")]
    assert findings(b" " * 20, max_bytes=19) == [("TOO_LARGE", "")]
    assert findings(b"\xff" * 20, max_bytes=19) == [("TOO_LARGE", "")]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(-1e9, 1e9).map(abs)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_parsed_envelope_counts_as_compact_json(value: object) -> None:
    source = {"assistant_text": "é", "directives": [value]}
    text = json.dumps(source, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode("utf-8", "surrogatepass"))
    by_value = parse_envelope(source, max_bytes=size)
    assert by_value == parse_envelope(text, max_bytes=size)
    assert by_value.envelope is not None
    assert by_value.envelope.directives == (value,)
    assert findings(source, max_bytes=size - 1) == [("TOO_LARGE", "")]


@pytest.mark.parametrize("depth", [2, 3, 64])
def test_depth_limit_is_the_same_for_text_and_containers(depth: int) -> None:
    def nested(levels: int) -> str:
        return wrap("[" * levels + "]" * levels)  # the envelope is the first level

    for read in (str, json.loads):
        assert parse_envelope(read(nested(depth - 1)), max_depth=depth).envelope is not None
        beyond = [("TOO_DEEP", "/directives" + "/0" * (depth - 1))]
        assert findings(read(nested(depth)), max_depth=depth) == beyond


def test_containers_shared_many_times_end_at_the_size_limit() -> None:
    value: object = []
    for _ in range(60):
        value = [value, value]
    assert findings([value]) == [("TOO_LARGE", "")]
    assert findings(range(10**12)) == [("TOO_LARGE", "")]


def test_containers_nested_beyond_recursion_are_refused() -> None:
    value: list[Any] = []
    for _ in range(10_000):
        value = [value]
    assert findings(value) == [("TOO_DEEP", "/directives" + "/0" * 63)]


def test_container_shared_twice_is_no_cycle() -> None:
    assert parse_envelope([TOAST, [TOAST, TOAST]]).diagnostics == ()


# Unknown keys.


def test_unknown_key_is_ignored_with_a_warning_and_refused_in_strict() -> None:
    source = {"thought": "…", **VALUE, "a/b": 1}
    parsed = parse_envelope(source)
    assert parsed.envelope == EXPECTED
    assert [(d.code, d.pointer, d.severity) for d in parsed.diagnostics] == [
        ("DIRECTIVE_REPAIRED", "/thought", "warning"),
        ("DIRECTIVE_REPAIRED", "/a~1b", "warning"),
    ]
    assert findings(source, strict=True) == [("REPAIRED", "/thought"), ("REPAIRED", "/a~1b")]


def test_many_unknown_keys_give_a_bounded_number_of_findings() -> None:
    parsed = parse_envelope({**VALUE, **{f"k{n}": n for n in range(100)}})
    assert len(parsed.diagnostics) == 16
    assert parsed.diagnostics[-1].message.startswith("85 more unknown keys")


# Salvage.

CUT = '{"assistant_text": "Hi", "directives": [{"type": "a"}, {"type": "b"}'


@pytest.mark.parametrize(
    ("text", "assistant_text", "directives", "pointer"),
    [
        (CUT, "Hi", [{"type": "a"}, {"type": "b"}], "/directives/2"),
        (CUT + "]", "Hi", [{"type": "a"}, {"type": "b"}], ""),
        (CUT[:-1], "Hi", [{"type": "a"}], "/directives/1"),
        (CUT[:-1] + "\n```", "Hi", [{"type": "a"}], "/directives/1"),
        (
            "<directives>```json\n" + CUT[:-2] + "\n```\n</directives>",
            "Hi",
            [{"type": "a"}],
            "/directives/1",
        ),
        ("Here: " + CUT + ",", "Hi", [{"type": "a"}, {"type": "b"}], "/directives/2"),
        ('{"assistant_text": "Hi", "directives": [', "Hi", [], "/directives/0"),
        ('{"assistant_text": "Hi", "directives": ', "Hi", [], "/directives"),
        ('{"assistant_text": "Hi", "dir', "Hi", [], ""),
        ('{"assistant_text": "Hi', "", [], "/assistant_text"),
        ('{"assistant_text": "Hi\\', "", [], "/assistant_text"),
        ('{"assistant_text": "Hi\\u00', "", [], "/assistant_text"),
        ('{"assi', "", [], ""),
        ("{", "", [], ""),
        ('Use {} as in {"assistant_text": "H', "", [], "/assistant_text"),
        (
            '{"directives": [{"type": "a"}], "assistant_text": "H',
            "",
            [{"type": "a"}],
            "/assistant_text",
        ),
        ('{"directives": [1, 12', "", [1], "/directives/1"),
        ('{"directives": [1, 1.', "", [1], "/directives/1"),
        ('{"directives": [1, 1e+', "", [1], "/directives/1"),
        ('{"directives": [1, -', "", [1], "/directives/1"),
        ('{"directives": [1, true', "", [1], "/directives/1"),
        ('{"directives": [1, nul', "", [1], "/directives/1"),
        ('{"directives": [1, -Inf', "", [1], "/directives/1"),
        ('{"directives": {"type": "a"', "", [], "/directives"),
    ],
)
def test_cut_output_keeps_what_is_complete(
    text: str, assistant_text: str, directives: list[object], pointer: str
) -> None:
    parsed = parse_envelope(text)
    assert parsed.envelope == Envelope(assistant_text, tuple(directives), False)
    assert [(d.code, d.pointer, d.severity) for d in parsed.diagnostics] == [
        ("DIRECTIVE_TRUNCATED", pointer, "warning")
    ]
    assert findings(text, strict=True) == [("TRUNCATED", pointer)]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(0, 1e300) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ENVELOPES = st.builds(
    lambda text, directives, extra, first: (
        {**extra, "directives": directives, "assistant_text": text}
        if first
        else {"assistant_text": text, "directives": directives, **extra}
    ),
    st.text(),
    st.lists(JSON_VALUES, max_size=4),
    st.dictionaries(st.text(max_size=3), JSON_VALUES, max_size=1),
    st.booleans(),
)
FRAMES = st.sampled_from([("", ""), ("```json\n", "\n```"), ("Here: <json>", "</json>")])


@given(ENVELOPES, FRAMES, st.booleans(), st.data())
def test_any_cut_gives_a_prefix_of_the_directives(
    value: dict[str, Any], frame: tuple[str, str], ascii_only: bool, data: st.DataObject
) -> None:
    inner = json.dumps(value, ensure_ascii=ascii_only)
    cut = data.draw(st.integers(1, len(inner)))
    whole = cut == len(inner)
    parsed = parse_envelope(frame[0] + inner[:cut] + data.draw(st.sampled_from(["", frame[1]])))
    assert parsed.envelope is not None
    assert parsed.envelope.complete is whole
    kept = parsed.envelope.directives
    assert kept == tuple(value["directives"][: len(kept)])
    assert parsed.envelope.assistant_text in ("", value["assistant_text"])
    if whole:
        assert len(kept) == len(value["directives"])
    torn = [d.severity for d in parsed.diagnostics if d.code == "DIRECTIVE_TRUNCATED"]
    assert torn == ([] if whole else ["warning"])


# Any input; the two readers agree; hostile input stays linear.

TOKENS = [
    '{"',
    '"a"',
    '"directives":',
    '"assistant_text":',
    "12",
    "-0",
    "1e9",
    "NaN",
    "null",
    "tru",
    "\\u00e9",
    "\\ud800",
    "```json",
    "</json>",
    "<json>",
    "é",
]
PIECES = st.lists(st.sampled_from([*'{}[]":,\\ \n\ufeff', *TOKENS]), max_size=30).map("".join)


@given(PIECES | st.text(), st.booleans())
def test_no_text_raises(text: str, strict: bool) -> None:
    parsed = parse_envelope(text, strict=strict)
    errors = [found for found in parsed.diagnostics if found.severity == "error"]
    assert (parsed.envelope is None) == bool(errors)
    if strict and parsed.envelope is not None:
        assert parsed.diagnostics == ()


@given(st.binary() | PIECES.map(str.encode))
def test_no_bytes_raise(data: bytes) -> None:
    parse_envelope(data)


@given(
    st.recursive(
        st.none() | st.floats() | st.integers() | st.text() | st.binary() | st.just(object()),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    )
)
def test_no_python_value_raises(value: Any) -> None:
    parse_envelope(value)
    parse_envelope([value])


@given(PIECES | JSON_VALUES.map(json.dumps), st.integers(1, 4))
def test_exact_reader_agrees_with_the_fast_one(text: str, max_depth: int) -> None:
    text = f"[{text}]"
    reading = json_reader._Reader(text, 0, max_depth).read()
    try:
        value, end = json_reader._FAST.raw_decode(text)
    except ValueError:
        assert reading.state != "complete" or reading.findings
        return
    if is_deeper(value, max_depth):
        assert [found.code for found in reading.findings] == ["DIRECTIVE_TOO_DEEP"]
    else:
        assert (reading.state, reading.end, reading.findings) == ("complete", end, ())
        assert repr(reading.found) == repr(value)  # 1, 1.0 and True are equal


HOSTILE = {
    "open braces": "{",
    "open brackets": "[",
    "braces and quotes": '{"',
    "brace, blank, quote": '{ "',
    "objects cut at the key": '{"a',
    "nested objects": '{"a":',
    "broken objects": '{"a":x ',
    "small objects": '{"a":1}',
    "empty objects": "{}",
    "quotes": '"',
    "backslashes": "\\",
    "escaped quotes": '{"\\"',
    "blanks and braces": "{ \n\t",
    "fences": "```",
    "tags": "</json>",
    "opening tags": "<json>",
    "nines": "9",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_ten_megabytes_of_hostile_text_are_judged(piece: str) -> None:
    size = 10_000_000
    text = piece * (size // len(piece))
    for source in (text, f"See: {text}", f'{{"assistant_text": {text}'):
        parse_envelope(source, max_bytes=2 * size)


def test_long_numbers_and_strings_are_judged() -> None:
    for inner in (
        "9" * 5_000_000,
        "0." + "9" * 5_000_000,
        "1e" + "9" * 5_000_000,
        '"' + "\\n" * 100_000,
    ):
        parse_envelope(wrap(f"[{inner}"), max_bytes=10_000_000)
        parse_envelope(wrap(f"[{inner}]"), max_bytes=10_000_000)


def test_attempts_in_prose_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    read = json_reader.read_json

    def counted(text: str, at: int, max_depth: int) -> Any:
        reads.append(at)
        return read(text, at, max_depth)

    monkeypatch.setattr(module, "read_json", counted)
    assert findings("x" + '{"a":1}' * 1000)[0] == ("ENVELOPE_INVALID", "/assistant_text")
    assert len(reads) == 16
