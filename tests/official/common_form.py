"""Rewriting a stream so that official clients should agree on it, and seeing whether they do.

Each message is rewritten by the first row that changes it, again and again, until none does; then
all clients get it, and what they hold tells the rows how to go on. So a row's rewriting always
knows what the clients hold when its message comes, and clients that once differ end the stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .bridge import OfficialClient
from .rows.rewrite_components import ids_and_texts
from .rows.row import Row, Scene
from .three_clients import Clients, first_difference

Json = Any
MOST = 200
"""Rewritings of one message; none needs as many, so rows that bring each other on end there."""


@dataclass(frozen=True)
class Told:
    """A stream in the common form.

    Attributes:
        rows: Names of the rows that changed something, in the order of the table.
        difference: Where the clients differ all the same, or None.
        messages: How many messages the clients got.
        refused: How many of them all refused.
    """

    rows: tuple[str, ...]
    difference: str | None
    messages: int
    refused: int


@dataclass(frozen=True)
class Explained:
    """Why the clients differ on a stream.

    Attributes:
        difference: Where they first differ on the stream as it is; None when they never do.
        rows: Names of the rows without which they still differ once all others rewrote it.
        unexplained: Where they differ when all rows rewrote it; None when they do not.
    """

    difference: str | None
    rows: tuple[str, ...]
    unexplained: str | None


def in_common_form(official: OfficialClient, messages: Sequence[Json], rows: Sequence[Row]) -> Told:
    """Hand a stream, rewritten by rows, to all clients, up to where they differ."""
    scene, used = Scene(taken=ids_and_texts(list(messages))), set[str]()
    count = refused = 0
    with Clients(official) as clients:
        for number, message in enumerate(messages, start=1):
            todo, steps = [message], 0
            while todo:
                name, todo = _step(todo, scene, rows)
                if name is not None:
                    used, steps = used | {name}, steps + 1
                    if steps > MOST:
                        return Told(_in_order(used, rows), "rows without end", count, refused)
                    continue
                seen = clients.take(todo[0])
                count, refused = count + 1, refused + (not seen.taken)
                different = seen.difference()
                if different:
                    different = f"message {number}: {different}"
                    return Told(_in_order(used, rows), different, count, refused)
                scene.follow(todo.pop(0), seen.hidden, seen.surfaces["web_core"], seen.taken)
    return Told(_in_order(used, rows), None, count, refused)


def rows_used(messages: Sequence[Json], rows: Sequence[Row]) -> set[str]:
    """Names of the rows that rewrite a stream for clients that hold nothing."""
    scene, used = Scene(taken=ids_and_texts(list(messages))), set[str]()
    for message in messages:
        todo = [message]
        for _ in range(MOST):
            name, todo = _step(todo, scene, rows) if todo else (None, [])
            if name is None and not todo:
                break
            if name is None:
                todo = todo[1:]
            else:
                used.add(name)
    return used


def _step(todo: list[Json], scene: Scene, rows: Sequence[Row]) -> tuple[str | None, list[Json]]:
    """The first row that changes the first message, and what is to do then."""
    for row in rows:
        changed = [todo[0]] if row.rewrite is None else row.rewrite(todo[0], scene)
        if len(changed) != 1 or changed[0] is not todo[0]:
            return row.name, [*changed, *todo[1:]]
    return None, todo


def _in_order(used: set[str], rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(row.name for row in rows if row.name in used)


def explained(official: OfficialClient, messages: Sequence[Json], rows: Sequence[Row]) -> Explained:
    """Whether rows explain how the clients differ on a stream, and which of them it takes."""
    difference = first_difference(official, messages)
    if difference is None:
        return Explained(None, (), None)
    told = in_common_form(official, messages, rows)
    if told.difference is not None:
        return Explained(difference, (), told.difference)
    needed = tuple(name for name in told.rows if is_needed(official, messages, rows, name))
    return Explained(difference, needed, None)


def is_needed(
    official: OfficialClient, messages: Sequence[Json], rows: Sequence[Row], name: str
) -> bool:
    """Whether the clients differ on a stream when all rows but one rewrote it."""
    others = [row for row in rows if row.name != name]
    return in_common_form(official, messages, others).difference is not None
