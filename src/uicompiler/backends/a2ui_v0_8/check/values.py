"""Values that hold no others: strings, references, URLs, paths, enums, numbers, booleans.

Each is a gate and a check. A gate that says yes promises that nothing is wrong; both collect the
strings and references they come by. Which property a value is of, they do not know.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.paths import check_path
from uicompiler.backends.a2ui_v0_8.check.wording import listed, show
from uicompiler.urls import url_refusal

Gate: TypeAlias = Callable[[Sequence[Any], "Look"], bool]
"""Whether nothing is wrong with any of these values, paths aside; collects what they hold."""

Check: TypeAlias = Callable[[Any, At, "Look"], None]
"""Reports what is wrong with a value; collects what it holds, with places."""


class Property(NamedTuple):
    """How values of one rule are checked: asked by `gate`, examined by `check` when it says no.

    A gate is asked of the values of many components at once, which costs a fraction of asking one
    by one. It may say no to values that `check` finds nothing wrong with, never the reverse; but
    paths it only collects, for a question of their own (`all_safe`).
    """

    gate: Gate
    check: Check


_STRINGS: Final = frozenset({str})
_OBJECTS: Final = frozenset({dict})
_ARRAYS: Final = frozenset({list, tuple})
_LISTS: Final = frozenset({list})
_BOOLEANS: Final = frozenset({bool})


def are_strings(values: Iterable[Any]) -> bool:
    """Whether all values are strings."""
    return _STRINGS.issuperset(map(type, values))


def are_objects(values: Iterable[Any]) -> bool:
    """Whether all values are objects."""
    return _OBJECTS.issuperset(map(type, values))


def are_arrays(values: Iterable[Any]) -> bool:
    """Whether all values are arrays."""
    return _ARRAYS.issuperset(map(type, values))


def are_booleans(values: Iterable[Any]) -> bool:
    """Whether all values are booleans."""
    return _BOOLEANS.issuperset(map(type, values))


def are_lists(values: Iterable[Any]) -> bool:
    """Whether all values are lists."""
    return _LISTS.issuperset(map(type, values))


def column_of(objects: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """What those of these objects hold that have the property."""
    if objects and name in objects[0] and name in objects[-1]:
        try:
            return list(map(itemgetter(name), objects))
        except KeyError:
            pass
    return [found[name] for found in objects if name in found]


def _string_gate(values: Sequence[Any], look: Look) -> bool:
    if are_strings(values):
        look.texts += values
        return True
    return False


def _string_check(value: Any, at: At, look: Look) -> None:
    if isinstance(value, str):
        look.note(value, at)
    else:
        look.invalid(at, "a string", value)


def _reference_gate(values: Sequence[Any], look: Look) -> bool:
    if are_strings(values):
        look.refs += values
        return True
    return False


def _reference_check(value: Any, at: At, look: Look) -> None:
    if isinstance(value, str):
        look.refs.append(value)
        look.ref_places.append(at)
    else:
        look.invalid(at, "a component id", value)


def _url_gate(values: Sequence[Any], look: Look) -> bool:
    if not are_strings(values):
        return False
    look.texts += values
    schemes = look.rules.url_schemes
    return all(url_refusal(value, schemes) is None for value in set(values))


def _url_check(value: Any, at: At, look: Look) -> None:
    _string_check(value, at, look)
    why = url_refusal(value, look.rules.url_schemes) if isinstance(value, str) else None
    if why is not None:
        look.report("COMPONENT_URL_FORBIDDEN", at, f"a URL that may not go out: {why}")


def _path_gate(values: Sequence[Any], look: Look) -> bool:
    if are_strings(values):
        look.texts += values
        look.paths += values
        return True
    return False


def _path_check(value: Any, at: At, look: Look) -> None:
    _string_check(value, at, look)
    if isinstance(value, str):
        check_path(value, at, look)


STRING: Final = Property(_string_gate, _string_check)
STRINGS: Final[Mapping[str, Property]] = {
    "a2ui-component-id": Property(_reference_gate, _reference_check),
    "a2ui-url": Property(_url_gate, _url_check),
    "a2ui-path": Property(_path_gate, _path_check),
}


def enum(allowed: frozenset[str]) -> Property:
    """A string that is one of a few."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        if not are_strings(values):
            return False
        distinct = set(values)
        look.texts += distinct
        return distinct <= allowed

    def check(value: Any, at: At, look: Look) -> None:
        if isinstance(value, str) and value in allowed:
            look.note(value, at)
        else:
            hint = f"one of {listed(allowed)}"
            look.report("COMPONENT_INVALID", at, f"not an allowed value: {show(value)}", hint)

    return Property(gate, check)


def _scalar(
    expected: str,
    fits: Callable[[Any], bool],
    all_fit: Callable[[Sequence[Any]], bool] | None = None,
) -> Property:
    """A value that is not a string."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        return all(map(fits, values)) if all_fit is None else all_fit(values)

    def check(value: Any, at: At, look: Look) -> None:
        if not fits(value):
            look.invalid(at, expected, value)

    return Property(gate, check)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether it is a JSON number that a double holds: not NaN, infinite or huge."""
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and -sys.float_info.max <= value <= sys.float_info.max
    )


def _is_integer(value: Any) -> bool:
    return is_number(value) and value == int(value)


ANYTHING: Final = _scalar("anything", lambda value: True)
SCALARS: Final[Mapping[str, Property]] = {
    "number": _scalar("a finite number", is_number),
    "integer": _scalar("an integer", _is_integer),
    "boolean": _scalar("a boolean", _is_boolean, are_booleans),
}
