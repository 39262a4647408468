"""Lowering a surface again: what did not change is taken over.

A part is used again when its node is the same object and nothing that was read for it changed. A
part in which others changed gets those in place of the old ones; where they show under other ids,
it is made anew. What comes out is the same as if all were made anew.
"""

from __future__ import annotations

from typing import Protocol

from uicompiler.backends.a2ui_v0_8.lower.parts import Part, Parts
from uicompiler.ir.base import Node
from uicompiler.ir.changed import Changed
from uicompiler.ir.tree import NodePath


class Maker(Protocol):
    """What makes parts anew."""

    def fresh(self, node: Node, path: NodePath) -> Part:
        """Lower a node, whatever is known of it."""


class Again:
    """The parts of the lowering before, and which of them may not be used.

    Args:
        parts: Those parts.
        changed: Places of the document that are others now.

    Attributes:
        replaced: Parts that were made in place of old ones, by path.
        is_rebuilt: Whether components, parts, texts or what is read came, went or moved.
    """

    def __init__(self, parts: Parts, changed: Changed) -> None:
        self._parts = parts
        # What was made from the surface as a whole is made from more than its document.
        self._stale = parts.reading(changed).union(parts.readers.get((), ()))
        self._inside = parts.around(self._stale)
        self.replaced: dict[NodePath, Part] = {}
        self.is_rebuilt = False

    def part(self, node: Node, path: NodePath, maker: Maker) -> Part | None:
        """The part of a node as it is now, or None where it has to be made anew."""
        old = self._parts.by_path.get(path)
        if old is None or old.node is not node:
            self.is_rebuilt = True
            return None
        if path in self.replaced:
            return self.replaced[path]
        if path in self._stale:
            return self._made(old, maker)
        return self.renewed(old, maker)

    def renewed(self, old: Part, maker: Maker) -> Part:
        """A part that was not made from anything that changed."""
        return self.with_others(old, maker) or self._made(old, maker)

    def with_others(self, old: Part, maker: Maker) -> Part | None:
        """A part with those inside it as they are now; None where they show under other ids."""
        inside = self._inside.get(old.path)
        if inside is None:
            return old
        others: dict[int, Part] = {}
        for path in inside:
            before = self._parts.by_path[path]
            after = self._again(before, maker)
            if after.ident != before.ident:
                return None
            others[old.items.index(before)] = after
        part = self.replaced[old.path] = old.with_parts(others)
        return part

    def _again(self, old: Part, maker: Maker) -> Part:
        known = self.replaced.get(old.path)
        if known is not None:
            return known
        return self._made(old, maker) if old.path in self._stale else self.renewed(old, maker)

    def _made(self, old: Part, maker: Maker) -> Part:
        assert old.node is not None  # noqa: S101  # only the surface has none, and it reads nothing
        part = self.replaced[old.path] = maker.fresh(old.node, old.path)
        self.is_rebuilt = self.is_rebuilt or part.frame() != old.frame()
        return part
