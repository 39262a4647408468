"""Payloads in a wrapper, or with talk beside: `[{…}]`, `{"level": {"value": "low"}}`, `reasoning`.

An answer whose envelope can be read may still hold such a thing where a directive was refused. What
is around a value is taken off, and what the model says about a payload left out, nothing else; and
only if more can run then, so that no reading counts that the app's own models do not confirm. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from uicompiler.errors import Diagnostic
from uicompiler.ir.values import Json
from uicompiler.pointer import parse

WRAPPER: Final = "payload_wrapper"
TALK: Final = "payload_talk"
"""What the changes are called in an attempt's `mended`."""

_SHAPES: Final = frozenset({"DIRECTIVE_PAYLOAD_INVALID"})
_AROUND_PAYLOADS: Final = frozenset({"payload", "arguments", "parameters", "args", "params"})
_AROUND_VALUES: Final = frozenset({"value"})
_TALK: Final = frozenset(
    {
        "comment",
        "comments",
        "explanation",
        "rationale",
        "reason",
        "reasoning",
        "thinking",
        "thought",
    }
)
_PLACE: Final = 2
"""Segments of a fault's pointer that name its directive: `directives` and the index."""


def unwrapped(
    directives: Sequence[Json], faults: Sequence[Diagnostic]
) -> tuple[list[Json], tuple[str, ...]]:
    """The directives without wrappers and talk where they were refused, and what was done.

    Args:
        directives: As the model wrote them.
        faults: What they were refused for.
    """
    changed = list(directives)
    done: dict[str, None] = {}
    for fault in faults:
        path = parse(fault.pointer)
        index = int(path[1]) if len(path) >= _PLACE and path[1].isdecimal() else len(changed)
        if fault.code in _SHAPES and index < len(changed):
            before = changed[index]
            changed[index] = _quiet(before, path[_PLACE:])
            done |= {TALK: None} if changed[index] != before else {}
            quiet, changed[index] = changed[index], _bared(changed[index], path[_PLACE:])
            done |= {WRAPPER: None} if changed[index] != quiet else {}
    return changed, tuple(done)


def _quiet(directive: Json, path: Sequence[str]) -> Json:
    """A directive without the key of its payload that a path names, if that is talk."""
    payload = directive.get("payload") if isinstance(directive, Mapping) else None
    if not isinstance(payload, Mapping) or len(path) != _PLACE or path[1] not in _TALK:
        return directive
    return {**directive, "payload": {key: payload[key] for key in payload if key != path[1]}}


def _bared(directive: Json, path: Sequence[str]) -> Json:
    """A directive without the wrapper around its payload, or around what a path leads to."""
    if not isinstance(directive, Mapping) or "payload" not in directive:
        return directive
    payload = _inside(directive["payload"], _AROUND_PAYLOADS)
    if payload is not directive["payload"]:
        return {**directive, "payload": payload} if isinstance(payload, Mapping) else directive
    return _at(directive, path)


def _at(value: Json, path: Sequence[str]) -> Json:
    """A value in which what a path leads to has no wrapper any more."""
    if not path:
        return _inside(value, _AROUND_VALUES)
    head, rest = path[0], path[1:]
    if isinstance(value, Mapping) and head in value:
        return {**value, head: _at(value[head], rest)}
    if isinstance(value, list) and head.isdecimal() and int(head) < len(value):
        return [_at(item, rest) if i == int(head) else item for i, item in enumerate(value)]
    return value


def _inside(value: Json, keys: frozenset[str]) -> Json:
    """What is in a list of one, or under the one key of an object; else the value itself."""
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, Mapping) and len(value) == 1:
        (key,) = value
        return value[key] if key in keys else value
    return value
