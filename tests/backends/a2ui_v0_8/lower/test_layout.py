"""Nothing a user must see is out of sight for good: tabs and disclosures."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.a2ui_v0_8.lower.views import lowered, parts
from uicompiler.ir.reserved import ERRORS_KEY, MARK

NAME = {"node": "field", "id": "name", "label": "Name"}
ROWS = {"node": "rows", "id": "guests", "label": "Guests", "columns": [NAME]}
WRONG = {ERRORS_KEY: {"name": "Taken."}}


def tabs(**first: Any) -> dict[str, Any]:
    children = [
        {"node": "tab", "title": "Person", "children": [{"node": "card", "children": [NAME]}]},
        {"node": "tab", "title": "Notes"},
    ]
    return {"node": "tabs", "children": [{**children[0], **first}, children[1]]}


def titles(*args: Any, **document: Any) -> list[str]:
    (found,) = parts(lowered(*args, **document), "Tabs")
    return [item["title"]["literalString"] for item in found["tabItems"]]


def test_a_tab_with_an_error_says_so() -> None:
    assert titles(tabs()) == ["Person", "Notes"]
    assert titles(tabs(), ui_state=WRONG) == ["\u26a0 Person", "Notes"]
    assert titles(tabs(), ui_state={ERRORS_KEY: {"other": "x", "name": ""}}) == ["Person", "Notes"]


def test_titles_are_one_line_that_no_client_misreads() -> None:
    assert titles(tabs(title="Two\nlines")) == ["Two lines", "Notes"]
    assert titles(tabs(title="[1]")) == ["[1]", "Notes"]  # no client parses a literal
    assert titles(tabs(title="ui--surface--Column")) == [f"{MARK}ui--surface--Column", "Notes"]


def disclosure(*children: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"node": "disclosure", "title": "More", "children": list(children), **given}


def test_a_disclosure_opens_by_what_is_no_button() -> None:
    found = lowered(disclosure(NAME, {"node": "divider"}))
    (modal,) = parts(found, "Modal")
    entry = found.components[modal["entryPointChild"]]["component"]
    assert entry.keys() == {"Card"}
    assert found.components[entry["Card"]["child"]]["component"].keys() == {"Text"}
    assert found.components[modal["contentChild"]]["component"].keys() == {"Column"}


@pytest.mark.parametrize(
    ("node", "ui_state"),
    [
        (disclosure({**NAME, "required": True}), {}),
        (disclosure({"node": "card", "children": [{**NAME, "required": True}]}), {}),
        (disclosure(NAME), WRONG),
        (disclosure(NAME, open=True), {}),
        (disclosure({"node": "text", "text": "x"}, title="\n"), {}),
    ],
)
def test_what_must_be_seen_is_never_behind_a_modal(
    node: dict[str, Any], ui_state: dict[str, Any]
) -> None:
    found = lowered(node, ui_state=ui_state)
    assert parts(found, "Modal") == []
    assert not [ident for ident in found.components if "entry" in ident], "nothing is left over"


@pytest.mark.parametrize(
    ("rows", "draft", "ui_state"),
    [
        ({"min_rows": 1}, {}, {}),
        ({"columns": [{**NAME, "required": True}]}, {"r1": {"name": ""}}, {}),
        ({}, {"r1": {"name": ""}}, {ERRORS_KEY: {"guests/r1/name": "Taken."}}),
        ({}, {}, {ERRORS_KEY: {"guests": "Too few."}}),
    ],
)
def test_rows_must_be_seen_as_fields_must(
    rows: dict[str, Any], draft: dict[str, Any], ui_state: dict[str, Any]
) -> None:
    node = disclosure({**ROWS, **rows})
    assert parts(lowered(node, draft={"guests": draft}, ui_state=ui_state), "Modal") == []
    assert parts(lowered(disclosure(ROWS), draft={"guests": draft}), "Modal") != []
