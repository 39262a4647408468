"""Losing the connection and coming back, in every profile."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import PROFILES, ClientSim, ClientSimError

Play = Callable[..., ClientSim]
each_profile = pytest.mark.parametrize("profile", sorted(PROFILES))
keeping_profile = pytest.mark.parametrize("profile", sorted(set(PROFILES) - {"amnesiac"}))


def page(m: Any) -> list[dict[str, Any]]:
    label, bound = {"literalString": "L"}, {"path": "/d/v"}
    save = {"name": "go", "context": [{"key": "v", "value": bound}]}
    return [
        m.update(
            root=m.column("i-field", "i-save"),
            **{
                "i-field": {"TextField": {"label": label, "text": bound}},
                "i-save": {"Button": {"child": "i-word", "action": save}},
                "i-word": m.text(literal="Save"),
            },
        ),
        m.data("/d", v="Ada"),
        m.begin(),
    ]


@each_profile
def test_what_is_sent_to_a_disconnected_client_is_not_received(
    profile: str, play: Play, m: Any
) -> None:
    sim = play(*page(m), profile=profile)
    before = sim.report()
    sim.disconnect()
    assert not sim.connected
    assert sim.apply(m.data("/d", v="lost")) is None
    assert sim.feed('not json\n{"deleteSurface":{"surfaceId":"s"}}\n\xff\n') == []
    assert sim.apply({}) is None
    assert sim.report() == before


@each_profile
def test_a_disconnected_screen_can_still_be_used(profile: str, play: Play, m: Any) -> None:
    sim = play(*page(m), profile=profile)
    sim.disconnect()
    sim.edit("s", "i-field", "typed")
    assert sim.value_at("s", "/d/v") == "typed"
    event: Any = sim.press("s", "i-save", timestamp="t")
    assert event["userAction"]["context"] == {"v": "typed"}


@keeping_profile
def test_a_client_that_resumes_has_all_it_had(profile: str, play: Play, m: Any) -> None:
    sim = play(*page(m), profile=profile)
    sim.disconnect()
    sim.edit("s", "i-field", "typed")
    before = sim.surface_hash_all()
    sim.resume()
    assert sim.connected
    assert sim.surface_hash_all() == before
    sim.apply(m.data("/more", x="1"))
    more = None if profile == "no_incremental" else "1"
    assert sim.value_at("s", "/more/x") == more


def test_an_amnesiac_comes_back_empty_and_can_be_shown_everything_again(play: Play, m: Any) -> None:
    sim = play(*page(m), profile="amnesiac")
    sim.edit("s", "i-field", "typed")
    sim.disconnect()
    assert sim.ready("s")
    sim.resume()
    assert sim.surface_ids() == []
    assert sim.surface_hash_all() == ClientSim("amnesiac").surface_hash_all()
    for message in page(m):
        assert sim.apply(message) is None
    assert sim.value_at("s", "/d/v") == "Ada"


def test_an_amnesiac_that_never_loses_the_connection_is_web_core(play: Play, m: Any) -> None:
    messages = [*page(m), m.update(a=m.column("gone")), m.data("/d", v="x")]
    one = play(*messages, profile="amnesiac", refused=1)
    assert one.report() == play(*messages, refused=1).report()


def test_lines_that_were_missed_count_and_refusals_stay_on_record() -> None:
    sim = ClientSim("amnesiac")
    sim.feed("nope\n")
    sim.disconnect()
    sim.feed("nope\nnope\n")
    sim.apply({})
    sim.resume()
    sim.feed("nope\n")
    assert [error.line for error in sim.errors] == [1, 5]


@each_profile
def test_only_a_connected_client_can_be_disconnected_and_the_other_way_round(profile: str) -> None:
    sim = ClientSim(profile)
    assert sim.connected
    with pytest.raises(ClientSimError):
        sim.resume()
    sim.disconnect()
    with pytest.raises(ClientSimError):
        sim.disconnect()
    sim.resume()
    assert sim.connected
