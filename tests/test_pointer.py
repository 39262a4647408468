"""JSON Pointers, and the other spellings models use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpointer import JsonPointer, JsonPointerException

from uicompiler.pointer import PointerError, canonical_path, join, parse

NAMESPACES = ("draft", "committed", "ui_state")


@given(st.lists(st.text()))
def test_parse_undoes_join(segments: list[str]) -> None:
    assert parse(join(segments)) == tuple(segments)


@pytest.mark.parametrize("bad", ["x", "/~2", "/a~"])
def test_what_is_no_pointer_is_refused(bad: str) -> None:
    with pytest.raises(PointerError):
        parse(bad)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("name", "/draft/name"),
        ("draft/name", "/draft/name"),
        ("draft.name", "/draft/name"),
        ("/draft/name", "/draft/name"),
        ("ui_state.tab", "/ui_state/tab"),
        ("committed.x", "/committed/x"),
        ("/name", "/name"),
        ("a~1b", "/draft/a~1b"),
    ],
)
def test_paths_are_read_the_way_models_write_them(written: str, meant: str) -> None:
    assert canonical_path(written, namespaces=NAMESPACES, default="draft") == meant


@pytest.mark.parametrize("empty", ["", "/", "//"])
def test_an_empty_path_names_nothing(empty: str) -> None:
    with pytest.raises(PointerError):
        canonical_path(empty, namespaces=NAMESPACES, default="draft")


@given(st.text("/~01a. ", max_size=8))
def test_a_pointer_without_escapes_is_read_as_any_other(text: str) -> None:
    try:
        expected = tuple(JsonPointer(text).parts)
    except JsonPointerException:
        with pytest.raises(PointerError):
            parse(text)
    else:
        assert parse(text) == expected
