"""Several conversations as one stream."""

from __future__ import annotations

from clientsim import ClientSim
from uicompiler import Limits
from uicompiler.a2ui import validate
from uicompiler.cli.emit import Emitter
from uicompiler.replay import run
from uicompiler.resources import data_path

LOGS = sorted(data_path("examples/crm/conversations").glob("*.jsonl"))


def emitted(times: int = 1) -> bytes:
    emitter = Emitter()
    replayed = [run(log, data_path("examples/crm")).jsonl().splitlines() for log in LOGS * times]
    return b"".join(line + b"\n" for lines in replayed for line in emitter.conversation(lines))


def test_one_conversation_goes_out_as_it_is() -> None:
    for log in LOGS:
        stream = run(log, data_path("examples/crm")).jsonl()
        lines = Emitter().conversation(stream.splitlines())
        assert b"".join(line + b"\n" for line in lines) == stream


def test_any_number_of_conversations_is_one_valid_stream() -> None:
    stream = emitted(times=3)
    many = Limits(max_surfaces_per_response=100)
    assert [item for item in validate(stream, limits=many) if item.severity == "error"] == []
    for profile in ("spec", "web_core"):
        assert ClientSim(profile).feed(stream) == []


def test_no_surface_of_an_earlier_conversation_stays() -> None:
    sim, last = ClientSim("web_core"), ClientSim("web_core")
    sim.feed(emitted())
    last.feed(run(LOGS[-1], data_path("examples/crm")).jsonl())
    assert [sim.screen(s) for s in sim.surface_ids()] == [
        last.screen(s) for s in last.surface_ids()
    ]
