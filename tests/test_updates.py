"""Bringing a live surface up to date: what a diff may not forget, however little it sends."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any, Literal

import pytest

from uicompiler import Outcome, TurnContext, UIApp, UIState, compile, dispatch, snapshot
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering
from uicompiler.backends.registry import backend_named
from uicompiler.ir.base import Node
from uicompiler.ir.content import Text
from uicompiler.ir.tree import NodePath
from uicompiler.limits import Limits
from uicompiler.templates.view import ViewTemplate

UPDATES = pytest.mark.parametrize("update", ["full", "diff", "auto"])


def view(root: Any) -> list[dict[str, Any]]:
    return [{"type": "ui.show_view", "payload": {"root": root}}]


def form(*fields: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "ui.show_form", "payload": {"title": "T", "fields": fields}}]


@UPDATES
def test_rows_that_give_way_to_a_field_of_their_name_leave_no_box(update: Any) -> None:
    rows = {"id": "r", "label": "R", "columns": [{"id": "a", "label": "A"}], "min_rows": 1}
    state = compile(form(rows)).state
    assert "r/r1/a" in state.surfaces["main"].boxes
    result = compile(form({"id": "r", "label": "R"}), state=state, update=update)
    assert list(result.state.surfaces["main"].boxes) == ["r"]
    assert snapshot(result.state).ok
    assert UIState.from_json(result.state.to_json()) == result.state


def stacks(grown: int) -> list[dict[str, Any]]:
    texts = [("z" * 1500 if index < grown else "y") for index in range(20)]
    children = [
        {"node": "stack", "key": f"s{index}", "children": [{"node": "text", "text": text}]}
        for index, text in enumerate(texts)
    ]
    return view({"node": "stack", "children": children})


@pytest.mark.parametrize("limit", ["max_bytes_per_surface", "max_bytes_per_message"])
def test_a_surface_outgrows_its_bytes_in_small_steps_no_later_than_at_once(limit: str) -> None:
    app = UIApp("a", limits=replace(Limits(), **{limit: 20_000}))

    def refused_at(update: Any) -> int:
        state = None
        for grown in range(21):
            result = compile(stacks(grown), app=app, state=state, update=update)
            if not result.ok:
                return grown
            state = result.state
        raise AssertionError("it was never refused")

    assert refused_at("diff") == refused_at("auto") == refused_at("full")


class Asked(Node):
    """What the surface asks for."""

    node: Literal["asked"] = "asked"


def lower_asked(_node: Asked, path: NodePath, to: Lowering) -> str | None:
    return to.text(path, ", ".join(item.field.label for item in to.inputs.values()))


@UPDATES
def test_a_lowering_that_reads_inputs_sees_their_new_labels(update: Any) -> None:
    app = UIApp.standard()
    app.add_node(Asked, {"a2ui-v0.8": lower_asked})

    def shown(label: str) -> list[dict[str, Any]]:
        field = {"node": "field", "id": "n", "label": label}
        filler = [{"node": "text", "text": f"x{index}"} for index in range(70)]
        return view({"node": "stack", "children": [{"node": "asked"}, field, *filler]})

    state = compile(shown("One"), app=app).state
    sent = compile(shown("Two"), app=app, state=state, update=update).jsonl()
    assert (sent.count(b"One"), sent.count(b"Two")) == (0, 2)


def revision(_node: Asked, path: NodePath, to: Lowering) -> str | None:
    return to.text(path, f"revision {to.surface.rev}")


@UPDATES
def test_a_lowering_that_reads_the_surface_runs_in_every_turn(update: Any) -> None:
    app = UIApp.standard()
    app.add_node(Asked, {"a2ui-v0.8": revision})
    filler = [{"node": "text", "text": f"x{index}"} for index in range(70)]
    shown = view({"node": "stack", "children": [{"node": "asked"}, *filler]})
    state = compile(shown, app=app).state
    assert b"revision 2" in compile(shown, app=app, state=state, update=update).jsonl()


def test_a_template_where_another_was_shows_its_own_view() -> None:
    """Objects are made where others were, so that an address is no name."""
    for _ in range(50):
        first = ViewTemplate(root=Text(text="A"), version=1)
        first.view("t")
        second = first.model_copy(update={"root": Text(text="B")})
        del first
        gc.collect(0)  # what was just made is all that may be in the way
        others = [second.model_copy(update={"root": Text(text="C")}) for _ in range(20)]
        assert all(other.view("t").root == Text(text="C") for other in others)


def test_a_refusal_is_the_same_however_little_is_sent() -> None:
    """A part of a surface breaks less than the whole: an id that it names is not there."""
    image = {"node": "image", "bind": "/ui_state/note", "alt": "A"}
    filler = [{"node": "text", "text": f"x{index}"} for index in range(70)]
    card = {"node": "card", "children": [{"node": "text", "text": "A"}, image]}
    state = compile(view({"node": "stack", "children": [card, *filler]})).state
    ops = [{"op": "set", "path": "/ui_state/note", "value": "ui--surface--Column"}]
    patch = [{"type": "ui.patch", "payload": {"ops": ops}}]
    said = [compile(patch, state=state, update=update) for update in ("full", "diff", "auto")]
    codes = [[item.code for item in result.diagnostics] for result in said]
    assert codes[0] == codes[1] == codes[2]
    assert "A2UI_S2C_COMPONENT_ID_COLLISION" in codes[0]


def test_errors_in_cells_of_rows_that_stay_as_they_are() -> None:
    """A cell with an error is another component, and all of its rows are made anew."""
    wrong = [{"f0": "No."}, {"f0": "No.", "guests/r2/name": "No."}, {"f0": "No."}]
    said = iter(wrong)
    app = UIApp("a", inline_form_action="send")
    app.action("send")(lambda _action, _view: Outcome(field_errors=next(said)))
    rows = {"id": "guests", "label": "Guests", "columns": [{"id": "name", "label": "Name"}]}
    others = [{"id": f"f{index}", "label": "L"} for index in range(70)]
    state = compile(form({**rows, "min_rows": 3}, *others), app=app).state
    for number, errors in enumerate(wrong):
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
            "timestamp": f"2026-01-01T00:00:0{number}Z",
            "context": {**dict.fromkeys(surface.inputs_by_id, ""), "_rev": surface.rev},
        }
        result = dispatch({"userAction": event}, state=state, app=app)
        state = result.state
        assert state.surfaces["main"].status == "live", result.diagnostics
        assert state.surfaces["main"].data["ui_state"]["_errors"] == errors


@UPDATES
def test_a_turn_in_another_language_brings_the_librarys_words_along(update: Any) -> None:
    rows = {"id": "r", "label": "R", "columns": [{"id": "a", "label": "A"}]}
    state = compile(form(rows)).state
    patch = [{"type": "ui.patch", "payload": {"ops": [{"path": "/ui_state/x", "value": 1}]}}]
    result = compile(patch, state=state, turn=TurnContext(language="ja"), update=update)
    assert result.state.surfaces["main"].language == "ja"
    assert "\u8ffd\u52a0" in result.jsonl().decode()
    again = snapshot(result.state, turn=TurnContext(language="en"))
    assert "\u8ffd\u52a0" in again.jsonl().decode(), "a snapshot says what the state knows of"
