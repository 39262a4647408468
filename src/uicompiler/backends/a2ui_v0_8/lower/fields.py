"""Fields: a label, an input of the field's kind, help and error around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.backends.a2ui_v0_8.names import guard, guard_label, needs_guard
from uicompiler.ir.base import Node
from uicompiler.ir.fields import Field
from uicompiler.ir.tree import NodePath


def _field(node: Field, path: NodePath, to: Lowering) -> str:
    ident, own_label, hint = _INPUTS[node.kind](node, path, to)
    label = None if own_label else to.text(path, _label(node), role="label")
    told = to.text(path, hint, style="caption", role="hint") if hint else None
    more = to.text(path, node.help, style="caption", role="help") if node.help else None
    error = to.error(path, node.id)
    if label is told is more is error is None:
        return ident
    around = (label, ident, told, more, error)
    return to.box(path, [item for item in around if item is not None], role="group")


def _label(node: Field) -> str:
    return f"{node.label} *" if node.required else node.label


def _named(node: Field, path: NodePath, to: Lowering) -> dict[str, str]:
    return {"literalString": guard_label(to.readable(_label(node), path))}


def _bound(node: Field, to: Lowering) -> dict[str, str]:
    return {"path": to.value_path(node.id)}


Input: TypeAlias = tuple[str, bool, str]
"""What a field's input became: its component id, whether clients show its label by themselves, and
what a user has to know to use it, in the library's words."""


_TEXT_TYPES: Final = {"long_text": "longText", "number": "number", "secret": "obscured"}
_TEXT_TYPE: Final = "shortText"

# What every good value matches, for a client to mark the others while the user types. The server
# asks for more, never for less: spaces around an address are taken off before it looks.
_FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "email": r"^\s*[^\s@]+@[^\s@]+\s*$",
        "url": r"^\s*[Hh][Tt][Tt][Pp][Ss]?:\/\/[^\s]+\s*$",
        "phone": r"^[\d\s+\(\).\/\-]+$",
    }
)


def _text_input(node: Field, path: NodePath, to: Lowering) -> Input:
    return _text_field(node, path, to, _TEXT_TYPES.get(node.kind, _TEXT_TYPE)), True, ""


def _text_field(node: Field, path: NodePath, to: Lowering, kind: str) -> str:
    props = {
        "label": _named(node, path, to),
        "text": _bound(node, to),
        "textFieldType": kind,
    }
    pattern = node.pattern or _FORMS.get(node.kind)
    if pattern is not None and not needs_guard(pattern):
        draft = to.draft_of(node.id)
        # A value that goes out marked would not match it, though the user's own text may.
        if not (isinstance(draft, str) and needs_guard(draft)):
            props["validationRegexp"] = pattern
    return to.add(path, "TextField", props)


def _secret(node: Field, path: NodePath, to: Lowering) -> Input:
    to.degraded("secret", path)
    return _text_input(node, path, to)


def _upload(node: Field, path: NodePath, to: Lowering) -> Input:
    """The app's own FileUpload with the properties it has, else a text to paste into."""
    component = to.catalog.components.get("FileUpload")
    if component is None:
        to.degraded("upload", path)
        ident = _text_field(node, path, to, "longText")
        return ident, True, to.words("field.upload_help")
    wanted = {
        "label": _named(node, path, to),
        "value": _bound(node, to),
        "accept": None if node.accept is None else list(node.accept),
        "maxBytes": node.max_bytes,
    }
    known = component.properties
    props = {name: item for name, item in wanted.items() if item is not None and name in known}
    return to.add(path, "FileUpload", props), "label" in props, ""


def _check_box(node: Field, path: NodePath, to: Lowering) -> Input:
    props = {"label": _named(node, path, to), "value": _bound(node, to)}
    return to.add(path, "CheckBox", props), True, ""


def _slider(node: Field, path: NodePath, to: Lowering) -> Input:
    """Always bound, since a literal 0 shows nothing; clients do not show its own label."""
    props = {
        "value": _bound(node, to),
        "minValue": node.min,
        "maxValue": node.max,
    }
    return to.add(path, "Slider", props), False, ""


def _choice(node: Field, path: NodePath, to: Lowering) -> Input:
    options = [
        {
            "label": {"literalString": guard_label(to.readable(option.label, path))},
            "value": guard(option.value),
        }
        for option in node.options
    ]
    most = 1 if node.kind == "choice" else node.max_items or len(options)
    props = {
        "selections": _bound(node, to),
        "options": options,
        "maxAllowedSelections": min(most, len(options)),
    }
    return to.add(path, "MultipleChoice", props), False, ""


def _date_time(node: Field, path: NodePath, to: Lowering) -> Input:
    props = {
        "value": _bound(node, to),
        "enableDate": node.kind != "time",
        "enableTime": node.kind != "date",
    }
    return to.add(path, "DateTimeInput", props), False, ""


_INPUTS: Final[Mapping[str, Callable[[Field, NodePath, Lowering], Input]]] = MappingProxyType(
    {
        "short_text": _text_input,
        "long_text": _text_input,
        "secret": _secret,
        "number": _text_input,
        "slider": _slider,
        "boolean": _check_box,
        "choice": _choice,
        "multi_choice": _choice,
        "date": _date_time,
        "time": _date_time,
        "datetime": _date_time,
        "tags": _text_input,
        "email": _text_input,
        "url": _text_input,
        "phone": _text_input,
        "upload": _upload,
    }
)


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {
        Field: _field,
    }
)
