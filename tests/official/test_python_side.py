"""The adapter over `a2ui-core`'s processor: what it adds, and that it adds nothing else."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from .conftest import require
from .messages import begin, column, data, delete, repeat, text, update
from .python_side import PythonSession
from .sdk import require_sdk

pytestmark = pytest.mark.official

SCREEN = [update({"root": column("a"), "a": text("x")}), data({"n": 1})]


@pytest.fixture(autouse=True)
def _installed() -> None:
    require(require_sdk)


def fed(*messages: Any, **settings: Any) -> PythonSession:
    """A session that took all of these."""
    session = PythonSession(**settings)
    assert [session.apply(message) for message in messages] == [None] * len(messages)
    return session


def test_a_surface_may_begin_before_between_or_after_its_parts() -> None:
    orders = itertools.permutations([*SCREEN, begin()])
    states = [fed(*order).states() for order in orders]
    assert len(states) == 6
    assert all(state == states[0] for state in states)
    root = states[0]["main"]
    assert (root.root, root.data) == ("root", {"n": 1})
    assert root.tree is not None
    assert [child["id"] for child in root.tree["props"]["children"]] == ["a"]


def test_early_messages_keep_their_order() -> None:
    session = fed(data({"n": 1}), data({"n": 2}), begin(), data({"m": 3}))
    assert session.states()["main"].data == {"n": 2, "m": 3}


def test_what_is_held_back_shows_nowhere() -> None:
    assert fed(*SCREEN).states() == {}


def test_an_early_message_is_refused_when_it_comes_and_not_kept() -> None:
    session = fed(data({"a": "x"}))
    error = session.apply(data({"b": "y", "c/d": "z"}, "/a"))
    assert error is not None
    assert error.name == "A2uiDataError"
    assert session.apply(begin()) is None
    assert session.states()["main"].data == {"a": "x"}


def test_a_deleted_surface_forgets_what_was_held_back() -> None:
    session = fed(*SCREEN, delete(), begin())
    surface = session.states()["main"]
    assert (surface.data, surface.tree) == ({}, None)


def test_surfaces_are_held_back_each_for_itself() -> None:
    session = fed(*SCREEN, update({"root": text("y")}, "other"), begin(surface="other"))
    assert list(session.states()) == ["other"]
    assert session.apply(begin()) is None
    assert list(session.states()) == ["other", "main"]


def test_a_refused_begin_keeps_what_was_held_back() -> None:
    session = fed(*SCREEN)
    assert session.apply(begin(catalogId="nobody's")) is not None
    assert session.apply(begin()) is None
    assert session.states()["main"].data == {"n": 1}


def test_an_early_component_may_be_of_any_catalog_the_session_holds() -> None:
    part = {"FileUpload": {"label": {"literalString": "x"}, "value": {"path": "/v"}}}
    assert fed(update({"root": part})).states() == {}


def test_without_checks_the_processor_takes_any_component() -> None:
    odd = [begin(), update({"root": {"Text": {"words": 1}}, "b": {"Chart": {}}})]
    assert PythonSession().apply(odd[0]) is None
    assert fed(odd[0]).apply(odd[1]) is not None
    tree = fed(*odd, checked=False).states()["main"].tree
    assert tree is not None
    assert (tree["type"], tree["props"]) == ("Text", {"words": 1})


def test_a_template_is_repeated_over_maps_and_arrays_in_the_items_contexts() -> None:
    parts = {"root": repeat("row", "/rows"), "row": repeat("cell", "cells"), "cell": text("x")}
    session = fed(update(parts), begin())
    for cells in ([{"key": "k", "valueMap": []}], [{"key": "0", "valueMap": []}]):
        assert session.apply(data(cells, "/rows/a/cells")) is None
        tree = session.states()["main"].tree
        assert tree is not None
        [row] = tree["props"]["children"]
        [cell] = row["props"]["children"]
        assert row["context"] == "/rows/a/"
        assert cell["context"].startswith("/rows/a/cells/")
        assert session.apply(delete()) is None
        assert session.apply(update(parts)) is None
        assert session.apply(begin()) is None


def test_a_message_is_not_changed_by_being_taken() -> None:
    messages = [*SCREEN, begin()]
    fed(*messages)
    assert messages == [*SCREEN, begin()]


def test_junk_is_refused() -> None:
    for junk in (None, 1, "x", [], {}, {"beginRendering": 1}, {**begin(), **delete()}):
        assert PythonSession().apply(junk) is not None
