"""What several standard directives share: entries, buttons, and where they show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import BeforeValidator, ValidationError
from pydantic import Field as Setting

from uicompiler.directives.read import payload_findings
from uicompiler.directives.registry import DirectiveContext, Payload
from uicompiler.errors import DirectiveError, diagnostic
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import SHARING, Frozen, Key, Node
from uicompiler.ir.data import NAMESPACES
from uicompiler.ir.fields import Label
from uicompiler.ir.layout import Card, Section, Stack
from uicompiler.ir.tree import View
from uicompiler.ir.values import FrozenDict, Json, freeze
from uicompiler.pointer import PointerError, canonical_path, is_canonical

DEFAULT_SURFACE: Final = "main"

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Annotated[Any, Setting(json_schema_extra={"anyOf": "value"}), SHARING]
"""What a field takes: a scalar, or a list of texts; apps also write rows, a list of objects."""


class Entry(Frozen):
    """One value by its path."""

    path: str
    value: Value


def _from_map(name: str) -> Callable[[Any], Any]:
    """A before-validator: a map as a list of entries, each key under a name."""

    def entries(value: Any) -> Any:
        if isinstance(value, dict):
            return tuple({name: key, "value": item} for key, item in value.items())
        return tuple(value) if isinstance(value, list) else value

    return entries


Entries: TypeAlias = Annotated[tuple[Entry, ...], BeforeValidator(_from_map("path")), SHARING]
"""Values by path; models write a list of entries, apps also a map."""


class Arg(Frozen):
    """One fixed value that goes with an action."""

    key: Key
    value: Scalar


Args: TypeAlias = Annotated[tuple[Arg, ...], BeforeValidator(_from_map("key")), SHARING]


class ButtonSpec(Frozen):
    """A button: what it says, the action it sends, and fixed values that go with it."""

    label: Label
    action: Key
    args: Args = ()
    primary: bool = False


class Item(Frozen):
    """A name and its value."""

    label: Label
    value: Scalar


NodeT = TypeVar("NodeT", bound=Node)


def made(model: type[NodeT], **properties: Any) -> NodeT:
    """A node of a payload's values.

    Raises:
        DirectiveError: DIRECTIVE_PAYLOAD_INVALID, they break a rule of the node.
    """
    try:
        return model(**properties)
    except ValidationError as exc:
        raise DirectiveError(payload_findings(exc)) from exc


def surface_of(payload: Payload) -> str:
    """The surface a payload names, or the default one."""
    return DEFAULT_SURFACE if payload.surface is None else payload.surface


def draft_path(path: str, pointer: str, context: DirectiveContext) -> str:
    """A path the way models write it as a canonical pointer, below /draft by default.

    Raises:
        DirectiveError: DIRECTIVE_PATH_INVALID, no pointer can be read from it.
    """
    try:
        canonical = canonical_path(path, namespaces=NAMESPACES, default="draft")
    except PointerError as exc:
        raise DirectiveError(
            [
                diagnostic(
                    "DIRECTIVE_PATH_INVALID",
                    f"expected a JSON Pointer, found {path[:40]!r}: {exc}",
                    pointer=pointer,
                    hint="write /draft/<field id>",
                )
            ]
        ) from exc
    if canonical != path:
        context.repaired(pointer.removeprefix("/payload"), f"read {path[:40]!r} as {canonical!r}")
    return canonical


def values_by_path(entries: Iterable[Entry], context: DirectiveContext) -> Mapping[str, Json]:
    """Entries as a map by canonical path; of two for one path the last counts."""
    values: dict[str, Json] = {}
    for index, entry in enumerate(entries):
        path = entry.path
        if not is_canonical(path):
            path = draft_path(path, f"/payload/values/{index}/path", context)
        if path in values:
            context.repaired(f"/values/{index}", f"took the last of two values for {path[:40]!r}")
        values[path] = freeze(entry.value)
    return FrozenDict(values)


def button(spec: ButtonSpec, key: str) -> Button:
    """The node of a button."""
    args = {arg.key: arg.value for arg in spec.args}
    return Button(key=key, label=spec.label, action=spec.action, args=args, primary=spec.primary)


def buttons(specs: Iterable[ButtonSpec]) -> list[Node]:
    """A row of buttons; nothing for none."""
    row = tuple(button(spec, str(index)) for index, spec in enumerate(specs))
    return [Actions(key="actions", children=row)] if row else []


def titled(title: str | None, children: Iterable[Node]) -> View:
    """A card with a heading and what stands below it."""
    inner = tuple(children)
    body = inner if title is None else (Section(key="body", title=title, level=3, children=inner),)
    return View(Stack(children=(Card(key="card", children=body),)))
