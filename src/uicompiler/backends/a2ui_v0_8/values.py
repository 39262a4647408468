"""Draft values on the wire, by kind of field: how they go out, and what comes back.

Clients send numbers as strings, a choice as an array, dates as their browser gives them; the
draft has one form for each kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from uicompiler.backends.a2ui_v0_8.names import guard, looks_like_json, unguard
from uicompiler.backends.base import Message
from uicompiler.canonical import number_text
from uicompiler.ir.client import Decoded
from uicompiler.ir.fields import Field, neutral
from uicompiler.ir.text import clean, has_surrogates
from uicompiler.ir.values import Json

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_AND_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft value on its way out.

    Attributes:
        id: The field's id.
        kind: The field's kind.
        value: Its draft value.
    """

    id: str
    kind: str
    value: Json


def draft_entry(draft: Draft) -> Message:
    """The box content of a draft: `{"key": "v", "value…": …}`, without invisible controls."""
    value = draft.value
    if draft.kind == "boolean":
        return {"key": "v", "valueBoolean": value is True}
    if draft.kind == "choice":
        return {"key": "v", "valueString": _selection(value)}
    text = value if isinstance(value, str) else number_text(value)
    text = clean(text)
    if draft.kind == "date" and _DAY.fullmatch(text):
        # Noon keeps the day in every zone: the client reads a bare day as UTC midnight.
        text = f"{text}T12:00"
    return {"key": "v", "valueString": guard(text)}


def reads_as_json(draft: Draft) -> bool:
    """Whether a client would parse the value, so that it goes out marked."""
    return (
        draft.kind not in ("boolean", "choice")
        and isinstance(draft.value, str)
        and looks_like_json(draft.value)
    )


def _selection(value: Json) -> str:
    chosen = value if isinstance(value, (tuple, list)) else [value] if value != "" else []
    return json.dumps([guard(item) for item in chosen], ensure_ascii=False, separators=(",", ":"))


def decode(field: Field, value: Json) -> Decoded:
    """What a client sends for a field, as a draft value.

    Clients send numbers as strings, a choice as an array, `{}` for an emptied choice and null for
    a value they do not have.
    """
    if field.kind == "choice":
        return _decode_choice(field, value)
    if value is None:
        return Decoded(neutral(field))
    if field.kind == "boolean":
        return Decoded(value) if isinstance(value, bool) else Decoded(refused="a boolean")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decoded(value if field.kind == "number" else number_text(value))
    if not isinstance(value, str) or has_surrogates(value) or "\x00" in value:
        return Decoded(refused="a text")
    text = unguard(value)
    if field.kind == "date" and _DAY_AND_TIME.fullmatch(text):
        text = text[:10]
    return Decoded(text)


def _listed(text: str, known: Collection[str]) -> Json:
    """One option, or the list a client that never parses data strings sends as it got it."""
    if unguard(text) not in known and looks_like_json(text):
        return json.loads(text)
    return [text]


def _decode_choice(field: Field, value: Json) -> Decoded:
    if value is None or (isinstance(value, (dict, list, tuple, str)) and not value):
        return Decoded("")
    known = {option.value for option in field.options}
    chosen = _listed(value, known) if isinstance(value, str) else value
    if chosen == []:
        return Decoded("")
    if not isinstance(chosen, (list, tuple)) or not all(isinstance(v, str) for v in chosen):
        return Decoded(refused="a list of option values")
    values = [unguard(item) for item in chosen]
    if not set(values) <= known:
        return Decoded(refused="one of the field's options")
    return Decoded(values[0] if len(values) == 1 else tuple(values))
