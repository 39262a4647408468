"""Reading trees: a string below a node is a text."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler.compiler import compile
from uicompiler.ir.content import Text
from uicompiler.ir.layout import Card
from uicompiler.ir.tree import node_to_json, parse_node


def test_a_string_among_children_is_a_text() -> None:
    read = parse_node({"node": "card", "children": ["Ada", {"node": "divider"}, ""]})
    assert isinstance(read, Card)
    first, _, last = read.children
    assert (first, last) == (Text(text="Ada"), Text(text=""))


def test_it_is_kept_and_written_as_a_text() -> None:
    written = node_to_json(parse_node({"node": "card", "children": ["Ada"]}))
    assert written["children"] == [{"node": "text", "text": "Ada", "style": "body"}]


@pytest.mark.parametrize("strict", [False, True])
def test_a_view_may_be_a_string(strict: bool) -> None:
    shown = {"type": "ui.show_view", "payload": {"root": "Back on Monday."}}
    result = compile([shown], strict=strict)
    assert (result.ok, result.diagnostics) == (True, ())
    assert b"Back on Monday" in result.jsonl()


@pytest.mark.parametrize(
    "root",
    [
        {"node": "card", "children": "Ada"},
        {"node": "card", "children": [7]},
    ],
)
def test_a_string_is_no_list_of_children(root: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        parse_node(root)
