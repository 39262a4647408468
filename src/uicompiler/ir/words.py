"""The library's own words, and a typed value as a person reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from uicompiler.canonical import number_text
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
