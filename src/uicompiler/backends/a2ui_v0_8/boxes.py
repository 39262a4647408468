"""The data model on the wire: a box for every input's value, plain leaves for what is shown.

A v0.8 data update replaces at its path, so two values in one map cannot be written apart. Every
draft value `/draft/name` therefore sits alone in a box, `/draft/name/v`, and what the user types
next to it survives. Texts that are only shown need no box.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.values import Draft, draft_entry
from uicompiler.backends.base import Message
from uicompiler.backends.ids import escape_key
from uicompiler.ir.reserved import REV_KEY

REV_PATH: Final = f"/ui_state/{REV_KEY}/v"
_TEXT_PLACE: Final = ("ui_state", "_text")
_LIST_PLACE: Final = ("ui_state", "_list")

Place = tuple[str, ...]

Texts: TypeAlias = tuple[tuple[str, str], ...]
"""The texts of one item of a list, each with its wire key."""

Items: TypeAlias = tuple[tuple[str, Texts], ...]
"""The items of a list, each with its wire key."""


def pointer(place: Iterable[str]) -> str:
    """The data path of a place whose segments are wire keys."""
    return "/" + "/".join(place)


def value_path(*place: str) -> str:
    """Where the input of a place below `/draft` is bound."""
    return f"{box_path(place)}/v"


def box_path(place: Iterable[str]) -> str:
    """The box of an input, or the map that holds a row's boxes."""
    return pointer(("draft", *map(escape_key, place)))


def display_place(place: Place) -> Place:
    """Where the display text of a document's place stands on the wire.

    What an input may write, or what shares a map with boxes, gets a copy of its own.
    """
    keys = tuple(escape_key(segment) for segment in place)
    if place[0] == "committed":
        return keys
    return (*_TEXT_PLACE, escape_key("/".join(place)))


def list_place(list_id: str) -> Place:
    """Where the items of a templated list stand: apart from all else, whatever they are read from.

    Args:
        list_id: Tells the lists of a surface apart; a wire key.
    """
    return (*_LIST_PLACE, list_id)


def first_data(
    surface_id: str,
    drafts: Iterable[Draft],
    rev: int,
    leaves: Mapping[Place, str],
    gone: Iterable[Place] = (),
) -> list[Message]:
    """The data messages of a first render: siblings together, one valueMap a box.

    Args:
        surface_id: The surface's id on the wire.
        drafts: Every value an input is bound to.
        rev: The surface's revision.
        leaves: Display texts by place.
        gone: Rows that were taken out, as places below `/draft`: an empty map each, as a client
            has it that saw them go.
    """
    maps: dict[Place, list[Message]] = {}
    for row in gone:
        maps.setdefault(row[:-1], []).append({"key": escape_key(row[-1]), "valueMap": []})
    for draft in drafts:
        entry = {"key": escape_key(draft.place[-1]), "valueMap": [draft_entry(draft)]}
        maps.setdefault(draft.place[:-1], []).append(entry)
    rev_box = {"key": REV_KEY, "valueMap": [{"key": "v", "valueNumber": rev}]}
    return [
        # Shorter places first: an update replaces what is below it.
        *(_update(surface_id, box_path(place), maps[place]) for place in sorted(maps, key=len)),
        _update(surface_id, "/ui_state", [rev_box]),
        *leaf_updates(surface_id, leaves, leaves.keys()),
    ]


def later_data(
    surface_id: str,
    drafts: Iterable[Draft],
    leaves: Mapping[Place, str],
    changed: Collection[Place],
    gone: Iterable[Place] = (),
) -> list[Message]:
    """The data messages of an update: one a box, one a map of display texts that changed.

    Rows in `gone` have just been taken out; what a client had typed there goes with them.
    """
    return [
        *(_update(surface_id, box_path(row), []) for row in gone),
        *(_update(surface_id, box_path(draft.place), [draft_entry(draft)]) for draft in drafts),
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
        parent
        for parent in {*maps, *dirty}
        if _below(parent, dirty) and (parent in maps or not _below(parent[:-1], dirty))
    )
    return [_update(surface_id, pointer(parent), maps.get(parent, [])) for parent in resent]


def _below(place: Place, roots: Collection[Place]) -> bool:
    """Whether a map is one of `roots`, or goes when one of them is written."""
    return any(place[:length] in roots for length in range(len(place) + 1))


def list_updates(surface_id: str, lists: Mapping[Place, Items]) -> list[Message]:
    """One message a list: every item with its texts, in order."""
    return [
        _update(surface_id, pointer(place), [_item(key, texts) for key, texts in items])
        for place, items in lists.items()
    ]


def _item(key: str, texts: Texts) -> Message:
    entries = [{"key": name, "valueString": text} for name, text in texts]
    return {"key": key, "valueMap": entries}


def _update(surface_id: str, path: str, contents: list[Message]) -> Message:
    return {"dataModelUpdate": {"surfaceId": surface_id, "path": path, "contents": contents}}
