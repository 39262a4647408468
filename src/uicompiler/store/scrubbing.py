"""What a host keeps of a conversation, without the values of tagged fields.

Fields that hold a value start over, texts that have one in them go. A surface that could not be
itself any more, such as one with a button named after the value, is closed. Answers to events that
may come again stay, so that nothing runs twice, but not what they are told by: who sends such an
event again is refused, not answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from uicompiler.app import UIApp
from uicompiler.errors import StoreError
from uicompiler.ir.data import empty_document
from uicompiler.ir.fields import neutral
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json, thaw
from uicompiler.store.sought import Sought, as_text, leaves
from uicompiler.store.tagged import Tagged

_SETTINGS: Final = frozenset(
    {"v", "id", "token_hash", "protocol", "client", "app", "turns", "history", "played", "state"}
)
"""Members of what the library's host keeps that hold nothing a user gave."""

_HASHES: Final = frozenset({"payload_hash", "payload"})
_SAID: Final = frozenset({"answer", "body", "event", "calls"})
_NO_HASH: Final = "0" * 64
_STRUCTURE: Final = frozenset(
    {
        "node",
        "id",
        "key",
        "kind",
        "action",
        "variant",
        "level",
        "icon",
        "step",
        "direction",
        "align",
    }
)
"""Members of nodes that say what a node is, not what it shows."""

_LEFT: Final = "…"


def scrubbed(kept: Mapping[str, Json], tagged: Tagged, sought: Sought, app: UIApp) -> Json:
    """What is kept, without the values.

    Args:
        kept: As `read_kept` gives it.
        tagged: The fields.
        sought: Their values.
        app: The app whose nodes the state is made of.
    """
    rest = {
        name: value if name in _SETTINGS else _without(value, sought, tagged)
        for name, value in kept.items()
    }
    return {**rest, "state": _state(thaw(kept["state"]), tagged, sought, app)}


def _without(value: Json, sought: Sought, tagged: Tagged, *, free: bool = False) -> Json:
    """A value in which texts with something sought are empty, and what events hash to is none.

    Numbers count only inside of what events and answers said (`free`): others are the host's own.
    """
    if isinstance(value, Mapping):
        own = "value" in value and tagged.on_path(value.get("path")) is not None
        return {
            name: _member(name, "" if own and name == "value" else item, sought, tagged, free)
            for name, item in value.items()
            if not _goes(name, item, sought, tagged)
        }
    if isinstance(value, (list, tuple)):
        return [_without(item, sought, tagged, free=free) for item in value]
    return _leaf(value, sought, free=free)


def _member(name: str, value: Json, sought: Sought, tagged: Tagged, free: bool) -> Json:
    if name in _HASHES:
        return _NO_HASH
    return _without(value, sought, tagged, free=free or name in _SAID)


def _leaf(value: Json, sought: Sought, *, free: bool) -> Json:
    if isinstance(value, str):
        return "" if sought.in_text(value) else value
    text = as_text(value) if free else None
    return 0 if text is not None and sought.within.search(text) else value


def _goes(name: str, item: Json, sought: Sought, tagged: Tagged) -> bool:
    """Whether a member goes whole: a tagged value, or an action whose tools would run on it."""
    if tagged.owner(name) is not None or sought.in_text(name):
        return True
    waits = isinstance(item, Mapping) and {"event", "calls"} <= set(item)
    return waits and (sought.in_value(item) or tagged.names(item))


def _state(state: dict[str, Json], tagged: Tagged, sought: Sought, app: UIApp) -> Json:
    surfaces = [_fitting(_surface(item, tagged, sought), state, app) for item in state["surfaces"]]
    return {**state, "surfaces": surfaces}


def _surface(surface: dict[str, Json], tagged: Tagged, sought: Sought) -> dict[str, Json]:
    data = surface["data"]
    documents = {
        "draft": _texts(_draft(data["draft"], tagged), sought),
        "committed": _texts(_committed(data["committed"], tagged), sought),
        "ui_state": _texts(data["ui_state"], sought),
    }
    return {**surface, "data": documents, "view": _view(surface["view"], sought)}


def _draft(draft: dict[str, Json], tagged: Tagged) -> dict[str, Json]:
    """The draft with tagged fields empty."""
    found = {
        name: neutral(tagged.fields[name]) if name in tagged.fields else value
        for name, value in draft.items()
    }
    for (rows, column), field in tagged.columns.items():
        for row in (found.get(rows) or {}).values():
            if row is not None and column in row:
                row[column] = neutral(field)
    return found


def _committed(value: Json, tagged: Tagged) -> Json:
    """A document without what it has under the names of tagged fields."""
    if isinstance(value, dict):
        columns = {column for _, column in tagged.columns}
        return {
            name: _committed(item, tagged)
            for name, item in value.items()
            if name not in tagged.fields and name not in columns
        }
    return [_committed(item, tagged) for item in value] if isinstance(value, list) else value


def _texts(value: Json, sought: Sought) -> Json:
    """A document whose texts with something sought in them are empty."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if not sought.in_text(name)}
        return {name: _texts(item, sought) for name, item in kept.items()}
    if isinstance(value, list):
        return [_texts(item, sought) for item in value]
    return _leaf(value, sought, free=True)


def _view(value: Json, sought: Sought) -> Json:
    """A view whose shown texts have nothing sought in them."""
    if isinstance(value, dict):
        return {
            name: item if name in _STRUCTURE and isinstance(item, str) else _view(item, sought)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_view(item, sought) for item in value]
    return _LEFT if isinstance(value, str) and sought.in_text(value) else value


def _fitting(surface: dict[str, Json], state: dict[str, Json], app: UIApp) -> dict[str, Json]:
    """The surface, or a closed one when it is none any more."""
    try:
        UIState.from_json({**state, "surfaces": [surface]}, nodes=app.nodes)
    except StoreError:
        return {
            **surface,
            "status": "closed",
            "view": None,
            "data": thaw(empty_document()),
            "boxes": {},
            "offered": {},
        }
    return surface


def holds(kept: Mapping[str, Json], tagged: Tagged, sought: Sought) -> bool:
    """Whether something of the values is in what is kept."""
    for surface in kept["state"]["surfaces"]:
        for part in ("draft", "committed"):
            if any(_given(value) for _, value in tagged.in_document(surface["data"][part])):
                return True
    plain = {name: value for name, value in kept.items() if name not in _SETTINGS}
    surfaces = [[item["data"], item["view"]] for item in kept["state"]["surfaces"]]
    return sought.in_value([plain, surfaces])


def _given(value: Json) -> bool:
    return any(leaf not in (None, "", False) for leaf in leaves(value))
