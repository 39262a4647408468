"""What counts as the same value, however it is written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.test_entry import VALUES
from uicompiler import ClientProfile
from uicompiler.backends.a2ui_v0_8.prose import text_line
from uicompiler.ir.fields import FIELD_KINDS, Field
from uicompiler.store.sought import Sought

OPTIONS = [{"value": "g", "label": "Gold member"}, {"value": "s", "label": "Silver"}]
RULES: dict[str, dict[str, Any]] = {
    "choice": {"options": OPTIONS},
    "multi_choice": {"options": OPTIONS},
    "slider": {"min": 0, "max": 10},
}


def field(kind: str = "short_text") -> Field:
    return Field.model_validate({"id": "x", "label": "X", "kind": kind, **RULES.get(kind, {})})


def seeking(value: Any, kind: str = "short_text") -> Sought:
    sought = Sought()
    sought.add(field(kind), value)
    return sought


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("short_text", "Ada Lovelace", "Hello ada lovelace!"),
        ("short_text", "  Ada ", "ADA"),
        ("short_text", "Zoe\u0308", "Dear Zo\u00eb,"),
        ("short_text", "a & b <c>", "<p>a &amp; b &lt;c&gt;</p>"),
        ("short_text", "a*b_c.d", "**a\\*b\\_c\\.d**"),
        ("short_text", "two  blanks", "two&nbsp;&nbsp;blanks"),
        ("short_text", "[1]", "\u2060[1]"),
        ("short_text", "42", "42"),
        ("short_text", "42", '<input name="age" value="42">'),
        ("short_text", "42", "<td> 42 </td>"),
        ("long_text", "first line\nsecond", "first line"),
        ("number", "4711.50", "costs 4711.5 now"),
        ("number", 4711, "4711"),
        ("date", "2026-05-01", "2026-05-01T12:00"),
        ("tags", "red wine, beer", "beer"),
        ("choice", "g", "You are a Gold member."),
        ("choice", '["g"]', "g"),
        ("short_text", "Zo\u00eb", r'{"to": "Zo\u00eb"}'),
        ("short_text", "Zo\u00eb", r"said: {\"to\": \"Zo\\u00eb\"}"),
        ("short_text", "\U0001f600 Ada", r'"\ud83d\ude00 Ada"'),
        ("short_text", "Ada", r'{"text": "Hello\nAda"}'),
        ("short_text", "Bo", r'Here: {"to": "B\u006f"}'),
        ("number", "42", '{"age": 42}'),
        ("short_text", "Ada Lovelace", "mailto:x?name=Ada%20Lovelace"),
        ("short_text", "Ada Lovelace", "q=Ada+Lovelace"),
        ("short_text", "Zo\u00eb", "/people/Zo%C3%AB"),
        ("short_text", "Zo\u00eb", "%7B%22to%22%3A%22Zo%5Cu00eb%22%7D"),
        ("short_text", "Ada", "(Ada's)"),
        ("short_text", "Ada", "_Ada_"),
        ("short_text", "Ada", "ADA, come"),
        ("short_text", "ada", "Dear Ada"),
        ("short_text", "\u05d3\u05e0\u05d4", "\u05dc\u05d3\u05e0\u05d4"),
        ("short_text", "\u5c71\u7530", "\u5c71\u7530\u69d8"),
        ("short_text", "Ada", "Ada\u3055\u3093"),
        ("multi_choice", ("g", "s"), '["s"]'),
    ],
)
def test_it_is_found(kind: str, value: Any, text: str) -> None:
    assert seeking(value, kind).in_text(text)
    assert seeking(value, kind).in_value({"a": [1, {"b": text}]})


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("short_text", "42", "1942"),
        ("short_text", "42", '<input name="age" value="142">'),
        ("short_text", "Ada", "nobody"),
        ("short_text", "Ada", "Canada, Adam"),
        ("short_text", "Ada", "5fAda0c1"),
        ("short_text", "ada", "5fada0c1" * 8),
        ("short_text", "Boo", "Guest book"),
        ("short_text", "Will", "it will do"),
        ("short_text", "face", "01234567-face-4abc-8def-0123456789ab"),
        ("short_text", "\u0410\u043d\u044f", "\u0412\u0410\u043d\u044f"),
        ("number", "4711", "147110"),
        ("short_text", "", ""),
        ("short_text", "  ", " "),
        ("boolean", True, "true"),
        ("secret", "secret:redacted", "secret:redacted"),
        ("choice", "g", "Silver"),
    ],
)
def test_it_is_not_found(kind: str, value: Any, text: str) -> None:
    assert not seeking(value, kind).in_text(text)


def test_in_names_only_longer_values_count() -> None:
    assert seeking("ada@example.org").in_value([{"mail to Ada@example.org": 1}])
    assert not seeking("name").in_value({"name": 1, "surname": 2})


def test_a_number_is_found_as_a_number() -> None:
    assert seeking("4711", "number").in_value([{"valueNumber": 4711}])
    assert seeking("4711", "number").in_value([{"valueNumber": 4711.0}])
    assert not seeking("4711", "number").in_value([True, None, 4712])


@pytest.mark.parametrize("kind", FIELD_KINDS)
@given(value=VALUES)
def test_whatever_a_client_sends_can_be_sought(kind: str, value: Any) -> None:
    sought = seeking(value, kind)
    if isinstance(value, str) and value.strip() and value != "secret:redacted":
        assert sought.in_text(value)


@given(st.text(min_size=1))
def test_what_the_library_escapes_is_found(text: str) -> None:
    for client in (ClientProfile.web_core(), ClientProfile.spec()):
        for line in text.splitlines():
            assert (
                seeking(text).in_text(text_line(line, client)) or not line.strip("\u2060 ").strip()
            )


def test_what_the_app_always_says_is_no_value() -> None:
    sought = Sought({"Guest book", "guests"})
    sought.add(field(), "Guest")
    sought.add(field(), "guests")

    assert not sought.in_text("# Guest book")
    assert not sought.in_name("guests")
    assert sought.in_text("Guest, this is the Guest book")
    assert sought.in_text("Guest")
