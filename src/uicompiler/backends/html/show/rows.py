"""Editable rows: a group of a list, a group of fields for each row, and the rows' buttons."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from markupsafe import Markup

from uicompiler.backends.html.markup import joined
from uicompiler.backends.html.show.showing import Invalid, Showing, ShowNode
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.inputs import cell
from uicompiler.ir.rows import Rows, live_rows, row_buttons
from uicompiler.ir.tree import NodePath


class RowValues(NamedTuple):
    """One row of the macro `rows`.

    Attributes:
        label: Which one it is.
        body: Its fields.
        buttons: Its buttons.
    """

    label: str
    body: Markup
    buttons: Markup


class RowsValues(NamedTuple):
    """Of the macro `rows`.

    Attributes:
        id: Of the element; `-help` and `-error` follow it.
        field: The id of the rows.
        label: What the rows are.
        help: A line below the label, or "".
        error: What is wrong with the rows as a whole, or "".
        described: Ids of help and error, parted by spaces, or "".
        items: The rows.
        buttons: Those of the whole, such as the one that adds a row.
    """

    id: str
    field: str
    label: str
    help: str
    error: str
    described: str
    items: tuple[RowValues, ...]
    buttons: Markup


def _rows(node: Rows, path: NodePath, to: Showing) -> Markup:
    draft = to.surface.data["draft"].get(node.id)
    buttons = row_buttons(node, draft, to.words)
    ident = to.element_id(path, "rows")
    label, help_ = to.name(node.label, path, "a list of rows"), to.readable(node.help or "", path)
    error = to.readable(to.error_of(node.id), path)
    if error:
        to.found.invalid.append(Invalid(ident, label, error))
    described = " ".join(
        f"{ident}-{role}" for role, text in (("help", help_), ("error", error)) if text
    )
    items = tuple(
        _row(node, row, number, buttons, path, to)
        for number, (row, _) in enumerate(live_rows(draft), 1)
    )
    whole = joined([to.node(buttons[at], (*path, *at)) for at in buttons if len(at) == 1])
    return to.macros["rows"](
        RowsValues(ident, node.id, label, help_, error, described, items, whole)
    )


def _row(
    node: Rows,
    row: str,
    number: int,
    buttons: Mapping[NodePath, Button],
    path: NodePath,
    to: Showing,
) -> RowValues:
    below = (*path, row)
    fields = [
        to.node(
            column.model_copy(update={"id": cell(node.id, row, column).id}), (*below, column.id)
        )
        for column in node.columns
    ]
    pressed = [to.node(button, (*path, *at)) for at, button in buttons.items() if at[0] == row]
    label = to.words("row.label", label=node.label, number=str(number))
    return RowValues(to.readable(label, path), joined(fields), joined(pressed))


SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType({Rows: _rows})
