"""Form templates: the view a form makes, and the forms that are none."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.content import Text
from uicompiler.ir.fields import Field
from uicompiler.ir.layout import Card, Section, Stack
from uicompiler.ir.tree import View
from uicompiler.templates.form import FormTemplate

FIELDS = (Field(id="b", label="B"), Field(id="a", label="A", kind="number"))
BUTTONS = (
    Button(label="Save", action="save", submit=True, primary=True),
    Button(label="Discard", action="discard"),
)


def template(**changed: Any) -> FormTemplate:
    return FormTemplate(**{"title": "Contact", "fields": FIELDS, "buttons": BUTTONS, **changed})


def test_a_form_is_a_card_with_title_intro_fields_and_buttons() -> None:
    body = Section(
        key="form",
        title="Contact",
        level=2,
        children=(
            Text(text="Who is it?", key="intro"),
            *FIELDS,
            Actions(key="actions", children=BUTTONS),
        ),
    )
    root = Stack(children=(Card(key="card", children=(body,)),))
    view = template(intro="Who is it?", version=3).view("contact")
    assert view == View(root, "contact", 3)


def test_a_form_without_an_intro_begins_with_its_fields() -> None:
    section = template().view("contact").root.children[0].children[0]  # type: ignore[attr-defined]
    assert section.children == (*FIELDS, Actions(key="actions", children=BUTTONS))


def test_an_inline_form_has_no_template_and_no_version() -> None:
    view = template(version=3).view(None)
    assert (view.template_id, view.template_version) == (None, None)


def test_versions_begin_at_one() -> None:
    assert template().view("contact").template_version == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"title": ""},
        {"fields": ()},
        {"buttons": ()},
        {"version": 0},
        {"fields": (FIELDS[0], FIELDS[0])},
        {"colour": "red"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_is_no_form_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        template(**changed)


def test_a_form_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        template().title = "Other"  # type: ignore[misc]  # that it is refused is the point
