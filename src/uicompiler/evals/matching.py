"""Whether what was found is what was wanted: JSON values, paths and texts, by what they mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from uicompiler.ir.data import NAMESPACES
from uicompiler.ir.values import Json
from uicompiler.pointer import PointerError, canonical_path

FoundT = TypeVar("FoundT")
WantedT = TypeVar("WantedT")


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


def _each_once(found: Sequence[Json], wanted: Sequence[Json]) -> bool:
    return len(paired(found, wanted, contains)) == len(wanted)


def paired(
    found: Sequence[FoundT], wanted: Sequence[WantedT], fits: Callable[[FoundT, WantedT], bool]
) -> dict[int, int]:
    """As many of the wanted as can be had at once, each from an item of its own.

    By augmenting paths: one that fits several items leaves to another the only one that fits it.

    Returns:
        By the index of what is wanted, the index of what was found for it.
    """
    places = [[at for at, item in enumerate(found) if fits(item, other)] for other in wanted]
    taken: dict[int, int] = {}  # by what was found, for what

    def place(index: int, tried: set[int]) -> bool:
        for at in places[index]:
            if at not in tried:
                tried.add(at)
                if at not in taken or place(taken[at], tried):
                    taken[at] = index
                    return True
        return False

    for index in range(len(wanted)):
        place(index, set())
    return {index: at for at, index in sorted(taken.items(), key=lambda item: item[1])}


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


def bare(text: str) -> str:
    """A text as somebody reads it who looks for words that should not be there.

    What cannot be seen is gone, letters that only look different (wide, mathematical, ligatures)
    are the plain ones.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    doubtful = {char for char in plain if not char.isprintable() or char in _BLANK}
    kept = plain.translate({ord(char): None for char in doubtful if _is_invisible(char)})
    return " ".join(kept.split())


def _is_invisible(char: str) -> bool:
    hidden = unicodedata.category(char) in ("Cf", "Cn", "Co", "Cs")
    return hidden or (unicodedata.category(char) == "Cc" and not char.isspace()) or char in _BLANK


_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
"""Letters and marks that leave no trace, though Unicode does not call them format characters."""
