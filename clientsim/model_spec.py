"""The data model as the specification describes it.

Read from: v0.8 protocol, section 4. A document of dicts, lists (a user's selections) and scalars;
paths are separated by slashes and nothing else; keys and strings stand for themselves. An update
replaces what is at its path; without a path, or at `/`, the whole model. A model is never changed
in place: writing gives a new one that shares what it can, so a refused message is undone by
keeping the old.
"""

import json
from typing import Final

from clientsim.errors import Refused

MAX_SEGMENTS: Final = 1_000


def segments(path: str) -> list[str]:
    """A path's parts. `.` stands for the item itself and is no part."""
    return [part for part in path.split("/") if part not in ("", ".")]


def resolve(path: str, context: str) -> str:
    """A path seen from a data context: absolute with a leading slash, else relative (3.3)."""
    if path.startswith("/"):
        return path
    return "/" + "/".join([*segments(context), *segments(path)])


def read(root: object, path: str) -> object:
    """The value at a path, or None."""
    current = root
    for part in segments(path):
        if isinstance(current, dict):
            current = current.get(part)
        elif isinstance(current, list):
            at = _index(part, len(current))
            current = None if at is None else current[at]
        else:
            return None
    return current


def write(root: object, path: str, value: object) -> object:
    """The model with `value` at `path`; missing or scalar levels become maps.

    Raises:
        Refused: the path has more levels than `MAX_SEGMENTS`.
    """
    parts = segments(path)
    if len(parts) > MAX_SEGMENTS:
        raise Refused("SIM_TOO_DEEP", f"A path has more than {MAX_SEGMENTS} levels.")
    homes = [_opened(root)]
    for part in parts[:-1]:
        homes.append(_opened(read(homes[-1], part)))
    for part, home in zip(reversed(parts), reversed(homes), strict=False):
        value = _with(home, part, value)
    return value


def from_contents(contents: object) -> dict[str, object]:
    """Typed contents to a map; of equal keys the last one counts."""
    made: dict[str, object] = {}
    for entry in contents if isinstance(contents, list) else []:
        value = next(entry[kind] for kind in entry if kind != "key")
        made[entry["key"]] = from_contents(value) if "valueMap" in entry else value
    return made


def as_selections(value: object) -> list[str]:
    """Selected options: a list, or a string holding a JSON array, the one way to preset them."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _opened(value: object) -> dict[str, object] | list[object]:
    return value if isinstance(value, dict | list) else {}


def _with(home: dict[str, object] | list[object], part: str, value: object) -> object:
    at = _index(part, len(home)) if isinstance(home, list) else None
    if isinstance(home, list) and at is not None:
        return [*home[:at], value, *home[at + 1 :]]
    members = home if isinstance(home, dict) else {str(i): item for i, item in enumerate(home)}
    return {**members, part: value}


def _index(part: str, length: int) -> int | None:
    if not (part.isascii() and part.isdigit()) or len(part) > 9:
        return None
    return int(part) if int(part) < length else None
