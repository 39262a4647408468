"""Which places differ between two documents that share what did not change.

Identity means unchanged, so that only objects on the way to a change are compared.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from uicompiler.ir.data import MISSING
from uicompiler.ir.sharing import changed_keys, shared
from uicompiler.ir.values import Json

Place: TypeAlias = tuple[str, ...]


class Changed(NamedTuple):
    """What differs between two documents.

    Attributes:
        places: The innermost places that differ.
        whole: Those among them where something was, or is, that has places of its own inside.
    """

    places: list[Place]
    whole: list[Place]


def changed_places(old: Json, new: Json) -> Changed:
    """The innermost places that differ.

    Of two objects the keys are compared; anything else counts as one value, and a list as changed
    unless it is the same object.

    Args:
        old: A document, or any value in one.
        new: What became of it.
    """
    found = Changed([], [])
    waiting: list[tuple[Place, Json, Json]] = [((), old, new)]
    while waiting:
        place, before, after = waiting.pop()
        if before is after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            waiting += _inside(place, before, after)
        elif isinstance(after, tuple) or shared(before, after) is not before:
            found.places.append(place)
            if isinstance(before, (dict, tuple)) or isinstance(after, (dict, tuple)):
                found.whole.append(place)
    return found


def _inside(
    place: Place, old: dict[str, Json], new: dict[str, Json]
) -> list[tuple[Place, Json, Json]]:
    """The entries of two objects that are not the same object."""
    return [
        ((*place, key), old.get(key, MISSING), new.get(key, MISSING))
        for key in changed_keys(old, new)
    ]
