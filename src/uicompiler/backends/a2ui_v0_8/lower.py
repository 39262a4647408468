"""From IR nodes to A2UI components: one function a node class, in one table.

A function adds its node's components through `Lowering` and gives the id of the outermost, or
None when the node shows nothing. It knows ids, texts and bindings, not messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from uicompiler.app import ClientProfile
from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.backends.a2ui_v0_8.names import ROOT_ID, component_id, guard, needs_guard
from uicompiler.backends.a2ui_v0_8.prose import text_line
from uicompiler.backends.base import Message
from uicompiler.ir import data
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Node
from uicompiler.ir.content import Notice, Text
from uicompiler.ir.fields import Field
from uicompiler.ir.layout import Card, Divider, Section, Stack
from uicompiler.ir.reserved import ERRORS_KEY, NONCE_KEY, REV_KEY
from uicompiler.ir.state import Surface
from uicompiler.ir.text import clean
from uicompiler.ir.tree import NodePath, child_paths, fields_of, walk
from uicompiler.ir.values import Json
from uicompiler.pointer import parse

VIEW_PATH: Final[NodePath] = ("root",)
TONE_ICONS: Final = MappingProxyType(
    {"info": "info", "success": "check", "warning": "warning", "error": "error"}
)
ERRORS_PLACE: Final = ("ui_state", ERRORS_KEY)


@dataclass(slots=True)
class Lowered:
    """A surface as components and display data.

    Attributes:
        components: By id, in reading order, parents after children.
        children: Ids each component refers to, for those that refer to any.
        leaves: Display texts by place in the data model.
        cleaned: Paths of nodes whose text lost characters that no text may hold.
        unsupported: Kinds of nodes that nobody says how to lower.
    """

    components: dict[str, Message] = field(default_factory=dict)
    children: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leaves: dict[tuple[str, ...], str] = field(default_factory=dict)
    cleaned: list[str] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)


class Lowering:
    """What lowering functions build with."""

    def __init__(
        self,
        surface: Surface,
        client: ClientProfile,
        nonce: str | None,
        lowerings: Mapping[type[Node], LowerNode],
    ) -> None:
        self.surface = surface
        self.client = client
        self.nonce = nonce
        self._lowerings = lowerings
        self.result = Lowered()
        root = None if surface.view is None else surface.view.root
        self.fields = () if root is None else fields_of(root)

    def add(
        self,
        path: NodePath,
        kind: str,
        props: Mapping[str, Any],
        *,
        role: str = "",
        children: Iterable[str] = (),
    ) -> str:
        """Add one component and give its id.

        Args:
            path: The node's path.
            kind: The component type.
            props: Its properties, in wire form.
            role: Tells a node's components of one type apart.
            children: Ids its properties refer to.
        """
        ident = component_id(path, f"{role}-{kind}" if role else kind)
        self.result.components[ident] = {"id": ident, "component": {kind: dict(props)}}
        refers = tuple(children)
        if refers:
            self.result.children[ident] = refers
        return ident

    def box(
        self,
        path: NodePath,
        children: Iterable[str],
        *,
        kind: str = "Column",
        role: str = "",
        **props: str | None,
    ) -> str:
        """A Row or Column around components."""
        ids = list(children)
        given = {name: value for name, value in props.items() if value is not None}
        wire = {"children": {"explicitList": ids}, **given}
        return self.add(path, kind, wire, role=role, children=ids)

    def text(self, path: NodePath, text: str, *, style: str = "body", role: str = "") -> str | None:
        """A plain text: one Text, or a Column of one a line; None when there is nothing to read."""
        text = self.readable(text, path)
        lines = text.split("\n")
        if not text.strip("\n"):
            return None
        if len(lines) == 1:
            return self._line(path, lines[0], style, role)
        ids = []
        for index, line in enumerate(lines):
            part = f"{role}{index}" if role else str(index)
            ids.append(self._line(path, line, style if index == 0 else "body", f"line{part}"))
        return self.box(path, ids, role=f"{role}lines")

    def _line(self, path: NodePath, line: str, style: str, role: str) -> str:
        props: dict[str, Any] = {"text": {"literalString": text_line(line, self.client)}}
        return self.add(path, "Text", {**props, **self.hint(style)}, role=role)

    def readable(self, text: str, path: NodePath) -> str:
        """The text without characters that no text may hold; what came from outside may."""
        cleaned = clean(text)
        if cleaned != text:
            self.result.cleaned.append("/".join(path))
        return cleaned

    def hint(self, style: str) -> dict[str, str]:
        """The usageHint of a style; without a markdown renderer it would show as `##`."""
        if style == "body" or self.client.markdown == "none":
            return {}
        return {"usageHint": style}

    def node(self, node: Node, path: NodePath) -> str | None:
        """Lower any node; one that nobody says how to lower is left out and reported."""
        how = self._lowerings.get(type(node)) or LOWER.get(type(node))
        if how is None:
            self.result.unsupported.append(node.node)
            return None
        return how(node, path, self)

    def outermost(self, root: Node) -> list[str]:
        """Lower a view's root; a plain column's children go straight into the root component."""
        if root == Stack(key=root.key, children=getattr(root, "children", ())):
            return self.inner(root, VIEW_PATH)
        ident = self.node(root, VIEW_PATH)
        return [] if ident is None else [ident]

    def inner(self, node: Node, path: NodePath) -> list[str]:
        """Lower a node's children; those that show nothing are left out."""
        ids = (self.node(child, below) for child, below in child_paths(node, path))
        return [ident for ident in ids if ident is not None]

    def error_of(self, field_id: str) -> str:
        """The error shown beside a field, or ""."""
        value = data.get(self.surface.data, (*ERRORS_PLACE, field_id))
        return value if isinstance(value, str) else ""


LowerNode: TypeAlias = Callable[[Any, NodePath, Lowering], str | None]
"""`Any`: each function takes its own node class."""


def lower(
    surface: Surface,
    client: ClientProfile,
    nonce: str | None,
    lowerings: Mapping[type[Node], LowerNode] = MappingProxyType({}),
) -> Lowered:
    """Lower a surface's view; its root is one Column whose id never changes.

    Args:
        surface: The surface.
        client: What the client does.
        nonce: The nonce its buttons carry, or None.
        lowerings: How the app's own nodes are lowered.
    """
    lowering = Lowering(surface, client, nonce, lowerings)
    ids: list[str] = []
    if surface.view is not None:
        ids = lowering.outermost(surface.view.root)
    wire = {"children": {"explicitList": ids}}
    lowering.result.components[ROOT_ID] = {"id": ROOT_ID, "component": {"Column": wire}}
    lowering.result.children[ROOT_ID] = tuple(ids)
    return lowering.result


def button_ids(surface: Surface) -> dict[str, Button]:
    """The component id of every button a surface shows."""
    if surface.view is None:
        return {}
    return {
        component_id(path, "Button"): node
        for node, path, _ in walk(surface.view.root)
        if isinstance(node, Button)
    }


def _stack(node: Stack, path: NodePath, to: Lowering) -> str:
    kind = "Row" if node.direction == "row" else "Column"
    distribute = {"space_between": "spaceBetween"}.get(node.distribute or "", node.distribute)
    return to.box(
        path, to.inner(node, path), kind=kind, distribution=distribute, alignment=node.align
    )


def _card(node: Card, path: NodePath, to: Lowering) -> str:
    return _card_around(path, to.inner(node, path), to)


def _card_around(path: NodePath, ids: list[str], to: Lowering) -> str:
    child = ids[0] if len(ids) == 1 else to.box(path, ids, role="body")
    return to.add(path, "Card", {"child": child}, children=[child])


def _section(node: Section, path: NodePath, to: Lowering) -> str:
    title = to.text(path, node.title, style=f"h{node.level}", role="title")
    return to.box(path, [*([] if title is None else [title]), *to.inner(node, path)])


def _text(node: Text, path: NodePath, to: Lowering) -> str | None:
    if node.bind is None:
        return to.text(path, node.text or "", style=node.style)
    place = parse(node.bind)
    shown = display_text(data.get(to.surface.data, place))
    shown = None if shown is None else to.readable(shown, path)
    if not shown or "\n" in shown:
        # A bound text of nothing would show its style's own marks, such as "**" for a caption.
        return to.text(path, shown or "", style=node.style)
    leaf = boxes.display_place(place)
    to.result.leaves[leaf] = text_line(shown, to.client)
    props = {"text": {"path": boxes.pointer(leaf)}, **to.hint(node.style)}
    return to.add(path, "Text", props, role="bound")


def display_text(value: Json) -> str | None:
    """A document's value as a person reads it; None when there is nothing to read."""
    if value is data.MISSING or value is None or isinstance(value, (dict, tuple, list)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else boxes.number_text(value)


def _divider(_node: Divider, path: NodePath, to: Lowering) -> str:
    return to.add(path, "Divider", {"axis": "horizontal"})


def _notice(node: Notice, path: NodePath, to: Lowering) -> str:
    title = None if node.title is None else to.text(path, node.title, style="h5", role="title")
    text = to.text(path, node.text)
    texts = to.box(path, [ident for ident in (title, text) if ident is not None], role="texts")
    icon = to.add(path, "Icon", {"name": {"literalString": TONE_ICONS[node.tone]}}, role="tone")
    row = to.box(path, [icon, texts], kind="Row", alignment="center")
    return to.add(path, "Card", {"child": row}, children=[row])


def _actions(node: Actions, path: NodePath, to: Lowering) -> str:
    return to.box(path, to.inner(node, path), kind="Row")


def _button(node: Button, path: NodePath, to: Lowering) -> str:
    label = to.text(path, node.label.replace("\n", " "), role="label")
    child = label if label is not None else to.box(path, [], role="label")
    context = [{"key": key, "value": _literal(value)} for key, value in node.args.items()]
    if node.submit:
        context.extend(
            {"key": item.id, "value": {"path": boxes.value_path(item.id)}} for item in to.fields
        )
    if to.nonce is not None:
        context.append({"key": NONCE_KEY, "value": {"literalString": to.nonce}})
    context.append({"key": REV_KEY, "value": {"path": boxes.REV_PATH}})
    props = {
        "child": child,
        "primary": node.primary,
        "action": {"name": node.action, "context": context},
    }
    return to.add(path, "Button", props, children=[child])


def _literal(value: Json) -> dict[str, Json]:
    if isinstance(value, bool):
        return {"literalBoolean": value}
    return {"literalString": value} if isinstance(value, str) else {"literalNumber": value}


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
        Stack: _stack,
        Card: _card,
        Section: _section,
        Text: _text,
        Divider: _divider,
        Notice: _notice,
        Actions: _actions,
        Button: _button,
        Field: _field,
    }
)
