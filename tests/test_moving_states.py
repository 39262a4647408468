"""States that move while forms, options, keys and clients change: nobody gets stuck or misled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.crm import SAVE, TestSigner, event
from tests.stories import Story
from uicompiler import (
    Action,
    AppError,
    ClientProfile,
    CompileResult,
    Limits,
    Outcome,
    PatchOp,
    Receipt,
    StateView,
    StoreError,
    ToolCall,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
    snapshot,
)


def field(name: str, kind: str = "short_text", **rules: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "label": name, **rules}


def form(*fields: dict[str, Any], **payload: Any) -> dict[str, Any]:
    return {"title": "T", "fields": list(fields), "values": [], **payload}


def show(*fields: dict[str, Any], state: UIState | None = None, **payload: Any) -> CompileResult:
    directive = {"type": "ui.show_form", "payload": form(*fields, **payload)}
    return compile([directive], state=state)


def patch(path: str, value: Any = 1, op: str = "set") -> list[dict[str, Any]]:
    ops = [{"op": op, "path": path, "value": value}]
    return [{"type": "ui.patch", "payload": {"ops": ops}}]


def codes(result: CompileResult) -> list[str]:
    return [item.code for item in result.diagnostics]


@pytest.mark.parametrize(
    "ops",
    [
        patch("/ui_state" + "/a" * 5000),
        patch("/ui_state" + "/a" * 17),
        patch("/ui_state/l/" + "1" * 5000 + "/0"),
        patch("/ui_state/l/0/" + "1" * 5000, op="insert"),
    ],
)
def test_documents_nest_only_so_deep(ops: list[dict[str, Any]]) -> None:
    state = compile(patch("/ui_state/l", ["x"]), state=show(field("a")).state).state
    result = compile(ops, state=state)
    assert not result.ok
    assert result.state is state
    assert result.to_json()


def test_options_that_change_leave_no_selection_behind() -> None:
    story = Story()
    story.show(form(field("c", "choice", options=["a", "b"])))
    story.type_in("c", ["b"])
    story.show(form(field("c", "choice", options=["x", "y"])))
    assert story.on_client("c") in ([], {})
    story.type_in("c", ["x"])
    assert story.submit().action.context["c"] == "x"


def test_options_that_only_grow_keep_the_selection() -> None:
    story = Story()
    story.show(form(field("c", "choice", options=["a", "b"])))
    story.type_in("c", ["b"])
    story.show(form(field("c", "choice", options=["a", "b", "c"])))
    assert story.on_client("c") == ["b"]


@pytest.mark.parametrize(("first", "then"), [("date", "short_text"), ("short_text", "date")])
def test_a_date_and_a_text_do_not_share_a_box(first: str, then: str) -> None:
    story = Story()
    story.show(form(field("a", first), values=[{"path": "/draft/a", "value": "2026-05-06"}]))
    story.show(form(field("a", then)))
    assert story.on_client("a") == "2026-05-06" + ("T12:00" if then == "date" else "")
    assert story.submit().action.context["a"] == "2026-05-06"


def test_a_state_with_a_failed_surface_loads_again() -> None:
    small = UIApp("s", inline_form_action="submit", limits=replace(Limits(), max_string_bytes=99))
    good = form(field("a", "choice", options=["x"]))
    bad = {**form(field("a", "number")), "title": "x" * 100}
    bad["values"] = [{"path": "/draft/a", "value": 5}]
    shown = compile([{"type": "ui.show_form", "payload": good}], app=small)
    failed = compile([{"type": "ui.show_form", "payload": bad}], app=small, state=shown.state)
    assert failed.state.surfaces["main"].status == "failed"
    assert UIState.from_json(failed.state.to_json()) == failed.state
    assert "A2UI_S2C_DRAFT_AT_RISK" in codes(failed)


def test_a_repeated_error_event_does_not_rewind_the_client() -> None:
    state = show(field("a")).state
    seen: dict[str, Receipt] = {}
    report = {"error": {"message": "x"}}
    one = dispatch(report, state=state, turn=TurnContext(seen=seen))
    assert one.receipt is not None
    seen[one.receipt.key] = one.receipt
    two = dispatch(report, state=one.state, turn=TurnContext(seen=seen))
    assert [batch.surface_id for batch in two.batches] == ["main#e=3"], "a new error, a new epoch"


def test_the_first_answer_leaves_out_what_has_moved_on() -> None:
    state = show(field("a", required=True)).state
    sent = event(state, action="submit", context={"a": "", "_rev": 1})
    one = dispatch(sent, state=state, turn=TurnContext(seen={}))
    assert one.receipt is not None
    assert one.batches
    seen = {one.receipt.key: one.receipt}
    moved = compile(patch("/draft/a", "model"), state=one.state).state
    again = dispatch(sent, state=moved, turn=TurnContext(seen=seen))
    assert again.repeated
    assert again.field_errors == one.field_errors
    assert again.batches == ()


def test_a_client_without_updates_is_left_alone_by_what_it_cannot_see() -> None:
    story = Story(client=ClientProfile.no_incremental())
    story.show(form(field("a")))
    story.show(form(field("a")))
    story.turn(patch("/ui_state/x"))
    assert story.wire_id == "main"
    assert story.submit().ok


@pytest.mark.parametrize("update", ["auto", "diff", "full"])
def test_a_signer_may_come_later(update: Any) -> None:
    story = Story()
    story.show(form(field("a")))
    turn = TurnContext(signer=TestSigner())
    early = dispatch(story.press(), state=story.state, turn=turn)
    assert early.ok, "what went out without a nonce is taken without one"
    story.take(early)
    story.take(compile(patch("/draft/a", "x"), state=story.state, turn=turn, update=update))
    pressed = story.press()
    assert "_nonce" in pressed["userAction"]["context"]
    assert dispatch(pressed, state=story.state, turn=turn).ok


@pytest.mark.parametrize("update", ["auto", "diff", "full"])
def test_a_signer_may_go_and_come_back(update: Any) -> None:
    signed = TurnContext(signer=TestSigner())
    story = Story()
    shown = [{"type": "ui.show_form", "payload": form(field("a"))}]
    story.take(compile(shown, turn=signed))
    story.take(compile(patch("/draft/a", "x"), state=story.state, update=update))
    pressed = story.press()
    assert "_nonce" not in pressed["userAction"]["context"]
    assert dispatch(pressed, state=story.state, turn=signed).ok
    story.take(compile(patch("/draft/a", "y"), state=story.state, turn=signed, update=update))
    assert dispatch(story.press(), state=story.state, turn=signed).ok


def test_a_snapshot_without_a_signer_holds_no_nonce() -> None:
    shown = [{"type": "ui.show_form", "payload": form(field("a"))}]
    signed = compile(shown, turn=TurnContext(signer=TestSigner()))
    assert b"_nonce" in signed.jsonl()
    assert b"nonce" not in snapshot(signed.state).jsonl()


def test_a_reset_with_nothing_that_ran_resets_nothing() -> None:
    state = show(field("a")).state
    result = compile(patch("/committed/x"), state=state, update="reset")
    assert not result.ok
    assert result.state is state


@pytest.mark.parametrize("preset", ["", "x"])
def test_a_client_that_never_parses_strings_can_submit_a_choice(preset: str) -> None:
    story = Story(client=ClientProfile.spec(), profile="spec")
    values = [{"path": "/draft/c", "value": preset}]
    story.show(form(field("c", "choice", options=["x", "y"]), values=values))
    assert story.submit().action.context["c"] == (preset or None)


def test_an_event_of_an_epoch_under_an_older_key_is_stale_not_forged() -> None:
    class Rotated(TestSigner):
        key_id = "k2"

    old = TurnContext("c", signer=TestSigner())
    new = TurnContext("c", signer=Rotated())
    first = compile([{"type": "ui.show_form", "payload": form(field("a"))}], turn=old)
    nonce = TestSigner().nonce("c", "main", 1, "k1")
    late = event(first.state, action="submit", context={"a": "", "_rev": 1, "_nonce": nonce})
    reset = compile([], state=first.state, turn=new, update="reset")
    assert reset.state.surfaces["main"].nonce_key_id == "k2"
    step = dispatch(late, state=reset.state, turn=new)
    assert codes(step) == ["A2UI_C2S_SURFACE_STALE"]


def test_a_reset_of_nothing_is_a_first_render() -> None:
    directive = {"type": "ui.show_form", "payload": form(field("a"))}
    result = compile([directive], update="reset")
    assert [batch.surface_id for batch in result.batches] == ["main"]
    assert codes(result) == []


def test_a_form_nobody_could_submit_is_refused() -> None:
    limits = replace(Limits(), max_context_keys=512)
    app = UIApp("s", inline_form_action="submit", limits=limits)
    large = form(*(field(f"f{i}") for i in range(600)))
    result = compile([{"type": "ui.show_form", "payload": large}], app=app)
    assert codes(result) == ["DIRECTIVE_LIMIT_EXCEEDED"]
    assert "max_context_keys" in result.diagnostics[0].message


def test_an_update_over_a_limit_becomes_a_new_epoch() -> None:
    limits = replace(Limits(), max_messages_per_surface=20)
    app = UIApp("s", inline_form_action="submit", limits=limits)
    few, many = form(field("a")), form(*(field(f"f{i}") for i in range(30)))
    first = compile([{"type": "ui.show_form", "payload": few}], app=app)
    second = compile([{"type": "ui.show_form", "payload": many}], app=app, state=first.state)
    assert second.ok
    assert [batch.surface_id for batch in second.batches] == ["main#e=2"]
    assert "A2UI_S2C_DRAFT_AT_RISK" in codes(second)


def test_drafts_of_views_before_are_kept_up_to_a_limit() -> None:
    app = UIApp("s", inline_form_action="submit", limits=replace(Limits(), max_view_nodes=20))
    state = None
    for turn in range(10):
        shown = form(*(field(f"t{turn}f{i}") for i in range(8)))
        result = compile([{"type": "ui.show_form", "payload": shown}], app=app, state=state)
        assert result.ok
        state = result.state
    assert state is not None
    assert len(state.surfaces["main"].data["draft"]) == 20
    assert snapshot(state, app=app).ok


def test_limits_of_a_response_cut_no_snapshot() -> None:
    limits = replace(Limits(), max_surfaces_per_response=2)
    roomy = UIApp("s", inline_form_action="submit")
    tight = UIApp("s", inline_form_action="submit", limits=limits)
    shown = [{"type": "ui.show_form", "payload": form(field("a"), surface=s)} for s in "xyz"]
    result = snapshot(compile(shown, app=roomy).state, app=tight)
    assert result.ok
    assert len(result.batches) == 3


def test_tool_results_arrive_even_when_another_form_is_shown_meanwhile() -> None:
    app = UIApp("tools", inline_form_action="submit")

    @app.action("submit")
    def look_up(action: Action, _view: StateView) -> Outcome:
        if action.tool_results is None:
            wait = {"type": "ui.show_form", "payload": form(field("other"), title="Wait")}
            return Outcome(tool_calls=[ToolCall("t", "find")], directives=[wait])
        return Outcome(commit=[PatchOp("set", "/committed/found", action.tool_results["t"])])

    state = compile([{"type": "ui.show_form", "payload": form(field("a"))}], app=app).state
    sent = event(state, action="submit", component=SAVE, context={"a": "x", "_rev": 1})
    asked = dispatch(sent, state=state, app=app, turn=TurnContext(seen={}))
    assert asked.receipt is not None
    seen = {asked.receipt.key: asked.receipt}
    done = dispatch(
        sent, state=asked.state, app=app, turn=TurnContext(seen=seen), tool_results={"t": 7}
    )
    assert done.ok, done.diagnostics
    assert done.state.surfaces["main"].data["committed"] == {"found": 7}


def test_tools_may_be_called_in_rounds() -> None:
    app = UIApp("rounds", inline_form_action="submit")

    @app.action("submit")
    def look_up(action: Action, _view: StateView) -> Outcome:
        found = action.tool_results or {}
        if "second" in found:
            return Outcome(commit=[PatchOp("set", "/committed/found", found["second"])])
        return Outcome(tool_calls=[ToolCall("second" if "first" in found else "first", "find")])

    state = compile([{"type": "ui.show_form", "payload": form(field("a"))}], app=app).state
    sent = event(state, action="submit", context={"a": "x", "_rev": 1})
    seen: dict[str, Receipt] = {}
    results: dict[str, Any] | None = None
    for call in ("first", "second", None):
        turn = TurnContext(seen=dict(seen))
        step = dispatch(sent, state=state, app=app, turn=turn, tool_results=results)
        assert [item.id for item in step.tool_calls] == ([] if call is None else [call])
        assert step.receipt is not None
        seen[step.receipt.key] = step.receipt
        state, results = step.state, {**(results or {}), str(call): 7}
    assert state.surfaces["main"].data["committed"] == {"found": 7}


def test_an_action_may_not_ask_for_the_revision() -> None:
    app = UIApp("old", inline_form_action="submit")
    app.add_action("submit", lambda _a, _v: Outcome(), requires_rev=False)
    state = compile([{"type": "ui.show_form", "payload": form(field("a"))}], app=app).state
    sent = event(state, action="submit", context={"a": "x", "_rev": 7})
    assert dispatch(sent, state=state, app=app).ok


def test_texts_come_in_the_language_of_the_turn() -> None:
    texts = {"de": {"field.required": "Bitte ausfüllen.", "form.submit": "Senden"}}
    app = UIApp("de", inline_form_action="submit", texts=texts)
    turn = TurnContext(language="de")
    asked = form(field("a", required=True))
    shown = compile([{"type": "ui.show_form", "payload": asked}], app=app, turn=turn)
    assert b"Senden" in shown.jsonl()
    sent = event(shown.state, action="submit", context={"a": "", "_rev": 1})
    step = dispatch(sent, state=shown.state, app=app, turn=turn)
    assert dict(step.field_errors) == {"a": "Bitte ausfüllen."}


@pytest.mark.parametrize("scheme", ["javascript", "DATA", "file"])
def test_some_url_schemes_never_go_out(scheme: str) -> None:
    with pytest.raises(AppError):
        UIApp("open", url_schemes=["https", scheme])


def test_an_outcome_whose_directives_all_fail_is_not_ok() -> None:
    app = UIApp("typo", inline_form_action="submit")

    @app.action("submit")
    def typo(_action: Action, _view: StateView) -> Outcome:
        return Outcome(directives=[{"type": "ui.nope"}])

    state = compile([{"type": "ui.show_form", "payload": form(field("a"))}], app=app).state
    step = dispatch(
        event(state, action="submit", context={"a": "x", "_rev": 1}), state=state, app=app
    )
    assert not step.ok
    assert step.fallback is not None
    assert step.status == 500


def test_a_submit_sends_every_field() -> None:
    state = show(field("a"), field("b")).state
    step = dispatch(event(state, action="submit", context={"a": "x", "_rev": 1}), state=state)
    assert codes(step) == ["A2UI_C2S_CONTEXT_INVALID"]
    assert step.diagnostics[0].pointer == "/userAction/context/b"


def test_a_value_that_holds_itself_many_times_is_refused_at_once() -> None:
    nested: list[Any] = []
    for _ in range(60):
        nested = [nested, nested]
    step = dispatch({"userAction": nested}, state=show(field("a")).state)  # type: ignore[dict-item]
    assert codes(step) == ["A2UI_C2S_CONTEXT_TOO_LARGE"]


def test_a_pattern_that_reads_as_an_id_harms_nothing() -> None:
    assert show(field("a", pattern="ui--surface--Column")).ok


@pytest.mark.parametrize("stamp", ["2026-13-45T99:99Z", "2026-02-30T10:00Z", "2026-02-03T24:00Z"])
def test_a_timestamp_is_a_time(stamp: str) -> None:
    state = show(field("a")).state
    sent = event(state, action="submit", timestamp=stamp, context={"a": "x", "_rev": 1})
    assert codes(dispatch(sent, state=state)) == ["A2UI_C2S_ENVELOPE_INVALID"]


def test_a_bad_commit_is_a_bug_of_the_handler() -> None:
    for value in ("\ud800", [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]], float("nan")):
        app = UIApp("bug", inline_form_action="submit")
        app.add_action(
            "submit", lambda _a, _v, v=value: Outcome([PatchOp("set", "/committed/x", v)])
        )  # type: ignore[misc]  # a default binds the value
        state = compile([{"type": "ui.show_form", "payload": form(field("a"))}], app=app).state
        sent = event(state, action="submit", context={"a": "x", "_rev": 1})
        with pytest.raises(ValueError, match="committed"):
            dispatch(sent, state=state, app=app)


@pytest.mark.parametrize(
    "change",
    [
        {"data": ["draft", "committed", "ui_state"]},
        {"offered": {"a": "x"}},
        {"past_keys": {"x": "k"}},
        {"boxes": ["a"]},
    ],
)
def test_stored_states_are_read_strictly(change: dict[str, Any]) -> None:
    stored = show(field("a")).state.to_dict()
    stored["surfaces"][0] = {**stored["surfaces"][0], **change}
    with pytest.raises(StoreError):
        UIState.from_json(stored)
