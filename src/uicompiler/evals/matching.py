"""Whether what was found is what was wanted: JSON values, paths and texts, by what they mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from uicompiler.ir.data import NAMESPACES
from uicompiler.ir.values import Json
from uicompiler.pointer import PointerError, canonical_path


def contains(found: Json, wanted: Json) -> bool:
    """Whether a JSON value has all that another one has.

    Of an object every named key, of a list every item, each once and in any order; `values` may be
    wanted as an object; paths are compared by what they mean.
    """
    if isinstance(wanted, Mapping) and isinstance(found, (list, tuple)):
        wanted = [{"path": path, "value": value} for path, value in wanted.items()]
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            contains(_path(found.get(key)), _path(item))
            if key == "path"
            else contains(found.get(key), item)
            for key, item in wanted.items()
        )
    if isinstance(wanted, (list, tuple)):
        return isinstance(found, (list, tuple)) and _each_once(list(found), wanted)
    return equal(found, wanted)


def _each_once(found: list[Json], wanted: Sequence[Json]) -> bool:
    for item in wanted:
        at = next((i for i, other in enumerate(found) if contains(other, item)), None)
        if at is None:
            return False
        del found[at]
    return True


def equal(found: Json, wanted: Json) -> bool:
    """Equal as data; a number and its text are too, since fields take either."""
    if isinstance(found, str) and isinstance(wanted, str):
        return unicodedata.normalize("NFC", found) == unicodedata.normalize("NFC", wanted)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, (int, float, str)) and isinstance(wanted, (int, float, str)):
        return found == wanted or str(found) == str(wanted)
    if isinstance(found, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(map(equal, found, wanted))
    return bool(found == wanted)


def _path(value: Json) -> Json:
    try:
        return canonical_path(value, namespaces=NAMESPACES, default="draft")
    except (PointerError, AttributeError, TypeError):
        return value


def folded(text: str) -> str:
    """A text without what does not count: letter case, kinds and lengths of white space."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
