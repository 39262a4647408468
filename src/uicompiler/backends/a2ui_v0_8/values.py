"""Draft values on the wire, by kind of field: how they go out, and what comes back.

Clients send numbers as strings, choices as arrays, days and times as their browser gives them; the
draft has one form for each kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeGuard

from uicompiler.backends.a2ui_v0_8.names import guard, is_plain_text, looks_like_json, unguard
from uicompiler.backends.base import Message
from uicompiler.canonical import number_text
from uicompiler.ir.client import Decoded
from uicompiler.ir.fields import Field, neutral, parse_number
from uicompiler.ir.text import clean, has_surrogates
from uicompiler.ir.values import Json

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}")
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SECONDS: Final = r"(?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_SENT: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "date": re.compile(rf"({_DAY.pattern})T{_CLOCK}{_SECONDS}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})?"),
        "time": re.compile(rf"(?:{_DAY.pattern}T)?({_CLOCK}){_SECONDS}"),
        "datetime": re.compile(rf"({_DAY.pattern}T{_CLOCK}){_SECONDS}"),
    }
)
"""What clients send for a day or time; the group is the draft.

A day is the one the user saw, whatever zone a client adds. For a time or a datetime nobody knows
whether a client converted to the zone it names, so that one with a zone stays as it was sent: it
is then a problem beside the field, never a wrong time.
"""


class Draft(NamedTuple):
    """One draft value on its way out.

    Attributes:
        id: The input's id.
        kind: The field's kind.
        value: Its draft value.
        place: Its place below `/draft`.
    """

    id: str
    kind: str
    value: Json
    place: tuple[str, ...]


# --- out ------------------------------------------------------------------------------------------

_KEY: Final = "v"
"""Of the one value in a box."""


def draft_entry(draft: Draft) -> Message:
    """The box content of a draft: `{"key": "v", "value…": …}`, without invisible controls."""
    return _OUT.get(draft.kind, _text)(draft.value)


def is_plain(draft: Draft) -> bool:
    """Whether a value goes out as it is, whatever its kind: nothing is there to be taken out."""
    value = draft.value
    return not isinstance(value, str) or not value or is_plain_text(value)


def reads_as_json(draft: Draft) -> bool:
    """Whether a client would parse the value, so that it goes out marked."""
    return (
        _OUT.get(draft.kind, _text) in (_text, _day, _time)
        and isinstance(draft.value, str)
        and looks_like_json(draft.value)
    )


def _text(value: Json) -> Message:
    if isinstance(value, str) and is_plain_text(value):
        return _string(value)
    return _string(guard(_plain(value)))


def _string(text: str) -> Message:
    return {"key": _KEY, "valueString": text}


def _plain(value: Json) -> str:
    return clean(value if isinstance(value, str) else number_text(value))


def _day(value: Json) -> Message:
    """At noon, which keeps the day in every zone: the client reads a bare day as UTC midnight."""
    text = _plain(value)
    return _string(f"{text}T12:00") if _DAY.fullmatch(text) else _text(text)


def _time(value: Json) -> Message:
    """On some day, without a zone, which is read as local; the client shows no bare time."""
    text = _plain(value)
    return _string(f"2000-01-01T{text}") if _TIME.fullmatch(text) else _text(text)


def _nothing(_value: Json) -> Message:
    """A secret's handle is for the server alone."""
    return _string("")


def _flag(value: Json) -> Message:
    return {"key": _KEY, "valueBoolean": value is True}


def _number(value: Json) -> Message:
    """A slider takes nothing but a number."""
    return {"key": _KEY, "valueNumber": value if _is_number(value) else 0}


def _selection(value: Json) -> Message:
    """Chosen options as a JSON array in a string, the one way to put an array in a data model."""
    chosen = value if isinstance(value, (tuple, list)) else [value] if value != "" else []
    items = [guard(item) for item in chosen]
    return _string(json.dumps(items, ensure_ascii=False, separators=(",", ":")))


_OUT: Final[Mapping[str, Callable[[Json], Message]]] = MappingProxyType(
    {
        "boolean": _flag,
        "slider": _number,
        "choice": _selection,
        "multi_choice": _selection,
        "date": _day,
        "time": _time,
        "secret": _nothing,
    }
)
"""Kinds whose wire form is not their text."""


# --- back -----------------------------------------------------------------------------------------


def decode(field: Field, value: Json) -> Decoded:
    """What a client sends for a field, as a draft value.

    Clients send numbers as strings, choices as an array, `{}` for an emptied one and null for a
    value they do not have.
    """
    if field.kind in ("choice", "multi_choice"):
        return _decode_options(field, value)
    if value is None:
        return Decoded(neutral(field))
    if field.kind == "boolean":
        return Decoded(value) if isinstance(value, bool) else Decoded(refused="a boolean")
    if field.kind == "slider":
        return _decode_slider(field, value)
    if _is_number(value):
        return Decoded(value if field.kind == "number" else number_text(value))
    if not isinstance(value, str) or has_surrogates(value) or "\x00" in value:
        return Decoded(refused="a text")
    text = unguard(value)
    sent = _SENT[field.kind].fullmatch(text) if field.kind in _SENT else None
    return Decoded(text if sent is None else sent[1])


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _decode_slider(field: Field, value: Json) -> Decoded:
    """A number; clients send `"7"`. Whether it is on the slider is asked with the other rules."""
    if value == "":
        return Decoded(neutral(field))
    number = parse_number(unguard(value)) if isinstance(value, str) else value
    if not _is_number(number):
        return Decoded(refused="a number")
    return Decoded(int(number) if number == number // 1 else number)


def _decode_options(field: Field, value: Json) -> Decoded:
    known = {option.value for option in field.options}
    chosen = _listed(value, known)
    if not isinstance(chosen, (list, tuple)) or not all(isinstance(v, str) for v in chosen):
        return Decoded(refused="a list of option values")
    values = tuple(dict.fromkeys(unguard(item) for item in chosen))
    if not known.issuperset(values):
        return Decoded(refused="one of the field's options")
    if field.kind == "multi_choice" or len(values) > 1:
        return Decoded(values)
    return Decoded(values[0] if values else "")


def _listed(value: Json, known: Collection[str]) -> Json:
    """What was chosen: a list, one option, or a list as a text from clients that never parse."""
    if value is None or (isinstance(value, (dict, str)) and not value):
        return []
    if not isinstance(value, str):
        return value
    # An option that looks like JSON goes out guarded; `[]` alone is what an empty choice holds.
    if value not in map(guard, known) and looks_like_json(value):
        try:
            # As in `looks_like_json`: very long integers are read, endless nesting is not.
            return json.loads(value, parse_int=float)
        except RecursionError:
            return None
    return [value]
