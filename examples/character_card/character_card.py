"""What the app does with a character card.

Handlers are pure: an action and a view of the state in, an outcome out. They alone write to
`/committed`. What an uploaded file holds comes from a tool of the host, `read_upload`, and is as
little to be trusted as what a user pasted: `read` takes a card apart and names what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from uicompiler import Action, Outcome, PatchOp, StateView, ToolCall, UIApp
from uicompiler.ir.text import clean

Card = Mapping[str, Any]  # JSON

TEXTS: Final = ("name", "description", "personality", "scenario", "first_mes")
"""Parts of a card that are texts, under the names that the format gives them."""

FIELDS: Final = (*TEXTS, "avatar", "tags", "greetings", "lore")
"""Fields of the form `card`."""

MAX_BYTES: Final = 400_000
MAX_TEXT: Final = 10_000
MAX_LORE: Final = 40
MAX_GREETINGS: Final = 12
_READ: Final = "read"


# --- a file is read -------------------------------------------------------------------------------


class NoCard(Exception):
    """What was given is no character card; the message is for the user."""


@dataclass(frozen=True)
class Read:
    """What a file held.

    Attributes:
        values: By field of the form `card`.
        notes: What was left out, in the user's words.
    """

    values: Card
    notes: Sequence[str] = field(default=())


def read_card(action: Action, _view: StateView) -> Outcome:
    """Show what the card says, for the user to check; a file is fetched by the host first."""
    given = action.context["file"]
    if "handle" in given and action.tool_results is None:
        arguments = {"handle": given["handle"], "max_bytes": MAX_BYTES}
        call = ToolCall(_READ, "read_upload", arguments)
        return Outcome(directives=[_toast("Reading the file …")], tool_calls=[call])
    try:
        found = read(_text(given, action.tool_results or {}))
    except NoCard as exc:
        return Outcome(field_errors={"file": str(exc)})
    toasts = [_toast(note, "warning") for note in found.notes]
    return Outcome(directives=[_form(found.values), *toasts])


def _text(given: Card, results: Mapping[str, Any]) -> str:
    if "text" in given:
        pasted: str = given["text"]
        return pasted
    result = results.get(_READ)
    text = result.get("text") if isinstance(result, Mapping) else None
    if not isinstance(text, str):
        raise NoCard("The file could not be read. Please choose it again.")
    return text


def read(text: str) -> Read:
    """Read a card: version 1, whose parts stand at the top, or 2 and 3, where they are in `data`.

    Raises:
        NoCard: it is no JSON, or no card.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise NoCard(f"This is too long for a card: at most {MAX_BYTES} bytes are read.")
    document = _json(text)
    if not isinstance(document, dict):
        raise NoCard("This is JSON, but no character card: a card begins with { and ends with }.")
    card = document.get("data", document)
    if not isinstance(card, dict):
        raise NoCard("The card's data is not an object.")
    values = {name: _one_text(card, name) for name in TEXTS}
    if not values["name"].strip():
        raise NoCard("The card has no name.")
    avatar, notes = _avatar(card.get("avatar", document.get("avatar")))
    lists = {"greetings": _greetings(card), "tags": _tags(card.get("tags"), "tags")}
    return Read({**values, **lists, "lore": _lore(card), "avatar": avatar}, notes)


def _json(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as exc:
        where = f"line {exc.lineno}, column {exc.colno}"
        raise NoCard(f"This is not JSON: {exc.msg} in {where}.") from exc
    except (RecursionError, ValueError) as exc:
        raise NoCard("This is not JSON that can be read: it nests too deeply.") from exc


def _one_text(holder: Card, name: str, *, what: str = "") -> str:
    """A text of the card, "" for none."""
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NoCard(f"{what or name} is not a text.")
    if len(value) > MAX_TEXT:
        raise NoCard(f"{what or name} has more than {MAX_TEXT} characters.")
    return _readable(value)


def _readable(text: str) -> str:
    """The text with plain line ends and no invisible controls; half a character is U+FFFD."""
    return clean(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _list(value: Any, name: str, most: int) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise NoCard(f"{name} is not a list.")
    if len(value) > most:
        raise NoCard(f"{name} has {len(value)} entries, at most {most} can be taken.")
    return value


def _tags(value: Any, name: str) -> str:
    """Tags as a user would type them; a comma inside one ends it."""
    given = _list(value, name, 40)
    if not all(isinstance(tag, str) for tag in given):
        raise NoCard(f"{name} holds something that is not a text.")
    return ", ".join(_readable(tag) for tag in given)


def _greetings(card: Card) -> list[dict[str, str]]:
    given = _list(card.get("alternate_greetings"), "alternate_greetings", MAX_GREETINGS)
    texts = [
        _one_text({"": text}, "", what=f"alternate greeting {number}")
        for number, text in enumerate(given, start=1)
    ]
    return [{"text": text} for text in texts if text.strip()]


def _lore(card: Card) -> list[dict[str, Any]]:
    book = card.get("character_book") or {}
    if not isinstance(book, dict):
        raise NoCard("character_book is not an object.")
    given = _list(book.get("entries"), "character_book.entries", MAX_LORE)
    return [_lore_entry(entry, number) for number, entry in enumerate(given, start=1)]


def _lore_entry(entry: Any, number: int) -> dict[str, Any]:
    what = f"lore entry {number}"
    if not isinstance(entry, dict):
        raise NoCard(f"{what} is not an object.")
    return {
        "keys": _tags(entry.get("keys"), f"keys of {what}"),
        "content": _one_text(entry, "content", what=f"content of {what}"),
        "enabled": entry.get("enabled") is not False,
    }


def _avatar(value: Any) -> tuple[str, tuple[str, ...]]:
    """The picture's address; nothing but the web's own is fetched from a stranger's card."""
    if value in (None, "", "none"):
        return "", ()
    address = value.strip() if isinstance(value, str) else ""
    if len(address) <= 500 and address.lower().startswith("https://"):
        return address, ()
    return "", ("The card's picture was left out: it has no https address.",)


# --- a card is saved ------------------------------------------------------------------------------


def save_card(action: Action, _view: StateView) -> Outcome:
    """Commit the card and show it; lore in use needs a key that brings it up."""
    entered = action.context
    wrong = {
        f"lore/{entry['id']}/keys": "Please name a key, or take the lore out of use."
        for entry in entered["lore"]
        if entry["enabled"] and not entry["keys"]
    }
    if wrong:
        return Outcome(field_errors=wrong)
    return Outcome(
        commit=[PatchOp("set", "/committed/card", _committed(entered))],
        directives=[_VIEW, _toast("The card is saved.", "success")],
    )


def _committed(entered: Card) -> dict[str, Any]:
    """The card as it is kept, with what the view shows of its lists."""
    lore = [{**entry, "keys_named": ", ".join(entry["keys"] or ())} for entry in entered["lore"]]
    used = sum(entry["enabled"] for entry in lore)
    tags = entered["tags"] or ()
    return {
        **{name: entered[name] or "" for name in (*TEXTS, "avatar")},
        "tags": tags,
        "tags_named": ", ".join(tags),
        "greetings": entered["greetings"],
        "lore": lore,
        "summary": f"Greetings: {1 + len(entered['greetings'])}, lore: {len(lore)} ({used} in use)",
    }


# --- a card is looked at --------------------------------------------------------------------------

_VIEW: Final = {"type": "ui.show_view", "payload": {"view_id": "my_card"}}
_UPLOAD: Final = {"type": "ui.show_form", "payload": {"form_id": "upload", "reset": True}}


def _toast(text: str, level: str = "info") -> dict[str, Any]:
    return {"type": "ui.toast", "payload": {"text": text, "level": level}}


def _form(card: Card) -> dict[str, Any]:
    values = [{"path": f"/draft/{name}", "value": _preset(card[name])} for name in FIELDS]
    payload = {"form_id": "card", "values": values, "reset": True}
    return {"type": "ui.show_form", "payload": payload}


def _preset(value: Any) -> Any:
    """A value as the form takes it: rows hold what their columns are called, and no more."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    columns = ("text", "keys", "content", "enabled")
    return [
        {name: row[name] for name in columns if row.get(name) is not None}
        if isinstance(row, Mapping)
        else row
        for row in value
    ]


def show_card(_action: Action, _view: StateView) -> Outcome:
    """Show what was saved."""
    return Outcome(directives=[_VIEW])


def edit_card(_action: Action, view: StateView) -> Outcome:
    """Open the form with what was saved."""
    card = view.get("/committed/card")
    return Outcome(directives=[_UPLOAD if card is None else _form(card)])


def other_card(_action: Action, _view: StateView) -> Outcome:
    """Ask for a file again; what was saved stays until another card is."""
    return Outcome(directives=[_UPLOAD])


def ask_forget_card(_action: Action, view: StateView) -> Outcome:
    """Ask before a card is given up."""
    payload = {
        "title": f"Forget {view.get('/committed/card/name', default='the card')}?",
        "text": "This cannot be undone.",
        "action": "forget_card",
        "confirm_label": "Forget the card",
        "cancel_label": "Keep it",
        "cancel_action": "show_card",
    }
    return Outcome(directives=[{"type": "ui.confirm", "payload": payload}])


def forget_card(_action: Action, _view: StateView) -> Outcome:
    """Give the card up and ask for another."""
    return Outcome(commit=[PatchOp("delete", "/committed/card")], directives=[_UPLOAD])


def register(app: UIApp) -> None:
    """Give the actions of app.yaml their handlers."""
    handlers = (
        read_card,
        save_card,
        show_card,
        edit_card,
        other_card,
        ask_forget_card,
        forget_card,
    )
    for handler in handlers:
        app.add_action(handler.__name__, handler)
