"""The rules one change obeys.

-   Showing a view keeps every draft value that still fits its field, unless the change names
    it or asks for a reset: the draft is the user's.
-   A patch writes `/draft/<field>` of the view that is there, and `/ui_state`; all ops or none.
-   Only a commit writes `/committed`, and only there.
-   Keys that begin with `_` are the library's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from uicompiler.app import UIApp
from uicompiler.errors import Diagnostic, DirectiveError, diagnostic
from uicompiler.executor.drafts import (
    draft_under,
    field_value,
    no_value,
    refusal,
    write_draft,
)
from uicompiler.ir import data
from uicompiler.ir.changes import Change, Close, Commit, Effect, Patch, PatchOp, Replace, ShowView
from uicompiler.ir.fields import Field, holds
from uicompiler.ir.inputs import place_of
from uicompiler.ir.reserved import ERRORS_KEY, ERRORS_PLACE, OWN_ACTIONS, SURFACE_NAME
from uicompiler.ir.sharing import changed_keys, shared
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.tree import Editable, shared_view
from uicompiler.ir.values import FORBIDDEN_KEYS, FrozenDict, Json, freeze
from uicompiler.ir.verify import bad_values, verify_names, verify_view
from uicompiler.pointer import PointerError, parse
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
    if isinstance(change, Close):
        return _close(change, state, surface)
    if surface is None or not (surface.live or isinstance(change, Commit)):
        raise DirectiveError([_unknown_surface(change.surface, state)])
    if isinstance(change, Commit):
        committed = _commit(surface, change.ops, _max_depth(app))
        return Applied(state.with_surface(committed), change.surface)
    if surface.status == "expired":
        raise DirectiveError([_expired(surface)])
    if isinstance(change, Replace):
        return _replace(change, state, surface, _max_depth(app))
    return _patch(change, state, surface, _max_depth(app))


def _max_depth(app: UIApp) -> int:
    """How deep a document may nest."""
    return min(app.limits.max_data_depth, _MAX_DEPTH)


def _close(change: Close, state: UIState, surface: Surface | None) -> Applied:
    if surface is None or not surface.live:
        raise DirectiveError([_unknown_surface(change.surface, state)])
    return Applied(state.with_surface(replace(surface, status="closed")), surface.name)


def _show(change: ShowView, state: UIState, app: UIApp, nonce_key_id: str | None) -> Applied:
    if _SURFACE_NAME.fullmatch(change.surface) is None or change.surface in FORBIDDEN_KEYS:
        raise refusal(
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
        actions=app.actions.keys() | OWN_ACTIONS,
    )
    if problems:
        raise DirectiveError(problems)
    known = state.surfaces.get(change.surface)
    if known is None or not known.live:
        _check_room(state, app.limits.max_live_surfaces)
    surface = _ready(known, change.surface, nonce_key_id)
    ops = _preset_ops(change)
    nodes = change.view.editables_by_id
    if change.carried:
        nodes = {**nodes, **{node.id: node for node in change.carried}}
    named = {place[1] for _, place, _ in ops if place[0] == "draft" and len(place) == 2}
    under = draft_under(nodes.values(), surface, named=named, reset=change.reset)
    view = shared_view(surface.view, change.view)
    cleared = _without_errors(surface.data, under.draft)
    preset = _written(cleared, ops, nodes, _max_depth(app))
    nameless = verify_names(view, preset.data)
    if nameless:
        raise DirectiveError(nameless)
    findings = [*preset.findings, *under.findings]
    if known is not None and not known.live:
        findings.append(came_back(surface))
    document = _forget(preset.data, nodes, app.limits.max_view_nodes)
    shown = replace(surface, view=view, catalog_id=app.catalog.catalog_id, data=document)
    shown = without_stale_boxes(shown, _changed_since(surface, shown))
    written = under.ids | preset.ids
    return Applied(state.with_surface(shown), change.surface, written, None, tuple(findings))


def _check_room(state: UIState, limit: int) -> None:
    """Whether one more surface can be shown.

    Raises:
        DirectiveError: DIRECTIVE_LIMIT_EXCEEDED.
    """
    if len(state.surfaces) < limit:
        return
    live = sum(1 for _ in state.live_surfaces())
    if live >= limit:
        why = f"max_live_surfaces is {limit}, the conversation would show {live + 1}"
        hint = "close a surface first, or show this on one that is there"
        raise refusal("DIRECTIVE_LIMIT_EXCEEDED", why, "/payload/surface", hint)


def _without_errors(document: FrozenDict, draft: FrozenDict) -> FrozenDict:
    """A document with another draft, and without errors beside its fields."""
    document = data.with_entry(document, "draft", draft)
    cleared: FrozenDict = data.delete_at(document, ERRORS_PLACE)
    return cleared


def _preset_ops(change: ShowView | Replace) -> list[_Op]:
    """What `values` asks for, as ops to be applied once the view is there."""
    ops = []
    for index, (path, value) in enumerate(change.values.items()):
        at = f"/payload/values/{index}"
        ops.append((PatchOp("set", path, value), _segments(path, f"{at}/path"), at))
    return ops


def _ready(surface: Surface | None, name: str, nonce_key_id: str | None) -> Surface:
    if surface is None:
        return Surface(name, nonce_key_id=nonce_key_id)
    return replace(surface, status="live") if surface.live else next_epoch(surface, nonce_key_id)


def next_epoch(surface: Surface, nonce_key_id: str | None) -> Surface:
    """The surface as a client will meet it anew; its document stays."""
    past = surface.past_keys
    if surface.nonce_key_id is not None and surface.nonce_key_id != nonce_key_id:
        past = FrozenDict({**past, str(surface.epoch): surface.nonce_key_id})
    return replace(
        surface.unheld(),
        epoch=surface.epoch + 1,
        status="expired" if surface.status == "expired" else "live",
        nonce_key_id=nonce_key_id,
        past_keys=past,
    )


def _forget(document: FrozenDict, shown: Collection[str], limit: int) -> FrozenDict:
    """A document without some drafts of views before, once there are too many to keep."""
    draft = document["draft"]
    if len(draft) <= limit:
        return document
    unseen = [name for name in sorted(draft) if name not in shown]
    gone = set(unseen[: len(draft) - limit])
    kept = FrozenDict({name: value for name, value in draft.items() if name not in gone})
    return data.with_entry(document, "draft", kept) if gone else document


def _patch(change: Patch, state: UIState, surface: Surface, max_depth: int) -> Applied:
    ops = [
        (op, _segments(op.path, f"/payload/ops/{index}/path"), f"/payload/ops/{index}")
        for index, op in enumerate(change.ops)
    ]
    done = _written(surface.data, ops, surface.editables_by_id, max_depth)
    names = {segments[1] for _, segments, _ in ops if segments[0] == "draft"}
    patched = without_stale_boxes(replace(surface, data=done.data), names)
    return Applied(state.with_surface(patched), surface.name, done.ids, None, done.findings)


def without_stale_boxes(surface: Surface, names: Collection[str] | None = None) -> Surface:
    """The surface without boxes whose value went with its row, or is of another kind by now.

    What a client still has there is written anew when an input shows it again.

    Args:
        surface: The surface.
        names: Entries of the draft that may have changed since none was stale; None for all.
    """
    draft, boxes = surface.data["draft"], surface.boxes
    suspects = boxes if names is None else _held_below(names, boxes)
    gone = {
        name
        for name in suspects
        if (value := data.get(draft, place_of(name))) is data.MISSING
        or not holds(boxes[name], value)
    }
    return without_boxes(surface, gone) if gone else surface


def _changed_since(before: Surface, after: Surface) -> Collection[str]:
    """Names of the draft's entries that are others now."""
    return changed_keys(before.data["draft"], after.data["draft"])


def _held_below(names: Collection[str], boxes: Mapping[str, str]) -> Collection[str]:
    """The boxes of some fields, or of the cells of what are rows, or were."""
    found = [name for name in names if name in boxes]
    cells = [name for name in boxes if "/" in name and place_of(name)[0] in names]
    return [*found, *cells]


def without_boxes(surface: Surface, gone: Collection[str]) -> Surface:
    """The surface as if a client did not hold the values of some inputs."""
    return replace(
        surface,
        boxes=FrozenDict({n: kind for n, kind in surface.boxes.items() if n not in gone}),
        strays=surface.strays or (surface.live and not surface.boxes.keys().isdisjoint(gone)),
        offered=FrozenDict({n: values for n, values in surface.offered.items() if n not in gone}),
    )


def _replace(change: Replace, state: UIState, surface: Surface, max_depth: int) -> Applied:
    """A whole part anew: fields start over, what the app put into /ui_state goes."""
    ops = _preset_ops(change)
    strange = next((op for op, segments, _ in ops if segments[0] != change.part), None)
    if strange is not None:
        raise _forbidden(strange.path, "/payload/values", f"write below /{change.part}/")
    nodes = surface.editables_by_id
    ids: frozenset[str] = frozenset()
    if change.part == "draft":
        under = draft_under(nodes.values(), surface, named=(), reset=True)
        cleared, ids = _without_errors(surface.data, under.draft), under.ids
    else:
        own = {name: v for name, v in surface.data["ui_state"].items() if name.startswith("_")}
        cleared = data.set_at(surface.data, ("ui_state",), own)
    done = _written(cleared, ops, nodes, max_depth)
    after = replace(surface, data=done.data)
    after = without_stale_boxes(after, _changed_since(surface, after))
    return Applied(state.with_surface(after), surface.name, ids | done.ids, None, done.findings)


_Op: TypeAlias = tuple[PatchOp, tuple[str, ...], str]
"""An op, its place, and the pointer to it."""


@dataclass(frozen=True, slots=True)
class _Writes:
    """A document after some ops."""

    data: FrozenDict
    ids: frozenset[str]
    findings: tuple[Diagnostic, ...]


def _written(
    document: Json, ops: Iterable[_Op], nodes: Mapping[str, Editable], max_depth: int
) -> _Writes:
    pending = _Pending(document)
    ids: set[str] = set()
    findings: list[Diagnostic] = []
    for op, segments, at in ops:
        part, place = segments[0], segments[1:]
        if part == "ui_state":
            _check_depth(op, segments, at, max_depth)
            _check_value(op, at)
            if op.op == "set" and len(place) == 1:
                pending.put(part, place[0], freeze(op.value))
            else:
                pending.document = _patched_ui_state(pending.whole(), op, segments, at)
        elif isinstance(nodes.get(place[0]), Field):
            value, repairs = field_value(op, place, nodes, at)
            pending.put(part, place[0], value)
            ids.add(place[0])
            findings.extend(repairs)
        else:
            done = write_draft(pending.whole()["draft"], op, place, nodes, at)
            pending.document = data.with_entry(pending.document, "draft", done.draft)
            ids |= done.ids
            findings.extend(done.findings)
    return _Writes(_without_errors_of(pending.whole(), ids), frozenset(ids), tuple(findings))


class _Pending:
    """A document, and entries of its parts that are to be written, all in one copy of each."""

    def __init__(self, document: FrozenDict) -> None:
        self.document = document
        self._news: dict[str, dict[str, Json]] = {}

    def put(self, part: str, name: str, value: Json) -> None:
        """Write an entry of a part."""
        kept = shared(self.document[part].get(name, data.MISSING), value)
        self._news.setdefault(part, {})[name] = kept

    def whole(self) -> FrozenDict:
        """The document with all that was written."""
        for part, news in self._news.items():
            before = self.document[part]
            others = any(before.get(name, data.MISSING) is not v for name, v in news.items())
            written = before.plus(news) if others else before
            self.document = data.with_entry(self.document, part, written)
        self._news = {}
        return self.document


def _without_errors_of(document: FrozenDict, ids: Collection[str]) -> FrozenDict:
    errors = document["ui_state"].get(ERRORS_KEY)
    for name in ids if errors else ():
        document = data.delete_at(document, (*ERRORS_PLACE, name))
    return document


def _check_depth(op: PatchOp, segments: Sequence[str], at: str, limit: int) -> None:
    if len(segments) > limit or depth_exceeds(op.value, limit - len(segments)):
        raise refusal(
            "DIRECTIVE_PATH_INVALID",
            f"max_data_depth is {limit}, the document would nest deeper",
            f"{at}/path",
            "store a flatter value",
        )


def _check_value(op: PatchOp, at: str) -> None:
    if op.op != "delete" and op.value is None:
        raise no_value(at)
    if isinstance(op.value, str) and op.value.isascii():
        return
    bad = next(iter(bad_values(op.value)), None)
    if bad is not None:
        raise refusal("DIRECTIVE_VALUE_INVALID", bad[1], f"{at}/value", "send another value")


def _patched_ui_state(document: Json, op: PatchOp, segments: Sequence[str], at: str) -> Json:
    try:
        return write(document, op, segments)
    except data.PlaceError as exc:
        raise refusal("DIRECTIVE_OP_INVALID", str(exc), at, "check the path") from exc


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
        raise refusal("DIRECTIVE_PATH_INVALID", str(exc), at, "write /draft/<field id>") from exc
    # Only after a slash can a name begin; what `~` stands for begins with no "_".
    if not segments or "/_" in path or not FORBIDDEN_KEYS.isdisjoint(segments):
        raise _forbidden(path, at, "names beginning with _ and __proto__ and the like are reserved")
    if segments[0] not in ("draft", "ui_state"):
        raise _forbidden(path, at, "write below /draft/ or /ui_state/")
    if len(segments) < 2:
        raise refusal(
            "DIRECTIVE_PATH_INVALID",
            f"{path!r} names a whole namespace",
            at,
            "name one value inside it",
        )
    return segments


def _forbidden(path: str, at: str, hint: str) -> DirectiveError:
    return refusal("DIRECTIVE_PATH_FORBIDDEN", f"{path[:80]!r} may not be written", at, hint)


def _unknown_surface(name: str, state: UIState) -> Diagnostic:
    live = ", ".join(surface.name for surface in state.live_surfaces())
    return diagnostic(
        "DIRECTIVE_SURFACE_UNKNOWN",
        f"no surface {name[:40]!r} is shown",
        pointer="/payload/surface",
        hint=f"shown surfaces: {live or 'none'}; show a form first",
    )


def _expired(surface: Surface) -> Diagnostic:
    return diagnostic(
        "DIRECTIVE_SURFACE_EXPIRED",
        f"surface {surface.name!r} shows a view that the app no longer has",
        pointer="/payload/surface",
        hint="show a form or view on it again",
        surface_id=surface.name,
    )


def came_back(surface: Surface) -> Diagnostic:
    """The warning that what was typed before a surface was taken away is not there again."""
    return diagnostic(
        "A2UI_S2C_DRAFT_AT_RISK",
        f"surface {surface.name!r} had been taken away; it comes back with the last known draft",
        surface_id=surface.name,
    )
