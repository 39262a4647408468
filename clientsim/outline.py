"""What is known of a tree without making it: that a client would still make one, and not refuse.

A stream of many messages names a surface over and over before anyone looks at it. Making its tree
at each of them costs as much as there are nodes, times as many as there are messages. So once a
tree came out well, its components are remembered as sketches, each by itself, and a message whose
sketches fit needs no tree until someone looks. Everything here errs on one side: `False` means that
only making the tree can tell.

Nothing here knows a profile; what a component's sketch is, and what a write changes, it is told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clientsim.walk import BUDGET, MAX_NODES


@dataclass(frozen=True, slots=True)
class Sketch:
    """One component by itself, whose own properties are right.

    Attributes:
        refs: Ids of the components in it.
        reach: The cost of the longest way to one of them, or to its own innermost value.
        asks: What would be one of `refs` if there were a component of that name.
        repeats: Is it a template's container, so that there are as many of it as there are data?
    """

    refs: tuple[str, ...]
    reach: int
    asks: frozenset[str] = frozenset()
    repeats: bool = False


@dataclass(slots=True, eq=False)
class Outline:
    """All sketches of a surface, each component with one parent at most.

    Attributes:
        sketches: By component id.
        parents: Of each component that another one refers to.
        heights: At least the cost of the longest way down from a component.
        asked: At least all that the sketches ask for.
        repeats: Has any of them a template?
        colons: May an id look like another one's with a template's suffix?
    """

    sketches: dict[str, Sketch] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    heights: dict[str, int] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    repeats: bool = False
    colons: bool = False

    def take(self, fresh: Mapping[str, Sketch | None]) -> bool:
        """Would a good tree be one with these components too? After `False` this is of no more use.

        The rules, each enough by itself to leave the question to the tree: a sketch that is None;
        a name that others have asked for, so that they change as well; two parents of one
        component, which multiplies nodes; nesting or numbers near what a client carries; and where
        there are templates, anything but a leaf in the place of a leaf.
        """
        sketches = {name: sketch for name, sketch in fresh.items() if sketch is not None}
        if len(sketches) < len(fresh) or (self.repeats and not self._are_leaves(sketches)):
            return False
        if any(name in self.asked for name in fresh if name not in self.sketches):
            return False
        for name in fresh:
            self._forget_references(name)
        self.sketches.update(sketches)
        return (
            len(self.sketches) <= MAX_NODES
            and all(self._adopt(name, sketch) for name, sketch in sketches.items())
            and all(self._grow(name) for name in reversed(sketches))
        )

    def _below(self, name: str) -> int | None:
        """How many components are in one, itself included; None if there is a template among them.

        A name that is not defined counts as well, since it may be.
        """
        todo, count = [name], 0
        while todo:
            count += 1
            sketch = self.sketches.get(todo.pop())
            if sketch is not None and sketch.repeats:
                return None
            todo.extend(sketch.refs if sketch else ())
        return count

    def _are_leaves(self, sketches: Mapping[str, Sketch]) -> bool:
        return all(
            not (sketch.refs or sketch.repeats)
            and name in self.sketches
            and not (self.sketches[name].refs or self.sketches[name].repeats)
            for name, sketch in sketches.items()
        )

    def _forget_references(self, name: str) -> None:
        known = self.sketches.get(name)
        for child in known.refs if known else ():
            self.parents.pop(child, None)

    def _adopt(self, name: str, sketch: Sketch) -> bool:
        """Make it the one parent of its children."""
        for child in sketch.refs:
            if child in self.parents:
                return False
            self.parents[child] = name
        self.asked |= sketch.asks
        self.repeats = self.repeats or sketch.repeats
        self.colons = self.colons or ":" in name
        return True

    def _grow(self, name: str) -> bool:
        """Raise the height of a component, and of those it is in; a cycle grows beyond all."""
        sketch = self.sketches[name]
        height = sketch.reach + max((self.heights.get(ref, 0) for ref in sketch.refs), default=0)
        self.heights[name] = height
        above = self.parents.get(name)
        while height <= BUDGET and above in self.sketches:
            height += self.sketches[above].reach
            if height <= self.heights.get(above, 0):
                return True
            self.heights[above] = height
            above = self.parents.get(above)
        return height <= BUDGET

    def rows(self, templates: list[str]) -> int | None:
        """How many nodes one more row of each of these has; None if that depends on more."""
        counts = [self._below(name) for name in templates]
        return None if self.colons or None in counts else sum(count or 0 for count in counts)


def outline_of(sketches: Mapping[str, Sketch | None]) -> Outline | None:
    """The outline of a surface whose tree came out well; None if it will not do."""
    made = Outline()
    return made if made.take(sketches) else None


class Bindings:
    """The places in a data model that templates go by, and which of them a write may change.

    Args:
        uses: By path, the component that each template makes of the rows there.
        segments: The parts of a path.
    """

    __slots__ = ("_above", "_at", "_segments", "uses")

    def __init__(self, uses: Mapping[str, list[str]], segments: Callable[[str], list[str]]) -> None:
        self.uses = uses
        self._segments = segments
        self._at: dict[tuple[str, ...], list[str]] = {}
        self._above: set[tuple[str, ...]] = set()
        for path in uses:
            parts = self._parts(path)
            self._at.setdefault(parts, []).append(path)
            self._above.update(parts[:end] for end in range(len(parts)))

    def touched(self, path: str) -> list[tuple[str, str | None]]:
        """Places whose rows a write at a path may change, and of which row each; None: of any."""
        if not self.uses:
            return []
        parts, names = self._parts(path), self._segments(path)
        if parts in self._above:
            return [(bound, None) for bound in self.uses]
        ways = ((parts[:end], names[end : end + 1]) for end in range(len(parts) + 1))
        return [
            (bound, row[0] if row else None) for way, row in ways for bound in self._at.get(way, ())
        ]

    def added(
        self,
        path: str,
        has_row: Callable[[str, str], bool | None],
        outline: Callable[[], Outline | None],
    ) -> int | None:
        """How many nodes a write at a path adds at most; None if only making the tree can tell.

        Args:
            path: Where something is about to be written.
            has_row: Whether a row is at a bound place already; None if not, and it may be that
                more changes there than that this row comes last.
            outline: What the rows are made of.
        """
        added = 0
        for bound, row in self.touched(path):
            there = None if row is None else has_row(bound, row)
            more = 0 if there else None
            if there is False and (made := outline()) is not None:
                more = made.rows(self.uses[bound])
            if more is None:
                return None
            added += more
        return added

    def _parts(self, path: str) -> tuple[str, ...]:
        """The parts of a path; `01` and `1` may be the same place, if it is an array."""
        return tuple(
            (part.lstrip("0") or "0") if part.isdigit() else part for part in self._segments(path)
        )
