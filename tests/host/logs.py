"""What a log has to keep: it replays, its chain holds, its last state is the one that is kept."""

from __future__ import annotations

from typing import Any

from uicompiler import UIApp, replay
from uicompiler.host.conversations.kept import from_kept
from uicompiler.ir.values import thaw
from uicompiler.store.log import EventLog


def records_of(log: EventLog, conversation_id: str) -> list[dict[str, Any]]:
    """All records of a conversation, in order."""
    return [thaw(r) for entry in log.entries(conversation_id) for r in entry.records]


def check_log(log: EventLog, conversation_id: str, app: UIApp) -> None:
    """Replay a conversation, and hold it against what is kept and what each entry says."""
    entries = list(log.entries(conversation_id))
    head = log.head(conversation_id)
    assert head is not None
    kept = from_kept(head.kept, app.nodes, head.seq)
    assert [entry.seq for entry in entries] == list(range(1, head.seq + 1))
    assert (entries[-1].hash, entries[-1].turn) == (head.hash, kept.turns)
    result = replay.run(records_of(log, conversation_id), app)
    found = [d for d in result.diagnostics if d.code != "REPLAY_APP_CHANGED"]
    assert found == [], found
    assert result.state.to_json() == kept.state.to_json()
    assert entries[-1].state == kept.state.hash
    assert result.state.hash == kept.state.hash
    by_turn = {entry.turn: entry.state for entry in entries}
    causes = [r for r in records_of(log, conversation_id) if r["kind"] in CAUSES]
    for turn, cause in zip(result.turns, causes, strict=True):
        assert turn.result.state.hash == by_turn[cause["turn_index"]]


CAUSES = ("model", "action", "error", "restore")
