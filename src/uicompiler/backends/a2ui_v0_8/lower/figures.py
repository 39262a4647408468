"""Progress and key_values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.lower.content import bound_text
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.backends.a2ui_v0_8.lower.media import icon_name
from uicompiler.backends.a2ui_v0_8.prose import text_line
from uicompiler.backends.ids import component_id
from uicompiler.ir.base import Node
from uicompiler.ir.figures import (
    NO_VALUE,
    STAGE_ICONS,
    KeyValue,
    KeyValues,
    Progress,
    Stages,
    percent_of,
)
from uicompiler.ir.tree import NodePath
from uicompiler.ir.values import Json
from uicompiler.pointer import parse

_FULL: Final = "\u25a0"
_EMPTY: Final = "\u25a1"
_CELLS: Final = 10


def _progress(node: Progress, path: NodePath, to: Lowering) -> str:
    to.degraded("progress", path)
    shown = _bar(node, path, to)
    label = to.text(path, node.label or "", role="label")
    return shown if label is None else to.box(path, [label, shown])


def _bar(node: Progress, path: NodePath, to: Lowering) -> str:
    if node.bind is None:
        text: dict[str, Any] = {"literalString": text_line(bar(node.value, node.max), to.client)}
    else:
        value = to.value(parse(node.bind))
        # A leaf of its own, whatever the value: an update of data alone moves the bar.
        leaf = boxes.display_place(("ui_state", "_bar", component_id(path, "bar")))
        text = {"path": to.leaf(leaf, text_line(bar(value, node.max), to.client))}
    return to.add(path, "Text", {"text": text}, role="bar")


def bar(value: Json, most: int | float) -> str:
    """A bar of ten cells and a percentage; empty cells and no percentage for what is no number."""
    percent = percent_of(value, most)
    if percent is None:
        return f"{_EMPTY * _CELLS} \u2026"
    full = percent * _CELLS // 100
    return f"{_FULL * full}{_EMPTY * (_CELLS - full)} {percent} %"


def _key_values(node: KeyValues, path: NodePath, to: Lowering) -> str:
    return to.box(path, [_pair(item, index, path, to) for index, item in enumerate(node.items)])


def _pair(item: KeyValue, index: int, path: NodePath, to: Lowering) -> str:
    label = to.text(path, item.label, style="caption", role=f"{index}-label")
    value = _value(item, path, to, role=f"{index}-value")
    if value is None:
        value = to.text(path, NO_VALUE, role=f"{index}-none")
    shown = [ident for ident in (label, value) if ident is not None]
    return to.box(path, shown, kind="Row", role=f"{index}-pair", alignment="start")


def _value(item: KeyValue, path: NodePath, to: Lowering, *, role: str) -> str | None:
    if item.bind is None:
        return to.text(path, item.text or "", role=role)
    return bound_text(item.bind, path, to, role=role)


def _stages(node: Stages, path: NodePath, to: Lowering) -> str:
    """A line a stage: an icon, and the name; what is still to come in small print."""
    rows = []
    for index, stage in enumerate(node.items):
        name = {"literalString": icon_name(STAGE_ICONS[stage.state])}
        icon = to.add(path, "Icon", {"name": name}, role=f"{index}-icon")
        style = "caption" if stage.state == "todo" else "body"
        label = to.text(path, stage.label, style=style, role=f"{index}-label")
        shown = [icon] if label is None else [icon, label]
        rows.append(to.box(path, shown, kind="Row", role=f"{index}-stage", alignment="center"))
    return to.box(path, rows)


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {
        Progress: _progress,
        KeyValues: _key_values,
        Stages: _stages,
    }
)
