"""Strict mode: what the backend repairs in silence otherwise is an error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.crm import SAVE, event
from uicompiler import OutputError, UIApp, compile, dispatch
from uicompiler.ir.actions import Button
from uicompiler.ir.fields import Field
from uicompiler.templates.form import FormTemplate

SHOW = [{"type": "ui.show_form", "payload": {"form_id": "f"}}]


def app_with(label: str) -> UIApp:
    app = UIApp("app", inline_form_action="submit")
    button = Button(label="Save", action="submit", submit=True)
    field = Field(id="a", label=label)
    app.add_form("f", FormTemplate(title="T", fields=(field,), buttons=(button,)))
    return app


def test_strict_refuses_a_text_that_had_to_be_cleaned() -> None:
    app = app_with("Na\u202eme")
    assert compile(SHOW, app=app).ok
    with pytest.raises(OutputError) as caught:
        compile(SHOW, app=app, strict=True)
    assert caught.value.code == "A2UI_S2C_COMPONENT_TEXT_FORBIDDEN"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a\u202eb", "A2UI_S2C_DATA_TEXT_FORBIDDEN"),
        ("[1]", "A2UI_S2C_DATA_UNREPRESENTABLE"),
    ],
)
def test_strict_refuses_a_draft_that_cannot_go_out_as_it_is(typed: str, code: str) -> None:
    app = app_with("Name")
    state = compile(SHOW, app=app).state
    context: dict[str, Any] = {"a": typed, "_rev": 1}
    sent = event(state, action="submit", component=SAVE, context=context)
    typed_in = dispatch(sent, state=state, app=app).state
    lenient = compile([], app=app, state=typed_in, update="reset")
    assert lenient.ok
    assert code in [item.code for item in lenient.diagnostics]
    with pytest.raises(OutputError) as caught:
        compile([], app=app, state=typed_in, update="reset", strict=True)
    assert caught.value.code == code
