"""Words and numbers as models write them, rewritten as JSON: bare keys, `True`, `None`, `+.5`.

Promises: a number keeps its value, and one that could be something else (`007`, `1,000`, `50%`) is
refused, as is a bare word that is no literal. A token at the end of the text may have lost its own
end, so it is torn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

Changes = dict[str, None]
"""Names of what was changed, in order; the functions here add theirs."""

_WORD: Final = re.compile(r"[A-Za-z_$][\w$-]{0,99}+")
_NUMBER: Final = re.compile(r"[-+.0-9][\w.+-]{0,999}+")
_RELAXED: Final = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>0|[1-9][0-9]*+)?(?:\.(?P<part>[0-9]*+))?(?P<exp>[eE][+-]?[0-9]++)?"
)
_LITERALS: Final[Mapping[str, str]] = {
    **{word: word for word in ("true", "false", "null", "NaN", "Infinity")},
    **dict.fromkeys(("True", "TRUE"), "true"),
    **dict.fromkeys(("False", "FALSE"), "false"),
    **dict.fromkeys(("None", "NULL", "undefined"), "null"),
}


class TornError(Exception):
    """The text ends inside the value."""


class BrokenError(Exception):
    """The text has no one meaning."""


class Steps:
    """A number of steps, which may be taken once."""

    def __init__(self, number: int) -> None:
        self._left = number

    def take(self) -> None:
        """Take one.

        Raises:
            BrokenError: all are taken.
        """
        self._left -= 1
        if self._left < 0:
            raise BrokenError


def read_bare_key(text: str, at: int, changes: Changes) -> tuple[str, int]:
    """The key without quotes that begins at `at`, in quotes, and where it ends.

    Raises:
        TornError: it may go on.
        BrokenError: it is none.
    """
    word = _token(_WORD, text, at)
    changes["unquoted_key"] = None
    return f'"{word[0]}"', word.end()


def read_word(text: str, at: int, changes: Changes) -> tuple[str, int]:
    """The literal that begins at `at`, as JSON, and where it ends.

    Raises:
        TornError: it may go on.
        BrokenError: it is none.
    """
    word = _token(_WORD, text, at)
    plain = _LITERALS.get(word[0])
    if plain is None:
        raise BrokenError
    if plain != word[0]:
        changes["literal"] = None
    return plain, word.end()


def read_number(text: str, at: int, changes: Changes) -> tuple[str, int]:
    """The number that begins at `at`, as JSON, and where it ends.

    Raises:
        TornError: it may go on.
        BrokenError: it is none.
    """
    token = _token(_NUMBER, text, at)
    if token[0] == "-Infinity":  # refused later, with its place
        return token[0], token.end()
    number = _RELAXED.fullmatch(token[0])
    if number is None or not (number["whole"] or number["part"]):
        raise BrokenError
    sign = "-" if number["sign"] == "-" else ""
    part = "" if number["part"] is None else f".{number['part'] or '0'}"
    plain = f"{sign}{number['whole'] or '0'}{part}{number['exp'] or ''}"
    if plain != token[0]:
        changes["number"] = None
    return plain, token.end()


def _token(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    token = pattern.match(text, at)
    if token is None:
        raise BrokenError
    if token.end() == len(text):
        raise TornError
    return token
