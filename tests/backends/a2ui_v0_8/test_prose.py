"""Plain text through markdown: what a person reads is what was written."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim.markdown import plain
from uicompiler import ClientProfile
from uicompiler.backends.a2ui_v0_8.prose import text_line

RENDERED = ClientProfile.web_core()
RAW = RENDERED.plain_text()


@pytest.mark.parametrize("mark", string.punctuation)
def test_every_punctuation_mark_is_escaped(mark: str) -> None:
    assert text_line(f"a{mark}b", RENDERED) == f"a\\{mark}b"


def test_letters_digits_and_other_scripts_are_left_alone() -> None:
    for text in ("aZ09", "größe", "日本語", "שלום", "«a» — b…"):
        assert text_line(text, RENDERED) == text


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("a b", "a b"),
        ("a  b", "a&nbsp;&nbsp;b"),
        ("a   b", "a&nbsp;&nbsp;&nbsp;b"),
        ("a  b c  d", "a&nbsp;&nbsp;b c&nbsp;&nbsp;d"),
        (" a", "&nbsp;a"),
        ("a ", "a&nbsp;"),
        ("    a  ", "&nbsp;&nbsp;&nbsp;&nbsp;a&nbsp;&nbsp;"),
        (" ", "&nbsp;"),
        ("\ta", "&nbsp;a"),
        ("a\tb", "a&nbsp;b"),
        ("a\t", "a&nbsp;"),
        ("\u3000a", "&#12288;a"),
        ("a\u2003", "a&#8195;"),
        ("\u00a0a\u00a0", "&#160;a&#160;"),
        ("a\u3000b", "a\u3000b"),
        ("", "&nbsp;"),
    ],
)
def test_spaces_that_markdown_would_eat_become_entities(line: str, sent: str) -> None:
    assert text_line(line, RENDERED) == sent


def test_entities_in_a_text_are_text() -> None:
    assert text_line("&nbsp;&#35;", RENDERED) == "\\&nbsp\\;\\&\\#35\\;"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_a_person_reads_what_was_written(line: str) -> None:
    sent = text_line(line, RENDERED)
    assert plain(sent).replace("\u00a0", " ") == line.replace("\u00a0", " ")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1))
def test_no_end_of_a_line_is_a_space_and_no_two_stand_together(line: str) -> None:
    sent = text_line(line, RENDERED)
    assert sent == sent.strip()
    assert "  " not in sent
    assert "\t" not in sent


@pytest.mark.parametrize("line", ["a*b_c", "  two  spaces ", "a\tb", "# one", "\\"])
def test_a_client_without_markdown_gets_the_text_itself(line: str) -> None:
    assert text_line(line, RAW) == line


@pytest.mark.parametrize("line", ["[1]", '{"a":1}', "ui--root--Text", "\u2060a"])
def test_a_client_without_markdown_gets_a_mark_before_what_it_would_misread(line: str) -> None:
    assert text_line(line, RAW) == "\u2060" + line


def test_a_client_without_markdown_keeps_an_empty_line_open() -> None:
    assert text_line("", RAW) == "\u00a0"
