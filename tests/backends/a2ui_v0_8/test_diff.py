"""A diff sends what changed, and everything a client needs beside it."""

from __future__ import annotations

from typing import Any

from uicompiler.backends.a2ui_v0_8.diff import changed_components, changed_leaves, changed_lists
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowered

TREE = {
    "t1": (),
    "t2": (),
    "inner": ("t1", "t2"),
    "t3": (),
    "outer": ("inner", "t3"),
    "t4": (),
    "root": ("outer", "t4"),
}


def lowered(**changed: Any) -> Lowered:
    """The tree above; keywords give single components another content."""
    children = {ident: refers for ident, refers in TREE.items() if refers}
    components = {
        ident: {"id": ident, "component": {"Any": [*refers, changed.get(ident)]}}
        for ident, refers in TREE.items()
    }
    return Lowered(components, children)


def sent(**changed: Any) -> list[str]:
    return [item["id"] for item in changed_components(lowered(), lowered(**changed))]


def test_nothing_changed_is_nothing_sent() -> None:
    assert sent() == []


def test_a_leaf_goes_out_alone() -> None:
    assert sent(t2="new") == ["t2"]


def test_a_container_goes_out_with_all_below_it_in_reading_order() -> None:
    assert sent(inner="new") == ["t1", "t2", "inner"]
    assert sent(outer="new") == ["t1", "t2", "inner", "t3", "outer"]
    assert sent(root="new") == list(TREE)


def test_separate_changes_go_out_once_each() -> None:
    assert sent(inner="new", t1="new", t4="new") == ["t1", "t2", "inner", "t4"]


def test_a_component_sent_is_the_new_one() -> None:
    after = lowered(t1="new")
    assert changed_components(lowered(), after) == [after.components["t1"]]


def test_a_new_component_goes_out_and_one_that_went_does_not() -> None:
    after = lowered()
    after.components["t5"] = {"id": "t5", "component": {"Any": []}}
    assert changed_components(lowered(), after) == [after.components["t5"]]
    assert changed_components(after, lowered()) == []


def test_components_that_contain_each_other_end_the_walk() -> None:
    after = lowered(outer="new")
    after.children["t3"] = ("outer",)
    assert len(changed_components(lowered(), after)) == 5


def test_texts_that_differ_are_new_or_gone_are_changed() -> None:
    old = Lowered(leaves={("a", "x"): "1", ("a", "y"): "2", ("a", "gone"): "3"})
    new = Lowered(leaves={("a", "x"): "1", ("a", "y"): "two", ("b",): "4"})
    assert changed_leaves(old, new) == {("a", "y"), ("b",), ("a", "gone")}


def test_lists_that_differ_are_sent_and_those_that_are_gone_emptied() -> None:
    one, two = ("a", (("x", "1"),)), ("b", ())
    old = Lowered(lists={("same",): (one,), ("order",): (one, two), ("gone",): (one,)})
    new = Lowered(lists={("same",): (one,), ("order",): (two, one), ("new",): ()})
    expected = {("order",): (two, one), ("new",): (), ("gone",): ()}
    assert changed_lists(old, new) == expected
