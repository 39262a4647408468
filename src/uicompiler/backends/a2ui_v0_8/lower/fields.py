"""Fields: a label, an input of the field's kind, help and error around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.backends.a2ui_v0_8.names import guard, needs_guard
from uicompiler.ir import data
from uicompiler.ir.base import Node
from uicompiler.ir.fields import Field
from uicompiler.ir.tree import NodePath


def _field(node: Field, path: NodePath, to: Lowering) -> str:
    ident, own_label = _INPUTS[node.kind](node, path, to)
    around = [
        None if own_label else to.text(path, _label(node), role="label"),
        ident,
        None if node.help is None else to.text(path, node.help, style="caption", role="help"),
        to.text(path, to.error_of(node.id), style="caption", role="error"),
    ]
    shown = [item for item in around if item is not None]
    return ident if len(shown) == 1 else to.box(path, shown, role="group")


def _label(node: Field) -> str:
    return f"{node.label} *" if node.required else node.label


def _named(node: Field, path: NodePath, to: Lowering) -> dict[str, str]:
    return {"literalString": guard(to.readable(_label(node), path))}


Input: TypeAlias = tuple[str, bool]
"""Id of the input, and whether it shows its own label."""

_TEXT_TYPES: Final = {"short_text": "shortText", "long_text": "longText", "number": "number"}


def _text_input(node: Field, path: NodePath, to: Lowering) -> Input:
    props = {
        "label": _named(node, path, to),
        "text": {"path": boxes.value_path(node.id)},
        "textFieldType": _TEXT_TYPES[node.kind],
    }
    draft = data.get(to.surface.data, ("draft", node.id))
    # A value that goes out marked would not match the pattern, though the user's own text may.
    marked = isinstance(draft, str) and needs_guard(draft)
    if node.pattern is not None and not marked and not needs_guard(node.pattern):
        props["validationRegexp"] = node.pattern
    return to.add(path, "TextField", props), True


def _check_box(node: Field, path: NodePath, to: Lowering) -> Input:
    props = {"label": _named(node, path, to), "value": {"path": boxes.value_path(node.id)}}
    return to.add(path, "CheckBox", props), True


def _choice(node: Field, path: NodePath, to: Lowering) -> Input:
    options = [
        {
            "label": {"literalString": guard(to.readable(option.label, path))},
            "value": guard(option.value),
        }
        for option in node.options
    ]
    props = {
        "selections": {"path": boxes.value_path(node.id)},
        "options": options,
        "maxAllowedSelections": 1,
    }
    return to.add(path, "MultipleChoice", props), False


def _date(node: Field, path: NodePath, to: Lowering) -> Input:
    props = {
        "value": {"path": boxes.value_path(node.id)},
        "enableDate": True,
        "enableTime": False,
    }
    return to.add(path, "DateTimeInput", props), False


_INPUTS: Final[Mapping[str, Callable[[Field, NodePath, Lowering], Input]]] = MappingProxyType(
    {
        "short_text": _text_input,
        "long_text": _text_input,
        "number": _text_input,
        "boolean": _check_box,
        "choice": _choice,
        "date": _date,
    }
)


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {
        Field: _field,
    }
)
