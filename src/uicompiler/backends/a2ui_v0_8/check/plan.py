"""A catalog as functions, made once: for each component type a gate and a check.

It promises that checking good output is one walk, and that a gate says yes to nothing that its
check finds fault with. How components hang together, it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.special import INPUTS, SPECIAL, watched
from uicompiler.backends.a2ui_v0_8.check.values import (
    ANYTHING,
    SCALARS,
    STRING,
    STRINGS,
    Check,
    Gate,
    Property,
    enum,
)
from uicompiler.backends.a2ui_v0_8.check.wording import listed, name_of, show, show_keys
from uicompiler.catalog.catalog import Catalog, Rule

Plan: TypeAlias = Mapping[str, Property]
"""How each component type is checked."""

_PLANS: Final[dict[int, tuple[Catalog, Plan]]] = {}


def plan_of(catalog: Catalog) -> Plan:
    """The plan of a catalog; kept, as making it costs more than checking."""
    kept = _PLANS.get(id(catalog))
    if kept is None or kept[0] is not catalog:
        plan = {kind: _component(kind, rule) for kind, rule in catalog.components.items()}
        if len(_PLANS) >= 16:
            _PLANS.clear()
        kept = _PLANS[id(catalog)] = (catalog, plan)
    return kept[1]


def _component(kind: str, rule: Rule) -> Property:
    inner = {
        name: _compiled(item, is_input=(kind, name) in INPUTS)
        for name, item in rule.properties.items()
    }
    for of, name, fits, wrap in SPECIAL:
        if of in (kind, None) and name in inner and fits(rule.properties[name]):
            inner[name] = wrap(inner[name])
    return _object(inner, rule.required)


def _compiled(rule: Rule, *, is_input: bool = False) -> Property:
    if rule.kind == "object":
        inner = {name: _compiled(item) for name, item in rule.properties.items()}
        if rule.exactly_one:
            return watched(rule, _one_of(inner), is_input=is_input)
        return _object(inner, rule.required)
    if rule.kind == "array":
        return _array(ANYTHING if rule.items is None else _compiled(rule.items))
    if rule.kind == "string":
        return STRINGS.get(rule.format, STRING) if rule.enum is None else enum(rule.enum)
    return SCALARS[rule.kind]


def _object(inner: Mapping[str, Property], required: frozenset[str]) -> Property:
    return Property(_object_gate(inner, required), _object_check(inner, required))


def _object_gate(inner: Mapping[str, Property], required: frozenset[str]) -> Gate:
    gates = {name: item.gate for name, item in inner.items()}
    wanted = tuple(sorted(required))

    def gate(value: Any, texts: list[str], look: Look) -> bool:
        if not isinstance(value, dict):
            return False
        for name in wanted:
            if name not in value:
                return False
        for name, item in value.items():
            if name not in gates or not gates[name](item, texts, look):
                return False
        return True

    return gate


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
    return Property(_one_of_gate(inner), _one_of_check(inner))


def _one_of_gate(inner: Mapping[str, Property]) -> Gate:
    gates = {name: item.gate for name, item in inner.items()}

    def gate(value: Any, texts: list[str], look: Look) -> bool:
        if isinstance(value, dict) and len(value) == 1:
            for name, item in value.items():
                return name in gates and gates[name](item, texts, look)
        return False

    return gate


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


_ONLY_STR: Final = frozenset({str})


def _array(inner: Property) -> Property:
    is_references = inner is STRINGS["a2ui-component-id"]
    gate = _references_gate if is_references else _array_gate(inner.gate)

    def check(value: Any, at: At, look: Look) -> None:
        if not isinstance(value, (list, tuple)):
            look.invalid(at, "an array", value)
            return
        for index, item in enumerate(value):
            inner.check(item, (at, index), look)

    return Property(gate, check)


def _array_gate(inner: Gate) -> Gate:
    def gate(value: Any, texts: list[str], look: Look) -> bool:
        if not isinstance(value, (list, tuple)):
            return False
        for item in value:  # noqa: SIM110  # half the time of `all`
            if not inner(item, texts, look):
                return False
        return True

    return gate


def _references_gate(value: Any, texts: list[str], look: Look) -> bool:
    """Take a whole array of references at once."""
    if not isinstance(value, (list, tuple)) or not _ONLY_STR.issuperset(map(type, value)):
        return False
    look.refs += value
    return True
