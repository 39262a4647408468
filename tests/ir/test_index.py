"""What a view knows of itself: found in one walk, and the same as by looking for each thing."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.inputs import inputs_of, shown_inputs
from uicompiler.ir.lists import List, Table, templates_of
from uicompiler.ir.media import Audio, Image, Video
from uicompiler.ir.rows import Rows
from uicompiler.ir.tree import View, editables, parse_node, walk
from uicompiler.ir.values import freeze
from uicompiler.ir.verify import bad_values, is_sound, verify_view

ROWS = {"node": "rows", "id": "r", "label": "R", "columns": [{"id": "c", "label": "C"}]}
ITEM = {"node": "image", "url": "https://example.org/a.png", "decorative": True}
_leaves = st.sampled_from(
    [
        "text",
        {"node": "text", "bind": "/ui_state/x"},
        {"node": "field", "id": "a", "label": "A"},
        {"node": "field", "id": "b", "label": "B", "kind": "secret"},
        {"node": "button", "label": "B", "action": "go", "submit": True, "key": "k"},
        {"node": "image", "bind": "/committed/url", "decorative": True, "key": "k"},
        {"node": "video", "url": "https://example.org/b.mp4"},
        {"node": "list", "bind": "/committed/l", "item": ITEM},
        {"node": "tab", "title": "T", "children": ["x"], "key": "0"},
        ROWS,
    ]
)


def _holders(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda kind, children, key: {"node": kind, "children": children, **key},
        st.sampled_from(["stack", "card", "tabs"]),
        st.lists(inner, min_size=1, max_size=4),
        st.sampled_from([{}, {}, {"key": "k"}, {"key": "1"}]),
    )


trees = st.recursive(_leaves, _holders, max_leaves=14).map(
    lambda tree: parse_node({"node": "stack", "children": [tree]})
)


@given(trees)
def test_the_index_is_what_a_walk_for_each_thing_finds(root: Node) -> None:
    index, found = View(root).index, list(walk(root))
    assert (index.count, index.depth) == (len(found), max(depth for _, _, depth in found))
    assert index.editables == editables(root)
    assert index.rows == tuple(item for item in editables(root) if isinstance(item, Rows))
    for spot in index.spots:
        assert (spot.node, spot.path, spot.depth) == found[spot.number - 1]
    numbers = [spot.number for spot in index.spots]
    assert numbers == sorted(set(numbers))
    always = (Button, Rows, List, Table, Image)
    needed = {n for n, (node, _, _) in enumerate(found, 1) if isinstance(node, always)}
    assert needed <= set(numbers)
    everywhere = [node for node, _, _ in found]
    everywhere += [t for node in list(everywhere) for t, _ in templates_of(node)]
    media = [node for node in everywhere if isinstance(node, (Image, Video, Audio))]
    assert sorted(map(id, index.media)) == sorted(map(id, media))
    assert not index.foreign


@given(trees)
def test_what_is_wrong_is_found_at_every_node_it_is_wrong_of(root: Node) -> None:
    """The same as where every node counts as worth a look."""
    ids: set[str] = set()
    wrong: list[str] = []
    for node, _, _ in walk(root):
        children = node.__dict__.get("children", ())
        names = [c.key or str(i) for i, c in enumerate(children) if not c.owns_entry]
        wrong += ["key"] if len(set(names)) < len(names) else []
        wrong += [c.node for c in children if (c.node == "tab") != (node.node == "tabs")]
        if node.owns_entry:
            ident = node.__dict__["id"]
            wrong += ["twice"] if ident in ids else []
            ids.add(ident)
    found = verify_view(
        View(root), max_depth=99, max_nodes=999, max_context_keys=99, actions={"go"}
    )
    said = [finding.message for finding in found]
    assert sum("two siblings" in text for text in said) == wrong.count("key")
    assert sum("two fields" in text for text in said) == wrong.count("twice")
    misplaced = len(wrong) - wrong.count("key") - wrong.count("twice")
    assert sum("kind tab" in text for text in said) == misplaced


def test_a_limit_hides_what_comes_after_it_and_not_what_comes_before() -> None:
    button = {"node": "button", "label": "B", "action": "other"}
    root = parse_node({"node": "stack", "children": [button, {**button, "key": "k"}, "x"]})
    for most, expected in ((1, 0), (2, 1), (3, 2)):
        found = verify_view(
            View(root), max_depth=9, max_nodes=most, max_context_keys=9, actions={"go"}
        )
        codes = [finding.code for finding in found]
        assert codes == ["DIRECTIVE_ACTION_UNKNOWN"] * expected + ["DIRECTIVE_LIMIT_EXCEEDED"]


def test_what_was_made_of_a_view_is_kept_once_for_each_name() -> None:
    view, one, other = View(parse_node({"node": "divider"})), object(), object()
    made: list[object] = []
    for of in (one, one, other, one):
        view.kept("a", (of,), lambda of=of: made.append(of))  # type: ignore[misc]
    assert made == [one, other, one]
    assert len(view._kept) == 1


@given(st.sampled_from([{}, {"r1": {"c": "x"}}, {"r1": None, "r2": {"c": ""}}]))
def test_inputs_are_those_of_the_draft(rows: Any) -> None:
    view = View(parse_node({"node": "stack", "children": [ROWS, {**ROWS, "id": "s"}]}))
    draft = freeze({"r": rows, "s": {"r1": {"c": ""}}})
    shown = shown_inputs(view, draft)
    assert shown.all == inputs_of(view.editables, draft)
    assert shown_inputs(view, draft) is shown
    assert dict(shown.by_id) == {item.id: item for item in shown.all}


_bad = [float("nan"), float("inf"), 2**60, "\ud800", {"__proto__": 1}, b"x", 1.5, "é", None, True]
_json = st.recursive(
    st.sampled_from(_bad[4:]) | st.sampled_from(_bad) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(_json, _json)
def test_a_value_is_sound_when_nothing_bad_is_in_it(value: Any, known: Any) -> None:
    assert is_sound(value) == (not list(bad_values(value)))
    if is_sound(known):
        both = {"a": known, "b": value, "c": [known, value]}
        before = {"a": known, "b": 1, "c": [known, known]}
        assert is_sound(both, before) == (not list(bad_values(both)))
