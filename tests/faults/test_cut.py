"""The connection is cut after every event, and inside of every event, at every byte."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.examples import LOGS, name_of
from tests.faults.player import Edits, Played, Screen, Sent, play
from tests.faults.sse import Event, Reader, read


@pytest.fixture(scope="module", params=LOGS, ids=name_of)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture(scope="module")
def played(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(path, tmp_path_factory.mktemp("host"))


@pytest.fixture(params=["streams", "sockets"])
def sent(request: pytest.FixtureRequest, played: Played) -> Sent:
    found: Sent = getattr(played, request.param)
    return found


def said(events: Sequence[Event]) -> list[tuple[str, Any, str, bool]]:
    """Events without where they stood, nor the spelling of their JSON."""
    return [(e.name, json.loads(e.data), e.last_id, e.is_last) for e in events]


def whole(profile: str, events: Sequence[Event], edits: Edits | None = None) -> str:
    """The hash of a client that was never cut."""
    screen = Screen(profile, edits)
    screen.take(events)
    assert screen.sim.errors == []
    return screen.hash


def after(screen: Screen, events: Sequence[Event]) -> str:
    """The hash of a client that was cut now, and then took in what came."""
    again = copy.deepcopy(screen)
    again.again()
    again.take(events)
    assert again.sim.errors == []
    return again.hash


# --- what is sent ---------------------------------------------------------------------------------


def test_the_stream_is_whole(played: Played, sent: Sent) -> None:
    ids = [int(event.last_id) for event in sent.live if event.is_last]
    assert ids == list(range(ids[0], played.head + 1))
    assert sent.live[-1].is_last


def test_a_socket_is_told_what_a_stream_is(played: Played) -> None:
    assert said(played.sockets.live) == said(played.streams.live)
    for last_id, all_ in played.sockets.resumed.items():
        assert said(all_[0]) == said(played.streams.resumed[last_id][0])


def test_whoever_names_a_turn_gets_all_after_it_whenever_it_comes(sent: Sent) -> None:
    for last_id, all_ in sent.resumed.items():
        rest = [event for event in sent.live if int(event.last_id or 0) > int(last_id)]
        first = next((i for i, e in enumerate(sent.live) if e.last_id == last_id and e.is_last), -1)
        assert said(sent.live[first + 1 :])[-len(rest) :] == said(rest)
        for events in all_:
            assert said(events) == said(sent.live[first + 1 :])


def test_a_cut_inside_of_an_event_is_a_cut_before_it(played: Played) -> None:
    """At every byte: nothing is dispatched, and no number is taken, before an event is whole."""
    events = read(played.raw)
    reader, seen = Reader(), 0
    for at in range(len(played.raw)):
        seen += len(reader.feed(played.raw[at : at + 1]))
        assert seen == len(events) or at + 1 < events[seen].end
        assert reader.last_id == (events[seen - 1].last_id if seen else "")


# --- what is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["web_core", "spec", "no_incremental"])
def test_cut_after_every_event(played: Played, sent: Sent, profile: str) -> None:
    """With what a user enters between the turns, and for one who only looks on."""
    for edits in (played.edits, None) if profile == "web_core" else (None,):
        wanted, screen = whole(profile, sent.live, edits), Screen(profile, edits)
        for event in sent.live:
            screen.take([event])
            if not screen.last_id:
                continue  # the first turn is not whole: it comes with nothing, as below
            assert after(screen, sent.resumed[screen.last_id][0]) == wanted, f"after {event}"


@pytest.mark.parametrize("profile", ["web_core", "spec", "amnesiac"])
def test_whoever_brings_nothing_is_shown_everything(
    played: Played, sent: Sent, profile: str
) -> None:
    wanted, screen = whole(profile, sent.live), Screen(profile)
    for event in sent.live:
        screen.take([event])
        at = min(seq for seq in sent.anew if seq >= int(event.last_id or 0) + (not event.is_last))
        assert after(screen, sent.anew[at]) == wanted, f"after {event}"
