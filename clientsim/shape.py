"""Small checks that describe the shape of a message, and combine.

A check takes a JSON value and returns what the client keeps of it, or raises `Mismatch`, which
collects its place on the way out. What a profile accepts is a table of these.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

Check: TypeAlias = Callable[[object], object]
Extra: TypeAlias = Literal["refuse", "drop", "keep"]

_NEVER_KEPT: Final = "__proto__"


class Mismatch(Exception):
    """A value has the wrong shape; `place` is the way down to it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place: list[str | int] = []

    def under(self, step: str | int) -> "Mismatch":
        """The same mismatch, seen from one level further out."""
        self.place.insert(0, step)
        return self

    def sentence(self) -> str:
        """Where and what, in one sentence."""
        where = "/".join(map(str, self.place)) or "The message"
        return f"{where}: {self.reason}."


def text(value: object) -> object:
    """A string."""
    if not isinstance(value, str):
        raise Mismatch("expected a string")
    return value


def number(value: object) -> object:
    """A number; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Mismatch("expected a number")
    return value


def integer(value: object) -> object:
    """A number without a fraction."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Mismatch("expected an integer")
    return value


def flag(value: object) -> object:
    """A boolean."""
    if not isinstance(value, bool):
        raise Mismatch("expected true or false")
    return value


def one_of(*words: str) -> Check:
    """One of the given strings."""
    allowed = frozenset(words)

    def check(value: object) -> object:
        if not isinstance(value, str) or value not in allowed:
            raise Mismatch(f"expected one of {', '.join(words)}")
        return value

    return check


def many(item: Check, *, at_least: int = 0) -> Check:
    """An array of `item`."""

    def check(value: object) -> object:
        if not isinstance(value, list):
            raise Mismatch("expected an array")
        if len(value) < at_least:
            raise Mismatch(f"expected at least {at_least} item")
        kept: list[object] = []
        try:
            for each in value:
                kept.append(item(each))  # noqa: PERF401 - its length says where a mismatch was
        except Mismatch as mismatch:
            raise mismatch.under(len(kept)) from None
        return kept

    return check


def record(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    *,
    extra: Extra = "refuse",
) -> Check:
    """An object with these members; others are refused, dropped or kept as they are.

    An optional member may be absent but not null. Members come out in the order of the table,
    then the kept others.
    """
    fields = {**required, **(optional or {})}

    def check(value: object) -> object:
        if not isinstance(value, dict):
            raise Mismatch("expected an object")
        for name in required:
            if name not in value:
                raise Mismatch(f"{name} is missing")
        kept = _members(value, fields)
        _others(value, fields, kept, extra)
        return kept

    return check


def only_one(check: Check) -> Check:
    """A record of which exactly one member is present."""

    def counted(value: object) -> object:
        kept = check(value)
        found = len(kept) if isinstance(kept, dict) else 0
        if found != 1:
            raise Mismatch(f"expected exactly one property, found {found}")
        return kept

    return counted


def choice(options: Mapping[str, Check]) -> Check:
    """A record with exactly one of these members."""
    return only_one(record({}, options))


def _members(value: dict[str, object], fields: Mapping[str, Check]) -> dict[str, object]:
    name = ""
    kept: dict[str, object] = {}
    # Of one member there is no order to keep, and the table may be long.
    names = value if len(value) == 1 else fields
    try:
        for name in names:
            if name in value and name in fields:
                kept[name] = fields[name](value[name])
    except Mismatch as mismatch:
        raise mismatch.under(name) from None
    return kept


def _others(
    value: dict[str, object], fields: Mapping[str, Check], kept: dict[str, object], extra: Extra
) -> None:
    if len(kept) == len(value) or extra == "drop":
        return
    for name in value:
        if name in fields:
            continue
        if extra == "refuse":
            raise Mismatch(f"unknown property {name!r}")
        if name != _NEVER_KEPT:
            kept[name] = value[name]
