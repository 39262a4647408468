"""JSON as a person reads it: all of it, nothing invisible, nothing that is markup."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.host.playground.written import MOST_ITEMS, size, visible, visible_lines, written

COMMITMENT = "ab" * 32
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_what_is_written_is_the_value(value: Any) -> None:
    assert json.loads(html.unescape(str(written(value)))) == value


@given(st.text())
def test_no_text_is_markup_or_invisible(text: str) -> None:
    shown = str(written({text: text}))
    assert "<" not in shown
    assert (
        re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", html.unescape(shown)) is None
    )


@pytest.mark.parametrize(
    "text", ["\u202eevil", "\u200b", "\U000e0041", "\x00", "\ud800", "a\u00a0b"]
)
def test_what_cannot_be_seen_is_an_escape(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert json.loads(f'"{shown}"') == text


def test_what_can_be_seen_stays() -> None:
    assert visible("שלום 日本 é😀") == "שלום 日本 é😀"
    assert visible_lines("a\n\u200bb") == "a\n\\u200bb"


def test_what_was_redacted_is_marked() -> None:
    shown = written({"value": {"redacted": COMMITMENT}})
    assert f'<mark title="SHA-256 commitment {COMMITMENT}">redacted</mark>' in shown


def test_what_only_looks_redacted_is_not() -> None:
    assert "<mark" not in written({"redacted": "<script>"})
    assert "<mark" not in written({"redacted": COMMITMENT, "more": 1})


def test_a_long_list_is_cut_and_counted() -> None:
    shown = written(list(range(MOST_ITEMS + 5)))
    assert shown.endswith("  <em>… 5 more</em>\n]")


@pytest.mark.parametrize("value", [{"a": "é"}, ["\ud800"], {"n": 10**30}])
def test_the_size_is_that_of_compact_json(value: Any) -> None:
    plain = json.dumps(value, separators=(",", ":"), ensure_ascii=value != {"a": "é"})
    assert size(value) == len(plain.encode())
