"""Properties with rules of their own: safe patterns, texts that fetch nothing, what inputs write.

`SPECIAL` lists them. Each adds its rule to what the catalog says of the property and takes nothing
away from it. A catalog that means something else by the name keeps its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.actions import action, is_action
from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.values import Property
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.catalog.catalog import Rule
from uicompiler.ir.patterns import PatternRefused, check_pattern


def _pattern(inner: Property) -> Property:
    """`validationRegexp`: one that cannot backtrack."""

    def gate(value: Any, texts: list[str], look: Look) -> bool:
        return inner.gate(value, texts, look) and _pattern_refusal(value[:_PATTERN]) is None

    def check(value: Any, at: At, look: Look) -> None:
        inner.check(value, at, look)
        why = _pattern_refusal(value[:_PATTERN]) if isinstance(value, str) else None
        if why is not None:
            look.report("COMPONENT_PATTERN_UNSAFE", at, why)

    return Property(gate, check)


_PATTERN: Final = 1_000
"""Characters of a pattern that are looked at; far fewer are allowed."""


@lru_cache(maxsize=512)
def _pattern_refusal(pattern: str) -> str | None:
    try:
        check_pattern(pattern)
    except PatternRefused as refused:
        return str(refused)
    return None


_ESCAPED: Final = re.compile(r"\\[!-/:-@\[-`{-~]")
_MARKUP: Final = re.compile(
    r"!\[|\]\(|\]\[|^ {0,3}\[[^\[\]\n]+\]:|<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:|[^\s<>@]+@)",
    re.MULTILINE,
)


def _has_markup(text: object) -> bool:
    """Whether markdown makes a link or a request of it; a backslash takes a sign's meaning."""
    return isinstance(text, str) and _MARKUP.search(_ESCAPED.sub("", text)) is not None


def _prose(inner: Property) -> Property:
    """A Text's text: in foreign streams without markup that compiling would have escaped."""

    def gate(value: Any, texts: list[str], look: Look) -> bool:
        if not inner.gate(value, texts, look):
            return False
        return not look.rules.foreign or not _has_markup(value.get("literalString"))

    def check(value: Any, at: At, look: Look) -> None:
        inner.check(value, at, look)
        text = value.get("literalString") if isinstance(value, dict) else None
        if look.rules.foreign and _has_markup(text):
            why = f"markdown that links or fetches: {show(text)}"
            hint = "put a backslash before the punctuation"
            look.report("COMPONENT_TEXT_MARKUP", (at, "literalString"), why, hint)

    return Property(gate, check)


def _shown(inner: Property) -> Property:
    """A string that a user reads; where its path leads is looked into at the end (`typed`)."""

    def note_place(path: str, at: At, look: Look) -> None:
        look.shown.append(path)
        look.shown_places.append((at, "path"))

    return _noted(inner, lambda path, look: look.shown.append(path), note_place)


def _written(inner: Property) -> Property:
    """What an input holds; a bound path is written as the user types."""

    def note(path: str, look: Look) -> None:
        look.written.append(path)

    return _noted(inner, note, lambda path, _at, look: note(path, look))


def _noted(
    inner: Property,
    note: Callable[[str, Look], None],
    note_place: Callable[[str, At, Look], None],
) -> Property:
    """A property whose bound path is noted, on the quick way and on the one that reports."""

    def gate(value: Any, texts: list[str], look: Look) -> bool:
        if not inner.gate(value, texts, look):
            return False
        if "path" in value:
            note(value["path"], look)
        return True

    def check(value: Any, at: At, look: Look) -> None:
        inner.check(value, at, look)
        path = value.get("path") if isinstance(value, dict) else None
        if isinstance(path, str):
            note_place(path, at, look)

    return Property(gate, check)


def watched(rule: Rule, inner: Property, *, is_input: bool) -> Property:
    """A bound value whose path is kept: an input's, or a string's that a user reads.

    Not of a user to read are URLs, fixed names and values that may be no string.
    """
    if is_input:
        return _written(inner) if "path" in rule.properties else inner
    return _shown(inner) if rule.properties == _READ else inner


_READ: Final = {"literalString": Rule("string"), "path": Rule("string", format="a2ui-path")}

INPUTS: Final = frozenset(
    {
        ("TextField", "text"),
        ("CheckBox", "value"),
        ("DateTimeInput", "value"),
        ("MultipleChoice", "selections"),
        ("Slider", "value"),
    }
)
"""Component type and the property whose path it writes to."""


_Wrap: TypeAlias = Callable[[Property], Property]

SPECIAL: Final[Sequence[tuple[str | None, str, Callable[[Rule], bool], _Wrap]]] = (
    (None, "action", is_action, action),
    (None, "validationRegexp", lambda rule: rule.kind == "string", _pattern),
    ("Text", "text", lambda rule: rule.kind == "object", _prose),
)
"""Component type (None: any), property, whether it is the one meant, and what adds the rule."""
