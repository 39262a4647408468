"""Undo and redo: what a restore shows, what it leaves alone, and what never goes back.

Random conversations go back and forth: every step of a journey is looked at (`journeys.py`), so
that nothing typed is lost where two states do not differ.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import ClientSim
from tests.backends.html.same_meaning.walks import Beside
from tests.crm import TestSigner, crm
from tests.journeys import Journey, Script, travels
from tests.stories import budget
from tests.test_journeys import compare, fed
from uicompiler import (
    ClientProfile,
    CompileResult,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
    restore,
    snapshot,
)
from uicompiler.ir.rows import live_rows

PROFILES = ("web_core", "spec", "no_incremental", "amnesiac")
UPDATES = ("auto", "full", "diff")


# --- random conversations -------------------------------------------------------------------------


@pytest.mark.fuzz
@given(travels(), st.sampled_from(PROFILES), st.sampled_from(UPDATES), st.booleans())
@budget(60)
def test_going_back_loses_nothing_that_does_not_differ(
    script: Script, profile: str, update: Any, through_json: bool
) -> None:
    Journey.of(script, profile=profile, update=update, through_json=through_json).run(script)


@pytest.mark.fuzz
@given(travels(most=8), st.sampled_from(["web_core", "spec"]))
@budget(40)
def test_a_restored_client_is_what_a_snapshot_makes(script: Script, profile: str) -> None:
    journey = Journey.of(script, profile=profile)
    for step in script.steps:
        journey.step(step)
        if step[0] == "back":
            fresh = fed(snapshot(journey.state, app=journey.app), profile)
            ids = fresh.surface_ids()
            assert ids == [journey.wire_id(item) for item in journey.state.live_surfaces()]
            for wire_id in ids:
                compare(journey, wire_id, fresh, wire_id)


@pytest.mark.fuzz
@given(travels(most=8), st.data())
@budget(40)
def test_what_comes_back_is_what_was_there(script: Script, data: st.DataObject) -> None:
    """The same things are shown as then: views and documents, under whatever ids."""
    journey = Journey.of(script).run(script)
    then = data.draw(st.sampled_from(journey.past))
    result = restore(journey.state, then, app=journey.app)
    if result.fallback is not None:
        return  # a surface was too large in its new epoch; what is left is looked at elsewhere
    shown, was = list(result.state.live_surfaces()), list(then.live_surfaces())
    assert {item.name for item in shown} == {item.name for item in was}
    for surface in was:
        now = result.state.surfaces[surface.name]
        assert (now.view, now.status) == (surface.view, surface.status)
        assert now.data["committed"] == surface.data["committed"]
        assert now.data["ui_state"] == surface.data["ui_state"]
        assert [item.id for item in now.inputs] == [item.id for item in surface.inputs]
    again = restore(result.state, then, app=journey.app)
    assert again.batches == ()
    assert again.state == result.state


@pytest.mark.fuzz
@given(travels(), st.sampled_from(PROFILES))
@budget(40)
def test_nothing_that_counts_goes_back(script: Script, profile: str) -> None:
    journey = Journey.of(script, profile=profile).run(script)
    newest: dict[str, tuple[int, int]] = {}
    gone: set[str] = set()
    for result in journey.results:
        for batch in result.batches:
            if batch.surface_id in gone:
                assert profile == "amnesiac", "an id was used again"
            epoch, rev = newest.get(batch.surface, (0, 0))
            assert batch.epoch >= epoch
            assert batch.rev > rev or profile == "amnesiac"
            newest[batch.surface] = (batch.epoch, batch.rev)
            deleted = {
                m["deleteSurface"]["surfaceId"] for m in batch.messages if "deleteSurface" in m
            }
            gone |= deleted
            assert deleted <= {batch.surface_id} or batch.surface_id not in deleted
    for one, two in zip(journey.past, journey.past[1:], strict=False):
        for name, surface in one.surfaces.items():
            if name in two.surfaces:
                assert two.surfaces[name].epoch >= surface.epoch
                assert two.surfaces[name].rev >= surface.rev
                rows = [(k, v) for k, v in surface.data["draft"].items() if isinstance(v, dict)]
                for ident, draft in rows:
                    after = two.surfaces[name].data["draft"].get(ident)
                    assert not isinstance(after, dict) or set(draft) <= set(after)


@pytest.mark.fuzz
@given(travels(most=8), st.sampled_from(["web_core", "spec"]))
@budget(25)
def test_all_ways_of_updating_end_alike_with_restores(script: Script, profile: str) -> None:
    ends = [Journey.of(script, profile=profile, update=way).run(script) for way in UPDATES]
    assert len({end.sim.surface_hash_all() for end in ends}) == 1
    assert len({end.state.to_json() for end in ends}) == 1


@pytest.mark.fuzz
@given(travels(most=8), st.booleans())
@budget(40)
def test_html_shows_what_a2ui_shows(script: Script, through_json: bool) -> None:
    journey = Beside.of(script, through_json=through_json)
    journey.run(script)
    assert isinstance(journey, Beside)
    journey.reload()
