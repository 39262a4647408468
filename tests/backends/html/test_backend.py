"""Updates in HTML: the surface again where anything shows that the client does not have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.backends.html.surfaces import rendered, settings, surface
from uicompiler import OutputError, TurnContext, UIApp, UIState, compile, dispatch, snapshot
from uicompiler.backends.html.backend import Html
from uicompiler.ir import data
from uicompiler.limits import Limits

FIELD = {"node": "field", "id": "x", "label": "X"}
BUTTON = {"node": "button", "label": "Save", "action": "save", "submit": True}


def updated(old: Any, new: Any, *, written: frozenset[str] = frozenset(), mode: Any = "auto"):
    return Html().update(old, replace(new, rev=2), written=written, mode=mode, settings=settings())


def with_draft(shown: Any, value: str) -> Any:
    return replace(shown, data=data.set_at(shown.data, ("draft", "x"), value))


def test_a_first_render_is_one_message_with_everything() -> None:
    done = rendered(FIELD)
    assert [list(message) for message in done.messages] == [["replace"]]
    assert done.surface.boxes == {"x": "short_text"}


def test_what_the_user_typed_is_no_change_that_has_to_go_out() -> None:
    before = surface(FIELD)
    done = updated(before, with_draft(before, "typed"))
    assert done.messages == ({"rev": {"surface": "main", "rev": 2}},)


def test_what_the_turn_wrote_goes_out_and_is_named() -> None:
    before = surface(FIELD)
    done = updated(before, with_draft(before, "written"), written=frozenset({"x"}))
    assert [list(message) for message in done.messages] == [["replace"], ["rev"]]
    told = done.messages[0]["replace"]
    assert told["written"] == ["x"]
    assert 'value="written"' in told["html"]
    assert 'data-rev="2"' in told["html"]


def test_a_field_the_client_does_not_have_is_named_as_written() -> None:
    done = updated(surface(FIELD), surface(FIELD, {**FIELD, "id": "y"}))
    assert done.messages[0]["replace"]["written"] == ["y"]


def test_full_sends_the_surface_though_nothing_changed() -> None:
    assert len(updated(surface(FIELD), surface(FIELD), mode="full").messages) == 2


def test_too_much_fails_whole_and_says_how_much() -> None:
    small = replace(Limits(), max_bytes_per_surface=200)
    done = rendered(FIELD, limits=small)
    assert done.messages == ()
    assert [item.code for item in done.diagnostics] == ["A2UI_S2C_LIMIT_EXCEEDED"]
    assert "max_bytes_per_surface is 200" in done.diagnostics[0].message


# ---------------------------------------------------------------- whole turns

SHOW = [
    {
        "type": "ui.show_form",
        "payload": {
            "title": "Guests",
            "fields": [
                {"id": "name", "label": "Name", "required": True},
                {"id": "news", "kind": "boolean", "label": "News"},
                {"id": "note", "kind": "long_text", "label": "Note"},
            ],
        },
    }
]


@pytest.fixture
def app() -> UIApp:
    return UIApp("app", inline_form_action="sign")


def press(state: UIState, **posted: Any) -> dict[str, Any]:
    """What the host makes of a post of the form."""
    context = {"_rev": state.surfaces["main"].rev, **posted}
    return {
        "userAction": {
            "name": "sign",
            "surfaceId": "main",
            "sourceComponentId": "ui--main--root--card--form--actions--0--button",
            "timestamp": "1970-01-01T00:00:00Z",
            "context": context,
        }
    }


def test_a_post_leaves_out_unticked_boxes_and_means_them(app: UIApp) -> None:
    state = compile(SHOW, app=app, backend="html").state
    step = dispatch(
        press(state, name="Ada", note="one\r\ntwo"), state=state, app=app, backend="html"
    )
    assert step.action is not None
    assert dict(step.action.context) == {"name": "Ada", "news": False, "note": "one\ntwo"}


def test_errors_come_back_beside_the_field_with_what_was_typed(app: UIApp) -> None:
    state = compile(SHOW, app=app, backend="html").state
    step = dispatch(
        press(state, name="", note="kept", news="true"), state=state, app=app, backend="html"
    )
    assert (step.status, dict(step.field_errors)) == (422, {"name": "Please fill this in."})
    shown = step.html["main"]
    assert "\nkept</textarea>" in shown
    assert 'aria-invalid="true"' in shown
    assert " checked" in shown


def test_a_name_that_no_field_has_is_refused(app: UIApp) -> None:
    state = compile(SHOW, app=app, backend="html").state
    step = dispatch(
        press(state, name="Ada", note="", odd="x"), state=state, app=app, backend="html"
    )
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_CONTEXT_INVALID"]
    assert step.state is state


def test_a_text_field_that_was_not_posted_is_refused(app: UIApp) -> None:
    state = compile(SHOW, app=app, backend="html").state
    step = dispatch(press(state, name="Ada"), state=state, app=app, backend="html")
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_CONTEXT_INVALID"]


def test_a_snapshot_and_a_reset_show_every_surface(app: UIApp) -> None:
    state = compile(SHOW, app=app, backend="html").state
    assert list(snapshot(state, app=app, backend="html").html) == ["main"]
    reset = compile([], app=app, state=state, backend="html", update="reset")
    assert [list(message) for message in reset.messages] == [["remove"], ["replace"]]
    assert list(reset.html) == ["main#e=2"]


def test_strict_raises_what_would_be_a_warning(app: UIApp) -> None:
    show = [{"type": "ui.toast", "payload": {"text": "x"}}, *SHOW]
    turn = TurnContext(language="not a tag")
    assert compile(show, app=app, backend="html", turn=turn).ok
    with pytest.raises(OutputError) as caught:
        compile(show, app=app, backend="html", turn=turn, strict=True)
    assert caught.value.code == "A2UI_S2C_ACCESS_LANGUAGE_UNKNOWN"


def test_what_the_user_typed_never_makes_a_surface_too_large(app: UIApp) -> None:
    show = [
        {
            "type": "ui.show_form",
            "payload": {
                "title": "Long",
                "fields": [
                    {"id": "name", "label": "Name", "required": True},
                    *({"id": f"t{n}", "kind": "long_text", "label": "Text"} for n in range(4)),
                ],
            },
        }
    ]
    state = compile(show, app=app, backend="html").state
    typed = {f"t{n}": "&" * 62_000 for n in range(4)}
    step = dispatch(press(state, name="", **typed), state=state, app=app, backend="html")
    assert (step.status, step.state.surfaces["main"].status) == (422, "live")
    assert step.html["main"].count("&amp;" * 62_000) == 4
    assert snapshot(step.state, app=app, backend="html").ok


def test_a_fixed_value_of_a_fields_name_is_the_buttons() -> None:
    app = UIApp("app", inline_form_action="save")
    app.add_action("pick")
    plans = {"node": "button", "label": "Pro", "action": "pick", "args": {"x": "pro"}}
    catalog_id = compile(SHOW, app=app).state.surfaces["main"].catalog_id
    shown = replace(surface(FIELD, plans), catalog_id=catalog_id)
    state = UIState("", {"main": shown})
    sent = press(state, x="half a wo")
    sent["userAction"] |= {"name": "pick", "sourceComponentId": "ui--main--root--1--button"}
    step = dispatch(sent, state=state, app=app, backend="html")
    assert step.action is not None
    assert dict(step.action.args) == {"x": "pro"}


def test_any_button_keeps_what_was_typed() -> None:
    app = UIApp("app", inline_form_action="save")
    app.add_action("look", requires_rev=False)
    state = compile(SHOW, app=app, backend="html").state
    shown = surface(FIELD, {"node": "button", "label": "Look", "action": "look"})
    state = UIState("", {"main": replace(shown, catalog_id=state.surfaces["main"].catalog_id)})
    sent = press(state, x="half a wo")
    sent["userAction"] |= {"name": "look", "sourceComponentId": "ui--main--root--1--button"}
    step = dispatch(sent, state=state, app=app, backend="html")
    assert step.action is not None
    assert (dict(step.action.context), step.state.surfaces["main"].data["draft"]["x"]) == (
        {},
        "half a wo",
    )
    sent["userAction"]["context"] |= {"_rev": 0, "x": "older", "gone": "y"}
    older = dispatch(sent, state=step.state, app=app, backend="html")
    assert older.action is not None
    assert older.state.surfaces["main"].data["draft"]["x"] == "half a wo"
