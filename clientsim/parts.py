"""Which parts of a component are drawn, and as what.

Read from: the standard catalog; observed: official client (lit 0.11.0). A node may hold further
nodes in properties that are drawn as text (the official client makes them of any string that
equals an id); those are no parts.
"""

from typing import Final

from clientsim import browser
from clientsim.nodes import Node, is_object, lookup

_SINGLE: Final = {
    "Card": ("child",),
    "Button": ("child",),
    "Modal": ("entryPointChild", "contentChild"),
}
_LISTS: Final = frozenset({"Row", "Column", "List"})
_LEAVES: Final = frozenset(
    {
        "Text", "Image", "Icon", "Video", "AudioPlayer", "Divider", "CheckBox", "TextField",
        "DateTimeInput", "MultipleChoice", "Slider",
    }
)  # fmt: skip


def parts(node: Node) -> list[Node]:
    """The nodes drawn inside a node, from top to bottom.

    Of a type outside the standard catalog every node in its properties counts.
    """
    if node.type in _LEAVES:
        return []
    if node.type == "Tabs":
        return [child for _, child in tabs(node) if child is not None]
    if node.type in _LISTS or (node.type == "Card" and node.prop("children")):
        return _nodes(node.prop("children"))
    if node.type in _SINGLE:
        return _nodes([node.prop(name) for name in _SINGLE[node.type]])
    return _everything(node)


def tabs(node: Node) -> list[tuple[object, Node | None]]:
    """Title and child of each tab; a child that is not defined yet is None."""
    items = node.prop("tabItems")
    found = []
    for item in items if isinstance(items, list) else []:
        if is_object(item):
            child = lookup(item, "child")
            found.append((lookup(item, "title"), child if isinstance(child, Node) else None))
    return found


def is_standard(node: Node) -> bool:
    """Is the node's type in the standard catalog?"""
    return node.type in _LEAVES | _LISTS or node.type in _SINGLE or node.type == "Tabs"


def date_kind(node: Node) -> str:
    """The `<input>` type of a DateTimeInput; both flags are on unless said otherwise."""
    date, time = node.prop("enableDate", True), node.prop("enableTime", True)
    if bool(date) == bool(time):
        return browser.DATE_TIME
    return browser.DATE if date else browser.TIME


def _nodes(items: object) -> list[Node]:
    return [item for item in items if isinstance(item, Node)] if isinstance(items, list) else []


def _everything(node: Node) -> list[Node]:
    found: list[Node] = []
    todo: list[object] = list(reversed(node.props.values()))
    while todo:
        item = todo.pop()
        if isinstance(item, Node):
            found.append(item)
        elif isinstance(item, dict):
            todo.extend(reversed(item.values()))
        elif isinstance(item, list):
            todo.extend(reversed(item))
    return found
