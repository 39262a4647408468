"""What clients accept of foreign streams and show otherwise than it is meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    FIRST,
    Message,
    begin,
    button,
    card,
    codes,
    column,
    component,
    data,
    delete,
    run,
    shown,
    text,
    update,
)
from uicompiler.a2ui import validate
from uicompiler.errors import Diagnostic

LABEL = {"literalString": "l"}
URL = "COMPONENT_URL_FORBIDDEN"
TWICE = "COMPONENT_ID_DUPLICATE"
SCRIPT = {"valueString": "javascript:alert(1)"}
LINK = {"valueString": "https://a.example/i.png"}


def found_in(messages: list[Message]) -> list[Diagnostic]:
    """Findings at level strict, once it is clear that at interop the same ones are warnings."""
    strict, interop = validate(messages), validate(messages, rules="interop")
    assert {item.severity for item in interop} <= {"warning"}
    assert [(one.code, one.pointer) for one in strict] == [
        (one.code, one.pointer) for one in interop
    ]
    return strict


def refused(
    messages: list[Message], code: str, pointer: str, line: int = 1, *, severity: str = "error"
) -> None:
    """The stream has this finding and no other, at level strict of this severity."""
    found = found_in(messages)
    assert [(item.code, item.severity) for item in found] == [(f"A2UI_S2C_{code}", severity)]
    assert (found[0].pointer, found[0].line) == (pointer, line)


def accepted(messages: list[Message]) -> None:
    assert found_in(messages) == []


def bound(ident: str, path: str, kind: str = "Image", name: str = "url") -> Message:
    return component(ident, kind, **{name: {"path": path}})


def each(ident: str, child: str, path: str) -> Message:
    template = {"componentId": child, "dataBinding": path}
    return component(ident, "List", children={"template": template})


def rows(*items: Message, path: str = "/items") -> Message:
    """Data of items `a`, `b`, …; each holds one entry."""
    keyed = zip("abc", items, strict=False)
    return data(*({"key": key, "valueMap": [item]} for key, item in keyed), path=path)


def listed(*inside: Message) -> list[Message]:
    """A list over /items as the root; the first component is at index 0."""
    row = column("row", *(item["id"] for item in inside))
    return [update(*inside, row, each("r", "row", "/items")), begin()]


# --- URLs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Image", "Video", "AudioPlayer"])
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "",
    ],
)
def test_a_url_that_may_not_go_out_is_refused_where_it_is_written(kind: str, url: str) -> None:
    entry = {"key": "v", "valueString": url}
    messages = [*shown(bound("i", "/a/v", kind)), data(entry, path="/a")]
    refused(messages, URL, "/dataModelUpdate/contents/0/valueString", line=3)
    assert run(messages) == []


def test_a_url_that_may_go_out_is_none() -> None:
    accepted([*shown(bound("i", "/a/v")), data({"key": "v", **LINK}, path="/a")])
    accepted([*shown(bound("i", "/a/v")), data({"key": "w", **SCRIPT}, path="/a")])
    accepted([*shown(bound("t", "/a/v", "Text", "text")), data({"key": "v", **SCRIPT}, path="/a")])


@pytest.mark.parametrize(
    ("entry", "path", "where"),
    [
        ({"key": "a", "valueMap": [{"key": "v", **SCRIPT}]}, "/", "valueMap/0/valueString"),
        ({"key": ".", **SCRIPT}, "/a/v", "valueString"),
        ({"key": "a.v", **SCRIPT}, "/", "valueString"),
        ({"key": "v", **SCRIPT}, "//a/", "valueString"),
        ({"key": "a", "valueString": '{"v": "javascript:x"}'}, "/", "valueString"),
        ({"key": "a", "valueString": '[{"key":"v","valueString":"data:,"}]'}, "/", "valueString"),
    ],
)
def test_whatever_spelling_writes_a_url_it_is_found(entry: Message, path: str, where: str) -> None:
    messages = [data(entry, path=path), *shown(bound("i", "/a/v"))]
    found = [item for item in found_in(messages) if item.code == f"A2UI_S2C_{URL}"]
    assert [item.pointer for item in found] == [f"/dataModelUpdate/contents/0/{where}"]


def test_a_url_counts_though_it_or_its_image_is_replaced() -> None:
    bad, good = (data({"key": "v", **value}, path="/a") for value in (SCRIPT, LINK))
    refused([bad, good, *shown(bound("i", "/a/v"))], URL, VALUE_AT)
    fixed = component("i", "Image", url={"literalString": "https://a.example/i.png"})
    messages = [*shown(bound("i", "/a/v")), bad, update(fixed)]
    refused(messages, URL, VALUE_AT, line=3)
    refused([*messages, delete()], URL, VALUE_AT, line=3)


VALUE_AT = "/dataModelUpdate/contents/0/valueString"


@pytest.mark.parametrize("path", ["u", "/u", "/item/u"])
def test_urls_of_items_are_found(path: str) -> None:
    good, bad = {"key": "u", **LINK}, {"key": "u", **SCRIPT}
    found = found_in([*listed(bound("i", path)), rows(good), rows(good, bad)])
    assert [(item.line, item.pointer) for item in found if item.code.endswith(URL)] == [
        (4, "/dataModelUpdate/contents/1/valueMap/0/valueString")
    ]


def test_urls_of_an_array_are_found() -> None:
    array = {"key": "items", "valueString": '["https://a.example/", "javascript:x"]'}
    refused([data(array, path="/"), *listed(bound("i", "."))], URL, VALUE_AT)


# --- templates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        (bound("i", "/n", "Text", "text"), "Text/text/path"),
        (bound("i", "/items/n", "Text", "text"), "Text/text/path"),
        (component("i", "TextField", label=LABEL, text={"path": "/n"}), "TextField/text/path"),
    ],
)
def test_an_absolute_path_in_an_item_is_refused(item: Message, pointer: str) -> None:
    messages = [*listed(item), rows({"key": "n", "valueString": "x"})]
    refused(messages, "DATA_PATH_INVALID", f"{FIRST}/component/{pointer}")


def test_an_absolute_path_in_an_items_button_is_refused() -> None:
    press = button("b", "t", n={"path": "/n"})
    messages = [update(press, text("t"), each("r", "b", "/items")), begin()]
    where = f"{FIRST}/component/Button/action/context/0/value/path"
    refused(messages, "DATA_PATH_INVALID", where)
    accepted([update(button("b", "t", n={"path": "n"}), text("t"), each("r", "b", "/i")), begin()])


def test_paths_of_items_and_absolute_ones_outside_are_no_finding() -> None:
    accepted([*listed(bound("i", "n", "Text", "text")), rows({"key": "n", "valueString": "x"})])
    accepted(shown(bound("i", "/n", "Text", "text")))


def nested(*written: Message) -> list[Message]:
    """A list in each item of a list."""
    inner = each("g", "t", "items")
    return [*written, update(inner, bound("t", "n", "Text", "text"), each("r", "g", "/g")), begin()]


def test_a_template_in_a_template_over_maps_is_refused() -> None:
    items = {"key": "items", "valueMap": [{"key": "a", "valueString": "x"}]}
    where = f"{FIRST}/component/List/children/template"
    for written in (
        data({"key": "a", "valueMap": []}, path="/g/x/items"),
        data(items, path="/g/x"),
    ):
        refused(nested(written), TWICE, where, line=2)
    refused(nested(), TWICE, where)


def test_a_template_in_a_template_over_arrays_has_ids_of_its_own() -> None:
    array = {"key": "g", "valueString": '[{"items": [{"n": "1"}]}, {"items": [{"n": "2"}]}]'}
    found = found_in(nested(data(array, path="/")))
    assert codes(found) == []
    assert codes(found, "warning") == ["DATA_UNREPRESENTABLE"]


def test_two_lists_of_one_template_are_refused() -> None:
    lists = [each("x", "t", "/x"), each("y", "t", "/y")]
    where = f"{SECOND}/List/children/template/componentId"
    refused([update(*lists, text("t"), column("r", "x", "y")), begin()], TWICE, where)
    parts = [each("x", "t", "/x"), each("y", "u", "/y"), text("t"), text("u")]
    accepted([update(*parts, column("r", "x", "y")), begin()])


SECOND = "/surfaceUpdate/components/1/component"


def test_a_component_in_two_places_is_a_warning() -> None:
    messages = [update(text("t"), card("a", "t"), card("b", "t"), column("r", "a", "b")), begin()]
    [found] = found_in(messages)
    assert (found.code, found.severity) == (f"A2UI_S2C_{TWICE}", "warning")
    assert found.pointer == f"{FIRST}/component/Text"
    assert run(messages) == []


# --- inputs ---------------------------------------------------------------------------------------

OPTIONS = [{"label": LABEL, "value": "x"}]
INPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "TextField": ("text", {"label": LABEL}),
    "CheckBox": ("value", {"label": LABEL}),
    "Slider": ("value", {"minValue": 0, "maxValue": 9}),
    "DateTimeInput": ("value", {}),
    "MultipleChoice": ("selections", {"options": OPTIONS}),
}
RIGHT: dict[str, list[Message]] = {
    "TextField": [{"valueString": ""}, {"valueString": "x"}],
    "CheckBox": [{"valueBoolean": False}],
    "Slider": [{"valueNumber": 0}],
    "DateTimeInput": [
        {"valueString": ""},
        {"valueString": "2025-05-06T12:00"},
        {"valueString": "2000-01-01T10:30"},
    ],
    "MultipleChoice": [{"valueString": '["x"]'}, {"valueString": "[]"}, {"valueMap": []}],
}
WRONG: dict[str, list[Message]] = {
    "TextField": [{"valueNumber": 1}, {"valueBoolean": True}],
    "CheckBox": [{"valueString": "true"}, {"valueNumber": 0}],
    "Slider": [{"valueString": "7"}, {"valueBoolean": True}],
    "DateTimeInput": [
        {"valueNumber": 1},
        {"valueString": "2025-05-06"},
        {"valueString": "10:30"},
        {"valueString": "10:30:00"},
    ],
    "MultipleChoice": [{"valueString": "x"}, {"valueNumber": 1}],
}


def entry(kind: str, bound_value: Message, **more: Any) -> Message:
    name, props = INPUTS[kind]
    return component("i", kind, **{**props, name: bound_value, **more})


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in RIGHT.items() for value in values]
)
def test_an_input_that_finds_its_kind_is_no_finding(kind: str, value: Message) -> None:
    written = data({"key": "v", **value}, path="/a")
    accepted([*shown(entry(kind, {"path": "/a/v"})), written])
    accepted([written, *shown(entry(kind, {"path": "/a/v"}))])
    if "valueMap" not in value:  # the schema knows no map in a map
        accepted([*listed(entry(kind, {"path": "v"})), rows({"key": "v", **value})])


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in WRONG.items() for value in values]
)
def test_an_input_that_finds_another_kind_is_refused_where_it_is_written(
    kind: str, value: Message
) -> None:
    [name] = value
    messages = [*shown(entry(kind, {"path": "/a/v"})), data({"key": "v", **value}, path="/a")]
    refused(messages, "DATA_INVALID", f"/dataModelUpdate/contents/0/{name}", line=3)
    messages = [*listed(entry(kind, {"path": "v"})), rows({"key": "v", **value})]
    where = f"/dataModelUpdate/contents/0/valueMap/0/{name}"
    refused(messages, "DATA_INVALID", where, line=3)


@pytest.mark.parametrize("kind", INPUTS)
def test_an_input_that_finds_nothing_is_refused(kind: str) -> None:
    # A TextField draws an empty input all the same.
    how = "warning" if kind == "TextField" else "error"
    messages = shown(entry(kind, {"path": "/a/v"}))
    where = f"{FIRST}/component/{kind}/{INPUTS[kind][0]}/path"
    cleared = [data({"key": "v", "valueString": ""}, path="/a"), data(path="/a"), *messages]
    if kind == "MultipleChoice":
        accepted(messages)
        map_of_values = data({"key": "x", "valueString": "x"}, path="/a/v")
        refused([*messages, map_of_values], "COMPONENT_BOUND_VALUE", where)
    else:
        refused(messages, "COMPONENT_BOUND_VALUE", where, severity=how)
        refused(cleared, "COMPONENT_BOUND_VALUE", where, line=3, severity=how)
        item = {"key": "w", "valueString": "x"}
        messages = [*listed(entry(kind, {"path": "v"})), rows(item)]
        refused(messages, "COMPONENT_BOUND_VALUE", where, severity=how)


@pytest.mark.parametrize(
    ("kind", "literal"),
    [
        ("TextField", {"literalString": "x"}),
        ("CheckBox", {"literalBoolean": False}),
        ("CheckBox", {"literalBoolean": True}),
        ("Slider", {"literalNumber": 0}),
        ("DateTimeInput", {"literalString": "2025-05-06T12:00"}),
        ("MultipleChoice", {"literalArray": ["x"]}),
    ],
)
def test_an_input_of_a_literal_is_refused(kind: str, literal: Message) -> None:
    where = f"{FIRST}/component/{kind}/{INPUTS[kind][0]}"
    refused(shown(entry(kind, literal)), "COMPONENT_BOUND_VALUE", where)


def test_a_text_field_without_a_text_is_refused() -> None:
    messages = shown(component("i", "TextField", label=LABEL))
    refused(messages, "COMPONENT_BOUND_VALUE", f"{FIRST}/component/TextField")


NUMBER = data({"key": "v", "valueNumber": 1}, path="/a")


@pytest.mark.parametrize(
    ("ends", "where"),
    [
        ({}, ""),
        ({"minValue": 0}, ""),
        ({"minValue": 9, "maxValue": 1}, "/maxValue"),
        ({"minValue": 1, "maxValue": 1}, "/maxValue"),
    ],
)
def test_a_slider_without_a_range_is_refused(ends: dict[str, int], where: str) -> None:
    slider = component("i", "Slider", value={"path": "/a/v"}, **ends)
    refused([*shown(slider), NUMBER], "COMPONENT_INVALID", f"{FIRST}/component/Slider{where}")


def test_a_sliders_lower_end_is_0_unless_said() -> None:
    accepted([*shown(component("i", "Slider", value={"path": "/a/v"}, maxValue=1)), NUMBER])


def test_a_date_input_that_asks_for_nothing_is_refused() -> None:
    written = data({"key": "v", "valueString": ""}, path="/a")
    off = entry("DateTimeInput", {"path": "/a/v"}, enableDate=False, enableTime=False)
    where = f"{FIRST}/component/DateTimeInput/enableTime"
    refused([*shown(off), written], "COMPONENT_INVALID", where)
    day = entry("DateTimeInput", {"path": "/a/v"}, enableDate=True, enableTime=False)
    accepted([*shown(day), written])


# --- single components ----------------------------------------------------------------------------


def test_an_empty_text_is_refused() -> None:
    refused(shown(text("t", "")), "COMPONENT_INVALID", f"{FIRST}/component/Text/text/literalString")
    accepted(shown(text("t", " ")))


@pytest.mark.parametrize("hint", ["h1", "h5"])
def test_a_heading_of_lines_is_refused(hint: str) -> None:
    heading = component("t", "Text", text={"literalString": "a\nb"}, usageHint=hint)
    where = f"{FIRST}/component/Text/text/literalString"
    refused(shown(heading), "COMPONENT_INVALID", where)
    accepted(shown(component("t", "Text", text={"literalString": "a\nb"}, usageHint="body")))
    accepted(shown(component("t", "Text", text={"literalString": "a"}, usageHint=hint)))


def test_tabs_without_items_are_refused() -> None:
    where = f"{FIRST}/component/Tabs/tabItems"
    refused(shown(component("t", "Tabs", tabItems=[])), "COMPONENT_INVALID", where)


def test_a_button_that_opens_a_modal_is_refused() -> None:
    def opened_by(entry: Message, *more: Message) -> list[Message]:
        modal = component("r", "Modal", entryPointChild="e", contentChild="c")
        return [update(modal, entry, text("c"), *more), begin()]

    where = f"{FIRST}/component/Modal/entryPointChild"
    refused(opened_by(button("e", "t"), text("t")), "COMPONENT_INVALID", where)
    accepted(opened_by(text("e")))


def test_a_choice_of_chips_is_refused() -> None:
    chips = entry("MultipleChoice", {"path": "/a/v"}, variant="chips")
    where = f"{FIRST}/component/MultipleChoice/variant"
    refused(shown(chips), "COMPONENT_INVALID", where)


def test_an_obscured_field_is_a_warning() -> None:
    field = entry("TextField", {"path": "/a/v"}, textFieldType="obscured")
    [found] = found_in([*shown(field), data({"key": "v", "valueString": ""}, path="/a")])
    assert (found.code, found.severity) == ("A2UI_S2C_CATALOG_DEGRADED", "warning")
    assert found.pointer == f"{FIRST}/component/TextField/textFieldType"


# --- any stream -----------------------------------------------------------------------------------


def test_own_output_is_not_asked() -> None:
    assert run(shown(text("t", ""), component("i", "TextField", label=LABEL))) == []


def test_findings_of_two_messages_do_not_hide_each_other() -> None:
    first = [update(text("t", ""), column("r", "t")), begin()]
    found = found_in([*first, update(text("u", ""), column("r", "t", "u"), text("t", ""))])
    where = [f"/surfaceUpdate/components/{index}/component/Text" for index in (0, 2)]
    assert sorted((item.line, item.pointer.partition("/text")[0]) for item in found) == [
        (3, at) for at in where
    ]


def test_lists_in_lists_without_end_come_to_an_end() -> None:
    """Paths of many items and keys meet in many ways; each is counted."""
    chain = [each(f"c{level}", f"c{level + 1}", "a") for level in range(12)]
    inner = [bound(f"i{index}", "a/" * index + "a") for index in range(12)]
    path = "/a" * 15
    messages = [update(*chain, column("c12", *(item["id"] for item in inner)), *inner), begin("c0")]
    found = validate([data({"key": "a", **SCRIPT}, path=path), *messages])
    assert TWICE in codes(found)
