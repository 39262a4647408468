"""Items, their names and order, and what a list may hold."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler.ir.lists import MAX_WRITTEN, Table, items_of, shown_items, value_in
from uicompiler.ir.tree import View, node_to_json, parse_node
from uicompiler.ir.values import freeze
from uicompiler.ir.verify import verify_names, verify_view

TEXT = {"node": "text", "bind": "name"}
OPEN = {"node": "button", "label": "Open", "action": "open"}
COLUMNS = [{"id": "name", "label": "Name"}, {"id": "seats", "label": "Seats"}]


def a_list(**more: Any) -> Any:
    return parse_node({"node": "list", "bind": "/ui_state/l", "item": TEXT, **more})


def document(value: Any) -> Any:
    return freeze({"draft": {}, "committed": {}, "ui_state": {"l": value}})


def keys(value: Any, **more: Any) -> list[str | None]:
    return [item.key for item in items_of(a_list(**more), document(value))]


def found(root: dict[str, Any], **limits: int) -> list[str]:
    allowed = {"max_depth": 20, "max_nodes": 100, "max_context_keys": 20, **limits}
    view = View(parse_node(root))
    return [item.code for item in verify_view(view, **allowed, actions={"open"})]


def test_an_arrays_items_keep_their_order_and_are_named_by_index() -> None:
    assert keys(["b", "a"]) == ["0", "1"]


def test_an_objects_items_come_in_the_order_of_their_keys_numbers_by_value() -> None:
    assert keys({"b": 1, "10": 1, "9": 1, "a": 1, "": 1}) == ["9", "10", "", "a", "b"]


def test_a_property_names_items_and_nothing_ambiguous_does() -> None:
    rows = [{"id": "a"}, {"id": 5}, {"id": 1.5}, {"id": "b"}, {"id": "b"}, {"id": True}, {}, "x"]
    assert keys(rows, item_key="id") == ["a", "5", "1.5", None, None, None, None, None]


@pytest.mark.parametrize("value", ["text", 5, None, True])
def test_what_is_no_array_or_object_has_no_items(value: Any) -> None:
    assert keys(value) == []


def test_a_bind_reads_the_item_or_the_document() -> None:
    whole = document([{"a": {"b": 1, "c/d": 2}}])
    item = items_of(a_list(), whole)[0]
    read = [value_in(bind, item, whole) for bind in ("a/b", "a/c~1d", "/ui_state/l/0/a/b", ".")]
    assert read == [1, 2, 1, {"a": {"b": 1, "c/d": 2}}]


def test_more_items_than_shown_are_counted() -> None:
    items, more = shown_items(a_list(max_items=2), document(["a", "b", "c"]))
    assert ([item.value for item in items], more) == (["a", "b"], 1)


def test_items_with_buttons_are_no_more_than_can_be_written_out() -> None:
    row = {"node": "stack", "children": [TEXT, OPEN]}
    items, more = shown_items(a_list(item=row, item_key="id"), document(["x"] * 1000))
    assert len(items) == 200
    wide = a_list(item=row, item_key="id", max_items=1000)
    items, more = shown_items(wide, document(["x"] * 1000))
    assert (len(items), more) == (MAX_WRITTEN // 6, 1000 - MAX_WRITTEN // 6)


def test_a_tables_rows_are_objects_without_nulls() -> None:
    table = parse_node({"node": "table", "columns": COLUMNS, "rows": [["a", None], {"seats": 1}]})
    assert isinstance(table, Table)
    assert table.rows == ({"name": "a"}, {"seats": 1})
    assert parse_node(node_to_json(table)) == table


@pytest.mark.parametrize(
    "wrong",
    [
        {"node": "list", "bind": "/ui_state/l"},
        {"node": "list", "item": TEXT},
        {"node": "list", "bind": "/draft/l", "item": TEXT},
        {"node": "list", "bind": "/ui_state", "item": TEXT},
        {"node": "list", "bind": "/ui_state/l", "item": TEXT, "children": [TEXT]},
        {"node": "list", "bind": "/ui_state/l", "item": TEXT, "item_key": "__proto__"},
        {"node": "list", "bind": "/ui_state/l", "item": TEXT, "max_items": 0},
        {"node": "list", "item_key": "id"},
        {"node": "table", "columns": [], "rows": []},
        {"node": "table", "columns": COLUMNS},
        {"node": "table", "columns": COLUMNS, "rows": [], "bind": "/ui_state/l"},
        {"node": "table", "columns": COLUMNS, "rows": [{"other": 1}]},
        {"node": "table", "columns": COLUMNS, "rows": [[["a"]]]},
        {"node": "table", "columns": COLUMNS, "rows": [], "buttons": [OPEN]},
    ],
)
def test_some_lists_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        parse_node(wrong)


@pytest.mark.parametrize(
    "item",
    [
        {"node": "field", "id": "a", "label": "A"},
        {"node": "list"},
        {"node": "table", "columns": COLUMNS, "rows": []},
        {"node": "tabs", "children": [{"node": "tab", "title": "T"}]},
        {"node": "disclosure", "title": "T"},
        {"node": "stack", "children": [{"node": "card", "children": [{"node": "list"}]}]},
        {"node": "text", "bind": "constructor"},
        {"node": "text", "bind": ""},
        {"node": "text", "bind": "a//b"},
        {"node": "text", "bind": "/elsewhere/a"},
        {"node": "image", "bind": "a~x", "decorative": True},
        {"node": "key_values", "items": [{"label": "L", "bind": ""}]},
    ],
)
def test_an_item_holds_only_what_every_item_can_show(item: dict[str, Any]) -> None:
    root = {"node": "list", "bind": "/ui_state/l", "item": item}
    assert set(found(root)) == {"DIRECTIVE_VIEW_INVALID"}


def test_what_an_item_holds_counts_for_every_item() -> None:
    item = {"node": "stack", "children": [TEXT] * 50}
    root = {"node": "list", "bind": "/ui_state/l", "item": item, "max_items": 500}
    assert found(root) == ["DIRECTIVE_LIMIT_EXCEEDED"]
    assert found({**root, "max_items": 5}) == []
    deep = {"node": "card", "children": [{"node": "card", "children": [TEXT]}]}
    assert found({**root, "item": deep}, max_depth=3) == ["DIRECTIVE_LIMIT_EXCEEDED"]


def test_buttons_of_items_and_rows_are_verified() -> None:
    steal = {**OPEN, "action": "steal"}
    root = {"node": "list", "bind": "/ui_state/l", "item": steal}
    assert found(root) == ["DIRECTIVE_ACTION_UNKNOWN"]
    table = {"node": "table", "columns": COLUMNS, "bind": "/ui_state/l", "buttons": [steal, OPEN]}
    assert found(table) == ["DIRECTIVE_ACTION_UNKNOWN"]
    assert found({**table, "buttons": [{**OPEN, "submit": True}]}) == ["DIRECTIVE_VIEW_INVALID"]


@pytest.mark.parametrize(
    ("value", "named", "codes"),
    [
        ([{"id": "a"}], {}, ["DIRECTIVE_VIEW_INVALID"]),
        ([{"id": "a"}], {"item_key": "id"}, []),
        ({"a": {}}, {}, []),
    ],
)
def test_items_with_buttons_need_names(value: Any, named: Any, codes: list[str]) -> None:
    view = View(a_list(item=OPEN, **named))
    assert [item.code for item in verify_names(view, document(value))] == codes
