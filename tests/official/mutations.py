"""Messages that are nearly right: drawn from schemas, then changed in a place or two.

`mutated` changes messages by chance; it is a function of schemas, seed and count alone. Each change
is one that a model, a merge or an attacker makes: keys dropped, renamed and added, values of
another type, two where one belongs, maps too deep, ids twice, references that lead nowhere.
`each_change` leaves nothing to chance: every place of a message, dropped, retyped and added to.
"""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .drawn import PATHS, REFERENCES, TEXTS, Draw, anything, every_part, places

JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1.5, "", "x", "c0", [], {}, [[]], [{}], {"a": 1}, ["c1"], {"": {}}),
    *({"path": "/a"}, {"literalString": "x"}, {"literal": "x"}, {"literalNumber": 1}),
    *(2**53 + 1, -(2**64), 10**30, 10**309, 1e308, "NaN", "1", "true", "#abc", "#aabbcc\n"),
)
NAMES = (
    *("beginRendering", "surfaceUpdate", "dataModelUpdate", "deleteSurface", "userAction", "error"),
    *("surfaceId", "root", "styles", "components", "component", "id", "weight", "contents"),
    *("path", "literal", "literalString", "literalNumber", "literalBoolean", "literalArray"),
    *("key", "valueString", "valueNumber", "valueBoolean", "valueMap", "valueArray"),
    *("child", "children", "explicitList", "template", "label", "value", "text", "name", "action"),
    *("Text", "Row", "Checkbox", "CheckBox", "Gauge", "color", "thickness", "outputFormat", "type"),
    *("variant", "filterable", "logoUrl", "__proto__", "constructor", "toString", "", "é", "x"),
)
"""Keys that are put where they may not belong; some only the official client's own schema knows."""

BOUND = frozenset({"path", "literalString", "literalNumber", "literalBoolean", "literalArray"})
VALUES = ("valueString", "valueNumber", "valueBoolean", "valueMap")


def mutated(schemas: Sequence[Mapping[str, Any]], seed: str, count: int) -> list[Any]:
    """So many messages, no two alike, drawn from each schema in turn; about half are changed."""
    rng = random.Random(seed)
    draws = [Draw(schema, rng) for schema in schemas]
    found: dict[str, Any] = {}
    tries = 0
    while len(found) < count:
        message = draws[tries % len(draws)].message()
        tries += 1
        for _ in range(rng.choice((0, 0, 0, 1, 1, 1, 2))):
            message = _changed(message, rng)
        found.setdefault(json.dumps(message, sort_keys=True), message)
    return list(found.values())


def each_change(schemas: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Every part of each schema, and, once for each shape of message, every single change of it."""
    found: dict[str, Any] = {}
    shapes: set[str] = set()
    for message in (message for schema in schemas for message in every_part(schema)):
        found.setdefault(json.dumps(message, sort_keys=True), message)
        shape = json.dumps(_shape(message), sort_keys=True)
        if shape not in shapes:
            shapes.add(shape)
            for changed in _changed_everywhere(message):
                found.setdefault(json.dumps(changed, sort_keys=True), changed)
    return list(found.values())


def _shape(value: Any) -> Any:
    """A message with each scalar replaced by the name of its type."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def _changed_everywhere(message: Any) -> Iterator[Any]:
    for number, (parent, key) in enumerate(places(message)):
        odd = (7, f"{parent[key]}?") if isinstance(parent[key], str) else ("x",)
        for value in (*odd, None, {}, []):
            changed, spot = _copy(message, number)
            spot[0][spot[1]] = value
            yield changed
        changed, (there, key) = _copy(message, number)
        del there[key]
        yield changed
        if isinstance(parent[key], dict):
            changed, (there, key) = _copy(message, number)
            there[key]["x"] = 1
            yield changed
    yield from ({**message, "x": 1}, {}, [message], None, "x")


def _copy(message: Any, number: int) -> tuple[Any, tuple[Any, Any]]:
    """A copy of a message, and one place in it."""
    changed = copy.deepcopy(message)
    return changed, next(itertools.islice(places(changed), number, None))


def _changed(message: Any, rng: random.Random) -> Any:
    """A copy with one change; the same when the change drawn has no place in it."""
    if rng.random() < 0.004 or not isinstance(message, (dict, list)):
        return copy.deepcopy(rng.choice(JUNK))
    message = copy.deepcopy(message)
    spots = list(places(message))
    for change in rng.sample(CHANGES, len(CHANGES)):
        if change(message, spots, rng):
            break
    return message


Spots = list[tuple[Any, Any]]
Change = Callable[[Any, Spots, random.Random], bool]


def _objects(message: Any, spots: Spots) -> list[dict[str, Any]]:
    inside = [parent[key] for parent, key in spots]
    return [item for item in (message, *inside) if isinstance(item, dict)]


def _drop(message: Any, spots: Spots, rng: random.Random) -> bool:
    if not spots:
        return False
    parent, key = rng.choice(spots)
    del parent[key]
    return True


def _rename(message: Any, spots: Spots, rng: random.Random) -> bool:
    named = [(parent, key) for parent, key in spots if isinstance(key, str)]
    if not named:
        return False
    parent, key = rng.choice(named)
    other = rng.choice((rng.choice(NAMES), key.upper(), key + "s", key[:-1], key[:1].swapcase()))
    parent[other] = parent.pop(key)
    return True


def _double(message: Any, spots: Spots, rng: random.Random) -> bool:
    """A key once more under another name, or an item once more."""
    if not spots:
        return False
    parent, key = rng.choice(spots)
    again = copy.deepcopy(parent[key])
    if isinstance(parent, list):
        parent.insert(key, again)
    else:
        parent[rng.choice(NAMES)] = again
    return True


def _add(message: Any, spots: Spots, rng: random.Random) -> bool:
    rng.choice(_objects(message, spots) or [{}])[rng.choice(NAMES)] = _any(rng)
    return True


def _retype(message: Any, spots: Spots, rng: random.Random) -> bool:
    if not spots:
        return False
    parent, key = rng.choice(spots)
    parent[key] = _any(rng)
    return True


def _respell(message: Any, spots: Spots, rng: random.Random) -> bool:
    """A string that is nearly what it was: no longer of its enum, another id, a bad colour."""
    strings = [(parent, key) for parent, key in spots if isinstance(parent[key], str)]
    if not strings:
        return False
    parent, key = rng.choice(strings)
    text = parent[key]
    spellings = (
        text.upper(),
        text[1:],
        f" {text}",
        f"{text}\n",
        f"{text}\u0301",
        rng.choice(TEXTS),
    )
    parent[key] = rng.choice(spellings)
    return True


def _empty(message: Any, spots: Spots, rng: random.Random) -> bool:
    """An object without keys, or an array without items."""
    full = [(parent, key) for parent, key in spots if isinstance(parent[key], (dict, list))]
    if not full:
        return False
    parent, key = rng.choice(full)
    parent[key] = type(parent[key])()
    return True


def _bind_twice(message: Any, spots: Spots, rng: random.Random) -> bool:
    """A path beside a literal, two literals, or a literal that this kind of value does not have."""
    bound = [item for item in _objects(message, spots) if item and item.keys() <= BOUND]
    if not bound:
        return False
    more = {
        "path": rng.choice(PATHS),
        "literalString": "x",
        "literalNumber": 1,
        "literalBoolean": False,
        "literal": rng.choice(("x", 1, True)),
    }
    item, name = rng.choice(bound), rng.choice(list(more))
    if rng.random() < 0.5:
        item.clear()
    item[name] = more[name]
    return True


def _two_types(message: Any, spots: Spots, rng: random.Random) -> bool:
    """A component of two types, or of none that is known."""
    wrapped = [parent[key] for parent, key in spots if key == "component"]
    wrapped = [item for item in wrapped if isinstance(item, dict)]
    if not wrapped:
        return False
    item = rng.choice(wrapped)
    if rng.random() < 0.3:
        item.clear()
    if rng.random() < 0.8:
        more = (
            ("Divider", {}),
            ("Text", {"text": {"path": "/a"}}),
            ("Gauge", {"at": 1}),
            ("Row", {}),
        )
        item.update([rng.choice(more)])
    return True


def _two_messages(message: Any, spots: Spots, rng: random.Random) -> bool:
    if not isinstance(message, dict) or rng.random() < 0.8:
        return False
    if rng.random() < 0.3:
        message.clear()
    else:
        message[rng.choice(("deleteSurface", "error"))] = {"surfaceId": "s"}
    return True


def _nest(message: Any, spots: Spots, rng: random.Random) -> bool:
    """A map in a map, one to six levels of entries in all, at times with more than one value."""
    entries = [item for item in _objects(message, spots) if "key" in item and "value" not in item]
    if not entries:
        return False
    entry = rng.choice(entries)
    for name in VALUES:
        entry.pop(name, None)
    for _ in range(rng.randrange(6)):
        entry["valueMap"] = [{"key": "n"}]
        [entry] = entry["valueMap"]
    entry[rng.choice(VALUES[:3])] = rng.choice(("x", "x", 1, True, False))
    if rng.random() < 0.1:
        entry["valueMap"] = []
    return True


def _misrefer(message: Any, spots: Spots, rng: random.Random) -> bool:
    """A reference to nothing, to oneself or to one's parent; an id twice."""
    ids = [parent[key] for parent, key in spots if key == "id" and isinstance(parent[key], str)]
    named = [(parent, key) for parent, key in spots if key in (*REFERENCES, "explicitList", "id")]
    if not named:
        return False
    parent, key = rng.choice(named)
    target = rng.choice((*ids, "nobody", ""))
    parent[key] = [target] if key == "explicitList" else target
    return True


CHANGES: tuple[Change, ...] = (
    *(_drop, _rename, _double, _add, _retype, _respell, _empty),
    *(_bind_twice, _two_types, _two_messages, _nest, _misrefer),
)


def _any(rng: random.Random) -> Any:
    return copy.deepcopy(rng.choice(JUNK)) if rng.random() < 0.7 else anything(rng, 2)
