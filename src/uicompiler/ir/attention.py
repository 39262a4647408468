"""What on a surface has to be seen: errors beside fields, and fields that must be filled in."""

from __future__ import annotations

from collections.abc import Iterator

from uicompiler.ir import data
from uicompiler.ir.base import Node
from uicompiler.ir.inputs import inputs_of
from uicompiler.ir.reserved import ERRORS_PLACE
from uicompiler.ir.rows import Rows
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import editables


def error_of(surface: Surface, ident: str) -> str:
    """The error shown beside an input or rows, or ""."""
    value = data.get(surface.data, (*ERRORS_PLACE, ident))
    return value if isinstance(value, str) else ""


def has_error(node: Node, surface: Surface) -> bool:
    """Whether an error is shown somewhere inside a node."""
    return any(error_of(surface, ident) for ident in _named_in(node, surface))


def is_needed(node: Node, surface: Surface) -> bool:
    """Whether a form cannot be sent, or an error not be read, without what is inside a node."""
    nodes = editables(node)
    inputs = inputs_of(nodes, surface.data["draft"])
    rows = (item.min_rows > 0 for item in nodes if isinstance(item, Rows))
    return any(rows) or any(i.field.required for i in inputs) or has_error(node, surface)


def _named_in(node: Node, surface: Surface) -> Iterator[str]:
    nodes = editables(node)
    yield from (item.id for item in nodes)
    yield from (item.id for item in inputs_of(nodes, surface.data["draft"]))
