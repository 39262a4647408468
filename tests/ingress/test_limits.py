"""Events at the edge: of limits, of keys, of what is shown, and of what counts as a repeat."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.crm import SAVE, TestSigner, crm, event, shown
from uicompiler import (
    Action,
    Limits,
    Outcome,
    PatchOp,
    Receipt,
    StateView,
    StepResult,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
)

NAME = {"id": "name", "label": "Name"}
PICK = {"id": "pick", "label": "Pick", "kind": "choice", "options": ["a"]}


class Rotated(TestSigner):
    """The same signer after a change of keys."""

    key_id = "k2"


def app_with(**limits: int) -> UIApp:
    return UIApp("app", inline_form_action="submit", limits=replace(Limits(), **limits))


def first(app: UIApp, turn: TurnContext | None = None, **payload: Any) -> UIState:
    form = {"title": "T", "fields": [NAME, PICK], **payload}
    return compile([{"type": "ui.show_form", "payload": form}], app=app, turn=turn).state


def press(state: UIState, timestamp: str = "2026-01-01T12:00:00Z", **changed: Any) -> Any:
    context = {"name": "Ada", "pick": ["a"], "_rev": state.surfaces["main"].rev, **changed}
    return event(state, action="submit", component=SAVE, timestamp=timestamp, context=context)


def codes(step: StepResult) -> list[str]:
    return [item.code for item in step.diagnostics]


@pytest.mark.parametrize("spelled", [dict, json.dumps], ids=["object", "text"])
def test_an_event_nests_as_deep_as_the_limit_and_no_deeper(spelled: Any) -> None:
    for limit, expected in ((4, []), (3, ["A2UI_C2S_CONTEXT_TOO_LARGE"])):
        app = app_with(max_event_depth=limit)
        state = first(app)
        assert codes(dispatch(spelled(press(state)), state=state, app=app)) == expected


@pytest.mark.parametrize("spelled", [dict, json.dumps], ids=["object", "text"])
def test_an_error_event_has_the_same_depth(spelled: Any) -> None:
    app = app_with(max_event_depth=4)
    sent = spelled({"error": {"details": [[[1]]]}})
    assert codes(dispatch(sent, state=first(app), app=app)) == ["A2UI_C2S_CONTEXT_TOO_LARGE"]


def test_texts_are_measured_in_utf8_bytes() -> None:
    app = app_with(max_string_bytes=83)
    state = first(app)
    fits, over = "ü" * 40, "ü" * 41
    assert dispatch(press(state, name=fits), state=state, app=app).ok
    refused = dispatch(press(state, name=over), state=state, app=app)
    assert codes(refused) == ["A2UI_C2S_CONTEXT_TOO_LARGE"]
    assert refused.diagnostics[0].pointer == "/userAction/context/name"


def test_texts_inside_lists_are_measured_too() -> None:
    app = app_with(max_string_bytes=83)
    state = first(app)
    step = dispatch(press(state, pick=["a", "x" * 84]), state=state, app=app)
    assert codes(step) == ["A2UI_C2S_CONTEXT_TOO_LARGE"]


def test_a_nonce_is_checked_under_the_key_it_was_made_with() -> None:
    state = shown(TurnContext("c", signer=TestSigner())).state
    turn = TurnContext("c", signer=Rotated())
    signer = TestSigner()
    old, new = (signer.nonce("c", "main", 1, key) for key in ("k1", "k2"))
    assert dispatch(event(state, _nonce=old), state=state, app=crm(), turn=turn).ok
    step = dispatch(event(state, _nonce=new), state=state, app=crm(), turn=turn)
    assert codes(step) == ["A2UI_C2S_NONCE_INVALID"]


def receipt_of(step: StepResult) -> Receipt:
    assert step.receipt is not None
    return step.receipt


@pytest.mark.parametrize("kind", ["userAction", "error"])
def test_the_same_event_of_another_conversation_is_no_repeat(kind: str) -> None:
    app = app_with()
    one, two = (first(app, TurnContext(name)) for name in ("c1", "c2"))
    sent = press(one) if kind == "userAction" else {"error": {"surfaceId": "main"}}
    receipt = receipt_of(dispatch(sent, state=one, app=app, turn=TurnContext("c1", seen={})))
    turn = TurnContext("c2", seen={receipt.key: receipt})
    step = dispatch(sent, state=two, app=app, turn=turn)
    assert step.ok
    assert not step.repeated


def test_pressing_again_later_is_no_repeat() -> None:
    app = app_with()
    state = first(app)
    one = dispatch(press(state), state=state, app=app, turn=TurnContext(seen={}))
    seen = {receipt_of(one).key: receipt_of(one)}
    later = press(one.state, timestamp="2026-01-01T12:00:01Z")
    step = dispatch(later, state=one.state, app=app, turn=TurnContext(seen=seen))
    assert step.ok, step.diagnostics
    assert not step.repeated


def test_tool_results_without_a_receipt_may_be_for_an_older_revision() -> None:
    app = app_with()

    @app.action("submit")
    def keep(action: Action, _view: StateView) -> Outcome:
        return Outcome([PatchOp("set", "/committed/found", dict(action.tool_results or {}))])

    state = first(app)
    late = press(state)
    patch = {"ops": [{"op": "set", "path": "/draft/name", "value": "Grace"}]}
    moved = compile([{"type": "ui.patch", "payload": patch}], app=app, state=state).state
    assert codes(dispatch(late, state=moved, app=app)) == ["A2UI_C2S_SURFACE_STALE"]
    step = dispatch(late, state=moved, app=app, tool_results={"t": 1})
    assert step.ok, step.diagnostics
    assert step.state.surfaces["main"].data["committed"] == {"found": {"t": 1}}


@pytest.mark.parametrize("kind", ["userAction", "error"])
def test_a_surface_that_was_taken_away_takes_no_events(kind: str) -> None:
    app = app_with(max_error_resets=0)
    report = {"error": {"surfaceId": "main"}}
    gone = dispatch(report, state=first(app), app=app).state
    assert gone.surfaces["main"].status == "failed"
    sent = press(gone) if kind == "userAction" else report
    step = dispatch(sent, state=gone, app=app)
    assert codes(step) == ["A2UI_C2S_SURFACE_STALE"]
    assert step.state is gone
