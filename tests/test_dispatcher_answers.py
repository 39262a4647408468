"""What a step answers: all of a handler's outcome goes out, and a repeat gets all of it again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.crm import SAVE, TestSigner, crm, event, shown
from uicompiler import (
    Limits,
    Outcome,
    PatchOp,
    Receipt,
    StepResult,
    ToolCall,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
)

TOAST = {"type": "ui.toast", "payload": {"text": "Hi"}}
UNKNOWN = {"type": "ui.nope"}


class Rotated(TestSigner):
    """The same signer after a change of keys."""

    key_id = "k2"


def form(**payload: Any) -> dict[str, Any]:
    content = {"title": "T", "fields": [{"id": "a", "label": "A"}], **payload}
    return {"type": "ui.show_form", "payload": content}


def deciding(outcome: Outcome, **settings: Any) -> UIApp:
    app = UIApp("deciding", inline_form_action="submit", **settings)
    app.add_action("submit", lambda _action, _view: outcome)
    return app


def first(app: UIApp, turn: TurnContext | None = None) -> UIState:
    return compile([form()], app=app, turn=turn).state


def press(state: UIState, **context: Any) -> dict[str, Any]:
    sent = {"a": "x", "_rev": state.surfaces["main"].rev, **context}
    return event(state, action="submit", component=SAVE, context=sent)


def decided(outcome: Outcome) -> StepResult:
    app = deciding(outcome)
    state = first(app)
    return dispatch(press(state), state=state, app=app)


def codes(step: StepResult) -> list[str]:
    return [item.code for item in step.diagnostics]


def test_effects_and_findings_of_a_handlers_directives_are_reported() -> None:
    step = decided(Outcome(directives=[TOAST, UNKNOWN, TOAST]))
    assert step.ok
    assert [effect.kind for effect in step.effects] == ["toast", "toast"]
    assert codes(step) == ["DIRECTIVE_UNKNOWN_TYPE"]


def test_a_commit_and_a_directive_on_another_surface_both_go_out() -> None:
    commit = [PatchOp("set", "/committed/x", 1)]
    step = decided(Outcome(commit=commit, directives=[form(surface="other")]))
    assert [(batch.surface, batch.rev) for batch in step.batches] == [("main", 2), ("other", 1)]
    assert step.state.surfaces["main"].data["committed"] == {"x": 1}


def test_field_errors_and_a_directive_on_another_surface_both_go_out() -> None:
    errors = {"a": "This name is taken."}
    step = decided(Outcome(field_errors=errors, directives=[form(surface="other")]))
    assert b"This name is taken" in step.jsonl()
    assert step.state.surfaces["other"].live


def test_what_a_handler_writes_goes_out_even_after_a_commit() -> None:
    ops = [{"op": "set", "path": "/draft/a", "value": "new"}]
    patch = {"type": "ui.patch", "payload": {"ops": ops}}
    step = decided(Outcome(commit=[PatchOp("set", "/committed/x", 1)], directives=[patch]))
    assert [(batch.surface, batch.rev) for batch in step.batches] == [("main", 2)]
    assert b'"new"' in step.jsonl()


def test_a_surface_that_a_handler_opens_carries_a_nonce() -> None:
    signer = TestSigner()
    turn = TurnContext("c", signer=signer)
    app = deciding(Outcome(directives=[form(surface="other")]))
    state = first(app, turn)
    sent = press(state, _nonce=signer.nonce("c", "main", 1, "k1"))
    step = dispatch(sent, state=state, app=app, turn=turn)
    assert step.state.surfaces["other"].nonce_key_id == "k1"
    assert signer.nonce("c", "other", 1, "k1").encode() in step.jsonl()


def test_an_accepted_action_forgives_the_errors_before_it() -> None:
    app = deciding(Outcome(), limits=replace(Limits(), max_error_resets=1))
    state = first(app)
    for epoch, surface_id in enumerate(("main", "main#e=2"), start=2):
        state = dispatch({"error": {"surfaceId": surface_id}}, state=state, app=app).state
        assert state.surfaces["main"].epoch == epoch
        sent = press(state)
        sent["userAction"]["surfaceId"] = f"main#e={epoch}"
        state = dispatch(sent, state=state, app=app).state
        assert state.surfaces["main"].error_resets == 0


def test_giving_a_surface_up_is_a_revision_of_it() -> None:
    app = deciding(Outcome(), limits=replace(Limits(), max_error_resets=0))
    state = first(app)
    step = dispatch({"error": {"surfaceId": "main"}}, state=state, app=app)
    [batch] = step.batches
    assert batch.messages == ({"deleteSurface": {"surfaceId": "main"}},)
    assert (batch.rev, step.state.surfaces["main"].rev) == (2, 2)
    assert step.state.surfaces["main"].boxes == {}


def test_a_receipt_names_the_key_its_batches_were_signed_with() -> None:
    state = shown(TurnContext("c", signer=TestSigner())).state
    nonce = TestSigner().nonce("c", "main", 1, "k1")
    sent = event(state, _nonce=nonce)
    turn = TurnContext("c", signer=Rotated(), seen={})
    one = dispatch(sent, state=state, app=crm(), turn=turn)
    assert one.receipt is not None
    assert nonce.encode() in one.jsonl()
    assert "nonce:k1:1" in str(one.receipt.to_dict())
    seen = {one.receipt.key: one.receipt}
    again = dispatch(sent, state=one.state, app=crm(), turn=replace(turn, seen=seen))
    assert again.repeated
    assert again.jsonl() == one.jsonl()


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(tool_calls=[ToolCall("t", "find", {"name": "Ada", "tags": ("a",)})]),
        Outcome(directives=[TOAST, UNKNOWN]),
        Outcome(directives=[UNKNOWN]),
        Outcome(field_errors={"a": "This name is taken."}),
        Outcome(commit=[PatchOp("set", "/committed/x", 1)]),
    ],
    ids=["tool calls", "diagnostics", "fallback", "field errors", "commit"],
)
def test_a_repeat_gets_all_of_the_first_answer(outcome: Outcome) -> None:
    app = deciding(outcome)
    state = first(app)
    sent = press(state)
    one = dispatch(sent, state=state, app=app, turn=TurnContext(seen={}))
    assert one.receipt is not None
    turn = TurnContext(seen={one.receipt.key: one.receipt})
    again = dispatch(sent, state=one.state, app=app, turn=turn)
    assert again.repeated
    assert again.status == one.status
    whole = again.to_dict()
    assert {**whole, "repeated": False, "trace": None} == {**one.to_dict(), "trace": None}


def test_a_repeat_says_again_which_surfaces_failed() -> None:
    limits = replace(Limits(), max_string_bytes=100)
    app = deciding(Outcome(directives=[form(surface="other", title="x" * 101)]), limits=limits)
    state = first(app)
    one = dispatch(press(state), state=state, app=app, turn=TurnContext(seen={}))
    assert one.receipt is not None
    assert one.fallback is not None
    assert one.fallback.surfaces == ("other",)
    turn = TurnContext(seen={one.receipt.key: one.receipt})
    again = dispatch(press(state), state=one.state, app=app, turn=turn)
    assert again.fallback == one.fallback
    assert not again.ok


def test_a_repeat_with_a_secret_is_known_whatever_is_shown_by_then() -> None:
    """The hash leaves secrets out, and which fields are secrets must not be asked of the screen."""
    app = deciding(Outcome())
    pin = {"id": "a", "label": "PIN", "kind": "secret"}
    state = compile([form(fields=[pin])], app=app).state
    sent = press(state, a="1234")
    one = dispatch(sent, state=state, app=app, turn=TurnContext(seen={}))
    assert one.receipt is not None
    assert one.receipt.secrets == ("a",)
    stored = Receipt.from_dict(json.loads(json.dumps(one.receipt.to_dict())))
    turn = TurnContext(seen={stored.key: stored})
    other = compile([form(fields=[{"id": "b", "label": "B"}])], app=app, state=one.state)
    anew = compile([], app=app, state=other.state, update="reset").state
    assert dispatch(sent, state=anew, app=app, turn=turn).repeated
    # Another event under the same key is still told apart.
    forged = press(state, a="1234", injected=1)
    assert codes(dispatch(forged, state=anew, app=app, turn=turn)) == ["A2UI_C2S_KEY_REUSED"]


def test_a_repeated_error_that_names_a_secret_is_known() -> None:
    app = deciding(Outcome())
    pin = {"id": "a", "label": "PIN", "kind": "secret"}
    state = compile([form(fields=[pin])], app=app).state
    error = {"error": {"surfaceId": "main", "message": "broken", "context": {"a": "1234"}}}
    one = dispatch(error, state=state, app=app, turn=TurnContext(seen={}))
    assert one.receipt is not None
    turn = TurnContext(seen={one.receipt.key: one.receipt})
    assert dispatch(error, state=state, app=app, turn=turn).repeated
