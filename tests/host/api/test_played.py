"""Every example conversation over HTTP and SSE is what compiling it directly gives."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from clientsim import ClientSim
from tests.examples import LOGS, app_of, name_of
from tests.faults.player import OWN_INPUTS, Screen, play
from uicompiler import replay

HANDLE = re.compile(r"(secret|upload):[\w-]+")


def plain(value: Any) -> Any:
    """A message without what is a host's own: nonces, and handles of files and secrets."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value if not _is_nonce(item)]
    return HANDLE.sub(r"\1:handle", value) if isinstance(value, str) else value


def _is_nonce(item: Any) -> bool:
    return isinstance(item, dict) and item.get("key") == "_nonce"


def hash_of(messages: list[Any]) -> str:
    sim = ClientSim("web_core", own_inputs=OWN_INPUTS)
    for message in messages:
        assert sim.apply(message) is None
    return sim.surface_hash_all()


@pytest.mark.parametrize("path", LOGS, ids=name_of)
def test_the_stream_is_what_compile_gives(path: Path, tmp_path: Path) -> None:
    spoken = {record.data.get("language", "en") for record in replay.read_log(path)} - {"en"}
    played = play(path, tmp_path, languages=sorted(spoken) or None)
    streamed = [plain(json.loads(e.data)) for e in played.streams.live if e.name == "a2ui"]
    turns = replay.run(path, app_of(path)).turns
    direct = [plain(json.loads(json.dumps(m))) for turn in turns for m in turn.result.messages]
    assert streamed == direct
    assert hash_of(streamed) == hash_of(direct)
    said = [json.loads(e.data)["text"] for e in played.streams.live if e.name == "text"]
    assert said == [t.result.assistant_text for t in turns if t.result.assistant_text]


@pytest.mark.parametrize("profile", ["spec", "no_incremental"])
def test_other_clients_are_served_as_they_are(profile: str, tmp_path: Path) -> None:
    path = next(path for path in LOGS if name_of(path) == "crm/contact")
    played = play(path, tmp_path, profile)
    screen = Screen(profile, played.edits)
    screen.take(played.streams.live)
    assert screen.sim.errors == []
    assert screen.sim.surface_ids()
