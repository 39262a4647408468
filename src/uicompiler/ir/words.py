"""The library's own words, and a typed value as a person reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from uicompiler.canonical import number_text
from uicompiler.ir import data
from uicompiler.ir.fields import Field
from uicompiler.ir.values import Json

Words: TypeAlias = Callable[..., str]
"""`(key, **values) -> text`: the app's texts in the language of the turn."""


def shown(field: Field, value: Json, words: Words) -> str:
    """The value of a field in words: labels for options, yes and no, a dash for nothing.

    Args:
        field: The field.
        value: Its typed value.
        words: The library's own texts.
    """
    if field.kind == "secret" and value is not None:
        return words("value.secret")
    labels = {option.value: option.label for option in field.options}
    if isinstance(value, (list, tuple)) and value:
        return ", ".join(labels.get(item, str(item)) for item in value)
    if isinstance(value, dict):
        return words("value.file")
    if isinstance(value, str):
        value = labels.get(value, value)
    return plain(None if value == () else value, words)


def plain(value: Json, words: Words) -> str:
    """A scalar in words."""
    if isinstance(value, bool):
        return words("value.yes" if value else "value.no")
    if value is None or value == "":
        return words("value.none")
    return value if isinstance(value, str) else number_text(value)


def display_text(value: Json) -> str | None:
    """A document's value as a person reads it; None when there is nothing to read."""
    if value is data.MISSING or value is None or isinstance(value, (dict, tuple, list)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else number_text(value)


def cell_text(value: Json) -> str:
    """A value as a cell shows it."""
    if isinstance(value, bool):
        return "\u2713" if value else "\u2013"
    return display_text(value) or ""
