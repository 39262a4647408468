"""File names: no path, nothing invisible, no device, never too long."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.host.uploads.names import MAX_NAME_BYTES, ending_of, safe_name, with_ending


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("card.json", "card.json"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\card.json", "card.json"),
        ("/absolute.txt", "absolute.txt"),
        ("a/..", "file"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("  spaced . ", "spaced"),
        ("nul\x00l.json", "null.json"),
        ("line\r\nend.txt", "lineend.txt"),
        ("exe\u202etxt.scr", "exetxt.scr"),
        ("a\u200fb\u2066c.txt", "abc.txt"),
        ("CON", "_CON"),
        ("com1.json", "_com1.json"),
        ("LPT².txt", "_LPT².txt"),
        ("console.txt", "console.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("e\u0301.txt", "é.txt"),
        ("写真.png", "写真.png"),
        ("\ud800x.txt", "x.txt"),
    ],
)
def test_a_name(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("写" * 200 + ".json")
    assert name.endswith("写.json")
    assert len(name.encode()) <= MAX_NAME_BYTES
    longer = with_ending(name, ".txt")
    assert longer.endswith(".txt")
    assert len(longer.encode()) <= MAX_NAME_BYTES


def test_endings() -> None:
    assert [ending_of(n) for n in ("a.PNG", "a", ".a", "a.", "a.tar.gz")] == [
        ".png",
        "",
        "",
        "",
        ".gz",
    ]


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_name_is_safe(text: str) -> None:
    name = safe_name(text)
    assert name
    assert not set(name) & set('/\\<>:"|?*\0\n\r\t')
    assert name.strip(" .") == name
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert unicodedata.normalize("NFC", name) == name
    assert safe_name(name) == name
