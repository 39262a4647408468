"""The promises, on random conversations over the whole vocabulary (see `journeys.py`).

Every step of every journey is looked at: nothing the person typed is lost, what the library was
told of comes back when a surface is built anew, no message is refused, every press is taken.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import ClientSim
from tests.journeys import Journey, Script, pressed, same, scripts, surfaces_in
from tests.lists import pruned
from tests.stories import budget
from uicompiler import CompileResult, UIState, compile, dispatch, snapshot
from uicompiler.a2ui import validate
from uicompiler.backends.a2ui_v0_8 import backend, boxes, values
from uicompiler.backends.a2ui_v0_8.boxes import value_path

PROFILES = ("web_core", "spec", "no_incremental", "amnesiac")
UPDATES = ("auto", "full", "diff")


@pytest.mark.fuzz
@given(scripts(), st.sampled_from(PROFILES), st.sampled_from(UPDATES))
@budget(60)
def test_nothing_typed_is_lost_and_everything_known_comes_back(
    script: Script, profile: str, update: Any
) -> None:
    Journey.of(script, profile=profile, update=update).run(script)


@pytest.mark.fuzz
@given(scripts(), st.sampled_from(PROFILES), st.sampled_from(UPDATES))
@budget(25)
def test_a_stored_state_gives_the_same_bytes(script: Script, profile: str, update: Any) -> None:
    """The order of rows, boxes and surfaces included, though stored objects have their own."""
    live = Journey.of(script, profile=profile, update=update).run(script)
    stored = Journey.of(script, profile=profile, update=update, through_json=True).run(script)
    assert stored.lines() == live.lines()
    again = Journey.of(script, profile=profile, update=update).run(script)
    assert again.lines() == live.lines()
    assert live.app is not again.app


@pytest.mark.fuzz
@given(scripts(), st.sampled_from(["web_core", "spec"]))
@budget(25)
def test_all_ways_of_updating_end_in_one_client_state(script: Script, profile: str) -> None:
    ends = [Journey.of(script, profile=profile, update=way).run(script) for way in UPDATES]
    assert len({end.sim.surface_hash_all() for end in ends}) == 1
    assert len({end.state.to_json() for end in ends}) == 1


@pytest.mark.fuzz
@given(scripts(), st.sampled_from(["web_core", "spec"]), st.sampled_from(UPDATES))
@budget(30)
def test_a_snapshot_and_a_reset_show_what_the_person_sees(
    script: Script, profile: str, update: Any
) -> None:
    journey = Journey.of(script, profile=profile, update=update).run(script)
    app = journey.app
    told = snapshot(journey.state, app=app)
    reset = compile([], state=journey.state, app=app, update="reset")
    for result in (told, reset):
        assert result.ok, result.diagnostics
        fresh = fed(result, profile)
        renamed = dict(zip(fresh.surface_ids(), journey.state.live_surfaces(), strict=True))
        for wire_id, surface in renamed.items():
            compare(journey, journey.wire_id(surface), fresh, wire_id)


def fed(result: CompileResult, profile: str) -> ClientSim:
    """A client that knows nothing but this; what was taken away before it, it never had."""
    sim = ClientSim(profile=profile)
    assert sim.feed(result.jsonl()) == []
    return sim


def compare(journey: Journey, seen: str, fresh: ClientSim, wire_id: str) -> None:
    """One tree; data that differs in the revision and in what was typed since, and no more."""
    assert fresh.tree(wire_id) == journey.sim.tree(seen)
    ours, theirs = journey.sim.data(seen), fresh.data(wire_id)
    assert isinstance(ours, dict)
    assert isinstance(theirs, dict)
    for part in ("ui_state", "committed"):
        one, two = (dict(pruned(data.get(part, {}))) for data in (ours, theirs))
        assert one.pop("_rev", None) is not None or part == "committed"
        two.pop("_rev", None)
        assert one == two
    surface = next(s for w, s in surfaces_in(journey) if w == seen)
    for item in surface.inputs:
        path = value_path(*item.place)
        known = journey.known.get((surface.name, path))
        value = fresh.value_at(wire_id, path)
        assert value is not None
        assert known is None or same(item.field.kind, known, value), (path, known, value)


@pytest.mark.fuzz
@given(scripts(), st.sampled_from(UPDATES))
@budget(25)
def test_the_checker_finds_nothing_in_a_conversation(script: Script, update: Any) -> None:
    """Neither in any turn's first renders, nor in all turns as one response."""
    journey = Journey.of(script, update=update).run(script)
    stream = b"".join(result.jsonl() for result in journey.results)
    found = validate(stream, limits=journey.app.limits)
    assert [item for item in found if item.severity == "error"] == []


@pytest.mark.fuzz
@given(scripts(most=8))
@budget(25)
def test_only_presses_commit(script: Script) -> None:
    """Neither what a model asks for nor what a user types reaches `/committed`."""
    journey = Journey.of(script)
    for step in script.steps:
        before = {name: s.data["committed"] for name, s in journey.state.surfaces.items()}
        journey.step(step)
        if step[0] != "press":
            after = {name: s.data["committed"] for name, s in journey.state.surfaces.items()}
            assert {name: after[name] for name in before if name in after} == before
            assert all(after[name] == {} for name in set(after) - set(before))


@pytest.mark.fuzz
@given(scripts(most=8))
@budget(25)
def test_what_is_refused_or_sent_twice_changes_nothing(script: Script) -> None:
    """Bad directives on any state, and events that are forged from real ones."""
    journey = Journey.of(script).run(script)
    state, app = journey.state, journey.app
    text = state.to_json()
    for bad in BAD:
        result = compile([bad], state=state, app=app)
        assert not result.ok, bad
        assert result.state is state
        assert result.jsonl() == b""
    for step in pressed(journey)[-2:]:
        assert step.action is None or step.receipt is not None
    for wire_id, surface in surfaces_in(journey):
        _, found = journey.on_screen(surface, ("Button",))
        for node in found[:2]:
            event = journey.sim.press(wire_id, node["id"], timestamp="2026-01-01T09:00:00Z")
            for forged in forgeries(event):
                refused = dispatch(forged, state=state, app=app)
                assert not refused.ok, forged
                assert refused.state is state
                assert refused.jsonl() == b""
    assert state.to_json() == text


BAD: tuple[dict[str, Any], ...] = (
    {"type": "ui.nope", "payload": {}},
    {"type": "ui.close", "payload": {"surface": "nowhere"}},
    {"type": "ui.show_form", "payload": {"form_id": "nope"}},
    {"type": "ui.show_view", "payload": {"root": {"node": "nope"}}},
    {"type": "ui.show_form", "payload": {"title": "T", "fields": [{"id": "_x", "label": "X"}]}},
    {"type": "ui.confirm", "payload": {"title": "T", "action": "nope"}},
    {"type": "ui.patch", "payload": {"ops": [{"op": "set", "path": "/committed/x", "value": 1}]}},
    {"type": "ui.data.replace", "payload": {"path": "/committed", "values": []}},
    {"type": "ui.data.replace", "payload": {"values": {"/committed/x": 1}}},
    {"type": "ui.show_table", "payload": {"columns": [], "rows": []}},
)


def forgeries(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The event under other names, of other surfaces and buttons, and with values of its own."""
    action = event["userAction"]
    return [
        {"userAction": {**action, **changed}}
        for changed in (
            {"name": "ui.nope"},
            {"surfaceId": "nowhere"},
            {"surfaceId": f"{action['surfaceId'].partition('#')[0]}#e=99"},
            {"sourceComponentId": "ui--nope--Button"},
            {"context": {**action["context"], "injected": 1}},
        )
    ]


# ---------------------------------------------------------------- the properties can fail

ROWS = {
    "id": "guests",
    "label": "Guests",
    "columns": [{"id": "name", "label": "Name"}, {"id": "x~y", "label": "X"}],
}
STEPS = [
    {"id": "one", "title": "One", "fields": [ROWS]},
    {"id": "two", "title": "Two", "fields": [{"id": "pin", "label": "Pin"}]},
]
FLOW = {
    "title": "Flow",
    "steps": STEPS,
    "buttons": [{"label": "Finish", "action": "submit", "submit": True}],
}
CARD = {
    "title": "Card",
    "fields": [ROWS, {"id": "a", "label": "A"}],
    "buttons": [{"label": "Send", "action": "submit", "submit": True}],
}


def shown(form_id: str) -> tuple[Any, ...]:
    return ("model", [{"type": "ui.show_form", "payload": {"form_id": form_id}}], False)


def patched(path: str, **op: Any) -> tuple[Any, ...]:
    ops = [{"op": "set", "path": path, **op}]
    return ("model", [{"type": "ui.patch", "payload": {"ops": ops}}], False)


def script(*steps: tuple[Any, ...]) -> Script:
    return Script({"flow": FLOW, "card": CARD}, list(steps))


# The first button and the first input of the one surface there is.
ADD, TYPE = ("press", 1, 0), ("type", 1, 0, 0, "")


def test_a_cell_stays_while_a_patch_adds_a_row_and_another_goes() -> None:
    story = script(shown("card"), ADD, TYPE, patched("/draft/guests", op="append", value={}))
    journey = Journey.of(story).run(story)
    assert journey.sim.value_at("main", "/draft/guests/r1/name/v") == "Hello"
    journey.step(patched("/draft/guests/r2", op="delete"))
    assert journey.sim.value_at("main", "/draft/guests/r1/name/v") == "Hello"


def test_a_cell_of_a_column_with_a_tilde_stays_when_something_else_is_written() -> None:
    story = script(shown("card"), ADD, ("type", 1, 1, 0, ""), patched("/draft/a", value="x"))
    journey = Journey.of(story).run(story)
    assert journey.sim.value_at("main", "/draft/guests/r1/x_u7e_y/v") == "Hello"


def test_what_was_typed_in_a_step_is_there_after_next_and_back() -> None:
    story = script(shown("flow"), ADD, TYPE, ("press", 1, 2))
    journey = Journey.of(story).run(story)
    assert journey.state.surfaces["main"].view.step == "two"
    journey.step(("press", 1, 0))
    assert journey.state.surfaces["main"].view.step == "one"
    assert ("value", "Hello") in [entry[1:] for entry in journey.sim.visible("main")]


def parent_write(surface_id: str, drafts: Any, *_rest: Any) -> list[Any]:
    """The whole of `/draft` in place of one box."""
    maps = [{"key": boxes.escape_key(d.id), "valueMap": [values.draft_entry(d)]} for d in drafts]
    update = {"surfaceId": surface_id, "path": "/draft", "contents": maps}
    return [{"dataModelUpdate": update}]


@pytest.mark.parametrize(
    ("form_id", "last"),
    [
        ("card", patched("/draft/a", value="x")),
        ("card", patched("/draft/guests", op="append", value={})),
        ("flow", ("press", 1, 2)),
    ],
)
def test_a_lost_cell_is_noticed(
    monkeypatch: pytest.MonkeyPatch, form_id: str, last: tuple[Any, ...]
) -> None:
    story = script(shown(form_id), ADD, TYPE, last)
    Journey.of(story).run(story)
    journey = Journey.of(story).run(script(*story.steps[:-1]))
    monkeypatch.setattr(boxes, "later_data", parent_write)
    with pytest.raises(AssertionError):
        journey.step(last)


def test_a_forgotten_draft_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a press told the library has to come back after a reset."""
    story = script(shown("card"), ADD, TYPE, ("press", 1, 2))
    journey = Journey.of(story).run(story)
    whole = backend._drafts
    monkeypatch.setattr(
        backend, "_drafts", lambda surface: [_emptied(draft) for draft in whole(surface)]
    )
    with pytest.raises(AssertionError, match="came back as"):
        journey.step(("model", [], True))


def _emptied(draft: Any) -> Any:
    return values.Draft(draft.id, draft.kind, "", draft.place)


def test_rows_that_were_stored_are_in_the_order_in_which_they_were_made() -> None:
    # The buttons that take a row out stand before the one that adds one.
    story = script(shown("card"), *(("press", 1, number) for number in range(12)))
    journey = Journey.of(story, through_json=True).run(story)
    again = UIState.from_json(journey.state.to_json())
    names = [item.id for item in again.surfaces["main"].inputs if item.id.endswith("/name")]
    assert names == [f"guests/r{number}/name" for number in range(1, 13)]
