"""The connection is cut after every event, and inside of every event, at every byte."""

from __future__ import annotations

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

# Of streams only: above it says that a socket is told the same.


def turns(events: Sequence[Event]) -> list[list[Event]]:
    """Events turn by turn."""
    found: list[list[Event]] = [[]]
    for event in events:
        found[-1].append(event)
        if event.is_last:
            found.append([])
    return found[:-1]


@pytest.mark.parametrize("profile", ["web_core", "spec", "no_incremental"])
def test_cut_after_every_event(played: Played, profile: str) -> None:
    """With what a user enters between the turns, as far as the client is theirs.

    Whoever is cut in a turn is sent all of it again. Where everything that a client is made of is
    then as it is without a cut, so is all that follows; where it is not, that is played too.
    """
    sent, edits = played.streams, played.edits if profile == "web_core" else None
    wanted, screen, cuts = whole(profile, sent.live, edits), Screen(profile, edits), 0
    for turn in turns(sent.live):
        before = screen.twin()
        screen.take(turn)
        for length in range(len(turn) + 1):
            cut = before.twin()
            cut.take(turn[:length])
            if not cut.last_id:
                continue  # it comes with nothing, as below
            rest = turns(sent.resumed[cut.last_id][0])
            cut.again()
            cut.take(rest[0] if length < len(turn) else [])
            if cut.everything != screen.everything:
                for more in rest[1:] if length < len(turn) else rest:
                    cut.take(more)
                assert cut.hash == wanted, f"after {turn[:length][-1:]}"
            assert cut.sim.errors == []
            cuts += 1
    assert screen.hash == wanted
    assert cuts >= len(sent.live) - 1


@pytest.mark.parametrize("profile", ["web_core", "amnesiac"])
def test_whoever_brings_nothing_is_shown_everything(played: Played, profile: str) -> None:
    """Cut after every event, with everything lost: shown what there is, and then what comes.

    An amnesiac that was cut is empty wherever that was; it is played once a turn.
    """
    sent = played.streams
    wanted, screen = Screen(profile, played.edits), Screen(profile, played.edits)
    wanted.take(sent.live)
    known: set[tuple[str, int]] = set()
    for event in sent.live:
        screen.take([event])
        if profile == "web_core" and screen.last_id not in ("", "1"):
            break  # it names the turn, as above
        at = min(seq for seq in sent.anew if seq >= int(event.last_id or 0) + (not event.is_last))
        cut = screen.twin()
        cut.again(at)
        cut.skip(at)
        if (cut.everything, at) in known:
            continue
        known.add((cut.everything, at))
        cut.take(sent.anew[at])
        assert cut.sim.errors == []
        assert cut.shown == wanted.shown, f"after {event}"
