"""Going back to a state of before, or forward again to one that was left.

What an earlier state showed is shown again: its views, its documents. Time does not go back with
it: revisions and epochs only rise, ids of surfaces and rows are never used again for others, and
what a client holds is remembered. Of the drafts only those come back that a turn in between named:
what the user typed, sent or not, stays the user's. Knows nothing of backends or clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from uicompiler.canonical import canonical_json
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.executor.apply import came_back, next_epoch, without_boxes, without_stale_boxes
from uicompiler.executor.drafts import is_stray, other_box, with_named
from uicompiler.executor.execute import Executed, Touched
from uicompiler.ir import data
from uicompiler.ir.field_rules import cell_id
from uicompiler.ir.fields import keeps
from uicompiler.ir.inputs import inputs_of, place_of
from uicompiler.ir.reserved import ERRORS_PLACE
from uicompiler.ir.rows import are_rows, live_rows
from uicompiler.ir.sharing import shared
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.tree import shared_view
from uicompiler.ir.values import FrozenDict, Json


def restored(state: UIState, then: UIState, *, nonce_key_id: str | None) -> Executed:
    """The state with what another state of its conversation shows.

    Args:
        state: The state as it is; what its surfaces have been through still counts.
        then: The state that comes back.
        nonce_key_id: Key id that surfaces in a new epoch remember; None when no nonces are used.

    Raises:
        ValueError: the states are of different conversations.
    """
    if then.conversation_id != state.conversation_id:
        raise ValueError(
            f"the state is of conversation {state.conversation_id!r}, "
            f"what is to come back of {then.conversation_id!r}"
        )
    done = Executed(state)
    for name in [*state.surfaces, *(name for name in then.surfaces if name not in state.surfaces)]:
        now, was = state.surfaces.get(name), then.surfaces.get(name)
        surface = _surface(now, was, nonce_key_id)
        touched = dict(done.touched)
        if _shows_otherwise(now, surface):
            touched[name] = Touched(_written(now, surface), whole=True)
        findings = (*done.diagnostics, *_overwritten(now, surface, touched.get(name)))
        if now is not None and not now.live and surface.live and surface.inputs:
            findings = (*findings, came_back(surface))
        kept = done.state.with_surface(surface)
        done = replace(done, state=kept, touched=FrozenDict(touched), diagnostics=findings)
    return done


def _surface(now: Surface | None, was: Surface | None, nonce_key_id: str | None) -> Surface:
    """A surface as it is to be from now on; one of the two is there."""
    if now is None and was is not None:
        # No client of this state saw it, but its ids may be known from the other one.
        return next_epoch(was, nonce_key_id) if was.live else without_boxes(was, was.boxes)
    if now is not None and was is None:
        # It was not there yet; what it has been through is remembered, and nothing else.
        return _taken_away(now, replace(now, view=None, catalog_id="", data=data.empty_document()))
    if now is None or was is None:
        raise AssertionError("a surface is in one of the states")
    draft = _draft(now, was)
    shown = replace(
        now,
        epoch=max(now.epoch, was.epoch),
        rev=max(now.rev, was.rev),
        status=was.status,
        catalog_id=was.catalog_id,
        view=None if was.view is None else shared_view(now.view, was.view),
        # What was wrong with an earlier press says nothing of what the fields hold now.
        data=data.delete_at(_document(now, was, draft), ERRORS_PLACE),
    )
    shown = with_named(shown, _changed(now.data["draft"], draft), now.rev + 1)
    if not was.live:
        return _taken_away(now, shown)
    if not now.live or shown.epoch != now.epoch:
        return next_epoch(shown, nonce_key_id)
    return _without_lost_boxes(now, without_stale_boxes(shown))


def _document(now: Surface, was: Surface, draft: FrozenDict) -> FrozenDict:
    """The document that comes back, of what is there where that is equal."""
    return shared(now.data, now.data.plus({**was.data, "draft": draft}))


def _without_lost_boxes(now: Surface, surface: Surface) -> Surface:
    """The surface without boxes whose value is another one now, and which it does not show.

    Nothing is written where nothing is shown; when an input shows it again, it is written anew.
    """
    shown = {item.id for item in surface.inputs}
    old, new = now.data["draft"], surface.data["draft"]
    gone = {
        name
        for name in surface.boxes
        if name not in shown and data.get(old, place_of(name)) != data.get(new, place_of(name))
    }
    return without_boxes(surface, gone) if gone else surface


def _taken_away(now: Surface, then: Surface) -> Surface:
    """The surface as one that no client shows; its boxes go with the deletion, if there is one."""
    gone = replace(then, status="closed")
    return gone if now.live else without_boxes(gone, gone.boxes)


def _draft(now: Surface, was: Surface) -> FrozenDict:
    """The draft that comes back; rows that were made since have been taken out of it.

    Values that no turn named since stay as they are, where what is shown again can hold them.
    """
    old, new = now.data["draft"], was.data["draft"]
    draft = FrozenDict({name: _value(old.get(name), value) for name, value in new.items()})
    shown = {item.id: item for item in inputs_of(was.editables, draft)}
    for name in _changed(old, draft):
        place = place_of(name)
        value = data.get(old, place)
        if _named_since(name, now, was) or value is data.MISSING or isinstance(value, dict):
            continue
        kept: FrozenDict = data.set_at(draft, place, value)
        item = shown.get(name)
        if item is None or (keeps(item.field, value) and not is_stray(item, kept, now)):
            draft = kept
    return draft


def _named_since(name: str, now: Surface, was: Surface) -> bool:
    """Whether a turn between two states named an input's value.

    One that left the surface closed sent no batch, so that its number is that of the next one.
    """
    return bool(now.named.get(name, 0) > max(was.rev, was.named.get(name, 0)))


def _value(now: Json, was: Json) -> Json:
    if not (are_rows(now) and are_rows(was)):
        return was
    return FrozenDict({**was, **{row: None for row in now if row not in was}})


def _changed(old: Mapping[str, Json], new: Mapping[str, Json]) -> list[str]:
    """Inputs, shown or not, whose values differ; rows that one side lacks are none."""
    found = []
    for name, value in new.items():
        if are_rows(value):
            found += _changed_cells(name, old.get(name), value)
        elif data.get(old, (name,)) != value:
            found.append(name)
    return found


def _changed_cells(name: str, old: Json, new: Mapping[str, Json]) -> list[str]:
    return [
        cell_id(name, row, column)
        for row, cells in live_rows(new)
        for column, value in cells.items()
        if data.get(old, (row, column)) != value
    ]


def _shows_otherwise(now: Surface | None, surface: Surface) -> bool:
    """Whether a client has to hear of it."""
    if now is None or not now.live:
        return surface.live
    if not surface.live or surface.epoch != now.epoch:
        return True
    before, after = now.to_dict(), surface.to_dict()
    # As JSON, where 1 and true differ.
    return any(canonical_json(before[part]) != canonical_json(after[part]) for part in _SHOWN)


_SHOWN: Final = ("status", "catalog_id", "view", "data")


def _written(now: Surface | None, surface: Surface) -> frozenset[str]:
    """Inputs whose value differs, or is none that what the client holds could stand for."""
    if now is None:
        return frozenset()
    old, new = now.data["draft"], surface.data["draft"]
    return frozenset(
        item.id
        for item in surface.inputs
        if data.get(old, item.place) != data.get(new, item.place) or other_box(item, surface)
    )


def _overwritten(
    now: Surface | None, surface: Surface, touched: Touched | None
) -> tuple[Diagnostic, ...]:
    """The warning that inputs take another value, whatever was typed into them since."""
    if now is None or touched is None or not (now.live and touched.written):
        return ()
    if surface.epoch != now.epoch or not surface.live:
        return ()  # it is built anew, which is a warning of its own
    names = ", ".join(repr(name[:40]) for name in sorted(touched.written)[:5])
    why = f"going back writes over what is in {names} of surface {surface.name!r}"
    return (diagnostic("A2UI_S2C_DRAFT_AT_RISK", why, surface_id=surface.name),)
