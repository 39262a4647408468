"""The data model: paths that are written, and the entries written there.

It promises that what passes is read alike by every client, in a walk without recursion. What a
field's value should be, and what was at a path before, it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.paths import KEY, beside_keys, check_path
from uicompiler.backends.a2ui_v0_8.check.surface import Surface
from uicompiler.backends.a2ui_v0_8.check.values import (
    Gate,
    are_booleans,
    are_lists,
    are_objects,
    are_strings,
    column_of,
    is_number,
)
from uicompiler.backends.a2ui_v0_8.check.wording import listed, name_of, show
from uicompiler.backends.a2ui_v0_8.names import looks_like_json
from uicompiler.errors import Severity
from uicompiler.ir.values import FORBIDDEN_KEYS

CONTENTS: Final[At] = ((None, "dataModelUpdate"), "contents")


_MAX_NESTED: Final = 5
"""Levels of entries that the official client's own schema takes; JSON Schema takes two."""

_EXACT: Final = 2**53
"""Integers up to here are exact in a double."""

_Entries: TypeAlias = tuple[Sequence[Any], At, int]
"""Entries, where they are, and how many maps of the message they are in."""


def write_data(surface: Surface, body: Mapping[str, Any], look: Look) -> None:
    """Check a dataModelUpdate and count its entries."""
    surface.has_content = True
    if look.rules.foreign:
        surface.writes.append((look.line, body))
        surface.suspect |= not isinstance(body.get("path", "/"), str)
    base: At = (None, "dataModelUpdate")
    path = _data_path(surface, body, (base, "path"), look)
    contents = body.get("contents")
    if not isinstance(contents, (list, tuple)):
        look.invalid(CONTENTS, "an array of entries", contents, "DATA_INVALID")
        surface.suspect = True
        return
    depth = len([part for part in path.split("/") if part])
    count = check_entries(contents, CONTENTS, depth + 1, look)
    surface.suspect |= look.suspect
    surface.holds_json |= look.holds_json
    surface.entry_count += count - surface.entries.get(path, 0)
    surface.entries[path] = count
    name, where = "max_data_entries_per_surface", "data entries of the surface"
    look.limit_once(surface.passed, name, surface.entry_count, where)


def _data_path(surface: Surface, body: Mapping[str, Any], at: At, look: Look) -> str:
    path = body.get("path", "/")
    if not isinstance(path, str):
        look.invalid(at, "a path", path, "DATA_INVALID")
        return ""
    look.say(path, at)
    if path.strip("/."):
        if path[0] != "/":
            text = f"a data path is absolute, found {show(path)}"
            look.report("DATA_PATH_INVALID", at, text, "begin it with /")
        check_path(path, at, look)
    elif surface.begun:
        text = f"the path {show(path)} replaces the whole model, what the user typed too"
        look.report("DATA_ROOT_REPLACED", at, text, "write at the narrowest path")
    elif path not in ("", "/"):
        look.report("DATA_PATH_INVALID", at, f"the root is written /, found {show(path)}")
    return path


def check_entries(
    contents: Sequence[Any], at: At, depth: int, look: Look, *, ask: bool = True
) -> int:
    """Check `contents` and every map in it; gives the number of entries.

    Args:
        contents: The entries.
        at: Their place.
        depth: Depth of their keys in the data model.
        look: What to report to.
        ask: Whether entries with which nothing is wrong are noted without their place.
    """
    count = deepest = 0
    waiting: list[_Entries] = [(contents, at, 1)]
    while waiting:
        entries, place, level = waiting.pop()
        deepest = max(deepest, level)
        noted = _note(entries, look, maps=level == 1) if ask else 0
        if noted:
            count += noted
            deepest = max(deepest, level + (noted > len(entries)))
            continue
        # Each by itself, in their order; what was noted of them once may be noted again.
        look.suspect = True
        count += len(entries)
        keys: set[str] = set()
        for index, entry in enumerate(entries):
            noted = ask and _entry_passes(entry, keys, look, maps=level == 1)
            if noted:
                count += noted - 1
                deepest = max(deepest, level + (noted > 1))
                continue
            inner = _check_entry(entry, (place, index), keys, level, look)
            if inner is not None:
                waiting.append((inner, ((place, index), "valueMap"), level + 1))
    allowed = look.rules.limits.max_data_depth
    if depth + deepest - 1 > allowed:
        look.limit("max_data_depth", allowed, depth + deepest - 1, "depth of data", at)
    return count


_TWO: Final = frozenset({2})
_NUMBERS: Final = frozenset({int, float})
_KEY_OF: Final = itemgetter("key")


def _note(entries: Sequence[Any], look: Look, *, maps: bool) -> int:
    """Note texts, booleans, numbers and maps of such, asked all at once.

    Gives the number of entries noted, 0 if anything may be wrong with one of them.
    """
    if not _are_keyed(entries) or not _differ([entries]):
        return 0
    inner = column_of(entries, "valueMap") if maps else []
    if not are_lists(inner) or not _note_scalars(entries, len(entries) - len(inner), look):
        return 0
    below = list(chain.from_iterable(inner))
    if not _are_keyed(below) or not _differ(inner) or not _note_scalars(below, len(below), look):
        return 0
    return len(entries) + len(below)


def _are_keyed(entries: Sequence[Any]) -> bool:
    """Whether all entries have a good key and one more property."""
    if not are_objects(entries) or not _TWO.issuperset(map(len, entries)):
        return False
    keys = column_of(entries, "key")
    if len(keys) < len(entries) or not are_strings(keys) or "" in keys:
        return False
    return not beside_keys("".join(keys)) and FORBIDDEN_KEYS.isdisjoint(keys)


def _differ(maps: Sequence[Sequence[Mapping[str, Any]]]) -> bool:
    """Whether no map has a key twice."""
    return not [
        found for found in maps if len(found) > 1 and len(set(map(_KEY_OF, found))) < len(found)
    ]


def _note_scalars(entries: Sequence[Mapping[str, Any]], left: int, look: Look) -> bool:
    """Note so many values; false if there are not as many, or anything may be wrong with one."""
    for name, passes in _SCALARS.items():
        if not left:
            return True
        values = column_of(entries, name)
        if not passes(values, look):
            return False
        left -= len(values)
    return not left


def _note_texts(texts: Sequence[Any], look: Look) -> bool:
    if not are_strings(texts):
        return False
    look.said += texts
    return _read_as_texts(texts, look)


def _are_exact(numbers: Sequence[Any], _look: Look) -> bool:
    return _NUMBERS.issuperset(map(type, numbers)) and not [
        number for number in numbers if not -_EXACT <= number <= _EXACT
    ]


_SCALARS: Final[Mapping[str, Gate]] = {
    "valueString": _note_texts,
    "valueBoolean": lambda values, _look: are_booleans(values),
    "valueNumber": _are_exact,
}


def _read_as_texts(texts: Sequence[str], look: Look) -> bool:
    """Whether clients read no text as JSON, arrays of texts aside; notes what is in these."""
    joined = "".join(texts)
    if "[" not in joined and "{" not in joined:
        return True
    for text in texts:
        if text.lstrip()[:1] in ("[", "{") and looks_like_json(text):
            held = strings_in(text)
            if held is None:
                return False
            look.holds_json = True
            look.said += held
    return True


def strings_in(text: str) -> list[str] | None:
    """The texts in a JSON array that holds no more, None if it is anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


def _entry_passes(entry: object, keys: set[str], look: Look, *, maps: bool) -> int:
    """Note a text, boolean or number, or a map of such, with which nothing is wrong.

    Gives the number of entries noted, 0 for one to be examined.
    """
    if not isinstance(entry, dict) or len(entry) != 2:
        return 0
    key, text = entry.get("key"), entry.get("valueString")
    if not isinstance(key, str) or key in keys or KEY.fullmatch(key) is None:
        return 0
    if key in FORBIDDEN_KEYS:
        return 0
    count = 1
    if isinstance(text, str) and (not text or text[0].isalnum()):
        look.said.append(text)
    elif maps and isinstance(entry.get("valueMap"), list):
        inner: set[str] = set()
        for item in entry["valueMap"]:
            if not _entry_passes(item, inner, look, maps=False):
                return 0
        count += len(entry["valueMap"])
    elif not isinstance(entry.get("valueBoolean"), bool):
        number: Any = entry.get("valueNumber")
        if not is_number(number) or not -_EXACT <= number <= _EXACT:
            return 0
    keys.add(key)
    return count


def _check_entry(
    entry: object, at: At, keys: set[str], level: int, look: Look
) -> Sequence[Any] | None:
    """Check one entry; gives its map, if it has one."""
    if not isinstance(entry, dict):
        look.invalid(at, "an entry", entry, "DATA_INVALID")
        return None
    key = entry.get("key")
    _check_key(key, (at, "key"), keys, look)
    inner = None
    if len(entry) != 2 or key is None:
        _check_one_value(entry, at, look)
    for name, value in entry.items():
        if name == "valueString" and isinstance(value, str):
            look.say(value, (at, name))
            if value and not value[0].isalnum():
                _check_json_looking(value, (at, name), look)
        elif name == "valueMap":
            inner = _check_map(value, (at, name), level, look)
        elif name != "key":
            _check_scalar(name, value, at, look)
    return inner


def _check_key(key: object, at: At, keys: set[str], look: Look) -> None:
    if not isinstance(key, str):
        look.invalid(at, "a key", key, "DATA_INVALID")
    elif key in keys:
        text = f"the key {show(key)} is there twice"
        look.report("DATA_INVALID", at, text, accepted=True)
    elif KEY.fullmatch(key) is None:
        keys.add(key)
        text = f"a data key is of A-Z a-z 0-9 _ -, found {show(key)}"
        look.report("DATA_KEY_INVALID", at, text, "clients read other keys as paths")
    else:
        keys.add(key)
        if key in FORBIDDEN_KEYS:
            look.report("DATA_KEY_FORBIDDEN", at, f"clients misread the key {show(key)}")


def _check_one_value(entry: Mapping[str, Any], at: At, look: Look) -> None:
    found = [name for name in entry if name != "key"]
    if len(found) != 1:
        text = f"an entry has exactly one of {listed(_VALUES)}, found {listed(found) or 'none'}"
        look.report("DATA_INVALID", at, text)


_VALUES: Final = ("valueString", "valueNumber", "valueBoolean", "valueMap")


def _check_scalar(name: object, value: Any, at: At, look: Look) -> None:
    place = (at, name_of(name))
    if name == "valueNumber":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            look.invalid(place, "a number", value, "DATA_INVALID")
        elif not is_number(value):
            look.invalid(place, "a finite number", value, "DATA_NOT_FINITE")
        elif isinstance(value, int) and abs(value) > _EXACT:
            text = f"no client keeps {show(value)} exactly"
            look.report("DATA_UNREPRESENTABLE", place, text, severity=_own_error(look))
    elif name == "valueBoolean":
        if not isinstance(value, bool):
            look.invalid(place, "a boolean", value, "DATA_INVALID")
    elif name == "valueString":
        look.invalid(place, "a string", value, "DATA_INVALID")
    else:
        hint = f"key and one of {listed(_VALUES)}"
        look.report("DATA_INVALID", place, f"no such property: {show(name)}", hint)


def _own_error(look: Look) -> Severity:
    return "warning" if look.rules.foreign else "error"


def _check_map(value: object, at: At, level: int, look: Look) -> Sequence[Any] | None:
    if not isinstance(value, (list, tuple)):
        look.invalid(at, "an array of entries", value, "DATA_INVALID")
        return None
    if level > 1:
        text = "a valueMap in a valueMap; the schema knows one level"
        accepted = level < _MAX_NESTED
        look.report("DATA_INVALID", at, text, "write it at a longer path", accepted=accepted)
    return value


def _check_json_looking(text: str, at: At, look: Look) -> None:
    if not looks_like_json(text):
        return
    held = strings_in(text)
    if held is not None:
        look.said.extend(held)
        look.said_places.extend([at] * len(held))
        return
    why = f"clients read the text {show(text)} as JSON"
    hint = "put U+2060 before it, or show it as a literalString"
    look.report("DATA_UNREPRESENTABLE", at, why, hint, severity=_own_error(look))
