"""Streams that nobody looks at until their end: seeded, well-made and odd ones."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.clientsim.conftest import Message, column, data, rows, text, update

Parts = dict[str, Any]
_PLACES = ("/rows", "/rows/k", "/rows/m", "/rows/k/in", "/rows/k/in/q", "/d", "/d/v", "/", "rows.k")
_BINDINGS = ("/rows", "/rows/k/in", "in", "/d")


def story(seed: int) -> list[Message]:
    """A surface, and what comes for it afterwards."""
    teller = _Teller(random.Random(f"unseen {seed}"))
    return teller.first() + [teller.next() for _ in range(teller.chance.choice((5, 15, 30)))]


class _Teller:
    """Knows the components it has told of; most streams begin with a tree, some with a tangle."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.names = [*(f"c{i}" for i in range(chance.choice((4, 8, 14)))), "row:k", "k"]
        self.children: dict[str, list[str]] = {}
        self.is_tree = chance.random() < 0.7
        self.parts = self.tree() if self.is_tree else {name: self.odd() for name in self.names}
        self.root = next(iter(self.parts)) if self.is_tree else chance.choice(self.names)

    def first(self) -> list[Message]:
        """Whole or one component a message, begun before, in between or after."""
        messages = [update(**{name: part}) for name, part in self.parts.items()]
        self.chance.shuffle(messages)
        if self.chance.random() < 0.7:
            messages = [update(**self.parts)]
        messages += [self.values()] if self.chance.random() < 0.5 else []
        at = self.chance.choice((0, len(messages), len(messages)))
        return [*messages[:at], self.begin(self.root), *messages[at:]]

    def next(self) -> Message:
        """Data, a leaf, a part with all that is in it, something odd, or the beginning again."""
        kind = self.chance.random()
        if kind < 0.45:
            return self.values()
        if kind < 0.7:
            name = self.chance.choice([*self.names, "new1", "new2"])
            return update(**{name: text(literal=self.chance.choice(("q", "hi", "new1", "c2")))})
        if kind < 0.9 and self.is_tree:
            return update(**self.part(self.chance.choice(list(self.parts))))
        if kind < 0.95:
            some = self.chance.sample(self.names, self.chance.choice((1, 2)))
            return update(**{name: self.odd() for name in some})
        again = self.root if self.chance.random() < 0.8 else self.chance.choice(self.names)
        return self.begin(again)

    def begin(self, root: str) -> Message:
        return {"beginRendering": {"surfaceId": "s", "root": root}}

    def tree(self) -> Parts:
        """Components with one parent each, among them at times a template's."""
        order = self.chance.sample(self.names, len(self.names))
        self.children = {name: [] for name in order}
        for i, name in enumerate(order[1:], 1):
            self.children[order[self.chance.randrange(max(0, i - 4), i)]].append(name)
        return {name: self.holder(self.children[name]) for name in order}

    def holder(self, inside: Sequence[str]) -> Any:
        if not inside:
            return self.chance.choice((text(), text("/d/v"), text("a")))
        if len(inside) > 1 or self.chance.random() < 0.5:
            return column(*inside)
        if self.chance.random() < 0.5:
            return {"Card": {"child": inside[0]}}
        return rows(inside[0], self.chance.choice(_BINDINGS))

    def part(self, name: str) -> Parts:
        """A component and all that is in it, at times with one more."""
        todo, found = [name], {}
        while todo:
            each = todo.pop()
            found[each] = self.parts[each]
            todo.extend(self.children[each])
        holder = found[name]
        if "Column" in holder and self.chance.random() < 0.3:
            more = f"e{self.chance.randrange(9)}"
            inside = [*holder["Column"]["children"]["explicitList"], more]
            found |= {name: column(*inside), more: text(literal="e")}
        return found

    def odd(self) -> Any:
        """A component that may refer to any, more than once, or by way of a text."""
        chance, some = self.chance, self.chance.choice
        words = lambda: some((text(literal=some(("hi", "c1"))), text(some(("/d/v", "a", "c3")))))  # noqa: E731
        makers: Mapping[str, Any] = {
            "words": words,
            "column": lambda: column(*chance.choices(self.names, k=some((0, 1, 2, 3)))),
            "card": lambda: {"Card": {"child": some(self.names)}},
            "rows": lambda: rows(some(self.names), some(_BINDINGS)),
            "own": lambda: {"Own": {"x": some(self.names), "y": [{"path": some(self.names)}]}},
            "gap": lambda: {
                "Text": {"text": {"path": some(("r", "/rows/z")), "literalString": "z"}}
            },
        }
        return makers[some(("words", "words", "words", *makers))]()

    def values(self) -> Message:
        place = self.chance.choice((*_PLACES, *(f"/rows/{key}" for key in "01pqrstu")))
        entries = [self.entry() for _ in range(self.chance.randrange(1, 4))]
        return data(place, *entries)

    def entry(self, *, inner: bool = False) -> Message:
        key = self.chance.choice(("a", "b", "in", "k", "0", "1"))
        if inner or self.chance.random() < 0.6:
            return {"key": key, "valueString": self.chance.choice(("x", "[1,2]", '{"q":1}'))}
        inside = [self.entry(inner=True) for _ in range(self.chance.randrange(3))]
        return {"key": key, "valueMap": inside}
