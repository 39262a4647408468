"""Lowering one node by itself, in a surface with a given document."""

from __future__ import annotations

from typing import Any

from uicompiler.backends.a2ui_v0_8.lower.lowered import Lowered
from uicompiler.backends.a2ui_v0_8.lower.lowering import Terms
from uicompiler.backends.a2ui_v0_8.lower.view import lower
from uicompiler.ir.fields import initial
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import View, fields_of, parse_node
from uicompiler.ir.values import freeze


def lowered(node: dict[str, Any], **document: Any) -> Lowered:
    """A node in a surface whose document has these parts; fields start as they do."""
    root = parse_node({"node": "section", "title": "-", "children": [node]})
    draft = {field.id: initial(field) for field in fields_of(root)}
    data = freeze({"draft": draft, "committed": {}, "ui_state": {}, **document})
    return lower(Surface("main", view=View(root), data=data), Terms())


def parts(what: Lowered, kind: str) -> list[dict[str, Any]]:
    """The properties of every component of a type, in reading order."""
    components = (item["component"] for item in what.components.values())
    return [item[kind] for item in components if kind in item]
