"""The way back: what the user did reaches the app typed, once, and nothing typed is lost."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest

from clientsim import ClientSim
from tests.crm import SAVE, TestSigner, crm, event, shown
from uicompiler import (
    Action,
    IngressError,
    Outcome,
    Receipt,
    StateView,
    ToolCall,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
)


def test_a_submit_arrives_typed_and_is_committed() -> None:
    state = shown().state
    step = dispatch(event(state), state=state, app=crm())
    assert step.ok
    assert step.status == 200
    assert step.action is not None
    assert dict(step.action.context) == {
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "stage": "talking",
        "deal_size": 12.5,
        "follow_up": "2026-03-06",
        "newsletter": True,
        "phone": None,
        "website": None,
        "tags": None,
        "emails": (),
        "notes": None,
    }
    assert step.state.surfaces["main"].data["committed"]["contact"] == step.action.context
    assert [effect.kind for effect in step.effects] == ["toast"]


def test_a_field_error_keeps_what_the_user_typed_and_calls_no_handler() -> None:
    first = shown()
    step = dispatch(event(first.state, email="not an address"), state=first.state, app=crm())
    assert step.ok
    assert step.status == 422
    assert step.action is None
    assert set(step.field_errors) == {"email"}
    assert step.state.surfaces["main"].data["draft"]["email"] == "not an address"
    assert step.state.surfaces["main"].data["committed"] == {}
    assert b'"/draft/email"' not in step.jsonl(), "what the user typed is not written back"
    sim = ClientSim("web_core")
    assert sim.feed(first.jsonl() + step.jsonl()) == []
    assert "Please enter an e-mail address" in sim.screen("main")


def test_field_errors_go_away_with_the_next_good_submit() -> None:
    state = shown().state
    wrong = dispatch(event(state, email=""), state=state, app=crm())
    right = dispatch(event(wrong.state), state=wrong.state, app=crm())
    assert right.status == 200
    assert "_errors" not in right.state.surfaces["main"].data["ui_state"]


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"name": "  "}, "name", None),
        ({"name": "x" * 81}, "name", "at most 80"),
        ({"deal_size": "abc"}, "deal_size", "number"),
        ({"deal_size": "-1"}, "deal_size", "0 or more"),
        ({"deal_size": "1e999"}, "deal_size", "number"),
        ({"deal_size": 1000001}, "deal_size", "1000000 or less"),
        ({"follow_up": "tomorrow"}, "follow_up", "date"),
        ({"follow_up": "2026-02-30"}, "follow_up", "date"),
        ({"stage": ["lead", "talking"]}, "stage", "only one"),
        ({"name": None}, "name", "fill this in"),
    ],
)
def test_rules_are_checked_on_the_server(
    changed: dict[str, Any], field: str, expected: str | None
) -> None:
    state = shown().state
    step = dispatch(event(state, **changed), state=state, app=crm())
    if expected is None:
        assert step.field_errors == {}
    else:
        assert expected in step.field_errors[field]


@pytest.mark.parametrize("emptied", [None, {}, []])
def test_an_emptied_choice_is_nothing(emptied: object) -> None:
    state = shown().state
    step = dispatch(event(state, stage=emptied), state=state, app=crm())
    assert step.action is not None
    assert step.action.context["stage"] is None


def test_two_chosen_options_stay_in_the_draft_as_sent() -> None:
    state = shown().state
    step = dispatch(event(state, stage=["lead", "talking"]), state=state, app=crm())
    assert step.state.surfaces["main"].data["draft"]["stage"] == ("lead", "talking")


def test_a_repeated_event_gets_its_first_answer_and_acts_once() -> None:
    signer = TestSigner()
    first = shown(TurnContext("c1", signer=signer))
    nonce = signer.nonce("c1", "main", 1, "k1")
    sent = event(first.state, _nonce=nonce)
    one = dispatch(
        sent, state=first.state, app=crm(), turn=TurnContext("c1", signer=signer, seen={})
    )
    assert one.receipt is not None
    assert nonce not in str(one.receipt.to_dict()), "receipts hold no nonces"
    stored = Receipt.from_dict(one.receipt.to_dict())
    turn = TurnContext("c1", signer=signer, seen={stored.key: stored})
    again = dispatch(sent, state=one.state, app=crm(), turn=turn)
    assert again.repeated
    assert again.state is one.state
    assert again.jsonl() == one.jsonl()
    assert again.effects == one.effects
    assert again.action == one.action
    assert again.receipt == one.receipt


def test_a_key_with_another_payload_is_refused() -> None:
    state = shown().state
    one = dispatch(event(state), state=state, app=crm(), turn=TurnContext(idempotency_key="k"))
    assert one.receipt is not None
    turn = TurnContext(idempotency_key="k", seen={"k": one.receipt})
    other = dispatch(event(one.state, name="Grace"), state=one.state, app=crm(), turn=turn)
    assert [d.code for d in other.diagnostics] == ["A2UI_C2S_KEY_REUSED"]
    assert other.status == 409
    assert other.receipt is None


def test_a_client_error_builds_the_surface_anew_with_the_draft() -> None:
    first = shown(values={"name": "Ada"})
    report = {"error": {"surfaceId": "main", "message": "render failed"}}
    step = dispatch(report, state=first.state, app=crm())
    assert step.ok
    assert step.state.surfaces["main"].epoch == 2
    sim = ClientSim("web_core")
    assert sim.feed(first.jsonl() + step.jsonl()) == []
    assert sim.surface_ids() == ["main#e=2"]
    assert sim.value_at("main#e=2", "/draft/name/v") == "Ada"
    assert "A2UI_S2C_DRAFT_AT_RISK" in [d.code for d in step.diagnostics]


def test_a_surface_that_fails_again_and_again_is_taken_away() -> None:
    state = shown().state
    sim = ClientSim("web_core")
    for epoch in range(1, 5):
        surface_id = "main" if epoch == 1 else f"main#e={epoch}"
        report = {"error": {"surfaceId": surface_id, "message": "no"}}
        step = dispatch(report, state=state, app=crm())
        state = step.state
        sim.feed(step.jsonl())
    assert not step.ok
    assert step.fallback is not None
    assert state.surfaces["main"].status == "failed"
    assert sim.surface_ids() == []
    assert compile(
        [{"type": "ui.show_form", "payload": {"form_id": "contact"}}], app=crm(), state=state
    ).ok


def test_an_app_may_give_up_a_surface_at_the_first_client_error() -> None:
    for recovery, shown_after in (("surface_fail", 0), ("soft_fail", 1)):
        app = UIApp(
            "impatient",
            inline_form_action="submit",
            recoveries={"A2UI_C2S_CLIENT_ERROR": recovery},
        )
        state = _inline(app)
        step = dispatch({"error": {"surfaceId": "main"}}, state=state, app=app)
        assert len(list(step.state.live_surfaces())) == shown_after


def test_strict_raises_the_same_diagnostics() -> None:
    state = shown().state
    forged = event(state, action="drop_table")
    with pytest.raises(IngressError) as caught:
        dispatch({**forged, "x": 1}, state=state, app=crm(), strict=True)
    assert caught.value.code == "A2UI_C2S_ENVELOPE_INVALID"
    assert caught.value.status == 400


def test_a_bug_in_a_handler_is_not_swallowed() -> None:
    app = UIApp("buggy", inline_form_action="submit")

    @app.action("submit")
    def broken(_action: Action, _view: StateView) -> Outcome:
        raise ZeroDivisionError("a bug")

    state = _inline(app)
    with pytest.raises(ZeroDivisionError):
        dispatch(_submit(state), state=state, app=app)


def test_a_commit_outside_committed_is_a_bug_of_the_handler() -> None:
    from uicompiler import PatchOp

    app = UIApp("greedy", inline_form_action="submit")

    @app.action("submit")
    def greedy(_action: Action, _view: StateView) -> Outcome:
        return Outcome(commit=[PatchOp("set", "/draft/name", "mine")])

    state = _inline(app)
    with pytest.raises(ValueError, match="/committed"):
        dispatch(_submit(state), state=state, app=app)


def test_tool_results_continue_the_same_event() -> None:
    app = UIApp("tools", inline_form_action="submit")

    @app.action("submit")
    def look_up(action: Action, _view: StateView) -> Outcome:
        from uicompiler import PatchOp

        if action.tool_results is None:
            return Outcome(tool_calls=[ToolCall("t1", "lookup", {"name": action.context["name"]})])
        found = action.tool_results["t1"]
        return Outcome(commit=[PatchOp("set", "/committed/found", found)])

    state = _inline(app)
    sent = _submit(state)
    seen: dict[str, Receipt] = {}
    asked = dispatch(sent, state=state, app=app, turn=TurnContext(seen=seen))
    assert [call.name for call in asked.tool_calls] == ["lookup"]
    assert asked.receipt is not None
    seen[asked.receipt.key] = asked.receipt
    done = dispatch(
        sent, state=asked.state, app=app, turn=TurnContext(seen=seen), tool_results={"t1": 42}
    )
    assert done.ok, done.diagnostics
    assert done.state.surfaces["main"].data["committed"] == {"found": 42}
    assert done.receipt is not None
    seen[done.receipt.key] = done.receipt
    again = dispatch(
        sent, state=done.state, app=app, turn=TurnContext(seen=seen), tool_results={"t1": 42}
    )
    assert again.repeated


def test_field_errors_after_tool_results_are_shown() -> None:
    app = UIApp("tools", inline_form_action="submit")

    @app.action("submit")
    def look_up(action: Action, _view: StateView) -> Outcome:
        if action.tool_results is None:
            return Outcome(tool_calls=[ToolCall("t1", "lookup")])
        return Outcome(field_errors={"name": "Nobody has this name."})

    state = _inline(app)
    sent = _submit(state)
    asked = dispatch(sent, state=state, app=app, turn=TurnContext(seen={}))
    assert asked.receipt is not None
    turn = TurnContext(seen={asked.receipt.key: asked.receipt})
    done = dispatch(sent, state=asked.state, app=app, turn=turn, tool_results={"t1": 0})
    assert done.status == 422
    assert b"Nobody has this name" in done.jsonl()
    assert done.state.surfaces["main"].rev == asked.state.surfaces["main"].rev + 1


def test_a_handlers_field_errors_stand_beside_the_fields() -> None:
    app = UIApp("names", inline_form_action="submit")

    @app.action("submit")
    def taken(_action: Action, _view: StateView) -> Outcome:
        return Outcome(field_errors={"name": "This name is taken."})

    state = _inline(app)
    step = dispatch(_submit(state), state=state, app=app)
    assert step.status == 422
    assert b"This name is taken" in step.jsonl()


class Colour(StrEnum):
    RED = "red"


def test_what_a_handler_sets_is_the_json_it_stands_for() -> None:
    app = UIApp("names", inline_form_action="submit")

    @app.action("submit")
    def coloured(_action: Action, _view: StateView) -> Outcome:
        form = {"title": "Who?", "fields": [{"id": "name", "label": "Name"}]}
        values = {"/draft/name": Colour.RED, "/ui_state/seen": [Colour.RED]}
        return Outcome(directives=[{"type": "ui.show_form", "payload": {**form, "values": values}}])

    state = _inline(app)
    step = dispatch(_submit(state), state=state, app=app)
    document = step.state.surfaces["main"].data
    assert type(document["draft"]["name"]) is str
    assert document["draft"]["name"] == "red"
    assert type(document["ui_state"]["seen"][0]) is str


def _inline(app: UIApp) -> UIState:
    form = {"title": "Who?", "fields": [{"id": "name", "label": "Name"}]}
    result = compile([{"type": "ui.show_form", "payload": form}], app=app)
    assert result.ok
    return result.state


def _submit(state: UIState) -> dict[str, Any]:
    return event(state, action="submit", component=SAVE, context={"name": "Ada", "_rev": 1})


def test_what_a_user_typed_may_hold_any_character_and_is_shown_clean() -> None:
    first = shown()
    state = first.state
    step = dispatch(event(state, name="Ada\u202eevil\u0007"), state=state, app=crm())
    assert step.ok, step.diagnostics
    assert step.action is not None
    assert step.action.context["name"] == "Ada\u202eevil\u0007"
    sim = ClientSim("web_core")
    assert sim.feed(first.jsonl() + step.jsonl()) == []
    assert "Adaevil" in sim.screen("main")
    assert "A2UI_S2C_COMPONENT_TEXT_FORBIDDEN" in [item.code for item in step.diagnostics]
