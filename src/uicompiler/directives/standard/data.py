"""Directives that change what is shown: values, whole namespaces, whether a surface is there."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field as Setting

from uicompiler.directives.registry import DirectiveContext, DirectiveSpec, Note, Payload
from uicompiler.directives.standard.common import (
    Entries,
    Value,
    draft_path,
    surface_of,
    values_by_path,
)
from uicompiler.ir.base import Frozen
from uicompiler.ir.changes import Change, Close, OpName, Patch, PatchOp, Replace
from uicompiler.ir.values import FrozenDict, freeze


class Op(Frozen):
    """One patch op: `op` is set, delete, append or insert."""

    op: OpName
    path: str
    value: Value = None


class PatchPayload(Payload):
    """Changes to what is filled in, all or none."""

    ops: Annotated[tuple[Op, ...], Setting(min_length=1)]


class ReplaceData(Payload):
    """New content for `/draft` or `/ui_state`: what `values` leaves out starts over or goes."""

    path: Literal["/draft", "/ui_state"] = "/ui_state"
    values: Entries = ()


class CloseSurface(Payload):
    """Take a surface away."""


def patch(payload: PatchPayload, context: DirectiveContext) -> list[Change]:
    """Change draft values or UI state of a surface that is there."""
    ops = [
        PatchOp(op.op, draft_path(op.path, f"/payload/ops/{index}/path", context), freeze(op.value))
        for index, op in enumerate(payload.ops)
    ]
    return [Patch(surface_of(payload), ops)]


def replace_data(payload: ReplaceData, context: DirectiveContext) -> list[Change]:
    """Write a namespace anew; what the user typed in fields that are not named starts over."""
    values = values_by_path(payload.values, context)
    part: Literal["draft", "ui_state"] = "draft" if payload.path == "/draft" else "ui_state"
    return [Replace(surface_of(payload), part, values)]


def close_surface(payload: CloseSurface, _context: DirectiveContext) -> list[Change]:
    """Take the surface away; its draft is kept for when it is shown again."""
    return [Close(surface_of(payload))]


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


_PATCH_KEYS: Final = FrozenDict({"operations": "ops", "patch": "ops", "patches": "ops"})

DIRECTIVES: Final[tuple[DirectiveSpec, ...]] = (
    DirectiveSpec(
        type="ui.patch",
        payload=PatchPayload,
        run=patch,
        summary="Change values in the form that is shown; paths start with /draft/.",
        example={"ops": [{"op": "set", "path": "/draft/name", "value": "Ada"}]},
        aliases=("patch", "ui.update", "ui.set"),
        key_aliases=_PATCH_KEYS,
        prepare=prepare_patch,
    ),
    DirectiveSpec(
        type="ui.close",
        payload=CloseSurface,
        run=close_surface,
        summary="Take away what is shown when it is of no more use.",
        example={},
        aliases=("close", "ui.hide", "ui.dismiss"),
    ),
    DirectiveSpec(
        type="ui.data.patch",
        payload=PatchPayload,
        run=patch,
        summary="Low-level: write values below /draft or /ui_state, all or none.",
        example={"ops": [{"op": "append", "path": "/ui_state/log", "value": "Started"}]},
        aliases=("data.patch", "ui.patch_data"),
        key_aliases=_PATCH_KEYS,
        prepare=prepare_patch,
    ),
    DirectiveSpec(
        type="ui.data.replace",
        payload=ReplaceData,
        run=replace_data,
        summary="Low-level: write all of /ui_state or /draft anew.",
        example={"path": "/ui_state", "values": [{"path": "/ui_state/stage", "value": "done"}]},
        aliases=("data.replace", "ui.replace_data"),
    ),
    DirectiveSpec(
        type="ui.surface.close",
        payload=CloseSurface,
        run=close_surface,
        summary="Low-level: take a surface away.",
        example={"surface": "side"},
        aliases=("surface.close", "ui.close_surface"),
    ),
)
