"""How the official client makes a tree of nodes out of components and data.

Observed: official client (web_core 0.11.0). Any string outside an action that equals a component
id becomes that component's node; `explicitList` and `template` become lists of nodes; inside a
template every `path` loses what the client takes for a prefix. A node is checked after its
properties are resolved, so an error leaves half the work behind it and the old tree in place.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from clientsim.canonical import number_text
from clientsim.errors import Refused
from clientsim.model_web_core import index_key, read, resolve, segments
from clientsim.nodes import MISSING, Node, is_object, lookup, put, truthy
from clientsim.outline import Bindings, Sketch
from clientsim.schema_web_core import type_and_props
from clientsim.values import HOLE, JsArray, JsMap
from clientsim.walk import MAX_NODES, Steps, measured, walk

_OBJECT, _ARRAY, _NODE = 10, 20, 21


@dataclass
class Build:
    """One attempt at a tree, with all that it looked at: equal looks mean an equal result.

    Attributes:
        root: Id of the root component.
        tree: What came out of it.
        refusal: Why nothing did.
        asked: Every string that was taken for an id.
        listed: By path, what a template saw there.
        uses: By path, the component of each template that goes by it.
        count: How many nodes there are, at most.
    """

    root: str
    tree: Node | None = None
    refusal: Refused | None = None
    asked: set[object] = field(default_factory=set)
    listed: dict[str, object] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)
    count: int = 0

    @cached_property
    def bindings(self) -> Bindings:
        """Where a write changes rows."""
        return Bindings(self.uses, segments)

    def survives_components(self, changed: Iterable[str]) -> bool:
        """Would building again give the same, now that these components changed?"""
        return self.asked.isdisjoint(changed)

    def survives_data(self, root: str, data: JsMap) -> bool:
        """Would building again give the same, now that the data model changed?"""
        return root == self.root and all(
            shape(read(data, path)) == seen for path, seen in self.listed.items()
        )


def build(root: str, components: Mapping[str, object], data: JsMap) -> Build:
    """Resolve a surface's tree; a failure is part of the result."""
    result = Build(root)
    builder = _Builder(components, data, result)
    try:
        result.tree = walk(builder.node(root, "/", ""))
    except Refused as refusal:
        result.refusal = refusal
    result.count = builder.count
    return result


def sketch(name: str, components: Mapping[str, object]) -> Sketch | None:
    """A component by itself, as it is in any data context; None if it would be refused."""
    builder = _Alone(components)
    try:
        _, reach = measured(_Builder.node(builder, name, "/", ""))
    except Refused:
        return None
    asks = frozenset(each for each in builder.asked if isinstance(each, str))
    return Sketch(tuple(builder.refs), reach, asks - {name}, bool(builder.uses))


def shape(data: object) -> object:
    """What a template sees of its data: the indices or the keys."""
    if isinstance(data, JsArray):
        if data.huge:
            raise Refused("SIM_TOO_LARGE", "A template covers an array with far-off indices.")
        return [item is not HOLE for item in data.items]
    return tuple(data.items) if isinstance(data, JsMap) else None


class _Builder:
    def __init__(self, components: Mapping[str, object], data: JsMap, result: Build) -> None:
        self.components = components
        self.data = data
        self.asked = result.asked
        self.listed = result.listed
        self.uses = result.uses
        self.open: set[str] = set()
        self.count = 0

    def node(self, base: object, context: str, suffix: str) -> Steps[Node | None]:
        """The node of a component, or None if there is no such component."""
        full_id = _js_text(base) + suffix
        self.asked.add(base if isinstance(base, str) else None)
        if not isinstance(base, str) or base not in self.components:
            return None
        self._enter(full_id)
        kind, unresolved = type_and_props(self.components[base])
        props: dict[str, object] = {}
        if isinstance(unresolved, dict):
            for key, value in unresolved.items():
                if self._needs_steps(value, key == "action"):
                    value = yield 0, self._value(value, context, suffix, key == "action")
                props = put(props, key, value)
        self.open.discard(full_id)
        if kind in _GUARDS and not _GUARDS[kind](props):
            raise Refused("SIM_NODE_INVALID", f"{full_id!r} did not resolve to a valid {kind}.")
        return Node(full_id, kind, props, context)

    def _enter(self, full_id: str) -> None:
        if full_id in self.open:
            raise Refused("SIM_CYCLE", f"{full_id!r} contains itself.")
        self.open.add(full_id)
        self.count += 1
        if self.count > MAX_NODES:
            raise Refused("SIM_TOO_LARGE", f"The tree has more than {MAX_NODES} nodes.")

    def _needs_steps(self, value: object, in_action: bool) -> bool:
        if isinstance(value, str):
            self.asked.add(value)
            return not in_action and value in self.components
        return isinstance(value, list | dict)

    def _value(self, value: object, context: str, suffix: str, in_action: bool) -> Steps[object]:
        if isinstance(value, str):
            return (yield _NODE, self.node(value, context, suffix))
        if isinstance(value, list):
            return (yield 0, self._list(value, context, suffix, in_action))
        if not isinstance(value, dict):
            return value
        if not in_action and ("explicitList" in value or "template" in value):
            if truthy(value.get("explicitList")):
                return (yield _OBJECT, self._explicit(value["explicitList"], context, suffix))
            if truthy(value.get("template")):
                return (yield _OBJECT, self._template(value["template"], context))
        return (yield 0, self._object(value, context, suffix, in_action))

    def _list(
        self, value: list[object], context: str, suffix: str, in_action: bool
    ) -> Steps[list[object]]:
        made: list[object] = []
        for item in value:
            if self._needs_steps(item, in_action):
                item = yield _ARRAY, self._value(item, context, suffix, in_action)
            made.append(item)
        return made

    def _object(
        self, value: dict[str, object], context: str, suffix: str, in_action: bool
    ) -> Steps[dict[str, object]]:
        made: dict[str, object] = {}
        for key, item in value.items():
            inside = in_action or key == "action"
            if key == "path" and isinstance(item, str) and context != "/":
                item = strip_path(item)
            elif self._needs_steps(item, inside):
                item = yield _OBJECT, self._value(item, context, suffix, inside)
            made = put(made, key, item)
        return made

    def _explicit(self, ids: object, context: str, suffix: str) -> Steps[list[object]]:
        if not isinstance(ids, list):
            raise Refused("SIM_NODE_INVALID", "explicitList is not an array.")
        made: list[object] = []
        for each in ids:
            child = yield _NODE, self.node(each, context, suffix)
            made.append(child)
        return made

    def _template(self, template: object, context: str) -> Steps[list[object]]:
        binding = template.get("dataBinding") if isinstance(template, dict) else None
        if not isinstance(binding, str) or not isinstance(template, dict):
            raise Refused("SIM_NODE_INVALID", "A template has no dataBinding.")
        path = resolve(binding, context)
        data = read(self.data, path)
        self.listed[path] = shape(data)
        component = template.get("componentId", MISSING)
        self.uses.setdefault(path, []).append(component if isinstance(component, str) else "")
        made: list[object] = []
        for key, suffix in _rows(data, context):
            if key is None:
                made.append(HOLE)
            else:
                made.append((yield _NODE, self.node(component, f"{path}/{key}", suffix)))
        return made


def has_row(data: object, part: str) -> bool | None:
    """Has a template's data this row, so that writing there leaves its rows as they are?

    None if it has not, and writing there may do more than add one at the end.
    """
    if isinstance(data, JsMap):
        return part in data.items
    if isinstance(data, JsArray):
        return True if part.isdecimal() and data.get(index_key(part)) is not None else None
    return True if isinstance(data, dict) else None


def _nothing() -> Steps[None]:
    yield from ()


class _Alone(_Builder):
    """Makes one component, with an empty node for each of its children."""

    def __init__(self, components: Mapping[str, object]) -> None:
        super().__init__(components, JsMap(), Build(""))
        self.refs: list[str] = []

    def node(self, base: object, context: str, suffix: str) -> Steps[Node | None]:
        """An empty node, if there is a component of this name."""
        _js_text(base)
        self.asked.add(base if isinstance(base, str) else None)
        if not isinstance(base, str) or base not in self.components:
            return None
        self.refs.append(base)
        yield 0, _nothing()
        return Node(base, None, {}, context)

    def _object(
        self, value: dict[str, object], context: str, suffix: str, in_action: bool
    ) -> Steps[dict[str, object]]:
        path = value.get("path")
        if isinstance(path, str) and path in self.components:
            raise Refused("SIM_NODE_INVALID", "A path is a component, but not in a template.")
        return super()._object(value, context, suffix, in_action)

    def _template(self, template: object, context: str) -> Steps[list[object]]:
        """One row, whatever data there are."""
        binding = template.get("dataBinding") if isinstance(template, dict) else None
        if not isinstance(binding, str) or not isinstance(template, dict):
            raise Refused("SIM_NODE_INVALID", "A template has no dataBinding.")
        self.uses[binding] = []
        return [(yield _NODE, self.node(template.get("componentId", MISSING), context, ""))]


def _rows(data: object, context: str) -> list[tuple[str | None, str]]:
    """Key and id suffix of each row; a hole in an array has no key."""
    if isinstance(data, JsMap):
        return [(key, f":{key}") for key in data.items]
    if not isinstance(data, JsArray):
        return []
    above = [part for part in context.split("/") if part.isascii() and part.isdigit()]
    return [
        (None, "") if item is HOLE else (str(i), ":" + ":".join([*above, str(i)]))
        for i, item in enumerate(data.items)
    ]


def strip_path(path: str) -> str:
    """What a path inside a template is cut down to."""
    for word in ("/item", "/text", "/label"):
        path = path.removeprefix(word) if path.startswith(word) else path.removeprefix("." + word)
    return path[1:] if path.startswith("/") else path.removeprefix("./")


def _js_text(value: object) -> str:
    """`${value}`; an object whose own members spoil the conversion throws there, too."""
    if isinstance(value, str):
        return value
    if value is None or value is MISSING or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}.get(value, "undefined")  # type: ignore[call-overload, no-any-return]
    if isinstance(value, int | float):
        return number_text(value)
    return _object_text(value)


def _object_text(value: object) -> str:
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, dict) and "toString" in item:
            raise Refused("SIM_NODE_INVALID", "A component id is no string.")
    return "[object Object]"


def _string(value: object) -> bool:
    return _bound(value, "literalString", str)


def _bound(value: object, literal: str, kind: type | tuple[type, ...]) -> bool:
    if lookup(value, "path") is not MISSING or lookup(value, literal) is not MISSING:
        return True
    given = lookup(value, "literal")
    return isinstance(given, kind) and isinstance(given, bool) == (kind is bool)


def _is_node(value: object) -> bool:
    return is_object(value) and all(
        lookup(value, key) is not MISSING for key in ("id", "type", "properties")
    )


def _has_node(props: object, name: str) -> bool:
    return _is_node(lookup(props, name))


def _all_nodes(props: object) -> bool:
    children = lookup(props, "children")
    return isinstance(children, list) and all(c is HOLE or _is_node(c) for c in children)


def _has_string(name: str) -> Callable[[object], bool]:
    return lambda props: _string(lookup(props, name))


def _card(props: object) -> bool:
    child = lookup(props, "child")
    return _all_nodes(props) if child is MISSING else _is_node(child)


def _tabs(props: object) -> bool:
    tabs = lookup(props, "tabItems")
    return isinstance(tabs, list) and all(
        is_object(tab) and _string(lookup(tab, "title")) and _is_node(lookup(tab, "child"))
        for tab in tabs
    )


_GUARDS: Final[dict[str, Callable[[object], bool]]] = {
    "Text": _has_string("text"),
    "Image": _has_string("url"),
    "Icon": _has_string("name"),
    "Video": _has_string("url"),
    "AudioPlayer": _has_string("url"),
    "Row": _all_nodes,
    "Column": _all_nodes,
    "List": _all_nodes,
    "Card": _card,
    "Tabs": _tabs,
    "Modal": lambda p: _has_node(p, "entryPointChild") and _has_node(p, "contentChild"),
    "Button": lambda p: _has_node(p, "child") and lookup(p, "action") is not MISSING,
    "CheckBox": lambda p: (
        _string(lookup(p, "label")) and _bound(lookup(p, "value"), "literalBoolean", bool)
    ),
    "TextField": _has_string("label"),
    "DateTimeInput": _has_string("value"),
    "MultipleChoice": lambda p: lookup(p, "selections") is not MISSING,
    "Slider": lambda p: _bound(lookup(p, "value"), "literalNumber", (int, float)),
}
