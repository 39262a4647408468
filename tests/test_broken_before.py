"""What once broke: each test is one way in which it did."""

from __future__ import annotations

from typing import Any

import pytest

from tests.crm import TestSigner
from tests.flows import flows, press
from uicompiler import (
    Action,
    Outcome,
    StateView,
    TurnContext,
    UIApp,
    UIState,
    compile,
    conversation,
    dispatch,
    snapshot,
)
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.wizard import WizardTemplate


def form(*fields: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "ui.show_form", "payload": {"title": "A", "fields": list(fields)}}]


def test_a_field_that_becomes_rows_leaves_no_box_of_another_kind() -> None:
    state = compile(form({"id": "guests", "label": "How many"})).state
    rows = {"id": "guests", "label": "Guests", "columns": [{"id": "n", "label": "N"}]}
    state = compile(form(rows), state=state).state
    assert snapshot(state).ok
    assert UIState.from_json(state.to_json()) == state


@pytest.mark.parametrize("item_key", [[], {}, 3, True])
def test_an_item_key_of_another_type_is_refused(item_key: Any) -> None:
    item = {"node": "text", "bind": "."}
    root = {"node": "list", "bind": "/ui_state/l", "item_key": item_key, "item": item}
    result = compile([{"type": "ui.show_view", "payload": {"root": root}}])
    assert {found.code for found in result.diagnostics} <= {
        "DIRECTIVE_PAYLOAD_INVALID",
        "DIRECTIVE_REPAIRED",
    }


@pytest.mark.parametrize(
    "field",
    [
        {"id": "a/r1/b", "label": "X"},
        {"id": "a/b", "label": "X", "columns": [{"id": "c", "label": "C"}]},
        {"id": "a", "label": "X", "columns": [{"id": "b/c", "label": "C"}]},
    ],
)
def test_no_id_can_be_taken_for_a_cells(field: dict[str, Any]) -> None:
    assert not compile(form(field)).ok


def test_a_hundred_rows_of_many_columns_stay_within_a_message() -> None:
    columns = [{"id": f"c{n}", "label": f"Column {n}"} for n in range(6)]
    rows = {"id": "g", "label": "G", "columns": columns, "max_rows": 100, "min_rows": 0}
    values = {"g": [{"c0": "x" * 40} for _ in range(100)]}
    directives = form(rows)
    directives[0]["payload"]["values"] = values
    result = compile(directives)
    assert result.ok, result.diagnostics
    assert max(len(line) for line in result.jsonl().splitlines()) < 1024 * 1024


SECRETS = {
    "title": "Sign up",
    "steps": [
        {"id": "one", "title": "One", "fields": [{"id": "n", "label": "N", "required": True}]},
        {
            "id": "two",
            "title": "Two",
            "fields": [
                {"id": "pin", "kind": "secret", "label": "PIN", "min_length": 8},
                {"id": "again", "kind": "secret", "label": "Again"},
            ],
            "rules": [{"field": "again", "op": "eq", "other": "pin", "message": "Differ."}],
        },
    ],
    "review": False,
    "buttons": [{"key": "fin", "label": "Finish", "action": "finish", "submit": True}],
}


def sign_up() -> UIApp:
    app = UIApp("sign_up")
    app.add_form("sign_up", WizardTemplate.model_validate(SECRETS))
    app.add_action("finish")
    return app


def at_two(app: UIApp) -> UIState:
    show = {"type": "ui.show_form", "payload": {"form_id": "sign_up"}}
    return press(compile([show], app=app).state, app, "next", n="1").state


def test_a_secret_that_breaks_its_rules_gets_no_handle_behind_another_fault() -> None:
    app = sign_up()
    clear = {"type": "ui.show_form", "payload": {"form_id": "sign_up", "values": {"n": ""}}}
    state = compile([clear], app=app, state=at_two(app)).state
    step = press(state, app, "fin", pin="x", again="x")
    assert step.state.surfaces["main"].data["draft"]["pin"] == ""
    assert step.secrets.keys() <= {step.state.surfaces["main"].data["draft"]["again"]}


def test_two_secrets_that_were_equal_when_typed_stay_so() -> None:
    app = sign_up()
    wrong = press(at_two(app), app, "fin", pin="hunter22", again="hunter23")
    assert wrong.field_errors == {"again": "Differ."}
    right = press(wrong.state, app, "fin", pin="hunter22", again="hunter22")
    assert right.action is not None
    back = press(
        press(at_two(app), app, "back", pin="hunter22", again="hunter22").state, app, "next"
    )
    assert back.field_errors == {"n": "Please fill this in."}


@pytest.mark.parametrize("typed", ["secret:redacted", "secret:abc"])
def test_no_client_can_type_a_handle(typed: str) -> None:
    app = sign_up()
    step = press(at_two(app), app, "fin", pin=typed, again=typed)
    assert [found.code for found in step.diagnostics] == ["A2UI_C2S_CONTEXT_INVALID"]


@pytest.mark.parametrize("typed", [4711, ["4711"], {"a": "4711"}])
def test_a_secret_of_another_type_reaches_no_log(typed: Any) -> None:
    app = sign_up()
    state = at_two(app)
    event = _event(state, "fin", pin=typed, again="")
    step = dispatch(event, state=state, app=app)
    told = conversation.step_records(event, step, turn=TurnContext(), state=state)
    assert "4711" not in str(told)


def test_a_late_event_brings_no_secret_into_the_log() -> None:
    app = sign_up()
    state = at_two(app)
    event = _event(state, "fin", pin="correct horse", again="correct horse")
    later = compile([{"type": "ui.close", "payload": {}}], app=app, state=state).state
    step = dispatch(event, state=later, app=app)
    assert [found.code for found in step.diagnostics] == ["A2UI_C2S_SURFACE_STALE"]
    told = conversation.step_records(event, step, turn=TurnContext(), state=later)
    assert "correct horse" not in str(told)


def _event(state: UIState, key: str, **context: Any) -> dict[str, Any]:
    surface = state.surfaces["main"]
    return {
        "userAction": {
            "name": "finish",
            "surfaceId": "main",
            "sourceComponentId": f"ui--root--card--wizard--actions--{key}--Button",
            "timestamp": "2026-01-01T09:00:00Z",
            "context": {**context, "_rev": surface.rev},
        }
    }


def test_tool_results_bring_no_closed_wizard_back() -> None:
    app = flows()

    def ask(action: Action, _view: StateView) -> Outcome:
        from uicompiler import ToolCall

        if action.tool_results is None:
            return Outcome(tool_calls=[ToolCall("t", "look", {})])
        return Outcome(field_errors={"from": "Taken."})

    app.add_action("ask", ask)
    button = {"label": "Ask", "key": "ask", "action": "ask"}
    app.add_form(
        "small",
        FormTemplate.model_validate(
            {"title": "T", "fields": [{"id": "from", "label": "F"}], "buttons": [button]}
        ),
    )
    turn = TurnContext(signer=TestSigner(), seen={})
    show = {"type": "ui.show_form", "payload": {"form_id": "small"}}
    first = compile([show], app=app, turn=turn)
    nonce = TestSigner().nonce("", "main", 1, TestSigner().key_id)
    event = {
        "userAction": {
            "name": "ask",
            "surfaceId": "main",
            "sourceComponentId": "ui--root--card--form--actions--ask--Button",
            "timestamp": "2026-01-01T09:00:00Z",
            "context": {"_rev": 1, "_nonce": nonce},
        }
    }
    step = dispatch(event, state=first.state, app=app, turn=turn)
    assert step.receipt is not None
    closed = compile([{"type": "ui.close", "payload": {}}], app=app, state=step.state, turn=turn)
    seen = {step.receipt.key: step.receipt}
    again = TurnContext(signer=TestSigner(), seen=seen)
    done = dispatch(event, state=closed.state, app=app, turn=again, tool_results={"t": 1})
    assert done.state.surfaces["main"].status == "closed"
    assert done.messages == ()


def test_an_error_of_a_client_shows_no_expired_view_again() -> None:
    state = compile(
        [{"type": "ui.show_form", "payload": {"form_id": "trip"}}], app=flows(version=1)
    ).state
    event = {"error": {"code": "X", "message": "broken", "surfaceId": "main"}}
    step = dispatch(event, state=state, app=flows(version=2))
    assert step.state.surfaces["main"].status == "expired"
    assert "This view has expired" in step.jsonl().decode()


def test_a_step_that_fell_away_decides_nothing() -> None:
    steps = [
        {"id": "a", "title": "A", "fields": [{"id": "car", "kind": "boolean", "label": "Car"}]},
        {
            "id": "b",
            "title": "B",
            "when": {"field": "car", "op": "eq", "value": True},
            "fields": [{"id": "plug", "kind": "boolean", "label": "Electric"}],
        },
        {
            "id": "c",
            "title": "C",
            "when": {"field": "plug", "op": "eq", "value": True},
            "fields": [{"id": "x", "label": "X"}],
        },
    ]
    button = {"label": "Go", "action": "go", "submit": True}
    wizard = WizardTemplate.model_validate({"title": "W", "steps": steps, "buttons": [button]})
    assert wizard.step_ids({"car": True, "plug": True}) == ("a", "b", "c", "review")
    assert wizard.step_ids({"car": False, "plug": True}) == ("a", "review")


def test_a_long_answer_is_shown_by_its_beginning() -> None:
    steps = [{"id": "a", "title": "A", "fields": [{"id": "t", "kind": "long_text", "label": "T"}]}]
    button = {"label": "Go", "action": "go", "submit": True}
    app = UIApp("long")
    app.add_action("go")
    wizard = {"title": "W", "steps": steps, "buttons": [button]}
    app.add_form("w", WizardTemplate.model_validate(wizard))
    state = compile([{"type": "ui.show_form", "payload": {"form_id": "w"}}], app=app).state
    step = press(state, app, "next", t="line\n" * 5000)
    assert step.ok, step.diagnostics
    assert step.state.surfaces["main"].live


def test_a_handler_cannot_commit_what_is_no_json() -> None:
    import datetime

    from uicompiler import PatchOp

    app = UIApp("app")
    today = datetime.date(2026, 1, 1)
    app.add_action("go", lambda _a, _v: Outcome([PatchOp("set", "/committed/x", today)]))
    root = {"node": "button", "label": "Go", "action": "go", "key": "go"}
    state = compile([{"type": "ui.show_view", "payload": {"root": root}}], app=app).state
    with pytest.raises(ValueError, match="JSON does not have"):
        press(state, app, "Button")


def test_a_handler_that_gives_nothing_is_named() -> None:
    app = UIApp("app")
    app.add_action("go", lambda _action, _view: None)  # type: ignore[arg-type, return-value]
    root = {"node": "button", "label": "Go", "action": "go"}
    state = compile([{"type": "ui.show_view", "payload": {"root": root}}], app=app).state
    with pytest.raises(TypeError, match="handler of 'go' gave a NoneType, expected an Outcome"):
        press(state, app, "Button")


@pytest.mark.parametrize("given", [{"app": "crm"}, {"client": "web_core"}])
def test_an_argument_of_another_type_is_named(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=f"{next(iter(given))} is a"):
        compile([], **given)


def test_two_components_of_one_id_are_reported() -> None:
    from typing import Literal

    from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering
    from uicompiler.ir.base import Node
    from uicompiler.ir.tree import NodePath

    class Twice(Node):
        """A node whose lowering makes a mistake."""

        node: Literal["twice"] = "twice"

    def lower(_node: Twice, path: NodePath, to: Lowering) -> str:
        ids = [to.text(path, text, role="a") for text in ("one", "two")]
        return to.box(path, [ident for ident in ids if ident is not None])

    app = UIApp("app")
    app.add_node(Twice, {"a2ui-v0.8": lower})
    result = compile([{"type": "ui.show_view", "payload": {"root": {"node": "twice"}}}], app=app)
    assert "A2UI_S2C_COMPONENT_ID_DUPLICATE" in [found.code for found in result.diagnostics]
    assert not result.ok


@pytest.mark.parametrize(
    "rule",
    [
        {"op": "ge", "value": 3},
        {"op": "ge", "other": "mail"},
        {"op": "eq", "value": True},
    ],
)
def test_a_rule_that_can_hold_nobody_back_is_refused(rule: dict[str, Any]) -> None:
    fields = [{"id": "to", "kind": "date", "label": "To"}, {"id": "mail", "label": "Mail"}]
    button = {"label": "Go", "action": "go", "submit": True}
    form = {"title": "T", "fields": fields, "buttons": [button]}
    with pytest.raises(ValueError, match="compares what does not compare"):
        FormTemplate.model_validate({**form, "rules": [{"field": "to", "message": "No.", **rule}]})


def test_a_review_says_no_and_zero() -> None:
    from uicompiler.ir.fields import Field
    from uicompiler.ir.words import shown
    from uicompiler.texts import english

    flag = Field(id="a", kind="boolean", label="A")
    number = Field(id="b", kind="number", label="B")
    assert [shown(flag, False, english), shown(number, 0, english)] == ["No", "0"]
    assert shown(number, None, english) == shown(flag, None, english) == "\u2014"


def test_rows_of_a_view_speak_the_language_of_the_turn() -> None:
    texts = {"de": {"rows.add": "Hinzu"}}
    app = UIApp("app", inline_form_action="go", texts=texts)
    root = {"node": "rows", "id": "g", "label": "G", "columns": [{"id": "n", "label": "N"}]}
    shown = [{"type": "ui.show_view", "payload": {"root": root}}]
    result = compile(shown, app=app, turn=TurnContext(language="de"))
    assert "Hinzu" in result.jsonl().decode()
