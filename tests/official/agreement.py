"""Where ClientSim (`web_core`) and the official client part ways: in state, in answers, on screen.

Every function compares what the official client said of itself with a ClientSim that went the same
way, and gives the first difference as a sentence, or None. What is not compared, and why, is the
table `NOT_COMPARED`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clientsim import ClientSim

from .bridge import Played, Shown, SurfaceState
from .streams import ENUMS

NOT_COMPARED: Mapping[str, str] = {
    "how a replaced word looks": (
        "Where a component took the place of a path, a literal or an enum value, the renderer "
        "shows `[object Object]` or throws. Tree and data are compared, the screen is not."
    ),
    "guessed dates": (
        "V8 reads a date into texts such as `5*3`; ClientSim reads ISO 8601 and leaves the rest "
        "empty. A date input that holds another text is left out of the screen."
    ),
    "rendered words": (
        "A Text and a Button's text go through the markdown renderer there. That they are on the "
        "screen is compared here; their words are, by the tests that know what was written."
    ),
    "open modals and tabs": (
        "After a press, what is in front is not compared, as a press may have opened a Modal, "
        "which no message and no data tell. All that can be reached is."
    ),
    "depth of the call stack": (
        "The official client throws where its call stack overflows, at about 950 nested Columns; "
        "ClientSim counts costs that come within a few percent of that. Streams stay below."
    ),
}
"""What the two are known to differ in, or may differ in unseen."""

# ---------------------------------------------------------------- state


def compare_surfaces(theirs: Mapping[str, SurfaceState], sim: ClientSim) -> str | None:
    """All surfaces: the same ones in the same order, and the same in each."""
    if list(theirs) != sim.surface_ids():
        return differs(list(theirs), sim.surface_ids(), "surfaces")
    for name, state in theirs.items():
        different = compare_surface(state, sim, name)
        if different:
            return f"surface {name!r}: {different}"
    return None


def compare_surface(theirs: SurfaceState, sim: ClientSim, surface: str) -> str | None:
    """Root, styles, data and tree of one surface, and the data context of each node."""
    contexts = sorted([node["id"], node["dataContextPath"]] for node in nodes(theirs.tree))
    ours = sorted(map(list, sim.places(surface)))
    return (
        compare(theirs.root, sim.root(surface), "root")
        or compare(theirs.styles, sim.styles(surface), "styles")
        or compare(theirs.data, sim.data(surface), "data")
        or compare(_without_context(theirs.tree), sim.tree(surface), "tree")
        or compare(contexts, ours, "contexts")
    )


def compare_step(theirs: Played, sim: ClientSim, error: object, answer: object) -> str | None:
    """One step: whether it was taken, what it gave, and every surface after it."""
    if (error is None) != (theirs.error is None):
        return f"the official client says {theirs.error}, the sim says {error}"
    return compare(theirs.answer, answer, "answer") or compare_surfaces(theirs.surfaces, sim)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every node of an official tree."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)
    elif isinstance(value, dict):
        if "dataContextPath" in value:
            yield value
        for item in value.values():
            yield from nodes(item)


def _without_context(value: Any) -> Any:
    """The official tree with nodes reduced to `{"id", "type", "props"}`."""
    if isinstance(value, list):
        return [_without_context(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_context(item) for key, item in value.items()}
    if kept.keys() - {"weight"} == {"id", "type", "props", "dataContextPath"}:
        return {key: kept[key] for key in ("id", "type", "props")}
    return kept


# ---------------------------------------------------------------- what is on the screen

_WRITTEN = frozenset({"text", "caption", "h1", "h2", "h3", "h4", "h5"})
_UNSEEN = frozenset({"link", "header", "thumb", "divider"})
_FAILURES = frozenset(
    {
        *("(empty)", "(invalid)", "Invalid label", "Invalid value", "Invalid image URL"),
        *("Invalid icon name", "Invalid video URL", "Invalid audio URL"),
    }
)


def compare_screen(
    theirs: Iterable[Shown], sim: ClientSim, surface: str, *, reachable: bool
) -> str | None:
    """Ids and words of one surface."""
    found: list[Any] = list(sim.nodes(surface))
    inner = _in_buttons(found)
    seen = sim.visible(surface, reachable=reachable)
    guessed = inner | _guessed_dates(found, sim, surface)
    official = [words for words in _official_words(theirs) if words[0] not in guessed]
    boxes = {node["id"] for node in found if node["type"] == "TextField"}
    ours = [words for words in _sim_words(seen, boxes) if words[0] not in guessed]
    return compare(sorted(map(list, official)), sorted(map(list, ours)), f"screen of {surface!r}")


_WORDS = ("path", "literal", "literalString", *ENUMS)


def is_known(tree: Any) -> bool:
    """Whether it is known how a tree looks: no component took the place of a word in it."""
    todo = [tree]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            if any(isinstance(item.get(key), dict) for key in _WORDS):
                return False
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
    return True


def _in_buttons(found: list[Any]) -> set[str]:
    """Ids of what is inside a Button, which the sim does not list again."""
    buttons = (node for node in found if node["type"] == "Button")
    return {name for button in buttons for name in _ids(button["props"])}


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _ids(item)
    elif isinstance(value, dict):
        if value.keys() == {"id", "type", "props"}:
            yield value["id"]
        for item in value.values():
            yield from _ids(item)


_ISO = re.compile(
    r"\d{4}(-\d\d(-\d\d)?)?([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII
)


def _guessed_dates(found: list[Any], sim: ClientSim, surface: str) -> set[str]:
    """Ids of date inputs that hold a text in which V8 may see a date and the sim does not."""
    guessed = set()
    for node in (node for node in found if node["type"] == "DateTimeInput"):
        bound = node["props"].get("value", {})
        literals = (bound.get("literalString") or None, bound.get("literal"))
        value = next((text for text in literals if text is not None), None)
        if value is None and isinstance(bound.get("path"), str):
            value = sim.value_at(surface, bound["path"], node["context"])
        if isinstance(value, str) and value and not _ISO.fullmatch(value):
            guessed.add(node["id"])
    return guessed


def _official_words(entries: Iterable[Shown]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        broken = entry.role == "broken" and entry.text not in _FAILURES
        if entry.role in _UNSEEN or broken:
            continue
        ticks = {"true": "checked", "false": "unchecked"} if entry.role == "value" else {}
        text = ticks.get(entry.text, entry.text)
        masked = entry.role in _WRITTEN | {"button", "image"}
        yield entry.id, "…" if masked else text


def _sim_words(seen: Iterable[tuple[str, str, str]], boxes: set[str]) -> Iterator[tuple[str, str]]:
    """The same of the sim; a label without words is no label."""
    for name, role, text in seen:
        if name in boxes and role == "label" and not text:
            continue
        masked = role == "button" or (role in ("text", "image") and text not in _FAILURES)
        yield name, "…" if masked else text


# ---------------------------------------------------------------- values


def compare(theirs: Any, ours: Any, where: str) -> str | None:
    """The first difference between an official value and the sim's, or None.

    A map (`{"$map": …}`) is the sim's dict with the same keys in the same order; a plain object is
    a dict in any order; numbers are equal as numbers, and are never booleans.
    """
    if isinstance(theirs, dict):
        return _compare_objects(theirs, ours, where)
    if isinstance(theirs, list):
        if not isinstance(ours, list) or len(theirs) != len(ours):
            return differs(theirs, ours, where)
        pairs = enumerate(zip(theirs, ours, strict=True))
        return next(filter(None, (compare(a, b, f"{where}/{i}") for i, (a, b) in pairs)), None)
    same = theirs == ours and isinstance(theirs, bool) == isinstance(ours, bool)
    return None if same else differs(theirs, ours, where)


def _compare_objects(theirs: dict[str, Any], ours: Any, where: str) -> str | None:
    """A map or a plain object."""
    if not isinstance(ours, Mapping):
        return differs(theirs, ours, where)
    if theirs.keys() == {"$map"}:
        theirs = dict(theirs["$map"])
        if list(theirs) != list(ours):
            return f"{where}: order {list(theirs)} expected, {list(ours)} found"
    if theirs.keys() != ours.keys():
        return differs(theirs, ours, where)
    found = (compare(value, ours[key], f"{where}/{key}") for key, value in theirs.items())
    return next(filter(None, found), None)


def differs(theirs: Any, ours: Any, where: str) -> str:
    """The official value and the sim's, side by side."""
    return f"{where}: official {_short(theirs)}, sim {_short(ours)}"


def _short(value: Any) -> str:
    """JSON where it is some, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 400 else f"{text[:400]}…"
