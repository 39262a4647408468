"""Views: the table of node classes, reading trees, walking them.

A path names a node in its view: the keys or positions that lead to it; a field's path is its
id alone, since a field is the same field wherever the layout puts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from operator import is_
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar, cast

from uicompiler.ir import actions, content, fields, figures, layout, lists, media, rows
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.content import Text
from uicompiler.ir.fields import Field
from uicompiler.ir.figures import KeyValues, Progress
from uicompiler.ir.layout import Tab, Tabs
from uicompiler.ir.lists import List, Table, templates_of
from uicompiler.ir.media import Audio, Image, Video
from uicompiler.ir.rows import Rows
from uicompiler.ir.sharing import shared

STANDARD_NODES: Final[Mapping[str, type[Node]]] = MappingProxyType(
    {
        node.model_fields["node"].default: node
        for group in (layout, content, media, figures, actions, fields, rows, lists)
        for node in group.NODES
    }
)
"""Node classes by kind; each file of nodes lists its own."""

NodePath = tuple[str, ...]
Editable: TypeAlias = Field | Rows
"""A node that owns an entry of `/draft`."""


KeptT = TypeVar("KeptT")


@dataclass(frozen=True)
class View:
    """What a surface shows.

    Attributes:
        root: The outermost node.
        template_id: The registered template it came from, or None for an inline one.
        template_version: That template's version.
        step: The step of a wizard that is shown, or None.
    """

    root: Node
    template_id: str | None = None
    template_version: int | None = None
    step: str | None = None

    @cached_property
    def index(self) -> Index:
        """What there is in it; found once, since every stage asks for it."""
        return index_of(self.root)

    @property
    def editables(self) -> tuple[Editable, ...]:
        """Its fields and rows, in reading order."""
        return self.index.editables

    @cached_property
    def editables_by_id(self) -> Mapping[str, Editable]:
        """The same by id."""
        return MappingProxyType({node.id: node for node in self.editables})

    def kept(self, name: str, of: tuple[object, ...], make: Callable[[], KeptT]) -> KeptT:
        """What was made of this view before, or is made now.

        Args:
            name: What it is; the last one of each name is kept, so that there are never many.
            of: What it was made of besides the view, immutable; other objects make it anew.
            make: Makes it, immutable, of the view and `of` alone.
        """
        known = self._kept.get(name)
        if known is not None and len(known[0]) == len(of) and all(map(is_, known[0], of)):
            return cast(KeptT, known[1])
        made = make()
        # One assignment of a pair: two threads may both make it, and either one's is right.
        self._kept[name] = (of, made)
        return made

    @cached_property
    def _kept(self) -> dict[str, tuple[tuple[object, ...], object]]:
        return {}

    def __getstate__(self) -> dict[str, object]:
        """Pickle and copy what it is, not what was made of it."""
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}


_DEEPEST: Final = 100


def shared_view(old: View | None, new: View) -> View:
    """The new view with the nodes of the old one that are equal; the old one where it is all.

    Another view of a template is taken as it is, since it is one for whoever shows it; so is a tree
    that nests deeper than any client shows, since parts are found by recursion.
    """
    if old is None or old is new or new.index.depth > _DEEPEST:
        return new
    is_same_kind = replace(new, root=old.root) == old
    if new.template_id is not None and not is_same_kind:
        return new
    root = shared(old.root, new.root)
    if root is old.root and is_same_kind:
        return old
    return new if root is new.root else replace(new, root=root)


def parse_node(value: object, nodes: Mapping[str, type[Node]] = STANDARD_NODES) -> Node:
    """Read a node and all below it from plain objects; below it, a string is a text.

    Raises:
        pydantic.ValidationError: unknown kinds or properties, or rules broken.
    """
    kind = value.get("node") if isinstance(value, dict) else None
    model = nodes.get(kind, Node) if isinstance(kind, str) else Node
    return model.model_validate(value, context={"nodes": nodes})


def node_to_json(node: Node) -> dict[str, Any]:
    """The node as a JSON object; what is None is left out."""
    return node.model_dump(mode="json", exclude_none=True)


def children_of(node: Node) -> Sequence[Node]:
    """The nodes directly inside; `()` for a leaf."""
    # Not getattr: for a name that is no field, pydantic's takes longer than all else in a walk.
    children: Sequence[Node] = node.__dict__.get("children", ())
    return children


def child_paths(node: Node, path: NodePath) -> Iterator[tuple[Node, NodePath]]:
    """The nodes directly inside, each with its path."""
    for index, child in enumerate(children_of(node)):
        yield child, child_path(child, path, index)


def child_path(child: Node, parent: NodePath, index: int) -> NodePath:
    """The path of one child of the node at `parent`."""
    # Not isinstance: for pydantic's classes it takes longer than all else in a walk.
    if child.owns_entry:
        return ("field", child.__dict__["id"])
    return (*parent, child.key if child.key is not None else str(index))


def walk(root: Node, path: NodePath = ("root",)) -> Iterator[tuple[Node, NodePath, int]]:
    """Every node of a tree with path and depth (the root's is 1), parents first."""
    stack: list[tuple[Node, NodePath, int]] = [(root, path, 1)]
    while stack:
        node, path, depth = stack.pop()
        yield node, path, depth
        inner = [(child, below, depth + 1) for child, below in child_paths(node, path)]
        stack.extend(reversed(inner))


def editables(root: Node) -> tuple[Editable, ...]:
    """The fields and rows of a tree, in reading order."""
    return tuple(_editables_in(root))


def _editables_in(root: Node) -> Iterator[Editable]:
    for node, _, _ in walk(root):
        if node.owns_entry and isinstance(node, (Field, Rows)):
            yield node


def fields_of(root: Node) -> tuple[Field, ...]:
    """The fields of a view, in reading order."""
    return tuple(node for node, _, _ in walk(root) if isinstance(node, Field))


# --- what there is in a view ----------------------------------------------------------------------


class Spot(NamedTuple):
    """One node where it stands: its position in reading order from 1, its path, its depth."""

    number: int
    node: Node
    path: NodePath
    depth: int


@dataclass(frozen=True, slots=True)
class Index:
    """What there is in a tree, in reading order.

    Attributes:
        count: How many nodes.
        depth: How deep the deepest stands, the root at 1.
        editables: Fields and rows.
        field_ids: Ids of the fields.
        rows: The rows alone.
        spots: The nodes of which there is more to say: those that are pressed, repeat others, show
            media or are bound to the document, tabs, and whatever stands where it should not (a
            second field of a name, the parent of siblings of one key or of a page outside of tabs).
        repeated: Positions of the fields and rows whose id one before them has.
        lists: Lists and tables, as spots.
        media: Images, videos and sounds, in the items of lists too.
        foreign: Whether there are nodes of an app's own, which may hold others anywhere.
    """

    count: int
    depth: int
    editables: tuple[Editable, ...]
    field_ids: frozenset[str]
    rows: tuple[Rows, ...]
    spots: tuple[Spot, ...]
    repeated: frozenset[int]
    lists: tuple[Spot, ...]
    media: tuple[Node, ...]
    foreign: bool


def index_of(root: Node) -> Index:
    """Find what there is in a tree, in one walk."""
    found = _Found()
    found.walk(root)
    return found.index(root)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a class of nodes is to the index."""

    plain: bool
    bound: bool
    editable: bool
    special: bool
    holds: bool
    tab: bool
    tabs: bool
    repeating: bool
    media: bool


def _kind_of(cls: type[Node], *, foreign: bool) -> _Kind:
    holds = foreign or "children" in cls.model_fields
    editable = cls.owns_entry
    special = issubclass(cls, _SPECIAL)
    return _Kind(
        plain=not (holds or editable or special),
        bound=cls in (Text, Progress),
        editable=editable,
        special=special,
        holds=holds,
        tab=issubclass(cls, Tab),
        tabs=issubclass(cls, Tabs),
        repeating=issubclass(cls, (List, Table)),
        media=issubclass(cls, (Image, Video, Audio)),
    )


_SPECIAL: Final = (
    *(Image, Video, Audio),
    *(Button, Rows, List, Table, Tab, Tabs),
    *(Text, Progress, KeyValues),
)
_KINDS: Final[Mapping[type[Node], _Kind]] = MappingProxyType(
    {cls: _kind_of(cls, foreign=False) for cls in STANDARD_NODES.values()}
)


class _Level(NamedTuple):
    """A node whose children are being taken in: those that are left, and whether it is tabs."""

    parent: Spot
    left: Iterator[tuple[int, Node]]
    in_tabs: bool


class _Found:
    """What a walk has found so far."""

    def __init__(self) -> None:
        self.kinds = dict(_KINDS)
        self.count = 0
        self.depth = 1
        self.editables: list[Editable] = []
        self.spots: dict[int, Spot] = {}
        self.keyed: dict[int, Spot] = {}

    def kind(self, cls: type[Node]) -> _Kind:
        """What a class is; those of an app's own are added to the ones there are."""
        kind = self.kinds.get(cls)
        if kind is None:
            kind = self.kinds[cls] = _kind_of(cls, foreign=True)
        return kind

    def walk(self, root: Node) -> None:
        """Take in every node, parents first; those above the one at hand wait as levels."""
        number, levels, kinds = 1, [self.level(self.root(root))], self.kinds
        while levels:
            parent, left, in_tabs = levels[-1]
            for index, child in left:
                number += 1
                kind, own = kinds.get(type(child)) or self.kind(type(child)), child.__dict__
                if kind.tab is not in_tabs:
                    self.spots[parent.number] = parent
                if own["key"] is not None:
                    self.keyed[parent.number] = parent
                if kind.editable:
                    self.editables.append(child)  # type: ignore[arg-type]  # as `_kind_of` says
                elif kind.plain or (kind.bound and own["bind"] is None):
                    continue
                if kind.special or kind.holds:
                    path = child_path(child, parent.path, index)
                    spot = Spot(number, child, path, parent.depth + 1)
                    if kind.special:
                        self.spots[number] = spot
                    if kind.holds:
                        levels.append(self.level(spot))
                        break
            else:
                levels.pop()
        self.count = number

    def root(self, node: Node) -> Spot:
        """Take in the outermost node."""
        spot = Spot(1, node, ("root",), 1)
        if isinstance(node, (Field, Rows)):
            self.editables.append(node)
        if self.kind(type(node)).special:
            self.spots[1] = spot
        return spot

    def level(self, parent: Spot) -> _Level:
        """The children of a node that may hold some."""
        inner = children_of(parent.node)
        if inner and parent.depth >= self.depth:
            self.depth = parent.depth + 1
        return _Level(parent, enumerate(inner), self.kind(type(parent.node)).tabs)

    def index(self, root: Node) -> Index:
        """All that was found."""
        editables = tuple(self.editables)
        ids = {item.id for item in editables}
        repeated = {} if len(ids) == len(editables) else dict(_repeated(root))
        self.spots.update(repeated)
        self.spots.update(_with_same_keys(self.keyed))
        spots = tuple(self.spots[number] for number in sorted(self.spots))
        lists = tuple(spot for spot in spots if self.kind(type(spot.node)).repeating)
        items = (node for spot in lists for node in _in_items(spot.node))
        nodes = chain((spot.node for spot in spots), items)
        media = tuple(node for node in nodes if self.kind(type(node)).media)
        return Index(
            count=self.count,
            depth=self.depth,
            editables=editables,
            field_ids=frozenset(item.id for item in editables if isinstance(item, Field)),
            rows=tuple(item for item in editables if not isinstance(item, Field)),
            spots=spots,
            repeated=frozenset(repeated),
            lists=lists,
            media=media,
            foreign=len(self.kinds) > len(_KINDS),
        )


def _with_same_keys(parents: Mapping[int, Spot]) -> dict[int, Spot]:
    return {
        number: parent
        for number, parent in parents.items()
        if _share_keys(children_of(parent.node))
    }


def _share_keys(siblings: Sequence[Node]) -> bool:
    """Whether two of them, fields apart, have the same key or position."""
    names = [
        str(index) if node.key is None else node.key
        for index, node in enumerate(siblings)
        if not node.owns_entry
    ]
    return len(set(names)) != len(names)


def _repeated(root: Node) -> Iterator[tuple[int, Spot]]:
    """The fields and rows whose name one before them has."""
    seen: set[str] = set()
    for number, (node, path, depth) in enumerate(walk(root), start=1):
        if isinstance(node, (Field, Rows)):
            if node.id in seen:
                yield number, Spot(number, node, path, depth)
            seen.add(node.id)


def _in_items(node: Node) -> Iterator[Node]:
    """What stands for every item of a list or row of a table."""
    for template, _ in templates_of(node):
        yield from (inner for inner, _, _ in walk(template))
