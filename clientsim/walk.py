"""Recursion without the call stack: generators that hand their sub-calls to one driver.

A recursive function is written as a generator that yields `(cost, sub-generator)` and gets the
sub-call's result back. The driver adds up the costs of the calls under way and refuses beyond
`BUDGET`, where the official client's own call stack overflows.
"""

from collections.abc import Generator
from typing import Any, Final, TypeAlias, TypeVar

from clientsim.errors import Refused

BUDGET: Final = 29_000
"""Measured on Node 20: about 946 nested Columns, 1366 Cards, 1488 arrays, 2927 plain objects.
With the costs used here each overflows within a few percent of that."""

MAX_NODES: Final = 250_000
"""A tree of more nodes is refused; the official client would run out of memory at some point."""

T = TypeVar("T")
# The results of sub-calls have many types; each caller knows the one it asked for.
Steps: TypeAlias = Generator[tuple[int, "Steps[Any]"], Any, T]


def walk(steps: Steps[T]) -> T:
    """Run a generator of this kind to its result.

    Raises:
        Refused: `SIM_TOO_DEEP`, or whatever the steps raise.
    """
    return measured(steps)[0]


def measured(steps: Steps[T]) -> tuple[T, int]:
    """As `walk`, and the most that its calls cost at a time."""
    stack: list[tuple[int, Steps[Any]]] = [(0, steps)]
    spent = most = 0
    result: Any = None
    while True:
        cost, current = stack[-1]
        try:
            cost, child = current.send(result)
        except StopIteration as done:
            result = done.value
            stack.pop()
            spent -= cost
            if not stack:
                return result, most
        else:
            stack.append((cost, child))
            spent += cost
            result = None
            if spent > most:
                most = spent
                if spent > BUDGET:
                    raise Refused("SIM_TOO_DEEP", "The nesting overflows the client's call stack.")
