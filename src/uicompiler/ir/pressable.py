"""The buttons of a surface, wherever they stand: in the view, in editable rows, in lists' items.

A backend makes ids of their paths; which buttons there are is no question of the target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from uicompiler.ir import data
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.client import Pressed
from uicompiler.ir.lists import List, Table, has_buttons, item_path, shown_items, templates_of
from uicompiler.ir.rows import Rows, row_buttons
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import NodePath, View, walk
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.pointer import parse


class Pressable(NamedTuple):
    """A button that may be pressed.

    Attributes:
        path: Where it stands.
        pressed: What pressing it means.
        inside: For one in an item of a list: the list's path, and the button's below the item.
    """

    path: NodePath
    pressed: Pressed
    inside: tuple[NodePath, NodePath] | None = None


def pressable(surface: Surface) -> Iterator[Pressable]:
    """Every button that a surface may show."""
    for _, node, path, _ in () if surface.view is None else surface.view.index.spots:
        if isinstance(node, Button):
            yield Pressable(path, Pressed(node))
        elif isinstance(node, Rows):
            for at, button in row_buttons(node, surface.data["draft"].get(node.id)).items():
                yield Pressable((*path, *at), Pressed(button, at[0] if len(at) > 1 else ""))
        yield from _in_items(node, path, surface.data)


def buttons_kept(
    surface: Surface, name: str, make: Callable[[], Mapping[str, Pressed]]
) -> Mapping[str, Pressed]:
    """What a backend makes of the buttons of a surface, anew only when there may be others.

    Args:
        surface: The surface.
        name: Names what is made, of the view and of what decides which buttons there are.
        make: Makes it.
    """
    view = surface.view
    if view is None:
        return FrozenDict()
    rows, binds = view.kept("sources of buttons", (), lambda: _sources(view))
    draft = surface.data["draft"]
    of = [*(draft.get(ident) for ident in rows), *(data.get(surface.data, at) for at in binds)]
    return view.kept(name, tuple(of), make)


def _sources(view: View) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """What of a document says which buttons there are: ids of rows, places of lists' items."""
    lists = [node for _, node, _, _ in view.index.lists if isinstance(node, (List, Table))]
    binds = [node.bind for node in lists if node.bind is not None and has_buttons(node)]
    return tuple(node.id for node in view.index.rows), tuple(map(parse, binds))


def _in_items(node: Node, path: NodePath, document: Json) -> Iterator[Pressable]:
    """The buttons in the items of a list, or rows of a table.

    An item without a name has none, since nothing could tell it.
    """
    if not (isinstance(node, (List, Table)) and has_buttons(node)):
        return
    buttons = [
        (inner, at)
        for template, below in templates_of(node)
        for inner, at, _ in walk(template, below)
        if isinstance(inner, Button)
    ]
    for item in shown_items(node, document)[0]:
        for button, at in buttons if item.key else ():
            pressed = Pressed(button, item.key or "")
            yield Pressable((*item_path(path, item), *at), pressed, (path, at))
