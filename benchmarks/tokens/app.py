"""The app of the race: two registered forms, a registered view, actions, composed forms allowed."""

from __future__ import annotations

from typing import Any, Final

from uicompiler.app import UIApp
from uicompiler.ir.tree import parse_node
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.view import ViewTemplate

ACTIONS: Final = ("call", "open", "pay", "remove", "save")
_SAVE: Final = [{"label": "Save", "action": "save", "submit": True, "primary": True}]
_CONTACT: Final[dict[str, Any]] = {
    "title": "New contact",
    "fields": [
        {"id": "name", "label": "Full name", "required": True},
        {"id": "email", "label": "E-mail", "required": True},
        {"id": "phone", "label": "Phone"},
        {"id": "segment", "label": "Segment", "kind": "choice", "options": ["SMB", "Partner"]},
        {"id": "newsletter", "label": "Newsletter", "kind": "boolean"},
        {"id": "notes", "label": "Notes", "kind": "long_text"},
    ],
    "buttons": _SAVE,
}
_DEAL: Final[dict[str, Any]] = {
    "title": "New deal",
    "fields": [
        {"id": "title", "label": "Title", "required": True},
        {"id": "amount", "label": "Amount", "kind": "number"},
        {"id": "close_on", "label": "Closes on", "kind": "date"},
    ],
    "buttons": _SAVE,
}
_HOURS: Final[dict[str, Any]] = {
    "node": "card",
    "children": [
        {"node": "text", "text": "Opening hours", "style": "h3"},
        {
            "node": "key_values",
            "items": [
                {"label": "Monday to Thursday", "text": "8 to 17"},
                {"label": "Friday", "text": "8 to 14"},
                {"label": "Weekend", "text": "closed"},
            ],
        },
    ],
}


def build() -> UIApp:
    """The app, made anew."""
    app = UIApp("race", inline_form_action="submit")
    for name in ACTIONS:
        app.add_action(name)
    app.add_form("contact", FormTemplate.model_validate(_CONTACT))
    app.add_form("deal", FormTemplate.model_validate(_DEAL))
    app.add_view(
        "opening_hours",
        ViewTemplate(root=parse_node(_HOURS), description="When the office is open."),
    )
    return app
