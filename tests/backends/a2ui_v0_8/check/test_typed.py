"""Texts bound to what a user types, and surface ids that clients cannot send back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    FOREIGN,
    SURFACE,
    TEXT_AT,
    Message,
    begin,
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
from uicompiler.backends.a2ui_v0_8.check.places import places

MARKUP = "COMPONENT_TEXT_MARKUP"
INTEROP = replace(FOREIGN, level="interop")
LABEL = {"literalString": "l"}
URL = {"literalString": "https://a.example/a.mp3"}


def bound(ident: str, path: str) -> Message:
    return component(ident, "Text", text={"path": path})


def typed(ident: str, path: str) -> Message:
    return component(ident, "TextField", label=LABEL, text={"path": path})


def each(ident: str, child: str, path: str) -> Message:
    template = {"componentId": child, "dataBinding": path}
    return component(ident, "List", children={"template": template})


def filled(messages: list[Message], value: Any = None) -> list[Message]:
    """A stream that writes first what its inputs hold."""
    value = value or {"valueString": "x"}
    boxes = [{"key": key, "valueMap": [{"key": "v", **value}]} for key in "abc"]
    return [data(*boxes, {"key": "other", **value}, path="/"), *messages]


HELD: dict[str, dict[str, Any]] = {
    "CheckBox": {"valueBoolean": True},
    "Slider": {"valueNumber": 1},
    "MultipleChoice": {"valueString": '["x"]'},
}

INPUTS: dict[str, dict[str, Any]] = {
    "TextField": {"label": LABEL, "text": {"path": "/a/v"}},
    "CheckBox": {"label": LABEL, "value": {"path": "/a/v"}},
    "DateTimeInput": {"value": {"path": "/a/v"}},
    "MultipleChoice": {"selections": {"path": "/a/v"}, "options": [], "maxAllowedSelections": 1},
    "Slider": {"value": {"path": "/a/v"}, "maxValue": 1},
}


@pytest.mark.parametrize("kind", INPUTS)
def test_a_text_that_shows_what_an_input_writes_is_refused(kind: str) -> None:
    messages = shown(bound("t", "/a/v"), component("i", kind, **INPUTS[kind]))
    messages = filled(messages, HELD.get(kind))
    [found] = validate(messages)
    assert (found.code, found.severity) == (f"A2UI_S2C_{MARKUP}", "error")
    assert (found.line, found.pointer) == (2, f"{TEXT_AT}/text/path")
    assert codes(validate(messages, rules="interop"), "warning") == [MARKUP]
    assert codes(validate(messages, rules="interop")) == []


OTHER = {"label": ["o"], "description": ["o"], "tabItems/0": []}
"""What is shown beside; a tab holds it itself."""


@pytest.mark.parametrize(
    ("reads", "pointer"),
    [
        (component("x", "TextField", label={"path": "/a/v"}, text={"path": "/b/v"}), "label"),
        (component("x", "AudioPlayer", url=URL, description={"path": "/a/v"}), "description"),
        (component("x", "Tabs", tabItems=[{"title": {"path": "a/v"}, "child": "o"}]), "tabItems/0"),
    ],
)
def test_other_words_that_a_user_reads_count_too(reads: Message, pointer: str) -> None:
    messages = [
        update(reads, text("o"), typed("i", "/a/v"), column("r", "x", "i", *OTHER[pointer]))
    ]
    [found] = run(filled([*messages, begin()]), FOREIGN)
    assert found.code == f"A2UI_S2C_{MARKUP}"
    assert f"/{pointer}" in found.pointer


@pytest.mark.parametrize(
    "components",
    [
        [bound("t", "/b/v"), typed("i", "/a/v")],
        [bound("t", "/a"), typed("i", "/a/v")],
        [typed("i", "/a/v"), typed("j", "/a/v")],
    ],
)
def test_a_text_of_another_path_is_no_finding(components: list[Message]) -> None:
    assert run(filled(shown(*components)), FOREIGN) == []


def repeated(*inside: Message, beside: Message) -> list[Message]:
    """A first render of components repeated over /items, and one beside them."""
    row = column("row", *(item["id"] for item in inside))
    root = column("r", "li", beside["id"])
    return [update(each("li", "row", "/items"), row, *inside, beside, root), begin()]


@pytest.mark.parametrize(
    ("written", "read", "found"),
    [
        ("name", "name", [MARKUP]),
        (".", ".", [MARKUP]),
        ("/items/0/name", "name", [MARKUP]),
        ("name", "/items/7/name", [MARKUP]),
        ("name", "/name", []),
        ("/name", "name", []),
        ("name", "/items/name", []),
    ],
)
def test_paths_in_templates_start_at_an_item(written: str, read: str, found: list[str]) -> None:
    messages = repeated(bound("t", read), typed("i", written), beside=text("o"))
    assert [code for code in codes(run(messages, FOREIGN)) if code == MARKUP] == found


@pytest.mark.parametrize(
    ("read", "found"),
    [("/items/0/name", [MARKUP]), ("name", []), ("/name", []), ("/more/0/name", [])],
)
def test_a_text_outside_shows_what_an_input_in_a_template_writes(
    read: str, found: list[str]
) -> None:
    messages = repeated(typed("i", "name"), beside=bound("t", read))
    assert codes(run(messages, FOREIGN)) == found


def test_it_is_found_across_updates_and_before_a_deletion() -> None:
    first = filled([update(column("r", "i"), typed("i", "/a/v")), begin()])
    second = update(column("r", "i", "t"), typed("i", "/a/v"), bound("t", "/a/v"))
    [found] = run([*first, second], FOREIGN)
    assert (found.code, found.line) == (f"A2UI_S2C_{MARKUP}", 4)
    assert found.pointer == f"{SURFACE}/2/component/Text/text/path"
    assert codes(run([*first, second, delete()], FOREIGN)) == [MARKUP]


def test_what_a_later_update_replaces_counts_no_more() -> None:
    first = filled(shown(bound("t", "/a/v"), typed("i", "/a/v")))
    later = update(column("r", "t", "i"), bound("t", "/b"), typed("i", "/a/v"))
    assert codes(run([*first, later], FOREIGN)) == []


def test_templates_without_end_come_to_an_end() -> None:
    rows = [
        item
        for level in range(40)
        for item in (
            column(f"c{level}", f"a{level}", f"b{level}"),
            each(f"a{level}", f"c{level + 1}", "x"),
            each(f"b{level}", f"c{level + 1}", "y"),
        )
    ]
    last = [column("c40", "t", "i"), bound("t", "v"), typed("i", "v")]
    found = run([update(*rows, *last), begin("c0")], FOREIGN)
    assert "LIMIT_EXCEEDED" in codes(found)


# --- surface ids ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ident", ["a b", "ü", "a/b", "a\n", "<b>", "main:1"])
def test_a_surface_id_no_event_can_name_is_refused(ident: str) -> None:
    streams = [[delete(ident)], [update(text("r"), surface=ident), begin("r", ident)]]
    for messages in streams:
        found = [item for item in run(messages, FOREIGN) if item.pointer.endswith("/surfaceId")]
        assert codes(found) == ["ENVELOPE_INVALID"] * len(messages)
        found = run(messages, INTEROP)
        assert codes(found) == []
        assert codes(found, "warning") == ["ENVELOPE_INVALID"] * len(messages)


def test_a_long_surface_id_is_over_a_limit_in_a_deletion_too() -> None:
    assert codes(run([delete("a" * 129)], FOREIGN)) == ["LIMIT_EXCEEDED"]
    assert codes(run([delete("a" * 129)], INTEROP), "warning") == ["LIMIT_EXCEEDED"]
    assert run([delete("Main_1#e=2.x-y")], FOREIGN) == []


def test_a_list_that_holds_itself_ends() -> None:
    """Every round begins at a longer path, so that no two places of it are the same."""
    inside = [column("c", "l", "f", "t"), typed("f", "n"), bound("t", "n")]
    found = run([update(each("r", "c", "x"), *inside, each("l", "c", "x")), begin()])
    assert {"COMPONENT_CYCLE", MARKUP} <= set(codes(found))
    edges = {"l": [("c", "x")], "c": [("l", None)]}
    assert len(list(places(["l"], edges))) < 100
