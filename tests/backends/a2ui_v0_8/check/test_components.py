"""Components, alone and together.

One row a rule: what is wrong, which code and place it gets, and what is left of it in interop.

Source: DESIGN section 6; what the official clients refuse is measured by `tests/official`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    FIRST,
    RULES,
    SURFACE,
    TEXT_AT,
    Level,
    Row,
    begin,
    button,
    card,
    check_interop,
    check_refused,
    codes,
    column,
    component,
    run,
    shown,
    text,
    update,
)

COMPONENT: dict[str, Row] = {
    "no components": ([*shown(text("a")), update()], "COMPONENT_INVALID", 3, SURFACE, "error"),
    "component not an object": (
        [update(3, text("r")), begin()],
        "COMPONENT_INVALID",
        1,
        FIRST,
        "error",
    ),
    "open component": (
        shown({**text("a"), "slot": 1}),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/slot",
        "error",
    ),
    "no type": (
        shown({"id": "a", "component": {}}),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/component",
        "error",
    ),
    "two types": (
        shown({"id": "a", "component": {**text("a")["component"], "Divider": {}}}),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/component",
        "error",
    ),
    "missing property": (
        shown(component("a", "Text")),
        "COMPONENT_INVALID",
        1,
        TEXT_AT,
        "error",
    ),
    "unknown property": (
        shown(component("a", "Text", text={"path": "/x"}, size=1)),
        "COMPONENT_INVALID",
        1,
        f"{TEXT_AT}/size",
        "error",
    ),
    "not of the enum": (
        shown(component("a", "Text", text={"path": "/x"}, usageHint="h6")),
        "COMPONENT_INVALID",
        1,
        f"{TEXT_AT}/usageHint",
        "error",
    ),
    "not a boolean": (
        shown(text("t"), component("a", "Button", child="t", primary=1, action={"name": "x"})),
        "COMPONENT_INVALID",
        1,
        f"{SURFACE}/1/component/Button/primary",
        "error",
    ),
    "a boolean is no number": (
        shown(component("a", "Slider", value={"path": "/x"}, maxValue=True)),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/component/Slider/maxValue",
        "error",
    ),
    "not finite": (
        shown(component("a", "Slider", value={"literalNumber": float("nan")})),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/component/Slider/value/literalNumber",
        "error",
    ),
    "huge": (
        shown(component("a", "Slider", value={"literalNumber": 10**400})),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/component/Slider/value/literalNumber",
        "error",
    ),
    "not an integer": (
        shown(
            component(
                "a",
                "MultipleChoice",
                selections={"path": "/x"},
                options=[],
                maxAllowedSelections=1.5,
            )
        ),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/component/MultipleChoice/maxAllowedSelections",
        "error",
    ),
    "not an array": (
        shown(component("a", "Tabs", tabItems={})),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/component/Tabs/tabItems",
        "error",
    ),
    "two kinds of children": (
        [
            update(
                text("t"),
                component(
                    "r",
                    "Row",
                    children={
                        "explicitList": ["t"],
                        "template": {"componentId": "t", "dataBinding": "/x"},
                    },
                ),
            ),
            begin(),
        ],
        "COMPONENT_INVALID",
        1,
        f"{SURFACE}/1/component/Row/children",
        "error",
    ),
    "weight of nothing": (
        shown({**text("a"), "weight": 0}),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/weight",
        "warning",
    ),
    "weight of a text": (
        shown({**text("a"), "weight": "1"}),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/weight",
        "error",
    ),
    "path and literal": (
        shown(component("a", "Text", text={"path": "/x", "literalString": "x"})),
        "COMPONENT_BOUND_VALUE",
        1,
        f"{TEXT_AT}/text",
        "error",
    ),
    "neither path nor literal": (
        shown(component("a", "Text", text={})),
        "COMPONENT_BOUND_VALUE",
        1,
        f"{TEXT_AT}/text",
        "error",
    ),
    "bare string": (
        shown(component("a", "Text", text="x")),
        "COMPONENT_BOUND_VALUE",
        1,
        f"{TEXT_AT}/text",
        "error",
    ),
    "unknown type": (
        shown(component("a", "Chart", x=1)),
        "CATALOG_UNKNOWN_TYPE",
        1,
        f"{FIRST}/component/Chart",
        "warning",
    ),
    "the official client's misspelling": (
        shown(component("a", "Checkbox")),
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/component/Checkbox",
        "error",
    ),
    "id twice": (
        [update(text("r"), text("r")), begin()],
        "COMPONENT_ID_DUPLICATE",
        1,
        f"{SURFACE}/1/id",
        "error",
    ),
    "id with a colon": (shown(text("a:b")), "COMPONENT_ID_INVALID", 1, f"{FIRST}/id", "warning"),
    "id of no letter": (shown(text("ä")), "COMPONENT_ID_INVALID", 1, f"{FIRST}/id", "warning"),
    "empty id": (shown(text("")), "COMPONENT_ID_INVALID", 1, f"{FIRST}/id", "warning"),
    "long id": (shown(text("a" * 129)), "COMPONENT_ID_INVALID", 1, f"{FIRST}/id", "warning"),
    "id of JavaScript": (
        shown(text("constructor")),
        "COMPONENT_ID_INVALID",
        1,
        f"{FIRST}/id",
        "warning",
    ),
    "id not a string": (
        [update({**text("a"), "id": 1}, text("r")), begin()],
        "COMPONENT_INVALID",
        1,
        f"{FIRST}/id",
        "error",
    ),
    "child nowhere": (
        [update(column("r", "x")), begin()],
        "COMPONENT_REFERENCE_UNRESOLVED",
        1,
        f"{FIRST}/component/Column/children/explicitList/0",
        "error",
    ),
    "child of an earlier message": (
        [*shown(text("a")), update(column("r", "a"))],
        "COMPONENT_REFERENCE_UNRESOLVED",
        3,
        f"{FIRST}/component/Column/children/explicitList/0",
        "error",
    ),
    "template nowhere": (
        [
            update(
                component(
                    "r", "List", children={"template": {"componentId": "x", "dataBinding": "/i"}}
                )
            ),
            begin(),
        ],
        "COMPONENT_REFERENCE_UNRESOLVED",
        1,
        f"{FIRST}/component/List/children/template/componentId",
        "error",
    ),
    "tab nowhere": (
        shown(component("a", "Tabs", tabItems=[{"title": {"path": "/x"}, "child": "x"}])),
        "COMPONENT_REFERENCE_UNRESOLVED",
        1,
        f"{FIRST}/component/Tabs/tabItems/0/child",
        "error",
    ),
    "cycle": (
        [update(card("a", "b"), card("b", "a"), column("r", "a")), begin()],
        "COMPONENT_CYCLE",
        1,
        FIRST,
        "error",
    ),
    "orphan at begin": (
        [update(text("a"), column("r")), begin()],
        "COMPONENT_ORPHAN",
        1,
        FIRST,
        "warning",
    ),
    "orphan of an earlier message": (
        [update(text("a")), update(column("r")), begin()],
        "COMPONENT_ORPHAN",
        1,
        FIRST,
        "warning",
    ),
    "orphan in an update": (
        [*shown(text("a")), update(text("a"), text("b"))],
        "COMPONENT_ORPHAN",
        3,
        f"{SURFACE}/1",
        "warning",
    ),
    "other type": (
        [*shown(text("a")), update(component("a", "Divider"))],
        "COMPONENT_TYPE_CHANGED",
        3,
        f"{FIRST}/component",
        "warning",
    ),
    "text is an id": (
        shown(text("a", "b"), text("b")),
        "COMPONENT_ID_COLLISION",
        1,
        f"{TEXT_AT}/text/literalString",
        "warning",
    ),
    "enum is an id": (
        shown(component("a", "Text", text={"path": "/x"}, usageHint="h1"), text("h1")),
        "COMPONENT_ID_COLLISION",
        1,
        f"{TEXT_AT}/usageHint",
        "warning",
    ),
    "path is an id": (
        shown(component("a", "Text", text={"path": "name"}), text("name")),
        "COMPONENT_ID_COLLISION",
        1,
        f"{TEXT_AT}/text/path",
        "warning",
    ),
    "option is an id": (
        shown(
            component(
                "a",
                "MultipleChoice",
                selections={"path": "/x"},
                options=[{"label": {"literalString": "A"}, "value": "t"}],
            ),
            text("t"),
        ),
        "COMPONENT_ID_COLLISION",
        1,
        f"{FIRST}/component/MultipleChoice/options/0/value",
        "warning",
    ),
    "text is an id of an earlier message": (
        [*shown(text("a"), text("b")), update(text("a", "b"))],
        "COMPONENT_ID_COLLISION",
        3,
        f"{TEXT_AT}/text/literalString",
        "warning",
    ),
    "id is a text of an earlier message": (
        [*shown(text("a", "new"), column("c")), update(column("c", "new"), text("new"))],
        "COMPONENT_ID_COLLISION",
        3,
        f"{SURFACE}/1",
        "warning",
    ),
    "pattern that backtracks": (
        shown(component("a", "TextField", label={"literalString": "l"}, validationRegexp="(a+)+")),
        "COMPONENT_PATTERN_UNSAFE",
        1,
        f"{FIRST}/component/TextField/validationRegexp",
        "warning",
    ),
    "bidi override": (
        shown(text("a", "abc\u202etxt.exe")),
        "COMPONENT_TEXT_FORBIDDEN",
        1,
        f"{TEXT_AT}/text/literalString",
        "warning",
    ),
    "lone surrogate": (
        shown(text("a", "\ud800")),
        "COMPONENT_TEXT_FORBIDDEN",
        1,
        f"{TEXT_AT}/text/literalString",
        "warning",
    ),
    "control in an action": (
        shown(text("t"), button("a", "t", x={"literalString": "\x00"})),
        "COMPONENT_TEXT_FORBIDDEN",
        1,
        f"{SURFACE}/1/component/Button/action/context/0/value/literalString",
        "warning",
    ),
    "path clients read differently": (
        shown(component("a", "Text", text={"path": "/a.b"})),
        "DATA_PATH_INVALID",
        1,
        f"{TEXT_AT}/text/path",
        "warning",
    ),
    "path of JavaScript": (
        shown(component("a", "Text", text={"path": "/a/constructor"})),
        "DATA_KEY_FORBIDDEN",
        1,
        f"{TEXT_AT}/text/path",
        "warning",
    ),
    "action without a name": (
        shown(text("t"), button("a", "t", "")),
        "COMPONENT_ACTION_FORBIDDEN",
        1,
        f"{SURFACE}/1/component/Button/action/name",
        "warning",
    ),
    "reserved context key": (
        shown(text("t"), button("a", "t", _x={"literalNumber": 1})),
        "COMPONENT_ACTION_FORBIDDEN",
        1,
        f"{SURFACE}/1/component/Button/action/context/0/key",
        "warning",
    ),
    "context key of JavaScript": (
        shown(text("t"), button("a", "t", prototype={"literalNumber": 1})),
        "COMPONENT_ACTION_FORBIDDEN",
        1,
        f"{SURFACE}/1/component/Button/action/context/0/key",
        "warning",
    ),
    "context key twice": (
        shown(
            text("t"),
            component(
                "a",
                "Button",
                child="t",
                action={"name": "x", "context": [{"key": "k", "value": {"literalNumber": 1}}] * 2},
            ),
        ),
        "COMPONENT_ACTION_FORBIDDEN",
        1,
        f"{SURFACE}/1/component/Button/action/context/1/key",
        "warning",
    ),
    "context value of two kinds": (
        shown(text("t"), button("a", "t", k={"literalNumber": 1, "path": "/x"})),
        "COMPONENT_BOUND_VALUE",
        1,
        f"{SURFACE}/1/component/Button/action/context/0/value",
        "error",
    ),
}


@pytest.mark.parametrize("row", COMPONENT.values(), ids=COMPONENT)
def test_what_breaks_a_rule_is_refused(row: Row) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", COMPONENT.values(), ids=COMPONENT)
def test_interop_warns_of_what_official_clients_accept(row: Row) -> None:
    check_interop(row)


@pytest.mark.parametrize("level", ["strict", "interop"])
@pytest.mark.parametrize(
    "components",
    [[text("a", "a")], [text("a", "r")], [card("a", "b"), text("b", "a")]],
    ids=["itself", "the root", "its parent"],
)
def test_a_string_that_closes_a_cycle_is_an_error(components: list[Any], level: Level) -> None:
    update_, begin_ = shown(*components)
    update_["surfaceUpdate"]["components"][-1] = column("r", "a")
    found = run([update_, begin_], replace(RULES, level=level))
    assert "COMPONENT_CYCLE" in codes(found)
