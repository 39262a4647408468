"""The draft under a view, and what is written to it: fields, and rows that come and go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clientsim import ClientSim
from tests.flows import flows, press
from uicompiler import (
    ClientProfile,
    CompileResult,
    Outcome,
    UIApp,
    UIState,
    compile,
    dispatch,
    snapshot,
)
from uicompiler.backends.registry import backend_named
from uicompiler.ir import rows
from uicompiler.ir.inputs import typed_values
from uicompiler.ir.values import FrozenDict

APP = flows()
SONGS = [{"title": "One", "loud": True}, {"title": "Two"}]


def party(**payload: Any) -> UIState:
    form = {"form_id": "party", "values": {"songs": SONGS}, **payload}
    return compile([{"type": "ui.show_form", "payload": form}], app=APP).state


def patched(state: UIState, *ops: dict[str, Any]) -> CompileResult:
    return compile([{"type": "ui.patch", "payload": {"ops": list(ops)}}], app=APP, state=state)


def songs(state: UIState) -> dict[str, Any]:
    found: dict[str, Any] = state.surfaces["main"].data["draft"]["songs"]
    return found


def test_rows_get_ids_in_the_order_they_come() -> None:
    assert songs(party()) == {
        "r1": {"title": "One", "loud": True},
        "r2": {"title": "Two", "loud": False},
    }


def test_a_row_taken_out_stays_as_a_tombstone_and_its_id_is_never_used_again() -> None:
    state = patched(party(), {"op": "delete", "path": "/draft/songs/r2"}).state
    assert songs(state)["r2"] is None
    after = patched(state, {"op": "append", "path": "/draft/songs", "value": {"title": "Three"}})
    assert list(songs(after.state)) == ["r1", "r2", "r3"]


def test_a_position_counts_the_rows_that_are_there() -> None:
    state = patched(party(), {"op": "delete", "path": "/draft/songs/0"}).state
    assert songs(state)["r1"] is None
    state = patched(state, {"op": "set", "path": "/draft/songs/0/title", "value": "New"}).state
    assert songs(state)["r2"]["title"] == "New"


def test_a_client_that_saw_a_row_go_and_one_that_did_not_hold_the_same() -> None:
    first = compile(
        [{"type": "ui.show_form", "payload": {"form_id": "party", "values": {"songs": SONGS}}}],
        app=APP,
    )
    later = patched(first.state, {"op": "delete", "path": "/draft/songs/r1"})
    watched, anew = ClientSim("web_core"), ClientSim("web_core")
    watched.feed(first.jsonl() + later.jsonl())
    anew.feed(snapshot(later.state, app=APP).jsonl())
    assert watched.data("main") == anew.data("main")


def test_what_was_typed_beside_a_row_that_goes_is_not_sent_again() -> None:
    step = press(party(), APP, "r1--buttons--remove", songs__r2__title="typed", theme="x")
    paths = [m["dataModelUpdate"]["path"] for m in step.messages if "dataModelUpdate" in m]
    assert paths == ["/draft/songs/r1", "/ui_state/_rev"]
    assert songs(step.state)["r2"]["title"] == "typed"


def test_a_full_list_offers_no_further_row_and_takes_none() -> None:
    four = [{"title": str(number)} for number in range(4)]
    state = party(values={"songs": four})
    assert not [name for name in _buttons(state) if "--add--" in name]
    result = patched(state, {"op": "append", "path": "/draft/songs", "value": {"title": "5"}})
    assert [item.code for item in result.diagnostics] == ["DIRECTIVE_VALUE_INVALID"]
    assert result.state is state


def test_no_row_below_the_fewest_can_be_taken_out() -> None:
    app = flows()
    state = compile([{"type": "ui.show_form", "payload": {"form_id": "trip"}}], app=app).state
    state = press(state, app, "next", **{"from": "2026-05-06", "to": "2026-05-07"}).state
    assert not [name for name in _buttons(state) if "--remove--" in name]


@pytest.mark.parametrize(
    ("op", "code"),
    [
        ({"op": "set", "path": "/draft/songs/r9/title", "value": "x"}, "DIRECTIVE_PATH_INVALID"),
        ({"op": "set", "path": "/draft/songs/r1/artist", "value": "x"}, "DIRECTIVE_PATH_INVALID"),
        ({"op": "set", "path": "/draft/songs/r1", "value": {}}, "DIRECTIVE_OP_INVALID"),
        ({"op": "append", "path": "/draft/songs/r1/title", "value": "x"}, "DIRECTIVE_OP_INVALID"),
        ({"op": "set", "path": "/draft/songs", "value": "x"}, "DIRECTIVE_VALUE_INVALID"),
        ({"op": "set", "path": "/draft/songs", "value": [["x"]]}, "DIRECTIVE_VALUE_INVALID"),
        ({"op": "append", "path": "/draft/songs", "value": {"loud": 3}}, "DIRECTIVE_VALUE_INVALID"),
        ({"op": "delete", "path": "/draft/songs/r1/x/y"}, "DIRECTIVE_OP_INVALID"),
    ],
)
def test_what_is_no_write_to_rows_changes_nothing(op: dict[str, Any], code: str) -> None:
    state = party()
    result = patched(state, op)
    assert [item.code for item in result.diagnostics] == [code]
    assert result.state is state


def test_rows_typed_by_a_user_come_to_the_app_in_order_with_their_ids() -> None:
    step = press(party(), APP, "go--Button", songs__r1__title="Un", songs__r2__title="Deux")
    assert step.action is not None
    assert step.action.context["songs"] == (
        {"id": "r1", "title": "Un", "loud": False},
        {"id": "r2", "title": "Deux", "loud": False},
    )


def test_a_reset_takes_out_all_rows() -> None:
    again = {"form_id": "party", "reset": True}
    state = compile([{"type": "ui.show_form", "payload": again}], app=APP, state=party()).state
    assert songs(state) == {"r1": None, "r2": None}


def guests(*columns: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """A form with rows of some columns, a first one always among them."""
    name = {"id": "name", "label": "Name"}
    node = {"id": "guests", "label": "Guests", "columns": [name, *columns], "min_rows": 2}
    payload = {"title": "T", "fields": [node], **more}
    return [{"type": "ui.show_form", "payload": payload}]


NOTE = {"id": "note", "label": "Note"}


@pytest.mark.parametrize("profile", ["web_core", "no_incremental"])
@pytest.mark.parametrize("sent", [False, True], ids=["typed", "sent"])
def test_a_cell_stays_while_its_column_is_not_shown(sent: bool, profile: str) -> None:
    """As the draft of a field does; what was not sent, only where the surface stays."""
    client = ClientProfile.named(profile)
    sim = ClientSim(profile)

    def turn(result: CompileResult) -> UIState:
        assert sim.feed(result.jsonl()) == []
        return UIState.from_json(result.state.to_json())

    state = turn(compile(guests(NOTE), client=client))
    path = "/draft/guests/r1/note/v"
    [ident] = [node["id"] for node in sim.nodes("main") if _bound(node) == path]
    sim.edit("main", ident, "from Bath")
    if sent:
        button = [node["id"] for node in sim.nodes("main") if node["type"] == "Button"][-1]
        event = sim.press("main", button, timestamp="2026-01-01T00:00:00Z")
        state = turn(dispatch(event, state=state, client=client))
    for columns in ((), (NOTE,)):
        state = turn(compile(guests(*columns), state=state, client=client))
    shown = sim.surface_ids()[0]
    kept = sent or profile == "web_core"
    assert sim.value_at(shown, path) == ("from Bath" if kept else "")


def _bound(node: Any) -> str:
    text = node["props"].get("text") or {}
    return str(text.get("path", ""))


def test_a_cell_of_another_kind_starts_over_when_its_column_is_shown_again() -> None:
    values = [{"path": "/draft/guests", "value": [{"note": "x"}]}]
    state = compile(guests(NOTE, values=values)).state
    state = compile(guests(), state=state).state
    result = compile(guests({**NOTE, "kind": "boolean"}), state=state)
    assert result.state.surfaces["main"].data["draft"]["guests"]["r1"]["note"] is False
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_DRAFT_AT_RISK"]


def test_cells_that_are_not_shown_are_nothing_that_an_app_gets_or_a_model_may_write() -> None:
    state = compile(guests(), state=compile(guests(NOTE)).state).state
    surface = state.surfaces["main"]
    assert surface.data["draft"]["guests"]["r1"] == {"name": "", "note": ""}
    values, _ = typed_values(surface.editables, surface.data["draft"])
    assert values["guests"][0] == {"id": "r1", "name": None}
    op = {"op": "set", "path": "/draft/guests/r1/note", "value": "x"}
    refused = compile([{"type": "ui.patch", "payload": {"ops": [op]}}], state=state)
    assert [item.code for item in refused.diagnostics] == ["DIRECTIVE_PATH_INVALID"]


def test_of_too_many_cells_that_are_not_shown_columns_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "MAX_UNSEEN_CELLS", 4)
    state = UIState()
    for name in "abcd":
        state = compile(guests({"id": name, "label": name}), state=state).state
    surface = state.surfaces["main"]
    assert surface.data["draft"]["guests"]["r1"].keys() == {"name", "b", "c", "d"}
    assert "guests/r1/a" not in surface.boxes
    assert snapshot(state).ok


def _buttons(state: UIState) -> list[str]:
    return list(backend_named("a2ui-v0.8").buttons(state.surfaces["main"]))


WHENS = {"date": "2026-05-06", "time": "12:13", "datetime": "2026-05-06T12:13"}


def shown_as(kind: str, state: UIState | None = None, *, value: str = "") -> CompileResult:
    payload: dict[str, Any] = {"title": "T", "fields": [{"id": "a", "label": "A", "kind": kind}]}
    if value:
        payload["values"] = [{"path": "/draft/a", "value": value}]
    return compile([{"type": "ui.show_form", "payload": payload}], state=state)


@pytest.mark.parametrize("closed", [False, True], ids=["shown", "closed between"])
@pytest.mark.parametrize("kind", WHENS)
@pytest.mark.parametrize("before", WHENS)
def test_a_date_is_never_left_where_a_browser_would_read_it_as_another(
    before: str, kind: str, closed: bool
) -> None:
    first = shown_as(before, value=WHENS[before])
    state = first.state
    if closed:
        state = compile([{"type": "ui.close", "payload": {}}], state=state).state
    found = shown_as(kind, state)
    kept = found.state.surfaces["main"].data["draft"]["a"]
    assert kept == (WHENS[kind] if kind == before else "")
    lost = "the draft of 'a' does not fit" in str([item.message for item in found.diagnostics])
    assert lost == (kind != before)


@pytest.mark.parametrize("closed", [False, True], ids=["shown", "closed between"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [("2026-05-06T00:00:00Z", "date"), ("7:08", "time"), ("2026-05-06 07:08", "datetime")],
)
def test_a_text_that_only_reads_as_a_date_starts_over(text: str, kind: str, closed: bool) -> None:
    state = shown_as("short_text", value=text).state
    if closed:
        state = compile([{"type": "ui.close", "payload": {}}], state=state).state
    found = shown_as(kind, state)
    assert found.state.surfaces["main"].data["draft"]["a"] == ""
    assert text not in found.jsonl().decode()


def test_what_a_client_left_in_a_date_stays_though_it_is_no_date() -> None:
    """As some clients take any text there; the draft is the user's."""
    state = shown_as("date", shown_as("date").state).state
    surface = state.surfaces["main"]
    left = {**surface.data, "draft": FrozenDict({"a": "12:13"})}
    state = state.with_surface(replace(surface, data=FrozenDict(left)))
    assert shown_as("date", state).state.surfaces["main"].data["draft"]["a"] == "12:13"


@pytest.mark.parametrize("closed", [False, True], ids=["shown", "closed between"])
@pytest.mark.parametrize("kind", ["short_text", "long_text", "tags", "email"])
def test_the_handle_of_a_secret_is_never_shown_as_a_text(kind: str, closed: bool) -> None:
    state = shown_as("secret").state
    surface = state.surfaces["main"]
    handle = "secret:" + "0123456789abcdef" * 2
    state = state.with_surface(
        replace(surface, data=FrozenDict({**surface.data, "draft": FrozenDict({"a": handle})}))
    )
    if closed:
        state = compile([{"type": "ui.close", "payload": {}}], state=state).state
    found = shown_as(kind, state)
    assert handle not in found.jsonl().decode()
    assert found.state.surfaces["main"].data["draft"]["a"] == ""


def test_a_text_that_looks_like_a_handle_stays_the_users() -> None:
    state = shown_as("short_text", value="secret:" + "0" * 32).state
    assert shown_as("long_text", state).state.surfaces["main"].data["draft"]["a"] != ""


def test_what_was_mended_since_a_press_stays_when_the_same_slider_is_shown_again() -> None:
    """The last value known does not fit, but it was sent from this slider, and is not the last."""
    app = UIApp("a", inline_form_action="send")
    app.action("send")(lambda _action, _view: Outcome())

    def shown(most: int, state: UIState | None) -> CompileResult:
        slider = {"id": "body", "kind": "slider", "label": "Body", "min": 1, "max": most}
        return compile(
            [{"type": "ui.show_form", "payload": {"title": "T", "fields": [slider]}}],
            app=app,
            state=state,
        )

    state = shown(5, shown(8, None).state).state
    surface = state.surfaces["main"]
    [ident] = [
        ident
        for ident, pressed in backend_named("a2ui-v0.8").buttons(surface).items()
        if pressed.button.action == "send"
    ]
    event = {
        "name": "send",
        "surfaceId": "main",
        "sourceComponentId": ident,
        "timestamp": "2026-01-01T00:00:00Z",
        "context": {"body": "6", "_rev": surface.rev},
    }
    refused = dispatch({"userAction": event}, state=state, app=app)
    assert refused.status == 422
    again = shown(5, refused.state)
    assert again.state.surfaces["main"].data["draft"]["body"] == 6
    paths = [message.get("dataModelUpdate", {}).get("path", "") for message in again.messages]
    assert paths
    assert not [path for path in paths if path.startswith("/draft")]
    assert "A2UI_S2C_DRAFT_AT_RISK" not in [item.code for item in again.diagnostics]
    assert shown(4, again.state).state.surfaces["main"].data["draft"]["body"] == 1


def test_a_view_that_is_closed_in_the_turn_that_showed_it_starts_over_what_does_not_fit() -> None:
    def shown(*options: str) -> dict[str, Any]:
        return {"type": "ui.show_choices", "payload": {"title": "T", "options": list(options)}}

    state = compile([shown("a", "b")]).state
    state = patched(state, {"op": "set", "path": "/draft/choice", "value": "a"}).state
    between = compile([shown("c", "d"), {"type": "ui.close", "payload": {}}], state=state)
    assert not list(between.state.live_surfaces())
    assert "A2UI_S2C_DRAFT_AT_RISK" in [item.code for item in between.diagnostics]
    kept = compile([{"type": "ui.close", "payload": {}}], state=state).state
    for before, value in ((between.state, ""), (kept, "a")):
        again = compile([shown("a", "b")], state=before).state
        assert again.surfaces["main"].data["draft"]["choice"] == value
