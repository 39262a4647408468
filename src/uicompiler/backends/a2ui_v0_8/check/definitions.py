"""Every definition of a surface's components, and the paths that each of them binds.

It promises to give what is there, however wrong the rest of a component is. What a good component
is, it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.findings import At
from uicompiler.backends.a2ui_v0_8.check.places import Edges, Template, templates_of
from uicompiler.backends.a2ui_v0_8.check.surface import COMPONENTS, Surface
from uicompiler.catalog.catalog import Rule


class Binding(NamedTuple):
    """A path that a component reads; `is_url` says that a client fetches what is there."""

    path: str
    at: At
    is_url: bool


class Definition(NamedTuple):
    """A component as one message defines it.

    Attributes:
        ident: Its id.
        kind: Its type.
        props: Its properties.
        line: The message's line.
        at: The place of the properties.
        refs: Components it refers to, those of templates too.
        bindings: Paths it reads.
        templates: What it repeats.
    """

    ident: str
    kind: str
    props: Mapping[str, Any]
    line: int | None
    at: At
    refs: list[str]
    bindings: list[Binding]
    templates: list[Template]


Collector: TypeAlias = Callable[[Any, At, list[str], list[Binding]], None]
"""Adds to lists the references and paths that a value holds, however wrong it is."""


def collector(rule: Rule) -> Collector | None:
    """What collects of values of a rule; None if there is never anything in them."""
    if rule.kind == "object":
        parts = [(name, _part(rule, name)) for name in rule.properties]
        return _of_object([(name, part) for name, part in parts if part is not None])
    if rule.kind == "array":
        return _of_items(None if rule.items is None else collector(rule.items))
    return _reference if rule.format == "a2ui-component-id" else None


def _part(rule: Rule, name: str) -> Collector | None:
    if name != "path" or rule.properties[name].format != "a2ui-path":
        return collector(rule.properties[name])
    is_url = any(other.format == "a2ui-url" for other in rule.properties.values())

    def collect(value: Any, at: At, _refs: list[str], bindings: list[Binding]) -> None:
        if isinstance(value, str):
            bindings.append(Binding(value, at, is_url))

    return collect


def _of_object(parts: Sequence[tuple[str, Collector]]) -> Collector | None:
    def collect(value: Any, at: At, refs: list[str], bindings: list[Binding]) -> None:
        if isinstance(value, dict):
            for name, part in parts:
                if name in value:
                    part(value[name], (at, name), refs, bindings)

    return collect if parts else None


def _of_items(inner: Collector | None) -> Collector | None:
    if inner is None:
        return None

    def collect(value: Any, at: At, refs: list[str], bindings: list[Binding]) -> None:
        if isinstance(value, (list, tuple)):
            for index, item in enumerate(value):
                inner(item, (at, index), refs, bindings)

    return collect


def _reference(value: Any, _at: At, refs: list[str], _bindings: list[Binding]) -> None:
    if isinstance(value, str):
        refs.append(value)


def definitions_of(
    surface: Surface, collectors: Mapping[str, Collector | None]
) -> tuple[list[Definition], list[Definition]]:
    """Definitions that hold, and all that ever did."""
    every: list[Definition] = []
    latest: dict[str, list[Definition]] = {}
    for line, declared, items in surface.places:
        for ident, index in declared.items():
            latest[ident] = list(_defined(ident, items[index], index, line, collectors))
            every += latest[ident]
    return [found for holding in latest.values() for found in holding], every


def _defined(
    ident: str,
    item: Mapping[str, Any],
    index: int,
    line: int | None,
    collectors: Mapping[str, Collector | None],
) -> Iterator[Definition]:
    body = item.get("component")
    base: At = ((COMPONENTS, index), "component")
    for kind, props in body.items() if isinstance(body, dict) else ():
        if kind in collectors and isinstance(props, dict):
            at = (base, kind)
            refs: list[str] = []
            bindings: list[Binding] = []
            collect = collectors[kind]
            if collect is not None:
                collect(props, at, refs, bindings)
            templates = list(templates_of({kind: props}))
            yield Definition(ident, kind, props, line, at, refs, bindings, templates)


def edges_of(definitions: Iterable[Definition]) -> Edges:
    """What each component contains, in any of these definitions."""
    edges: dict[str, list[tuple[str, str | None]]] = {}
    for found in definitions:
        mine = edges.setdefault(found.ident, [])
        repeated = {template.component: template.path for template in found.templates}
        mine += [(child, repeated.get(child)) for child in found.refs]
    return edges
