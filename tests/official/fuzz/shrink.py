"""What still fails is cut down to what matters: elements first, then the inside of each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def shrunk(items: list[T], fails: Callable[[list[T]], bool]) -> list[T]:
    """The elements without which it would not fail; any one of them taken away, it does not.

    Args:
        items: What fails.
        fails: Whether a shorter list fails too.
    """
    size = len(items)
    while size >= 1:
        start = 0
        while start < len(items):
            shorter = items[:start] + items[start + size :]
            if fails(shorter):
                items = shorter
            else:
                start += size
        # Whatever went away may have held something else in place.
        size = size // 2 if size > 1 else 0
    return items if _minimal(items, fails) else shrunk(items, fails)


def _minimal(items: list[T], fails: Callable[[list[T]], bool]) -> bool:
    return not any(fails(items[:at] + items[at + 1 :]) for at in range(len(items)))


def shrunk_json(value: Any, fails: Callable[[Any], bool], *, tries: int = 2000) -> Any:
    """A JSON value of which no key, item or spelling can be made simpler, as far as tries go."""
    done = False
    while not done:
        done = True
        for simpler in _simpler(value):
            tries -= 1
            if tries < 0:
                return value
            if fails(simpler):
                value, done = simpler, False
                break
    return value


def _simpler(value: Any) -> Iterator[Any]:
    """Copies with one thing less, the outermost first."""
    places = list(_places(value))
    for number, (holder, key) in enumerate(places):
        if isinstance(holder, (dict, list)):
            changed, there = _copy(value, number)
            del there[0][there[1]]
            yield changed
        for plain in _plainer(holder[key]):
            changed, there = _copy(value, number)
            there[0][there[1]] = plain
            yield changed


def _plainer(value: Any) -> Iterator[Any]:
    if isinstance(value, str) and len(value) > 1:
        yield from ("x", value[: len(value) // 2])
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value not in (0, 1):
        yield 0


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder and key, level by level."""
    waiting = [value]
    while waiting:
        holder = waiting.pop(0)
        keys: Any = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            yield holder, key
            if isinstance(holder[key], (dict, list)):
                waiting.append(holder[key])


def _copy(value: Any, number: int) -> tuple[Any, tuple[Any, Any]]:
    changed = copy.deepcopy(value)
    return changed, list(_places(changed))[number]
