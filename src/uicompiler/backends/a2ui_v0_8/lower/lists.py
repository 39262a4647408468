"""List and table: one template over a map of texts where that is safe, else written out.

A template's texts stand in a map of their own, `/ui_state/_list/<list>/<item>/<text>`: copies, so
that nothing else is written with them, never nested deeper, and written by one message. A list then
grows, shrinks and changes its order by data alone. Inside a template the official client has no
absolute paths; what an item shows of the document is copied into each item.

Written out, every item has components of its own, whose ids follow the item's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.lower.actions import LOWER as ACTIONS
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.backends.a2ui_v0_8.prose import text_line
from uicompiler.backends.ids import ID_PREFIX, component_id, escape_key
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Node
from uicompiler.ir.content import Notice, Text
from uicompiler.ir.layout import Card, Divider, Section, Stack
from uicompiler.ir.lists import (
    MAX_WRITTEN,
    Column,
    Item,
    List,
    Repeating,
    Table,
    cell_value,
    has_buttons,
    item_path,
    located,
    places_read,
    shown_items,
    templates_of,
    words_in,
)
from uicompiler.ir.media import Icon, Image
from uicompiler.ir.reserved import REV_KEY
from uicompiler.ir.tree import NodePath, walk
from uicompiler.ir.values import FORBIDDEN_KEYS, Json
from uicompiler.ir.words import cell_text

_TEMPLATE: Final = "*"
"""Stands for the item in the paths of a template's nodes."""

_MAX_KEY: Final = 60
"""With a component id before it, an item's wire key is still an id that comes back."""

_PLAIN: Final = (Text, Stack, Card, Section, Divider, Actions, Button, Notice, Icon, Image)
"""Nodes that one template can show for every item, if only their texts differ."""


# ---------------------------------------------------------------- lists


def _list(node: List, path: NodePath, to: Lowering) -> str | None:
    if node.bind is None:
        ids = to.inner(node, path)
        return _as_list(node, path, to, ids) if ids else _empty(node, path, to)
    document = to.document(places_read(node))
    items, more = shown_items(node, document)
    if not items and node.empty:
        return _empty(node, path, to)
    shown = _templated_list(node, items, document, path, to)
    if shown is None:
        written = _written_list(node, items, document, path, to)
        more += len(items) - len(written)
        shown = _as_list(node, path, to, [ident for ident in written if ident is not None])
    rest = _more(node, more, path, to)
    return shown if rest is None else to.box(path, [shown, rest], role="shown")


def _as_list(node: List, path: NodePath, to: Lowering, ids: Sequence[str]) -> str:
    wire = {"children": {"explicitList": list(ids)}, "direction": _direction(node)}
    return to.add(path, "List", wire, children=ids)


def _direction(node: List) -> str:
    return "horizontal" if node.direction == "row" else "vertical"


def _templated_list(
    node: List, items: Sequence[Item], document: Json, path: NodePath, to: Lowering
) -> str | None:
    """The list over a template, or None when no template shows these items."""
    texts = _list_texts(node, items, document, path, to)
    if node.item is None or texts is None:
        return None
    inner = to.within({Text: _leaf, Button: _button_without_rev})
    root = inner.node(node.item, (*path, _TEMPLATE))
    if root is None:
        return None
    wire = {"children": _template(root, texts, path, to), "direction": _direction(node)}
    return to.add(path, "List", wire, children=(root,))


def _list_texts(
    node: List, items: Sequence[Item], document: Json, path: NodePath, to: Lowering
) -> boxes.Items | None:
    """The texts of every item, or None when no template can show them."""
    inner = [] if node.item is None else [found for found, _, _ in walk(node.item)]
    if not _may_repeat(node, inner, items, to):
        return None
    bound = [(n.bind, n.style) for n in inner if isinstance(n, Text) and n.bind is not None]
    found = []
    for item in items:
        texts: dict[str, str] = {}
        for bind, style in bound:
            shown = to.readable(words_in(bind, item, document), path)
            # A text of nothing shows its style's own marks, and one of two lines has no form.
            if "\n" in shown or (not shown and style != "body"):
                return None
            texts[_leaf_key(bind)] = text_line(shown, to.client) if shown else ""
        found.append((wire_key(item.key or ""), tuple(texts.items())))
    return tuple(found)


def _may_repeat(
    node: Repeating, inner: Iterable[Node], items: Sequence[Item], to: Lowering
) -> bool:
    """Whether one template shows the nodes for all items, and every item has a name to go by."""
    buttons = has_buttons(node)
    return all(_repeats(found, to) for found in inner) and all(
        _is_wire_key(item.key, buttons) for item in items
    )


def _repeats(node: Node, to: Lowering) -> bool:
    if isinstance(node, Button):
        # Inside a template no value can be bound that is not the item's, the revision neither.
        return not node.submit and node.action in to.revless
    if isinstance(node, Image) and node.bind is not None:
        return False  # its URL is checked on its way out, so it has to be a literal
    return isinstance(node, _PLAIN)


def _is_wire_key(key: str | None, buttons: bool) -> bool:
    if key is None or (buttons and not key):
        return False
    wire = wire_key(key)
    return len(wire) <= _MAX_KEY and wire not in FORBIDDEN_KEYS


def wire_key(key: str) -> str:
    """The wire key of an item; never a number, of which the official Python client makes an array.

    One to one with `key`; `ids.unescape_key` undoes it.
    """
    wire = escape_key(key)
    return _escaped_first(wire) if wire.isdecimal() else wire


def _escaped_first(key: str) -> str:
    return f"_u{ord(key[0]):x}_{key[1:]}"


def _leaf(node: Text, path: NodePath, to: Lowering) -> str | None:
    """A text of a template."""
    if node.bind is None:
        return to.text(path, node.text or "", style=node.style)
    props = {"text": {"path": _leaf_key(node.bind)}, **to.hint(node.style)}
    return to.add(path, "Text", props, role="bound")


def _leaf_key(bind: str) -> str:
    """The wire key of a text in its item; a relative path, so that it may be no component's id."""
    key = wire_key(bind)
    return _escaped_first(key) if key.startswith(ID_PREFIX) else key


def _button_without_rev(node: Button, path: NodePath, to: Lowering) -> str | None:
    ident = ACTIONS[Button](node, path, to)
    button = to.work.made[ident]["component"].get("Button") if ident else None
    if button is not None:
        action = button["action"]
        context = [entry for entry in action["context"] if entry["key"] != REV_KEY]
        button["action"] = {**action, "context": context}
    return ident


def _template(root: str, items: boxes.Items, path: NodePath, to: Lowering) -> dict[str, Json]:
    """Children that repeat over items, which go out with the data."""
    place = boxes.list_place(component_id(path, "items").removeprefix(ID_PREFIX))
    return {"template": {"componentId": root, "dataBinding": to.repeated(place, items)}}


# ---------------------------------------------------------------- written out


def _written_list(
    node: List, items: Sequence[Item], document: Json, path: NodePath, to: Lowering
) -> list[str | None]:
    """Every item's outermost component, until there are too many."""
    ids: list[str | None] = []
    for item in _while_few(node, items, path, to):
        if node.item is not None:
            shown = located(node.item, item, document)
            ids.append(_naming(item, to).node(shown, item_path(path, item)))
    return ids


def _while_few(
    node: Repeating, items: Iterable[Item], path: NodePath, to: Lowering
) -> Iterator[Item]:
    """Items, until their components are more than a list may have written out.

    Which items with buttons there are may not depend on that (see `shown_items`).
    """
    before, buttons = len(to.work.made), has_buttons(node)
    for item in items:
        if not buttons and len(to.work.made) - before >= MAX_WRITTEN:
            to.degraded("list", path)
            return
        yield item


def _naming(item: Item, to: Lowering) -> Lowering:
    """For an item without a name of its own: without buttons, which could not tell it."""
    return to.within({} if item.key else {Button: lambda _node, _path, _to: None})


def _empty(node: Repeating, path: NodePath, to: Lowering) -> str | None:
    return to.text(path, node.empty or "", role="empty")


def _more(node: Repeating, count: int, path: NodePath, to: Lowering) -> str | None:
    text = node.more or to.words("list.more")
    return to.text(path, text.replace("{count}", str(count)), role="more") if count else None


# ---------------------------------------------------------------- tables


def _table(node: Table, path: NodePath, to: Lowering) -> str:
    header = _header(node, path, to)
    items, more = shown_items(node, to.document(places_read(node)))
    if not items and node.empty:
        below = [_empty(node, path, to)]
    else:
        body = _templated_rows(node, items, path, to)
        if body is None:
            ids = _written_rows(node, items, path, to)
            more += len(items) - len(ids)
            body = to.box(path, ids, role="rows")
        below = [body, _more(node, more, path, to)]
    return to.box(path, [header, *(ident for ident in below if ident is not None)])


def _header(node: Table, path: NodePath, to: Lowering) -> str:
    row = (*path, "header")
    ids = []
    for column in node.columns:
        text = {"literalString": _line(column.label, path, to)}
        style = "h5" if column.label.strip() else "body"
        ids.append(_cell(column, row, text, to, style=style))
    if node.buttons:
        blank = {"text": {"literalString": text_line("", to.client)}}
        ids.append(_wide(to.add(row, "Text", blank, role="buttons"), to, len(node.buttons)))
    return to.box(row, ids, kind="Row")


def _templated_rows(node: Table, items: Sequence[Item], path: NodePath, to: Lowering) -> str | None:
    """The rows over a template, or None when a button or an item's name forbids it."""
    if not _may_repeat(node, node.buttons, items, to):
        return None
    texts = {column.id: {"path": _leaf_key(column.id)} for column in node.columns}
    inner = to.within({Button: _button_without_rev})
    root = _row(node, (*path, _TEMPLATE), texts, inner)
    rows = tuple(
        (
            wire_key(item.key or ""),
            tuple((_leaf_key(name), text) for name, text in _cells(node, item, path, to).items()),
        )
        for item in items
    )
    wire = {"children": _template(root, rows, path, to)}
    return to.add(path, "Column", wire, role="rows", children=(root,))


def _written_rows(node: Table, items: Sequence[Item], path: NodePath, to: Lowering) -> list[str]:
    ids = []
    for item in _while_few(node, items, path, to):
        cells = _cells(node, item, path, to)
        texts = {name: {"literalString": text} for name, text in cells.items()}
        ids.append(_row(node, item_path(path, item), texts, _naming(item, to)))
    return ids


def _row(node: Table, path: NodePath, texts: Mapping[str, dict[str, str]], to: Lowering) -> str:
    ids = [_cell(column, path, texts[column.id], to) for column in node.columns]
    if node.buttons:
        buttons = [to.node(button, (*path, *below)) for button, below in templates_of(node)]
        shown = [ident for ident in buttons if ident is not None]
        box = to.box(path, shown, kind="Row", role="buttons")
        ids.append(_wide(box, to, len(node.buttons)))  # beside each other, as in the row above
    return to.box(path, ids, kind="Row", alignment="center")


def _cell(
    column: Column, row: NodePath, text: dict[str, str], to: Lowering, *, style: str = "body"
) -> str:
    path = (*row, "cells", column.id)
    ident = to.add(path, "Text", {"text": text, **to.hint(style)})
    if column.align != "start":
        ident = to.box(path, [ident], alignment=column.align)  # a Text has no alignment
    return _wide(ident, to)


def _wide(ident: str, to: Lowering, columns: int = 1) -> str:
    """As wide as its neighbours, or as so many of them."""
    return to.weigh(ident, columns)


def _cells(node: Table, item: Item, path: NodePath, to: Lowering) -> dict[str, str]:
    """The texts of a row by column id; what shows nothing still takes its place."""
    return {
        column.id: _line(cell_text(cell_value(item.value, column.id, index)), path, to)
        for index, column in enumerate(node.columns)
    }


def _line(text: str, path: NodePath, to: Lowering) -> str:
    return text_line(to.readable(text, path).replace("\n", " "), to.client)


# ---------------------------------------------------------------- events


def template_id(path: NodePath, at: NodePath, row: str) -> str:
    """The id of a button in a list's item where a template shows it."""
    return f"{component_id((*path, _TEMPLATE, *at), 'Button')}:{wire_key(row)}"


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType({List: _list, Table: _table})
