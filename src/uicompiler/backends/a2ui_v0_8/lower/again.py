"""Lowering a surface again: what did not change is taken over.

A part is used again when its node is the same object and nothing that was read for it changed. A
part in which others changed gets those in place of the old ones; where they show under other ids,
it is made anew. What comes out is the same as if all were made anew.
"""

from __future__ import annotations

from typing import Any, Protocol

from uicompiler.backends.a2ui_v0_8.lower.parts import Part, Parts
from uicompiler.ir.base import Node
from uicompiler.ir.changed import Changed
from uicompiler.ir.tree import NodePath


class Maker(Protocol):
    """What makes parts anew."""

    def fresh(self, node: Node, path: NodePath, prefix: str, home: str) -> Part:
        """Lower a node, whatever is known of it."""

    def amounts(self) -> list[int]:
        """How much was made so far, for `back_to`."""

    def back_to(self, amounts: list[int]) -> None:
        """Forget what was made since then."""


def shorten(things: dict[Any, Any] | list[Any], amount: int) -> None:
    """Take out what was put in last, until there is no more than an amount."""
    while len(things) > amount:
        if isinstance(things, dict):
            things.popitem()
        else:
            things.pop()


class Again:
    """The parts of the lowering before, and which of them may not be used.

    Args:
        parts: Those parts.
        changed: Places of the document that are others now.

    Attributes:
        replaced: Parts that were made in place of old ones, by prefix.
        made: The old parts that were made anew, with the new ones.
        is_rebuilt: Whether components, parts, texts or what is read came, went or moved.
    """

    def __init__(self, parts: Parts, changed: Changed) -> None:
        self._parts = parts
        # What was made from the surface as a whole is made from more than its document.
        self._stale = parts.reading(changed).union(parts.readers.get((), ()))
        self._inside = parts.around(self._stale)
        self.replaced: dict[str, Part] = {}
        self.made: list[tuple[Part, Part]] = []
        self.is_rebuilt = False

    def part(self, node: Node, prefix: str, home: str, maker: Maker) -> Part | None:
        """The part of a node as it is now, or None where it has to be made anew."""
        old = self._parts.by_prefix.get(prefix)
        if old is None or old.node is not node or old.home != home:
            self.is_rebuilt = True
            return None
        return self._now(old, maker)

    def with_others(self, old: Part, maker: Maker) -> Part | None:
        """A part with those inside it as they are now; None where they show under other ids."""
        inside = self._inside.get(old.prefix)
        if inside is None:
            return old
        others: dict[int, Part] = {}
        start, replaced, made = maker.amounts(), len(self.replaced), len(self.made)
        for prefix in inside:
            before = self._parts.by_prefix[prefix]
            after = self._now(before, maker)
            if after.ident != before.ident:
                # Whoever makes it anew makes what is in it, too, and maybe of other nodes.
                maker.back_to(start)
                shorten(self.replaced, replaced)
                shorten(self.made, made)
                return None
            others[old.items.index(before)] = after
        part = self.replaced[old.prefix] = old.with_parts(others)
        return part

    def _now(self, old: Part, maker: Maker) -> Part:
        known = self.replaced.get(old.prefix)
        if known is not None:
            return known
        kept = None if old.prefix in self._stale else self.with_others(old, maker)
        return kept or self._made(old, maker)

    def _made(self, old: Part, maker: Maker) -> Part:
        assert old.node is not None  # noqa: S101  # only the surface has none, and it reads nothing
        part = self.replaced[old.prefix] = maker.fresh(old.node, old.path, old.prefix, old.home)
        self.made.append((old, part))
        self.is_rebuilt = self.is_rebuilt or part.frame() != old.frame()
        return part
