"""`compile` and `snapshot`: what goes out, what is refused, and what a client then shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clientsim import ClientSim
from tests.crm import TestSigner, crm, shown
from uicompiler import (
    ClientProfile,
    DirectiveError,
    Limits,
    TurnContext,
    UIApp,
    UICompilerError,
    UIState,
    compile,
    snapshot,
)
from uicompiler.resources import data_path

CONTACT = {"type": "ui.show_form", "payload": {"form_id": "contact"}}


def codes(result: Any) -> list[str]:
    return [item.code for item in result.diagnostics]


def patch(path: str, value: Any = "x", **op: Any) -> dict[str, Any]:
    return {
        "type": "ui.patch",
        "payload": {"ops": [{"op": "set", "path": path, "value": value, **op}]},
    }


def test_everything_has_a_default() -> None:
    result = compile('{"assistant_text": "Hello", "directives": []}')
    assert result.ok
    assert result.assistant_text == "Hello"
    assert result.jsonl() == b""


def test_first_render_is_components_then_data_then_begin() -> None:
    kinds = [next(iter(message)) for message in shown().messages]
    assert kinds == ["surfaceUpdate", "dataModelUpdate", "dataModelUpdate", "beginRendering"]


def test_a_patch_sends_only_its_box_and_the_revision() -> None:
    state = shown().state
    result = compile([patch("/draft/name", "Grace")], app=crm(), state=state)
    assert [message["dataModelUpdate"]["path"] for message in result.messages] == [
        "/draft/name",
        "/ui_state/_rev",
    ]


def test_full_sends_components_in_place_without_beginning_again() -> None:
    state = shown().state
    result = compile([patch("/draft/name", "Grace")], app=crm(), state=state, update="full")
    kinds = [next(iter(message)) for message in result.messages]
    assert kinds == ["dataModelUpdate", "dataModelUpdate", "surfaceUpdate"]


def test_diff_sends_a_changed_container_with_its_subtree() -> None:
    first = shown()
    card = {"type": "crm.show_contact", "payload": {}}
    noted = {"type": "crm.show_contact", "payload": {"note": "Look"}}
    one = compile([card], app=crm(), state=first.state, update="diff")
    two = compile([noted], app=crm(), state=one.state, update="diff")
    sim = ClientSim("web_core")
    assert sim.feed(first.jsonl() + one.jsonl() + two.jsonl()) == []
    assert "Look" in sim.screen("main")


def test_reset_deletes_and_begins_a_new_epoch_with_the_draft() -> None:
    first = shown(values={"name": "Ada"})
    result = compile([], app=crm(), state=first.state, update="reset")
    sim = ClientSim("web_core")
    assert sim.feed(first.jsonl() + result.jsonl()) == []
    assert sim.surface_ids() == ["main#e=2"]
    assert sim.value_at("main#e=2", "/draft/name/v") == "Ada"
    assert "A2UI_S2C_DRAFT_AT_RISK" in codes(result)


def test_a_client_without_updates_gets_a_new_epoch_every_turn() -> None:
    client = ClientProfile.no_incremental()
    first = compile([CONTACT], app=crm(), client=client)
    result = compile([patch("/draft/name")], app=crm(), state=first.state, client=client)
    assert [batch.surface_id for batch in result.batches] == ["main#e=2"]


def test_showing_the_same_form_keeps_the_draft_and_reset_clears_it() -> None:
    state = shown(values={"name": "Ada"}).state
    kept = compile([CONTACT], app=crm(), state=state)
    assert kept.state.surfaces["main"].data["draft"]["name"] == "Ada"
    again = {"type": "ui.show_form", "payload": {"form_id": "contact", "reset": True}}
    cleared = compile([again], app=crm(), state=state)
    assert cleared.state.surfaces["main"].data["draft"]["name"] == ""
    assert cleared.state.surfaces["main"].data["draft"]["stage"] == "lead"


@pytest.mark.parametrize(
    ("directive", "code", "pointer"),
    [
        ("text", "DIRECTIVE_PAYLOAD_INVALID", "/directives/0"),
        ({"type": "ui.nothing"}, "DIRECTIVE_UNKNOWN_TYPE", "/directives/0/type"),
        (
            {"type": "ui.toast", "payload": {"text": 1, "color": "red"}},
            "DIRECTIVE_PAYLOAD_INVALID",
            "/directives/0/payload/color",
        ),
        (
            {"type": "ui.show_form", "payload": {"form_id": "nope"}},
            "DIRECTIVE_TEMPLATE_UNKNOWN",
            "/directives/0/payload/form_id",
        ),
        (patch("/committed/x"), "DIRECTIVE_PATH_FORBIDDEN", "/directives/0/payload/ops/0/path"),
        (patch("/draft/_rev"), "DIRECTIVE_PATH_FORBIDDEN", "/directives/0/payload/ops/0/path"),
        (patch("/draft/nope"), "DIRECTIVE_PATH_INVALID", "/directives/0/payload/ops/0/path"),
        (patch("/draft/~2"), "DIRECTIVE_PATH_INVALID", "/directives/0/payload/ops/0/path"),
        (patch("/draft/stage"), "DIRECTIVE_VALUE_INVALID", "/directives/0/payload/ops/0/value"),
        (patch("/draft/name", None), "DIRECTIVE_OP_INVALID", "/directives/0/payload/ops/0"),
        (
            patch("/draft/name", op="append"),
            "DIRECTIVE_OP_INVALID",
            "/directives/0/payload/ops/0/op",
        ),
        (
            {
                "type": "ui.patch",
                "payload": {"surface": "other", "ops": [{"path": "a", "value": 1}]},
            },
            "DIRECTIVE_SURFACE_UNKNOWN",
            "/directives/0/payload/surface",
        ),
        (
            {"type": "ui.toast", "payload": {"text": "a", "__proto__": {}}},
            "DIRECTIVE_KEY_FORBIDDEN",
            "/directives/0/payload",
        ),
        (
            {"type": "ui.toast", "payload": {"text": "\ud800"}},
            "DIRECTIVE_TEXT_UNENCODABLE",
            "/directives/0/payload/text",
        ),
        (
            {"type": "ui.show_form", "payload": {"form_id": "contact", "surface": "a/b"}},
            "DIRECTIVE_PAYLOAD_INVALID",
            "/directives/0/payload/surface",
        ),
    ],
)
def test_a_refused_directive_names_code_and_place_and_changes_nothing(
    directive: Any, code: str, pointer: str
) -> None:
    state = shown().state
    result = compile([directive], app=crm(), state=state)
    assert not result.ok
    assert result.state is state
    assert result.jsonl() == b""
    found = {(item.code, item.pointer) for item in result.diagnostics if item.severity == "error"}
    assert (code, pointer) in found
    assert result.fallback is not None
    with pytest.raises(UICompilerError) as caught:
        compile([directive], app=crm(), state=state, strict=True)
    assert code in {item.code for item in caught.value.diagnostics}


def test_a_refused_directive_among_others_is_a_warning() -> None:
    result = compile([{"type": "ui.nothing"}, CONTACT], app=crm())
    assert result.ok
    assert [(d.code, d.severity) for d in result.diagnostics] == [
        ("DIRECTIVE_UNKNOWN_TYPE", "warning")
    ]


def test_a_patch_is_all_or_nothing() -> None:
    state = shown().state
    ops = [
        {"op": "set", "path": "/draft/name", "value": "Grace"},
        {"op": "set", "path": "/committed/x", "value": "stolen"},
    ]
    result = compile([{"type": "ui.patch", "payload": {"ops": ops}}], app=crm(), state=state)
    assert not result.ok
    assert result.state.surfaces["main"].data["draft"]["name"] == ""


def test_a_second_view_on_one_surface_is_refused() -> None:
    result = compile([CONTACT, CONTACT], app=crm())
    assert result.ok
    assert codes(result) == ["DIRECTIVE_SURFACE_CONFLICT"]


@pytest.mark.parametrize(
    ("directive", "what"),
    [
        ({"type": "UI.ShowForm", "payload": {"form_id": "contact"}}, "type"),
        ({"type": "ui_show_form", "payload": {"form": "contact"}}, "key"),
        ({"type": "ui.show_form", "form_id": "contact"}, "payload"),
        ({"type": "ui.show_form", "payload": {"form_id": "contact", "reset": "true"}}, "coercion"),
        (
            {"type": "ui.show_form", "payload": {"form_id": "contact", "values": {"name": "A"}}},
            "path",
        ),
    ],
)
def test_deterministic_repairs_are_warnings_and_strict_refuses_them(
    directive: dict[str, Any], what: str
) -> None:
    result = compile([directive], app=crm())
    assert result.ok, what
    assert set(codes(result)) == {"DIRECTIVE_REPAIRED"}
    with pytest.raises(DirectiveError):
        compile([directive], app=crm(), strict=True)


def test_null_in_an_optional_key_means_absent() -> None:
    payload = {"form_id": "contact", "title": None, "fields": None, "values": None, "reset": None}
    result = compile([{"type": "ui.show_form", "payload": payload}], app=crm(), strict=True)
    assert result.ok


def test_a_surface_over_a_limit_falls_back_while_others_go_out() -> None:
    app = UIApp(
        "small", inline_form_action="submit", limits=replace(Limits(), max_string_bytes=200)
    )
    forms = [
        {"surface": "good", "title": "T", "fields": [{"id": "a", "label": "A"}]},
        {"surface": "bad", "title": "x" * 201, "fields": [{"id": "a", "label": "A"}]},
    ]
    result = compile([{"type": "ui.show_form", "payload": form} for form in forms], app=app)
    assert not result.ok
    assert [batch.surface for batch in result.batches] == ["good"]
    assert "A2UI_S2C_LIMIT_EXCEEDED" in codes(result)
    assert result.fallback is not None
    assert result.fallback.surfaces == ("bad",)
    assert "bad" not in result.state.surfaces


def test_a_live_surface_that_fails_is_deleted_and_can_come_back() -> None:
    app = UIApp(
        "small", inline_form_action="submit", limits=replace(Limits(), max_string_bytes=200)
    )
    form = {"title": "T", "fields": [{"id": "a", "label": "A"}]}
    good = compile([{"type": "ui.show_form", "payload": form}], app=app)
    bad = {**form, "title": "x" * 201}
    failed = compile([{"type": "ui.show_form", "payload": bad}], app=app, state=good.state)
    sim = ClientSim("web_core")
    assert sim.feed(good.jsonl() + failed.jsonl()) == []
    assert sim.surface_ids() == []
    assert failed.state.surfaces["main"].status == "failed"
    back = compile([{"type": "ui.show_form", "payload": form}], app=app, state=failed.state)
    assert back.ok
    assert codes(back) == ["A2UI_S2C_DRAFT_AT_RISK"]
    assert sim.feed(back.jsonl()) == []
    assert sim.surface_ids() == ["main#e=2"]


def test_an_app_may_leave_a_failed_surface_as_it_was() -> None:
    limits = replace(Limits(), max_string_bytes=200)
    app = UIApp(
        "small",
        inline_form_action="submit",
        limits=limits,
        recoveries={"A2UI_S2C_LIMIT_EXCEEDED": "soft_fail"},
    )
    form = {"title": "T", "fields": [{"id": "a", "label": "A"}]}
    good = compile([{"type": "ui.show_form", "payload": form}], app=app)
    bad = {**form, "title": "x" * 201}
    failed = compile([{"type": "ui.show_form", "payload": bad}], app=app, state=good.state)
    assert not failed.ok
    assert failed.jsonl() == b""
    assert failed.state.surfaces["main"] == good.state.surfaces["main"]


def test_an_app_may_refuse_the_turn_for_one_bad_directive() -> None:
    app = UIApp("strict", recoveries={"DIRECTIVE_UNKNOWN_TYPE": "refuse"})
    toast = {"type": "ui.toast", "payload": {"text": "Hi"}}
    result = compile([toast, {"type": "ui.nothing"}], app=app)
    assert not result.ok
    assert result.effects == ()


def test_a_pattern_does_not_hold_for_a_marked_value() -> None:
    field = {"id": "a", "label": "A", "pattern": r"\[[0-9,]*\]"}
    form = {"title": "T", "fields": [field], "values": [{"path": "/draft/a", "value": "[1,2]"}]}
    shown_marked = compile([{"type": "ui.show_form", "payload": form}])
    assert b"validationRegexp" not in shown_marked.jsonl()
    plain_form = {**form, "values": []}
    assert b"validationRegexp" in compile([{"type": "ui.show_form", "payload": plain_form}]).jsonl()


def test_a_client_without_the_catalog_gets_the_fallback() -> None:
    client = replace(ClientProfile.web_core(), catalog_ids=frozenset({"other"}))
    result = compile([CONTACT], app=crm(), client=client)
    assert not result.ok
    assert codes(result) == ["A2UI_S2C_CATALOG_MISMATCH"]


def test_json_looking_drafts_go_out_marked_and_strict_refuses_them() -> None:
    form = {
        **CONTACT,
        "payload": {"form_id": "contact", "values": [{"path": "/draft/name", "value": "[1,2]"}]},
    }
    result = compile([form], app=crm())
    sim = ClientSim("web_core")
    sim.feed(result.jsonl())
    assert sim.value_at("main", "/draft/name/v") == "\u2060[1,2]"
    assert codes(result) == ["A2UI_S2C_DATA_UNREPRESENTABLE"]
    with pytest.raises(UICompilerError):
        compile([form], app=crm(), strict=True)


def test_nonces_go_out_but_never_into_the_state() -> None:
    signer = TestSigner()
    result = shown(TurnContext("c1", signer=signer))
    nonce = signer.nonce("c1", "main", 1, "k1")
    assert nonce.encode() in result.jsonl()
    assert nonce not in result.state.to_json()
    assert result.state.surfaces["main"].nonce_key_id == "k1"


def test_a_snapshot_keeps_drafts_of_forms_shown_before() -> None:
    state = shown(values={"name": "Ada"}).state
    card = compile([{"type": "crm.show_contact", "payload": {}}], app=crm(), state=state)
    lost = ClientSim("web_core")
    assert lost.feed(snapshot(card.state, app=crm()).jsonl()) == []
    back = compile([CONTACT], app=crm(), state=card.state)
    assert lost.feed(back.jsonl()) == []
    assert lost.value_at("main", "/draft/name/v") == "Ada"


def test_ui_state_takes_lists_and_objects() -> None:
    state = shown().state
    ops = [
        {"op": "set", "path": "/ui_state/seen", "value": ["a"]},
        {"op": "append", "path": "/ui_state/seen", "value": "c"},
        {"op": "insert", "path": "/ui_state/seen/1", "value": "b"},
        {"op": "delete", "path": "/ui_state/seen/0"},
    ]
    result = compile([{"type": "ui.patch", "payload": {"ops": ops}}], app=crm(), state=state)
    assert result.state.surfaces["main"].data["ui_state"]["seen"] == ("b", "c")


@pytest.mark.parametrize("number", [1e20, 2.0**53 + 2, 1e-7, -0.0, 3.0, 5e-324, 1.7e308])
def test_states_with_any_double_round_trip(number: float) -> None:
    ops = [{"op": "set", "path": "/ui_state/n", "value": number}]
    state = compile(
        [{"type": "ui.patch", "payload": {"ops": ops}}], app=crm(), state=shown().state
    ).state
    again = UIState.from_json(state.to_json())
    assert again.surfaces["main"].data["ui_state"] == {"n": number}
    assert again.to_json() == state.to_json()


def test_a_state_of_another_conversation_is_a_callers_error() -> None:
    state = shown(TurnContext("c1")).state
    with pytest.raises(ValueError, match="conversation"):
        compile([], app=crm(), state=state, turn=TurnContext("c2"))


@pytest.mark.parametrize("keyword", [{"backend": "pdf"}, {"update": "sometimes"}])
def test_unknown_settings_are_a_callers_error(keyword: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="known"):
        compile([], **keyword)


@pytest.mark.parametrize("broken", ["", "{}", "[1]", '{"ir_version": 1}', "x" * 100])
def test_a_broken_state_is_refused_with_a_code(broken: str) -> None:
    with pytest.raises(UICompilerError) as caught:
        UIState.from_json(broken)
    assert caught.value.code == "STORE_STATE_INVALID"


def test_state_values_cannot_be_changed_in_place() -> None:
    state = shown().state
    with pytest.raises(TypeError):
        state.surfaces["main"].data["draft"]["name"] = "changed"


def test_results_serialise_whole() -> None:
    document = json.loads(shown().to_json())
    assert document["ok"] is True
    assert document["trace"]["trace_version"] == 1
    assert document["batches"][0]["surface_id"] == "main"


@pytest.mark.parametrize("turn", sorted(data_path("examples/crm/turns").glob("*.json")), ids=str)
def test_example_turns_pass_strict(turn: Path) -> None:
    assert compile(turn.read_text("utf-8"), app=crm(), strict=True).ok
