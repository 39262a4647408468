"""Tabs and modals: what a user brings to the front."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import PROFILES, ClientSim, ClientSimError

Play = Callable[..., ClientSim]
each_profile = pytest.mark.parametrize("profile", sorted(PROFILES))


def tabs(*children: str) -> dict[str, Any]:
    items = [{"title": {"literalString": child.upper()}, "child": child} for child in children]
    return {"Tabs": {"tabItems": items}}


def modal(entry: str, content: str) -> dict[str, Any]:
    return {"Modal": {"entryPointChild": entry, "contentChild": content}}


def button(child: str) -> dict[str, Any]:
    return {"Button": {"child": child, "action": {"name": "go"}}}


@pytest.fixture
def two_tabs(m: Any) -> list[dict[str, Any]]:
    parts = {"i-one": m.text(literal="1"), "i-two": m.text(literal="2")}
    return [m.update(root=tabs("i-one", "i-two"), **parts), m.begin()]


def in_front(sim: ClientSim) -> list[str]:
    return [words for _, role, words in sim.visible("s", reachable=False) if role != "tab"]


@each_profile
def test_the_first_tab_is_in_front_until_another_is_chosen(
    profile: str, play: Play, two_tabs: Any
) -> None:
    sim = play(*two_tabs, profile=profile)
    before = sim.hash("s")
    assert in_front(sim) == ["1"]
    sim.select_tab("s", "root", 1)
    assert in_front(sim) == ["2"]
    assert sim.screen("s", reachable=False) == "I-ONE   [ I-TWO ]\n  2\n"
    assert sim.screen("s") == "[ I-ONE ]\n  1\n[ I-TWO ]\n  2\n"
    assert [words for _, _, words in sim.visible("s")] == ["I-ONE", "I-TWO", "1", "2"]
    assert sim.hash("s") == before


def test_a_chosen_tab_lasts_over_updates_and_ends_with_its_component(
    play: Play, two_tabs: Any, m: Any
) -> None:
    sim = play(*two_tabs)
    sim.select_tab("s", "root", 1)
    sim.apply(two_tabs[0])
    sim.apply(m.data(None, x="1"))
    assert in_front(sim) == ["2"]
    sim.apply(m.update(root=m.text()))
    sim.apply(two_tabs[0])
    assert in_front(sim) == ["1"]


def test_a_chosen_tab_that_is_taken_away_leaves_nothing_in_front(
    play: Play, two_tabs: Any, m: Any
) -> None:
    sim = play(*two_tabs)
    sim.select_tab("s", "root", 1)
    sim.apply(m.update(root=tabs("i-one"), **{"i-one": m.text(literal="1")}))
    assert in_front(sim) == []


@pytest.mark.parametrize(("component", "tab"), [("root", 2), ("root", -1), ("i-one", 0), ("no", 0)])
def test_only_a_tab_that_is_there_can_be_chosen(
    component: str, tab: int, play: Play, two_tabs: Any
) -> None:
    with pytest.raises(ClientSimError):
        play(*two_tabs).select_tab("s", component, tab)


def test_tabs_of_two_rows_are_chosen_apart(play: Play, m: Any) -> None:
    parts = {"i-one": m.text(literal="1"), "i-two": m.text(literal="2")}
    sim = play(
        m.data("/rows", a="", b=""),
        m.update(root=m.rows("i-tabs", "/rows"), **{"i-tabs": tabs(*parts)}, **parts),
        m.begin(),
    )
    sim.select_tab("s", "i-tabs:b", 1)
    assert in_front(sim) == ["1", "2"]


@each_profile
def test_an_open_modal_shows_its_content_instead_of_its_entry(
    profile: str, play: Play, m: Any
) -> None:
    parts = {"i-more": m.text(literal="More"), "i-in": m.text(literal="inside")}
    sim = play(m.update(root=modal("i-more", "i-in"), **parts), m.begin(), profile=profile)
    before = sim.hash("s")
    assert in_front(sim) == ["More"]
    assert sim.screen("s", reachable=False) == "> More\n"
    sim.open_modal("s", "root")
    assert in_front(sim) == ["inside"]
    assert sim.screen("s", reachable=False) == "|| inside\n"
    assert sim.screen("s") == "> More\n    inside\n"
    sim.close_modal("s", "root")
    assert in_front(sim) == ["More"]
    assert sim.hash("s") == before


def test_an_open_modal_stays_open_and_keeps_what_is_typed_in_it(play: Play, m: Any) -> None:
    field = {"TextField": {"label": {"literalString": "L"}, "text": {"path": "/x"}}}
    surface = m.update(
        root=modal("i-more", "i-in"), **{"i-more": m.text(literal="More"), "i-in": field}
    )
    sim = play(surface, m.begin())
    sim.open_modal("s", "root")
    sim.edit("s", "i-in", "typed")
    sim.apply(surface)
    assert in_front(sim) == ["L", "typed"]
    sim.apply({"deleteSurface": {"surfaceId": "s"}})
    sim.apply(surface)
    sim.apply(m.begin())
    assert in_front(sim) == ["More"]


def test_a_button_as_entry_opens_the_modal_and_emits_its_action(play: Play, m: Any) -> None:
    parts = {"i-go": button("i-word"), "i-word": m.text(literal="Go"), "i-yes": button("i-word")}
    sim = play(m.update(root=modal("i-go", "i-yes"), **parts), m.begin())
    with pytest.raises(ClientSimError, match="press 'i-go'"):
        sim.open_modal("s", "root")
    event: Any = sim.press("s", "i-go", timestamp="t")
    assert event["userAction"]["sourceComponentId"] == "i-go"
    assert [name for name, _, _ in sim.visible("s", reachable=False)] == ["i-yes"]
    sim.press("s", "i-yes", timestamp="t")
    assert [name for name, _, _ in sim.visible("s", reachable=False)] == ["i-yes"]


def test_a_modal_is_opened_once_and_closed_once(play: Play, m: Any) -> None:
    parts = {"i-more": m.text(literal="More"), "i-in": m.text(literal="inside")}
    sim = play(m.update(root=modal("i-more", "i-in"), **parts), m.begin())
    with pytest.raises(ClientSimError):
        sim.close_modal("s", "root")
    with pytest.raises(ClientSimError):
        sim.open_modal("s", "i-more")
    sim.open_modal("s", "root")
    with pytest.raises(ClientSimError):
        sim.open_modal("s", "root")
