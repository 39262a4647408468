"""Directives that show something: views, tables, questions, progress, results, toasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field as Setting

from uicompiler.directives.registry import DirectiveContext, DirectiveSpec, Payload
from uicompiler.directives.standard.common import (
    Args,
    ButtonSpec,
    Entries,
    Item,
    button,
    buttons,
    made,
    surface_of,
    titled,
    values_by_path,
)
from uicompiler.errors import DirectiveError, diagnostic
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import AnyNode, Key, Node
from uicompiler.ir.changes import Change, Effect, ShowView
from uicompiler.ir.content import Notice, Text, Tone
from uicompiler.ir.fields import Label
from uicompiler.ir.figures import KeyValue, KeyValues, Progress
from uicompiler.ir.lists import Cell, Column, Table
from uicompiler.ir.reserved import DISMISS
from uicompiler.ir.tree import View
from uicompiler.ir.values import FrozenDict
from uicompiler.ir.words import plain


class ShowTree(Payload):
    """A registered view by `view_id`, or a small tree of nodes as `root`."""

    view_id: str | None = None
    root: AnyNode | None = None
    values: Entries = ()
    reset: bool = False


class Confirm(Payload):
    """A question the user answers with a button; `action` is sent on yes."""

    title: Label
    text: str | None = None
    items: tuple[Item, ...] = ()
    action: Key
    args: Args = ()
    confirm_label: Label | None = None
    cancel_label: Label | None = None
    cancel_action: Key | None = None


class ShowProgress(Payload):
    """How far something is; without `value`, only that it is going on."""

    title: Label
    text: str | None = None
    value: float | None = None
    max: Annotated[float, Setting(gt=0)] = 100
    cancel_action: Key | None = None
    cancel_label: Label | None = None


class ShowResult(Payload):
    """What came of something."""

    title: Label
    text: str | None = None
    tone: Tone = "success"
    items: tuple[Item, ...] = ()
    buttons: tuple[ButtonSpec, ...] = ()


class ShowError(Payload):
    """What went wrong, and the way on."""

    title: Label
    text: str | None = None
    hint: str | None = None
    retry_action: Key | None = None
    retry_label: Label | None = None


class ShowTable(Payload):
    """Rows under headings: `rows` of cells, or `bind` to a value the app holds."""

    title: Label | None = None
    columns: Annotated[tuple[Column, ...], Setting(min_length=1)]
    rows: tuple[tuple[Cell, ...], ...] | None = None
    bind: str | None = None
    item_key: str | None = None
    empty: str | None = None
    buttons: tuple[ButtonSpec, ...] = ()


class Toast(Payload):
    """A short message that goes away by itself."""

    text: Label
    level: Literal["info", "success", "warning", "error"] = "info"


def show_view(payload: ShowTree, context: DirectiveContext) -> list[Change]:
    """Show a registered view, or a tree the model composed."""
    values = values_by_path(payload.values, context)
    return [ShowView(surface_of(payload), _view(payload, context), values, payload.reset)]


def _view(payload: ShowTree, context: DirectiveContext) -> View:
    if payload.view_id is not None:
        view = context.view(payload.view_id)
        if view is None:
            known = ", ".join(context.view_ids()) or "none"
            raise _refused(
                "DIRECTIVE_TEMPLATE_UNKNOWN",
                f"no view is called {payload.view_id[:40]!r}",
                "/payload/view_id",
                f"registered views: {known}",
            )
        return view
    if payload.root is None:
        raise _refused(
            "DIRECTIVE_PAYLOAD_INVALID", "view_id or root is needed", "/payload", "give one of them"
        )
    return context.inline_view(payload.root)


def confirm(payload: Confirm, context: DirectiveContext) -> list[Change]:
    """A question with two buttons; cancelling takes the question away, unless the app acts."""
    args = {arg.key: arg.value for arg in payload.args}
    yes = Button(
        key="confirm",
        label=payload.confirm_label or context.words("confirm.ok"),
        action=payload.action,
        args=args,
        primary=True,
    )
    no = Button(
        key="cancel",
        label=payload.cancel_label or context.words("confirm.cancel"),
        action=payload.cancel_action or DISMISS,
        args=args if payload.cancel_action else {},
    )
    shown = [*_text(payload.text), *_items(payload.items, context), *_row(yes, no)]
    return [ShowView(surface_of(payload), titled(payload.title, shown))]


def show_progress(payload: ShowProgress, context: DirectiveContext) -> list[Change]:
    """A progress bar; showing it again moves it."""
    bar = Progress(key="progress", value=payload.value, max=payload.max, label=payload.text)
    stop = []
    if payload.cancel_action is not None:
        label = payload.cancel_label or context.words("confirm.cancel")
        stop = _row(Button(key="cancel", label=label, action=payload.cancel_action))
    return [ShowView(surface_of(payload), titled(payload.title, [bar, *stop]))]


def show_result(payload: ShowResult, context: DirectiveContext) -> list[Change]:
    """A notice, figures and buttons."""
    notice = _notice(payload.tone, payload)
    shown = [notice, *_items(payload.items, context), *buttons(payload.buttons)]
    return [ShowView(surface_of(payload), titled(None, shown))]


def show_error(payload: ShowError, context: DirectiveContext) -> list[Change]:
    """A notice, a hint, and a button that tries again."""
    notice = _notice("error", payload)
    retry = []
    if payload.retry_action is not None:
        label = payload.retry_label or context.words("error.retry")
        retry = _row(Button(key="retry", label=label, action=payload.retry_action))
    hint = [] if payload.hint is None else [Text(key="hint", text=payload.hint, style="caption")]
    return [ShowView(surface_of(payload), titled(None, [notice, *hint, *retry]))]


def show_table(payload: ShowTable, _context: DirectiveContext) -> list[Change]:
    """A table; one that is bound follows what the app commits."""
    table = made(
        Table,
        key="table",
        columns=payload.columns,
        rows=payload.rows,
        bind=payload.bind,
        item_key=payload.item_key,
        empty=payload.empty,
        buttons=tuple(button(spec, str(i)) for i, spec in enumerate(payload.buttons)),
    )
    return [ShowView(surface_of(payload), titled(payload.title, [table]))]


def toast(payload: Toast, _context: DirectiveContext) -> list[Change]:
    """Ask the edge to show a short message."""
    return [Effect("toast", FrozenDict({"text": payload.text, "level": payload.level}))]


def _notice(tone: Tone, payload: ShowResult | ShowError) -> Notice:
    return Notice(key="notice", tone=tone, title=payload.title, text=payload.text or "")


def _text(text: str | None) -> list[Node]:
    return [] if text is None else [Text(key="text", text=text)]


def _items(items: Sequence[Item], context: DirectiveContext) -> list[Node]:
    pairs = tuple(
        KeyValue(label=item.label, text=plain(item.value, context.words)) for item in items
    )
    return [KeyValues(key="items", items=pairs)] if pairs else []


def _row(*row: Button) -> list[Node]:
    return [Actions(key="actions", children=row)]


def _refused(code: str, why: str, pointer: str, hint: str) -> DirectiveError:
    return DirectiveError([diagnostic(code, why, pointer=pointer, hint=hint)])


_VIEW_KEYS: Final = FrozenDict({"view": "view_id", "template": "view_id", "tree": "root"})

DIRECTIVES: Final[tuple[DirectiveSpec, ...]] = (
    DirectiveSpec(
        type="ui.show_view",
        payload=ShowTree,
        run=show_view,
        summary="Show a registered view, or a small tree of nodes.",
        example={
            "root": {
                "node": "card",
                "children": [{"node": "text", "text": "Ada Lovelace", "style": "h3"}, "London"],
            }
        },
        aliases=("show_view", "ui.view", "ui.show"),
        key_aliases=_VIEW_KEYS,
    ),
    DirectiveSpec(
        type="ui.confirm",
        payload=Confirm,
        run=confirm,
        summary="Ask before something that cannot be undone; action is sent on yes.",
        example={"title": "Delete 3 contacts?", "action": "delete", "confirm_label": "Delete"},
        aliases=("confirm", "ui.show_confirm", "ui.ask_confirm"),
        key_aliases=FrozenDict({"message": "text", "question": "title"}),
    ),
    DirectiveSpec(
        type="ui.show_progress",
        payload=ShowProgress,
        run=show_progress,
        summary="Show that something is going on, and how far it is.",
        example={"title": "Importing", "text": "40 of 100 contacts", "value": 40},
        aliases=("show_progress", "ui.progress"),
        key_aliases=FrozenDict({"label": "text", "percent": "value", "total": "max"}),
    ),
    DirectiveSpec(
        type="ui.show_result",
        payload=ShowResult,
        run=show_result,
        summary="Show what came of something, with figures and the next steps as buttons.",
        example={"title": "Import done", "items": [{"label": "Contacts", "value": 100}]},
        aliases=("show_result", "ui.result"),
        key_aliases=FrozenDict({"message": "text", "status": "tone", "actions": "buttons"}),
    ),
    DirectiveSpec(
        type="ui.show_error",
        payload=ShowError,
        run=show_error,
        summary="Show what went wrong and how the user can go on.",
        example={"title": "The import failed", "text": "The file is empty."},
        aliases=("show_error", "ui.error"),
        key_aliases=FrozenDict({"message": "text", "details": "hint"}),
    ),
    DirectiveSpec(
        type="ui.show_table",
        payload=ShowTable,
        run=show_table,
        summary="Show rows under headings.",
        example={
            "title": "Deals",
            "columns": [{"id": "name", "label": "Name"}, {"id": "size", "label": "Size"}],
            "rows": [["Ada", 1200], ["Grace", 800]],
        },
        aliases=("show_table", "ui.table"),
        key_aliases=FrozenDict({"headers": "columns", "data": "rows", "actions": "buttons"}),
    ),
    DirectiveSpec(
        type="ui.toast",
        payload=Toast,
        run=toast,
        summary="Show a short message that goes away by itself.",
        example={"text": "Saved.", "level": "success"},
        aliases=("toast", "ui.notify", "ui.show_toast"),
        key_aliases=FrozenDict({"message": "text", "type": "level", "variant": "level"}),
    ),
    DirectiveSpec(
        type="ui.surface.open",
        payload=ShowTree,
        run=show_view,
        summary="Low-level: open a surface with a view and values.",
        example={
            "surface": "side",
            "root": {"node": "text", "bind": "/ui_state/stage"},
            "values": [{"path": "/ui_state/stage", "value": "waiting"}],
        },
        aliases=("surface.open", "ui.open_surface"),
        key_aliases=_VIEW_KEYS,
    ),
)
