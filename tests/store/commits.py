"""Commits as hosts make them, small."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from uicompiler.store.log import Commit, EventLog, Head

META: Mapping[str, Any] = {
    "v": 1,
    "kind": "meta",
    "app": {"id": "standard", "hash": "0" * 64},
    "versions": {"library": "0", "ir": 1, "protocol": "a2ui-v0.8"},
    "client": "web_core",
    "conversation_id": "c1",
    "limits": {},
    "update": "auto",
}


def turn_records(turn: int, text: str = "") -> list[Mapping[str, Any]]:
    """What one press came to, with a value in every place that is sealed."""
    said = text or f"value {turn}"
    head = {"turn_index": turn, "request_id": f"r{turn}", "now": "2026-01-01T00:00:00Z"}
    action = {
        "name": "save",
        "surfaceId": "main",
        "sourceComponentId": "x",
        "timestamp": "",
        "context": {"email": said, "age": 30 + turn},
        "extra": [said],
    }
    outcome = {
        "commit": [{"op": "set", "path": "/committed/email", "value": said}],
        "directives": [{"type": "ui.toast", "payload": {"text": said}}],
        "tool_calls": [{"id": "t1", "name": "mail", "arguments": {"to": said}}],
        "field_errors": {"email": f"{said} is taken"},
    }
    message = {"surfaceUpdate": {"surfaceId": "main", "components": [said]}}
    return [
        {"v": 1, "kind": "model", **head, "text": said},
        {"v": 1, "kind": "edit", "surface": "main", "field": "email", "value": said},
        {"v": 1, "kind": "action", **head, "event": {"userAction": action}},
        {"v": 1, "kind": "outcome", "outcome": outcome, "tool_results": {"t1": said}},
        batch(message),
        {"v": 1, "kind": "error", **head, "event": {"error": {"message": said}}},
        {"v": 1, "kind": "restore", **head, "to": 0},
    ]


def batch(*messages: Mapping[str, Any]) -> Mapping[str, Any]:
    """A batch of the surface main."""
    head = {"surface": "main", "surface_id": "main", "epoch": 1, "rev": 1}
    return {"v": 1, "kind": "batch", **head, "messages": list(messages)}


def commit(
    turn: int = 1,
    records: Sequence[Mapping[str, Any]] | None = None,
    *,
    at: str = "2026-01-01T00:00:00Z",
    kept: bytes | None = None,
    told: Sequence[tuple[str, Mapping[str, Any]]] = (("text", {"text": "hello"}),),
    origin: str = "",
) -> Commit:
    """One commit."""
    records = turn_records(turn) if records is None else records
    kept = kept_of(turn) if kept is None else kept
    return Commit(at, records, kept, f"{turn:064x}", turn, told, origin)


def kept_of(turn: int) -> bytes:
    """What a host would keep."""
    state = {"ir_version": 1, "conversation_id": "c1", "surfaces": []}
    return json.dumps({"state": state, "receipts": [], "turns": turn}).encode()


def filled(log: EventLog, entries: int, conversation_id: str = "c1") -> Head:
    """A conversation of so many entries; the times are a day apart."""
    meta = {**META, "conversation_id": conversation_id}
    head = log.begin(conversation_id, commit(0, [meta], at=day(1)))
    for turn in range(1, entries):
        head = log.append(conversation_id, commit(turn, at=day(turn + 1)), expected=head)
    return head


def day(number: int) -> str:
    """A time, by its day in a long year."""
    return f"2026-{(number - 1) // 28 + 1:02}-{(number - 1) % 28 + 1:02}T00:00:00Z"
