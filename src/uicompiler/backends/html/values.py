"""Draft values as HTML inputs hold them, and posted values as drafts.

A browser posts texts only, and changes some: line ends become CRLF, and an input of a narrow type
takes nothing that does not fit it. So what a day or number field holds and could not show there is
shown in a plain text input: what the user typed comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.canonical import number_text
from uicompiler.ir.client import Decoded
from uicompiler.ir.field_formats import is_day, is_moment, is_time
from uicompiler.ir.fields import Field, neutral, parse_number
from uicompiler.ir.text import has_surrogates
from uicompiler.ir.values import Json

CHECKED: Final = "true"
"""What a ticked box posts; one that is not posts nothing."""

# --- out ------------------------------------------------------------------------------------------

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "short_text": "text",
        "secret": "password",
        "number": "text",  # a number input posts nothing of what is no number
        "date": "date",
        "time": "time",
        "datetime": "datetime-local",
        "tags": "text",
        "email": "email",
        "url": "url",
        "phone": "tel",
    }
)

_FITS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {"date": is_day, "time": is_time, "datetime": is_moment}
)


def text_of(value: Json) -> str:
    """A draft value as an input's text."""
    if value is None or isinstance(value, (bool, dict, tuple, list)):
        return ""
    return value if isinstance(value, str) else number_text(value)


def input_type(kind: str, text: str) -> str:
    """The type of the input for a kind of field that is to show a text."""
    fits = _FITS.get(kind)
    return "text" if fits is not None and text and not fits(text) else _TYPES[kind]


def chosen_of(value: Json) -> frozenset[Json]:
    """The options that are chosen: several, one, or none."""
    if isinstance(value, (tuple, list)):
        return frozenset(value)
    return frozenset([value])


# --- back -----------------------------------------------------------------------------------------


def decode(field: Field, value: Json) -> Decoded:
    """A posted value as a draft value.

    Args:
        field: The field.
        value: The text, or a list where the post names the field several times; None for nothing.
    """
    if field.kind in ("choice", "multi_choice"):
        return _decode_options(field, value)
    if field.kind == "boolean":
        return _decode_flag(value)
    if value is None:
        return Decoded(neutral(field))
    if not isinstance(value, str) or has_surrogates(value) or "\x00" in value:
        return Decoded(refused="a text")
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return _decode_slider(field, text) if field.kind == "slider" else Decoded(text)


def _decode_flag(value: Json) -> Decoded:
    if value is None or value == "":
        return Decoded(False)
    return Decoded(True) if value == CHECKED else Decoded(refused=f"{CHECKED!r}, or nothing")


def _decode_slider(field: Field, text: str) -> Decoded:
    """Whether the number is on the slider is asked with the other rules."""
    number = neutral(field) if text == "" else parse_number(text)
    if not isinstance(number, (int, float)):
        return Decoded(refused="a number")
    return Decoded(int(number) if number == number // 1 else number)


def _decode_options(field: Field, value: Json) -> Decoded:
    listed = value if isinstance(value, (list, tuple)) else [value]
    if not all(item is None or isinstance(item, str) for item in listed):
        return Decoded(refused="texts")
    chosen = tuple(dict.fromkeys(item for item in listed if item))
    if not {option.value for option in field.options}.issuperset(chosen):
        return Decoded(refused="one of the field's options")
    if field.kind == "multi_choice" or len(chosen) > 1:
        return Decoded(chosen)
    return Decoded(chosen[0] if chosen else "")
