"""The data model on the wire: a box for every input's value, plain leaves for what is shown.

A v0.8 data update replaces at its path, so two values in one map cannot be written apart. Every
draft value `/draft/name` therefore sits alone in a box, `/draft/name/v`, and what the user types
next to it survives. Texts that are only shown need no box.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from uicompiler.backends.a2ui_v0_8.names import escape_key
from uicompiler.backends.a2ui_v0_8.values import Draft, draft_entry
from uicompiler.backends.base import Message
from uicompiler.ir.reserved import REV_KEY

REV_PATH: Final = f"/ui_state/{REV_KEY}/v"
_TEXT_PLACE: Final = ("ui_state", "_text")

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
