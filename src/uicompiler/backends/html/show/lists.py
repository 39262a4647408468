"""Display lists and tables, every item written out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from markupsafe import Markup

from uicompiler.backends.html.markup import NOTHING, joined
from uicompiler.backends.html.show.showing import Showing, ShowNode
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.lists import (
    Item,
    List,
    Repeating,
    Table,
    cell_value,
    item_path,
    located,
    shown_items,
    templates_of,
)
from uicompiler.ir.tree import NodePath, child_paths
from uicompiler.ir.words import cell_text


class ListValues(NamedTuple):
    """Of the macro `list`.

    Attributes:
        row: Whether the items are side by side.
        items: What is in each.
        empty: What stands there instead of items, or "".
        more: How many more there are, in words, or "".
    """

    row: bool
    items: tuple[Markup, ...]
    empty: str
    more: str


class ColumnValues(NamedTuple):
    """One column of the macro `table`: its heading, and `start`, `center` or `end`."""

    label: str
    align: str


class TableRowValues(NamedTuple):
    """One row of the macro `table`.

    Attributes:
        cells: A text for each column.
        buttons: The row's buttons.
    """

    cells: tuple[str, ...]
    buttons: Markup


class TableValues(NamedTuple):
    """Of the macro `table`.

    Attributes:
        label: What a person who does not see it is told it is: its headings.
        columns: Its columns.
        actions: Heading of the column of buttons, or "".
        items: Its rows.
        empty: What stands there instead of rows, or "".
        more: How many more there are, in words, or "".
    """

    label: str
    columns: tuple[ColumnValues, ...]
    actions: str
    items: tuple[TableRowValues, ...]
    empty: str
    more: str


def _list(node: List, path: NodePath, to: Showing) -> Markup:
    if node.bind is None:
        items = [to.node(child, below) for child, below in child_paths(node, path)]
        more = 0
    else:
        found, more = shown_items(node, to.surface.data)
        items = [_item(node, item, path, to) for item in found]
    shown = tuple(item for item in items if item)
    empty = "" if items else to.readable(node.empty or "", path)
    if not shown and not empty and not more:
        return NOTHING
    return to.macros["list"](
        ListValues(node.direction == "row", shown, empty, _more(node, more, path, to))
    )


def _item(node: List, item: Item, path: NodePath, to: Showing) -> Markup:
    if node.item is None:
        return NOTHING
    shown = located(node.item, item, to.surface.data)
    return _naming(item, to).node(shown, item_path(path, item))


def _naming(item: Item, to: Showing) -> Showing:
    """For an item without a name of its own: without buttons, which could not tell it."""
    return to if item.key else to.within({Button: lambda _node, _path, _to: NOTHING})


def _more(node: Repeating, count: int, path: NodePath, to: Showing) -> str:
    if not count:
        return ""
    text = node.more or to.words("list.more")
    return to.readable(text.replace("{count}", str(count)), path)


def _table(node: Table, path: NodePath, to: Showing) -> Markup:
    items, more = shown_items(node, to.surface.data)
    columns = tuple(ColumnValues(_line(c.label, path, to), c.align) for c in node.columns)
    label = ", ".join(column.label for column in columns if column.label.strip())
    if not label:
        to.nameless(path, "a table")
    return to.macros["table"](
        TableValues(
            label,
            columns,
            to.words("table.actions") if node.buttons else "",
            tuple(_row(node, item, path, to) for item in items),
            "" if items else to.readable(node.empty or "", path),
            _more(node, more, path, to),
        )
    )


def _row(node: Table, item: Item, path: NodePath, to: Showing) -> TableRowValues:
    cells = tuple(
        _line(cell_text(cell_value(item.value, column.id, index)), path, to)
        for index, column in enumerate(node.columns)
    )
    inner, below = _naming(item, to), item_path(path, item)
    buttons = [inner.node(button, (*below, *at)) for button, at in templates_of(node)]
    return TableRowValues(cells, joined(buttons))


def _line(text: str, path: NodePath, to: Showing) -> str:
    return to.readable(text, path).replace("\n", " ")


SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType({List: _list, Table: _table})
