"""Views that the app no longer has are locked, and lead to a new one."""

from __future__ import annotations

from typing import Any

import pytest

from clientsim import ClientSim
from tests.flows import flows, press
from uicompiler import UIState, compile, snapshot
from uicompiler.catalog.catalog import Catalog, standard_catalog

OLD, NEW = flows(version=1), flows(version=2)
TRIP = {"type": "ui.show_form", "payload": {"form_id": "trip", "values": {"from": "2026-05-06"}}}
TOAST = {"type": "ui.toast", "payload": {"text": "Hello"}}


def stored() -> UIState:
    return compile([TRIP], app=OLD).state


def test_a_turn_puts_a_notice_in_its_place_and_keeps_the_draft() -> None:
    result = compile([TOAST], app=NEW, state=stored())
    surface = result.state.surfaces["main"]
    assert surface.status == "expired"
    assert surface.data["draft"]["from"] == "2026-05-06"
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_VIEW_EXPIRED"]
    sim = ClientSim("web_core")
    sim.feed(compile([TRIP], app=OLD).jsonl() + result.jsonl())
    assert "This view has expired" in sim.screen("main")


def test_a_snapshot_shows_the_notice_and_changes_nothing() -> None:
    state = stored()
    result = snapshot(state, app=NEW)
    assert result.state is state
    assert b"This view has expired" in result.jsonl()


def test_an_event_of_an_expired_view_is_stale() -> None:
    state = stored()
    step = press(state, NEW, "next--Button", **{"from": "2026-05-06"})
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_SURFACE_STALE"]
    assert (step.status, step.state) == (409, state)


def test_regenerating_is_for_the_host_and_showing_it_again_brings_the_draft_back() -> None:
    state = compile([TOAST], app=NEW, state=stored()).state
    step = press(state, NEW, "again--Button")
    assert step.action is not None
    assert step.action.name == "ui.regenerate"
    shown = compile(
        [{"type": "ui.show_form", "payload": {"form_id": "trip"}}], app=NEW, state=state
    )
    surface = shown.state.surfaces["main"]
    assert (surface.status, surface.data["draft"]["from"]) == ("live", "2026-05-06")
    assert shown.diagnostics == ()


def test_an_expired_view_takes_no_patch() -> None:
    state = compile([TOAST], app=NEW, state=stored()).state
    op: dict[str, Any] = {"op": "set", "path": "/draft/from", "value": "2026-05-07"}
    result = compile([{"type": "ui.patch", "payload": {"ops": [op]}}], app=NEW, state=state)
    assert [item.code for item in result.diagnostics] == ["DIRECTIVE_SURFACE_EXPIRED"]
    assert result.state is state


def test_another_catalog_expires_every_view() -> None:
    app = flows(version=1)
    app.catalog = Catalog("https://example.org/catalog.json", standard_catalog().components)
    inline = {"title": "T", "fields": [{"id": "a", "label": "A"}]}
    state = compile([{"type": "ui.show_form", "payload": inline}], app=OLD).state
    assert compile([TOAST], app=app, state=state).state.surfaces["main"].status == "expired"


@pytest.mark.parametrize("app", [OLD, flows(version=1, has_board=False)])
def test_a_view_that_is_still_there_is_left_alone(app: Any) -> None:
    result = compile([TOAST], app=app, state=stored())
    assert result.state.surfaces["main"].status == "live"
    assert result.messages == ()


def test_an_expired_state_comes_back_from_json() -> None:
    state = compile([TOAST], app=NEW, state=stored()).state
    assert UIState.from_json(state.to_json()) == state
