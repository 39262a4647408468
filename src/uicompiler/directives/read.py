"""From one raw directive of an envelope to a validated payload.

Order: type lookup, keys and texts cleaned, null means absent, key aliases and the spec's own
repairs, validation without coercion, and only then with lossless coercion. Each repair is a
warning with code DIRECTIVE_REPAIRED; strict mode counts it as an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from uicompiler.directives.cleaning import Notes, cleaned
from uicompiler.directives.registry import DirectiveRegistry, DirectiveSpec, Payload
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.ir.base import Node
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.ir.values import Json, thaw
from uicompiler.ir.whole import Whole
from uicompiler.pointer import join

_MAX_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class ReadDirective:
    """A directive ready to run, or (without payload) the reasons why it is not.

    Attributes:
        spec: Its spec, when its type is known.
        payload: Its validated payload, or None when it is refused.
        diagnostics: Repairs and refusals; pointers are inside the directive.
    """

    spec: DirectiveSpec | None
    payload: Payload | None
    diagnostics: tuple[Diagnostic, ...]


def read_directive(
    item: Json,
    registry: DirectiveRegistry,
    nodes: Mapping[str, type[Node]] = STANDARD_NODES,
) -> ReadDirective:
    """Validate one `{"type", "payload"}` object against the registry. Never raises.

    Args:
        item: The directive as a model wrote it, in JSON values; its parts may be shared, unaltered.
        registry: The directives there are.
        nodes: The node classes there are, for payloads with trees of nodes.
    """
    name = item.get("type") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(name, str):
        return _refused(
            None,
            diagnostic(
                "DIRECTIVE_PAYLOAD_INVALID",
                'a directive is an object {"type": …, "payload": {…}}',
                hint=f"types: {', '.join(registry.names())}",
            ),
        )
    spec = registry.find(name)
    if spec is None:
        return _refused(None, _unknown_type(name, registry))
    notes = Notes()
    if name != spec.type:
        notes.repaired("/type", f"read {name[:40]!r} as {spec.type!r}")
    payload = _payload_object(item, notes)
    if payload is None:
        finding = diagnostic(
            "DIRECTIVE_PAYLOAD_INVALID",
            f"the payload of {spec.type} is an object",
            pointer="/payload",
        )
        return _refused(spec, finding)
    clean = cleaned(payload, notes)
    if notes.refused:
        return ReadDirective(spec, None, tuple(notes.found))
    named = _with_aliases(clean.value, spec, notes)
    text = orjson.dumps(named) if named is not clean.value or not clean.written else clean.written
    reader = registry.whole_reader(spec.payload, nodes)
    value = None if reader is None else _read_whole(reader, named, text, nodes)
    return _validated(spec, text, notes, nodes) if value is None else _accepted(spec, value, notes)


def _payload_object(item: Mapping[str, Any], notes: Notes) -> dict[str, Any] | None:
    if "payload" in item:
        for key in sorted(set(item) - {"type", "payload"}):
            notes.repaired(join((key,)), f"ignored the unknown key {key[:40]!r}")
        payload = item["payload"]
        return {} if payload is None else payload if isinstance(payload, dict) else None
    inline = {key: value for key, value in item.items() if key != "type"}
    if inline:
        notes.repaired("", "took the keys beside type as the payload")
    return inline


def _with_aliases(payload: dict[str, Any], spec: DirectiveSpec, notes: Notes) -> dict[str, Any]:
    """The payload under its spec's own names and repairs; the same object where none is needed."""
    if spec.prepare is None and spec.key_aliases.keys().isdisjoint(payload):
        return payload
    renamed: dict[str, Any] = {}
    for key, value in payload.items():
        target = spec.key_aliases.get(key, key)
        if target != key and target in payload:
            renamed[key] = value
            continue
        if target != key:
            notes.repaired(join(("payload", key)), f"read {key!r} as {target!r}")
        renamed[target] = value
    if spec.prepare is None:
        return renamed
    # A copy: a repair may alter it in place, and the payload may still be what the caller gave.
    return spec.prepare(thaw(renamed), lambda at, what: notes.repaired(f"/payload{at}", what))


def _read_whole(
    reader: Whole, payload: dict[str, Any], text: bytes, nodes: Mapping[str, type[Node]]
) -> Payload | None:
    """The payload when all of it is right, which most are; else its model says what is wrong."""
    try:
        value: Payload = reader.read(payload, text, {"nodes": nodes, "strict": True})
    except ValidationError:
        return None
    return value


def _validated(
    spec: DirectiveSpec, text: bytes, notes: Notes, nodes: Mapping[str, type[Node]]
) -> ReadDirective:
    context = {"nodes": nodes, "strict": True}
    try:
        value = spec.payload.model_validate_json(text, strict=True, context=context)
        return _accepted(spec, value, notes)
    except ValidationError as strict_error:
        errors = strict_error
    try:
        value = spec.payload.model_validate_json(text, context={"nodes": nodes})
    except ValidationError as exc:
        return ReadDirective(spec, None, (*notes.found, *payload_findings(exc)))
    for error in errors.errors(include_url=False, include_context=False)[:_MAX_FINDINGS]:
        place = join(("payload", *map(str, error["loc"])))
        notes.repaired(place, f"converted {type(error['input']).__name__} to the expected type")
    return _accepted(spec, value, notes)


def _accepted(spec: DirectiveSpec, payload: Payload, notes: Notes) -> ReadDirective:
    return ReadDirective(spec, payload, tuple(notes.found))


def payload_findings(error: ValidationError) -> list[Diagnostic]:
    """One diagnostic per problem pydantic found, pointers below `/payload`."""
    problems = error.errors(include_url=False, include_context=False)
    outer = {item["loc"][:size] for item in problems for size in range(len(item["loc"]))}
    return [
        diagnostic(
            "DIRECTIVE_PAYLOAD_INVALID",
            f"{item['msg'][:160]} (found {type(item['input']).__name__})",
            pointer=join(("payload", *map(str, item["loc"]))),
            hint="see the directive's schema",
        )
        for item in problems[:_MAX_FINDINGS]
        # A list counts as too short when its items are refused, which says nothing new.
        if not (item["type"] == "too_short" and item["loc"] in outer)
    ]


def _unknown_type(name: str, registry: DirectiveRegistry) -> Diagnostic:
    close = difflib.get_close_matches(name[:80], registry.names(), n=1)
    suggestion = f"did you mean {close[0]}? " if close else ""
    return diagnostic(
        "DIRECTIVE_UNKNOWN_TYPE",
        f"no directive is called {name[:40]!r}",
        pointer="/type",
        hint=f"{suggestion}known: {', '.join(registry.names())}",
    )


def _refused(spec: DirectiveSpec | None, finding: Diagnostic) -> ReadDirective:
    return ReadDirective(spec, None, (finding,))
