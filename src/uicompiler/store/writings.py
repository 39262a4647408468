"""The ways in which one and the same text may be written: escaped, encoded, as JSON in a text.

Pure, and generous: what is no escape at all may be read as one, which only means that one more
text is looked at.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from uicompiler.ir.values import Json

_ROUNDS: Final = 3
"""How often a text is decoded: JSON in a text of JSON in a URL is as deep as anybody goes."""

_MARKDOWN: Final = re.compile(r"\\([!-/:-@\[-`{-~])|&[#0-9A-Za-z]{1,32};")
_JSON: Final = re.compile(r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])')
_PIECES: Final = re.compile(r'>([^<>]+)<|="([^"]*)"')
_STRINGS: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)


def plain(text: str) -> str:
    """A text without what nobody sees: kinds of blanks, guards before brackets, compositions."""
    return " ".join(unicodedata.normalize("NFKC", text.replace("\u2060", "")).split())


def folded(text: str) -> str:
    """A text as far as its meaning goes: plain, and in no case."""
    return plain(text).casefold()


def writings(text: str) -> set[str]:
    """A text, and what it says when the escapes in it are read."""
    found = newest = {text}
    for _ in range(_ROUNDS):
        newest = {read(item) for item in newest for sign, read in _READERS if sign in item} - found
        if not newest:
            break
        found = found | newest
    return found


def pieces(text: str) -> Iterator[str]:
    """The texts inside of markup or JSON, each for itself; names of members are none."""
    if "<" in text:
        for shown, attribute in _PIECES.findall(text):
            yield html.unescape(shown or attribute)
    if '"' in text:
        yield from (_unescaped(said) for said, name in _STRINGS.findall(text) if not name)


def read_json(text: Json) -> Json:
    """What a text is as JSON; None for what is no object, list or text in JSON."""
    if not isinstance(text, str) or not text.lstrip().startswith(("{", "[", '"')):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _rendered(markdown: str) -> str:
    """What a reader sees of markdown: escapes and entities, each read once."""
    return _MARKDOWN.sub(lambda found: found[1] or html.unescape(found[0]), markdown)


def _unescaped(text: str) -> str:
    """A text without the escapes of JSON; characters of two halves are put together."""
    read = _JSON.sub(lambda found: json.loads(f'"{found[0]}"'), text)
    return read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_READERS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("&", html.unescape),
    ("\\", _rendered),
    ("&", _rendered),
    ("\\", _unescaped),
    ("%", unquote),
    ("%", unquote_plus),
    ("+", unquote_plus),
)
"""By the sign without which a text has none of them."""
