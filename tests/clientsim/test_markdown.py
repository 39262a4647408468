"""What a person reads of an escaped text."""

import string

import pytest

from clientsim.markdown import plain


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("a\\*b\\_c", "a*b_c"),
        ("a&nbsp;&nbsp;b", "a\u00a0\u00a0b"),
        ("one\\\ntwo", "one\ntwo"),
        ("&amp;lt; &quot; &copy; &auml;", '&lt; " © ä'),
        ("&#35; &#x22; &#XE4;", '# " ä'),
        ("&#0; &#xD800; &#x110000;", "\ufffd \ufffd \ufffd"),
        ("&nope; &amp &#; &#12345678; &#x1234567;", "&nope; &amp &#; &#12345678; &#x1234567;"),
        ("\\&nbsp;", "&nbsp;"),
        ("\\\\*", "\\*"),
        ("\\a \\ä \\", "\\a \\ä \\"),
        ("*stays* as it is\nand so do lines", "*stays* as it is\nand so do lines"),
    ],
)
def test_plain_undoes_escapes_and_nothing_else(source: str, read: str) -> None:
    assert plain(source) == read


def test_every_ascii_punctuation_character_can_be_escaped() -> None:
    assert plain("".join("\\" + c for c in string.punctuation)) == string.punctuation
