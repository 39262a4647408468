"""Which characters a text may hold."""

from __future__ import annotations

import pytest

from uicompiler.ir.text import clean, has_controls, has_surrogates

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "tab\tand\nline",
        "می\u200cخواهم",
        "שלום\u200f",
        "👩\u200d👩\u200d👧",
        "word\u2060joiner",
        SCOTLAND,
        "é ü 日本",
    ],
)
def test_what_people_write_passes_unchanged(text: str) -> None:
    assert not has_controls(text)
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b", "ab"),
        ("a\x1bb", "ab"),
        ("a\x7fb\x9f", "ab"),
        ("a\u200bb", "ab"),
        ("\ufeffab", "ab"),
        ("a\u202eb\u2066", "ab"),
        ("a\U000e0041b", "ab"),
        ("a\r\nb\rc", "a\nb\nc"),
        (SCOTLAND + "\U000e0041", SCOTLAND),
    ],
)
def test_invisible_controls_are_taken_out(text: str, cleaned: str) -> None:
    assert has_controls(text)
    assert clean(text) == cleaned


def test_lone_surrogates_are_found() -> None:
    assert has_surrogates("a\ud800")
    assert not has_surrogates("😀")
