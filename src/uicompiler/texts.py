"""What end users read from the library itself, in a few languages; an app overrides any of it.

The texts are in `words/<language>.json`, one catalogue a language, all with the same keys and in
each text the same placeholders: `{limit}`, `{label}`, `{number}` and `{count}`. An error code has
no text of its own but names one of these keys (`errors.Code.text`). English is there at once, any
other catalogue is read when it is first asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from uicompiler.errors import CODES
from uicompiler.languages import lookup

LANGUAGES: Final[tuple[str, ...]] = ("en", "he", "ja")
"""The languages that the library speaks, each a file."""

_FOLDER: Final = Path(__file__).with_name("words")
_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The library's texts in one of `LANGUAGES`, by key.

    Raises:
        KeyError: the library does not speak it.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    found = json.loads((_FOLDER / f"{language}.json").read_bytes())
    return MappingProxyType(found)


TEXTS: Final[Mapping[str, str]] = catalogue("en")
"""The English texts by key, in the order in which pages list them."""


def spoken(language: str) -> str | None:
    """The language of `LANGUAGES` that serves a reader of another: `he` for `he-IL`, or None."""
    return next((tag for tag in lookup(language) if tag in LANGUAGES), None)


def key_of(name: str) -> str:
    """The key of a text: that of an error code, or the name itself."""
    return CODES[name].text if name in CODES else name


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled in; what a value brings along is not filled in again."""
    if not values:
        return text
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def english(key: str, **values: str) -> str:
    """The library's own text of a key or an error code, in English, filled in.

    Raises:
        KeyError: neither an error code nor a key of `TEXTS`.
    """
    return filled(TEXTS[key_of(key)], values)
