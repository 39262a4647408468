"""Differences are told as a person would: which text, option, value, component."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crm import crm, shown
from uicompiler import compile
from uicompiler.resources import data_path
from uicompiler.semantic_diff import (
    Difference,
    diff,
    diff_batches,
    diff_logs,
    diff_states,
    diff_streams,
    parse_document,
    sniff,
)
from uicompiler.strict_json import StrictJsonError

CONTACT = data_path("examples/crm/conversations/contact.jsonl")


def stream() -> list[Any]:
    return copy.deepcopy(list(shown().messages))


def edited(old: str, new: str) -> list[Any]:
    """The form's stream with a text replaced in it."""
    text = json.dumps(stream())
    assert old in text
    found: list[Any] = json.loads(text.replace(old, new))
    return found


def told(after: list[Any]) -> list[str]:
    return [str(item) for item in diff_streams(stream(), after)]


# --- streams --------------------------------------------------------------------------------------


def test_equal_streams_have_no_differences() -> None:
    assert diff_streams(stream(), stream()) == []


def test_a_changed_label_names_component_and_words() -> None:
    assert told(edited('"Full name *"', '"Name *"')) == [
        'surface main, TextField "Full name *" (ui--field--name--TextField): '
        'label changed: "Full name *" -> "Name *"'
    ]


def test_a_changed_button_is_called_by_its_text() -> None:
    (line,) = told(edited('"save_contact"', '"keep"'))
    assert 'Button "Save"' in line
    assert line.endswith('action name changed: "save_contact" -> "keep"')


def test_an_option_is_named_by_its_value() -> None:
    (change,) = diff_streams(stream(), edited('"In talks"', '"Talking"'))
    assert (change.what, change.before, change.after) == (
        'option "talking" label changed',
        "In talks",
        "Talking",
    )


def test_an_added_option_is_one_difference() -> None:
    after = stream()
    for item in after[0]["surfaceUpdate"]["components"]:
        if "MultipleChoice" in item["component"]:
            options = item["component"]["MultipleChoice"]["options"]
            options.insert(0, {"value": "x", "label": {"literalString": "X"}})
    (change,) = diff_streams(stream(), after)
    assert change.what == 'option "x" added'


def test_an_action_key_is_named() -> None:
    after = edited('{"key": "notes", "value": {"path": "/draft/notes/v"}}, ', "")
    found = diff_streams(stream(), after)  # of every button that sends the form
    assert {change.what for change in found} == {'action context key "notes" removed'}


def test_data_is_told_by_path() -> None:
    before = list(shown(values=[{"path": "/draft/name", "value": "Ada"}]).messages)
    after = list(shown(values=[{"path": "/draft/name", "value": "Bo"}]).messages)
    assert list(map(str, diff_streams(before, after))) == [
        'surface main, data /draft/name/v: changed: "Ada" -> "Bo"'
    ]


def test_components_come_and_go() -> None:
    after = stream()
    components = after[0]["surfaceUpdate"]["components"]
    gone = components.pop(0)
    components.append({"id": "new", "component": {"Divider": {}}})
    lines = told(after)
    assert f'surface main, Text "Contact" ({gone["id"]}): removed' in lines
    assert "surface main, Divider (new): added" in lines


def test_a_changed_type_is_told() -> None:
    after = stream()
    after[0]["surfaceUpdate"]["components"][0]["component"] = {"Divider": {}}
    (change,) = diff_streams(stream(), after)
    assert (change.what, change.before, change.after) == ("type changed", "Text", "Divider")


def test_surfaces_come_and_go() -> None:
    assert told([]) == ["surface main: removed"]
    assert told([*stream(), {"deleteSurface": {"surfaceId": "main"}}]) == ["surface main: deleted"]


def test_another_order_is_one_difference_that_says_so() -> None:
    (line,) = told([stream()[1], stream()[0], *stream()[2:]])
    assert "form or order" in line


def test_what_an_update_says_again_is_no_difference_but_of_form() -> None:
    (line,) = told([*stream(), stream()[0]])
    assert line.startswith("message 5: ")


def test_true_is_not_one() -> None:
    assert diff_streams([update({"x": True})], [update({"x": 1})]) != []


def update(props: dict[str, Any]) -> dict[str, Any]:
    components = [{"id": "a", "component": {"Text": props}}]
    return {"surfaceUpdate": {"surfaceId": "s", "components": components}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab/~", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "key", "surfaceUpdate", "dataModelUpdate", "deleteSurface"])
            | st.sampled_from(["beginRendering", "components", "component", "contents", "Text"])
            | st.sampled_from(["surfaceId", "path", "valueMap", "valueString", "child", "label"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(json_values, max_size=4), st.lists(json_values, max_size=4))
def test_any_streams_can_be_compared(before: list[Any], after: list[Any]) -> None:
    found = diff_streams(before, after)
    assert bool(found) == (json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True))
    assert all(str(item) for item in found)


# --- states and logs ------------------------------------------------------------------------------


def test_a_states_difference_is_a_pointer_and_names_the_surface() -> None:
    before = shown().state.to_dict()
    after = shown(values=[{"path": "/draft/name", "value": "Ada"}]).state.to_dict()
    change, named = diff_states(before, after)
    assert change == Difference("/surfaces/0/data/draft/name", "surface main changed", "", "Ada")
    assert named.where == "/surfaces/0/named/name"


def test_surfaces_are_matched_by_name() -> None:
    one = shown().state
    form = {"title": "T", "fields": [{"id": "a", "label": "A"}], "surface": "other"}
    app_form = [{"type": "ui.show_form", "payload": form}]
    both = compile(app_form, state=one, app=crm()).state.to_dict()
    (change,) = diff_states(one.to_dict(), both)
    assert (change.where, change.what) == ("/surfaces/1", "surface other added")
    turned = {**both, "surfaces": both["surfaces"][::-1]}
    (order,) = diff_states(both, turned)
    assert order.where == "/surfaces/order"


def log() -> list[Any]:
    return [json.loads(line) for line in CONTACT.read_text().splitlines()]


def test_a_logs_difference_names_line_and_kind() -> None:
    after = log()
    after[3]["value"] = "Bo"
    assert list(map(str, diff_logs(log(), after))) == [
        'line 4 (edit): value changed: "Ada King" -> "Bo"'
    ]


def test_a_batchs_difference_stands_under_its_cause() -> None:
    after = json.loads(json.dumps(log()).replace('"Notes"', '"Remarks"'))
    lines = list(map(str, diff_logs(log(), after)))
    assert lines[0].startswith("line 2 (model), surface main, TextField")
    assert 'label changed: "Notes" -> "Remarks"' in lines[0]


def test_an_inserted_record_is_one_difference() -> None:
    after = log()
    after.insert(4, {**after[3], "value": "Bo"})
    assert list(map(str, diff_logs(log(), after))) == ["line 5 (edit): record added"]


# --- documents ------------------------------------------------------------------------------------


def test_documents_are_told_apart() -> None:
    assert sniff(parse_document(CONTACT.read_bytes())) == "log"
    assert sniff(parse_document(shown().jsonl())) == "stream"
    assert sniff(parse_document(shown().state.to_json())) == "state"
    assert sniff(parse_document(b"")) == "stream"
    one = shown().jsonl().splitlines()[0]
    assert parse_document(one) == [json.loads(one)]
    assert sniff(parse_document(json.dumps(stream(), indent=1))) == "stream"
    assert sniff(parse_document(json.dumps(shown().state.to_dict(), indent=1))) == "state"


@pytest.mark.parametrize("other", [{"a": 1}, [1], 3, [{"surfaceUpdate": {}}, {"a": 1}]])
def test_other_documents_are_refused(other: Any) -> None:
    with pytest.raises(ValueError, match="expected A2UI messages"):
        sniff(other)


def test_documents_of_two_kinds_are_not_compared() -> None:
    with pytest.raises(ValueError, match="the first is a stream, the second a state"):
        diff(stream(), shown().state.to_dict())
    assert diff(log(), log()) == []


@pytest.mark.parametrize("text", [b"{", b"\xff", b'{"a":1}\n{', "nonsense\nnonsense", b"{}\n\xff"])
def test_what_is_not_json_is_refused(text: Any) -> None:
    with pytest.raises(StrictJsonError):
        parse_document(text)


# --- what breaks the schema -----------------------------------------------------------------------

BATCH: dict[str, Any] = {"surface": "main", "messages": []}


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "batch",
    [None, 1, [], {}, {"messages": []}, {"surface": "main"}, {**BATCH, "messages": {}},
     {**BATCH, "surface": 1}, {**BATCH, "messages": [deep(3000)]}],
)  # fmt: skip
def test_what_is_no_batch_is_a_value_error(batch: Any) -> None:
    for before, after in (([BATCH, batch], [BATCH]), ([BATCH], [BATCH, batch])):
        with pytest.raises(ValueError, match="batch 2 is"):
            diff_batches(before, after)


@pytest.mark.parametrize("record", [None, 1, {"kind": "edit", "value": deep(3000)}])
def test_what_is_no_record_is_a_value_error(record: Any) -> None:
    with pytest.raises(ValueError, match="line 1 is no record"):
        diff_logs([record], [])


def test_a_record_python_alone_can_hold_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="JSON does not have"):
        diff_logs([{"v": 1, "kind": "edit", "value": b"x"}], [])


def test_a_path_of_any_length_is_compared() -> None:
    def write(value: str) -> Any:
        contents = [{"key": "v", "valueString": value}]
        return {"dataModelUpdate": {"surfaceId": "main", "path": "/a" * 3000, "contents": contents}}

    assert len(diff_streams([write("x")], [write("y")])) == 1
    batches = [[{**BATCH, "messages": [write(value)]}] for value in ("x", "y")]
    assert len(diff_batches(*batches)) == 1
