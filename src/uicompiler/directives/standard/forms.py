"""The standard directives: payload models and what each asks for.

A directive is semantic (what to show), never A2UI. Adding one is a payload model, a function
and a row in `STANDARD`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator
from pydantic import Field as Setting

from uicompiler.directives.registry import DirectiveContext, DirectiveSpec, Note, Payload
from uicompiler.errors import Diagnostic, DirectiveError, diagnostic
from uicompiler.ir.base import Frozen
from uicompiler.ir.changes import Change, Effect, OpName, Patch, PatchOp, ShowView
from uicompiler.ir.data import NAMESPACES
from uicompiler.ir.fields import Field, Label
from uicompiler.ir.values import FrozenDict
from uicompiler.pointer import PointerError, canonical_path

DEFAULT_SURFACE: Final = "main"

Scalar = str | int | float | bool


class Entry(Frozen):
    """One draft value."""

    path: str
    value: Scalar


def _entries(value: Any) -> Any:  # a before-validator sees anything
    if isinstance(value, dict):
        return tuple({"path": path, "value": item} for path, item in value.items())
    return tuple(value) if isinstance(value, list) else value


class ShowForm(Payload):
    """A registered form by `form_id`, or one composed inline from `title` and `fields`."""

    form_id: str | None = None
    title: Label | None = None
    fields: tuple[Field, ...] | None = None
    submit_label: Label | None = None
    values: Annotated[tuple[Entry, ...], BeforeValidator(_entries)] = ()
    reset: bool = False


class Op(Frozen):
    """One patch op: `op` is set, delete, append or insert."""

    op: OpName
    path: str
    value: Annotated[Any, Setting(json_schema_extra={"anyOf": "scalar"})] = None


class PatchPayload(Payload):
    """Changes to what is filled in, all or none."""

    ops: Annotated[tuple[Op, ...], Setting(min_length=1)]


class Toast(Payload):
    """A short message that goes away by itself."""

    text: Label
    level: Literal["info", "success", "warning", "error"] = "info"


def draft_path(path: str, pointer: str, context: DirectiveContext) -> str:
    """A path the way models write it as a canonical pointer, below /draft by default.

    Raises:
        DirectiveError: DIRECTIVE_PATH_INVALID, no pointer can be read from it.
    """
    try:
        canonical = canonical_path(path, namespaces=NAMESPACES, default="draft")
    except PointerError as exc:
        raise DirectiveError(
            [
                diagnostic(
                    "DIRECTIVE_PATH_INVALID",
                    f"expected a JSON Pointer, found {path[:40]!r}: {exc}",
                    pointer=pointer,
                    hint="write /draft/<field id>",
                )
            ]
        ) from exc
    if canonical != path:
        context.repaired(pointer.removeprefix("/payload"), f"read {path[:40]!r} as {canonical!r}")
    return canonical


def show_form(payload: ShowForm, context: DirectiveContext) -> list[Change]:
    """Show a form; a form that is already there keeps what the user typed."""
    if payload.form_id is not None:
        view = context.form(payload.form_id)
        if view is None:
            raise DirectiveError([_unknown_form(payload.form_id, context)])
    else:
        view = context.inline_form(
            {
                "title": payload.title,
                "fields": payload.fields,
                "submit_label": payload.submit_label,
            }
        )
    values: dict[str, Scalar] = {}
    for index, entry in enumerate(payload.values):
        path = draft_path(entry.path, f"/payload/values/{index}/path", context)
        if path in values:
            context.repaired(f"/values/{index}", f"took the last of two values for {path[:40]!r}")
        values[path] = entry.value
    return [ShowView(surface_of(payload), view, FrozenDict(values), payload.reset)]


def patch(payload: PatchPayload, context: DirectiveContext) -> list[Change]:
    """Change draft values or UI state of a surface that is there."""
    ops = [
        PatchOp(op.op, draft_path(op.path, f"/payload/ops/{index}/path", context), op.value)
        for index, op in enumerate(payload.ops)
    ]
    return [Patch(surface_of(payload), ops)]


def toast(payload: Toast, _context: DirectiveContext) -> list[Change]:
    """Ask the edge to show a short message."""
    return [Effect("toast", FrozenDict({"text": payload.text, "level": payload.level}))]


def surface_of(payload: Payload) -> str:
    """The surface a payload names, or the default one."""
    return DEFAULT_SURFACE if payload.surface is None else payload.surface


_OP_ALIASES: Final = {
    "replace": "set",
    "update": "set",
    "remove": "delete",
    "rm": "delete",
    "push": "append",
}


def prepare_patch(payload: dict[str, Any], note: Note) -> dict[str, Any]:
    """Read the spellings of JSON Patch and of models: one op unwrapped, aliases, `add`."""
    ops = payload.get("ops")
    if ops is None and "path" in payload:
        keys = ("op", "path", "value")
        ops = {key: payload[key] for key in keys if key in payload}
        payload = {key: item for key, item in payload.items() if key not in keys}
        note("", "took the payload itself as the one op")
    elif isinstance(ops, dict):
        note("/ops", "put the single op into a list")
    wrapped = [ops] if isinstance(ops, dict) else ops
    if not isinstance(wrapped, list):
        return payload
    return {**payload, "ops": [_prepare_op(op, f"/ops/{i}", note) for i, op in enumerate(wrapped)]}


def _prepare_op(op: Any, at: str, note: Note) -> Any:  # raw model output
    if not isinstance(op, dict):
        return op
    name = op.get("op")
    if name is None and "value" in op:
        note(at, "took an op without a name as set")
        return {**op, "op": "set"}
    if not isinstance(name, str):
        return op
    lowered = name.lower()
    target = _OP_ALIASES.get(lowered, lowered)
    path = op.get("path")
    if lowered == "add" and isinstance(path, str):
        # RFC 6902 section 4.1: "add" inserts into an array, where "-" is its end.
        target = "append" if path.endswith("/-") else "set"
        op = {**op, "path": path.removesuffix("/-")} if target == "append" else op
        last = path.rpartition("/")[2]
        target = "insert" if last.isdecimal() else target
    if target != name:
        note(f"{at}/op", f"read {name[:20]!r} as {target!r}")
    return {**op, "op": target}


def _unknown_form(form_id: str, context: DirectiveContext) -> Diagnostic:
    return diagnostic(
        "DIRECTIVE_TEMPLATE_UNKNOWN",
        f"no form is called {form_id[:40]!r}",
        pointer="/payload/form_id",
        hint=f"registered forms: {', '.join(context.form_ids()) or 'none'}",
    )


STANDARD: Final[tuple[DirectiveSpec, ...]] = (
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
        type="ui.patch",
        payload=PatchPayload,
        run=patch,
        summary="Change values in the form that is shown; paths start with /draft/.",
        example={"ops": [{"op": "set", "path": "/draft/name", "value": "Ada"}]},
        aliases=("patch", "ui.update", "ui.set"),
        key_aliases=FrozenDict({"operations": "ops", "patch": "ops", "patches": "ops"}),
        prepare=prepare_patch,
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
)
