"""Buttons and the rows that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Node
from uicompiler.ir.reserved import NONCE_KEY, REV_KEY
from uicompiler.ir.tree import NodePath
from uicompiler.ir.values import Json


def _actions(node: Actions, path: NodePath, to: Lowering) -> str:
    return to.box(path, to.inner(node, path), kind="Row")


def _button(node: Button, path: NodePath, to: Lowering) -> str | None:
    if node.action in to.masked:
        caption = node.masked == "caption"
        return to.text(path, node.label, style="caption", role="masked") if caption else None
    label = to.text(path, node.label.replace("\n", " "), role="label")
    child = label if label is not None else to.box(path, [], role="label")
    context = [{"key": key, "value": _literal(value)} for key, value in node.args.items()]
    if node.submit:
        context.extend({"key": name, "value": {"path": to.value_path(name)}} for name in to.inputs)
    if to.nonce is not None:
        context.append({"key": NONCE_KEY, "value": {"literalString": to.nonce}})
    context.append({"key": REV_KEY, "value": {"path": boxes.REV_PATH}})
    props = {
        "child": child,
        "primary": node.primary,
        "action": {"name": node.action, "context": context},
    }
    return to.add(path, "Button", props, children=(child,))


def _literal(value: Json) -> dict[str, Json]:
    if isinstance(value, bool):
        return {"literalBoolean": value}
    return {"literalString": value} if isinstance(value, str) else {"literalNumber": value}


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {
        Actions: _actions,
        Button: _button,
    }
)
