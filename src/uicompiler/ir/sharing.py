"""Structural sharing: what did not change stays the same object from turn to turn.

`shared(old, new)` is `new`, made of the parts of `old` that are equal to its own, so that whoever
kept something for a node or value knows by identity alone that it still holds. Equal means equal
to the byte: 1, 1.0 and true differ, and so do objects whose keys come in another order.

Every pair of parts is looked at once: what is below a part says whether it is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from operator import is_, is_not
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from uicompiler.ir.base import Node
from uicompiler.ir.values import FrozenDict

T = TypeVar("T")

_PLAIN: Final = frozenset({str, int, bool, type(None)})
_LISTS: Final = frozenset({tuple, list})
_OBJECTS: Final = frozenset({FrozenDict, dict})


def shared(old: object, new: T) -> T:
    """What equals `new`, with every part that `old` has in the same place taken from there.

    Args:
        old: A node, a part of one, or a JSON value.
        new: Another; nothing of it is changed or read again.

    Returns:
        `old` itself where both are equal.
    """
    found: T = _shared(old, new)
    return found


def _shared(old: Any, new: Any) -> Any:  # a node or JSON value, or a part of one
    kind = type(new)
    if old is new or type(old) is not kind:
        return new
    if kind in _PLAIN:
        return old if old == new else new
    if kind in _LISTS:
        return _shared_list(old, new)
    if kind in _OBJECTS:
        return _shared_object(old, new)
    if isinstance(new, BaseModel):
        return _shared_record(old, new)
    # 0.0 and -0.0 are equal, and so are things of kinds that only an app knows.
    return old if old == new and repr(old) == repr(new) else new


def _shared_record(old: BaseModel, new: BaseModel) -> BaseModel:
    """A node or part of one; what is rebuilt is not validated, since `new` was."""
    before, after, fields = old.__dict__, new.__dict__, type(new).model_fields
    same = old.__pydantic_private__ == new.__pydantic_private__
    taken: dict[str, Any] = {}
    for name, value in after.items():
        was = before.get(name)
        # Most of a node is what its class says, and so the same object in both.
        if was is value or (type(value) is str and was == value):
            continue
        kept = _shared(was, value)
        if name in fields:  # and not derived of them
            same = same and kept is was
            if kept is not value:
                taken[name] = kept
    if same:
        return old
    return new.model_copy(update=taken) if taken else new


def _shared_list(old: Sequence[Any], new: Sequence[Any]) -> Sequence[Any]:
    """Nodes are found again by their names, everything else by its position."""
    names = [_name(item, index) for index, item in enumerate(new)]
    olds = [_name(item, index) for index, item in enumerate(old)]
    before: Sequence[Any] = old
    if names != olds:
        known = dict(zip(olds, old, strict=True))
        before = [known.get(name) for name in names]
    kept = [_shared(was, item) for was, item in zip(before, new, strict=True)]
    if _same(kept, old):
        return old
    return new if _same(kept, new) else tuple(kept) if isinstance(new, tuple) else kept


def _name(item: Any, index: int) -> object:
    """What finds a node among its siblings: a field's id, a key, else its position."""
    if not isinstance(item, Node):
        return index
    ident = item.__dict__.get("id")
    return (ident,) if isinstance(ident, str) else index if item.key is None else item.key


def _shared_object(old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {name: _shared(old.get(name), item) for name, item in new.items()}
    if _same(list(kept.values()), list(old.values())) and list(kept) == list(old):
        return old
    if _same(list(kept.values()), list(new.values())):
        return new
    return FrozenDict(kept) if isinstance(new, FrozenDict) else kept


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Keys under which the two do not hold the very same object, of either."""
    if len(old) == len(new) and list(old) == list(new):
        # Nearly always so, and then nothing is looked up.
        return list(compress(new, map(is_not, new.values(), old.values())))
    found = [key for key, value in new.items() if old.get(key, _NOTHING) is not value]
    return [*found, *(key for key in old if key not in new)]


_NOTHING: Final = object()


def _same(some: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether they are the same objects."""
    return len(some) == len(others) and all(map(is_, some, others))
