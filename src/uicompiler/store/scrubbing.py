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
from uicompiler.ir.fields import Field, neutral
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

_LABELS: Final = frozenset({"title", "intro", "label", "help", "text"})
"""Members of nodes that stay where the app's templates have the same text."""

_LEFT: Final = "…"


def scrubbed(kept: Mapping[str, Json], tagged: Tagged, sought: Sought, app: UIApp) -> Json:
    """What is kept, without the values; None when it has none of them.

    Args:
        kept: As `read_kept` gives it.
        tagged: The fields.
        sought: Their values.
        app: The app whose nodes the state is made of.
    """
    was = thaw(kept)
    left = {
        name: value if name in _SETTINGS else _without(value, sought, tagged)
        for name, value in was.items()
    }
    left["state"] = _state(was["state"], tagged, sought, app)
    return None if left == was else _unhashed(left)


def _without(value: Json, sought: Sought, tagged: Tagged, *, said: bool = False) -> Json:
    """A value in which texts with something sought are empty.

    Names and numbers count only inside of what events and answers said; others are the host's own.
    """
    if isinstance(value, dict):
        own = said and "value" in value and tagged.on_path(value.get("path")) is not None
        return {
            name: _without(
                "" if own and name == "value" else item, sought, tagged, said=said or name in _SAID
            )
            for name, item in value.items()
            if not (_is_lost(item, sought, tagged) or (said and _is_own(name, sought, tagged)))
        }
    if isinstance(value, list):
        return [_without(item, sought, tagged, said=said) for item in value]
    return _leaf(value, sought, said=said)


def _is_own(name: str, sought: Sought, tagged: Tagged) -> bool:
    return tagged.owner(name) is not None or sought.in_name(name)


def _is_lost(item: Json, sought: Sought, tagged: Tagged) -> bool:
    """Whether it is an action whose tools wait, to be run with a value that goes."""
    if not (isinstance(item, dict) and {"event", "calls"} <= set(item)):
        return False
    context = item["event"].get("userAction", {}).get("context", {})
    given = any(_given(value) for name, value in context.items() if tagged.owner(name))
    arguments = [call.get("arguments") for call in item["calls"]]
    return given or tagged.names(arguments) or sought.in_value([context, arguments])


def _given(value: Json) -> bool:
    return any(leaf not in (None, "", False) for leaf in leaves(value))


def _unhashed(value: Json) -> Json:
    """A value without hashes of what was sent: one could try values until they fit."""
    if isinstance(value, dict):
        return {n: _NO_HASH if n in _HASHES else _unhashed(item) for n, item in value.items()}
    return [_unhashed(item) for item in value] if isinstance(value, list) else value


def _leaf(value: Json, sought: Sought, *, said: bool) -> Json:
    if isinstance(value, str):
        return "" if sought.in_text(value) else value
    text = as_text(value) if said else None
    return 0 if text is not None and sought.inside(text) else value


def _state(state: dict[str, Json], tagged: Tagged, sought: Sought, app: UIApp) -> Json:
    surfaces = [_fitting(_surface(item, tagged, sought), state, app) for item in state["surfaces"]]
    return {**state, "surfaces": surfaces}


def _surface(surface: dict[str, Json], tagged: Tagged, sought: Sought) -> dict[str, Json]:
    data = surface["data"]
    documents = {
        "draft": _texts(_draft(data["draft"], tagged), sought),
        "committed": _texts(_committed(data["committed"], tagged, sought), sought),
        "ui_state": _texts(data["ui_state"], sought),
    }
    return {**surface, "data": documents, "view": _view(surface["view"], sought)}


def _draft(draft: dict[str, Json], tagged: Tagged) -> dict[str, Json]:
    """The draft with tagged fields empty."""
    found: dict[str, Json] = {
        name: thaw(neutral(tagged.fields[name])) if name in tagged.fields else value
        for name, value in draft.items()
    }
    for (rows, column), field in tagged.columns.items():
        if isinstance(found.get(rows), dict):
            found[rows] = {
                row: _emptied(cells, column, field) for row, cells in found[rows].items()
            }
    return found


def _emptied(cells: Json, column: str, field: Field) -> Json:
    """A row without what a column of it holds; null for a row that was taken out."""
    there = isinstance(cells, dict) and column in cells
    return {**cells, column: thaw(neutral(field))} if there else cells


def _committed(value: Json, tagged: Tagged, sought: Sought) -> Json:
    """A document without what it has under the names of tagged fields, or under values."""
    if isinstance(value, dict):
        columns = {column for _, column in tagged.columns}
        return {
            name: _committed(item, tagged, sought)
            for name, item in value.items()
            if name not in tagged.fields and name not in columns and not sought.in_name(name)
        }
    if isinstance(value, list):
        return [_committed(item, tagged, sought) for item in value]
    return value


def _texts(value: Json, sought: Sought) -> Json:
    """A document whose texts with something sought in them are empty."""
    if isinstance(value, dict):
        return {name: _texts(item, sought) for name, item in value.items()}
    if isinstance(value, list):
        return [_texts(item, sought) for item in value]
    return _leaf(value, sought, said=True)


def _view(value: Json, sought: Sought) -> Json:
    """A view whose shown texts have nothing sought in them."""
    if isinstance(value, dict):
        return {
            name: item if _stays(name, item, sought) else _view(item, sought)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_view(item, sought) for item in value]
    return _LEFT if isinstance(value, str) and sought.in_text(value) else value


def _stays(name: str, item: Json, sought: Sought) -> bool:
    """Whether a member of a node says nothing that somebody has entered."""
    if not isinstance(item, str):
        return False
    return name in _STRUCTURE or (name in _LABELS and item in sought.own)


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
