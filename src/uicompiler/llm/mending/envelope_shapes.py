"""The envelope in what models write for one: a bare directive, a list, a wrapper, JSON in a string.

Promises: a value is moved, named or unpacked, never made up; what has the right shape is given back
as it is. A shape is recognised when nothing else can be meant by it. It does not know JSON syntax.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from uicompiler.directives.read import read_directive
from uicompiler.directives.registry import DirectiveRegistry
from uicompiler.llm.mending.payload_shapes import PAYLOADS
from uicompiler.pointer import parse
from uicompiler.strict_json import StrictJsonError, loads

_ENVELOPE: Final = ("assistant_text", "directives")
_OUTER: Final = frozenset(
    (
        *("answer", "assistant", "content", "data", "envelope", "final", "final_answer", "json"),
        *("output", "reply", "response", "result"),
    )
)
"""What models call an answer that they put into another object, and that says nothing about it."""

_CALLS: Final = ("arguments", "parameters", "args", "params")
_SCHEMA_TYPES: Final = frozenset(
    ("object", "array", "string", "number", "integer", "boolean", "null")
)
_IN_PAYLOAD: Final = re.compile("/payload/.")
_MAX_UNPACKED: Final = 3
_MAX_DEPTH: Final = 64

Changes = dict[str, None]


def as_envelope(
    value: object, changes: Changes, registry: DirectiveRegistry | None = None
) -> dict[str, Any] | None:
    """The envelope that a JSON value is, or that was meant by it; None when that is not sure.

    Args:
        value: Plain JSON.
        changes: Names of what was changed are added.
        registry: The directives there are; without it fewer shapes are sure.
    """
    found = _found(value, changes, registry, _MAX_UNPACKED)
    return None if found is None else _filled(found, changes, registry)


def _found(
    value: object, changes: Changes, registry: DirectiveRegistry | None, left: int
) -> dict[str, Any] | None:
    if left == 0:
        return None
    if isinstance(value, list):
        return _of_list(value, changes, registry, left)
    if not isinstance(value, dict):
        return None
    named = _with_names(value, changes)
    if any(key in named for key in _ENVELOPE):
        return named
    if _is_directive(value, registry):
        return _noted("bare_directive", changes, {"assistant_text": "", "directives": [value]})
    return _unwrapped(value, changes, registry, left)


def _noted(change: str, changes: Changes, found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is not None:
        changes[change] = None
    return found


def _of_list(
    value: list[Any], changes: Changes, registry: DirectiveRegistry | None, left: int
) -> dict[str, Any] | None:
    if value and all(_is_directive(item, registry) for item in value):
        return _noted("bare_list", changes, {"assistant_text": "", "directives": value})
    if len(value) == 1 and isinstance(value[0], dict):
        return _noted("wrapper", changes, _found(value[0], changes, registry, left - 1))
    return None


def _unwrapped(
    value: dict[str, Any], changes: Changes, registry: DirectiveRegistry | None, left: int
) -> dict[str, Any] | None:
    """The envelope under one known key, which is the only one: another might take it back."""
    key = next(iter(value), "")
    if len(value) != 1 or key not in _OUTER:
        return None
    return _noted("wrapper", changes, _found(value[key], changes, registry, left - 1))


def _with_names(value: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """With `assistantText` and the like named as the envelope does."""
    meant = {key: key.replace("-", "").replace("_", "").replace(" ", "").lower() for key in value}
    named = dict(value)
    for name in _ENVELOPE:
        spelt = [key for key in value if meant[key] == name.replace("_", "")]
        if len(spelt) == 1 and spelt[0] != name:
            named = {name if key == spelt[0] else key: item for key, item in named.items()}
            changes["key_name"] = None
    return named


def _filled(
    found: dict[str, Any], changes: Changes, registry: DirectiveRegistry | None
) -> dict[str, Any]:
    """With what is missing, and every directive as `{type, payload}`."""
    envelope = dict(found)
    directives = envelope.get("directives")
    decoded = _decoded(directives)
    if isinstance(decoded, list):
        changes["encoded"] = None
        directives = decoded
    if isinstance(directives, dict) and _is_directive(directives, registry):
        changes["bare_directive"] = None
        directives = [directives]
    if isinstance(directives, list):
        directives = [_directive(item, changes, registry) for item in directives]
    alone = envelope.keys() <= {*_ENVELOPE}  # else the text may stand under another name
    for key, value in (("assistant_text", ""), ("directives", directives or [])):
        if alone and envelope.get(key) is None:
            changes["missing_key"] = None
            envelope[key] = value
    if directives is not None:
        envelope["directives"] = directives
    return envelope


# One directive.


def _is_directive(item: object, registry: DirectiveRegistry | None) -> bool:
    if not isinstance(item, dict):
        return False
    shaped = _directive(item, {}, registry)
    kind = shaped.get("type") if isinstance(shaped, dict) else None
    if not isinstance(kind, str) or kind in _SCHEMA_TYPES:
        return False
    if "payload" in shaped or registry is None:
        return isinstance(shaped.get("payload"), dict) and len(shaped) == 2
    return registry.find(kind) is not None


def _directive(item: object, changes: Changes, registry: DirectiveRegistry | None) -> Any:
    """The directive as `{type, payload}`, where it is sure what was meant; else as it is."""
    if registry is not None and isinstance(item, dict) and _is_valid(item, registry):
        return item
    decoded = _decoded(item)
    if isinstance(decoded, dict):
        changes["encoded"] = None
        item = decoded
    if not isinstance(item, dict):
        return item
    call = item.get("function")
    if item.get("type") == "function" and isinstance(call, dict) and "name" in call:
        changes["call"] = None
        item = call
    shaped = _with_payload(_with_type(item, changes), changes, registry)
    return shaped if registry is None else _with_values(shaped, changes, registry)


def _with_type(item: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """With a name beside arguments as the type, as in a call of a function."""
    rest = item.keys() - {"name", "id"}
    known = rest <= {"payload", *_CALLS} and len(rest) == 1
    if not known or not isinstance(item.get("name"), str):
        return item
    changes["call"] = None
    return {"type": item["name"], **{key: item[key] for key in rest}}


def _with_payload(
    item: dict[str, Any], changes: Changes, registry: DirectiveRegistry | None
) -> dict[str, Any]:
    rest = item.keys() - {"type"}
    key = next(iter(rest), "") if len(rest) == 1 else ""
    if key in _CALLS and _is_own_key(item.get("type"), key, registry):
        return item
    decoded = _decoded(item.get(key))
    if key in ("payload", *_CALLS) and isinstance(decoded, dict):
        changes["encoded"] = None
        item = {**item, key: decoded}
    if key in _CALLS and isinstance(item[key], dict) and "type" in item:
        changes["call"] = None
        return {"type": item["type"], "payload": item[key]}
    return item


def _with_values(
    item: dict[str, Any], changes: Changes, registry: DirectiveRegistry
) -> dict[str, Any]:
    """With values unpacked that stand in a string, if the directive is valid only so."""
    rest = [key for key in item if key != "type"]
    payload = item.get("payload")
    told, change = item, "encoded"
    if isinstance(payload, dict):
        told = {**item, "payload": {**payload, **_packed(item, payload, registry)}}
    elif len(rest) == 1 and rest[0] in PAYLOADS and isinstance(item[rest[0]], dict):
        told, change = {"type": item.get("type"), "payload": item[rest[0]]}, "call"
    if told == item or not _is_valid(told, registry):
        return item
    changes[change] = None
    return told


def _packed(
    item: dict[str, Any], payload: dict[str, Any], registry: DirectiveRegistry
) -> dict[str, Any]:
    """By key, what stands in a string that is refused; a text that may be one stays one."""
    faults = read_directive(item, registry).diagnostics
    refused = {parse(fault.pointer)[1] for fault in faults if _IN_PAYLOAD.match(fault.pointer)}
    decoded = {key: _decoded(payload[key]) for key in payload if key in refused}
    return {key: value for key, value in decoded.items() if value is not None}


def _is_valid(item: dict[str, Any], registry: DirectiveRegistry) -> bool:
    return read_directive(item, registry).payload is not None


def _is_own_key(kind: object, key: str, registry: DirectiveRegistry | None) -> bool:
    """Whether the payload of a directive has a key of this name."""
    spec = registry.find(kind) if registry is not None and isinstance(kind, str) else None
    return spec is not None and (key in spec.payload.model_fields or key in spec.key_aliases)


def _decoded(value: object) -> object:
    """The object or array that a text is as JSON; None when it is neither."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return None
    try:
        inner = loads(value, max_depth=_MAX_DEPTH)
    except StrictJsonError:
        return None
    return inner if isinstance(inner, (Mapping, list)) else None
