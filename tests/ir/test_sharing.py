"""Sharing: what did not change is the same object, whatever else did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.ir.base import Node
from uicompiler.ir.data import MISSING, delete_at, get, set_at
from uicompiler.ir.layout import Card
from uicompiler.ir.sharing import changed_keys, shared
from uicompiler.ir.tree import View, children_of, node_to_json, parse_node, shared_view
from uicompiler.ir.values import FrozenDict, freeze

_texts = st.sampled_from(["", "a", "b", "é"])
_cells = st.sampled_from([1, 1.0, True, "1"])
_leaves = st.one_of(
    st.fixed_dictionaries({"node": st.just("text"), "text": _texts}),
    st.fixed_dictionaries(
        {
            "node": st.just("field"),
            "kind": st.just("number"),
            "id": st.sampled_from(["x", "y"]),
            "label": st.just("L"),
        },
        optional={"min": st.sampled_from([1, 1.0, 2, 0.0, -0.0])},
    ),
    st.fixed_dictionaries(
        {
            "node": st.just("table"),
            "columns": st.just([{"id": "c", "label": "C"}]),
            "rows": st.lists(
                st.lists(st.sampled_from([1, 1.0, True, "1"]), max_size=1), max_size=3
            ),
        }
    ),
    st.fixed_dictionaries(
        {"node": st.just("button"), "label": st.just("B"), "action": st.just("go")},
        optional={"args": st.dictionaries(st.sampled_from("pq"), st.sampled_from([1, True, "1"]))},
    ),
)


def _holders(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {
            "node": st.sampled_from(["stack", "card"]),
            "children": st.lists(inner, max_size=4),
        },
        optional={"key": st.sampled_from(["k", "l"])},
    )


trees = st.recursive(_leaves, _holders, max_leaves=12).map(parse_node)
values = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 0.0, -0.0, "", "1", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=10,
).map(freeze)


def exact(value: Any) -> str:
    """What tells 1 from 1.0 and true, and the order of keys."""
    return repr(node_to_json(value) if isinstance(value, Node) else value)


def by_name(node: Node) -> Mapping[Any, Node]:
    found: dict[Any, Node] = {}
    for index, child in enumerate(children_of(node)):
        ident = child.__dict__.get("id")
        found[(ident,) if ident is not None else index if child.key is None else child.key] = child
    return found


def look(old: Any, made: Any) -> None:
    """Wherever both are equal, they are the same object."""
    if exact(old) == exact(made) and type(old) is type(made):
        assert old is made or isinstance(old, (str, int, float, type(None)))
    elif isinstance(old, Node) and isinstance(made, Node):
        before = by_name(old) if type(old) is type(made) else {}
        for name, child in by_name(made).items():
            look(before.get(name), child)
    elif isinstance(old, dict) and isinstance(made, dict):
        for key in old.keys() & made.keys():
            look(old[key], made[key])
    elif isinstance(old, tuple) and isinstance(made, tuple):
        for was, now in zip(old, made, strict=False):
            look(was, now)


@given(trees, trees)
def test_a_tree_is_the_new_one_made_of_the_old_one(old: Node, new: Node) -> None:
    made = shared(old, new)
    assert made == new
    assert exact(made) == exact(new)
    look(old, made)


@given(trees)
def test_an_equal_tree_is_the_old_one(old: Node) -> None:
    again = parse_node(node_to_json(old))
    assert shared(old, again) is old


@given(values, values)
def test_a_value_is_the_new_one_made_of_the_old_one(old: Any, new: Any) -> None:
    made = shared(old, new)
    assert exact(made) == exact(new)
    look(old, made)


@given(st.dictionaries(st.sampled_from("abcd"), values), values, st.sampled_from("abcd"))
def test_a_write_leaves_all_else_as_it_is(old: dict[str, Any], value: Any, key: str) -> None:
    document = FrozenDict(old)
    made = set_at(document, (key,), value)
    assert exact(get(made, (key,))) == exact(value)
    assert all(made[name] is document[name] for name in document if name != key)
    if key in document and exact(document[key]) == exact(value):
        assert made is document


@pytest.mark.parametrize("place", [("a", "b", "c"), ("x",), ("l", "0", "y")])
def test_what_is_not_there_can_be_deleted_without_a_trace(place: tuple[str, ...]) -> None:
    document = freeze({"a": {"b": {}}, "l": [{}]})
    assert get(document, place) is MISSING
    assert delete_at(document, place) is document


@given(*[st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz"))] * 2)
def test_changed_keys_are_those_of_other_values(old: dict[str, str], new: dict[str, str]) -> None:
    expected = {key for key in old.keys() | new.keys() if old.get(key) is not new.get(key)}
    assert set(changed_keys(old, new)) == expected


def test_a_view_shown_again_is_the_old_one_with_all_that_was_made_of_it() -> None:
    tree = {"node": "stack", "children": [{"node": "text", "text": "a"}, "b"]}
    old = View(parse_node(tree), "t", 1)
    assert shared_view(old, View(parse_node(tree), "t", 1)) is old
    newer = View(parse_node(tree), "t", 2)
    assert shared_view(old, newer) is newer
    inline = shared_view(old, View(parse_node(tree)))
    assert (inline.template_id, inline.root is old.root) == (None, True)


def test_an_inserted_node_leaves_named_siblings_as_they_are() -> None:
    old = parse_node({"node": "stack", "children": [_field("a"), _field("b")]})
    new = parse_node({"node": "stack", "children": [_field("new"), _field("a"), _field("b")]})
    made = shared(old, new)
    assert made == new
    assert all(x is y for x, y in zip(children_of(made)[1:], children_of(old), strict=True))


def _field(name: str) -> dict[str, Any]:
    return {"node": "field", "id": name, "label": name}


def test_a_tree_too_deep_for_recursion_is_taken_as_it_is() -> None:
    old, new = (View(_chain(400)) for _ in range(2))
    assert shared_view(old, new) is new


def _chain(depth: int) -> Node:
    node: Node = Card()
    for _ in range(depth):
        node = Card.model_construct(node="card", key=None, children=(node,))
    return node
