"""What a stream holds of what clients stumble over, read off its messages.

The names are those under which the report on official clients tells how many streams had them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.official.streams import ALMOST, ENUMS

Messages = list[Any]

_ROOT = (None, "", "/", ".", "./")


def features(messages: Messages) -> set[str]:
    """The names of what occurs in a stream."""
    return {name for name, occurs in FEATURES.items() if occurs(messages)}


# ---------------------------------------------------------------- looking into messages


def _bodies(messages: Messages, kind: str) -> list[dict[str, Any]]:
    """Bodies of one kind, in order, as far as they are objects."""
    found = [message.get(kind) for message in messages if isinstance(message, dict)]
    return [body for body in found if isinstance(body, dict)]


def _surface(body: Mapping[str, Any]) -> str:
    return str(body.get("surfaceId"))


def _components(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    listed = body.get("components")
    return {
        str(item["id"]): item["component"]
        for item in (listed if isinstance(listed, list) else ())
        if isinstance(item, dict) and "id" in item and isinstance(item.get("component"), dict)
    }


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield from item.items()
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _entries(messages: Messages) -> Iterator[dict[str, Any]]:
    """Every entry of data updates, at any depth."""
    waiting = [body.get("contents") for body in _bodies(messages, "dataModelUpdate")]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            yield item
            waiting.append(item.get("valueMap"))


def _strings(messages: Messages) -> Iterator[str]:
    return (e["valueString"] for e in _entries(messages) if isinstance(e.get("valueString"), str))


# ---------------------------------------------------------------- the features


def _templates(body: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Which components repeat which."""
    return {
        (name, inner["componentId"])
        for name, component in _components(body).items()
        for key, inner in _inside(component)
        if key == "template" and isinstance(inner, dict)
        if isinstance(inner.get("componentId"), str)
    }


def _nested_templates(messages: Messages) -> bool:
    for body in _bodies(messages, "surfaceUpdate"):
        found = _templates(body)
        if {outer for outer, _ in found} & {inner for _, inner in found}:
            return True
    return False


def _rows_in_a_map(messages: Messages) -> bool:
    return any(entry.get("valueMap") for entry in _entries(messages) if entry.get("key") == "items")


def _deletes_and_re_creations(messages: Messages) -> bool:
    gone: set[str] = set()
    for message in filter(lambda item: isinstance(item, dict) and item, messages):
        kind, body = next(iter(message.items()))
        if isinstance(body, dict) and kind != "deleteSurface" and _surface(body) in gone:
            return True
        if isinstance(body, dict) and kind == "deleteSurface":
            gone.add(_surface(body))
    return False


def _declared_again(messages: Messages, differ: bool) -> bool:
    """A container that comes again; or any component that comes again as another type."""
    seen: dict[tuple[str, str], set[str]] = {}
    for body in _bodies(messages, "surfaceUpdate"):
        for name, component in _components(body).items():
            kinds, before = set(component), seen.get((_surface(body), name))
            again = before is not None and (
                before != kinds if differ else bool(kinds & {"Row", "Column", "List", "Card"})
            )
            if again:
                return True
            seen[_surface(body), name] = kinds
    return False


def _cycles(messages: Messages) -> bool:
    """A component that leads back to itself inside one message."""
    return any(_leads_back(_components(body)) for body in _bodies(messages, "surfaceUpdate"))


def _leads_back(parts: Mapping[str, Any]) -> bool:
    below = {name: _named(component) & parts.keys() for name, component in parts.items()}
    for start in parts:
        reached, waiting = set(), set(below[start])
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= below[name] - reached
        if start in reached:
            return True
    return False


def _named(component: Any) -> set[str]:
    """Strings in places where ids stand."""
    found: set[str] = set()
    for key, value in _inside(component):
        if key in ("child", "entryPointChild", "contentChild", "componentId"):
            found |= {value} if isinstance(value, str) else set()
        elif key == "explicitList" and isinstance(value, list):
            found |= {item for item in value if isinstance(item, str)}
    return found


def _id_collisions(messages: Messages) -> bool:
    """A text, path or enum value that equals a component's id, or an id that comes twice."""
    ids: set[str] = set()
    for body in _bodies(messages, "surfaceUpdate"):
        ids |= _components(body).keys()
    words = ("literalString", "path", "usageHint", "alignment", "value", "literal")
    return any(
        key in words and isinstance(value, str) and value in ids
        for body in _bodies(messages, "surfaceUpdate")
        for key, value in _inside(body)
    )


def _wrong_enums(messages: Messages) -> bool:
    return any(
        key in ENUMS and value in ALMOST
        for body in _bodies(messages, "surfaceUpdate")
        for key, value in _inside(body)
    )


def _depth(entry: Any) -> int:
    inner = entry.get("valueMap") if isinstance(entry, dict) else None
    return 1 + max(map(_depth, inner), default=0) if isinstance(inner, list) else 1


def _interleaved(messages: Messages) -> bool:
    """Messages of one surface with those of another between them."""
    order = [
        _surface(body)
        for message in messages
        if isinstance(message, dict)
        for body in message.values()
        if isinstance(body, dict)
    ]
    runs = [name for at, name in enumerate(order) if at == 0 or order[at - 1] != name]
    return len(runs) > len(set(runs))


def _root_replaced(messages: Messages) -> bool:
    """A whole model anew after the surface was begun."""
    begun: set[str] = set()
    for message in messages:
        body = message.get("dataModelUpdate") if isinstance(message, dict) else None
        if isinstance(body, dict) and body.get("path") in _ROOT and _surface(body) in begun:
            return True
        begun |= {_surface(body) for body in _bodies([message], "beginRendering")}
    return False


def _looks_like_json(text: str) -> bool:
    trimmed = text.strip()
    return len(trimmed) > 1 and trimmed[0] + trimmed[-1] in ("[]", "{}")


FEATURES: Mapping[str, Callable[[Messages], bool]] = {
    "templates": lambda m: any(map(_templates, _bodies(m, "surfaceUpdate"))),
    "nested templates": _nested_templates,
    "maps as rows": _rows_in_a_map,
    "JSON-looking strings": lambda m: any(map(_looks_like_json, _strings(m))),
    "arrays of objects": lambda m: any(text.strip().startswith("[{") for text in _strings(m)),
    "dotted keys": lambda m: any("." in str(e.get("key")).strip(".") for e in _entries(m)),
    '"." keys': lambda m: any(entry.get("key") == "." for entry in _entries(m)),
    "deep value maps": lambda m: any(_depth(entry) > 4 for entry in _entries(m)),
    "root replaces": _root_replaced,
    "id collisions": _id_collisions,
    "cycles": _cycles,
    "re-declared containers": lambda m: _declared_again(m, differ=False),
    "type changes": lambda m: _declared_again(m, differ=True),
    "wrong enums": _wrong_enums,
    "deletes and re-creations": _deletes_and_re_creations,
    "interleaved surfaces": _interleaved,
}
