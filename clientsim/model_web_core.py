"""The data model of the official client: paths, typed contents, reading and writing.

Observed: official client (web_core 0.11.0). Paths know slashes, dots and `[n]`, no JSON Pointer
escapes; keys of contents are paths too; a string that looks like JSON becomes what it says; the
one key "." writes a bare value at the path. Nothing here knows about components.
"""

import re
from typing import Final

from clientsim.canonical import number_text
from clientsim.errors import Refused
from clientsim.jsontext import BadJson, parse
from clientsim.values import JsArray, JsMap, from_parsed, is_array_index, js_keys
from clientsim.walk import Steps, walk

_BRACKETS: Final = re.compile(r"\[([0-9]+)\]")
_DIGITS: Final = re.compile(r"[0-9]+")
_LEADING_INT: Final = re.compile(r"([-+]?)([0-9]+)")
_JS_SPACE: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def segments(path: str) -> list[str]:
    """A path's parts: `a[0].b`, `/a/0/b` and `a//0/b/` name the same place."""
    if "[" in path:
        path = _BRACKETS.sub(r".\1", path)
    return [part for part in path.replace(".", "/").split("/") if part]


def resolve(path: str, context: str) -> str:
    """A path seen from a data context: a leading slash overrides the context."""
    if path.startswith("/"):
        return path
    if context and context != "/":
        return context + path if context.endswith("/") else f"{context}/{path}"
    return f"/{path}"


def read(root: JsMap, path: str) -> object:
    """The value at a path, or None."""
    current: object = root
    for part in segments(path):
        if isinstance(current, JsMap):
            current = current.items.get(part)
        elif isinstance(current, JsArray):
            current = current.get(index_key(part)) if _DIGITS.fullmatch(part) else None
        elif isinstance(current, dict):
            current = current.get(part)
        else:
            return None
    return current


def write(root: JsMap, path: str, value: object) -> None:
    """Store a value at a path, making maps on the way; contents become a map.

    `value` may be contents in message form (a list of entries), a list of strings or a scalar.
    Below a plain object a write is lost, as it is in the official client.

    Raises:
        Refused: contents inside a JSON string have a key that is not a string; nothing is stored.
    """
    _place(root, path, walk(_contents(value)))


def parse_if_json(text: str) -> object:
    """What the client stores for a string: a JSON object or array if it reads as one."""
    trimmed = text.strip(_JS_SPACE)
    if (trimmed[:1], trimmed[-1:]) not in (("{", "}"), ("[", "]")) or len(trimmed) < 2:
        return text
    try:
        return from_parsed(parse(text))
    except BadJson:
        return text


def index_key(part: str) -> str:
    """The property that `array[parseInt(part, 10)]` names."""
    match = _LEADING_INT.match(part.lstrip(_JS_SPACE))
    if match is None:
        return "NaN"
    sign, digits = match.groups()
    plain = digits.lstrip("0") or "0"
    if is_array_index(plain) and sign != "-":
        return plain
    value = float(digits) if len(digits) > 15 else int(digits)
    return number_text(-value if sign == "-" else value)


def _contents(value: object) -> Steps[object]:
    """Contents in message form to a map; any other value is passed through."""
    items = _entries(value)
    if items is None or not (not items or (isinstance(items[0], dict) and "key" in items[0])):
        return JsArray(value) if isinstance(value, list) else value
    if len(items) == 1 and isinstance(items[0], dict) and items[0]["key"] == ".":
        slot = _value_key(items[0])
        if slot is not None:
            return (yield 1, _entry_value(items[0], slot))
    return (yield 1, _map(items))


def _map(items: list[object]) -> Steps[object]:
    made = JsMap()
    for item in items:
        if not isinstance(item, dict) or "key" not in item:
            continue
        slot = _value_key(item)
        if slot is None:
            continue
        value = yield 1, _entry_value(item, slot)
        value = yield 1, _contents(value)
        if not isinstance(item["key"], str):
            raise Refused("SIM_DATA_INVALID", "A key inside a JSON string is not a string.")
        _place(made, item["key"], value)
    return made


def _entry_value(item: dict[str, object], slot: str) -> Steps[object]:
    value = item[slot]
    entries = _entries(value)
    if slot == "valueMap" and entries is not None:
        return (yield 1, _map(entries))
    return parse_if_json(value) if isinstance(value, str) else value


def _entries(value: object) -> list[object] | None:
    if isinstance(value, JsArray):
        return value.items
    return value if isinstance(value, list) else None


def _value_key(item: dict[str, object]) -> str | None:
    return next((key for key in item if key.startswith("value")), None)


def _place(root: JsMap, path: str, value: object) -> None:
    parts = segments(path)
    if not parts:
        _replace_root(root, value)
        return
    home: object = root
    for part in parts[:-1]:
        home = _step_into(home, part)
    last = parts[-1]
    if isinstance(home, JsMap):
        home.items[last] = value
    elif isinstance(home, JsArray) and _DIGITS.fullmatch(last):
        home.set(index_key(last), value)


def _step_into(home: object, part: str) -> object:
    """The container below `home`; anything else in that place gives way to a new map."""
    target: object = None
    if isinstance(home, JsMap):
        target = home.items.get(part)
    elif isinstance(home, JsArray) and _DIGITS.fullmatch(part):
        target = home.get(index_key(part))
    if isinstance(target, JsMap | JsArray | dict):
        return target
    made = JsMap()
    if isinstance(home, JsMap):
        home.items[part] = made
    elif isinstance(home, JsArray):
        home.set(index_key(part), made)
    return made


def _replace_root(root: JsMap, value: object) -> None:
    """A map or object becomes the whole model; anything else is dropped with a log line there."""
    if isinstance(value, JsMap):
        root.items = dict(value.items)
    elif isinstance(value, dict):
        root.items = {key: value[key] for key in js_keys(value)}
