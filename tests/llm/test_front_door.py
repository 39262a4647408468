"""What `uicompiler.llm` promises by name is there; what a model is told follows the app."""

from __future__ import annotations

from tests.llm.conftest import FORMS, build_crm
from uicompiler import llm
from uicompiler.llm.briefing import briefing
from uicompiler.templates.form import FormTemplate


def test_every_public_name_is_there_and_run_is_a_function() -> None:
    assert sorted(llm.__all__) == llm.__all__
    for name in llm.__all__:
        assert getattr(llm, name) is not None
    assert callable(llm.run) and callable(llm.arun)


def test_a_briefing_is_made_once_and_anew_when_the_app_changes() -> None:
    app = build_crm(form_ids=("contact",))
    first = briefing(app)
    assert briefing(app) is first
    buttons = [{"label": "Save", "action": "save", "submit": True}]
    app.add_form("deal", FormTemplate.model_validate({**FORMS["deal"], "buttons": buttons}))
    second = briefing(app)
    assert "New deal" in second.instructions and "New deal" not in first.instructions
    app.directives.drop("ui.toast")
    assert "ui_toast" in second.directive_tools
    assert "ui_toast" not in briefing(app).directive_tools
