"""Names and values that no client could take never reach the state."""

from __future__ import annotations

import math
from typing import Any

import pytest

from clientsim import ClientSim
from tests.crm import SAVE, event
from uicompiler import Outcome, PatchOp, Payload, UIApp, UIState, compile, dispatch
from uicompiler.directives.registry import DirectiveContext
from uicompiler.ir.changes import Change, Patch, ShowView
from uicompiler.ir.fields import Field
from uicompiler.ir.layout import Stack
from uicompiler.ir.tree import View
from uicompiler.ir.values import FrozenDict

FORM = {"title": "T", "fields": [{"id": "a", "label": "A", "kind": "number"}]}


def show(**payload: Any) -> list[dict[str, Any]]:
    return [{"type": "ui.show_form", "payload": {**FORM, **payload}}]


@pytest.mark.parametrize(
    "name", ["constructor", "prototype", "__proto__", "", "a b", "-a", "a" * 65, "main#e=2", "ä"]
)
def test_a_surface_has_a_name_that_clients_and_ids_can_carry(name: str) -> None:
    before = compile(show()).state
    result = compile(show(surface=name), state=before)
    assert not result.ok
    assert result.state is before
    [finding] = result.diagnostics
    assert finding.code == "DIRECTIVE_PAYLOAD_INVALID"
    assert finding.pointer == "/directives/0/payload/surface"


@pytest.mark.parametrize(
    "op",
    [
        PatchOp("set", "/committed/__proto__", 1),
        PatchOp("set", "/committed/__proto__/x", 1),
        PatchOp("set", "/committed/a/constructor/x", 1),
        PatchOp("append", "/committed/prototype", 1),
        PatchOp("set", "/committed/a", {"__proto__": 1}),
        PatchOp("set", "/committed", {}),
    ],
    ids=lambda op: op.path,
)
def test_a_commit_through_names_of_javascript_is_a_bug_of_the_handler(op: PatchOp) -> None:
    app = UIApp("app", inline_form_action="submit")
    app.add_action("submit", lambda _action, _view: Outcome([op]))
    state = compile(show(), app=app).state
    sent = event(state, action="submit", component=SAVE, context={"a": "1", "_rev": 1})
    with pytest.raises(ValueError, match="a handler commit"):
        dispatch(sent, state=state, app=app)


def changing(*changes: Change) -> UIApp:
    """An app whose directive asks for the given changes, whatever they are."""
    app = UIApp("app", inline_form_action="submit")

    @app.directive("t.do", payload=Payload, summary="Do it.")
    def do(_payload: Payload, _context: DirectiveContext) -> list[Change]:
        return list(changes)

    return app


@pytest.mark.parametrize("number", [math.nan, math.inf, 2**53 + 1])
@pytest.mark.parametrize("kind", ["view", "patch"])
def test_a_directive_of_the_apps_own_leaves_no_ill_formed_state(kind: str, number: float) -> None:
    values = FrozenDict({"/draft/a": number})
    view = View(Stack(children=(Field(id="a", kind="number", label="A"),)))
    change: Change = ShowView("main", view, values)
    if kind == "patch":
        change = Patch("main", [PatchOp("set", "/draft/a", number)])
    app = changing(change)
    before = compile(show(), app=app).state
    result = compile([{"type": "t.do", "payload": {}}], app=app, state=before)
    assert not result.ok
    assert result.state is before
    [finding] = result.diagnostics
    assert (finding.code, finding.pointer) == ("DIRECTIVE_VIEW_INVALID", "/directives/0")
    assert UIState.from_json(result.state.to_json()) == before


def test_two_patches_of_one_turn_both_reach_the_client() -> None:
    fields = [{"id": name, "label": name} for name in ("a", "b")]
    before = compile(show(fields=fields))
    patches = [
        {"type": "ui.patch", "payload": {"ops": [{"op": "set", "path": path, "value": "new"}]}}
        for path in ("/draft/a", "/draft/b")
    ]
    result = compile(patches, state=before.state)
    sim = ClientSim()
    for message in (*before.messages, *result.messages):
        sim.apply(message)
    assert [sim.value_at("main", f"/draft/{name}/v") for name in ("a", "b")] == ["new", "new"]
    assert not any("surfaceUpdate" in message for message in result.messages)
