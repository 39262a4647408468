"""Fields: a label, a native input of the field's kind, help and error tied to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from uicompiler.backends.html import values
from uicompiler.backends.html.show.showing import Invalid, Showing, ShowNode
from uicompiler.ir.base import Node
from uicompiler.ir.field_kinds import UPLOAD_HANDLE, is_handle
from uicompiler.ir.fields import Field
from uicompiler.ir.reserved import FIELD_PREFIX
from uicompiler.ir.tree import NodePath

_GROUPS: Final = frozenset({"multi_choice"})
_MOST_RADIOS: Final = 6
"""Options that are all in sight; more are behind a menu."""


class OptionValues(NamedTuple):
    """One option of a choice.

    Attributes:
        id: Of its own control, where it has one.
        value: What is posted.
        label: What the user reads.
        chosen: Whether it is chosen.
    """

    id: str
    value: str
    label: str
    chosen: bool


class FieldValues(NamedTuple):
    """Of all macros of fields.

    They are `input`, `long_text`, `check_box`, `options`, `menu`, `slider` and `upload`.

    Attributes:
        id: Of the control; of a group, of the fieldset. `-help`, `-error` and `-hint` follow it.
        name: Of the control.
        field: The input's id.
        label: Its name.
        required: Whether it must be filled in.
        required_said: That in words, for the groups that no attribute can say it of, or "".
        help: A line below the label, or "".
        error: What is wrong, or "".
        described: Ids of help, hint and error, parted by spaces, or "".
        type: Of an `input`; of `options`, `radio` or `checkbox`.
        value: The text in it.
        min: Least value, or "".
        max: Greatest value, or "".
        pattern: What the text must match, or "".
        keyboard: The one to offer, or "".
        complete: Whether a browser may fill it in.
        options: What a choice offers.
        checked: Whether a box is ticked.
        hint: What the library says of its state, or "".
        accept: What files an upload takes, or "".
        handle: What stands for the file that was chosen before, or "".
        empty: Label of a menu's empty option.
    """

    id: str
    name: str
    field: str
    label: str
    required: bool
    required_said: str
    help: str
    error: str
    described: str
    type: str = "text"
    value: str = ""
    min: str = ""
    max: str = ""
    pattern: str = ""
    keyboard: str = ""
    complete: bool = True
    options: tuple[OptionValues, ...] = ()
    checked: bool = False
    hint: str = ""
    accept: str = ""
    handle: str = ""
    empty: str = ""


def _field(node: Field, path: NodePath, to: Showing) -> Markup:
    return _CONTROLS[node.kind](node, path, to)


def _values(node: Field, path: NodePath, to: Showing, *, hint: str = "", **own: Any) -> FieldValues:
    """What every field has, and what is its kind's own (`Any`: see `FieldValues`)."""
    ident = to.element_id(path, "input")
    label = to.name(node.label, path, "a field")
    shown = to.error_of(node.id)
    error = to.readable(shown, path) if shown else ""
    if error:
        to.found.invalid.append(Invalid(ident, label, error))
    help_ = to.readable(node.help, path) if node.help else ""
    return FieldValues(
        ident,
        FIELD_PREFIX + node.id,
        node.id,
        label,
        node.required,
        to.words("field.required_mark") if node.required and node.kind in _GROUPS else "",
        help_,
        error,
        _described(ident, help_, hint, error),
        hint=hint,
        **own,
    )


def _described(ident: str, help_: str, hint: str, error: str) -> str:
    if not (help_ or hint or error):
        return ""
    parts = (("help", help_), ("hint", hint), ("error", error))
    return " ".join(f"{ident}-{role}" for role, text in parts if text)


_KEYBOARDS: Final[Mapping[str, str]] = MappingProxyType({"number": "decimal"})


def _input(node: Field, path: NodePath, to: Showing) -> Markup:
    text = _text(node, path, to)
    if "\n" in text:  # an input of one line would lose the others
        return _multiline(node, path, to, text)
    bounds = node.kind in ("date", "time", "datetime")
    return to.macros["input"](
        _values(
            node,
            path,
            to,
            type=values.input_type(node.kind, text),
            value=text,
            min=str(node.min) if bounds and node.min is not None else "",
            max=str(node.max) if bounds and node.max is not None else "",
            pattern=node.pattern or "",
            keyboard=_KEYBOARDS.get(node.kind, ""),
        )
    )


def _text(node: Field, path: NodePath, to: Showing) -> str:
    return to.value(values.text_of(to.draft_of(node.id)), path)


def _long_text(node: Field, path: NodePath, to: Showing) -> Markup:
    return _multiline(node, path, to, _text(node, path, to))


def _multiline(node: Field, path: NodePath, to: Showing, text: str) -> Markup:
    return to.macros["long_text"](_values(node, path, to, value=text))


def _secret(node: Field, path: NodePath, to: Showing) -> Markup:
    """Never with what was typed: the state has only a handle, and that stays here."""
    kept = to.words("field.secret_kept") if to.draft_of(node.id) else ""
    shown = _values(node, path, to, hint=kept, type="password", complete=False)
    return to.macros["input"](shown)


def _check_box(node: Field, path: NodePath, to: Showing) -> Markup:
    ticked = to.draft_of(node.id) is True
    return to.macros["check_box"](_values(node, path, to, value=values.CHECKED, checked=ticked))


def _slider(node: Field, path: NodePath, to: Showing) -> Markup:
    text = values.text_of(to.draft_of(node.id))
    shown = _values(node, path, to, value=text, min=str(node.min), max=str(node.max))
    return to.macros["slider"](shown)


def _choice(node: Field, path: NodePath, to: Showing) -> Markup:
    chosen = values.chosen_of(to.draft_of(node.id))
    if len(node.options) <= _MOST_RADIOS or len(chosen) > 1:
        return _group(node, path, to, "radio")
    empty, options = to.words("field.choose"), _options(node, path, to)
    return to.macros["menu"](_values(node, path, to, options=options, empty=empty))


def _choices(node: Field, path: NodePath, to: Showing) -> Markup:
    return _group(node, path, to, "checkbox")


def _group(node: Field, path: NodePath, to: Showing, kind: str) -> Markup:
    options = _options(node, path, to)
    if kind == "radio" and not node.required:
        # A radio button that was pressed by mistake could not be let go again.
        chosen = not any(item.chosen for item in options)
        ident = f"{to.element_id(path, 'input')}-none"
        none = OptionValues(ident, "", to.words("field.no_choice"), chosen)
        options = (none, *options)
    return to.macros["options"](_values(node, path, to, options=options, type=kind))


def _options(node: Field, path: NodePath, to: Showing) -> tuple[OptionValues, ...]:
    ident = to.element_id(path, "input")
    chosen = values.chosen_of(to.draft_of(node.id))
    return tuple(
        OptionValues(
            f"{ident}-{index}",
            option.value,
            to.name(option.label, path, "an option"),
            option.value in chosen,
        )
        for index, option in enumerate(node.options)
    )


def _upload(node: Field, path: NodePath, to: Showing) -> Markup:
    """A file; one that was chosen before goes along as its handle.

    A text in its place, as a client without files sends it, is shown as one.
    """
    text = _text(node, path, to)
    if text and not is_handle(text, UPLOAD_HANDLE):
        return _multiline(node, path, to, text)
    hint, accept = to.words("field.file_kept") if text else "", ",".join(node.accept or ())
    shown = _values(node, path, to, hint=hint, accept=accept, handle=text)
    return to.macros["upload"](shown)


_CONTROLS: Final[Mapping[str, Callable[[Field, NodePath, Showing], Markup]]] = MappingProxyType(
    {
        "short_text": _input,
        "long_text": _long_text,
        "secret": _secret,
        "number": _input,
        "slider": _slider,
        "boolean": _check_box,
        "choice": _choice,
        "multi_choice": _choices,
        "date": _input,
        "time": _input,
        "datetime": _input,
        "tags": _input,
        "email": _input,
        "url": _input,
        "phone": _input,
        "upload": _upload,
    }
)


SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType({Field: _field})
