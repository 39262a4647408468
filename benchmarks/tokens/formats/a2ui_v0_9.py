"""Compact A2UI v0.9 JSON, as short as it can be written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from benchmarks.tokens.formats.ids import Named, NamedRepeat, named
from benchmarks.tokens.parts import Bound, Press
from benchmarks.tokens.screen import Put, Show, Step

CATALOG: Final = "https://a2ui.org/specification/v0_9/catalogs/basic/catalog.json"


def messages(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The messages of an answer."""
    return [{"version": "v0.9", **body} for step in steps for body in _bodies(step)]


def write(steps: Sequence[Step]) -> str:
    """The answer's JSON."""
    return json.dumps(messages(steps), ensure_ascii=False, separators=(",", ":"))


def _bodies(step: Step) -> Iterator[dict[str, Any]]:
    to = {"surfaceId": step.surface}
    if isinstance(step, Put):
        for path, value in step.values.items():
            yield {"updateDataModel": {**to, "path": path, "value": value}}
    else:
        yield from _shown(step, to)


def _shown(step: Show, to: dict[str, Any]) -> Iterator[dict[str, Any]]:
    inputs = {"sendDataModel": True} if step.sends_inputs else {}
    yield {"createSurface": {**to, "catalogId": CATALOG, **inputs}}
    components = [_component(item) for item in named(step.root)]
    yield {"updateComponents": {**to, "components": components}}
    if step.data:
        yield {"updateDataModel": {**to, "value": step.data}}


def _component(item: Named) -> dict[str, Any]:
    props = {key: _value(value) for key, value in item.props.items()}
    return {"id": item.id, "component": item.kind, **props}


def _value(value: Any) -> Any:
    if isinstance(value, Bound):
        return {"path": value.path}
    if isinstance(value, NamedRepeat):
        return {"componentId": value.item, "path": value.path}
    if isinstance(value, Press):
        context = {"context": dict(value.context)} if value.context else {}
        return {"event": {"name": value.name, **context}}
    return value
