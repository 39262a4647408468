"""The rules one change obeys.

-   Showing a view keeps every draft value that still fits its field, unless the change names
    it or asks for a reset: the draft is the user's.
-   A patch writes `/draft/<field>` of the view that is there, and `/ui_state`; all ops or none.
-   Only a commit writes `/committed`, and only there.
-   Keys that begin with `_` are the library's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from uicompiler.app import UIApp
from uicompiler.errors import Diagnostic, DirectiveError, diagnostic
from uicompiler.executor.drafts import draft_under, refusal
from uicompiler.executor.writes import Asked, Op, asked_for, committed, forbidden, written
from uicompiler.ir import data
from uicompiler.ir.changes import Change, Close, Commit, Effect, Patch, Replace, ShowView
from uicompiler.ir.fields import holds
from uicompiler.ir.inputs import place_of
from uicompiler.ir.reserved import ERRORS_PLACE, OWN_ACTIONS, SURFACE_NAME
from uicompiler.ir.sharing import changed_keys
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.tree import shared_view
from uicompiler.ir.values import FORBIDDEN_KEYS, FrozenDict
from uicompiler.ir.verify import verify_names, verify_view
from uicompiler.pointer import join

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
        document = committed(surface.data, change.ops, _max_depth(app))
        return Applied(state.with_surface(replace(surface, data=document)), change.surface)
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
    asked = _presets(change)
    nodes = change.view.editables_by_id
    if change.carried:
        nodes = {**nodes, **{node.id: node for node in change.carried}}
    named = asked.whole_names()
    under = draft_under(nodes.values(), surface, named=named, reset=change.reset)
    view = shared_view(surface.view, change.view)
    cleared = _without_errors(surface.data, under.draft)
    preset = written(cleared, asked, nodes, _max_depth(app))
    nameless = verify_names(view, preset.data)
    if nameless:
        raise DirectiveError(nameless)
    findings = [*preset.findings, *under.findings]
    if known is not None and not known.live:
        findings.append(came_back(surface))
    document = _forget(preset.data, nodes, app.limits.max_view_nodes)
    shown = replace(surface, view=view, catalog_id=app.catalog.catalog_id, data=document)
    shown = without_stale_boxes(shown, _changed_since(surface, shown))
    named_ids = under.ids | preset.ids
    return Applied(state.with_surface(shown), change.surface, named_ids, None, tuple(findings))


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


def _presets(change: ShowView | Replace) -> Asked:
    """What `values` asks for, to be written once the view is there."""
    ops: list[Op] = [("set", path, value) for path, value in change.values.items()]
    return asked_for(ops, "/payload/values")


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
    asked = asked_for([(op.op, op.path, op.value) for op in change.ops], "/payload/ops")
    done = written(surface.data, asked, surface.editables_by_id, max_depth)
    names = asked.names()
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
    asked = _presets(change)
    strange = next((place for place in asked.places if place[0] != change.part), None)
    if strange is not None:
        raise forbidden(join(strange), "/payload/values", f"write below /{change.part}/")
    nodes = surface.editables_by_id
    ids: frozenset[str] = frozenset()
    if change.part == "draft":
        under = draft_under(nodes.values(), surface, named=(), reset=True)
        cleared, ids = _without_errors(surface.data, under.draft), under.ids
    else:
        own = {name: v for name, v in surface.data["ui_state"].items() if name.startswith("_")}
        cleared = data.set_at(surface.data, ("ui_state",), own)
    done = written(cleared, asked, nodes, max_depth)
    after = replace(surface, data=done.data)
    after = without_stale_boxes(after, _changed_since(surface, after))
    return Applied(state.with_surface(after), surface.name, ids | done.ids, None, done.findings)


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
