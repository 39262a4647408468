"""A diff sends what changed, and everything a client needs beside it."""

from __future__ import annotations

from typing import Any

from uicompiler.backends.a2ui_v0_8.diff import changed_components, changed_leaves, changed_lists
from uicompiler.backends.a2ui_v0_8.lower.lowered import Lowered
from uicompiler.backends.a2ui_v0_8.lower.parts import Component, Part, depth_of

TREE = {
    "t1": (),
    "t2": (),
    "inner": ("t1", "t2"),
    "t3": (),
    "outer": ("inner", "t3"),
    "t4": (),
    "root": ("outer", "t4"),
}
INSIDE = {"root": ["outer", "t4"], "outer": ["inner", "t3"], "inner": ["t1", "t2"]}
"""Which parts each holds; every component is a part's own."""


def part(ident: str, content: dict[str, Any], known: dict[str, Part] | None = None) -> Part:
    """A component in a part of its own, with the parts inside it; those of `known` as they are."""
    if known and ident in known:
        return known[ident]
    made = Part((ident,), None, ident, "")
    made.ident = ident
    made.items = [part(inner, content, known) for inner in INSIDE.get(ident, ())]
    made.items.append(Component(ident, TREE[ident], str(content.get(ident)).encode()))
    return made


def one_part(content: dict[str, Any]) -> Part:
    """All components in one part."""
    made = Part((), None, "", "")
    made.ident = "root"
    made.items = [Component(i, refs, str(content.get(i)).encode()) for i, refs in TREE.items()]
    return made


def sent(**changed: Any) -> list[str]:
    found = [item.id for item in changed_components(part("root", {}), part("root", changed))]
    together = changed_components(one_part({}), one_part(changed))
    assert [item.id for item in together] == found, "however components lie in parts"
    return found


def lowered(leaves: dict[Any, str] | None = None, lists: dict[Any, Any] | None = None) -> Lowered:
    return Lowered(part("root", {}), None, None, None, {}, leaves or {}, lists or {})


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
    [found] = changed_components(part("root", {}), part("root", {"t1": "new"}))
    assert found.encoded == b"new"


def test_a_new_component_goes_out_and_one_that_went_does_not() -> None:
    before, after = part("root", {}), part("root", {})
    after.items.append(Component("t5", ()))
    assert [item.id for item in changed_components(before, after)] == ["t5"]
    assert changed_components(after, before) == []


def test_components_that_contain_each_other_end_the_walk() -> None:
    after = one_part({"outer": "new"})
    for item in after.items:
        if isinstance(item, Component) and item.id == "t3":
            item.refs = ("outer",)
    assert len(changed_components(one_part({}), after)) == 5


def test_a_part_that_is_the_same_is_passed_over() -> None:
    before = part("root", {})
    [outer] = [item for item in before.items if isinstance(item, Part) and item.ident == "outer"]
    hidden = part("root", {"t1": "new", "t4": "new"}, {"outer": outer})
    assert [item.id for item in changed_components(before, hidden)] == ["t4"]


def test_components_are_as_deep_as_they_stand_in_each_other() -> None:
    for whole in (part("root", {}), one_part({})):
        assert depth_of(whole) == 4


def test_texts_that_differ_are_new_or_gone_are_changed() -> None:
    old = lowered({("a", "x"): "1", ("a", "y"): "2", ("a", "gone"): "3"})
    new = lowered({("a", "x"): "1", ("a", "y"): "two", ("b",): "4"})
    assert changed_leaves(old, new) == {("a", "y"), ("b",), ("a", "gone")}


def test_lists_that_differ_are_sent_and_those_that_are_gone_emptied() -> None:
    one, two = ("a", (("x", "1"),)), ("b", ())
    old = lowered(lists={("same",): (one,), ("order",): (one, two), ("gone",): (one,)})
    new = lowered(lists={("same",): (one,), ("order",): (two, one), ("new",): ()})
    expected = {("order",): (two, one), ("new",): (), ("gone",): ()}
    assert changed_lists(old, new) == expected
