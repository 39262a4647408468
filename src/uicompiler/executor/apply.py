"""The rules one change obeys.

-   Showing a view keeps every draft value that still fits its field, unless the change names
    it or asks for a reset: the draft is the user's.
-   A patch writes `/draft/<field>` of the view that is there, and `/ui_state`; all ops or none.
-   Only a commit writes `/committed`, and only there.
-   Keys that begin with `_` are the library's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from uicompiler.app import UIApp
from uicompiler.errors import Diagnostic, DirectiveError, diagnostic
from uicompiler.ir import data
from uicompiler.ir.changes import Change, Commit, Effect, Patch, PatchOp, ShowView
from uicompiler.ir.fields import Field, Fitted, fit, initial, neutral
from uicompiler.ir.reserved import ERRORS_KEY, SURFACE_NAME
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.tree import fields_of
from uicompiler.ir.values import FORBIDDEN_KEYS, FrozenDict, Json, freeze
from uicompiler.ir.verify import bad_values, verify_view
from uicompiler.pointer import PointerError, join, parse
from uicompiler.strict_json import depth_exceeds

_MAX_DEPTH: Final = 64
"""However high an app sets `max_data_depth`: documents are walked by recursion."""

_SURFACE_NAME: Final = re.compile(SURFACE_NAME)


@dataclass(frozen=True, slots=True)
class Applied:
    """A state after one change, the surface and fields it touched, the effect it asked for."""

    state: UIState
    surface: str | None = None
    written: frozenset[str] = frozenset()
    effect: Effect | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def apply_change(
    change: Change, state: UIState, app: UIApp, *, nonce_key_id: str | None
) -> Applied:
    """Apply one change.

    Raises:
        DirectiveError: it does not fit; the given state still stands.
        ValueError: a commit outside `/committed`, which is a bug of the app's handler.
    """
    if isinstance(change, Effect):
        return Applied(state, effect=change)
    if isinstance(change, ShowView):
        return _show(change, state, app, nonce_key_id)
    surface = state.surfaces.get(change.surface)
    if surface is None or not (surface.live or isinstance(change, Commit)):
        raise DirectiveError([_unknown_surface(change.surface, state)])
    if isinstance(change, Commit):
        depth = min(app.limits.max_data_depth, _MAX_DEPTH)
        committed = _commit(surface, change.ops, depth)
        return Applied(state.with_surface(committed), change.surface)
    return _patch(change, state, surface, min(app.limits.max_data_depth, _MAX_DEPTH))


def _show(change: ShowView, state: UIState, app: UIApp, nonce_key_id: str | None) -> Applied:
    if _SURFACE_NAME.fullmatch(change.surface) is None or change.surface in FORBIDDEN_KEYS:
        raise _refusal(
            "DIRECTIVE_PAYLOAD_INVALID",
            f"{change.surface[:40]!r} is no surface name",
            "/payload/surface",
            "1 to 64 of A-Z a-z 0-9 _ -, beginning with a letter or digit",
        )
    problems = verify_view(
        change.view,
        max_depth=app.limits.max_view_depth,
        max_nodes=app.limits.max_view_nodes,
        max_context_keys=app.limits.max_context_keys,
        actions=app.actions.keys(),
    )
    if problems:
        raise DirectiveError(problems)
    known = state.surfaces.get(change.surface)
    surface = _ready(known, change.surface, nonce_key_id)
    named, repairs = _named_values(change)
    draft, written, findings = _draft_for(change, surface, named)
    document = FrozenDict(
        {
            **surface.data,
            "draft": draft,
            "ui_state": data.delete_at(surface.data["ui_state"], (ERRORS_KEY,)),
        }
    )
    if known is not None and not known.live:
        findings.append(_came_back(surface))
    shown = replace(surface, view=change.view, data=document)
    ids = {field.id for field in fields_of(change.view.root)}
    shown = _forget(shown, ids, app.limits.max_view_nodes)
    return Applied(state.with_surface(shown), change.surface, written, None, (*repairs, *findings))


def _ready(surface: Surface | None, name: str, nonce_key_id: str | None) -> Surface:
    if surface is None:
        return Surface(name, nonce_key_id=nonce_key_id)
    return surface if surface.live else next_epoch(surface, nonce_key_id)


def next_epoch(surface: Surface, nonce_key_id: str | None) -> Surface:
    """The surface as a client will meet it anew; its document stays."""
    past = surface.past_keys
    if surface.nonce_key_id is not None and surface.nonce_key_id != nonce_key_id:
        past = FrozenDict({**past, str(surface.epoch): surface.nonce_key_id})
    return replace(
        surface,
        epoch=surface.epoch + 1,
        status="live",
        nonce_key_id=nonce_key_id,
        past_keys=past,
        boxes=FrozenDict(),
        offered=FrozenDict(),
    )


def _named_values(change: ShowView) -> tuple[dict[str, Json], list[Diagnostic]]:
    fields = {field.id: field for field in fields_of(change.view.root)}
    named: dict[str, Json] = {}
    repairs: list[Diagnostic] = []
    for index, (path, value) in enumerate(change.values.items()):
        at = f"/payload/values/{index}"
        segments = _segments(path, f"{at}/path")
        if segments[0] != "draft":
            raise _forbidden(path, f"{at}/path", "values preset /draft/<field id>")
        field = _field(segments, fields, f"{at}/path")
        fitted = _fitted(field, value, f"{at}/value")
        named[field.id] = fitted.value
        repairs.extend(_repair(fitted, field, f"{at}/value"))
    return named, repairs


def _draft_for(
    change: ShowView, surface: Surface, named: Mapping[str, Json]
) -> tuple[FrozenDict, frozenset[str], list[Diagnostic]]:
    draft: dict[str, Json] = dict(surface.data["draft"])
    written: set[str] = set()
    findings: list[Diagnostic] = []
    for field in fields_of(change.view.root):
        if field.id in named:
            draft[field.id] = named[field.id]
            written.add(field.id)
        elif change.reset:
            draft[field.id] = initial(field)
            written.add(field.id)
        elif field.id not in draft:
            draft[field.id] = initial(field)
        elif not keeps(field, draft[field.id]):
            draft[field.id] = initial(field)
            written.add(field.id)
            findings.append(_draft_lost(field, surface.name))
        elif _other_box(field, surface):
            written.add(field.id)
            findings.append(_draft_lost(field, surface.name))
    return FrozenDict(draft), frozenset(written), findings


def _forget(surface: Surface, shown: Collection[str], limit: int) -> Surface:
    """The surface without the oldest drafts of views before, once there are too many to keep."""
    draft = surface.data["draft"]
    unseen = [name for name in draft if name not in shown]
    gone = set(unseen[: max(0, len(draft) - limit)])
    if not gone:
        return surface
    kept = {name: value for name, value in draft.items() if name not in gone}
    return replace(
        surface,
        data=data.set_at(surface.data, ("draft",), kept),
        boxes=FrozenDict({n: kind for n, kind in surface.boxes.items() if n not in gone}),
        offered=FrozenDict({n: values for n, values in surface.offered.items() if n not in gone}),
    )


def keeps(field: Field, value: Json) -> bool:
    """Whether a draft value can stay under a field: what a user may have left in it."""
    if field.kind == "boolean":
        return isinstance(value, bool)
    if field.kind == "choice":
        known = {"", *(option.value for option in field.options)}
        return all(item in known for item in (value if isinstance(value, tuple) else (value,)))
    if field.kind == "number" and isinstance(value, (int, float)):
        return not isinstance(value, bool)
    return isinstance(value, str)


_TEXT_BOXES: Final = ("short_text", "long_text", "number")


def _other_box(field: Field, surface: Surface) -> bool:
    """Whether what the client holds for a field may be nothing its new input can show."""
    held = surface.boxes.get(field.id)
    if held is None:
        return False
    if held == field.kind == "choice":
        offered = surface.offered.get(field.id, ())
        return not set(offered) <= {option.value for option in field.options}
    return held != field.kind and not {held, field.kind} <= set(_TEXT_BOXES)


def _patch(change: Patch, state: UIState, surface: Surface, max_depth: int) -> Applied:
    if surface.view is None:
        raise DirectiveError([_unknown_surface(change.surface, state)])
    fields = {field.id: field for field in fields_of(surface.view.root)}
    document: Json = surface.data
    written: set[str] = set()
    findings: list[Diagnostic] = []
    for index, op in enumerate(change.ops):
        at = f"/payload/ops/{index}"
        segments = _segments(op.path, f"{at}/path")
        if segments[0] == "draft":
            field = _field(segments, fields, f"{at}/path")
            fitted = _patched_field(field, op, at)
            findings.extend(_repair(fitted, field, f"{at}/value"))
            document = data.set_at(document, segments, fitted.value)
            document = data.delete_at(document, ("ui_state", ERRORS_KEY, field.id))
            written.add(field.id)
        elif segments[0] == "ui_state":
            _check_depth(op, segments, at, max_depth)
            document = _patched_ui_state(document, op, segments, at)
        else:
            raise _forbidden(op.path, f"{at}/path", "write below /draft/ or /ui_state/")
    patched = replace(surface, data=document)
    return Applied(
        state.with_surface(patched), surface.name, frozenset(written), None, tuple(findings)
    )


def _patched_field(field: Field, op: PatchOp, at: str) -> Fitted:
    if op.op == "delete":
        return Fitted(neutral(field))
    if op.op != "set":
        raise _refusal(
            "DIRECTIVE_OP_INVALID",
            f"{op.op} needs a list, and {field.id!r} holds one value",
            f"{at}/op",
            "use set or delete",
        )
    if op.value is None:
        raise _no_value(at)
    return _fitted(field, op.value, f"{at}/value")


def _check_depth(op: PatchOp, segments: Sequence[str], at: str, limit: int) -> None:
    if len(segments) > limit or depth_exceeds(op.value, limit - len(segments)):
        raise _refusal(
            "DIRECTIVE_PATH_INVALID",
            f"max_data_depth is {limit}, the document would nest deeper",
            f"{at}/path",
            "store a flatter value",
        )


def _patched_ui_state(document: Json, op: PatchOp, segments: Sequence[str], at: str) -> Json:
    if op.op != "delete" and op.value is None:
        raise _no_value(at)
    bad = next(iter(bad_values(op.value)), None)
    if bad is not None:
        raise _refusal("DIRECTIVE_VALUE_INVALID", bad[1], f"{at}/value", "send another value")
    try:
        return write(document, op, segments)
    except data.PlaceError as exc:
        raise _refusal("DIRECTIVE_OP_INVALID", str(exc), at, "check the path") from exc


def write(document: Json, op: PatchOp, segments: Sequence[str]) -> Json:
    """One op on a document, at the place `segments`.

    Raises:
        data.PlaceError: the op does not fit what is there.
    """
    if op.op == "set":
        return data.set_at(document, segments, freeze(op.value))
    if op.op == "delete":
        return data.delete_at(document, segments)
    place = (*segments, "-") if op.op == "append" else segments
    return data.insert_at(document, place, op.value)


def _commit(surface: Surface, ops: Sequence[PatchOp], max_depth: int) -> Surface:
    document: Json = surface.data
    for op in ops:
        segments = parse(op.path)
        if len(segments) < 2 or segments[0] != "committed" or FORBIDDEN_KEYS & set(segments):
            raise ValueError(f"a handler commits below /committed, found {op.path!r}")
        if len(segments) > max_depth or depth_exceeds(op.value, max_depth - len(segments)):
            raise ValueError(f"a handler committed deeper than {max_depth} at {op.path[:80]!r}")
        if next(iter(bad_values(op.value)), None) is not None:
            raise ValueError(f"a handler committed a value JSON does not have at {op.path!r}")
        document = write(document, op, segments)
    return replace(surface, data=document)


def _segments(path: str, at: str) -> tuple[str, ...]:
    try:
        segments = parse(path)
    except PointerError as exc:
        raise _refusal("DIRECTIVE_PATH_INVALID", str(exc), at, "write /draft/<field id>") from exc
    if not segments or any(part.startswith("_") or part in FORBIDDEN_KEYS for part in segments):
        raise _forbidden(path, at, "names beginning with _ and __proto__ and the like are reserved")
    if segments[0] not in ("draft", "ui_state"):
        raise _forbidden(path, at, "write below /draft/ or /ui_state/")
    if len(segments) < 2:
        raise _refusal(
            "DIRECTIVE_PATH_INVALID",
            f"{path!r} names a whole namespace",
            at,
            "name one value inside it",
        )
    return segments


def _field(segments: Sequence[str], fields: Mapping[str, Field], at: str) -> Field:
    field = fields.get(segments[1]) if len(segments) == 2 else None
    if field is None:
        raise _refusal(
            "DIRECTIVE_PATH_INVALID",
            f"no field of the view is at {join(segments)[:80]!r}",
            at,
            f"fields: {', '.join(join(('draft', name)) for name in fields) or 'none'}",
        )
    return field


def _fitted(field: Field, value: Json, at: str) -> Fitted:
    fitted = fit(field, value)
    if fitted is None:
        options = ", ".join(option.value for option in field.options[:20])
        raise _refusal(
            "DIRECTIVE_VALUE_INVALID",
            f"the value does not fit the {field.kind} field {field.id!r}",
            at,
            f"options: {options}" if options else f"send a {field.kind} value",
        )
    return fitted


def _repair(fitted: Fitted, field: Field, at: str) -> list[Diagnostic]:
    if not fitted.repaired:
        return []
    return [diagnostic("DIRECTIVE_REPAIRED", f"made the value fit {field.kind}", pointer=at)]


def _no_value(at: str) -> DirectiveError:
    return _refusal(
        "DIRECTIVE_OP_INVALID", "set, append and insert need a value", at, "to clear, use delete"
    )


def _forbidden(path: str, at: str, hint: str) -> DirectiveError:
    return _refusal("DIRECTIVE_PATH_FORBIDDEN", f"{path[:80]!r} may not be written", at, hint)


def _refusal(code: str, message: str, pointer: str, hint: str) -> DirectiveError:
    return DirectiveError([diagnostic(code, message, pointer=pointer, hint=hint)])


def _unknown_surface(name: str, state: UIState) -> Diagnostic:
    live = ", ".join(surface.name for surface in state.live_surfaces())
    return diagnostic(
        "DIRECTIVE_SURFACE_UNKNOWN",
        f"no surface {name[:40]!r} is shown",
        pointer="/payload/surface",
        hint=f"shown surfaces: {live or 'none'}; show a form first",
    )


def _came_back(surface: Surface) -> Diagnostic:
    return diagnostic(
        "A2UI_S2C_DRAFT_AT_RISK",
        f"surface {surface.name!r} had been taken away; it comes back with the last known draft",
        surface_id=surface.name,
    )


def _draft_lost(field: Field, surface: str) -> Diagnostic:
    return diagnostic(
        "A2UI_S2C_DRAFT_AT_RISK",
        f"the draft of {field.id!r} does not fit the new {field.kind} field and starts over",
        pointer=join(("payload",)),
        surface_id=surface,
    )
