"""Properties with rules of their own: safe patterns, texts that fetch nothing, what inputs write.

`SPECIAL` and `FOREIGN` list them. Each adds its rule to what the catalog says of the property and
takes nothing away from it. A catalog that means something else by the name keeps its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.actions import action, is_action
from uicompiler.backends.a2ui_v0_8.check.alone import ASKED
from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.values import Property, are_strings
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.catalog.catalog import Rule
from uicompiler.ir.patterns import PatternRefused, check_pattern


def _pattern(inner: Property) -> Property:
    """`validationRegexp`: one that cannot backtrack."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        return inner.gate(values, look) and all(
            _pattern_refusal(value[:_PATTERN]) is None for value in set(values)
        )

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
    if not isinstance(text, str) or not ("]" in text or "[" in text or "<" in text):
        return False
    return _MARKUP.search(_ESCAPED.sub("", text)) is not None


def _prose(inner: Property) -> Property:
    """A Text's text in a foreign stream: without markup that compiling would have escaped."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        return inner.gate(values, look) and not [
            text for value in values if _has_markup(text := value.get("literalString"))
        ]

    def check(value: Any, at: At, look: Look) -> None:
        inner.check(value, at, look)
        text = value.get("literalString") if isinstance(value, dict) else None
        if _has_markup(text):
            why = f"markdown that links or fetches: {show(text)}"
            hint = "put a backslash before the punctuation"
            look.report("COMPONENT_TEXT_MARKUP", (at, "literalString"), why, hint)

    return Property(gate, check)


_TEMPLATE: Final = {
    "componentId": Rule("string", format="a2ui-component-id"),
    "dataBinding": Rule("string", format="a2ui-path"),
}
_READ: Final = {"literalString": Rule("string"), "path": Rule("string", format="a2ui-path")}


def bound(rule: Rule, inner: Mapping[str, Property], kind: str) -> Mapping[str, Property]:
    """Properties of an object, those of a bound value: of an input of this type, or any ("").

    What an input writes, what a user reads and what clients fetch is kept; not of a user to read
    are fixed names and values that may be no string.
    """
    if "template" in inner:
        is_known = _TEMPLATE.items() <= rule.properties["template"].properties.items()
        return {**inner, "template": (_repeating if is_known else suspected)(inner["template"])}
    if "path" not in inner:
        return inner
    if kind:
        return {**inner, "path": _written(inner["path"], kind)}
    if rule.properties == _READ:
        return {**inner, "path": _shown(inner["path"])}
    if any(item.format == "a2ui-url" for item in rule.properties.values()):
        return {**inner, "path": _fetched(inner["path"])}
    return inner


def _shown(inner: Property) -> Property:
    """A path whose string a user reads; where it leads is looked into at the end (`typed`)."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        if not are_strings(values):
            return False
        look.shown += values
        return True

    def check(value: Any, at: At, look: Look) -> None:
        inner.check(value, at, look)
        if isinstance(value, str):
            look.shown.append(value)
            look.shown_places.append(at)

    return Property(gate, check)


def _written(inner: Property, kind: str) -> Property:
    """A path that an input of this type writes to as the user types."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        if not are_strings(values):
            return False
        look.written += values
        look.inputs += [(kind, value) for value in values]
        return True

    def check(value: Any, at: At, look: Look) -> None:
        inner.check(value, at, look)
        if isinstance(value, str):
            look.written.append(value)

    return Property(gate, check)


def _repeating(inner: Property) -> Property:
    """A template; `glance` asks what it repeats."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        if not inner.gate(values, look):
            return False
        look.repeated += [value["componentId"] for value in values if "componentId" in value]
        return True

    return Property(gate, inner.check)


def _fetched(inner: Property) -> Property:
    """A path to a URL that a client fetches; `glance` asks what is there."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        look.fetched += values
        return inner.gate(values, look)

    return Property(gate, inner.check)


def suspected(inner: Property) -> Property:
    """A property that `traps` looks into, wherever it leads."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        look.suspect = True
        return inner.gate(values, look)

    return Property(gate, inner.check)


def meant(kind: str, inner: Property) -> Property:
    """A component of a standard type, which clients might show otherwise than it is meant."""
    if kind == "Modal":
        # What it is opened by is known at the end.
        return suspected(inner)
    asked = ASKED.get(kind, ())

    def gate(values: Sequence[Any], look: Look) -> bool:
        if not inner.gate(values, look):
            return False
        look.suspect = look.suspect or any(any(map(ask, values)) for ask in asked)
        return True

    return Property(gate, inner.check) if asked else inner


_Special: TypeAlias = tuple[str | None, str, Callable[[Rule], bool], Callable[[Property], Property]]
"""Component type (None: any), property, whether it is the one meant, and what adds the rule."""

SPECIAL: Final[Sequence[_Special]] = (
    (None, "action", is_action, action),
    (None, "validationRegexp", lambda rule: rule.kind == "string", _pattern),
)

FOREIGN: Final[Sequence[_Special]] = (
    *SPECIAL,
    ("Text", "text", lambda rule: rule.kind == "object", _prose),
)
"""Of foreign streams, and what compiling keeps by itself."""
