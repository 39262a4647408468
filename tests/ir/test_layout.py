"""Tabs and disclosures: what may stand where."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler.ir.tree import View, parse_node
from uicompiler.ir.verify import verify_view

TAB = {"node": "tab", "title": "Person"}
TABS = {"node": "tabs", "children": [TAB]}


def found(root: dict[str, Any]) -> list[str]:
    limits = {"max_depth": 9, "max_nodes": 20, "max_context_keys": 4}
    return [d.message for d in verify_view(View(parse_node(root)), **limits, actions=None)]


@pytest.mark.parametrize(
    "root",
    [
        TABS,
        {"node": "stack", "children": [TABS]},
        {"node": "tabs", "children": [{**TAB, "children": [TABS]}, TAB]},
        {"node": "disclosure", "title": "More", "children": [TABS]},
    ],
)
def test_a_tab_stands_in_tabs(root: dict[str, Any]) -> None:
    assert found(root) == []


@pytest.mark.parametrize(
    ("root", "place"),
    [
        (TAB, "root"),
        ({"node": "stack", "children": [TAB]}, "root/0"),
        ({"node": "tabs", "children": [{**TAB, "children": [TAB]}]}, "root/0/0"),
        ({"node": "tabs", "children": [TAB, {"node": "divider"}]}, "root/1"),
        ({"node": "tabs", "children": [{"node": "field", "id": "a", "label": "A"}]}, "field/a"),
    ],
)
def test_nothing_else_holds_a_tab_or_stands_in_tabs(root: dict[str, Any], place: str) -> None:
    assert found(root) == [f"tabs hold nodes of kind tab, and nothing else does (in {place})"]


@pytest.mark.parametrize(
    "node",
    [
        {"node": "tabs"},
        {"node": "tabs", "children": []},
        {"node": "tab", "title": ""},
        {"node": "tab"},
        {"node": "disclosure", "title": ""},
        {"node": "disclosure", "children": []},
    ],
)
def test_what_a_user_could_not_press_is_refused(node: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        parse_node(node)
