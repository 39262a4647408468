"""No keystroke is lost on long walks, and a library that loses one is found out.

A bounded slice of what `python -m tests.official.fuzz keystrokes` runs (see `fuzz/walk.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from uicompiler import dispatcher
from uicompiler.app import TurnContext
from uicompiler.backends.a2ui_v0_8 import backend, boxes, values
from uicompiler.backends.a2ui_v0_8.backend import A2uiV08
from uicompiler.executor import apply, drafts
from uicompiler.ingress import accept
from uicompiler.ir.state import Surface

from .bridge import OfficialClient
from .fuzz.keystrokes import play, run, steps_of
from .fuzz.tally import Tally
from .fuzz.walk import DOES

pytestmark = pytest.mark.official

WALKS = 4
"""Of 500 steps each."""


@pytest.fixture(scope="module")
def tally(official: OfficialClient) -> Tally:
    """What the slice saw."""
    return run(range(WALKS), official)


def test_no_lost_keystroke_on_any_walk(tally: Tally) -> None:
    assert tally.failures == [], "\n\n".join(tally.failures)
    assert tally.counts["steps"] == WALKS * 500


def test_no_lost_keystroke_is_asked_of_walks_on_which_all_of_it_happens(tally: Tally) -> None:
    counts = tally.counts
    assert [name for name in DOES if not counts[f"{name} steps"]] == []
    for line in ("open", "slow", "cut"):
        assert counts[f"steps on a line that is {line}"] > 50, line
    for what in (
        *("torn turns", "turns that landed on a newer state", "events sent late"),
        *("events refused as stale", "batches", "edits", "presses"),
    ):
        assert counts[what] > 10, what
    assert counts["data models"] == counts["steps"], "every step is compared"


def test_no_lost_keystroke_is_asked_of_the_same_walk_for_the_same_seed(
    official: OfficialClient,
) -> None:
    one, other = (play(7, steps_of(7), official, most=60)[0] for _ in range(2))
    assert one.played == other.played
    assert one.lines() == other.lines()
    assert one.held == other.held


# ---------------------------------------------------------------- the property can fail

Fault = Callable[[pytest.MonkeyPatch], None]


def parent_write(patch: pytest.MonkeyPatch) -> None:
    """All of `/draft` in place of one box."""

    def later_data(surface_id: str, sent: Any, *_rest: Any) -> list[Any]:
        maps = [
            {"key": boxes.escape_key(draft.id), "valueMap": [values.draft_entry(draft)]}
            for draft in sent
        ]
        update = {"surfaceId": surface_id, "path": "/draft", "contents": maps}
        return [{"dataModelUpdate": update}]

    patch.setattr(boxes, "later_data", later_data)


def begin_again(patch: pytest.MonkeyPatch) -> None:
    """A whole first render where an update was asked for."""

    def update(self: A2uiV08, _old: Any, new: Surface, *, settings: Any, **_rest: Any) -> Any:
        return self.first(new, settings)

    patch.setattr(A2uiV08, "update", update)


def forget_on_showing(patch: pytest.MonkeyPatch) -> None:
    """A view shown again starts over."""
    whole = drafts.draft_under

    def draft_under(nodes: Any, surface: Surface, *, named: Any, reset: bool) -> Any:
        return whole(nodes, surface, named=named, reset=True)

    patch.setattr(apply, "draft_under", draft_under)


def write_siblings(patch: pytest.MonkeyPatch) -> None:
    """A patch of one field sends the others as they were last known."""

    whole = backend._sent_drafts

    def sent_drafts(surface: Surface, written: frozenset[str]) -> list[Any]:
        return backend._drafts(surface) if written else whole(surface, written)

    patch.setattr(backend, "_sent_drafts", sent_drafts)


def learn_nothing(patch: pytest.MonkeyPatch) -> None:
    """What a press sends is not kept."""
    patch.setattr(dispatcher, "_learned", lambda surface, _accepted, _handles: surface)


def act_twice(patch: pytest.MonkeyPatch) -> None:
    """Receipts are not asked for, so that an event that comes again acts again, or is stale."""
    whole = accept.accept

    def forgetful(event: Any, *, turn: TurnContext, **rest: Any) -> Any:
        return whole(event, turn=replace(turn, seen=None), **rest)

    patch.setattr(dispatcher, "accept", forgetful)


def show_without_drafts(patch: pytest.MonkeyPatch) -> None:
    """What is built anew shows empty inputs."""
    whole = backend._drafts

    def emptied(surface: Surface) -> list[Any]:
        return [
            replace(draft, value="") if isinstance(draft.value, str) else draft
            for draft in whole(surface)
        ]

    patch.setattr(backend, "_drafts", emptied)


def rows_by_place(patch: pytest.MonkeyPatch) -> None:
    """A row that goes takes the last one's cells with it."""
    whole = backend._gone_since

    def gone(old: Surface, surface: Surface) -> list[Any]:
        found = whole(old, surface)
        live = [
            (name, row)
            for name, rows in surface.data["draft"].items()
            if isinstance(rows, dict)
            for row, cells in rows.items()
            if cells is not None
        ]
        return [*found, *live[-1:]] if found else found

    patch.setattr(backend, "_gone_since", gone)


def stale_presses(patch: pytest.MonkeyPatch) -> None:
    """A press from a screen that is behind is taken, and what it tells overwrites what is newer."""
    patch.setattr(accept, "_check_rev", lambda _rev, _surface: None)


def answer_without_batches(patch: pytest.MonkeyPatch) -> None:
    """The first answer comes again, but for what the client was to be shown."""
    patch.setattr(dispatcher, "_is_current", lambda _item, _state: False)


FAULTS: tuple[Fault, ...] = (
    parent_write,
    begin_again,
    forget_on_showing,
    write_siblings,
    learn_nothing,
    act_twice,
    show_without_drafts,
    rows_by_place,
    stale_presses,
    answer_without_batches,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_no_lost_keystroke_fails_for_a_library_that_loses_one(
    official: OfficialClient, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    fault(monkeypatch)
    walks = (play(seed, steps_of(seed), official, most=250) for seed in range(8))
    found = next((wrong for _, wrong in walks if wrong), "8 walks of 250 steps do not find it")
    assert found.startswith("AssertionError"), found
