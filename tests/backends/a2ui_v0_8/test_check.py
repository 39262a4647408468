"""One row a rule: what is wrong, which code and place it gets, and what is left of it in interop.

Source: DESIGN section 6; what the official clients refuse is measured by `tests/official`.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.backends.a2ui_v0_8.check import (
    MAX_FINDINGS,
    Rules,
    StreamChecker,
    check_batch,
)
from uicompiler.catalog.catalog import parse_catalog, standard_catalog
from uicompiler.errors import CODES, Diagnostic
from uicompiler.limits import Limits

Level = Literal["strict", "interop"]
Message = dict[str, Any]

RULES = Rules(standard_catalog(), Limits())
FOREIGN = replace(RULES, foreign=True)


def update(*components: Any, surface: str = "main") -> Message:
    return {"surfaceUpdate": {"surfaceId": surface, "components": list(components)}}


def component(ident: str, kind: str, **props: Any) -> Message:
    return {"id": ident, "component": {kind: props}}


def text(ident: str, said: str = "hello") -> Message:
    return component(ident, "Text", text={"literalString": said})


def column(ident: str, *children: str) -> Message:
    return component(ident, "Column", children={"explicitList": list(children)})


def card(ident: str, child: str) -> Message:
    return component(ident, "Card", child=child)


def button(ident: str, child: str, name: str = "save", **context: Any) -> Message:
    entries = [{"key": key, "value": value} for key, value in context.items()]
    return component(ident, "Button", child=child, action={"name": name, "context": entries})


def data(*contents: Any, path: str | None = "/draft", surface: str = "main") -> Message:
    where = {} if path is None else {"path": path}
    return {"dataModelUpdate": {"surfaceId": surface, **where, "contents": list(contents)}}


def begin(root: str = "r", surface: str = "main", **more: Any) -> Message:
    return {"beginRendering": {"surfaceId": surface, "root": root, **more}}


def delete(surface: str = "main") -> Message:
    return {"deleteSurface": {"surfaceId": surface}}


def shown(*components: Any, **props: Any) -> list[Message]:
    """A whole first render whose root holds the components; the first of them is at index 0."""
    ids = [item["id"] for item in components]
    return [update(*components, column("r", *ids)), begin(**props)]


def inside(value: Any) -> list[Message]:
    """A first render with one data message."""
    return [update(column("r")), data(value), begin()]


def run(
    messages: Sequence[Any], rules: Rules = RULES, live: Sequence[str] = ()
) -> list[Diagnostic]:
    checker = StreamChecker(rules, live=live)
    found = [
        finding
        for line, message in enumerate(messages, start=1)
        for finding in checker.message(message, line=line)
    ]
    return found + checker.finish()


GOOD: dict[str, list[Message]] = {
    "nothing": [],
    "every property": [
        update(
            text("t", "5\\*3 & more"),
            component(
                "img", "Image", url={"literalString": "https://a.example/i.png"}, fit="cover"
            ),
            component("ic", "Icon", name={"literalString": "star"}),
            component("tabs", "Tabs", tabItems=[{"title": {"path": "/t/x"}, "child": "t2"}]),
            text("t2"),
            component("modal", "Modal", entryPointChild="t3", contentChild="t4"),
            text("t3"),
            text("t4"),
            button("b", "t5", "go", a={"path": "/draft/a/v"}, _rev={"literalNumber": 1}),
            text("t5"),
            component(
                "f",
                "TextField",
                label={"literalString": "l"},
                text={"path": "/draft/a/v"},
                textFieldType="shortText",
                validationRegexp="[a-z]+",
            ),
            component(
                "cb", "CheckBox", label={"literalString": "l"}, value={"literalBoolean": True}
            ),
            component(
                "mc",
                "MultipleChoice",
                selections={"path": "/draft/m/v"},
                maxAllowedSelections=1,
                options=[{"label": {"literalString": "One"}, "value": "one"}],
            ),
            component("sl", "Slider", value={"literalNumber": 0.5}, minValue=0, maxValue=1.0),
            {**component("d", "Divider", axis="vertical"), "weight": 2},
            component(
                "li", "List", children={"template": {"componentId": "row", "dataBinding": "/i"}}
            ),
            component("row", "Text", text={"path": "name"}),
            component("self", "Text", text={"path": "."}),
            column(
                "r",
                "t",
                "img",
                "ic",
                "tabs",
                "modal",
                "b",
                "f",
                "cb",
                "mc",
                "sl",
                "d",
                "li",
                "self",
            ),
        ),
        data(
            {"key": "a", "valueMap": [{"key": "v", "valueString": "x"}]},
            {"key": "m", "valueMap": [{"key": "v", "valueString": '["one"]'}]},
            {"key": "n", "valueNumber": 1.5},
            {"key": "b", "valueBoolean": False},
            {"key": "j", "valueString": "\u2060[1]"},
            {"key": "e", "valueString": "[]"},
        ),
        begin(styles={"font": "Arial", "primaryColor": "#00fFaa"}),
        update(text("t")),
        data({"key": "v", "valueString": "\u0645\u200c\u0647 👨\u200d👩"}, path="/draft/a"),
        delete(),
        delete(),
    ],
    "root data before begin": [data(path=None), data(path="/"), *shown(text("a"))],
    "subtree of what was there": [
        *shown(column("c", "x"), text("x")),
        update(column("c", "n"), text("n")),
    ],
    "an action's strings may be ids": shown(
        text("a"), button("b", "a", "a", r={"literalString": "r"})
    ),
    "one child twice": shown(column("c", "x", "x"), text("x")),
}


@pytest.mark.parametrize("rules", [RULES, FOREIGN], ids=["own", "foreign"])
@pytest.mark.parametrize("name", GOOD)
def test_good_streams_have_no_findings(name: str, rules: Rules) -> None:
    assert run(GOOD[name], rules) == []


Row = tuple[Sequence[Any], str, int | None, str, str | None]
"""Messages; code without family; line and pointer; severity in interop (None: no finding)."""

SURFACE = "/surfaceUpdate/components"
FIRST = f"{SURFACE}/0"
ENTRY = "/dataModelUpdate/contents/0"

ENVELOPE: dict[str, Row] = {
    "not an object": ([[]], "ENVELOPE_INVALID", 1, "", "error"),
    "no key": ([{}], "ENVELOPE_INVALID", 1, "", "error"),
    "two keys": ([{**delete(), **begin()}], "ENVELOPE_INVALID", 1, "", "error"),
    "unknown key": ([{"createSurface": {}}], "ENVELOPE_INVALID", 1, "", "error"),
    "body not an object": (
        [{"deleteSurface": []}],
        "ENVELOPE_INVALID",
        1,
        "/deleteSurface",
        "error",
    ),
    "no surface id": (
        [{"deleteSurface": {}}],
        "ENVELOPE_INVALID",
        1,
        "/deleteSurface/surfaceId",
        "error",
    ),
    "surface id of JavaScript": (
        [delete("__proto__")],
        "ENVELOPE_INVALID",
        1,
        "/deleteSurface/surfaceId",
        "error",
    ),
    "open message": (
        [{"deleteSurface": {"surfaceId": "main", "now": True}}],
        "ENVELOPE_INVALID",
        1,
        "/deleteSurface/now",
        "error",
    ),
    "open update": (
        [
            update(text("r")) | {"surfaceUpdate": {**update(text("r"))["surfaceUpdate"], "x/y": 1}},
            begin(),
        ],
        "ENVELOPE_INVALID",
        1,
        "/surfaceUpdate/x~1y",
        "error",
    ),
}

BEGIN: dict[str, Row] = {
    "unknown property": (
        shown(text("a"), logo="x"),
        "BEGIN_INVALID",
        2,
        "/beginRendering/logo",
        "error",
    ),
    "root of another type": (
        [update(text("r")), {"beginRendering": {"surfaceId": "main", "root": 1}}],
        "BEGIN_INVALID",
        2,
        "/beginRendering/root",
        "error",
    ),
    "unknown style": (
        shown(text("a"), styles={"logoUrl": "x"}),
        "BEGIN_INVALID",
        2,
        "/beginRendering/styles/logoUrl",
        "error",
    ),
    "not a colour": (
        shown(text("a"), styles={"primaryColor": "red"}),
        "BEGIN_INVALID",
        2,
        "/beginRendering/styles/primaryColor",
        "error",
    ),
    "styles not an object": (
        shown(text("a"), styles=[]),
        "BEGIN_INVALID",
        2,
        "/beginRendering/styles",
        "error",
    ),
    "root never defined": (
        [update(text("a")), begin()],
        "BEGIN_ROOT_MISSING",
        2,
        "/beginRendering/root",
        "error",
    ),
    "root defined later": (
        [begin(), update(text("r"))],
        "BEGIN_ROOT_MISSING",
        1,
        "/beginRendering/root",
        "warning",
    ),
    "begun twice": (
        [*shown(text("a")), begin()],
        "BEGIN_REPEATED",
        3,
        "/beginRendering",
        "warning",
    ),
    "used after deletion": (
        [*shown(text("a")), delete(), *shown(text("a"))],
        "BEGIN_REPEATED",
        4,
        "/surfaceUpdate/surfaceId",
        "warning",
    ),
    "never begun": ([update(text("r"))], "BEGIN_MISSING", 1, "", "warning"),
    "only data": ([data()], "BEGIN_MISSING", 1, "", "warning"),
    "another catalog": (
        shown(text("a"), catalogId="https://other.example/c.json"),
        "CATALOG_MISMATCH",
        2,
        "/beginRendering/catalogId",
        "warning",
    ),
}

_TEXT_AT = f"{FIRST}/component/Text"
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
        _TEXT_AT,
        "error",
    ),
    "unknown property": (
        shown(component("a", "Text", text={"path": "/x"}, size=1)),
        "COMPONENT_INVALID",
        1,
        f"{_TEXT_AT}/size",
        "error",
    ),
    "not of the enum": (
        shown(component("a", "Text", text={"path": "/x"}, usageHint="h6")),
        "COMPONENT_INVALID",
        1,
        f"{_TEXT_AT}/usageHint",
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
        f"{_TEXT_AT}/text",
        "error",
    ),
    "neither path nor literal": (
        shown(component("a", "Text", text={})),
        "COMPONENT_BOUND_VALUE",
        1,
        f"{_TEXT_AT}/text",
        "error",
    ),
    "bare string": (
        shown(component("a", "Text", text="x")),
        "COMPONENT_BOUND_VALUE",
        1,
        f"{_TEXT_AT}/text",
        "error",
    ),
    "unknown type": (
        shown(component("a", "Chart", x=1)),
        "CATALOG_UNKNOWN_TYPE",
        1,
        f"{FIRST}/component/Chart",
        "warning",
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
        f"{_TEXT_AT}/text/literalString",
        "warning",
    ),
    "enum is an id": (
        shown(component("a", "Text", text={"path": "/x"}, usageHint="h1"), text("h1")),
        "COMPONENT_ID_COLLISION",
        1,
        f"{_TEXT_AT}/usageHint",
        "warning",
    ),
    "path is an id": (
        shown(component("a", "Text", text={"path": "name"}), text("name")),
        "COMPONENT_ID_COLLISION",
        1,
        f"{_TEXT_AT}/text/path",
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
        f"{_TEXT_AT}/text/literalString",
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
        f"{_TEXT_AT}/text/literalString",
        "warning",
    ),
    "lone surrogate": (
        shown(text("a", "\ud800")),
        "COMPONENT_TEXT_FORBIDDEN",
        1,
        f"{_TEXT_AT}/text/literalString",
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
        f"{_TEXT_AT}/text/path",
        "warning",
    ),
    "path of JavaScript": (
        shown(component("a", "Text", text={"path": "/a/constructor"})),
        "DATA_KEY_FORBIDDEN",
        1,
        f"{_TEXT_AT}/text/path",
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

DATA: dict[str, Row] = {
    "contents not an array": (
        [
            *shown(text("a")),
            {"dataModelUpdate": {"surfaceId": "main", "path": "/x", "contents": {}}},
        ],
        "DATA_INVALID",
        3,
        "/dataModelUpdate/contents",
        "error",
    ),
    "entry not an object": (inside(1), "DATA_INVALID", 2, ENTRY, "error"),
    "no value": (inside({"key": "a"}), "DATA_INVALID", 2, ENTRY, "error"),
    "two values": (
        inside({"key": "a", "valueString": "x", "valueNumber": 1}),
        "DATA_INVALID",
        2,
        ENTRY,
        "error",
    ),
    "no key": (inside({"valueString": "x"}), "DATA_INVALID", 2, f"{ENTRY}/key", "error"),
    "unknown value": (
        inside({"key": "a", "valueArray": []}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueArray",
        "error",
    ),
    "string of another type": (
        inside({"key": "a", "valueString": 1}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueString",
        "error",
    ),
    "a boolean is no number": (
        inside({"key": "a", "valueNumber": True}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueNumber",
        "error",
    ),
    "a number is no boolean": (
        inside({"key": "a", "valueBoolean": 0}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueBoolean",
        "error",
    ),
    "a map of another type": (
        inside({"key": "a", "valueMap": {}}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueMap",
        "error",
    ),
    "map in a map": (
        inside({"key": "a", "valueMap": [{"key": "b", "valueMap": []}]}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueMap/0/valueMap",
        "warning",
    ),
    "key twice": (
        [update(column("r")), data(*[{"key": "a", "valueNumber": 1}] * 2), begin()],
        "DATA_INVALID",
        2,
        "/dataModelUpdate/contents/1/key",
        "warning",
    ),
    "infinite": (
        inside({"key": "a", "valueNumber": float("inf")}),
        "DATA_NOT_FINITE",
        2,
        f"{ENTRY}/valueNumber",
        "error",
    ),
    "inexact": (
        inside({"key": "a", "valueNumber": 2**53 + 1}),
        "DATA_UNREPRESENTABLE",
        2,
        f"{ENTRY}/valueNumber",
        "warning",
    ),
    "dotted key": (
        inside({"key": "a.b", "valueNumber": 1}),
        "DATA_KEY_INVALID",
        2,
        f"{ENTRY}/key",
        "warning",
    ),
    "the dot key": (
        inside({"key": ".", "valueNumber": 1}),
        "DATA_KEY_INVALID",
        2,
        f"{ENTRY}/key",
        "warning",
    ),
    "key of JavaScript": (
        inside({"key": "__proto__", "valueNumber": 1}),
        "DATA_KEY_FORBIDDEN",
        2,
        f"{ENTRY}/key",
        "warning",
    ),
    "relative path": (
        [update(column("r")), data(path="draft"), begin()],
        "DATA_PATH_INVALID",
        2,
        "/dataModelUpdate/path",
        "warning",
    ),
    "path with brackets": (
        [update(column("r")), data(path="/a[0]"), begin()],
        "DATA_PATH_INVALID",
        2,
        "/dataModelUpdate/path",
        "warning",
    ),
    "path ends in a slash": (
        [update(column("r")), data(path="/a/"), begin()],
        "DATA_PATH_INVALID",
        2,
        "/dataModelUpdate/path",
        "warning",
    ),
    "path of JavaScript": (
        [update(column("r")), data(path="/a/__proto__"), begin()],
        "DATA_KEY_FORBIDDEN",
        2,
        "/dataModelUpdate/path",
        "warning",
    ),
    "path of another type": (
        [
            update(column("r")),
            {"dataModelUpdate": {"surfaceId": "main", "path": 1, "contents": []}},
            begin(),
        ],
        "DATA_INVALID",
        2,
        "/dataModelUpdate/path",
        "error",
    ),
    **{
        f"root replaced by {path!r}": (
            [*shown(text("a")), data(path=path)],
            "DATA_ROOT_REPLACED",
            3,
            "/dataModelUpdate/path",
            "warning",
        )
        for path in (None, "", "/", ".", "./", "//")
    },
    "JSON-looking": (
        inside({"key": "a", "valueString": ' {"a": 1}'}),
        "DATA_UNREPRESENTABLE",
        2,
        f"{ENTRY}/valueString",
        "warning",
    ),
    "JSON-looking array of numbers": (
        inside({"key": "a", "valueString": "[1]"}),
        "DATA_UNREPRESENTABLE",
        2,
        f"{ENTRY}/valueString",
        "warning",
    ),
    "zero width space": (
        inside({"key": "a", "valueString": "a\u200bb"}),
        "DATA_TEXT_FORBIDDEN",
        2,
        f"{ENTRY}/valueString",
        "warning",
    ),
    "bidi override in a selection": (
        inside({"key": "a", "valueString": '["\\u202e"]'}),
        "DATA_TEXT_FORBIDDEN",
        2,
        f"{ENTRY}/valueString",
        "warning",
    ),
}

ROWS = {
    f"{family}: {name}": row
    for family, rows in (
        ("envelope", ENVELOPE),
        ("begin", BEGIN),
        ("component", COMPONENT),
        ("data", DATA),
    )
    for name, row in rows.items()
}


@pytest.mark.parametrize("name", ROWS)
def test_what_breaks_a_rule_is_refused(name: str) -> None:
    messages, code, line, pointer, _ = ROWS[name]
    found = run(messages)
    assert [(item.code, item.line, item.pointer) for item in found] == [
        (f"A2UI_S2C_{code}", line, pointer)
    ]
    assert found[0].severity == "error"
    assert found[0].surface_id == "main" or name.startswith("envelope")


@pytest.mark.parametrize("name", ROWS)
def test_interop_warns_of_what_official_clients_accept(name: str) -> None:
    messages, code, _, _, severity = ROWS[name]
    found = run(messages, replace(RULES, level="interop"))
    assert {item.code for item in found} == {f"A2UI_S2C_{code}"}
    assert max(item.severity == "error" for item in found) == (severity == "error")


def codes(found: Sequence[Diagnostic], severity: str = "error") -> list[str]:
    return [item.code.removeprefix("A2UI_S2C_") for item in found if item.severity == severity]


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


# --- actions, URLs, texts -------------------------------------------------------------------------


def test_only_the_apps_actions_go_out() -> None:
    messages = shown(text("t"), button("a", "t", "pay"))
    assert run(messages, replace(RULES, actions=frozenset({"pay"}))) == []
    [found] = run(messages, replace(RULES, actions=frozenset({"save"})))
    assert found.code == "A2UI_S2C_COMPONENT_ACTION_FORBIDDEN"
    assert (found.pointer, found.hint) == (
        f"{SURFACE}/1/component/Button/action/name",
        "one of save",
    )


URLS_FORBIDDEN = (
    "javascript:alert(1)",
    "data:text/html,x",
    "//a.example/x",
    "/x",
    "",
    "https:a.example",
    "https:///a.example",
    "https://",
    "https://user@a.example/",
    "https://user:pw@a.example/",
    "https://a.example\\@b.example/",
    "https://a.example/\n",
    " https://a.example/",
    "https://a.example/\x7f",
    "https://a.example:99999/",
    "https://[::1/",
    "https://%6d.example/",
    "http://169.254.169.254/latest",
    "http://169.254.0.1/",
    "http://2852039166/",
    "http://0xA9FEA9FE/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://\uff11\uff16\uff19.254.169.254/",
    "http://169\u3002254\u3002169\u3002254/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://metadata.google.internal/",
    "http://METADATA.google.internal./",
    "http://100.100.100.200/",
)


@pytest.mark.parametrize("url", URLS_FORBIDDEN)
def test_a_url_that_may_not_be_fetched_is_refused(url: str) -> None:
    messages = shown(component("a", "Image", url={"literalString": url}))
    found = run(messages)
    assert "A2UI_S2C_COMPONENT_URL_FORBIDDEN" in {item.code for item in found}
    assert found[0].pointer == f"{FIRST}/component/Image/url/literalString"
    assert codes(run(messages, replace(RULES, level="interop"))) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "HTTP://a.example:8080/p?q=1#f",
        "https://[2001:db8::1]/",
        "https://192.0.2.1/a@b",
        "https://ä.example/ö",
    ],
)
def test_a_plain_url_passes(url: str) -> None:
    assert run(shown(component("a", "Video", url={"literalString": url}))) == []


def test_an_app_may_allow_a_scheme() -> None:
    rules = replace(RULES, url_schemes=frozenset({"cid"}))
    assert run(shown(component("a", "Image", url={"literalString": "cid:part1"})), rules) == []
    assert codes(
        run(shown(component("a", "Image", url={"literalString": "https://a.example"})), rules)
    )


MARKUP = (
    "![x](https://a.example/i.png)",
    "see [here](https://a.example)",
    "[here][1]",
    "[1]: https://a.example",
    "<https://a.example>",
    "<me@a.example>",
    r"\\![x]",
)


@pytest.mark.parametrize("said", MARKUP)
def test_markup_that_fetches_or_links_is_an_error_in_foreign_streams(said: str) -> None:
    messages = shown(text("a", said))
    [found] = run(messages, FOREIGN)
    assert (found.code, found.severity) == ("A2UI_S2C_COMPONENT_TEXT_MARKUP", "error")
    assert found.pointer == f"{FIRST}/component/Text/text/literalString"
    assert codes(run(messages, replace(FOREIGN, level="interop"))) == []
    assert run(messages) == []


@pytest.mark.parametrize("said", [r"\!\[x\]\(y\)", "a < b > c", "[1] and (2)", "*b*", "x[0] (y)"])
def test_text_without_links_is_no_markup(said: str) -> None:
    assert run(shown(text("a", said)), FOREIGN) == []


def test_json_looking_data_is_a_warning_in_foreign_streams() -> None:
    messages = inside({"key": "a", "valueString": "[1]"})
    assert codes(run(messages), "error") == ["DATA_UNREPRESENTABLE"]
    assert codes(run(messages, FOREIGN), "warning") == ["DATA_UNREPRESENTABLE"]


# --- live surfaces --------------------------------------------------------------------------------


def test_what_a_live_surface_had_is_not_asked() -> None:
    assert run([update(text("a"), column("c", "x"), text("x"))], live=["main"]) == []
    assert run([data({"key": "v", "valueString": ""}, path="/draft/a")], live=["main"]) == []


def test_a_live_surface_is_not_begun_again_nor_its_root_replaced() -> None:
    assert codes(run([begin()], live=["main"])) == ["BEGIN_REPEATED"]
    assert codes(run([data(path="/")], live=["main"])) == ["DATA_ROOT_REPLACED"]


def test_a_batch_counts_its_messages_as_lines() -> None:
    messages = [update(text("r")), begin("x")]
    [found] = check_batch(messages, RULES, live=(), sizes=[1, 1])
    assert (found.code, found.line) == ("A2UI_S2C_BEGIN_ROOT_MISSING", 2)


# --- limits ---------------------------------------------------------------------------------------


def deep(count: int) -> list[Message]:
    chain = [card(f"c{index}", f"c{index + 1}") for index in range(count - 1)]
    return [update(*chain, text(f"c{count - 1}")), begin("c0")]


def doubled(levels: int) -> list[Message]:
    pairs = [column(f"c{index}", f"c{index + 1}", f"c{index + 1}") for index in range(levels)]
    return [update(*pairs, text(f"c{levels}")), begin("c0")]


LIMITS: dict[str, Callable[[int], list[Message]]] = {
    "max_messages_per_surface": lambda n: [*shown(text("a")), *[update(text("a"))] * (n - 2)],
    "max_messages_per_response": lambda n: [delete(str(index)) for index in range(n)],
    "max_components_per_surface": lambda n: shown(*[text(f"a{index}") for index in range(n - 1)]),
    "max_component_depth": deep,
    "max_data_entries_per_surface": lambda n: [
        *shown(text("a")),
        data({"key": "k", "valueMap": [{"key": str(i), "valueNumber": i} for i in range(n - 1)]}),
    ],
    "max_data_depth": lambda n: [
        *shown(text("a")),
        data({"key": "m", "valueMap": [{"key": "k", "valueNumber": 1}]}, path="/a" * (n - 2)),
    ],
    "max_string_bytes": lambda n: shown(text("a", "é" * (n // 2) + "e" * (n % 2))),
    "max_surfaces_per_response": lambda n: [
        message
        for index in range(n)
        for message in (update(text("r"), surface=f"s{index}"), begin(surface=f"s{index}"))
    ],
    "max_id_length": lambda n: [update(text("r"), surface="s" * n), begin(surface="s" * n)],
}
ALLOWED = 20


@pytest.mark.parametrize("level", ["strict", "interop"])
@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_the_last_that_passes(name: str, level: Level) -> None:
    limits = Limits(**{name: ALLOWED})
    rules = replace(RULES, limits=limits, level=level)
    assert run(LIMITS[name](ALLOWED), rules) == []
    found = run(LIMITS[name](ALLOWED + 1), rules)
    severity = "error" if level == "strict" else "warning"
    assert {(item.code, item.severity) for item in found} == {("A2UI_S2C_LIMIT_EXCEEDED", severity)}
    for part in (name, str(ALLOWED), str(ALLOWED + 1)):
        assert part in found[0].message


@pytest.mark.parametrize(
    ("name", "sizes", "line"),
    [
        ("max_bytes_per_message", (21, 1), 1),
        ("max_bytes_per_surface", (20, 1), 2),
        ("max_bytes_per_response", (20, 1), 2),
    ],
)
def test_bytes_are_limited(name: str, sizes: tuple[int, ...], line: int) -> None:
    rules = replace(RULES, limits=Limits(**{name: ALLOWED}))
    messages = shown(text("a"))
    assert check_batch(messages, rules, live=(), sizes=(10, 10)) == []
    [found] = check_batch(messages, rules, live=(), sizes=sizes)
    assert (found.code, found.line) == ("A2UI_S2C_LIMIT_EXCEEDED", line)
    assert name in found.message
    assert "21" in found.message


def test_sizes_are_measured_when_not_given() -> None:
    messages = shown(text("a"))
    longest = max(len(json.dumps(item, separators=(",", ":"))) for item in messages)
    assert run(messages, replace(RULES, limits=Limits(max_bytes_per_message=longest))) == []
    [found] = run(messages, replace(RULES, limits=Limits(max_bytes_per_message=longest - 1)))
    assert str(longest) in found.message


def test_updates_that_nest_deeper_together_are_seen_at_the_end() -> None:
    rules = replace(RULES, limits=Limits(max_component_depth=4))
    messages = [
        *shown(column("a", "b"), column("b")),
        update(column("b", "c"), card("c", "d"), text("d")),
    ]
    assert codes(run(messages, rules)) == ["LIMIT_EXCEEDED"]


def test_components_count_as_often_as_they_are_shown() -> None:
    found = run(doubled(40))
    assert codes(found) == ["LIMIT_EXCEEDED"]
    assert "max_components_per_surface" in found[0].message


def test_writing_one_path_again_adds_no_entries() -> None:
    rules = replace(RULES, limits=Limits(max_data_entries_per_surface=2))
    write = data({"key": "v", "valueNumber": 1}, path="/a")
    assert run([*shown(text("a")), *[write] * 10], rules) == []


# --- many findings --------------------------------------------------------------------------------


def test_all_findings_come_in_one_go() -> None:
    bad = [component("a", "Text", text={}, size=1, usageHint="x"), {"id": 1}, text("r")]
    found = run([update(*bad), begin()])
    assert [item.pointer for item in found] == [
        f"{_TEXT_AT}/text",
        f"{_TEXT_AT}/size",
        f"{_TEXT_AT}/usageHint",
        f"{SURFACE}/1/id",
        f"{FIRST}",
    ]


@pytest.mark.parametrize(("last", "severity"), [(text("z"), "warning"), ({"id": 1}, "error")])
def test_findings_left_out_are_counted_and_never_hide_an_error(last: Any, severity: str) -> None:
    rules = replace(RULES, level="interop")
    many = [text(f"a:{index}") for index in range(MAX_FINDINGS + 5)]
    ids = [item["id"] for item in many]
    found = run([update(*many, column("r", *ids)), begin(), update(last)], rules)
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1].severity == severity
    assert "left out" in found[-1].message


def test_a_finding_quotes_no_more_than_it_must() -> None:
    for value in ("x" * 10_000, [[]] * 10_000, 10**5_000, {"k" * 10_000: 1}):
        for item in run(shown(component("a", "Text", text=value))):
            assert len(item.message) < 1_000


# --- any input ------------------------------------------------------------------------------------

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["main", "r", "a", "/x", "Text", "Column", "__proto__", "[1]", "\ud800", "\u202e"]
    ),
)
names = st.one_of(
    st.text(max_size=4),
    st.sampled_from(["surfaceUpdate", "dataModelUpdate", "surfaceId", "components", "contents"]),
    st.sampled_from(["path", "id", "component", "key", "valueString", "valueMap", "Text", "child"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)),
    max_leaves=20,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


@st.composite
def harmed(draw: st.DrawFn) -> list[Any]:
    """A good stream with something else at one or two places."""
    messages: list[Any] = copy.deepcopy(GOOD["every property"])
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from([place for place in places(messages) if place]))
        home: Any = messages
        for key in way:
            home = home[key]
        if draw(st.booleans()):
            home[last] = draw(anything)
        else:
            del home[last]
        if not messages:
            break
    return messages


@pytest.mark.fuzz
@given(st.one_of(st.lists(anything, max_size=4), harmed()), st.sampled_from(["strict", "interop"]))
def test_no_input_makes_it_raise(messages: list[Any], level: Level) -> None:
    for rules in (RULES, FOREIGN):
        for item in run(messages, replace(rules, level=level)):
            assert item.code in CODES
            str(item)
            json.dumps(item.to_dict())


@pytest.mark.fuzz
@given(harmed())
def test_what_is_refused_in_interop_is_refused_in_strict(messages: list[Any]) -> None:
    loose = {
        (item.code, item.pointer)
        for item in run(messages, replace(FOREIGN, level="interop"))
        if item.severity == "error" and item.line is not None
    }
    strict = {(item.code, item.pointer) for item in run(messages, FOREIGN)}
    assert loose <= strict


@pytest.mark.fuzz
@given(harmed())
def test_quick_acceptance_never_hides_a_finding(messages: list[Any]) -> None:
    """A component that is no good alone is no good beside others, and the other way round."""
    for message in messages:
        body = message.get("surfaceUpdate") if isinstance(message, dict) else None
        items = body.get("components") if isinstance(body, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("component"), dict):
                # One more property, which is an error of its own, forces a close look.
                closely = run([update({**item, "x": 1})])
                quickly = run([update(item)])
                assert len(closely) == len(quickly) + 1


def nested(depth: int, kind: type) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value] if kind is list else {"valueMap": [value], "key": "k"}
    return value


HARD: dict[str, Callable[[], list[Any]]] = {
    "deep arrays": lambda: [nested(100_000, list)],
    "deep property": lambda: shown(component("a", "Text", text=nested(100_000, list))),
    "deep unknown type": lambda: shown(component("a", "Chart", text=nested(100_000, list))),
    "deep data": lambda: [data(nested(20_000, dict))],
    "long chain": lambda: deep(20_000),
    "wide": lambda: shown(*[text(f"a{index}") for index in range(20_000)]),
    "doubled": lambda: doubled(5_000),
    "one child very often": lambda: [update(text("a"), column("r", *["a"] * 50_000)), begin()],
    "many updates": lambda: [
        *shown(*[text(f"a{i}") for i in range(2_000)]),
        *[update(text("a1"))] * 5_000,
    ],
    "many begins": lambda: [*shown(*[text(f"a{i}") for i in range(2_000)]), *[begin()] * 5_000],
    "many orphans": lambda: [*[update(text(f"a{i}")) for i in range(5_000)], begin("a1")],
    "many collisions": lambda: [
        update(*[text(f"a{i}", f"a{i + 1}") for i in range(5_000)]),
        *[update(text(f"b{i}", f"a{i}")) for i in range(2_000)],
    ],
    "brackets": lambda: shown(
        text("a", "[" * 60_000), text("b", "<a" * 30_000), text("c", "\\" * 60_000)
    ),
    "brackets in data": lambda: [data({"key": "a", "valueString": "[" * 60_000})],
    "long path": lambda: [data(path="/a" * 30_000), data(path="." * 60_000)],
    "long pattern": lambda: shown(
        component("a", "TextField", label={"path": "/l"}, validationRegexp="a?" * 30_000)
    ),
    "long URL": lambda: shown(
        component("a", "Image", url={"literalString": "http://" + "1." * 30_000})
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_input_takes_linear_time(name: str) -> None:
    messages = HARD[name]()
    started = time.perf_counter()
    run(messages, FOREIGN)
    assert time.perf_counter() - started < 5


# --- other catalogs -------------------------------------------------------------------------------


def test_another_catalog_has_its_own_components() -> None:
    said = {"type": "object", "properties": {"path": {"type": "string"}}}
    catalog = parse_catalog(
        {
            "catalogId": "https://a.example/c.json",
            "components": {
                "Chart": {
                    "type": "object",
                    "required": ["title"],
                    "properties": {
                        "title": said,
                        "action": {"type": "string"},
                        "text": {"type": "number"},
                        "of": {"type": "array"},
                        "validationRegexp": {"type": "number"},
                    },
                }
            },
        }
    )
    rules = replace(RULES, catalog=catalog)
    chart = component("r", "Chart", title={"path": "/x"}, action="go", text=1, of=[{}, 1])
    begun = begin(catalogId=catalog.catalog_id)
    assert run([update(chart), begun], rules) == []
    assert codes(run([update(text("r")), begun], rules)) == ["CATALOG_UNKNOWN_TYPE"]
    assert codes(run([update(component("r", "Chart")), begun], rules)) == ["COMPONENT_INVALID"]
    assert codes(run([update(chart), begun])) == ["CATALOG_UNKNOWN_TYPE", "CATALOG_MISMATCH"]


def test_own_output_may_name_the_standard_catalog() -> None:
    assert run(shown(text("a"), catalogId=standard_catalog().catalog_id)) == []
