"""Lists on the wire: templates where safe, data that says all, rows that cannot be forged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixture_cases import app_named
from tests.lists import LIST_STEPS, Watched, pruned, show, tree, views_of_lists
from tests.stories import budget
from uicompiler import CompileResult, dispatch
from uicompiler.backends.a2ui_v0_8.lower.lists import wire_key
from uicompiler.backends.ids import component_id, unescape_key
from uicompiler.ir.words import cell_text

NAME = {"node": "text", "bind": "name"}
GLANCE = {"node": "button", "label": "Look", "action": "glance"}
SAVE = {"node": "button", "label": "Save", "action": "save"}


def a_list(item: dict[str, Any] = NAME, **more: Any) -> dict[str, Any]:
    return tree({"node": "list", "bind": "/ui_state/l", "item": item, **more})


def kinds(result: CompileResult) -> list[str]:
    return [key for message in result.messages for key in message]


def components(result: CompileResult) -> dict[str, Any]:
    return {
        item["id"]: item["component"]
        for message in result.messages
        for item in message.get("surfaceUpdate", {}).get("components", ())
    }


def test_a_list_changes_by_data_alone_and_in_one_message() -> None:
    seen = Watched()
    seen.take(show(a_list()))
    for value in ([{"name": "a"}], [{"name": "b"}, {"name": "a"}], [], [{"name": ""}, {}]):
        result = seen.patch("/ui_state/l", value)
        assert kinds(result) == ["dataModelUpdate"] * 2, "the list, and the revision"
        seen.look()


def test_an_unchanged_list_is_not_sent_again() -> None:
    seen = Watched()
    seen.take(show(a_list()))
    seen.patch("/ui_state/l", [{"name": "a"}])
    result = seen.patch("/ui_state/other", 1)
    assert "_list" not in result.jsonl().decode()


def test_an_order_that_changes_is_a_change() -> None:
    seen = Watched()
    seen.take(show(a_list(item_key="name")))
    seen.patch("/ui_state/l", [{"name": "a"}, {"name": "b"}])
    assert "_list" in seen.patch("/ui_state/l", [{"name": "b"}, {"name": "a"}]).jsonl().decode()
    seen.look()


def test_two_lists_and_a_text_of_one_value_do_not_meet() -> None:
    seen = Watched()
    both = a_list()["children"] * 2
    seen.take(show(tree(*both, {"node": "text", "bind": "/ui_state/l/0/name"})))
    seen.patch("/ui_state/l", [{"name": "a"}, {"name": "b"}])
    seen.look()
    seen.patch("/ui_state/l", [{"name": "c"}])
    seen.look()


def test_a_list_that_cannot_be_a_template_is_written_out_and_comes_back() -> None:
    seen = Watched()
    seen.take(show(a_list()))
    for name in ("one", "two\nlines", "one again"):
        seen.patch("/ui_state/l", {"a": {"name": name}, "b": {"name": "b"}})
        seen.look()


def test_ids_of_items_written_out_follow_their_names() -> None:
    seen = Watched()
    seen.take(show(a_list({"node": "text", "bind": "name", "style": "h3"}, item_key="id")))
    people = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}, {"id": "c"}]
    first = seen.patch("/ui_state/l", people)
    moved = seen.patch("/ui_state/l", people[::-1])
    ident = component_id(("root", "0", "=a"), "Text")
    assert components(first)[ident] == components(moved)[ident]


def test_a_list_too_long_to_write_out_is_cut_and_says_so() -> None:
    pair = {"node": "stack", "children": [NAME, {"node": "text", "bind": "note", "style": "h5"}]}
    seen = Watched()
    seen.take(show(a_list(pair, max_items=1000)))
    value = [{"name": str(index), "note": str(index)} for index in range(1500)]
    result = seen.patch("/ui_state/l", value)
    assert "… and 500 more" in seen.words()
    value[3] = {"name": "3"}  # a note of nothing would show the marks of a heading
    result = seen.patch("/ui_state/l", value)
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_CATALOG_DEGRADED"]
    assert result.ok
    assert "… and 1099 more" in seen.words()


def test_a_templated_button_carries_no_revision_and_one_written_out_does() -> None:
    for button, keys in ((GLANCE, []), (SAVE, ["_rev"])):
        seen = Watched()
        seen.take(show(a_list(button)))
        result = seen.patch("/ui_state/l", {"a": 1})
        shown = {**components(seen.results[0]), **components(result)}
        found = next(item["Button"] for item in shown.values() if "Button" in item)
        assert [entry["key"] for entry in found["action"]["context"]] == keys


def test_a_press_tells_the_row_by_its_name() -> None:
    for button in (GLANCE, {**SAVE, "args": {"x": "1"}}):
        seen = Watched()
        seen.take(show(a_list(button)))
        names = ["a.b", "10", "größe", "__x__", "ui--a", "a:b"]
        seen.patch("/ui_state/l", dict.fromkeys(names, 1))
        rows = []
        for index in range(len(names)):
            step = seen.press(index)
            assert step.action is not None, step.diagnostics
            rows.append(step.action.row)
        assert rows == ["10", "__x__", "a.b", "a:b", "größe", "ui--a"]


def test_a_row_that_went_cannot_be_named() -> None:
    seen = Watched()
    seen.take(show(a_list(GLANCE)))
    seen.patch("/ui_state/l", {"a": 1, "b": 2})
    event = seen.event(seen.buttons()[1])
    seen.patch("/ui_state/l", {"a": 1})
    step = dispatch(event, state=seen.state, app=app_named("views"))
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_ACTION_FORBIDDEN"]
    forged = {**event["userAction"], "sourceComponentId": "ui--root--0--_u2a_--Button"}
    step = dispatch({"userAction": forged}, state=seen.state, app=app_named("views"))
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_ACTION_FORBIDDEN"]


def test_any_other_button_has_no_row() -> None:
    seen = Watched()
    seen.take(show(tree(GLANCE)))
    step = seen.press(0)
    assert step.action is not None
    assert step.action.row == ""
    assert step.action.to_dict()["row"] == ""


def test_items_without_names_have_no_buttons() -> None:
    seen = Watched()
    seen.take(show(a_list(GLANCE, item_key="id")))
    seen.patch("/ui_state/l", [{"id": "a"}, {"id": "a"}, {"id": "b"}, {}])
    assert len(seen.buttons()) == 1
    step = seen.press(0)
    assert step.action is not None
    assert step.action.row == "b"


@given(st.text(max_size=6) | st.sampled_from(["7", "007", "ui--x", "__proto__", "_u_"]))
def test_wire_keys_are_one_to_one_and_never_numbers(key: str) -> None:
    wire = wire_key(key)
    assert unescape_key(wire) == key
    assert not wire.isdecimal()


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "✓"), (False, "–"), (None, ""), (1.5, "1.5"), (2.0, "2"), ({"a": 1}, ""), ("x", "x")],
)
def test_cells_show_values_as_people_write_them(value: Any, text: str) -> None:
    assert cell_text(value) == text


def test_a_table_of_many_rows_is_one_template() -> None:
    rows = [[f"Row {index}", index] for index in range(1000)]
    columns = [{"id": "name", "label": "Name"}, {"id": "n", "label": "N", "align": "end"}]
    result = show(tree({"node": "table", "columns": columns, "rows": rows}))
    assert result.ok
    assert len(components(result)) < 20
    assert len(result.messages) < 6


def test_a_text_that_is_gone_is_gone_on_the_client() -> None:
    seen = Watched()
    both = [{"node": "text", "bind": f"/ui_state/{name}"} for name in ("a", "b")]
    seen.take(show(tree(*both)))
    seen.patch("/ui_state/a", "one")
    seen.patch("/ui_state/b", "two")
    seen.patch("/ui_state/a", "two\nlines")
    assert pruned(seen.sim.data("main"))["ui_state"]["_text"] == {"ui_state_u2f_b": {"t": "two"}}
    seen.look()


def test_a_value_may_become_a_map_and_a_map_a_value() -> None:
    seen = Watched()
    shown = [{"node": "text", "bind": f"/committed/{name}"} for name in ("x", "x/y", "x/y/z")]
    seen.take(show(tree(*shown, *(put(value) for value in VALUES))))
    for index in (0, 1, 2, 1, 0, 2, 0):
        seen.take(seen.press(index))
        seen.look()


VALUES = ("flat", {"y": "deep"}, {"y": {"z": "deeper"}})


def put(value: Any) -> dict[str, Any]:
    args = {"x": json.dumps(value)}
    return {"node": "button", "label": "Put", "action": "put", "args": args}


@pytest.mark.fuzz
@given(st.data())
@budget(150)
def test_full_diff_auto_and_snapshots_end_alike_and_show_what_the_ir_says(
    data: st.DataObject,
) -> None:
    root, script = data.draw(views_of_lists()), data.draw(LIST_STEPS)
    seen = {update: Watched(update) for update in ("auto", "full", "diff")}
    for one in seen.values():
        one.take(show(root))
        one.look()
        for path, value in script:
            one.patch(path, value)
            one.look()
    ends = [pruned(one.sim.data("main")) for one in seen.values()]
    assert ends == [ends[0]] * 3
    assert len({one.sim.screen("main") for one in seen.values()}) == 1
