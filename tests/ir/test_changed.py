"""What differs between two documents: found by identity, told by place."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from uicompiler.ir import data
from uicompiler.ir.changed import Changed, changed_places
from uicompiler.ir.values import freeze

OLD = freeze({"draft": {"a": "1", "b": {"c": 2}}, "ui_state": {"list": ["x"], "gone": None}})


def changed(new: Any) -> Changed:
    found = changed_places(OLD, new)
    return Changed(sorted(found.places), sorted(found.whole))


def test_the_same_document_has_not_changed() -> None:
    assert changed(OLD) == ([], [])


def test_an_equal_scalar_that_was_written_anew_has_not_changed() -> None:
    assert changed(data.set_at(OLD, ("draft", "a"), "".join(["1"]))) == ([], [])


def test_a_number_is_no_boolean_and_no_float() -> None:
    one = freeze({"a": 1})
    for other in (True, 1.0):
        assert changed_places(one, freeze({"a": other})).places == [("a",)]


def test_the_innermost_place_is_told() -> None:
    assert changed(data.set_at(OLD, ("draft", "b", "c"), 3)) == ([("draft", "b", "c")], [])


def test_what_came_and_what_went_are_told() -> None:
    assert changed(data.delete_at(OLD, ("ui_state", "gone"))).places == [("ui_state", "gone")]
    assert changed(data.set_at(OLD, ("draft", "new"), "x")).places == [("draft", "new")]


def test_of_a_list_all_counts_as_changed_and_as_having_places_inside() -> None:
    place = ("ui_state", "list")
    assert changed(data.set_at(OLD, (*place, "0"), "y")) == ([place], [place])


def test_an_object_in_place_of_a_value_has_places_inside() -> None:
    assert changed(data.set_at(OLD, ("draft", "a"), {"x": 1})) == ([("draft", "a")],) * 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(JSON, JSON)
def test_with_the_changed_places_written_the_old_document_is_the_new(old: Any, new: Any) -> None:
    before, after = freeze({"x": old}), freeze({"x": new})
    document = before
    for place in changed_places(before, after).places:
        value = data.get(after, place)
        if value is data.MISSING:
            document = data.delete_at(document, place)
        else:
            document = data.set_at(document, place, value)
    assert document == after
