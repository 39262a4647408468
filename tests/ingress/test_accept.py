"""Every refusal of `accept`: its code, its place, and the order of the checks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.crm import DISCARD, SAVE, TestSigner, crm, event, shown
from uicompiler import Receipt, StepResult, TurnContext, UIState, dispatch


def refused(sent: Any, state: UIState, turn: TurnContext | None = None) -> StepResult:
    before = state.to_json()
    step = dispatch(sent, state=state, app=crm(), turn=turn)
    assert not step.ok
    assert step.state is state
    assert state.to_json() == before
    assert step.jsonl() == b""
    assert step.receipt is None
    assert len(step.diagnostics) == 1
    return step


def code(step: StepResult) -> str:
    return step.diagnostics[0].code


@pytest.fixture
def state() -> UIState:
    return shown().state


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "not json",
        b"\xff\xfe",
        "[]",
        "null",
        "{}",
        '{"userAction": {}, "error": {}}',
        '{"userAction": []}',
        '{"userAction": {"name": "x"}}',
        '{"other": {}}',
        '{"error": {}, "error": {}}',
        '{"error": {"n": NaN}}',
        '{"error": {"n": 9007199254740993}}',
        '{"error": {"__proto__": {}}}',
        '{"error": {"text": "\\ud800"}}',
        {"error": {"n": float("nan")}},
        {"error": {"n": object()}},
        {"error": {1: 2}},
    ],
)
def test_what_is_no_event_is_refused(sent: Any, state: UIState) -> None:
    step = refused(sent, state)
    assert code(step) == "A2UI_C2S_ENVELOPE_INVALID"
    assert step.status == 400


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("surfaceId", ""),
        ("surfaceId", "x" * 129),
        ("surfaceId", "main#e=1"),
        ("surfaceId", "main\u202e"),
        ("sourceComponentId", "a b"),
        ("name", "x/../y"),
        ("timestamp", "yesterday"),
    ],
)
def test_ids_have_a_length_and_a_charset(key: str, value: str, state: UIState) -> None:
    sent = event(state)
    sent["userAction"][key] = value
    step = refused(sent, state)
    assert code(step) == "A2UI_C2S_ENVELOPE_INVALID"
    assert step.diagnostics[0].pointer == f"/userAction/{key}"


def test_context_dos_rejected(state: UIState) -> None:
    deep: Any = "x"
    for _ in range(10_000):
        deep = [deep]
    wide = {f"k{i}": "v" for i in range(10_000)}
    attacks = [
        json.dumps(event(state, name="x" * 10_000_000)),
        event(state, name="x" * 10_000_000),
        '{"userAction": ' + "[" * 10_000 + "]" * 10_000 + "}",
        event(state, name=deep),
        event(state, context={**wide, "_rev": 1}),
        event(state, notes="x" * 70_000),
    ]
    for sent in attacks:
        step = refused(sent, state)
        assert code(step) == "A2UI_C2S_CONTEXT_TOO_LARGE"
        assert step.status == 413


def test_stale_user_action_rejected() -> None:
    first = shown()
    stale = event(first.state)
    moved = dispatch(event(first.state, email="no"), state=first.state, app=crm())
    step = refused(stale, moved.state)
    assert code(step) == "A2UI_C2S_SURFACE_STALE"
    assert step.status == 409
    reset = dispatch({"error": {"surfaceId": "main"}}, state=moved.state, app=crm())
    current = event(reset.state)
    assert code(refused(current, reset.state)) == "A2UI_C2S_SURFACE_STALE"
    fresh = event(reset.state, surface_id="main#e=2")
    assert dispatch(fresh, state=reset.state, app=crm()).ok


@pytest.mark.parametrize("rev", [None, 0, 2, "1", True, 1.5, [1]])
def test_a_revision_that_is_not_the_latest_is_stale(rev: Any, state: UIState) -> None:
    assert code(refused(event(state, _rev=rev), state)) == "A2UI_C2S_SURFACE_STALE"


def test_a_surface_of_nobody_is_stale(state: UIState) -> None:
    assert code(refused(event(state, surface_id="other"), state)) == "A2UI_C2S_SURFACE_STALE"


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("delete_everything", SAVE),
        ("edit_contact", SAVE),
        ("save_contact", DISCARD),
        ("save_contact", "ui--field--name--TextField"),
        ("save_contact", "nowhere"),
    ],
)
def test_only_what_the_surface_shows_can_be_pressed(
    name: str, component: str, state: UIState
) -> None:
    step = refused(event(state, action=name, component=component), state)
    assert code(step) == "A2UI_C2S_ACTION_FORBIDDEN"
    assert step.status == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"admin": True},
        {"name": {"nested": "map"}},
        {"name": ["a"]},
        {"name": True},
        {"newsletter": "yes"},
        {"stage": ["unknown"]},
        {"stage": [1]},
        {"stage": {"0": "lead"}},
        {"deal_size": [1]},
    ],
)
def test_a_context_that_no_client_sends_is_refused(changed: dict[str, Any], state: UIState) -> None:
    step = refused(event(state, **changed), state)
    assert code(step) == "A2UI_C2S_CONTEXT_INVALID"
    assert step.diagnostics[0].pointer == f"/userAction/context/{next(iter(changed))}"


@pytest.mark.parametrize("nonce", [None, "", "forged", 7, "\ud800"])
def test_a_forged_nonce_is_refused(nonce: Any) -> None:
    turn = TurnContext("c1", signer=TestSigner())
    state = shown(turn).state
    sent = event(state) if nonce is None else event(state, _nonce=nonce)
    if nonce == "\ud800":
        assert code(refused(sent, state, turn)) == "A2UI_C2S_ENVELOPE_INVALID"
        return
    step = refused(sent, state, turn)
    assert code(step) == "A2UI_C2S_NONCE_INVALID"
    assert "forged" not in str(step.diagnostics[0])


def test_the_nonce_of_another_conversation_epoch_or_surface_is_refused() -> None:
    signer = TestSigner()
    turn = TurnContext("c1", signer=signer)
    state = shown(turn).state
    for arguments in [("c2", "main", 1), ("c1", "main", 2), ("c1", "other", 1)]:
        sent = event(state, _nonce=signer.nonce(*arguments, "k1"))
        assert code(refused(sent, state, turn)) == "A2UI_C2S_NONCE_INVALID"
    assert dispatch(
        event(state, _nonce=signer.nonce("c1", "main", 1, "k1")), state=state, app=crm(), turn=turn
    ).ok


def test_the_checks_run_in_their_order() -> None:
    """Each event breaks one more rule than the one before; the earliest rule answers."""
    signer = TestSigner()
    state = shown(TurnContext("c1", signer=signer)).state
    other = Receipt("key", "another payload", {})
    turn = TurnContext("c1", signer=signer, idempotency_key="key", seen={"key": other})
    fresh = TurnContext("c1", signer=signer)
    good = signer.nonce("c1", "main", 1, "k1")
    gone = signer.nonce("c1", "main", 9, "k1")
    broken = {"name": "nobody", "admin": True, "_rev": 99}

    def sent(**changed: Any) -> dict[str, Any]:
        found = event(state, **{**broken, **changed})
        found["userAction"]["name"] = "nobody"
        return found

    cases = [
        ({**sent(), "x": "y" * 300_000}, turn, "A2UI_C2S_CONTEXT_TOO_LARGE"),
        ({**sent(), "x": 1}, turn, "A2UI_C2S_ENVELOPE_INVALID"),
        (sent(_nonce="forged"), turn, "A2UI_C2S_NONCE_INVALID"),
        (sent(_nonce=good), turn, "A2UI_C2S_KEY_REUSED"),
        (
            {"userAction": {**sent(_nonce=gone)["userAction"], "surfaceId": "main#e=9"}},
            fresh,
            "A2UI_C2S_SURFACE_STALE",
        ),
        (sent(_nonce=good), fresh, "A2UI_C2S_SURFACE_STALE"),
        (sent(_nonce=good, _rev=1), fresh, "A2UI_C2S_ACTION_FORBIDDEN"),
        (event(state, _nonce=good, admin=True), fresh, "A2UI_C2S_CONTEXT_INVALID"),
    ]
    assert [code(refused(found, state, context)) for found, context, _ in cases] == [
        expected for _, _, expected in cases
    ]


def test_fixed_values_of_a_button_cannot_be_changed() -> None:
    from uicompiler import UIApp, compile
    from uicompiler.directives.registry import Payload
    from uicompiler.ir.actions import Button
    from uicompiler.ir.changes import ShowView
    from uicompiler.ir.layout import Stack
    from uicompiler.ir.tree import View

    app = UIApp("rows")
    app.add_action("open")

    @app.directive("rows.show", payload=Payload, summary="Show rows.")
    def rows(_payload: Any, _context: Any) -> list[Any]:
        button = Button(label="Open", action="open", args={"row": 7, "flag": False}, key="b")
        return [ShowView("main", View(Stack(children=(button,))))]

    state = compile([{"type": "rows.show", "payload": {}}], app=app).state

    def press(**context: Any) -> StepResult:
        sent = event(
            state, action="open", component="ui--root--b--Button", context={"_rev": 1, **context}
        )
        return dispatch(sent, state=state, app=app)

    assert press(row=7, flag=False).ok
    assert press(row=7).ok, "some clients drop false"
    for forged in (
        {"row": 8, "flag": False},
        {"row": 7, "flag": True},
        {"flag": False},
        {"row": True},
    ):
        assert code(press(**forged)) == "A2UI_C2S_CONTEXT_INVALID"
