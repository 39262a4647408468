"""Text and notice."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.backends.a2ui_v0_8.prose import text_line
from uicompiler.ir.base import Node
from uicompiler.ir.content import TONE_ICONS, Notice, Text
from uicompiler.ir.tree import NodePath
from uicompiler.ir.words import display_text
from uicompiler.pointer import parse


def _text(node: Text, path: NodePath, to: Lowering) -> str | None:
    if node.bind is None:
        return to.text(path, node.text or "", style=node.style)
    return bound_text(node.bind, path, to, style=node.style)


def bound_text(
    bind: str, path: NodePath, to: Lowering, *, style: str = "body", role: str = ""
) -> str | None:
    """A text that follows a value of the document; None when there is nothing to read."""
    place = parse(bind)
    shown = display_text(to.value(place))
    shown = None if shown is None else to.readable(shown, path)
    if not shown or "\n" in shown:
        # A bound text of nothing would show its style's own marks, such as "**" for a caption.
        return to.text(path, shown or "", style=style, role=role)
    leaf = to.leaf(boxes.display_place(place), text_line(shown, to.client))
    props = {"text": {"path": leaf}, **to.hint(style)}
    return to.add(path, "Text", props, role=f"{role}bound")


def _notice(node: Notice, path: NodePath, to: Lowering) -> str:
    title = None if node.title is None else to.text(path, node.title, style="h5", role="title")
    text = to.text(path, node.text)
    texts = to.box(path, [ident for ident in (title, text) if ident is not None], role="texts")
    icon = to.add(path, "Icon", {"name": {"literalString": TONE_ICONS[node.tone]}}, role="tone")
    row = to.box(path, [icon, texts], kind="Row", alignment="center")
    return to.add(path, "Card", {"child": row}, children=(row,))


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {
        Text: _text,
        Notice: _notice,
    }
)
