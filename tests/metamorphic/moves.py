"""What happens in a conversation, by seed: steps that mean something to any client.

A step counts surfaces, inputs and buttons on the screen as it is then, so a script of which steps
were taken out is a script still.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.stories import TRICKY, WORLD

from .trees import CHANGES
from .worlds import PLACES, World

Step: TypeAlias = tuple[Any, ...]

_WORDS = (*TRICKY, *WORLD[:40], "", "a", "two\nlines", "[1]", "null")
_OPS = ("set", "set", "set", "set", "delete", "append", "insert")
_KINDS = {
    "answer": 12,
    "show": 4,
    "again": 6,
    "change": 26,
    "write": 16,
    "type": 16,
    "press": 18,
    "late": 1,
    "back": 2,
    "close": 1,
    "complain": 1,
    "lose": 1,
    "language": 1,
    "key": 3,
    "strict": 1,
}
"""How often which step comes."""


def moves(seed: int | str, world: World) -> Iterator[Step]:
    """Steps without an end, the first of which shows something."""
    rng = random.Random(f"moves {seed}")
    kind = "show"
    while True:
        yield _step(kind, rng, world)
        [kind] = rng.choices(list(_KINDS), list(_KINDS.values()))


def _step(kind: str, rng: random.Random, world: World) -> Step:
    def n() -> int:
        return rng.randrange(1 << 12)

    if kind == "answer":
        return ("model", rng.choice(world.answers), rng.randrange(40) == 0)
    if kind == "show":
        return ("show", n(), rng.choice(world.shows))
    if kind == "change":
        return ("change", n(), rng.choice(list(CHANGES)), n(), n(), rng.choice(world.nodes))
    if kind == "write":
        return ("write", n(), [_op(rng, world) for _ in range(rng.choice((1, 1, 1, 2, 4)))])
    if kind == "type":
        return ("type", n(), n(), n(), rng.choice(_WORDS))
    numbers = {"again": 3, "press": 2, "late": 1, "lose": 0, "strict": 0}
    return (kind, *(n() for _ in range(numbers.get(kind, 1))))


def _op(rng: random.Random, world: World) -> dict[str, Any]:
    op = {"op": rng.choice(_OPS), "path": rng.choice(PLACES)}
    if op["op"] == "insert":
        op["path"] += f"/{rng.randrange(3)}"
    if op["op"] != "delete":
        op["value"] = rng.choice((*world.values, *_WORDS, rng.randrange(9)))
    return op
