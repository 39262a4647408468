"""Resolved nodes, and how a client's own objects are looked into.

A node's properties may hold further nodes, lists (with holes), plain objects and scalars. A
plain object may have inherited members: a property named `__proto__` sets the prototype when the
official client copies it, and its checks then see through it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from clientsim.values import HOLE, to_json

_NODE_MEMBERS: Final = frozenset({"id", "type", "properties", "dataContextPath", "weight"})
MISSING: Final = object()
Place: TypeAlias = tuple[str, str]
"""Id and data context of a node."""


@dataclass(slots=True, eq=False)
class Node:
    """A component on the screen: `id` carries the template suffix, `context` its data path."""

    id: str
    type: str | None
    props: dict[str, object]
    context: str

    @property
    def place(self) -> Place:
        """What stays the same when the tree is built anew."""
        return self.id, self.context

    def prop(self, name: str, default: object = None) -> object:
        """A property as a renderer reads it, own or inherited."""
        found = lookup(self.props, name)
        return default if found is MISSING else found


class Heir(dict[str, object]):
    """A plain object with a prototype of its own."""

    __slots__ = ("prototype",)

    def __init__(self) -> None:
        super().__init__()
        self.prototype: object = None


def put(target: dict[str, object], key: str, value: object) -> dict[str, object]:
    """`target[key] = value` as JavaScript does it; returns the object to go on with."""
    if key != "__proto__":
        target[key] = value
        return target
    if not isinstance(value, Node | dict | list) and value is not None:
        return target
    heir = Heir()
    heir.update(target)
    heir.prototype = value
    return heir


def lookup(value: object, key: str) -> object:
    """`value[key]`, own or inherited; `MISSING` if `key in value` is false."""
    while True:
        if isinstance(value, Node):
            return value if key in _NODE_MEMBERS else MISSING
        if not isinstance(value, dict):
            return MISSING
        if key in value:
            return value[key]
        value = value.prototype if isinstance(value, Heir) else None


def is_object(value: object) -> bool:
    """A JavaScript object that is no array."""
    return isinstance(value, dict | Node)


def truthy(value: object) -> bool:
    """Whether JavaScript takes a value for true: any object is."""
    return isinstance(value, dict | list | Node) or bool(value)


def depth_first(root: Node | None) -> Iterator[Node]:
    """Every node from the root down, children in the order of the properties."""
    stack: list[object] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, Node):
            yield item
            stack.extend(reversed(item.props.values()))
        elif isinstance(item, dict):
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def to_dict(root: Node | None) -> dict[str, object] | None:
    """The tree as `sim --json` shows it: nested `{"id", "type", "props"}`."""
    return None if root is None else to_dicts(root)[id(root)]


def to_dicts(root: Node) -> dict[int, dict[str, object]]:
    """The tree below each node, by the node's identity; the inner ones are parts of the outer."""
    made: dict[int, dict[str, object]] = {}
    todo: list[tuple[object, list[object] | dict[str, object], int | str]] = [(root, [None], 0)]
    while todo:
        item, home, at = todo.pop()
        if isinstance(item, Node):
            shown: dict[str, object] = {"id": item.id, "type": item.type, "props": None}
            home[at] = made[id(item)] = shown  # type: ignore[index]  # `at` fits the kind of `home`
            todo.append((item.props, shown, "props"))
        elif isinstance(item, dict):
            members: dict[str, object] = dict.fromkeys(item)
            home[at] = members  # type: ignore[index]  # as above
            todo.extend((child, members, key) for key, child in item.items())
        elif isinstance(item, list):
            items: list[object] = [None] * len(item)
            home[at] = items  # type: ignore[index]  # as above
            todo.extend((child, items, i) for i, child in enumerate(item))
        elif item is None or isinstance(item, str | int):
            home[at] = item  # type: ignore[index]  # as above
        else:
            home[at] = None if item is HOLE else to_json(item)  # type: ignore[index]  # as above
    return made
