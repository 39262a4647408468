"""Editable rows: every row a card of its own, unrolled, with ids that follow the row's id.

Never templated: an input in a template is bound relative to its item, where its neighbours' data
would be replaced with it, and a button there could not tell the revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.inputs import cell
from uicompiler.ir.reserved import REMOVE_ROW
from uicompiler.ir.rows import Rows, live_rows, row_buttons
from uicompiler.ir.tree import NodePath


def _rows(node: Rows, path: NodePath, to: Lowering) -> str:
    draft = to.value(("draft", node.id))
    buttons = row_buttons(node, draft, to.words)
    shown = [
        to.text(path, node.label, style="h4", role="label"),
        None if node.help is None else to.text(path, node.help, style="caption", role="help"),
        to.error(path, node.id),
        *(_row(node, row, buttons, path, to) for row, _ in live_rows(draft)),
        *(to.node(buttons[at], (*path, *at)) for at in buttons if len(at) == 1),
    ]
    return to.box(path, [ident for ident in shown if ident is not None])


def _row(
    node: Rows, row: str, buttons: Mapping[NodePath, Button], path: NodePath, to: Lowering
) -> str:
    below = (*path, row)
    ids = [
        to.node(
            column.model_copy(update={"id": cell(node.id, row, column).id}), (*below, column.id)
        )
        for column in node.columns
    ]
    pressed = [
        to.node(_light(button, to), (*path, *at)) for at, button in buttons.items() if at[0] == row
    ]
    shown = [ident for ident in pressed if ident is not None]
    ids.append(to.box(below, shown, kind="Row", role="buttons") if shown else None)
    body = to.box(below, [ident for ident in ids if ident is not None], role="cells")
    return to.add(below, "Card", {"child": body}, children=(body,))


def _light(button: Button, to: Lowering) -> Button:
    """A row's button; every row repeating every value would make large lists outgrow a message.

    Where updates leave what was typed alone, the button that takes a row out need not send it.
    """
    if button.action != REMOVE_ROW or not to.client.incremental:
        return button
    return button.model_copy(update={"submit": False})


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType({Rows: _rows})
