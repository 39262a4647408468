"""How official clients read `dataModelUpdate` differently: paths, keys, values, what stays."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.official.messages import Message

from .row import (
    KINDS,
    Scene,
    clear,
    copied,
    edited,
    entries_of,
    every_entry,
    sound,
    steps_of,
    value_at,
    write,
)

Json = Any
FORBIDDEN = ("__proto__", "constructor", "prototype")
MARK = "\u2060"
"""An invisible character in front of a text keeps it a text."""


def _body(message: Json) -> dict[str, Json]:
    body: dict[str, Json] = message["dataModelUpdate"]
    return body


def _well_keyed(message: Json, edit: Callable[[dict[str, Json]], None]) -> list[Json]:
    """The message edited, where its entries all have keys."""
    return [message] if entries_of(message) is None else edited(message, "dataModelUpdate", edit)


def _lone(message: Json) -> bool:
    """Whether a message writes one value at its path itself, by the key `.`."""
    contents = entries_of(message) or []
    return len(contents) == 1 and contents[0]["key"] == "."


# ---------------------------------------------------------------- values


def json_texts(message: Json, _scene: Scene) -> list[Json]:
    """Mark texts that one client parses."""

    def mark(body: dict[str, Json]) -> None:
        for entry in every_entry(body.get("contents")):
            if _is_json(entry.get("valueString")):
                entry["valueString"] = MARK + entry["valueString"]

    return edited(message, "dataModelUpdate", mark)


def _is_json(text: Json) -> bool:
    if not isinstance(text, str) or text.strip()[:1] + text.strip()[-1:] not in ("{}", "[]"):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def nulls(message: Json, _scene: Scene) -> list[Json]:
    """Leave out what is null."""

    def drop(body: dict[str, Json]) -> None:
        if body.get("path", "") is None:
            del body["path"]
        for entry in every_entry(body.get("contents")):
            for name in [name for name in KINDS if entry.get(name, "") is None]:
                del entry[name]

    return edited(message, "dataModelUpdate", drop)


def lenient_values(message: Json, _scene: Scene) -> list[Json]:
    """Write numbers and booleans as what they are."""

    def convert(body: dict[str, Json]) -> None:
        for entry in every_entry(body.get("contents")):
            for name, kind in (("valueNumber", "number"), ("valueBoolean", "boolean")):
                if name in entry:
                    entry[name] = converted(entry[name], kind)

    return edited(message, "dataModelUpdate", convert)


def converted(value: Json, kind: str) -> Json:
    """A value that the Python side takes for a number or a boolean, as one."""
    if kind == "boolean" and not isinstance(value, bool):
        text = str(value).lower()
        return {"1": True, "1.0": True, "true": True, "0": False, "0.0": False}.get(text, value)
    if kind == "number" and isinstance(value, bool | str):
        return _number_of(value)
    return value


def _number_of(value: bool | str) -> Json:
    try:
        return int(value) if isinstance(value, bool) else float(value)
    except ValueError:
        return value


def lone_value(message: Json, _scene: Scene) -> list[Json]:
    """Give each entry one value: the first of several, and none leaves the entry out."""

    def settle(body: dict[str, Json]) -> None:
        body["contents"] = _settled(body.get("contents"))

    return _well_keyed(message, settle)


def _settled(contents: Json) -> Json:
    if not isinstance(contents, list):
        return contents
    kept = []
    for entry in contents:
        if not isinstance(entry, dict) or None in entry.values():
            kept.append(entry)
            continue
        found = [name for name in KINDS if name in entry]
        if found:
            rest = {name: value for name, value in entry.items() if name not in found[1:]}
            kept.append({**rest, found[0]: _settled(rest[found[0]])})
    return kept


# ---------------------------------------------------------------- paths and keys


def read_by_web(where: str) -> list[str]:
    """The steps of a path as `web_core` reads it."""
    return [step for step in re.split(r"[./]", re.sub(r"\[(\d+)\]", r".\1", where)) if step]


def read_by_core(where: str) -> list[str] | None:
    """The steps of a path as `a2ui_core` reads it; None when it refuses it."""
    if re.search(r"~(?![01])", where):
        return None
    steps = [step for step in where.strip().split("/") if step]
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def path_spelling(message: Json, _scene: Scene) -> list[Json]:
    """Spell a path in the way all read alike, with `web_core`'s meaning."""

    def spell(body: dict[str, Json]) -> None:
        where = body.get("path")
        if isinstance(where, str) and read_by_web(where) != read_by_core(where):
            body["path"] = "/" + "/".join(map(_plain, read_by_web(where)))

    return edited(message, "dataModelUpdate", spell)


def _plain(name: str) -> str:
    return re.sub(r"[./~\[\]\s]", "_", name) or "_"


def key_spelling(message: Json, _scene: Scene) -> list[Json]:
    """Give keys that are read as paths other names; a lone `.` stays."""

    def spell(body: dict[str, Json]) -> None:
        for entry in every_entry(body.get("contents")):
            key = entry.get("key")
            alone = key == "." and _lone(message) and entry is body["contents"][0]
            if not alone and isinstance(key, str) and re.search(r"^$|[./~\[\]]", key):
                entry["key"] = _plain(key)

    return _well_keyed(message, spell)


def forbidden_names(message: Json, _scene: Scene) -> list[Json]:
    """Give other names to steps and keys that one client refuses."""

    def rename(body: dict[str, Json]) -> None:
        if isinstance(body.get("path"), str):
            body["path"] = "/".join(map(harmless, body["path"].split("/")))
        for entry in every_entry(body.get("contents")):
            if entry.get("key") in FORBIDDEN:
                entry["key"] = harmless(entry["key"])

    return edited(message, "dataModelUpdate", rename)


def harmless(name: str) -> str:
    return f"{name}_" if name in FORBIDDEN else name


# ---------------------------------------------------------------- what stands there already


def root_value(message: Json, _scene: Scene) -> list[Json]:
    """Write a lone value for the whole model at a place of its own instead."""
    if not _lone(message) or steps_of(_body(message).get("path")):
        return [message]
    if isinstance(_body(message)["contents"][0].get("valueMap"), list):
        return [message]
    return edited(message, "dataModelUpdate", lambda body: body.update(path="/_"))


def _ways(message: Json, scene: Scene) -> tuple[str, list[str], Json] | None:
    """The surface, place and present data of a data update."""
    contents = entries_of(message)
    if contents is None or not sound(contents):
        return None
    surface, steps = _body(message)["surfaceId"], steps_of(_body(message).get("path"))
    return surface, steps, scene.data.get(surface, {})


def scalar_on_the_way(message: Json, scene: Scene) -> list[Json]:
    """Put an empty map in the place of a value that a path leads through."""
    found = _ways(message, scene)
    if found is None:
        return [message]
    surface, steps, model = found
    for length in range(1, len(steps) + (not _lone(message))):
        value = value_at(model, steps[:length])
        if value is not None and not isinstance(value, dict):
            return [clear(surface, steps[:length]), message]
    return [message]


def numeric_step(message: Json, scene: Scene) -> list[Json]:
    """Make a map before a number is written into it."""
    found = _ways(message, scene)
    if found is None:
        return [message]
    surface, steps, model = found
    keys = [] if _lone(message) else [entry["key"] for entry in _body(message)["contents"]]
    for length in range(1, len(steps) + 1):
        below = steps[length : length + 1] or keys
        if value_at(model, steps[:length]) is None and any(map(_number, below)):
            return [clear(surface, steps[:length]), message]
    return [message]


def replaced(message: Json, scene: Scene) -> list[Json]:
    """Clear a map before it is written, so that nothing stays."""
    found = _ways(message, scene)
    if found is None or _lone(message) or not _body(message)["contents"]:
        return [message]
    surface, steps, model = found
    there = value_at(model, steps)
    keys = list(dict.fromkeys(entry["key"] for entry in _body(message)["contents"]))
    stays = isinstance(there, dict) and there and list(there) != keys
    return [clear(surface, steps), message] if stays else [message]


def no_contents(message: Json, _scene: Scene) -> list[Json]:
    """Say an empty map outright."""
    if entries_of(message) != []:
        return [message]
    body = _body(message)
    return [clear(body["surfaceId"], steps_of(body.get("path")))]


def deep_maps(message: Json, _scene: Scene) -> list[Json]:
    """Send maps in maps by messages of their own."""
    contents = entries_of(message)
    if contents is None or not sound(contents) or not any(map(_deep, contents)):
        return [message]
    surface = _body(message)["surfaceId"]
    last = {entry["key"]: entry for entry in contents}
    flat, later = {}, []
    for key, entry in last.items():
        shallow = copied(entry)
        steps = [*steps_of(_body(message).get("path")), *([] if key == "." else [key])]
        later += list(_sunk(surface, steps, shallow))
        flat[key] = shallow
    return [{"dataModelUpdate": {**_body(message), "contents": list(flat.values())}}, *later]


def _deep(entry: dict[str, Json]) -> bool:
    inner = entry.get("valueMap")
    return isinstance(inner, list) and any(
        isinstance(sub, dict) and "valueMap" in sub for sub in inner
    )


def _sunk(surface: str, steps: list[str], entry: dict[str, Json]) -> Iterator[Message]:
    """Take the maps in an entry's map out of it, each as messages for its own place."""
    inner = entry.get("valueMap")
    if not isinstance(inner, list) or not all(isinstance(sub, dict) for sub in inner):
        return
    last = {sub["key"]: sub for sub in inner}
    entry["valueMap"] = list(last.values())
    for key, sub in last.items():
        if "valueMap" in sub:
            below = list(_sunk(surface, [*steps, key], sub))
            yield write(surface, [*steps, key], {"valueMap": sub["valueMap"]})
            yield from below
    entry["valueMap"] = [sub if "valueMap" not in sub else {"key": sub["key"], "valueString": ""}
                         for sub in last.values()]  # fmt: skip


# ---------------------------------------------------------------- a checker without history


def _number(key: str) -> bool:
    return re.fullmatch(r"0|[1-9][0-9]*", key) is not None


def large_numbers(message: Json, _scene: Scene) -> list[Json]:
    """Give steps and keys that are numbers beyond an array's limit another name."""

    def rename(body: dict[str, Json]) -> None:
        if isinstance(body.get("path"), str):
            body["path"] = "/".join(map(_small, body["path"].split("/")))
        for entry in every_entry(body["contents"]):
            entry["key"] = _small(entry["key"])

    return _well_keyed(message, rename)


def _small(step: str) -> str:
    return f"n{step}" if _number(step) and int(step) > 10_000 else step


def mixed_keys(message: Json, _scene: Scene) -> list[Json]:
    """Write each entry by a message of its own where numbers and names stand side by side."""
    contents = entries_of(message) or []
    keys = [entry["key"] for entry in contents]
    if _lone(message) or not sound(contents) or len({_number(key) for key in keys}) < 2:
        return [message]
    surface, steps = _body(message)["surfaceId"], steps_of(_body(message).get("path"))
    values = {
        entry["key"]: {name: entry[name] for name in entry if name != "key"} for entry in contents
    }
    return [clear(surface, steps), *(write(surface, [*steps, key], values[key]) for key in values)]
