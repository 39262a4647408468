"""An app with steps, rows and views: what `fixtures/` calls `flows`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uicompiler import Action, Outcome, PatchOp, StateView, StepResult, UIApp, UIState, dispatch
from uicompiler.backends.registry import backend_named
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.view import ViewTemplate
from uicompiler.templates.wizard import WizardTemplate

TRIP: Mapping[str, Any] = {
    "title": "Trip",
    "steps": [
        {
            "id": "when",
            "title": "When",
            "intro": "Nights are counted for you.",
            "fields": [
                {"id": "from", "kind": "date", "label": "From", "required": True},
                {"id": "to", "kind": "date", "label": "To", "required": True},
                {"id": "car", "kind": "boolean", "label": "By car"},
            ],
            "rules": [
                {"field": "to", "op": "gt", "other": "from", "message": "Leave after you arrive."}
            ],
        },
        {
            "id": "parking",
            "title": "Parking",
            "when": {"field": "car", "op": "eq", "value": True},
            "fields": [{"id": "plate", "label": "Plate", "required": True}],
        },
        {
            "id": "who",
            "title": "Who",
            "fields": [
                {
                    "id": "guests",
                    "label": "Guests",
                    "min_rows": 1,
                    "max_rows": 3,
                    "columns": [
                        {"id": "name", "label": "Name", "required": True},
                        {"id": "age", "kind": "number", "label": "Age", "min": 0},
                    ],
                    "buttons": [{"key": "star", "label": "Main guest", "action": "star"}],
                },
                {"id": "pin", "kind": "secret", "label": "PIN"},
            ],
        },
    ],
    "buttons": [
        {"key": "book", "label": "Book", "action": "book", "submit": True, "primary": True},
        {"key": "stop", "label": "Stop", "action": "stop"},
    ],
}

PARTY: Mapping[str, Any] = {
    "title": "Party",
    "fields": [
        {"id": "theme", "label": "Theme"},
        {
            "id": "songs",
            "label": "Songs",
            "help": "In the order they are played.",
            "max_rows": 4,
            "columns": [
                {"id": "title", "label": "Title", "required": True},
                {"id": "loud", "kind": "boolean", "label": "Loud"},
            ],
        },
    ],
    "buttons": [{"key": "go", "label": "Go", "action": "party", "submit": True}],
}

BOARD: Mapping[str, Any] = {
    "root": {
        "node": "section",
        "title": "Board",
        "children": [
            {"node": "text", "key": "said", "bind": "/ui_state/said"},
            {"node": "text", "key": "booked", "bind": "/committed/trip/from"},
            {"node": "button", "key": "book", "label": "Book now", "action": "book"},
            {
                "node": "button",
                "key": "stop",
                "label": "Stop",
                "action": "stop",
                "masked": "caption",
            },
        ],
    }
}


def book(action: Action, _view: StateView) -> Outcome:
    """Commit the whole trip."""
    return Outcome(commit=[PatchOp("set", "/committed/trip", action.context)])


def star(action: Action, _view: StateView) -> Outcome:
    """Commit which row was meant."""
    return Outcome(commit=[PatchOp("set", "/committed/main_guest", action.row)])


def flows(version: int = 2, *, has_board: bool = True) -> UIApp:
    """The app; with another version of its wizard, or without its view."""
    app = UIApp("flows", inline_form_action="submit")
    app.add_form("trip", WizardTemplate.model_validate({**TRIP, "version": version}))
    app.add_form("party", FormTemplate.model_validate(PARTY))
    if has_board:
        board = ViewTemplate.model_validate(BOARD, context={"nodes": STANDARD_NODES})
        app.add_view("board", board)
    app.add_action("book", book, steps=["review"])
    app.add_action("stop", steps=["when", "review"])
    app.add_action("star", star)
    app.add_action(
        "party",
        context={"theme": "text", "songs": "list"},
        handler=lambda _action, _view: Outcome(),
    )
    return app


def press(
    state: UIState, app: UIApp, button: str, *, surface: str = "main", **context: Any
) -> StepResult:
    """Press the one button whose component id holds a text, as a client would.

    Args:
        state: The state.
        app: The app.
        button: Part of the button's component id.
        surface: The surface.
        context: What its fields hold; `guests__r1__name` stands for `guests/r1/name`.
    """
    shown = state.surfaces[surface]
    found = backend_named("a2ui-v0.8").buttons(shown)
    (ident,) = [name for name in found if button in name]
    pressed = found[ident].button
    sent = {name.replace("__", "/"): value for name, value in context.items()}
    filled = {item.id: sent.pop(item.id, None) for item in shown.inputs if pressed.submit}
    event = {
        "userAction": {
            "name": pressed.action,
            "surfaceId": shown.name if shown.epoch == 1 else f"{shown.name}#e={shown.epoch}",
            "sourceComponentId": ident,
            "timestamp": "2026-01-01T09:00:00Z",
            "context": {**filled, **pressed.args, **sent, "_rev": shown.rev},
        }
    }
    return dispatch(event, state=state, app=app)
