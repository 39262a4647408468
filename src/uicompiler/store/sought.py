"""Looking for values wherever they may have been copied to, as text or inside of one.

What a field held is found as it was typed, as the app got it, line by line, escaped for markdown or
HTML, in capitals or not. What was made of it is not found: an age that was computed, a date that
was written out.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from uicompiler.canonical import number_text
from uicompiler.ir.field_kinds import REDACTED
from uicompiler.ir.fields import Field, holds, typed
from uicompiler.ir.values import Json, freeze

CONTAINED: Final = 3
"""Shorter values count only where they are all of a text: they are in every other word."""

NAMED: Final = 5
"""Shorter values count in no name of a member: `name` is one, whatever somebody has typed."""

_MARKDOWN: Final = re.compile(r"\\([!-/:-@\[-`{-~])|&[#0-9A-Za-z]{1,32};")
_PIECES: Final = re.compile(r'>([^<>]+)<|="([^"]*)"')
_NOTHING: Final = re.compile(r"(?!)")


@dataclass
class Sought:
    """Values that are looked for; add all before looking."""

    texts: set[str] = field(default_factory=set, repr=False)
    _within: re.Pattern[str] | None = field(default=None, repr=False)

    def add(self, of: Field, value: Json) -> None:
        """Look for a field's value, and for what the app got of it."""
        for leaf in _forms(of, value):
            text = as_text(leaf)
            if text is not None and leaf != REDACTED:
                self.texts |= {_folded(part) for part in (text, *text.splitlines())} - {""}
        self._within = None

    @property
    def within(self) -> re.Pattern[str]:
        """Finds those that are long enough to be found inside of texts."""
        if self._within is None:
            parts = sorted((t for t in self.texts if len(t) >= CONTAINED), key=len, reverse=True)
            self._within = re.compile("|".join(map(re.escape, parts))) if parts else _NOTHING
        return self._within

    def in_text(self, text: str) -> bool:
        """Whether a text is, or has in it, one of the values."""
        forms = {_folded(text), _folded(html.unescape(text)), _folded(_rendered(text))}
        if not forms.isdisjoint(self.texts) or any(map(self.within.search, forms)):
            return True
        if "<" in text and not self.texts.isdisjoint(map(_folded, _pieces(text))):
            return True
        return _is_list(text) and self.in_value(_read(text))

    def in_value(self, value: Json) -> bool:
        """Whether one of the values is anywhere in a JSON value, in names as well."""
        texts = (text for text in map(as_text, leaves(value)) if text)
        return any(map(self.in_text, texts)) or any(map(self.in_name, names_in(value)))

    def in_name(self, name: str) -> bool:
        """Whether a member's name has one of the longer values in it."""
        return any(len(found[0]) >= NAMED for found in self.within.finditer(_folded(name)))


def _forms(of: Field, value: Json) -> Iterator[Json]:
    """What a value may be shown as: as it was sent, as the app got it, by an option's label."""
    sent = list(leaves(value))
    yield from sent
    # Choices are on the wire as the text of a list.
    chosen = {leaf for text in sent if _is_list(text) for leaf in leaves(_read(text))} | {*sent}
    if holds(of.kind, freeze(value)):  # a client may send anything
        chosen |= {*leaves(typed(of, freeze(value)).value)}
    yield from chosen
    yield from (option.label for option in of.options if option.value in chosen)


def leaves(value: Json) -> Iterator[Json]:
    """The scalars in a JSON value."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        else:
            yield item


def names_in(value: Json) -> Iterator[str]:
    """The names of members in a JSON value."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            yield from item
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)


def as_text(leaf: Json) -> str | None:
    """A text or number as text; None for what could be anything: true, false and nothing."""
    if isinstance(leaf, str):
        return leaf
    if leaf is None or isinstance(leaf, bool):
        return None
    try:
        return number_text(leaf)
    except ValueError:
        return str(leaf)


def _folded(text: str) -> str:
    """A text as far as its meaning goes: no case, no kind of blank, no guard before brackets."""
    plain = unicodedata.normalize("NFKC", text.replace("\u2060", ""))
    return " ".join(plain.split()).casefold()


def _rendered(markdown: str) -> str:
    """What a reader sees of markdown: escapes and entities, each read once."""
    return _MARKDOWN.sub(lambda found: found[1] or html.unescape(found[0]), markdown)


def _pieces(markup: str) -> Iterator[str]:
    """The texts and the attributes' values in markup, each for itself."""
    for text, attribute in _PIECES.findall(markup):
        yield html.unescape(text or attribute)


def _is_list(text: Json) -> bool:
    return isinstance(text, str) and text.startswith('["')


def _read(text: str) -> Json:
    """The list that a choice is on the wire."""
    try:
        return json.loads(text)
    except ValueError:
        return None
