"""Payloads in a wrapper: `[{…}]`, `{"payload": {…}}`, `{"level": {"value": "low"}}`.

An answer whose envelope can be read may still hold such a thing where a directive was refused. What
is around a value is taken off where its name says nothing, and where it is the only key, so that
no condition, negation or note goes with it; nothing else is changed, and no key left out. Whoever
calls takes it only if the directive runs then, so that no reading counts that the app's own models
do not confirm. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from uicompiler.directives.registry import DirectiveRegistry
from uicompiler.errors import Diagnostic
from uicompiler.ir.values import Json
from uicompiler.pointer import parse

WRAPPER: Final = "payload_wrapper"
"""What the change is called in an attempt's `mended`."""

PAYLOADS: Final = frozenset(
    ("payload", "arguments", "parameters", "args", "params", "input", "inputs", "props", "data")
)
"""Names that say of an object no more than that it is what a directive is given."""

_VALUES: Final = frozenset(
    (
        *("value", "text", "content", "string", "number", "boolean"),
        *("literalString", "literalNumber", "literalBoolean"),  # as A2UI writes a bound value
    )
)
"""Names that say of a scalar no more than what it is."""

_INVALID: Final = "DIRECTIVE_PAYLOAD_INVALID"
_PLACE: Final = 2
"""Segments of a fault's pointer that name its directive: `directives` and the index."""


def unwrapped(
    directives: Sequence[Json], faults: Sequence[Diagnostic], registry: DirectiveRegistry
) -> tuple[list[Json], tuple[str, ...]]:
    """The directives without wrappers where they were refused, and what was done.

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
        after = _bared(changed[index], inside, _known_keys(changed[index], registry))
        if after != changed[index]:
            changed[index] = after
            done[WRAPPER] = None
    return changed, tuple(done)


def _known_keys(directive: Json, registry: DirectiveRegistry) -> tuple[str, ...]:
    """The keys that a directive's payload may have, under any of their names."""
    name = directive.get("type") if isinstance(directive, Mapping) else None
    spec = registry.find(name) if isinstance(name, str) else None
    return () if spec is None else (*spec.payload.model_fields, *spec.key_aliases)


def _bared(directive: Json, path: Sequence[str], known: Collection[str]) -> Json:
    """A directive without the wrapper around its payload, or around what a path leads to."""
    if not isinstance(directive, Mapping) or "payload" not in directive:
        return directive
    inner = _payload_inside(directive["payload"], known)
    return _at(directive, path) if inner is None else {**directive, "payload": inner}


def _payload_inside(payload: Json, known: Collection[str]) -> Json:
    """The payload in a list of one, or under a name for it that is no key of its own; or None."""
    inner: Json = None
    if isinstance(payload, list) and len(payload) == 1:
        inner = payload[0]
    elif isinstance(payload, Mapping) and len(payload) == 1:
        key = next(iter(payload))
        inner = payload[key] if key in PAYLOADS and key not in known else None
    return inner if isinstance(inner, Mapping) else None


def _at(value: Json, path: Sequence[str]) -> Json:
    """A value in which what a path leads to has no wrapper any more."""
    if not path:
        inner = _scalar_inside(value)
        return value if inner is None else inner
    head, rest = path[0], path[1:]
    if isinstance(value, Mapping) and head in value:
        return {**value, head: _at(value[head], rest)}
    if isinstance(value, list) and head.isdecimal() and int(head) < len(value):
        return [_at(item, rest) if i == int(head) else item for i, item in enumerate(value)]
    return value


def _scalar_inside(value: Json) -> Json:
    """The scalar in a list of one, or under a name that only says that it is one; or None."""
    inner: Json = None
    if isinstance(value, list) and len(value) == 1:
        inner = value[0]
    elif isinstance(value, Mapping) and len(value) == 1:
        key = next(iter(value))
        inner = value[key] if key in _VALUES else None
    return inner if isinstance(inner, (str, int, float)) else None
