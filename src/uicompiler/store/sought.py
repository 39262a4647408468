"""Looking for values wherever they may have been copied to, as text or inside of one.

What a field held is found as it was typed, as the app got it, line by line, escaped for markdown,
HTML, JSON or a URL. Inside of a text it is found as a word or a phrase: not in other words, nor in
hashes, nor in a text that the app itself always shows. What was made of it is not found: an age
that was computed, a date that was written out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from uicompiler.canonical import number_text
from uicompiler.ir.field_kinds import REDACTED
from uicompiler.ir.fields import Field, holds, typed
from uicompiler.ir.values import Json, freeze
from uicompiler.store.writings import folded, pieces, plain, read_json, writings

CONTAINED: Final = 3
"""Shorter values count only where they are all of a text: they are words like any other."""

NAMED: Final = 5
"""Shorter values count in no name of a member: `name` is one, whatever somebody has typed."""

_SPACED: Final = "0-9A-Za-zªµºÀ-ÖØ-öø-\u036f\u0370-\u03ff\u0400-\u052f\u0531-\u0587Ḁ-\u1fff"
"""Signs of scripts that put blanks between words: Latin, Greek, Cyrillic, Armenian.

Others put none, or write particles in one with the word, as Hebrew does; there a value counts
wherever it stands.
"""

_DENSE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
"""Texts of which two signs are a name."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_MADE: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
"""Ids whose parts could be taken for words."""


@dataclass
class Sought:
    """Values that are looked for; add all before looking.

    Attributes:
        own: Texts of the app itself. A value that is a part of one does not count in it.
    """

    own: Collection[str] = field(default=frozenset(), repr=False)
    texts: set[str] = field(default_factory=set, repr=False)
    _values: set[str] = field(default_factory=set, repr=False)
    _patterns: tuple[_Finder, _Finder] | None = field(default=None, repr=False)

    def add(self, of: Field, value: Json) -> None:
        """Look for a field's value, and for what the app got of it."""
        for leaf in _forms(of, value):
            text = as_text(leaf)
            if text is not None and leaf != REDACTED:
                found = {plain(part) for part in (text, *text.splitlines())} - {""}
                self._values |= found
                self.texts |= {value.casefold() for value in found}
        self._patterns = None

    def in_text(self, text: str) -> bool:
        """Whether a text is, or has in it, one of the values."""
        if any(self._says(form) for form in writings(text)):
            return True
        inside = read_json(text)
        return inside is not None and self.in_value(inside)

    def in_value(self, value: Json) -> bool:
        """Whether one of the values is anywhere in a JSON value, in names as well."""
        texts = (text for text in map(as_text, leaves(value)) if text)
        return any(map(self.in_text, texts)) or any(map(self.in_name, names_in(value)))

    def in_name(self, name: str) -> bool:
        """Whether a member's name has one of the longer values in it."""
        return name not in self.own and self.inside(name, NAMED)

    def inside(self, text: str, shortest: int = 0) -> bool:
        """Whether one of the values, of so many signs or more, stands in a text as a word."""
        words, spared = self._compiled()
        shown = plain(text)
        found = [span for span in words.spans(shown) if span[1] - span[0] >= shortest]
        if not found:
            return False
        larger = [*spared.spans(shown), *(hit.span() for hit in _MADE.finditer(shown))]
        return not all(any(_holds(whole, part) for whole in larger) for part in found)

    def _says(self, text: str) -> bool:
        if folded(text) in self.texts or self.inside(text):
            return True
        return not self.texts.isdisjoint(map(folded, pieces(text)))

    def _compiled(self) -> tuple[_Finder, _Finder]:
        """What finds values, and what finds the larger texts in which they do not count."""
        if self._patterns is None:
            words = _Finder.of(pair for value in self._values for pair in _contained(value))
            own = [text for text in map(plain, self.own) if words.spans(text)]
            known = ((text, _bounded(re.escape(text), text)) for text in own)
            self._patterns = words, _Finder.of(known)
        return self._patterns


_START: Final = 2
"""By so many signs the patterns are sorted that may begin at a place."""


@dataclass(frozen=True)
class _Finder:
    """Finds texts of which there may be thousands, by how they begin."""

    starts: Mapping[str, re.Pattern[str]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> _Finder:
        """One of texts with their patterns."""
        found: dict[str, set[tuple[int, str]]] = {}
        for text, pattern in pairs:
            found.setdefault(text[:_START].casefold(), set()).add((-len(text), pattern))
        # The longest first, so that a part of it is not taken for all.
        return cls(
            {key: re.compile("|".join(p for _, p in sorted(some))) for key, some in found.items()}
        )

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where they are; one that begins at each place."""
        places = range(len(text) - _START + 1) if self.starts else ()
        tries = ((self.starts.get(text[n : n + _START].casefold()), n) for n in places)
        hits = (pattern.match(text, n) for pattern, n in tries if pattern is not None)
        return [hit.span() for hit in hits if hit is not None]


def _contained(value: str) -> Iterator[tuple[str, str]]:
    """What a value looks like inside of a text, with patterns; none when it is too short."""
    if len(value) < (2 if _DENSE.fullmatch(value) else CONTAINED):
        return
    if _WORD.fullmatch(value):
        # Will, May and Rose are words as well, in small letters.
        forms = {value, value.upper(), value.capitalize()}
        yield from ((form, _bounded(re.escape(form), form)) for form in forms)
    else:
        yield value, _bounded(f"(?i:{re.escape(value)})", value)


def _bounded(pattern: str, text: str) -> str:
    """A pattern that finds no part of a longer word."""
    before = f"(?<![{_SPACED}])" if _SIGN.match(text[:1]) else ""
    after = f"(?![{_SPACED}])" if _SIGN.match(text[-1:]) else ""
    if _DATE.fullmatch(text):
        after = f"(?:(?=T[0-9])|{after})"
    return f"{before}{pattern}{after}"


_SIGN: Final = re.compile(f"[{_SPACED}]")
_DATE: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _holds(whole: tuple[int, int], part: tuple[int, int]) -> bool:
    return whole != part and whole[0] <= part[0] and part[1] <= whole[1]


def _forms(of: Field, value: Json) -> Iterator[Json]:
    """What a value may be shown as: as it was sent, as the app got it, by an option's label."""
    sent = list(leaves(value))
    yield from sent
    # Choices are on the wire as the text of a list.
    chosen = {leaf for text in sent for leaf in leaves(read_json(text))} - {None} | {*sent}
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
