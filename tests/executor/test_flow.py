"""Through a wizard and back, and what its last step sends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows import flows, press
from uicompiler import StepResult, UIState, compile

APP = flows()
DAYS = {"from": "2026-05-06", "to": "2026-05-08"}
WHO = {"guests__r1__name": "Ada", "guests__r1__age": "36", "pin": "1234"}


def trip(**payload: Any) -> UIState:
    form = {"form_id": "trip", **payload}
    return compile([{"type": "ui.show_form", "payload": form}], app=APP).state


def step_of(state: UIState) -> str | None:
    view = state.surfaces["main"].view
    return None if view is None else view.step


def go(state: UIState, button: str = "next", **context: Any) -> StepResult:
    return press(state, APP, f"{button}--Button", **context)


def test_next_leads_on_once_the_step_is_right() -> None:
    assert step_of(trip()) == "when"
    wrong = go(trip(), **{**DAYS, "to": "2026-05-01"})
    assert (step_of(wrong.state), wrong.field_errors) == ("when", {"to": "Leave after you arrive."})
    assert wrong.status == 422
    assert step_of(go(wrong.state, **DAYS).state) == "who"


def test_a_step_with_a_condition_is_there_only_when_it_holds() -> None:
    state = go(trip(), **DAYS, car=True).state
    assert step_of(state) == "parking"
    back = go(state, "back", plate="B-AD 1").state
    assert step_of(back) == "when"
    assert step_of(go(back, **DAYS, car=False).state) == "who"


def test_back_keeps_what_was_typed_though_it_is_not_right_yet() -> None:
    state = go(go(trip(), **DAYS).state, "back", guests__r1__age="old").state
    assert step_of(state) == "when"
    assert state.surfaces["main"].data["draft"]["guests"]["r1"]["age"] == "old"


def test_the_last_step_sends_the_fields_of_all_steps() -> None:
    review = go(go(trip(), **DAYS).state, **WHO)
    assert step_of(review.state) == "review"
    done = go(review.state, "book")
    assert done.action is not None
    context = dict(done.action.context)
    assert context.pop("pin").startswith("secret:")
    assert context == {
        "from": "2026-05-06",
        "to": "2026-05-08",
        "car": False,
        "guests": ({"id": "r1", "name": "Ada", "age": 36},),
    }
    assert done.state.surfaces["main"].data["committed"]["trip"] == done.action.context


def test_a_step_that_is_left_out_sends_nothing() -> None:
    state = go(trip(), **DAYS, car=True).state
    state = go(go(state, plate="B-AD 1").state, "back").state
    state = go(state, "back").state
    done = go(go(go(state, **DAYS, car=False).state, **WHO).state, "book")
    assert done.action is not None
    assert "plate" not in done.action.context


def test_the_first_step_with_something_wrong_is_shown_again_at_the_end() -> None:
    app = flows()
    state = go(go(trip(), **DAYS).state, **WHO).state
    # A handler's directive may write to fields of a step only while it is shown.
    values = {"to": "2026-05-01"}
    again = {"type": "ui.show_form", "payload": {"form_id": "trip", "values": values}}
    state = compile([again], app=app, state=state).state
    assert step_of(state) == "review"
    step = press(state, app, "book--Button")
    assert (step_of(step.state), step.field_errors) == ("when", {"to": "Leave after you arrive."})
    assert step.action is None


def test_a_secret_is_in_no_state_log_or_receipt() -> None:
    step = go(go(trip(), **DAYS).state, **{**WHO, "pin": "correct horse"})
    handle = step.state.surfaces["main"].data["draft"]["pin"]
    assert step.secrets == {handle: "correct horse"}
    assert "correct horse" not in step.to_json() + step.state.to_json() + repr(step)
    assert step.receipt is not None
    assert "correct horse" not in str(step.receipt)


def test_a_secret_that_is_not_typed_again_stays() -> None:
    state = go(go(trip(), **DAYS).state, **WHO).state
    handle = state.surfaces["main"].data["draft"]["pin"]
    state = go(state, "back").state
    state = go(state, **{**WHO, "pin": ""}).state
    assert state.surfaces["main"].data["draft"]["pin"] == handle


@pytest.mark.parametrize("name", ["ui.next", "ui.regenerate", "book", "stop"])
def test_an_action_that_the_step_does_not_offer_is_refused(name: str) -> None:
    state = trip()
    event = {
        "userAction": {
            "name": name,
            "surfaceId": "main",
            "sourceComponentId": "ui--root--card--wizard--actions--book--Button",
            "timestamp": "2026-01-01T09:00:00Z",
            "context": {"_rev": 1},
        }
    }
    from uicompiler import dispatch

    step = dispatch(event, state=state, app=APP)
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_ACTION_FORBIDDEN"]
    assert step.state is state


def test_a_button_of_another_step_is_hidden_or_a_caption() -> None:
    board = [{"type": "ui.show_view", "payload": {"view_id": "board"}}]
    result = compile(board, app=APP)
    lines = result.jsonl().decode()
    assert "Book now" not in lines
    assert '"usageHint":"caption"' in lines
    assert '"Button"' not in lines


def test_an_action_gets_only_values_of_the_kinds_it_declares() -> None:
    root = {
        "node": "stack",
        "children": [
            {"node": "field", "id": "theme", "label": "T", "kind": "boolean"},
            {"node": "button", "key": "go", "label": "Go", "action": "party", "submit": True},
        ],
    }
    state = compile([{"type": "ui.show_view", "payload": {"root": root}}], app=APP).state
    step = press(state, APP, "go--Button", theme=True)
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_CONTEXT_INVALID"]
    assert step.state is state


def test_dismissing_takes_the_surface_away_and_keeps_its_draft() -> None:
    ask = {"title": "Sure?", "action": "star"}
    state = compile([{"type": "ui.confirm", "payload": ask}], app=APP).state
    step = press(state, APP, "cancel--Button")
    assert [next(iter(message)) for message in step.messages] == ["deleteSurface"]
    assert step.state.surfaces["main"].status == "closed"
    assert step.diagnostics == ()  # nothing could be typed there
