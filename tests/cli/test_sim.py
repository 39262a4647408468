"""`sim`: the client's state as JSON and as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from clientsim import PROFILES, ClientSim


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_json_is_the_report_of_the_simulator(run, first_turn: Path, profile: str) -> None:
    stream = run("compile", first_turn).out
    sim = ClientSim(profile)
    sim.feed(stream)
    done = run("sim", "--json", "--profile", profile, stdin=stream)
    assert done.status == 0
    assert done.json() == sim.report()
    assert set(done.json()["surfaces"]["main"]) == {"root", "ready", "data", "tree", "hash"}


def test_text_shows_root_data_tree_screen_and_hash(run, first_turn: Path) -> None:
    stream = run("compile", first_turn).out
    text = run("sim", stdin=stream).out.decode()
    sim = ClientSim()
    sim.feed(stream)
    for part in ("surface main (ready)", "root: ui--surface--Column", "Ada Lovelace", "< Save >"):
        assert part in text
    assert "    Column ui--surface--Column\n      Card " in text
    assert f"hash: {sim.hash('main')}" in text


def test_a_refused_message_is_status_1_with_its_line(run) -> None:
    stream = b'{"deleteSurface":{"surfaceId":"a"}}\nnot json\n'
    done = run("sim", "--json", stdin=stream)
    assert done.status == 1
    assert [(error["line"], error["code"]) for error in done.json()["errors"]] == [
        (2, "SIM_JSON_INVALID")
    ]
    assert "SIM_JSON_INVALID line 2" in run("sim", stdin=stream).err


def test_an_empty_stream_is_fine(run) -> None:
    assert run("sim").out == b""
    assert run("sim", "--json").json() == {"surfaces": {}, "errors": []}


def test_text_cannot_play_with_the_terminal(run) -> None:
    stream = (
        '{"surfaceUpdate":{"surfaceId":"a","components":[{"id":"r","component":'
        '{"Text":{"text":{"literalString":"\\u001b[2Jred\\u202e"}}}}]}}\n'
        '{"beginRendering":{"surfaceId":"a","root":"r"}}\n'
    )
    out = run("sim", stdin=stream.encode()).out
    assert b"\x1b" not in out
    assert "\u202e".encode() not in out


def test_an_unknown_profile_is_status_2(run) -> None:
    done = run("sim", "--profile", "netscape")
    assert done.status == 2
    assert "web_core" in done.err


def test_the_help_names_every_profile(run) -> None:
    told = run("sim", "--help").out.decode()
    assert all(profile in told for profile in PROFILES)


def test_a_client_without_updates_keeps_its_first_screen(run) -> None:
    text = '{"Text":{"text":{"literalString":"%s"}}}'
    update = '{"surfaceUpdate":{"surfaceId":"a","components":[{"id":"r","component":%s}]}}\n'
    begin = '{"beginRendering":{"surfaceId":"a","root":"r"}}\n'
    stream = update % (text % "one") + begin + update % (text % "two")
    assert b"one" in run("sim", "--profile", "no_incremental", stdin=stream.encode()).out
    assert b"two" in run("sim", stdin=stream.encode()).out
