"""A catalog as functions, made once: for each component type a gate and a check.

It promises that checking good output is one walk, and that a gate says yes to nothing that its
check finds fault with. How components hang together, it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.alone import INPUTS, standard_types
from uicompiler.backends.a2ui_v0_8.check.definitions import Collector, collector
from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.special import FOREIGN, SPECIAL, bound, meant
from uicompiler.backends.a2ui_v0_8.check.values import (
    ANYTHING,
    SCALARS,
    STRING,
    STRINGS,
    Check,
    Gate,
    Property,
    are_arrays,
    are_objects,
    column_of,
    enum,
)
from uicompiler.backends.a2ui_v0_8.check.wording import listed, name_of, show, show_keys
from uicompiler.catalog.catalog import Catalog, Rule

References: TypeAlias = Callable[[Any], tuple[str, ...]]
"""The references in a good value, in its own order."""


class Kind(NamedTuple):
    """How components of one type are checked.

    Attributes:
        gate: Whether nothing is wrong with any of several.
        check: What is wrong with one.
        references: The references in a good one; None where there are none.
        collect: What any one reads and refers to, for foreign streams.
    """

    gate: Gate
    check: Check
    references: References | None
    collect: Collector | None


Plan: TypeAlias = Mapping[str, Kind]
"""How each component type is checked."""

_PLANS: Final[dict[tuple[int, bool], tuple[Catalog, Plan]]] = {}


def plan_of(catalog: Catalog, *, foreign: bool = False) -> Plan:
    """The plan of a catalog; kept, as making it costs more than checking."""
    key = (id(catalog), foreign)
    kept = _PLANS.get(key)
    if kept is None or kept[0] is not catalog:
        asked = standard_types(catalog) if foreign else frozenset()
        plan = {
            kind: _component(kind, rule, foreign=foreign, asked=kind in asked)
            for kind, rule in catalog.components.items()
        }
        if len(_PLANS) >= 16:
            _PLANS.clear()
        kept = _PLANS[key] = (catalog, plan)
    return kept[1]


def _component(kind: str, rule: Rule, *, foreign: bool, asked: bool) -> Kind:
    inner = {
        name: _compiled(item, kind if (kind, name) in INPUTS else "")
        for name, item in rule.properties.items()
    }
    for of, name, fits, wrap in FOREIGN if foreign else SPECIAL:
        if of in (kind, None) and name in inner and fits(rule.properties[name]):
            inner[name] = wrap(inner[name])
    found = _object(inner, rule.required)
    gate, check = meant(kind, found) if asked else found
    return Kind(gate, check, _references(rule), collector(rule))


def _compiled(rule: Rule, input_type: str = "") -> Property:
    if rule.kind == "object":
        plain = {name: _compiled(item) for name, item in rule.properties.items()}
        inner = bound(rule, plain, input_type if rule.exactly_one else "")
        return _one_of(inner) if rule.exactly_one else _object(inner, rule.required)
    if rule.kind == "array":
        return _array(ANYTHING if rule.items is None else _compiled(rule.items))
    if rule.kind == "string":
        return STRINGS.get(rule.format, STRING) if rule.enum is None else enum(rule.enum)
    return SCALARS[rule.kind]


def _object(inner: Mapping[str, Property], required: frozenset[str]) -> Property:
    return Property(_object_gate(inner, required), _object_check(inner, required))


def _object_gate(
    inner: Mapping[str, Property], required: frozenset[str], *, one: bool = False
) -> Gate:
    """Ask objects; `one` says that each has one property and no more."""
    gates = {name: item.gate for name, item in inner.items()}
    several = _columns_gate(gates, required)

    def gate(values: Sequence[Any], look: Look) -> bool:
        if len(values) == 1:
            return type(values[0]) is dict and lone(values[0], look)
        if not are_objects(values) or (one and not _ONE.issuperset(map(len, values))):
            return False
        return several(values, look)

    def lone(value: Mapping[str, Any], look: Look) -> bool:
        if not required <= value.keys() or (one and len(value) != 1):
            return False
        for name, item in value.items():
            if name not in gates or not gates[name]((item,), look):
                return False
        return True

    return gate


def _columns_gate(gates: Mapping[str, Gate], required: frozenset[str]) -> Gate:
    """Ask objects property by property: each is one column of values."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        left, missing = sum(map(len, values)), len(required)
        for name, passes in gates.items():
            if not left:
                break
            column = column_of(values, name)
            if name in required:
                missing -= 1
                if len(column) < len(values):
                    return False
            if column and not passes(column, look):
                return False
            left -= len(column)
        return not left and not missing

    return gate


_ONE: Final = frozenset({1})


def _object_check(inner: Mapping[str, Property], required: frozenset[str]) -> Check:
    def check(value: Any, at: At, look: Look) -> None:
        if not isinstance(value, dict):
            look.invalid(at, "an object", value)
            return
        for name, item in value.items():
            if name in inner:
                inner[name].check(item, (at, name), look)
            else:
                text = f"no such property: {show(name)}"
                hint = f"known here: {listed(inner)}"
                look.report("COMPONENT_INVALID", (at, name_of(name)), text, hint)
        if not required <= value.keys():
            missing = listed(required - value.keys())
            look.report("COMPONENT_INVALID", at, f"required but missing: {missing}")

    return check


def _one_of(inner: Mapping[str, Property]) -> Property:
    """An object with exactly one property: a bound value, or a container's children."""
    return Property(_object_gate(inner, frozenset(), one=True), _one_of_check(inner))


def _one_of_check(inner: Mapping[str, Property]) -> Check:
    code = "COMPONENT_BOUND_VALUE" if "path" in inner else "COMPONENT_INVALID"

    def check(value: Any, at: At, look: Look) -> None:
        known = value.keys() & inner.keys() if isinstance(value, dict) else ()
        if len(known) != 1 or len(value) != 1:
            expected = f"expected an object with exactly one of {listed(inner)}"
            look.report(code, at, f"{expected}, found {show_keys(value)}")
        for name, item in inner.items():
            if name in known:
                item.check(value[name], (at, name), look)

    return check


def _array(inner: Property) -> Property:
    def gate(values: Sequence[Any], look: Look) -> bool:
        if not are_arrays(values):
            return False
        items = list(chain.from_iterable(values))
        return not items or inner.gate(items, look)

    def check(value: Any, at: At, look: Look) -> None:
        if not isinstance(value, (list, tuple)):
            look.invalid(at, "an array", value)
            return
        for index, item in enumerate(value):
            inner.check(item, (at, index), look)

    return Property(gate, check)


def _references(rule: Rule) -> References | None:
    """What gives the references in a value of a rule, None if there are never any."""
    if rule.kind == "string" and rule.format == "a2ui-component-id":
        return lambda value: (value,)
    if rule.kind == "array" and rule.items is not None:
        return _references_of_items(rule.items)
    found = {name: _references(item) for name, item in rule.properties.items()}
    parts = {name: item for name, item in found.items() if item is not None}
    if len(parts) == 1:
        return _references_of_property(*parts.popitem())
    return _references_in(parts) if parts else None


def _references_of_items(rule: Rule) -> References | None:
    inner = _references(rule)
    if inner is None or rule.kind == "string":
        return inner and tuple
    return lambda value: tuple(chain.from_iterable(map(inner, value)))


def _references_of_property(name: str, inner: References) -> References:
    return lambda value: inner(value[name]) if name in value else ()


def _references_in(parts: Mapping[str, References]) -> References:
    def references(value: Any) -> tuple[str, ...]:
        found: tuple[str, ...] = ()
        for name, item in value.items():
            if name in parts:
                found += parts[name](item)
        return found

    return references
