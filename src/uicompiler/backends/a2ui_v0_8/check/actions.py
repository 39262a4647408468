"""Which actions may go out: those the app knows, with context keys that every client reads alike.

It knows the `action` of the standard catalog. What an action does, and whether a nonce is right, it
does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.values import Property
from uicompiler.backends.a2ui_v0_8.check.wording import listed, show
from uicompiler.catalog.catalog import Rule
from uicompiler.ir.reserved import CONTEXT_KEYS
from uicompiler.ir.values import FORBIDDEN_KEYS

_RESERVED_CONTEXT: Final = frozenset(CONTEXT_KEYS)


def action(inner: Property) -> Property:
    """A Button's action; its strings may equal ids, as clients do not resolve them."""

    def gate(values: Sequence[Any], look: Look) -> bool:
        texts, look.texts = look.texts, look.said
        fits = inner.gate(values, look)
        look.texts = texts
        return fits and _are_allowed(values, look.rules.actions)

    def check(value: Any, at: At, look: Look) -> None:
        texts, places = look.texts, look.text_places
        look.texts, look.text_places = look.said, look.said_places
        inner.check(value, at, look)
        look.texts, look.text_places = texts, places
        if isinstance(value, dict):
            _check_action(value, at, look)

    return Property(gate, check)


def _are_allowed(actions: Sequence[Mapping[str, Any]], allowed: frozenset[str] | None) -> bool:
    """Whether actions may go out, if their shape is right."""
    names = {action["name"] for action in actions}
    if "" in names or (allowed is not None and not names <= allowed):
        return False
    every: set[str] = set()
    for action in actions:
        context = action.get("context", ())
        keys = {entry["key"] for entry in context}
        if len(keys) != len(context):
            return False
        every |= keys
    return FORBIDDEN_KEYS.isdisjoint(every) and all(
        key[:1] not in ("_", "") or key in _RESERVED_CONTEXT for key in every
    )


def _check_action(action: Mapping[str, Any], at: At, look: Look) -> None:
    name, context = action.get("name"), action.get("context")
    allowed = look.rules.actions
    if isinstance(name, str) and (not name or (allowed is not None and name not in allowed)):
        hint = "" if allowed is None else f"one of {listed(allowed)}"
        text = f"the action {show(name)} may not go out"
        look.report("COMPONENT_ACTION_FORBIDDEN", (at, "name"), text, hint)
    if isinstance(context, (list, tuple)):
        _check_context(context, (at, "context"), look)


def _check_context(context: Sequence[Any], at: At, look: Look) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(context):
        key = entry.get("key") if isinstance(entry, dict) else None
        if isinstance(key, str):
            why = _context_refusal(key, seen)
            if why is not None:
                place = ((at, index), "key")
                look.report("COMPONENT_ACTION_FORBIDDEN", place, f"the context key {why}")
            seen.add(key)


def _context_refusal(key: str, seen: Collection[str]) -> str | None:
    if key in seen:
        return f"{show(key)} is there twice"
    if key in FORBIDDEN_KEYS or not key:
        return f"{show(key)} is one that clients misread"
    if key[0] == "_" and key not in _RESERVED_CONTEXT:
        return f"{show(key)} is reserved by its first character"
    return None


def is_action(rule: Rule) -> bool:
    """Whether a catalog's `action` is that of the standard catalog."""
    context = rule.properties.get("context")
    entry = None if context is None else context.items
    return (
        rule.properties.get("name") == Rule("string")
        and "name" in rule.required
        and entry is not None
        and entry.properties.get("key") == Rule("string")
        and "key" in entry.required
    )
