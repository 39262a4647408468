"""The data model as the specification describes it.

Read from: v0.8 protocol, section 4. A document of dicts, lists (a user's selections) and scalars;
paths are separated by slashes and nothing else; keys and strings stand for themselves. An update
replaces what is at its path; without a path, or at `/`, the whole model. A model is changed in
place, and a journal takes back what a refused message wrote.
"""

import json
from typing import Final

from clientsim.errors import Refused

MAX_SEGMENTS: Final = 1_000
_NOTHING: Final = object()


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


class Journal:
    """What was in the place of everything that was written, to take it back."""

    __slots__ = ("_before",)

    def __init__(self) -> None:
        self._before: list[tuple[dict[str, object] | list[object], str | int, object]] = []

    def put(self, home: dict[str, object], key: str, value: object) -> None:
        """`home[key] = value`."""
        self._before.append((home, key, home.get(key, _NOTHING)))
        home[key] = value

    def put_at(self, home: list[object], at: int, value: object) -> None:
        """`home[at] = value`."""
        self._before.append((home, at, home[at]))
        home[at] = value

    def take_back(self) -> None:
        """Undo all of it, the last first."""
        for home, at, value in reversed(self._before):
            if value is _NOTHING:
                del home[at]  # type: ignore[arg-type]  # `at` fits the kind of `home`
            else:
                home[at] = value  # type: ignore[index]  # as above
        self._before.clear()


def write(root: object, path: str, value: object, journal: Journal) -> object:
    """Put `value` at a path; missing or scalar levels become maps.

    Returns:
        The model: the same object, but where the whole of it is another now.

    Raises:
        Refused: the path has more levels than `MAX_SEGMENTS`; nothing is written.
    """
    parts = segments(path)
    if len(parts) > MAX_SEGMENTS:
        raise Refused("SIM_TOO_DEEP", f"A path has more than {MAX_SEGMENTS} levels.")
    # The model hangs below a list of one, so that its root is a place like any other.
    top: list[object] = [root]
    home: dict[str, object] | list[object] = top
    way: str | int = 0
    for part in parts:
        inside = home.get(str(way)) if isinstance(home, dict) else home[int(way)]
        at = _index(part, len(inside)) if isinstance(inside, list) else None
        if isinstance(inside, list) and at is not None:
            home, way = inside, at
            continue
        if not isinstance(inside, dict):
            items = inside if isinstance(inside, list) else []
            inside = {str(i): item for i, item in enumerate(items)}
            _put(home, way, inside, journal)
        home, way = inside, part
    _put(home, way, value, journal)
    return top[0]


def has_row(data: object, part: str) -> bool | None:
    """Has a template's data this row, so that writing there leaves its rows as they are?

    None if it has not, and writing there may do more than add one at the end.
    """
    if isinstance(data, dict):
        return part in data
    return True if isinstance(data, list) and _index(part, len(data)) is not None else None


def _put(
    home: dict[str, object] | list[object], way: str | int, value: object, journal: Journal
) -> None:
    if isinstance(home, dict):
        journal.put(home, str(way), value)
    else:
        journal.put_at(home, int(way), value)


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


def _index(part: str, length: int) -> int | None:
    if not (part.isascii() and part.isdigit()) or len(part) > 9:
        return None
    return int(part) if int(part) < length else None
