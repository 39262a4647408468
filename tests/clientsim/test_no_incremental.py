"""`no_incremental`: a client that draws a surface once."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import ClientSim

Play = Callable[..., ClientSim]


@pytest.fixture
def once(play: Play) -> Play:
    return lambda *messages, **more: play(*messages, profile="no_incremental", **more)


def test_all_before_the_first_begin_rendering_counts(once: Play, m: Any) -> None:
    messages = [m.update(root=m.text("/x")), m.data(None, x="1"), m.data(None, x="2"), m.begin()]
    assert once(*messages).visible("s") == [("root", "text", "2")]


def test_updates_after_it_are_ignored_and_are_no_error(once: Play, m: Any) -> None:
    sim = once(m.update(root=m.text("/x")), m.data(None, x="1"), m.begin())
    before = sim.hash("s")
    assert sim.apply(m.data(None, x="2")) is None
    assert sim.apply(m.update(root=m.text(literal="new"))) is None
    assert sim.hash("s") == before


def test_begin_rendering_first_leaves_an_empty_page(once: Play, m: Any) -> None:
    sim = once(m.begin(), m.update(root=m.text()), m.data(None, x="1"))
    assert not sim.ready("s")
    assert sim.data("s") == {}


def test_an_ignored_message_must_still_be_a_message(once: Play, m: Any) -> None:
    sim = once(m.update(root=m.text()), m.begin())
    error = sim.apply(m.update(root={"Text": {}}))
    assert error is not None
    assert error.code == "SIM_COMPONENT_INVALID"


def test_a_deleted_surface_can_be_built_anew(once: Play, m: Any) -> None:
    sim = once(m.update(root=m.text(literal="old")), m.begin())
    sim.apply({"deleteSurface": {"surfaceId": "s"}})
    assert sim.surface_ids() == []
    sim.apply(m.update(root=m.text(literal="new")))
    sim.apply(m.begin())
    assert sim.visible("s") == [("root", "text", "new")]


def test_surfaces_do_not_stop_each_other(once: Play, m: Any) -> None:
    sim = once(m.update(root=m.text()), m.begin())
    sim.apply({"dataModelUpdate": {"surfaceId": "other", "contents": []}})
    assert sim.surface_ids() == ["s", "other"]


def test_a_second_begin_rendering_shows_another_root(once: Play, m: Any) -> None:
    sim = once(m.update(root=m.text(literal="one"), two=m.text(literal="2")), m.begin())
    sim.apply(m.begin("two"))
    assert sim.visible("s") == [("two", "text", "2")]


def test_what_a_user_types_is_stored(once: Play, m: Any) -> None:
    field = {"TextField": {"label": {"literalString": "L"}, "text": {"path": "/x"}}}
    sim = once(m.update(root=field), m.begin())
    sim.edit("s", "root", "typed")
    assert sim.data("s") == {"x": "typed"}
