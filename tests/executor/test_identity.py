"""After a turn, what it did not change is the very same object."""

from __future__ import annotations

from typing import Any

from tests.flows import flows, press
from uicompiler import TurnContext, UIApp, UIState, compile, dispatch, restore
from uicompiler.app import Outcome
from uicompiler.executor.execute import execute
from uicompiler.ir.changes import PatchOp
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import children_of

ROWS = {"id": "guests", "label": "Guests", "columns": [{"id": "name", "label": "N"}], "min_rows": 1}
TREE = {
    "node": "stack",
    "children": [
        {"node": "section", "title": "One", "children": ["a", "b"]},
        {"node": "section", "title": "Two", "children": [{"node": "text", "bind": "/ui_state/n"}]},
        {"node": "field", "id": "f", "label": "F"},
        {"node": "field", "id": "g", "label": "G"},
        {"node": "rows", **ROWS},
        {"node": "button", "label": "Go", "action": "go", "submit": True, "args": {"x": 1}},
    ],
}


def app() -> UIApp:
    found = UIApp("identity", inline_form_action="go")

    @found.action("go")
    def go(action: Any, state: Any) -> Outcome:
        items = ({"id": "1", "n": "a"}, {"id": "2", "n": action.context["f"]})
        return Outcome(commit=[PatchOp("set", "/committed/items", list(items))])

    return found


APP = app()


def shown(tree: Any = TREE, state: UIState | None = None, **payload: Any) -> Surface:
    values = [{"path": "/ui_state/m", "value": {"k": [1, {"z": 2}]}}]
    directive = {"type": "ui.show_view", "payload": {"root": tree, "values": values, **payload}}
    result = compile([directive], app=APP, state=state)
    assert result.ok, result.diagnostics
    return result.state.surfaces["main"]


def patched(surface: Surface, path: str, value: Any) -> Surface:
    ops = [{"op": "set", "path": path, "value": value}]
    state = UIState("", {surface.name: surface})
    done = execute([{"type": "ui.patch", "payload": {"ops": ops}}], state, APP)
    assert done.ran == 1, done.diagnostics
    return done.state.surfaces[surface.name]


def same_parts(old: Surface, new: Surface, *, but: str) -> bool:
    return all(new.data[part] is old.data[part] for part in old.data if part != but)


def test_a_patch_of_a_field_leaves_the_rest_as_it_is() -> None:
    old = shown()
    new = patched(old, "/draft/f", "typed")
    assert new.view is old.view
    assert same_parts(old, new, but="draft")
    before, after = old.data["draft"], new.data["draft"]
    assert after["f"] == "typed"
    assert all(after[name] is before[name] for name in before if name != "f")
    assert new.inputs is old.inputs


def test_a_patch_of_what_is_there_already_changes_no_object() -> None:
    old = patched(shown(), "/draft/f", "typed")
    again = "".join(("ty", "ped"))  # another object of the same text
    assert patched(old, "/draft/f", again).data is old.data
    assert patched(old, "/ui_state/m", {"k": [1, {"z": 2}]}).data is old.data
    assert patched(old, "/ui_state/m/k/0", 1.0).data is not old.data


def test_a_value_written_anew_shares_what_is_equal_in_it() -> None:
    old = shown()
    new = patched(old, "/ui_state/m", {"k": [2, {"z": 2}]})
    assert new.data["ui_state"]["m"]["k"][1] is old.data["ui_state"]["m"]["k"][1]


def test_rows_that_change_are_new_inputs_beside_the_old_ones() -> None:
    old = shown()
    new = patched(old, "/draft/guests/r1/name", "Ada")
    assert [item.id for item in new.inputs] == ["f", "g", "guests/r1/name"]
    assert new.inputs_by_id["f"] is old.inputs_by_id["f"]
    grown = patched(new, "/draft/guests", [{"name": "Bo"}])
    assert [item.id for item in grown.inputs][-1] == "guests/r2/name"
    assert [item.id for item in old.inputs][-1] == "guests/r1/name"


def test_a_view_composed_again_is_the_same_view() -> None:
    old = shown()
    state = UIState("", {"main": old})
    again = shown(TREE, state)
    assert again.view is old.view
    assert again.data["draft"] is old.data["draft"]
    changed = {**TREE, "children": [TREE["children"][0], "new", *TREE["children"][2:]]}
    other = shown(changed, state)
    assert other.view is not None
    assert old.view is not None
    before, after = children_of(old.view.root), children_of(other.view.root)
    assert [new is was for new, was in zip(after, before, strict=True)] == [
        *(True, False),
        *(True, True, True, True),
    ]


def test_an_event_leaves_what_it_did_not_bring_as_it_is() -> None:
    first = compile(
        [{"type": "ui.show_view", "payload": {"root": TREE}}], app=APP, state=UIState("")
    )
    old = first.state.surfaces["main"]
    context = {"f": "x", "g": "", "guests/r1/name": "", "x": 1}
    state = sent(first.state, context)
    new = state.surfaces["main"]
    assert (new.view, new.data["ui_state"]) == (old.view, old.data["ui_state"])
    assert new.view is old.view
    assert new.data["draft"]["guests"] is old.data["draft"]["guests"]
    last = sent(state, {**context, "f": "".join("x")}).surfaces["main"]
    assert last.data["draft"] is new.data["draft"]
    assert last.data["committed"] is new.data["committed"]
    other = sent(state, {**context, "f": "y"}).surfaces["main"]
    assert other.data["committed"]["items"][0] is new.data["committed"]["items"][0]
    assert other.data["committed"]["items"][1] is not new.data["committed"]["items"][1]


def sent(state: UIState, context: dict[str, Any]) -> UIState:
    surface = state.surfaces["main"]
    buttons = APP_BUTTONS(surface)
    ident = next(name for name, pressed in buttons.items() if pressed.button.action == "go")
    action = {
        "name": "go",
        "surfaceId": "main",
        "sourceComponentId": ident,
        "timestamp": "2026-01-01T00:00:00Z",
        "context": {**context, "_rev": surface.rev},
    }
    step = dispatch({"userAction": action}, state=state, app=APP, turn=TurnContext())
    assert step.ok, step.diagnostics
    assert step.outcome is not None, step.field_errors
    return step.state


def APP_BUTTONS(surface: Surface) -> Any:
    from uicompiler.backends.registry import backend_named

    return backend_named("a2ui-v0.8").buttons(surface)


def test_a_step_shown_again_is_the_same_view() -> None:
    flow = flows()
    days = {"from": "2026-05-06", "to": "2026-05-08"}
    first = compile([{"type": "ui.show_form", "payload": {"form_id": "trip"}}], app=flow).state
    second = press(first, flow, "next--Button", **days).state
    back = press(second, flow, "back--Button").state
    there = press(back, flow, "next--Button", **days).state
    views = [state.surfaces["main"].view for state in (first, second, back, there)]
    assert views[0] is views[2]
    assert views[1] is views[3]
    assert views[0] is not views[1]


def test_a_template_gives_one_view_and_a_changed_copy_another() -> None:
    form = flows().forms["party"]
    copy = form.model_copy(update={"title": "Other"})
    assert form.view("party") is form.view("party")
    assert copy.view("party").root != form.view("party").root
    assert form == form.model_copy()


def test_what_comes_back_as_it_is_stays_as_it_is() -> None:
    first = compile([{"type": "ui.show_view", "payload": {"root": TREE}}], app=APP).state
    then = UIState.from_json(first.to_json())
    back = restore(first, then, app=APP)
    old, new = first.surfaces["main"], back.state.surfaces["main"]
    assert new.view is old.view
    assert new.data is old.data
