"""Every invariant of `ir/verify.py` is found when it is broken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.crm import shown
from uicompiler.ir.state import UIState
from uicompiler.ir.tree import View, parse_node
from uicompiler.ir.values import FrozenDict, freeze
from uicompiler.ir.verify import verify_state, verify_view


def view(*children: dict[str, Any]) -> View:
    return View(parse_node({"node": "stack", "children": list(children)}))


def found(what: View) -> list[str]:
    limits = {"max_depth": 5, "max_nodes": 10, "max_context_keys": 4}
    return [d.code for d in verify_view(what, **limits, actions={"save"})]


BUTTON = {"node": "button", "label": "Save", "action": "save"}
FIELD = {"node": "field", "id": "a", "label": "A"}


def test_a_good_view_passes() -> None:
    assert (
        found(view(FIELD, {**BUTTON, "submit": True}, {"node": "text", "bind": "/draft/a"})) == []
    )


@pytest.mark.parametrize(
    ("children", "code"),
    [
        ([FIELD, FIELD], "DIRECTIVE_VIEW_INVALID"),
        ([{**BUTTON, "key": "k"}, {**BUTTON, "key": "k"}], "DIRECTIVE_VIEW_INVALID"),
        ([{**BUTTON, "key": "1"}, BUTTON], "DIRECTIVE_VIEW_INVALID"),
        ([{**BUTTON, "action": "other"}], "DIRECTIVE_ACTION_UNKNOWN"),
        ([{**BUTTON, "submit": True}], "DIRECTIVE_VIEW_INVALID"),
        ([{"node": "text", "bind": "/elsewhere/a"}], "DIRECTIVE_VIEW_INVALID"),
        ([{"node": "text", "bind": "/draft"}], "DIRECTIVE_VIEW_INVALID"),
        ([{"node": "text", "bind": "~"}], "DIRECTIVE_VIEW_INVALID"),
        ([{"node": "divider"}] * 10, "DIRECTIVE_LIMIT_EXCEEDED"),
        ([{**BUTTON, "args": {"a": 1, "b": 2, "c": 3}}], "DIRECTIVE_LIMIT_EXCEEDED"),
    ],
)
def test_a_broken_view_is_found(children: list[dict[str, Any]], code: str) -> None:
    assert code in found(view(*children))


def test_depth_is_limited() -> None:
    nested: dict[str, Any] = {"node": "divider"}
    for _ in range(6):
        nested = {"node": "stack", "children": [nested]}
    assert found(View(parse_node(nested))) == ["DIRECTIVE_LIMIT_EXCEEDED"]


def changed(**surface: Any) -> UIState:
    state = shown().state
    return state.with_surface(replace(state.surfaces["main"], **surface))


@pytest.mark.parametrize(
    "state",
    [
        changed(epoch=0),
        changed(rev=-1),
        changed(view=None),
        changed(data=FrozenDict({"draft": FrozenDict()})),
        changed(data=freeze({"draft": {}, "committed": {}, "ui_state": {}})),
        changed(data=freeze({**shown().state.surfaces["main"].data, "ui_state": {"__proto__": 1}})),
        changed(
            data=freeze({**shown().state.surfaces["main"].data, "committed": {"n": float("inf")}})
        ),
        changed(data=freeze({**shown().state.surfaces["main"].data, "committed": {"n": 2**60}})),
    ],
)
def test_a_broken_state_is_found(state: UIState) -> None:
    assert verify_state(shown().state) == []
    assert [d.code for d in verify_state(state)] == ["DIRECTIVE_VIEW_INVALID"]
