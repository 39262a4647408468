"""What the CRM does with actions, and directives of its own.

Handlers are pure: an action and a view of the state in, an outcome out. They alone write to
`/committed`. What needs the world outside, a handler asks for as a tool call; the edge runs it, and
the handler is asked again with the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from uicompiler import Action, Outcome, PatchOp, Payload, StateView, ToolCall, UIApp
from uicompiler.directives.registry import DirectiveContext
from uicompiler.errors import DirectiveError, diagnostic
from uicompiler.ir import data
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Node
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.content import Notice, Text
from uicompiler.ir.fields import Field, Option
from uicompiler.ir.figures import KeyValue, KeyValues
from uicompiler.ir.layout import Card, Section, Stack
from uicompiler.ir.lists import Column, List, Table
from uicompiler.ir.tree import View
from uicompiler.pointer import join
from uicompiler.templates.form import FormTemplate

Directive = dict[str, Any]

STAGES = {"lead": "Lead", "talking": "In talks", "won": "Won", "lost": "Lost"}
_TONES = {"won": "success", "lost": "info"}
SAVED = {
    "name": "Name",
    "email": "E-mail",
    "phone": "Phone",
    "website": "Website",
    "stage": "Stage",
    "deal_size": "Deal size (EUR)",
    "follow_up": "Follow up on",
}


def directive(name: str, **payload: Any) -> Directive:
    """A directive as a model would write it."""
    return {"type": name, "payload": payload}


def toast(text: str, level: str = "success") -> Directive:
    return directive("ui.toast", text=text, level=level)


# --- one contact ----------------------------------------------------------------------------------


class ShowContact(Payload):
    """Show the saved contact; `note` is a remark above it."""

    note: str | None = None


def show_contact(payload: ShowContact, _context: DirectiveContext) -> list[Change]:
    """A card with what was saved; its texts follow `/committed`."""
    at = "/committed/contact"
    figures = KeyValues(
        key="figures",
        items=tuple(KeyValue(label=label, bind=f"{at}/{name}") for name, label in SAVED.items()),
    )
    tags = List(
        key="tags",
        direction="row",
        bind=f"{at}/tags",
        item=Text(key="tag", bind=".", style="caption"),
        empty="No tags.",
    )
    emails = Table(
        key="emails",
        bind=f"{at}/emails",
        item_key="id",
        columns=(Column(id="address", label="More addresses"), Column(id="use", label="For")),
        empty="None.",
    )
    edit = Actions(key="actions", children=(Button(label="Edit", action="edit_contact"),))
    body = Section(
        key="contact", title="Saved contact", level=2, children=(figures, tags, emails, edit)
    )
    note: list[Node] = [] if payload.note is None else [Notice(text=payload.note, key="note")]
    root = Stack(children=(*note, Card(children=(body,), key="card")))
    return [ShowView(payload.surface or "main", View(root))]


def save_contact(action: Action, view: StateView) -> Outcome:
    """Commit the form, say so, show the card."""
    before = view.get("/committed/contact", default={})
    word = "updated" if before else "saved"
    return Outcome(
        commit=[PatchOp("set", "/committed/contact", action.context)],
        directives=[toast(f"Contact {word}."), directive("crm.show_contact")],
    )


def edit_contact(_action: Action, view: StateView) -> Outcome:
    """Open the form with what is saved."""
    saved = view.get("/committed/contact", default={})
    values = [
        {"path": f"/draft/{name}", "value": value}
        for name, value in saved.items()
        if value is not None
    ]
    return Outcome(
        directives=[directive("ui.show_form", form_id="contact", values=values, reset=True)]
    )


def discard(_action: Action, _view: StateView) -> Outcome:
    """Start the form over."""
    return Outcome(directives=[directive("ui.show_form", form_id="contact", reset=True)])


# --- the pipeline ---------------------------------------------------------------------------------


class ShowPipeline(Payload):
    """Show all deals by stage."""


def show_pipeline(payload: ShowPipeline, context: DirectiveContext) -> list[Change]:
    """The registered view; its table and totals follow `/committed`."""
    found = context.view("pipeline")
    if found is None:
        raise LookupError("app.yaml has no view pipeline")
    return [ShowView(payload.surface or "main", found)]


def back_to_pipeline(_action: Action, _view: StateView) -> Outcome:
    return Outcome(directives=[directive("crm.show_pipeline")])


def load_deals(action: Action, _view: StateView) -> Outcome:
    """Ask the sales system for all deals, then commit what it has."""
    if action.tool_results is None:
        call = ToolCall("deals", "sales.list_deals")
        return Outcome(
            tool_calls=[call], directives=[directive("ui.show_progress", title="Fetching deals")]
        )
    answer = action.tool_results["deals"]
    if "error" in answer:
        return Outcome(directives=[_failed("The deals could not be fetched", answer, "load_deals")])
    deals = {item["id"]: _deal(item, item["stage"]) for item in answer["deals"]}
    return Outcome(
        commit=[
            PatchOp("set", "/committed/deals", deals),
            PatchOp("set", "/committed/totals", _totals(deals.values())),
        ],
        directives=[directive("crm.show_pipeline")],
    )


def open_deal(action: Action, view: StateView) -> Outcome:
    """Show one deal, with the way back."""
    deal = view.get(join(("committed", "deals", action.row)))
    if deal is None:
        return _gone()
    items = [
        {"label": "Contact", "value": deal["contact"]},
        {"label": "Size (EUR)", "value": deal["size"]},
        {"label": "Stage", "value": deal["stage_label"]},
    ]
    args = {"deal": action.row}
    buttons = [
        {"label": "Won", "action": "win_deal", "args": args},
        {"label": "Lost", "action": "lose_deal", "args": args},
        {"label": "Back to the pipeline", "action": "show_pipeline"},
    ]
    return Outcome(
        directives=[
            directive(
                "ui.show_result", title=deal["name"], tone="info", items=items, buttons=buttons
            )
        ]
    )


def win_deal(action: Action, view: StateView) -> Outcome:
    return _close(action, view, "won")


def lose_deal(action: Action, view: StateView) -> Outcome:
    return _close(action, view, "lost")


def _close(action: Action, view: StateView, stage: str) -> Outcome:
    """Move the deal of a row, or of the deal's own page, to its last stage."""
    deals = view.get("/committed/deals", default={})
    name = action.row or action.args.get("deal", "")
    if name not in deals:
        return _gone()
    changed = {**deals, name: _deal(deals[name], stage)}
    return Outcome(
        commit=[
            PatchOp("set", join(("committed", "deals", name)), changed[name]),
            PatchOp("set", "/committed/totals", _totals(changed.values())),
        ],
        directives=[
            toast(f"{deals[name]['name']}: {STAGES[stage].lower()}.", _TONES[stage]),
            directive("crm.show_pipeline"),
        ],
    )


def _deal(deal: Mapping[str, Any], stage: str) -> dict[str, Any]:
    kept = {name: deal[name] for name in ("name", "contact", "size")}
    return {**kept, "stage": stage, "stage_label": STAGES[stage]}


def _totals(deals: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """By stage, how many deals there are and what they are worth."""
    found = list(deals)
    totals = {}
    for stage in STAGES:
        sizes = [deal["size"] for deal in found if deal["stage"] == stage]
        totals[stage] = f"{_count(len(sizes), 'deal')}, EUR {sum(sizes):,}"
    return totals


def _gone() -> Outcome:
    return Outcome(directives=[toast("That deal is not there any more.", "warning")])


# --- cleaning up ----------------------------------------------------------------------------------


class PickContacts(Payload):
    """Let the user choose which of the contacts that were found shall go.

    `reset` forgets an earlier choice.
    """

    reset: bool = False


def pick_contacts(payload: PickContacts, context: DirectiveContext) -> list[Change]:
    """A form with every contact that was found, all of them chosen."""
    surface = payload.surface or "main"
    known = context.state.surfaces.get(surface)
    found = data.MISSING if known is None else data.get(known.data, ("committed", "quiet"))
    if found is data.MISSING or not found:
        why = "no contacts were found to choose from"
        hint = "show the form clean_up first"
        raise DirectiveError([diagnostic("DIRECTIVE_PAYLOAD_INVALID", why, hint=hint)])
    options = tuple(Option(value=name, label=_line(item)) for name, item in found.items())
    form = FormTemplate(
        title="Which contacts shall go?",
        fields=(
            Field(
                id="contacts",
                kind="multi_choice",
                label="Contacts",
                required=True,
                options=options,
                default=tuple(found),
            ),
        ),
        buttons=(Button(label="Go on", action="review_deletion", submit=True, primary=True),),
    )
    return [ShowView(surface, form.view(None), reset=payload.reset)]


def find_quiet(action: Action, _view: StateView) -> Outcome:
    """Look for the contacts, then let the user choose among them."""
    since = action.context["quiet_since"]
    if action.tool_results is None:
        call = ToolCall("search", "contacts.search", {"quiet_since": since})
        return Outcome(
            tool_calls=[call],
            directives=[directive("ui.show_progress", title="Looking through the contacts")],
        )
    answer = action.tool_results["search"]
    if "error" in answer:
        form = directive("ui.show_form", form_id="clean_up")
        return Outcome(directives=[toast(answer["error"], "error"), form])
    if not answer["contacts"]:
        text = f"Everybody has been heard from since {since}."
        return Outcome(
            directives=[directive("ui.show_result", title="Nobody to delete", text=text)]
        )
    found = {
        item["id"]: {key: item[key] for key in ("name", "email", "last_contact")}
        for item in answer["contacts"]
    }
    return Outcome(
        commit=[PatchOp("set", "/committed/quiet", found)],
        directives=[directive("crm.pick_contacts", reset=True)],
    )


def pick_again(_action: Action, _view: StateView) -> Outcome:
    return Outcome(directives=[directive("crm.pick_contacts")])


def review_deletion(action: Action, view: StateView) -> Outcome:
    """Ask before anything is deleted; the button takes the ids along."""
    chosen = action.context["contacts"]
    found = view.get("/committed/quiet")
    items = [
        {"label": found[name]["name"], "value": f"last contact {found[name]['last_contact']}"}
        for name in chosen
    ]
    question = directive(
        "ui.confirm",
        title=f"Delete {_count(len(chosen), 'contact')}?",
        text="This cannot be undone.",
        items=items,
        action="delete_contacts",
        args={"contacts": " ".join(chosen)},
        confirm_label="Delete",
        cancel_label="Back",
        cancel_action="pick_contacts",
    )
    return Outcome(directives=[question])


def delete_contacts(action: Action, view: StateView) -> Outcome:
    """Delete what was confirmed, one contact a round."""
    if action.tool_results is not None:
        return _deleted(action.tool_results, view)
    return _delete_next(left=action.args["contacts"].split(), done=0)


def retry_deletion(action: Action, view: StateView) -> Outcome:
    """Go on where it failed."""
    if action.tool_results is not None:
        return _deleted(action.tool_results, view)
    job = view.get("/committed/deletion", default={"left": (), "done": 0})
    return _delete_next(left=job["left"], done=job["done"])


def stop_deletion(_action: Action, view: StateView) -> Outcome:
    """Let the round that is on its way be the last."""
    if view.get("/committed/deletion") is None:
        return Outcome()
    return Outcome(commit=[PatchOp("set", "/committed/deletion/stopped", True)])


def _delete_next(left: Iterable[str], done: int) -> Outcome:
    names = tuple(left)
    if not names:
        return _finished(done, kept=0)
    progress = directive(
        "ui.show_progress",
        title="Deleting contacts",
        text=f"{done} of {done + len(names)} deleted",
        value=done,
        max=done + len(names),
        cancel_action="stop_deletion",
        cancel_label="Stop",
    )
    return Outcome(
        commit=[PatchOp("set", "/committed/deletion", {"left": names, "done": done})],
        directives=[progress],
        tool_calls=[ToolCall(names[0], "contacts.delete", {"contact": names[0]})],
    )


def _deleted(results: Mapping[str, Any], view: StateView) -> Outcome:
    """What became of the round before, and what comes next."""
    job = view.get("/committed/deletion")
    if job is None:
        return Outcome()
    name, *left = job["left"]
    done = job["done"] + 1
    if "error" in results[name]:
        contact = view.get(join(("committed", "quiet", name)), default={"name": name})
        hint = f"{job['done']} deleted, {len(left) + 1} still there."
        title = f"{contact['name']} could not be deleted"
        return Outcome(directives=[_failed(title, results[name], "retry_deletion", hint=hint)])
    if left and not job.get("stopped", False):
        return _delete_next(left, done)
    return _finished(done, kept=len(left))


def _finished(done: int, *, kept: int) -> Outcome:
    title = "Stopped" if kept else "All cleaned up"
    result = directive(
        "ui.show_result",
        title=title,
        tone="warning" if kept else "success",
        text=f"{_count(done, 'contact')} deleted.",
        items=[{"label": "Deleted", "value": done}, {"label": "Kept", "value": kept}],
        buttons=[{"label": "Show the pipeline", "action": "show_pipeline"}],
    )
    return Outcome(
        commit=[
            PatchOp("delete", "/committed/deletion"),
            PatchOp("delete", "/committed/quiet"),
        ],
        directives=[result],
    )


def _failed(
    title: str, answer: Mapping[str, Any], retry: str, hint: str | None = None
) -> Directive:
    more = {} if hint is None else {"hint": hint}
    return directive("ui.show_error", title=title, text=answer["error"], retry_action=retry, **more)


def _line(contact: Mapping[str, Any]) -> str:
    return f"{contact['name']}, {contact['email']}, last contact {contact['last_contact']}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


HANDLERS = {
    "save_contact": save_contact,
    "edit_contact": edit_contact,
    "discard": discard,
    "show_pipeline": back_to_pipeline,
    "load_deals": load_deals,
    "open_deal": open_deal,
    "win_deal": win_deal,
    "lose_deal": lose_deal,
    "find_quiet": find_quiet,
    "pick_contacts": pick_again,
    "review_deletion": review_deletion,
    "delete_contacts": delete_contacts,
    "retry_deletion": retry_deletion,
    "stop_deletion": stop_deletion,
}


def register(app: UIApp) -> None:
    """Give the actions of app.yaml their handlers, and add the CRM's own directives."""
    for name, handler in HANDLERS.items():
        app.add_action(name, handler)
    app.directive(
        "crm.show_contact",
        payload=ShowContact,
        summary="Show the contact that was saved, with a remark if you like.",
        example={"note": "Is this still right?"},
    )(show_contact)
    app.directive(
        "crm.show_pipeline",
        payload=ShowPipeline,
        summary="Show all deals by stage; the user opens, wins and loses them there.",
        example={},
    )(show_pipeline)
    app.directive(
        "crm.pick_contacts",
        payload=PickContacts,
        summary="After the form clean_up: let the user choose again which contacts shall go.",
        example={},
    )(pick_contacts)
