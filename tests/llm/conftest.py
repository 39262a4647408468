"""An app like a small CRM: several forms, choices, no inline forms."""

from __future__ import annotations

from typing import Any

import pytest

from tests import traces
from uicompiler.app import UIApp
from uicompiler.llm.result import LLMResult
from uicompiler.llm.turns.ending import Ending
from uicompiler.templates.form import FormTemplate

FORMS: dict[str, dict[str, Any]] = {
    "contact": {
        "title": "New contact",
        "fields": [
            {"id": "name", "label": "Full name", "required": True},
            {"id": "email", "label": "E-mail", "required": True},
            {"id": "phone", "label": "Phone"},
            {"id": "segment", "label": "Segment", "kind": "choice", "options": ["SMB", "Partner"]},
            {"id": "newsletter", "label": "Newsletter", "kind": "boolean"},
            {"id": "notes", "label": "Notes", "kind": "long_text"},
        ],
    },
    "deal": {
        "title": "New deal",
        "fields": [
            {"id": "title", "label": "Title", "required": True},
            {"id": "amount", "label": "Amount", "kind": "number", "min": 0},
            {
                "id": "stage",
                "label": "Stage",
                "kind": "choice",
                "options": [{"value": "lead", "label": "Lead"}, {"value": "won", "label": "Won"}],
            },
            {"id": "close_on", "label": "Closes on", "kind": "date"},
        ],
    },
    "meeting": {
        "title": "Plan a meeting",
        "fields": [
            {"id": "topic", "label": "Topic", "required": True},
            {"id": "day", "label": "Day", "kind": "date", "required": True},
            {"id": "attendees", "label": "Attendees", "kind": "number"},
            {"id": "online", "label": "Online", "kind": "boolean"},
        ],
    },
    "task": {
        "title": "New task",
        "fields": [
            {"id": "what", "label": "What", "required": True},
            {"id": "due", "label": "Due", "kind": "date"},
        ],
    },
}


def build_crm(*, form_ids: tuple[str, ...] = tuple(FORMS), inline: str | None = None) -> UIApp:
    app = UIApp("crm", inline_form_action=inline)
    app.add_action("save")
    buttons = [{"label": "Save", "action": "save", "submit": True}]
    for form_id in form_ids:
        template = FormTemplate.model_validate({**FORMS[form_id], "buttons": buttons})
        app.add_form(form_id, template)
    return app


@pytest.fixture(scope="session")
def crm() -> UIApp:
    return build_crm()


@pytest.fixture(scope="session")
def crm_reversed() -> UIApp:
    """The same forms, registered in another order."""
    return build_crm(form_ids=tuple(reversed(FORMS)))


@pytest.fixture(scope="session")
def crm_inline() -> UIApp:
    return build_crm(inline="submit")


@pytest.fixture(autouse=True)
def every_trace_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn of these tests may leave a trace that does not fit the published schema."""
    for name in ("result", "refused"):
        made = getattr(Ending, name)

        def checked(self: Ending, given: Any, made: Any = made) -> LLMResult:
            result: LLMResult = made(self, given)
            traces.check(result.trace)
            return result

        monkeypatch.setattr(Ending, name, checked)
