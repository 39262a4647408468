"""Texts that a client would misread are marked, and the mark comes off again."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from uicompiler.backends.a2ui_v0_8.names import guard, is_plain_text, looks_like_json, unguard
from uicompiler.ir.text import clean


@given(st.text())
@example("ui--x")
@example("\u2060")
@example("\u2060\u2060x")
@example('{"a":1}')
@example(" [1] ")
def test_a_guarded_text_is_read_as_text_and_comes_back(text: str) -> None:
    guarded = guard(text)
    assert unguard(guarded) == text
    assert not looks_like_json(guarded)
    assert not guarded.startswith("ui--")


@pytest.mark.parametrize("text", ["{}", "[]", ' {"a":1} ', "[1,2]", "[" * 5000 + "]" * 5000])
def test_json_is_seen(text: str) -> None:
    assert looks_like_json(text)


@pytest.mark.parametrize("text", ["", "[", "{x}", "[draft]", "{ }}", "1", '"a"', "[1]x"])
def test_other_texts_are_not_taken_for_json(text: str) -> None:
    assert not looks_like_json(text)


@given(st.text(st.sampled_from('uiab1 -[]{}"\u2060\u200b\n\u00e9'), max_size=8))
def test_a_plain_text_needs_no_mark_and_no_cleaning(text: str) -> None:
    if is_plain_text(text):
        assert guard(text) == text == clean(text)
