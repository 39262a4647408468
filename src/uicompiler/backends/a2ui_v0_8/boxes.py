"""The data model on the wire: a box for every input's value, and for every text that is shown.

A v0.8 data update replaces at its path, so two values in one map cannot be written apart. Every
draft value `/draft/name` therefore sits alone in a box, `/draft/name/v`, and what the user types
next to it survives. A display text sits in a box of its own likewise, `/ui_state/_text/name/t`;
only one below `/committed` stands where the app put it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.values import Draft, draft_entry
from uicompiler.backends.base import Message
from uicompiler.backends.ids import escape_key, escape_place
from uicompiler.ir.reserved import REV_KEY

REV_PATH: Final = f"/ui_state/{REV_KEY}/v"
_TEXT_PLACE: Final = ("ui_state", "_text")
_TEXT_KEY: Final = "t"
"""Not the key of inputs' values: that nothing shown is written by an input can be seen at once."""

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
    if len(place) == 1:
        return f"/draft/{escape_key(place[0])}/v"
    return f"{box_path(place)}/v"


def box_path(place: Iterable[str]) -> str:
    """The box of an input, or the map that holds a row's boxes."""
    return pointer(("draft", *map(escape_key, place)))


def display_place(place: Place) -> Place:
    """Where the display text of a document's place stands on the wire.

    What an input may write, or what shares a map with boxes, gets a copy of its own, in a box.
    """
    if place[0] == "committed":
        return tuple([escape_key(segment) for segment in place])
    return (*_TEXT_PLACE, escape_place(place))


def leaf_path(place: Place) -> str:
    """What a display text is bound by: its box's text, or the place itself where it has none."""
    path = pointer(place)
    return f"{path}/{_TEXT_KEY}" if place[:2] == _TEXT_PLACE else path


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
    maps: Maps,
    gone: Iterable[Place] = (),
) -> list[Message]:
    """The data messages of a first render: siblings together, one valueMap a box.

    Args:
        surface_id: The surface's id on the wire.
        drafts: Every value an input is bound to.
        rev: The surface's revision.
        leaves: Display texts by place.
        maps: Their maps.
        gone: Rows that were taken out, as places below `/draft`: an empty map each, as a client
            has it that saw them go.
    """
    boxed: dict[Place, list[Message]] = {}
    for row in gone:
        boxed.setdefault(row[:-1], []).append({"key": escape_key(row[-1]), "valueMap": []})
    for draft in drafts:
        boxed.setdefault(draft.place[:-1], []).append(_box(draft))
    rev_box = {"key": REV_KEY, "valueMap": [{"key": "v", "valueNumber": rev}]}
    return [
        # Shorter places first: an update replaces what is below it.
        *(_update(surface_id, box_path(place), boxed[place]) for place in sorted(boxed, key=len)),
        _update(surface_id, "/ui_state", [rev_box]),
        *_whole_maps(surface_id, leaves, maps, maps.keys()),
    ]


def later_data(
    surface_id: str, drafts: Iterable[Draft], gone: Iterable[Place] = ()
) -> list[Message]:
    """The messages that write drafts later on: one a box.

    Rows in `gone` have just been taken out; what a client had typed there goes with them.
    """
    return [
        *(_update(surface_id, box_path(row), []) for row in gone),
        *(_update(surface_id, box_path(draft.place), [draft_entry(draft)]) for draft in drafts),
    ]


def all_drafts(surface_id: str, drafts: Iterable[Draft]) -> Message:
    """The message that writes every box there is, fields' alone."""
    return _update(surface_id, box_path(()), [_box(draft) for draft in drafts])


def _box(draft: Draft) -> Message:
    return {"key": escape_key(draft.place[-1]), "valueMap": [draft_entry(draft)]}


def rev_update(surface_id: str, rev: int) -> Message:
    """The message that tells the client the surface's revision."""
    return _update(surface_id, f"/ui_state/{REV_KEY}", [{"key": "v", "valueNumber": rev}])


_MOST_ALONE: Final = 32
_ALONE_OF: Final = 16


def _are_few(changed: int, of: int) -> bool:
    """Whether changes are sent one by one.

    A client does as much for each message as for a large one; all of a large map is many bytes.
    """
    return changed <= 1 or (changed <= _MOST_ALONE and changed * _ALONE_OF <= of)


Maps: TypeAlias = Mapping[Place, list[Place]]
"""By map of the data model, the places of the display texts in it."""


def maps_of(leaves: Iterable[Place]) -> dict[Place, list[Place]]:
    """The maps that display texts stand in."""
    maps: dict[Place, list[Place]] = {}
    for place in leaves:
        parent = place[:-1]
        if parent in maps:
            maps[parent].append(place)
        else:
            maps[parent] = [place]
    return maps


def leaf_updates(
    surface_id: str,
    leaves: Mapping[Place, str],
    maps: Maps,
    changed: Collection[Place],
    *,
    coalesce: bool = True,
) -> list[Message]:
    """The messages that write display texts: those in boxes alone if few, else maps as a whole.

    Args:
        surface_id: The surface's id on the wire.
        leaves: All display texts by place.
        maps: Their maps.
        changed: Places whose text is new, another or gone.
        coalesce: Whether many boxes are written at once.
    """
    boxed = sorted(place for place in changed if place[:-1] == _TEXT_PLACE)
    few = not coalesce or _are_few(len(boxed), len(maps.get(_TEXT_PLACE, ())))
    if not few or not all(place in leaves for place in boxed):
        boxed = []
    alone = set(boxed)
    return [
        *_whole_maps(surface_id, leaves, maps, {p[:-1] for p in changed if p not in alone}),
        *(_update(surface_id, pointer(place), [_value(leaves[place])]) for place in boxed),
    ]


def _whole_maps(
    surface_id: str, leaves: Mapping[Place, str], maps: Maps, dirty: AbstractSet[Place]
) -> list[Message]:
    """Whole maps of display texts: each dirty one, then those inside it, which went with it."""
    outer = {place for place in dirty if not _is_inside(place, dirty)}
    resent = {place for place in maps if place in dirty or _is_inside(place, outer)}
    return [
        _update(surface_id, pointer(parent), [_leaf(p, leaves[p]) for p in maps.get(parent, ())])
        for parent in sorted(resent.union(outer))
    ]


def _is_inside(place: Place, others: Collection[Place]) -> bool:
    """Whether a map goes when one of some others is written."""
    return any(place[:length] in others for length in range(1, len(place)))


def _leaf(place: Place, text: str) -> Message:
    if place[:-1] == _TEXT_PLACE:
        return {"key": place[-1], "valueMap": [_value(text)]}
    return {"key": place[-1], "valueString": text}


def _value(text: str) -> Message:
    return {"key": _TEXT_KEY, "valueString": text}


def list_updates(surface_id: str, lists: Mapping[Place, Items]) -> list[Message]:
    """One message a list: every item with its texts, in order."""
    return [
        _update(surface_id, pointer(place), [_item(key, texts) for key, texts in items])
        for place, items in lists.items()
    ]


def later_lists(
    surface_id: str,
    lists: Mapping[Place, Items],
    before: Mapping[Place, Items],
    *,
    coalesce: bool = True,
) -> list[Message]:
    """The messages that bring lists up to date: few changed or added items alone, else as a whole.

    Args:
        surface_id: The surface's id on the wire.
        lists: The lists that changed.
        before: The lists as the client has them.
        coalesce: Whether many items are written at once.
    """
    found: list[Message] = []
    for place, items in lists.items():
        alone = _changed_items(before.get(place, ()), items)
        if alone is None or (coalesce and not _are_few(len(alone), len(items))):
            found += list_updates(surface_id, {place: items})
        else:
            found += [_item_update(surface_id, place, key, texts) for key, texts in alone]
    return found


def _changed_items(old: Items, new: Items) -> list[tuple[str, Texts]] | None:
    """Items that are others or come after all others; None where one went or moved."""
    if not old or [key for key, _ in old] != [key for key, _ in new[: len(old)]]:
        return None
    changed = [now for was, now in zip(old, new, strict=False) if was != now]
    return [*changed, *new[len(old) :]]


def _item_update(surface_id: str, place: Place, key: str, texts: Texts) -> Message:
    return _update(surface_id, pointer((*place, key)), _entries(texts))


def _item(key: str, texts: Texts) -> Message:
    return {"key": key, "valueMap": _entries(texts)}


def _entries(texts: Texts) -> list[Message]:
    return [{"key": name, "valueString": text} for name, text in texts]


def _update(surface_id: str, path: str, contents: list[Message]) -> Message:
    return {"dataModelUpdate": {"surfaceId": surface_id, "path": path, "contents": contents}}
