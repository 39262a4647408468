"""Progress and key_values: where their values come from."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler.ir.tree import View, parse_node
from uicompiler.ir.verify import verify_view


@pytest.mark.parametrize(
    "node",
    [
        {"node": "progress", "value": 1, "bind": "/committed/done"},
        {"node": "progress", "value": 1, "max": 0},
        {"node": "progress", "value": 1, "max": -1},
        {"node": "progress", "value": "half"},
        {"node": "progress", "value": float("nan")},
        {"node": "key_values"},
        {"node": "key_values", "items": []},
        {"node": "key_values", "items": [{"label": "Plan"}]},
        {"node": "key_values", "items": [{"label": "", "text": "Pro"}]},
        {"node": "key_values", "items": [{"label": "Plan", "text": "Pro", "bind": "/draft/a"}]},
    ],
)
def test_a_figure_without_one_clear_value_is_refused(node: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        parse_node(node)


@pytest.mark.parametrize(
    ("node", "count"),
    [
        ({"node": "progress", "bind": "/committed/done"}, 0),
        ({"node": "progress", "bind": "/committed"}, 1),
        ({"node": "key_values", "items": [{"label": "a", "bind": "/ui_state/a/0"}]}, 0),
        ({"node": "key_values", "items": [{"label": "a", "bind": "/x/y"}] * 2}, 2),
    ],
)
def test_a_figure_reads_from_the_document(node: dict[str, Any], count: int) -> None:
    found = verify_view(
        View(parse_node(node)), max_depth=1, max_nodes=1, max_context_keys=1, actions=None
    )
    assert [item.code for item in found] == ["DIRECTIVE_VIEW_INVALID"] * count
