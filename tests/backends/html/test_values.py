"""Posted texts as drafts: nothing is lost, nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from uicompiler.backends.html.values import decode, input_type, text_of
from uicompiler.ir.fields import Field

OPTIONS = [{"value": "a", "label": "First"}, {"value": "[1]", "label": "Odd"}]


def field(kind: str) -> Field:
    needed: dict[str, Any] = {}
    if kind in ("choice", "multi_choice"):
        needed = {"options": OPTIONS}
    elif kind == "slider":
        needed = {"min": 1, "max": 9}
    return Field(id="it", kind=kind, label="It", **needed)


@pytest.mark.parametrize(
    ("kind", "posted", "draft"),
    [
        ("short_text", "[1,2]", "[1,2]"),
        ("short_text", "\u2060x", "\u2060x"),
        ("long_text", "one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("number", "12 or so", "12 or so"),
        ("number", "12", "12"),
        ("boolean", "true", True),
        ("boolean", None, False),
        ("boolean", "", False),
        ("slider", "7", 7),
        ("slider", "7.5", 7.5),
        ("slider", "", 1),
        ("choice", "a", "a"),
        ("choice", "", ""),
        ("choice", ["a", "[1]"], ("a", "[1]")),
        ("multi_choice", ["a", "a", "[1]"], ("a", "[1]")),
        ("multi_choice", "[1]", ("[1]",)),
        ("multi_choice", (), ()),
        ("date", "2026-05-01", "2026-05-01"),
        ("date", "May 5", "May 5"),
        ("short_text", None, ""),
        ("slider", None, 1),
    ],
)
def test_a_posted_text_is_the_draft_it_says(kind: str, posted: Any, draft: Any) -> None:
    found = decode(field(kind), posted)
    assert (found.value, found.refused) == (draft, None)
    assert type(found.value) is type(draft)


@pytest.mark.parametrize(
    ("kind", "posted"),
    [
        ("short_text", ["a", "b"]),
        ("short_text", "a\x00b"),
        ("short_text", "\ud800"),
        ("short_text", True),
        ("boolean", "yes"),
        ("boolean", ["true", "true"]),
        ("slider", "much"),
        ("choice", "c"),
        ("choice", {"a": 1}),
        ("multi_choice", ["a", 1]),
    ],
)
def test_what_no_form_of_ours_posts_is_refused(kind: str, posted: Any) -> None:
    assert decode(field(kind), posted).refused is not None


def test_a_draft_is_shown_as_it_would_be_typed() -> None:
    assert [text_of(value) for value in (1.5, 10, "x", None, True, ("a",))] == [
        "1.5",
        "10",
        "x",
        "",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("date", "", "date"),
        ("date", "2026-05-01", "date"),
        ("date", "0000-99-01", "text"),
        ("time", "23:59", "time"),
        ("datetime", "2026-05-01T10:00", "datetime-local"),
        ("datetime", "2026-05-01 10:00", "text"),
    ],
)
def test_a_narrow_input_only_where_it_can_show_the_text(
    kind: str, text: str, expected: str
) -> None:
    assert input_type(kind, text) == expected
