"""Lowering again: what did not change is the same part, and all comes out as if made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from uicompiler.backends.a2ui_v0_8.lower.lowered import Lowered
from uicompiler.backends.a2ui_v0_8.lower.lowering import Terms
from uicompiler.backends.a2ui_v0_8.lower.parts import Part
from uicompiler.backends.a2ui_v0_8.lower.view import lower
from uicompiler.ir import data
from uicompiler.ir.fields import initial
from uicompiler.ir.sharing import shared
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import NodePath, View, editables, parse_node
from uicompiler.ir.values import freeze

TERMS = Terms()
ROOT: dict[str, Any] = {
    "node": "stack",
    "children": [
        {"node": "card", "children": [{"node": "text", "bind": "/ui_state/a"}, "fixed"]},
        {"node": "field", "id": "name", "label": "Name"},
        {
            "node": "disclosure",
            "title": "More",
            "children": [{"node": "field", "id": "mail", "label": "Mail"}],
        },
        {"node": "list", "bind": "/committed/l", "item": {"node": "text", "bind": "."}},
        {"node": "progress", "bind": "/ui_state/p"},
        {"node": "button", "label": "Send", "action": "send", "submit": True},
    ],
}
DOCUMENT = {"draft": {}, "committed": {"l": ["x"]}, "ui_state": {"a": "one", "p": 10}}


def surface_of(root: dict[str, Any]) -> Surface:
    node = parse_node(root)
    draft = {item.id: initial(item) for item in editables(node)}
    return Surface("main", view=View(node), data=freeze({**DOCUMENT, "draft": draft}))


def written(surface: Surface, path: str, value: Any) -> Surface:
    return replace(surface, data=data.set_at(surface.data, path.split("/")[1:], value))


def everything(lowered: Lowered) -> list[Any]:
    """All that anything is made from later on, in its order."""
    return [
        list(lowered.components.items()),
        list(lowered.leaves.items()),
        list(lowered.lists.items()),
        list(lowered.inputs),
        lowered.size,
        sorted(lowered.notes),
        lowered.count,
        sorted((part.path, part.home) for part in lowered.parts.by_prefix.values()),
        {place: sorted(found) for place, found in lowered.parts.readers.items()},
        {place: sorted(paths) for place, paths in lowered.maps.items()},
    ]


def again(old: Surface, new: Surface) -> tuple[Lowered, Lowered]:
    before = lower(old, TERMS)
    after = lower(new, TERMS, before)
    assert everything(after) == everything(lower(new, TERMS)), (
        "the same without the lowering before"
    )
    return before, after


def by_path(lowered: Lowered) -> dict[NodePath, Part]:
    return {part.path: part for part in lowered.parts.by_prefix.values()}


WRITES = {
    "a text": ("/ui_state/a", "two", [("root", "0", "0")]),
    "a text that shows nothing": ("/ui_state/a", "", [("root", "0"), ("root", "0", "0")]),
    "a text of two lines": ("/ui_state/a", "x\ny", [("root", "0"), ("root", "0", "0")]),
    "an error": ("/ui_state/_errors", {"name": "No."}, [("field", "name"), ("root", "2")]),
    "an item": ("/committed/l/-", "y", [("root", "3")]),
    "a bar": ("/ui_state/p", 20, [("root", "4")]),
    "what nothing shows": ("/ui_state/z", 1, []),
}


@pytest.mark.parametrize("name", WRITES)
def test_only_what_was_made_from_a_place_is_made_again(name: str) -> None:
    path, value, stale = WRITES[name]
    old = surface_of(ROOT)
    if path.endswith("-"):
        new = replace(old, data=data.insert_at(old.data, path.split("/")[1:], value))
    else:
        new = written(old, path, value)
    before, after = again(old, new)
    known, now = by_path(before), by_path(after)
    assert set(stale) <= {path for path, part in now.items() if known.get(path) is not part}
    others = [("field", "name"), ("root", "0", "1"), ("root", "3"), ("root", "5")]
    assert all(known[path] is now[path] for path in others if path not in stale)


def test_nothing_is_made_when_nothing_changed() -> None:
    old = surface_of(ROOT)
    before, after = again(old, replace(old, rev=7))
    assert after.root is before.root


def changed(change: Callable[[list[Any]], None]) -> tuple[Lowered, Lowered]:
    root = {**ROOT, "children": list(ROOT["children"])}
    change(root["children"])
    old, new = surface_of(ROOT), surface_of(root)
    assert old.view is not None
    assert new.view is not None
    view = View(shared(old.view.root, new.view.root))
    return again(old, replace(new, view=view))


def test_a_view_with_another_child_takes_over_the_others() -> None:
    before, after = changed(lambda children: children.append("more"))
    for path in [("root", "0"), ("field", "name"), ("root", "5")]:
        assert by_path(after)[path] is by_path(before)[path]


@pytest.mark.parametrize("index", range(len(ROOT["children"])))
def test_a_child_that_goes_takes_all_of_it_along(index: int) -> None:
    changed(lambda children: children.pop(index))


def test_children_in_another_order_come_out_as_if_made_anew() -> None:
    changed(lambda children: children.reverse())


def test_a_child_in_place_of_another_is_made() -> None:
    changed(lambda children: children.__setitem__(0, {"node": "divider"}))


def test_other_terms_take_nothing_over() -> None:
    old = surface_of(ROOT)
    before = lower(old, TERMS)
    after = lower(old, replace(TERMS, nonce="n"), before)
    assert everything(after) == everything(lower(old, replace(TERMS, nonce="n")))
    assert after.root is not before.root


def test_what_is_kept_holds_nothing_of_the_turn() -> None:
    old = surface_of(ROOT)
    lowered = lower(old, TERMS)
    kept = lowered.forgetting()
    assert (kept.made, kept.made_lines, kept.news) == ({}, (), None)
    new = written(old, "/ui_state/a", "two")
    assert everything(lower(new, TERMS, kept)) == everything(lower(new, TERMS))
