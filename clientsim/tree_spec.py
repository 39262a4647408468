"""The tree as the specification describes it: references only where the catalog has them.

Read from: v0.8 protocol, sections 1.5, 2.2, 3 and the standard catalog. A child that is not there
yet leaves a gap that a later message fills. A template gives one child per entry of its data, in
order; its id carries the keys of all rows it is in (`row:a:b`), so that ids stay unique.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from clientsim.errors import Refused
from clientsim.model_spec import read, resolve, segments
from clientsim.nodes import Node
from clientsim.outline import Bindings, Sketch
from clientsim.walk import MAX_NODES, Steps, walk

_NODE: Final = 21
SINGLE: Final[dict[str, tuple[str, ...]]] = {
    "Card": ("child",),
    "Button": ("child",),
    "Modal": ("entryPointChild", "contentChild"),
}
LISTS: Final = frozenset({"Row", "Column", "List"})


@dataclass(slots=True)
class Build:
    """A resolved tree, with what it was made of.

    Attributes:
        root: Id of the root component.
        rows: By path, what templates saw there.
        bindings: Where a write changes rows.
        tree: What came out of it.
        count: How many nodes there are, at most.
    """

    root: str
    rows: Mapping[str, list[str]]
    bindings: Bindings
    tree: Node | None
    count: int

    def survives(self, root: str, data: object) -> bool:
        """Would building again of the same components give the same?"""
        return root == self.root and all(
            _row_keys(read(data, path)) == keys for path, keys in self.rows.items()
        )


def build(root: str, components: Mapping[str, object], data: object) -> Build:
    """Resolve the tree below a root; it is None while the root is not defined.

    Raises:
        Refused: the tree is deeper or larger than a client carries.
    """
    builder = _Builder(components, data)
    tree = walk(builder.node(root, "/", ""))
    return Build(root, builder.rows, Bindings(builder.uses, segments), tree, builder.count)


def sketch(component: object) -> Sketch:
    """A component by itself."""
    refs = tuple(references(component))
    kind, props = kind_and_props(component)
    return Sketch(refs, _NODE, repeats=kind in LISTS and "template" in props["children"])


def references(component: object) -> Iterator[str]:
    """Ids that a component refers to."""
    kind, props = kind_and_props(component)
    for name in SINGLE.get(kind, ()):
        yield props[name]
    if kind == "Tabs":
        yield from (tab["child"] for tab in props["tabItems"])
    if kind in LISTS:
        children = props["children"]
        yield from children.get("explicitList", ())
        if "template" in children:
            yield children["template"]["componentId"]


def refuse_cycles(
    changed: list[str], components: Mapping[str, object], referred: Container[str]
) -> None:
    """Refuse if one of these components, which have just changed, contains itself.

    A component that no other refers to (`referred` holds at least those that are) is in no cycle.
    Where there is one, which component is named depends on all that have changed.

    Raises:
        Refused: `SIM_CYCLE`.
    """
    try:
        _refuse_cycles([name for name in changed if name in referred], components)
    except Refused:
        _refuse_cycles(changed, components)


def _refuse_cycles(starts: list[str], components: Mapping[str, object]) -> None:
    done: set[str] = set()
    for start in starts:
        path: dict[str, Iterator[str]] = {}
        _visit(start, components, path, done)
        while path:
            name, pending = next(reversed(path.items()))
            child = next(pending, None)
            if child is None:
                del path[name]
                done.add(name)
            elif child in path:
                raise Refused("SIM_CYCLE", f"{child!r} contains itself.")
            else:
                _visit(child, components, path, done)


def _visit(
    name: str, components: Mapping[str, object], path: dict[str, Iterator[str]], done: set[str]
) -> None:
    if name in components and name not in done:
        path[name] = references(components[name])


# Properties of a checked component have whatever types the catalog gives them.
def kind_and_props(component: object) -> tuple[str, dict[str, Any]]:
    """A component's one type, and its properties."""
    if not isinstance(component, dict):
        return "", {}
    ((kind, props),) = component.items()
    return kind, props if isinstance(props, dict) else {}


class _Builder:
    def __init__(self, components: Mapping[str, object], data: object) -> None:
        self.components = components
        self.data = data
        self.rows: dict[str, list[str]] = {}
        self.uses: dict[str, list[str]] = {}
        self.count = 0

    def node(self, name: str, context: str, suffix: str) -> Steps[Node | None]:
        if name not in self.components:
            return None
        self.count += 1
        if self.count > MAX_NODES:
            raise Refused("SIM_TOO_LARGE", f"The tree has more than {MAX_NODES} nodes.")
        kind, given = kind_and_props(self.components[name])
        props: dict[str, object] = dict(given)
        for prop in SINGLE.get(kind, ()):
            props[prop] = yield _NODE, self.node(given[prop], context, suffix)
        if kind == "Tabs":
            props["tabItems"] = yield 0, self._tabs(given["tabItems"], context, suffix)
        if kind in LISTS:
            props["children"] = yield 0, self._children(given["children"], context, suffix)
        return Node(name + suffix, kind, props, context)

    def _tabs(
        self, tabs: list[dict[str, Any]], context: str, suffix: str
    ) -> Steps[list[dict[str, object]]]:
        made = []
        for tab in tabs:
            child = yield _NODE, self.node(tab["child"], context, suffix)
            made.append({"title": tab["title"], "child": child})
        return made

    def _children(self, children: dict[str, Any], context: str, suffix: str) -> Steps[list[Node]]:
        made = []
        for name, place, end in self._wanted(children, context, suffix):
            child = yield _NODE, self.node(name, place, end)
            if child is not None:
                made.append(child)
        return made

    def _wanted(
        self, children: dict[str, Any], context: str, suffix: str
    ) -> Iterator[tuple[str, str, str]]:
        if "template" not in children:
            yield from ((name, context, suffix) for name in children["explicitList"])
            return
        template = children["template"]
        path = resolve(template["dataBinding"], context)
        self.rows[path] = _row_keys(read(self.data, path))
        self.uses.setdefault(path, []).append(template["componentId"])
        for key in self.rows[path]:
            yield template["componentId"], f"{path.rstrip('/')}/{key}", f"{suffix}:{key}"


def _row_keys(data: object) -> list[str]:
    if isinstance(data, dict):
        return list(data)
    return [str(i) for i in range(len(data))] if isinstance(data, list) else []
