"""JSON values that cannot change: objects are `FrozenDict`, arrays are tuples.

State is shared between turns, so that identity means "unchanged"; a value that someone could
alter in place would break that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeAlias

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, or a mapping or sequence of them.

`Any`, because the recursive type makes every narrowing step of tree code a cast.
"""

FORBIDDEN_KEYS: Final = frozenset({"__proto__", "constructor", "prototype"})
"""Object keys that JavaScript clients misread as their own machinery."""


class FrozenDict(dict[str, Any]):
    """A dict that refuses changes; equal to, and serialised as, a plain dict."""

    __slots__ = ()

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("state is immutable; make a new value instead")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def plus(self, entries: Mapping[str, Any]) -> FrozenDict:
        """A new one with some entries added or replaced; its own come first, in their order."""
        made = FrozenDict(self)
        dict.update(made, entries)  # nobody else has it yet, and a second copy would be made
        return made

    def __hash__(self) -> int:  # type: ignore[override]  # dict has no hash; this never changes
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        """Pickle and copy by value."""
        return (FrozenDict, (dict(self),))


def freeze(value: Json) -> Json:
    """The same JSON value in frozen form; what is frozen already is returned as it is."""
    if isinstance(value, (str, FrozenDict)):
        return value
    if isinstance(value, Mapping):
        return FrozenDict({str(key): freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: Json) -> Json:
    """A fresh, changeable copy made of dicts and lists."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [thaw(item) for item in value]
    return value
