"""Which components contain which: what is reached, how deep, in a cycle, how often shown.

Each component and each reference is walked once, without recursion. It knows ids and nothing else:
no messages, no limits, no findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

Children: TypeAlias = dict[str, tuple[str, ...]]
"""Ids that each container refers to; components that refer to none are not in it."""


def reached_from(starts: Iterable[str], children: Children) -> set[str]:
    """Every id that `starts` lead to, themselves included."""
    reached = set(starts)
    waiting = list(reached)
    while waiting:
        new = [ident for ident in children.get(waiting.pop(), ()) if ident not in reached]
        reached.update(new)
        waiting += new
    return reached


class Shape(NamedTuple):
    """How components hang together.

    Attributes:
        depths: Components in the longest chain from each container down, itself included;
            children come before parents.
        cycle: Ids of the first cycle found, or ().
    """

    depths: dict[str, int]
    cycle: tuple[str, ...]


def measure(starts: Iterable[str], children: Children) -> Shape:
    """Walk everything below `starts`, each component and reference once."""
    depths: dict[str, int] = {}
    cycle: tuple[str, ...] = ()
    for start in starts:
        if start in depths:
            continue
        # Own output has children before parents, so that there is nothing to descend into.
        below = children.get(start, ())
        deepest = 1 if below else 0
        for child in below:
            if child in children:
                depth = depths.get(child)
                if depth is None:
                    cycle = _descend(start, children, depths) or cycle
                    break
                if depth > deepest:
                    deepest = depth
        else:
            depths[start] = 1 + deepest
    return Shape(depths, cycle)


def _descend(start: str, children: Children, depths: dict[str, int]) -> tuple[str, ...]:
    """Measure everything below `start`, depth first; gives a cycle if there is one."""
    cycle: tuple[str, ...] = ()
    path: dict[str, None] = {}
    waiting = [start]
    while waiting:
        ident = waiting[-1]
        if ident in path:
            waiting.pop()
            del path[ident]
            # What has no depth here is a leaf, or closes a cycle.
            depths[ident] = 1 + max([depths.get(child, 1) for child in children[ident]])
        elif ident in depths:
            waiting.pop()
        else:
            path[ident] = None
            for child in children[ident]:
                if child in path:
                    cycle = cycle or _loop(child, path)
                elif child in children and child not in depths:
                    waiting.append(child)
    return cycle


_MANY: Final = 10**9


def expanded(shape: Shape, children: Children) -> int:
    """The most nodes a client makes below one component: what two refer to is made twice."""
    counts: dict[str, int] = {}
    for ident in shape.depths:
        below = sum([counts.get(child, 1) for child in children.get(ident, ())])
        counts[ident] = min(1 + below, _MANY)
    return max(counts.values(), default=0)


def _loop(first: str, path: Iterable[str]) -> tuple[str, ...]:
    ids = list(path)
    return (*ids[ids.index(first) :], first)
