"""What the CRM does with actions, and a directive of its own.

Handlers are pure: an action and a view of the state in, an outcome out. They alone write to
`/committed`.
"""

from __future__ import annotations

from uicompiler import Action, Outcome, PatchOp, Payload, StateView, UIApp
from uicompiler.directives.registry import DirectiveContext
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Node
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.content import Notice, Text
from uicompiler.ir.layout import Card, Divider, Section, Stack
from uicompiler.ir.tree import View

LABELS = {
    "name": "Name",
    "email": "E-mail",
    "stage": "Stage",
    "deal_size": "Deal size (EUR)",
    "follow_up": "Follow up on",
}


class ShowContact(Payload):
    """Show the saved contact; `note` is a remark above it."""

    note: str | None = None


def show_contact(payload: ShowContact, _context: DirectiveContext) -> list[Change]:
    """A card with what was saved; its texts follow `/committed`."""
    rows = [
        Stack(
            key=name,
            direction="row",
            children=(
                Text(text=label, style="caption", key="label"),
                Text(bind=f"/committed/contact/{name}", key="value"),
            ),
        )
        for name, label in LABELS.items()
    ]
    note: list[Node] = [] if payload.note is None else [Notice(text=payload.note, key="note")]
    buttons = Actions(children=(Button(label="Edit", action="edit_contact"),), key="actions")
    section = Section(
        title="Saved contact", level=2, key="contact", children=(*rows, Divider(), buttons)
    )
    root = Stack(children=(*note, Card(children=(section,), key="card")))
    return [ShowView(payload.surface or "main", View(root))]


def save_contact(action: Action, view: StateView) -> Outcome:
    """Commit the form, say so, show the card."""
    before = view.get("/committed/contact", default={})
    word = "updated" if before else "saved"
    return Outcome(
        commit=[PatchOp("set", "/committed/contact", action.context)],
        directives=[
            {"type": "ui.toast", "payload": {"text": f"Contact {word}.", "level": "success"}},
            {"type": "crm.show_contact", "payload": {}},
        ],
    )


def edit_contact(_action: Action, view: StateView) -> Outcome:
    """Open the form with what is saved."""
    saved = view.get("/committed/contact", default={})
    values = [
        {"path": f"/draft/{name}", "value": value}
        for name, value in saved.items()
        if value is not None
    ]
    form = {"form_id": "contact", "values": values, "reset": True}
    return Outcome(directives=[{"type": "ui.show_form", "payload": form}])


def discard(_action: Action, _view: StateView) -> Outcome:
    """Start the form over."""
    return Outcome(
        directives=[{"type": "ui.show_form", "payload": {"form_id": "contact", "reset": True}}]
    )


def register(app: UIApp) -> None:
    """Give the actions of app.yaml their handlers, and add the CRM's own directive."""
    app.add_action("save_contact", save_contact)
    app.add_action("edit_contact", edit_contact)
    app.add_action("discard", discard)
    app.directive(
        "crm.show_contact",
        payload=ShowContact,
        summary="Show the contact that was saved, with a remark if you like.",
        example={"note": "Is this still right?"},
    )(show_contact)
