"""Wizard templates: the view of each step, and wizards that are none."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.flows import TRIP
from uicompiler.ir.actions import Button
from uicompiler.ir.figures import KeyValues
from uicompiler.ir.tree import View, editables, walk
from uicompiler.ir.values import freeze
from uicompiler.templates.wizard import WizardTemplate
from uicompiler.texts import english

WIZARD = WizardTemplate.model_validate(TRIP)
DRAFT = freeze(
    {
        "from": "2026-05-06",
        "to": "2026-05-08",
        "car": True,
        "plate": "B-AD 1",
        "guests": {"r1": {"name": "Ada", "age": 36}, "r2": None, "r3": {"name": "Bo", "age": ""}},
        "pin": "secret:abc",
    }
)


def labels(view: View) -> list[str]:
    return [node.label for node, _, _ in walk(view.root) if isinstance(node, Button)]


def view(step: str | None, draft: Any = DRAFT) -> View:
    return WIZARD.view("trip", english, draft, step)


def test_a_step_shows_its_fields_and_the_ways_on() -> None:
    shown = view("parking")
    assert shown.step == "parking"
    assert [node.id for node in editables(shown.root)] == ["plate"]
    assert labels(shown) == ["Back", "Next"]


def test_the_first_step_has_no_way_back() -> None:
    assert labels(view(None)) == ["Next"]


def test_a_step_that_is_not_there_now_is_the_first_one() -> None:
    assert view("parking", freeze({**DRAFT, "car": False})).step == "when"


def test_the_review_says_what_was_entered_in_words() -> None:
    shown = view("review")
    said = [
        (item.label, item.text)
        for node, _, _ in walk(shown.root)
        if isinstance(node, KeyValues)
        for item in node.items
    ]
    assert said == [
        ("From", "2026-05-06"),
        ("To", "2026-05-08"),
        ("By car", "Yes"),
        ("Plate", "B-AD 1"),
        ("PIN", "••••••"),
        ("Guests", "Ada · 36\nBo · —"),
    ]
    assert labels(shown) == ["Back", "Book", "Stop"]


def test_without_a_review_the_last_step_has_the_buttons() -> None:
    plain = WizardTemplate.model_validate({**TRIP, "review": False})
    assert labels(plain.view("trip", english, DRAFT, "who")) == ["Back", "Book", "Stop"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"steps": []}, "at least 1"),
        ({"steps": [TRIP["steps"][0], TRIP["steps"][0]]}, "step ids must differ"),
        ({"steps": [{**TRIP["steps"][0], "id": "review"}]}, "none may be 'review'"),
        ({"steps": TRIP["steps"][1:]}, "depends on 'car'"),
        (
            {"steps": [{**TRIP["steps"][0], "rules": [{"field": "x", "op": "lt", "value": 1}]}]},
            "message",
        ),
        (
            {
                "steps": [
                    {
                        **TRIP["steps"][0],
                        "rules": [{"field": "x", "op": "lt", "value": 1, "message": "m"}],
                    }
                ]
            },
            "a rule speaks of 'x'",
        ),
        ({"buttons": []}, "at least 1"),
    ],
)
def test_what_is_no_wizard_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        WizardTemplate.model_validate({**TRIP, **changed})
