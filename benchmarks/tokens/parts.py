"""Screens as the A2UI standard catalog says them, before any spelling.

A `Part` is a component with its v0.9 name and properties; parts stand inside parts, and where one
needs an id is the business of a format. The functions below make parts, so that a screen reads
like what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Bound:
    """A value read from the data model, and where an input keeps it."""

    path: str


@dataclass(frozen=True, slots=True)
class Press:
    """What a button sends; `context` holds literals."""

    name: str
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A component; in `props` stand literals, `Bound`, `Press`, parts, or collections of them."""

    kind: str
    props: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Children made from a list of the data model, each from one item."""

    path: str
    item: Part


Words: TypeAlias = str | Bound
Children: TypeAlias = Sequence[Part] | Repeat


def each(value: Any, change: Callable[[Part], Any]) -> Any:
    """A value of `props` with every part that stands in it changed."""
    if isinstance(value, Part):
        return change(value)
    if isinstance(value, Mapping):
        return {key: each(item, change) for key, item in value.items()}
    return [each(item, change) for item in value] if isinstance(value, (list, tuple)) else value


def _part(kind: str, **props: Any) -> Part:
    return Part(kind, {key: value for key, value in props.items() if value is not None})


# What shows.


def text(words: Words, variant: str | None = None) -> Part:
    return _part("Text", text=words, variant=variant)


def image(url: str, description: str, variant: str | None = None) -> Part:
    return _part("Image", url=url, description=description, variant=variant)


def icon(name: str) -> Part:
    return _part("Icon", name=name)


def video(url: str) -> Part:
    return _part("Video", url=url)


def audio(url: str, description: str) -> Part:
    return _part("AudioPlayer", url=url, description=description)


def divider() -> Part:
    return _part("Divider")


# What holds others.


def column(*children: Part) -> Part:
    return _part("Column", children=children)


def row(*children: Part) -> Part:
    return _part("Row", children=children)


def items(path: str, item: Part) -> Part:
    """A list whose children come from the data model."""
    return _part("List", children=Repeat(path, item))


def card(*children: Part) -> Part:
    """A card has one child; several stand in a column."""
    return _part("Card", child=children[0] if len(children) == 1 else column(*children))


def tabs(**pages: Part) -> Part:
    """Tabs by title; an underscore in a title is a blank."""
    return _part(
        "Tabs",
        tabs=[{"title": key.replace("_", " "), "child": page} for key, page in pages.items()],
    )


# What a user can change or press.


def text_field(label: str, path: str, variant: str | None = None) -> Part:
    return _part("TextField", label=label, value=Bound(path), variant=variant)


def check_box(label: str, path: str) -> Part:
    return _part("CheckBox", label=label, value=Bound(path))


def picker(label: str, path: str, *, several: bool = False, **options: str) -> Part:
    """A choice of one among options, or of several; their labels by value."""
    return _part(
        "ChoicePicker",
        label=label,
        variant="multipleSelection" if several else "mutuallyExclusive",
        options=[{"label": words, "value": value} for value, words in options.items()],
        value=Bound(path),
    )


def date(label: str, path: str, *, time: bool = False) -> Part:
    return _part(
        "DateTimeInput", value=Bound(path), enableDate=True, enableTime=time or None, label=label
    )


def slider(label: str, path: str, low: float, high: float) -> Part:
    return _part("Slider", label=label, min=low, max=high, value=Bound(path))


def button(label: str, action: str, *, primary: bool = False, **context: Any) -> Part:
    return _part(
        "Button",
        child=text(label),
        variant="primary" if primary else None,
        action=Press(action, context),
    )
