"""Display lists: list and table, and the items they show.

Items come from the view itself (a list's `children`, a table's `rows`) or from the surface's
document (`bind`). An array keeps its order; an object's items come in the order of their keys,
whole numbers by value, since JSON objects have no order that survives storing.

What is below `item`, and a table's `buttons`, is a template: it stands for a node in every item,
is no child of the list, and is never walked with the view. `templates_of` gives it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

from pydantic import BeforeValidator, StringConstraints, model_validator
from pydantic import Field as Setting

from uicompiler.canonical import number_text
from uicompiler.ir import data
from uicompiler.ir.actions import Button
from uicompiler.ir.base import SHARING, AnyNode, Children, Frozen, Key, Node
from uicompiler.ir.content import Text
from uicompiler.ir.values import FORBIDDEN_KEYS, FrozenDict, Json
from uicompiler.ir.words import display_text
from uicompiler.pointer import join, parse

Cell: TypeAlias = str | int | float | bool | None

MAX_ITEMS: Final = 1_000
"""Most items that one list shows."""

MAX_EXPANDED: Final = 20_000
"""Most nodes that a list may stand for: those of its template, times `max_items`."""

MAX_WRITTEN: Final = 1_200
"""Most components of a list whose items are written out one by one (see `shown_items`)."""

NOT_IN_ITEMS: Final = frozenset({"field", "rows", "list", "table", "tabs", "tab", "disclosure"})
"""Kinds of nodes that no item holds."""

_MOST_DIGITS: Final = 15


def _not_forbidden(value: Any) -> Any:  # a before-validator sees anything
    if isinstance(value, str) and value in FORBIDDEN_KEYS:
        raise ValueError("no item is named by a reserved JavaScript name")
    return value


ItemKey = Annotated[str, BeforeValidator(_not_forbidden), SHARING, StringConstraints(min_length=1)]
Bind = Annotated[str, StringConstraints(pattern=r"^/(committed|ui_state)/")]
MaxItems = Annotated[int, Setting(ge=1, le=MAX_ITEMS)]


class List(Node):
    """Nodes one after another: fixed ones, or one for each item of a value in the document.

    A `bind` inside `item` without a leading slash is read from the item: `name`, `address/city`,
    or `.` for the item itself; with one it is read from the document.

    Attributes:
        direction: One below the other, or side by side.
        children: Fixed nodes, instead of `bind`.
        bind: A JSON Pointer to an array or object below /committed or /ui_state.
        item: What each item looks like; without fields, lists, tables, tabs and disclosures.
        item_key: The item's property that names it; by default its index. An object's items have
            their keys as names. Needed where an array's items have buttons.
        empty: A text that stands there while there are no items.
        max_items: Of more items the first are shown, and a line says how many more there are.
        more: That line, with `{count}`; a text of the library's own by default.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "bind": "/committed/contacts",
        "item_key": "id",
        "item": {"node": "text", "bind": "name"},
        "empty": "No contacts yet.",
    }

    node: Literal["list"] = "list"
    direction: Literal["column", "row"] = "column"
    children: Children = ()
    bind: Bind | None = None
    item: AnyNode | None = None
    item_key: ItemKey | None = None
    empty: str | None = None
    max_items: MaxItems = 200
    more: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> List:
        if (self.bind is None) != (self.item is None):
            raise ValueError("bind and item belong together")
        if self.bind is None and self.item_key is not None:
            raise ValueError("item_key is for a list with bind")
        if self.bind is not None and self.children:
            raise ValueError("a list has children or bind, not both")
        return self


class Column(Frozen):
    """One column of a table.

    Attributes:
        id: The property of a row that it shows.
        label: Its heading.
        align: Where its texts stand.
    """

    id: Key
    label: str
    align: Literal["start", "center", "end"] = "start"


class Table(Node):
    """Rows of plain texts under headings, all columns equally wide.

    A number shows as people write it, true as a tick and false as a dash, null and what is no
    scalar as nothing, and a line break as a space.

    Attributes:
        columns: At least one.
        rows: Fixed rows: each a list of cells, or an object of cells by column id.
        bind: Instead: a JSON Pointer to an array or object below /committed or /ui_state.
        item_key: The row's property that names it, as for a list. Needed with `buttons`, unless
            `bind` leads to an object.
        empty: A text that stands there while there are no rows.
        max_items: Of more rows the first are shown, and a line says how many more there are.
        more: That line, with `{count}`; a text of the library's own by default.
        buttons: Buttons at the end of every row; their action gets the row's name.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "columns": [
            {"id": "name", "label": "Name"},
            {"id": "seats", "label": "Seats", "align": "end"},
        ],
        "rows": [["Ada", 3], ["Grace", 12]],
    }

    node: Literal["table"] = "table"
    columns: Annotated[tuple[Column, ...], Setting(min_length=1)]
    rows: tuple[tuple[Cell, ...] | Mapping[str, Cell], ...] | None = None
    bind: Bind | None = None
    item_key: ItemKey | None = None
    empty: str | None = None
    max_items: MaxItems = MAX_ITEMS
    more: str | None = None
    buttons: tuple[Button, ...] = ()

    @model_validator(mode="after")
    def _rows_fit(self) -> Table:
        names = [column.id for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("two columns have the same id")
        if (self.rows is None) == (self.bind is None):
            raise ValueError("a table has exactly one of rows and bind")
        if self.rows is not None:
            if self.buttons and self.item_key is None:
                raise ValueError("rows with buttons need item_key, the property that names them")
            rows = tuple(self._row(row, names) for row in self.rows)
            object.__setattr__(self, "rows", rows)
        return self

    def _row(self, row: tuple[Cell, ...] | Mapping[str, Cell], names: list[str]) -> FrozenDict:
        """A row as an object without nulls."""
        if isinstance(row, tuple):
            if len(row) > len(names):
                raise ValueError(f"a row has {len(row)} cells, the table {len(names)} columns")
            row = dict(zip(names, row, strict=False))
        unknown = sorted(set(row) - {*names, self.item_key})
        if unknown:
            raise ValueError(f"the table has no column {unknown[0][:40]!r}")
        return FrozenDict({name: cell for name, cell in row.items() if cell is not None})


Repeating: TypeAlias = List | Table
"""A node that shows items."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list, or row of a table.

    Attributes:
        index: Its position among all of them.
        key: Its name, which no other item has; None without one, and then it has no buttons.
        value: What it is.
        place: Its place in the document; () for a table's own rows.
    """

    index: int
    key: str | None
    value: Json
    place: tuple[str, ...] = ()


def items_of(node: Repeating, document: Json) -> tuple[Item, ...]:
    """All items, shown or not; none for a value that is neither an array nor an object."""
    if node.bind is None:
        place: tuple[str, ...] = ()
        source: Json = node.rows if isinstance(node, Table) else None
    else:
        place = parse(node.bind)
        source = data.get(document, place)
    if isinstance(source, dict):
        found = [(name, name, source[name]) for name in sorted(source, key=_in_order)]
    elif isinstance(source, (tuple, list)):
        found = [(str(i), _name(node, i, value), value) for i, value in enumerate(source)]
    else:
        found = []
    times = Counter(name for _, name, _ in found)
    return tuple(
        Item(
            index,
            name if name is not None and times[name] == 1 else None,
            value,
            (*place, last) if node.bind is not None else (),
        )
        for index, (last, name, value) in enumerate(found)
    )


def _in_order(name: str) -> tuple[int, int, str]:
    """Whole numbers by value, then the rest as text."""
    if name.isascii() and name.isdecimal() and len(name) <= _MOST_DIGITS:
        return 0, int(name), name
    return 1, 0, name


def _name(node: Repeating, index: int, value: Json) -> str | None:
    if node.item_key is None:
        return str(index)
    found = value.get(node.item_key) if isinstance(value, dict) else None
    if isinstance(found, str):
        return found
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return number_text(found)
    return None


def shown_items(node: Repeating, document: Json) -> tuple[tuple[Item, ...], int]:
    """The items that are shown, and how many more there are.

    Those with buttons are never more than can be written out one by one, so that which there are
    depends on the view and the document alone.
    """
    items = items_of(node, document)
    most = node.max_items
    if has_buttons(node):
        most = min(most, max(1, MAX_WRITTEN // (2 * nodes_of_item(node))))
    return items[:most], max(0, len(items) - most)


# ---------------------------------------------------------------- templates


def templates_of(node: Node) -> tuple[tuple[Node, tuple[str, ...]], ...]:
    """The nodes that stand in every item, each with its path below the item."""
    if isinstance(node, List):
        return () if node.item is None else ((node.item, ()),)
    if isinstance(node, Table):
        return tuple(
            (button, ("buttons", str(index) if button.key is None else button.key))
            for index, button in enumerate(node.buttons)
        )
    return ()


def nodes_of_item(node: Repeating) -> int:
    """How many nodes each item stands for; a cell and a row count as one."""
    nodes = sum(1 for template, _ in templates_of(node) for _ in _all(template))
    return nodes + (1 + len(node.columns) if isinstance(node, Table) else 0)


def has_buttons(node: Node) -> bool:
    """Whether a list's items, or a table's rows, have buttons."""
    return any(
        isinstance(inner, Button) for template, _ in templates_of(node) for inner in _all(template)
    )


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.__dict__.get("children", ()):
        yield from _all(child)


def value_in(bind: str, item: Item, document: Json) -> Json:
    """What a `bind` inside an item reads, or `data.MISSING`."""
    if bind == ".":
        return item.value
    if bind.startswith("/"):
        return data.get(document, parse(bind))
    return data.get(item.value, parse(f"/{bind}"))


def pointer_in(bind: str, item: Item) -> str:
    """The pointer into the document that a `bind` inside an item stands for."""
    if bind.startswith("/"):
        return bind
    inner = () if bind == "." else parse(f"/{bind}")
    return join((*item.place, *inner))


def words_in(bind: str, item: Item, document: Json) -> str:
    """What a `bind` inside an item reads, in words."""
    return display_text(value_in(bind, item, document)) or ""


def places_read(node: Repeating) -> list[tuple[str, ...]]:
    """The places that `shown_items`, `words_in` and `located` read for a list in a document."""
    texts = [
        inner.bind
        for template, _ in templates_of(node)
        for inner in _all(template)
        if isinstance(inner, Text) and inner.bind is not None
    ]
    absolute = [bind for bind in texts if bind.startswith("/")]
    return [parse(bind) for bind in (node.bind, *absolute) if bind is not None]


def located(value: Any, item: Item, document: Json) -> Any:  # a node, or what one holds
    """A template's node for one item: texts as they are, other binds as pointers."""
    if isinstance(value, tuple):
        return tuple(located(inner, item, document) for inner in value)
    if not isinstance(value, Frozen):
        return value
    found = {name: located(inner, item, document) for name, inner in value.__dict__.items()}
    bind = found.get("bind")
    if isinstance(value, Text) and bind is not None:
        found |= {"text": words_in(bind, item, document), "bind": None}
    elif isinstance(bind, str):
        found["bind"] = pointer_in(bind, item)
    return value.model_copy(update=found)


def item_path(path: tuple[str, ...], item: Item) -> tuple[str, ...]:
    """The path of an item of the list at a path."""
    return (*path, f"#{item.index}" if item.key is None else f"={item.key}")


def cell_value(row: Json, name: str, index: int) -> Json:
    """A cell of an object by its column's id, of an array by its place."""
    return data.get(row, (name if isinstance(row, dict) else str(index),))


NODES: Final[tuple[type[Node], ...]] = (List, Table)
