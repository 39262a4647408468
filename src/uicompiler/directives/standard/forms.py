"""Directives that ask the user for something: forms, choices, files."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field as Setting

from uicompiler.directives.registry import DirectiveContext, DirectiveSpec, Payload
from uicompiler.directives.standard.common import (
    Entries,
    made,
    surface_of,
    titled,
    values_by_path,
)
from uicompiler.errors import Diagnostic, DirectiveError, diagnostic
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Key, Node
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.content import Text
from uicompiler.ir.fields import AnyOption, Field, Label
from uicompiler.ir.rows import FormEntry
from uicompiler.ir.tree import View
from uicompiler.ir.values import FrozenDict


class ShowForm(Payload):
    """A registered form by `form_id`, or one composed inline from `title` and `fields`."""

    form_id: str | None = None
    title: Label | None = None
    intro: str | None = None
    fields: tuple[FormEntry, ...] | None = None
    submit_label: Label | None = None
    values: Entries = ()
    reset: bool = False


class ShowChoices(Payload):
    """A question with options; several may be chosen with `multiple`."""

    title: Label
    text: str | None = None
    id: Key = "choice"
    options: Annotated[tuple[AnyOption, ...], Setting(min_length=1)]
    multiple: bool = False
    action: Key | None = None
    submit_label: Label | None = None


class RequestUpload(Payload):
    """Ask for a file; `accept` holds media types or endings such as `.json`."""

    title: Label
    text: str | None = None
    id: Key = "file"
    label: Label | None = None
    accept: tuple[str, ...] = ()
    max_bytes: Annotated[int, Setting(ge=1)] | None = None
    required: bool = True
    action: Key | None = None
    submit_label: Label | None = None


def show_form(payload: ShowForm, context: DirectiveContext) -> list[Change]:
    """Show a form; a form that is already there keeps what the user typed."""
    surface = surface_of(payload)
    values = values_by_path(payload.values, context)
    if payload.form_id is None:
        spec = {
            "title": payload.title,
            "intro": payload.intro,
            "fields": payload.fields,
            "submit_label": payload.submit_label,
        }
        return [ShowView(surface, context.inline_form(spec), values, payload.reset)]
    found = context.form(payload.form_id, surface=surface, values=values, reset=payload.reset)
    if found is None:
        raise DirectiveError([_unknown_form(payload.form_id, context)])
    return [ShowView(surface, found.view, values, payload.reset, found.carried)]


def show_choices(payload: ShowChoices, context: DirectiveContext) -> list[Change]:
    """A form of one choice."""
    field = made(
        Field,
        id=payload.id,
        kind="multi_choice" if payload.multiple else "choice",
        label=payload.title,
        options=payload.options,
        required=True,
    )
    return [ShowView(surface_of(payload), _question(None, field, payload, context))]


def request_upload(payload: RequestUpload, context: DirectiveContext) -> list[Change]:
    """A form of one file."""
    field = made(
        Field,
        id=payload.id,
        kind="upload",
        label=payload.label or context.words("upload.label"),
        accept=payload.accept,
        max_bytes=payload.max_bytes,
        required=payload.required,
    )
    return [ShowView(surface_of(payload), _question(payload.title, field, payload, context))]


def _question(
    title: str | None,
    field: Field,
    payload: ShowChoices | RequestUpload,
    context: DirectiveContext,
) -> View:
    """A card with a text, one field and the button that sends it."""
    text: list[Node] = [] if payload.text is None else [Text(key="text", text=payload.text)]
    send = Button(
        key="submit",
        label=payload.submit_label or context.words("form.submit"),
        action=context.action(payload.action),
        submit=True,
        primary=True,
    )
    return titled(title, [*text, field, Actions(key="actions", children=(send,))])


def _unknown_form(form_id: str, context: DirectiveContext) -> Diagnostic:
    forms = f"registered forms: {', '.join(context.form_ids()) or 'none'}"
    is_view = form_id in context.view_ids()
    return diagnostic(
        "DIRECTIVE_TEMPLATE_UNKNOWN",
        f"no form is called {form_id[:40]!r}",
        pointer="/payload/form_id",
        hint=f"it is a view: use ui.show_view; {forms}" if is_view else forms,
    )


DIRECTIVES: Final[tuple[DirectiveSpec, ...]] = (
    DirectiveSpec(
        type="ui.show_form",
        payload=ShowForm,
        run=show_form,
        summary="Show a form for the user to fill in; values presets fields.",
        example={"form_id": "contact", "values": [{"path": "/draft/name", "value": "Ada"}]},
        aliases=("show_form", "ui.form", "ui.open_form"),
        key_aliases=FrozenDict({"id": "form_id", "form": "form_id", "template": "form_id"}),
    ),
    DirectiveSpec(
        type="ui.show_choices",
        payload=ShowChoices,
        run=show_choices,
        summary="Ask the user to choose among options; the answer comes under `id`.",
        example={
            "title": "Which plan?",
            "id": "plan",
            "options": [{"value": "free", "label": "Free"}, {"value": "pro", "label": "Pro"}],
        },
        aliases=("show_choices", "ui.choices", "ui.choose", "ui.ask"),
        key_aliases=FrozenDict({"question": "title", "choices": "options", "multi": "multiple"}),
    ),
    DirectiveSpec(
        type="ui.request_upload",
        payload=RequestUpload,
        run=request_upload,
        summary="Ask the user for a file.",
        example={"title": "Your character card", "accept": [".json", "application/json"]},
        aliases=("request_upload", "ui.upload", "ui.ask_file"),
        key_aliases=FrozenDict({"types": "accept", "max_size": "max_bytes"}),
    ),
)
