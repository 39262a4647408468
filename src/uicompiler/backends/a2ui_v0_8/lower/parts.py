"""What a view became, node by node: a tree of parts that the next turn shares.

A part is what one node became: its components, encoded, and the parts of the nodes inside it, in
reading order. Nothing of it changes once it is closed, so that the same part means the same output.
What was read to make it stands beside it, and says when it has to be made again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final, TypeAlias

from uicompiler.backends.a2ui_v0_8 import boxes
from uicompiler.ir.base import Node
from uicompiler.ir.changed import Changed, Place
from uicompiler.ir.tree import NodePath


class Component:
    """One component as it goes out.

    Attributes:
        id: Its id.
        refs: Ids that it refers to.
        encoded: It as compact JSON; empty until all of the surface is lowered.
    """

    __slots__ = ("encoded", "id", "refs")

    def __init__(self, ident: str, refs: tuple[str, ...], encoded: bytes = b"") -> None:
        self.id = ident
        self.refs = refs
        self.encoded = encoded


class Part:
    """What one node became.

    Attributes:
        path: The node's path.
        node: The node; None for the surface as a whole.
        prefix: What the ids of its components begin with; no other part has the same.
        home: The prefix of the part that it stands in; "" for the surface as a whole.
        ident: Id of the outermost component, or None when the node shows nothing.
        items: Its components and the parts inside it, in reading order.
        reads: Places of the document that it was made from; `()` is the surface as a whole.
        leaves: Display texts with their places in the data model.
        lists: Items of templated lists with their places in the data model.
        notes: What lowering has to tell: the kind of note and what it is about.
    """

    __slots__ = (
        "home", "ident", "items", "leaves", "lists", "node", "notes", "path", "prefix", "reads",
    )  # fmt: skip

    def __init__(self, path: NodePath, node: Node | None, prefix: str, home: str) -> None:
        self.path = path
        self.node = node
        self.prefix = prefix
        self.home = home
        self.ident: str | None = None
        self.items: list[Item] = []
        self.reads: tuple[Place, ...] = ()
        self.leaves: tuple[tuple[Place, str], ...] = ()
        self.lists: tuple[tuple[Place, boxes.Items], ...] = ()
        self.notes: tuple[Note, ...] = ()

    def with_parts(self, replaced: dict[int, Part]) -> Part:
        """The same with other parts at some places, which show under the same ids."""
        new = Part(self.path, self.node, self.prefix, self.home)
        new.ident, new.reads = self.ident, self.reads
        new.leaves, new.lists, new.notes = self.leaves, self.lists, self.notes
        new.items = list(self.items)
        for index, part in replaced.items():
            new.items[index] = part
        return new

    def frame(self) -> list[object]:
        """What must be the same for a part in its place to fit all that is known of the others."""
        inner = [
            item.path if isinstance(item, Part) else (item.id, item.refs) for item in self.items
        ]
        return [self.ident, self.reads, [place for place, _ in self.leaves], inner]

    def own_bytes(self) -> int:
        """Bytes of its own components."""
        return sum([len(item.encoded) for item in self.items if type(item) is Component])

    def components(self) -> Iterator[Component]:
        """Every component in it and below, in reading order."""
        waiting: list[Item] = [self]
        while waiting:
            item = waiting.pop()
            if type(item) is Part:
                waiting += reversed(item.items)
            elif type(item) is Component:
                yield item

    def parts(self) -> Iterator[Part]:
        """It and every part below, outer ones first, in reading order."""
        waiting: list[Part] = [self]
        while waiting:
            part = waiting.pop()
            yield part
            inner = [item for item in part.items if type(item) is Part]
            inner.reverse()
            waiting += inner


def depth_of(root: Part) -> int:
    """How deep the components of a surface stand in each other; its root counts 1."""
    depths: dict[str, int] = {}
    for component in root.components():
        # What a component refers to comes before it.
        depths[component.id] = 1 + max([depths.get(ref, 0) for ref in component.refs], default=0)
    return depths.get(root.ident or "", 0)


Item: TypeAlias = Component | Part

Note: TypeAlias = tuple[str, Any]
"""What is noted (`cleaned`, `unsupported`, `duplicates` or `degraded`), and what of."""


SURFACE: Final[NodePath] = ()
"""The path of the part that is the surface as a whole."""


class Parts:
    """The parts of a surface by their prefixes, and who read what.

    Attributes:
        by_prefix: Every part.
        readers: By place of the document, the prefixes of the parts made from it.
    """

    __slots__ = ("by_prefix", "readers")

    def __init__(self, by_prefix: dict[str, Part], readers: dict[Place, list[str]]) -> None:
        self.by_prefix = by_prefix
        self.readers = readers

    @classmethod
    def of(cls, parts: Collection[Part]) -> Parts:
        """Those of a surface, all of them."""
        readers: dict[Place, list[str]] = {}
        for prefix, reads in [(part.prefix, part.reads) for part in parts if part.reads]:
            for place in reads:
                if place in readers:
                    readers[place].append(prefix)
                else:
                    readers[place] = [prefix]
        return cls({part.prefix: part for part in parts}, readers)

    def reading(self, changed: Changed) -> set[str]:
        """The parts that were made from what changed, or from what is inside it."""
        found: set[str] = set()
        readers = self.readers
        for place in changed.places:
            for length in range(len(place) + 1):
                found.update(readers.get(place[:length], ()))
        whole = set(changed.whole)
        for read, prefixes in readers.items() if whole else ():
            if any(read[:length] in whole for length in range(len(read))):
                found.update(prefixes)
        return found

    def around(self, prefixes: set[str]) -> dict[str, list[str]]:
        """By part, which parts directly inside it are among some or hold such."""
        inside: dict[str, list[str]] = {}
        seen = set(prefixes)
        waiting = list(prefixes)
        while waiting:
            prefix = waiting.pop()
            home = self.by_prefix[prefix].home
            if home:
                inside.setdefault(home, []).append(prefix)
                if home not in seen:
                    seen.add(home)
                    waiting.append(home)
        return inside
