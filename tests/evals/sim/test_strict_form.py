from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from uicompiler import UIApp
from uicompiler.evals.prepared import shipped_scenarios
from uicompiler.evals.scenario import STANDARD_APP, load_scenarios
from uicompiler.evals.sim.strict_form import in_strict_form
from uicompiler.ir.values import thaw
from uicompiler.llm.briefing import briefing
from uicompiler.llm.schema import envelope_schema

WHOLE_ROWS = {
    "booking.book_with_guests",
    "booking.second_step_guest",
    "character_card.add_lore",
    "character_card.draft_a_card",
    "crm.japanese_contact",
    "crm.patch_add_address",
}
"""Replies with a whole row as one value: an open object, which no strict schema can say."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "values": {
            "type": "array",
            "items": {"type": "object", "properties": {"path": {}, "value": {}}},
        },
    },
}


def test_keys_come_in_the_order_of_the_schema_and_null_where_nothing_is_meant() -> None:
    found = in_strict_form({"values": [], "name": "Ada"}, SCHEMA)

    assert list(found.items()) == [("name", "Ada"), ("note", None), ("values", [])]


def test_a_map_becomes_a_list_of_entries() -> None:
    found = in_strict_form({"name": "Ada", "values": {"age": 3}}, SCHEMA)

    assert found["values"] == [{"path": "age", "value": 3}]


def test_a_key_that_may_not_be_null_is_left_out() -> None:
    assert in_strict_form({}, SCHEMA) == {"note": None}


def test_what_no_branch_takes_stays_as_it_is() -> None:
    branches = {"anyOf": [{"type": "object", "properties": {"a": {"type": "null"}}}]}

    assert in_strict_form({"b": 1}, branches) == {"b": 1}


def test_a_key_that_may_have_one_value_only_has_it() -> None:
    schema = {"type": "object", "properties": {"node": {"type": "string", "enum": ["field"]}}}

    assert in_strict_form({}, schema) == {"node": "field"}


def test_a_branch_is_chosen_by_what_it_names() -> None:
    schema = envelope_schema(UIApp.standard())
    envelope = {
        "assistant_text": "Done",
        "directives": [{"type": "ui.toast", "payload": {"text": "Done"}}],
    }

    found = in_strict_form(envelope, schema)

    payload = found["directives"][0]["payload"]
    assert payload["text"] == "Done"
    assert payload["surface"] is None


@pytest.mark.parametrize("value", [None, 3, "x", [1]])
def test_another_value_stays_as_it_is(value: Any) -> None:
    assert in_strict_form(value, SCHEMA) == value


def test_replies_can_be_said_in_their_apps_strict_schema() -> None:
    validators: dict[str, Draft202012Validator] = {}
    unsaid = set()
    for item in load_scenarios(shipped_scenarios()):
        if item.app_place not in validators:
            schema = briefing(_app(item.app_place)).response_format["json_schema"]["schema"]
            validators[item.app_place] = Draft202012Validator(schema)
        validator = validators[item.app_place]
        envelope = {"assistant_text": "", "directives": [], **thaw(item.scenario.reply)}
        if not validator.is_valid(in_strict_form(envelope, validator.schema)):
            unsaid.add(item.id)

    assert unsaid == WHOLE_ROWS


def _app(place: str) -> UIApp:
    return UIApp.standard() if place == STANDARD_APP else UIApp.load(place)
