"""Every definition of a surface's components, and the paths that each of them binds.

It promises to give what is there, however wrong the rest of a component is. What a good component
is, it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from uicompiler.backends.a2ui_v0_8.check.findings import At
from uicompiler.backends.a2ui_v0_8.check.places import Edges, Template, templates_of
from uicompiler.backends.a2ui_v0_8.check.surface import COMPONENTS, Surface
from uicompiler.catalog.catalog import Catalog, Rule


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
        refs: Components it refers to, each with its place, those of templates too.
        bindings: Paths it reads.
        templates: What it repeats.
    """

    ident: str
    kind: str
    props: Mapping[str, Any]
    line: int | None
    at: At
    refs: list[tuple[str, At]]
    bindings: list[Binding]
    templates: list[Template]


def definitions_of(surface: Surface, catalog: Catalog) -> tuple[list[Definition], list[Definition]]:
    """Definitions that hold, and all that ever did."""
    every: list[Definition] = []
    latest: dict[str, list[Definition]] = {}
    for line, declared, items in surface.places:
        for ident, index in declared.items():
            latest[ident] = list(_defined(ident, items[index], index, line, catalog))
            every += latest[ident]
    return [found for holding in latest.values() for found in holding], every


def _defined(
    ident: str, item: Mapping[str, Any], index: int, line: int | None, catalog: Catalog
) -> Iterator[Definition]:
    body = item.get("component")
    base: At = ((COMPONENTS, index), "component")
    for kind, props in body.items() if isinstance(body, dict) else ():
        rule = catalog.components.get(kind) if isinstance(kind, str) else None
        if rule is not None and isinstance(props, dict):
            at = (base, kind)
            refs: list[tuple[str, At]] = []
            bindings: list[Binding] = []
            _collect(rule, props, at, refs, bindings)
            templates = list(templates_of({kind: props}))
            yield Definition(ident, kind, props, line, at, refs, bindings, templates)


def _collect(
    rule: Rule, value: object, at: At, refs: list[tuple[str, At]], bindings: list[Binding]
) -> None:
    """Walk a value by its rule; a catalog's rules are not deep."""
    if rule.kind == "array" and rule.items is not None and isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _collect(rule.items, item, (at, index), refs, bindings)
    elif rule.kind == "object" and isinstance(value, dict):
        for name, inner in rule.properties.items():
            if name == "path" and inner.format == "a2ui-path" and isinstance(value.get(name), str):
                is_url = any(other.format == "a2ui-url" for other in rule.properties.values())
                bindings.append(Binding(value[name], (at, name), is_url))
            elif name in value:
                _collect(inner, value[name], (at, name), refs, bindings)
    elif rule.format == "a2ui-component-id" and isinstance(value, str):
        refs.append((value, at))


def edges_of(definitions: Iterable[Definition]) -> Edges:
    """What each component contains, in any of these definitions."""
    edges: dict[str, list[tuple[str, str | None]]] = {}
    for found in definitions:
        mine = edges.setdefault(found.ident, [])
        repeated = {template.component: template.path for template in found.templates}
        mine += [(child, repeated.get(child)) for child, _ in found.refs]
    return edges
