"""Payloads in a wrapper, or with a key too many: `[{…}]`, `{"level": {"value": "low"}}`.

An answer whose envelope can be read may still hold such a thing where a directive was refused. What
is around a value is taken off, and a key left out that the payload does not know and that is no
misspelt one of its own, nothing else. Whoever calls takes it only if the directive runs then, so
that no reading counts that the app's own models do not confirm. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from uicompiler.directives.registry import DirectiveRegistry
from uicompiler.errors import Diagnostic
from uicompiler.ir.values import Json
from uicompiler.pointer import parse

WRAPPER: Final = "payload_wrapper"
UNKNOWN_KEY: Final = "payload_key"
"""What the changes are called in an attempt's `mended`."""

_INVALID: Final = "DIRECTIVE_PAYLOAD_INVALID"
_UNKNOWN: Final = "Extra inputs are not permitted"
"""How pydantic begins what it says of a key that a model does not have."""

_PLACE: Final = 2
"""Segments of a fault's pointer that name its directive: `directives` and the index."""


def unwrapped(
    directives: Sequence[Json], faults: Sequence[Diagnostic], registry: DirectiveRegistry
) -> tuple[list[Json], tuple[str, ...]]:
    """The directives without wrappers and unknown keys where they were refused, and what was done.

    Args:
        directives: As the model wrote them.
        faults: What they were refused for.
        registry: The directives there are.
    """
    changed = list(directives)
    done: dict[str, None] = {}
    for fault in faults:
        path = parse(fault.pointer)
        index = int(path[1]) if len(path) >= _PLACE and path[1].isdecimal() else len(changed)
        if fault.code != _INVALID or index >= len(changed):
            continue
        inside = path[_PLACE:]
        unknown = fault.message.startswith(_UNKNOWN)
        known = _known_keys(changed[index], registry)
        after, change = _bared(changed[index], inside, known), WRAPPER
        if unknown and after == changed[index]:
            after, change = _without(changed[index], inside, known), UNKNOWN_KEY
        if after != changed[index]:
            changed[index] = after
            done[change] = None
    return changed, tuple(done)


def _known_keys(directive: Json, registry: DirectiveRegistry) -> tuple[str, ...]:
    """The keys that a directive's payload may have, under any of their names."""
    name = directive.get("type") if isinstance(directive, Mapping) else None
    spec = registry.find(name) if isinstance(name, str) else None
    return () if spec is None else (*spec.payload.model_fields, *spec.key_aliases)


def _without(directive: Json, path: Sequence[str], known: Collection[str]) -> Json:
    """A directive without the key of its payload that a path names, if that is no misspelt one."""
    payload = directive.get("payload") if isinstance(directive, Mapping) else None
    if not isinstance(payload, Mapping) or len(path) != _PLACE or path[1] not in payload:
        return directive
    if get_close_matches(path[1].lower(), list(known), n=1):
        return directive
    return {**directive, "payload": {key: payload[key] for key in payload if key != path[1]}}


def _bared(directive: Json, path: Sequence[str], known: Collection[str]) -> Json:
    """A directive without the wrapper around its payload, or around what a path leads to."""
    if not isinstance(directive, Mapping) or "payload" not in directive:
        return directive
    payload = directive["payload"]
    inner = _inside(payload)
    if isinstance(inner, Mapping) and not (isinstance(payload, Mapping) and {*payload} & {*known}):
        return {**directive, "payload": inner}
    return _at(directive, path)


def _at(value: Json, path: Sequence[str]) -> Json:
    """A value in which what a path leads to has no wrapper any more."""
    if not path:
        inner = _inside(value)
        return value if inner is None else inner
    head, rest = path[0], path[1:]
    if isinstance(value, Mapping) and head in value:
        return {**value, head: _at(value[head], rest)}
    if isinstance(value, list) and head.isdecimal() and int(head) < len(value):
        return [_at(item, rest) if i == int(head) else item for i, item in enumerate(value)]
    return value


def _inside(value: Json) -> Json:
    """What is in a list of one, or under the one key of an object; None where there is no such."""
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, Mapping) and len(value) == 1:
        return next(iter(value.values()))
    return None
