"""From one raw directive of an envelope to a validated payload.

Order: type lookup, a walk over every key and text, null means absent, key aliases and the
spec's own repairs, validation without coercion, and only then with lossless coercion. Each
repair is a warning with code DIRECTIVE_REPAIRED; strict mode counts it as an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from uicompiler.directives.registry import DirectiveRegistry, DirectiveSpec, Payload
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.ir.base import Node
from uicompiler.ir.text import clean, has_surrogates, only_line_ends_differ
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.ir.values import FORBIDDEN_KEYS, Json
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
        item: The directive as a model wrote it.
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
    walk = _Walk()
    if name != spec.type:
        walk.repaired("/type", f"read {name[:40]!r} as {spec.type!r}")
    payload = _payload_object(item, walk)
    if payload is None:
        finding = diagnostic(
            "DIRECTIVE_PAYLOAD_INVALID",
            f"the payload of {spec.type} is an object",
            pointer="/payload",
        )
        return _refused(spec, finding)
    cleaned = walk.value(payload, ("payload",))
    if walk.refused:
        return ReadDirective(spec, None, tuple(walk.found))
    return _validated(spec, _with_aliases(cleaned, spec, walk), walk, nodes)


def _payload_object(item: Mapping[str, Any], walk: _Walk) -> dict[str, Any] | None:
    if "payload" in item:
        for key in sorted(set(item) - {"type", "payload"}):
            walk.repaired(join((key,)), f"ignored the unknown key {key[:40]!r}")
        payload = item["payload"]
        return {} if payload is None else payload if isinstance(payload, dict) else None
    inline = {key: value for key, value in item.items() if key != "type"}
    if inline:
        walk.repaired("", "took the keys beside type as the payload")
    return inline


def _with_aliases(payload: dict[str, Any], spec: DirectiveSpec, walk: _Walk) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, value in payload.items():
        target = spec.key_aliases.get(key, key)
        if target != key and target in payload:
            renamed[key] = value
            continue
        if target != key:
            walk.repaired(join(("payload", key)), f"read {key!r} as {target!r}")
        renamed[target] = value
    if spec.prepare is None:
        return renamed
    return spec.prepare(renamed, lambda at, what: walk.repaired(f"/payload{at}", what))


def _validated(
    spec: DirectiveSpec, payload: dict[str, Any], walk: _Walk, nodes: Mapping[str, type[Node]]
) -> ReadDirective:
    text = orjson.dumps(payload)
    context = {"nodes": nodes, "strict": True}
    try:
        value = spec.payload.model_validate_json(text, strict=True, context=context)
        return _accepted(spec, value, walk)
    except ValidationError as strict_error:
        errors = strict_error
    try:
        value = spec.payload.model_validate_json(text, context={"nodes": nodes})
    except ValidationError as exc:
        return ReadDirective(spec, None, (*walk.found, *payload_findings(exc)))
    for error in errors.errors(include_url=False, include_context=False)[:_MAX_FINDINGS]:
        place = join(("payload", *map(str, error["loc"])))
        walk.repaired(place, f"converted {type(error['input']).__name__} to the expected type")
    return _accepted(spec, value, walk)


def _accepted(spec: DirectiveSpec, payload: Payload, walk: _Walk) -> ReadDirective:
    return ReadDirective(spec, payload, tuple(walk.found))


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


class _Walk:
    """Copies a payload, checking keys and cleaning texts; collects what it did and found."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.refused = False

    def repaired(self, pointer: str, what: str) -> None:
        self.found.append(diagnostic("DIRECTIVE_REPAIRED", what, pointer=pointer))

    def value(self, value: Json, at: tuple[str, ...]) -> Json:
        if isinstance(value, str):
            return self._text(value, at)
        if isinstance(value, dict):
            kept = {key: item for key, item in value.items() if item is not None}
            return {self._key(key, at): self.value(item, (*at, key)) for key, item in kept.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, (*at, str(i))) for i, item in enumerate(value)]
        return value

    def _key(self, key: str, at: tuple[str, ...]) -> str:
        if key in FORBIDDEN_KEYS:
            self._refuse("DIRECTIVE_KEY_FORBIDDEN", f"the key {key!r} is forbidden", at, "drop it")
        elif has_surrogates(key):
            self._surrogate(at)
        elif clean(key) != key:
            why = "a key holds control or bidi override characters"
            self._refuse("DIRECTIVE_TEXT_FORBIDDEN", why, at, "write it without them")
        return key

    def _text(self, text: str, at: tuple[str, ...]) -> str:
        if text.isascii() and text.isprintable():
            return text
        if has_surrogates(text):
            self._surrogate(at)
            return text
        cleaned = clean(text)
        if cleaned != text and not only_line_ends_differ(text):
            self.found.append(
                diagnostic(
                    "DIRECTIVE_TEXT_INVISIBLE",
                    "took invisible or direction-changing characters out of a text",
                    pointer=join(at),
                    hint="write the text without control characters",
                )
            )
        return cleaned

    def _surrogate(self, at: tuple[str, ...]) -> None:
        why = "a lone surrogate stands in a text, which UTF-8 cannot carry"
        self._refuse("DIRECTIVE_TEXT_UNENCODABLE", why, at, "write the character itself")

    def _refuse(self, code: str, why: str, at: tuple[str, ...], hint: str) -> None:
        self.refused = True
        self.found.append(diagnostic(code, why, pointer=join(at), hint=hint))
