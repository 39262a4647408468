"""Small changes of what is shown: one leaf, or the children of one holder.

Every function takes the payload of a directive and gives a changed copy, or None where there is
nothing to change. Some of what comes out is refused, as some of what models write.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from tests.journeys import Tree
from tests.stories import TRICKY

from .worlds import READ

Change: TypeAlias = Callable[[Tree, int, int, Tree], Tree | None]
"""Of a payload, two numbers that choose, and a node that may come in."""

_TEXTS = (*TRICKY, "", "A", "B")
_FLAG = (True, False)
_CHOICES: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(
        ("text", "label", "title", "help", "caption", "alt", "intro", "submit_label"), _TEXTS
    ),
    **dict.fromkeys(("empty", "more"), ("", "{count}", *TRICKY[:4])),
    **dict.fromkeys(("required", "open", "primary", "submit", "check", "review", "reset"), _FLAG),
    "bind": (*READ, "name", "note", ".", "in/x"),
    "style": ("body", "h1", "h3", "caption"),
    "tone": ("info", "warning", "error", "success"),
    "direction": ("row", "column"),
    "align": ("start", "center", "end"),
    "level": (1, 2, 5),
    "kind": ("short_text", "long_text", "number", "boolean", "secret", "date", "email", "tags"),
    "max_items": (1, 2, 50),
    "max_length": (1, 5, 500),
    "max_rows": (1, 3, 9),
    "min_rows": (0, 1, 2),
    "max": (1, 5, 12),
    "min": (-2, 0),
    "value": (0, 3, 99, "a", "b", True),
    "state": ("todo", "now", "done", "failed"),
    "action": ("put", "glance", "submit", "leave"),
    "masked": ("hide", "caption"),
    "item_key": ("id", "name"),
}
_KEYS = ("k", "m", "h1", "0")
_HOLDERS = ("children", "fields", "items", "columns", "options", "buttons", "rows")


def changed_leaf(payload: Tree, which: int, how: int, _node: Tree) -> Tree | None:
    """One property is another."""
    changed = copy.deepcopy(payload)
    found = [(holder, key) for holder, key in _places(changed) if key in _CHOICES]
    if not found:
        return None
    holder, key = found[which % len(found)]
    holder[key] = _CHOICES[key][how % len(_CHOICES[key])]
    return changed


def inserted(payload: Tree, which: int, how: int, node: Tree) -> Tree | None:
    """One child more, somewhere."""

    def change(children: list[Any], name: str) -> None:
        new = copy.deepcopy(node)
        if name == "fields":
            new.pop("node", None)
        children.insert(how % (len(children) + 1), new)

    return _with(payload, which, change, ("children", "fields"), empty=True)


def removed(payload: Tree, which: int, how: int, _node: Tree) -> Tree | None:
    """One child less."""
    return _with(payload, which, lambda children, _name: children.pop(how % len(children)))


def swapped(payload: Tree, which: int, how: int, _node: Tree) -> Tree | None:
    """A child moves to the end."""

    def change(children: list[Any], _name: str) -> None:
        children.append(children.pop(how % len(children)))

    return _with(payload, which, change)


def rekeyed(payload: Tree, which: int, how: int, _node: Tree) -> Tree | None:
    """A child gets a key, another one, or loses it."""

    def change(children: list[Any], _name: str) -> None:
        child = children[how % len(children)]
        if not isinstance(child, dict):
            return
        if child.get("key") and how % 3 == 0:
            del child["key"]
        else:
            child["key"] = _KEYS[how % len(_KEYS)]

    return _with(payload, which, change, ("children",))


def exchanged(payload: Tree, which: int, how: int, node: Tree) -> Tree | None:
    """Another child stands in the place of one."""

    def change(children: list[Any], _name: str) -> None:
        children[how % len(children)] = copy.deepcopy(node)

    return _with(payload, which, change, ("children",))


def wrapped(payload: Tree, which: int, how: int, _node: Tree) -> Tree | None:
    """A child goes one level deeper, or one that holds a single child gives way to it."""

    def change(children: list[Any], _name: str) -> None:
        index = how % len(children)
        child = children[index]
        inner = child.get("children", ()) if isinstance(child, dict) else ()
        if len(inner) == 1 and child.get("node") != "tabs":
            children[index] = inner[0]
        else:
            children[index] = {"node": "card" if how % 2 else "stack", "children": [child]}

    return _with(payload, which, change, ("children",))


CHANGES: Mapping[str, Change] = {
    "leaf": changed_leaf,
    "insert": inserted,
    "remove": removed,
    "swap": swapped,
    "rekey": rekeyed,
    "exchange": exchanged,
    "wrap": wrapped,
}


def _with(
    payload: Tree,
    which: int,
    change: Callable[[list[Any], str], Any],
    names: tuple[str, ...] = _HOLDERS,
    *,
    empty: bool = False,
) -> Tree | None:
    changed = copy.deepcopy(payload)
    found = [
        (holder[key], key)
        for holder, key in _places(changed)
        if key in names and isinstance(holder[key], list) and (holder[key] or empty)
    ]
    if not found:
        return None
    change(*found[which % len(found)])
    return changed


def _places(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every object in a tree with each of its keys."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield from ((item, key) for key in item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
