"""The data model on the wire: a box for every input's value, plain leaves for what is shown.

A v0.8 data update replaces at its path, so two values in one map cannot be written apart. Every
draft value `/draft/name` therefore sits alone in a box, `/draft/name/v`, and what the user types
next to it survives. Texts that are only shown need no box.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from uicompiler.backends.a2ui_v0_8.names import (
    escape_key,
    guard,
    looks_like_json,
    unguard,
)
from uicompiler.backends.base import Message
from uicompiler.canonical import number_text as canonical_number
from uicompiler.ir.client import Decoded
from uicompiler.ir.fields import Field, neutral
from uicompiler.ir.reserved import REV_KEY
from uicompiler.ir.text import clean, has_surrogates
from uicompiler.ir.values import Json

REV_PATH: Final = f"/ui_state/{REV_KEY}/v"
_TEXT_PLACE: Final = ("ui_state", "_text")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_AND_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?"
)

Place = tuple[str, ...]


def pointer(place: Iterable[str]) -> str:
    """The data path of a place whose segments are wire keys."""
    return "/" + "/".join(place)


def value_path(field_id: str) -> str:
    """Where the input of a field is bound."""
    return f"/draft/{escape_key(field_id)}/v"


def display_place(place: Place) -> Place:
    """Where the display text of a document's place stands on the wire.

    What an input may write, or what shares a map with boxes, gets a copy of its own.
    """
    keys = tuple(escape_key(segment) for segment in place)
    if place[0] == "committed":
        return keys
    return (*_TEXT_PLACE, escape_key("/".join(place)))


def number_text(value: int | float) -> str:
    """A number as text, `3.5` or `3`."""
    return canonical_number(value)


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


def first_data(
    surface_id: str, drafts: Iterable[Draft], rev: int, leaves: Mapping[Place, str]
) -> list[Message]:
    """The data messages of a first render: siblings together, one valueMap a box."""
    draft_boxes = [
        {"key": escape_key(draft.id), "valueMap": [draft_entry(draft)]} for draft in drafts
    ]
    rev_box = {"key": REV_KEY, "valueMap": [{"key": "v", "valueNumber": rev}]}
    return [
        *([_update(surface_id, "/draft", draft_boxes)] if draft_boxes else []),
        _update(surface_id, "/ui_state", [rev_box]),
        *leaf_updates(surface_id, leaves, leaves.keys()),
    ]


def later_data(
    surface_id: str,
    drafts: Iterable[Draft],
    leaves: Mapping[Place, str],
    changed: Collection[Place],
) -> list[Message]:
    """The data messages of an update: one a box, one a map of display texts that changed."""
    return [
        *(
            _update(surface_id, f"/draft/{escape_key(draft.id)}", [draft_entry(draft)])
            for draft in drafts
        ),
        *leaf_updates(surface_id, leaves, changed),
    ]


def rev_update(surface_id: str, rev: int) -> Message:
    """The message that tells the client the surface's revision."""
    return _update(surface_id, f"/ui_state/{REV_KEY}", [{"key": "v", "valueNumber": rev}])


def leaf_updates(
    surface_id: str, leaves: Mapping[Place, str], changed: Collection[Place]
) -> list[Message]:
    """Whole maps of display texts: every map with a changed text, then those inside it."""
    maps: dict[Place, list[Message]] = {}
    for place, text in leaves.items():
        entry = {"key": place[-1], "valueString": text}
        maps.setdefault(place[:-1], []).append(entry)
    dirty = {place[:-1] for place in changed}
    resent = sorted(
        parent for parent in {*maps, *dirty} if any(parent[: len(root)] == root for root in dirty)
    )
    return [_update(surface_id, pointer(parent), maps.get(parent, [])) for parent in resent]


def _update(surface_id: str, path: str, contents: list[Message]) -> Message:
    return {"dataModelUpdate": {"surfaceId": surface_id, "path": path, "contents": contents}}


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
