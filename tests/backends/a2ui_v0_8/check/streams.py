"""Streams to check: messages built in one line each, good ones by name, and how a row is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from uicompiler.backends.a2ui_v0_8.check import Rules, StreamChecker
from uicompiler.catalog.catalog import standard_catalog
from uicompiler.errors import Diagnostic
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
            component("cb", "CheckBox", label={"literalString": "l"}, value={"path": "/draft/b"}),
            component(
                "mc",
                "MultipleChoice",
                selections={"path": "/draft/m/v"},
                maxAllowedSelections=1,
                options=[{"label": {"literalString": "One"}, "value": "one"}],
            ),
            component("sl", "Slider", value={"path": "/draft/n"}, minValue=0, maxValue=2.0),
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
    "an action's strings may be ids": [
        update(text("a"), button("b", "a", "a", r={"literalString": "r"}), column("r", "b")),
        begin(),
    ],
}


def codes(found: Sequence[Diagnostic], severity: str = "error") -> list[str]:
    return [item.code.removeprefix("A2UI_S2C_") for item in found if item.severity == severity]


def deep(count: int) -> list[Message]:
    chain = [card(f"c{index}", f"c{index + 1}") for index in range(count - 1)]
    return [update(*chain, text(f"c{count - 1}")), begin("c0")]


def doubled(levels: int) -> list[Message]:
    pairs = [column(f"c{index}", f"c{index + 1}", f"c{index + 1}") for index in range(levels)]
    return [update(*pairs, text(f"c{levels}")), begin("c0")]


Row = tuple[Sequence[Any], str, int | None, str, str | None]
"""Messages; code without family; line and pointer; severity in interop (None: no finding)."""

SURFACE = "/surfaceUpdate/components"
FIRST = f"{SURFACE}/0"
ENTRY = "/dataModelUpdate/contents/0"
TEXT_AT = f"{FIRST}/component/Text"


def check_refused(row: Row) -> None:
    """The row's finding, and no other, is an error for own output."""
    messages, code, line, pointer, _ = row
    found = run(messages)
    assert [(item.code, item.line, item.pointer) for item in found] == [
        (f"A2UI_S2C_{code}", line, pointer)
    ]
    assert found[0].severity == "error"
    assert found[0].surface_id == "main" or code.startswith("ENVELOPE")


def check_interop(row: Row) -> None:
    """What official clients take is a warning at that level, and the same code."""
    messages, code, _, _, severity = row
    found = run(messages, replace(RULES, level="interop"))
    assert {item.code for item in found} == {f"A2UI_S2C_{code}"}
    assert max(item.severity == "error" for item in found) == (severity == "error")
