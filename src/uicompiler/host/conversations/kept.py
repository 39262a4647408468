"""A conversation as JSON, as it is kept beside its log, and back.

What is written is what `Conversation` says, all of it, so that opening a conversation is reading
this and nothing else. No secret, token or nonce is in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import orjson

from uicompiler.app import Receipt, ToolCall
from uicompiler.conversation import client_from_json, client_to_json
from uicompiler.errors import StoreError, diagnostic
from uicompiler.host.conversations.conversation import (
    Conversation,
    FirstAnswer,
    History,
    Intent,
    json_bytes,
)
from uicompiler.ir.base import Node
from uicompiler.ir.state import UIState
from uicompiler.ir.values import FrozenDict, Json, freeze, thaw

VERSION: Final = 1


def to_kept(conversation: Conversation) -> bytes:
    """What is kept of a conversation."""
    return json_bytes(
        {
            "v": VERSION,
            "id": conversation.id,
            "token_hash": conversation.token_hash,
            "protocol": conversation.protocol,
            "client": client_to_json(conversation.client),
            "app": conversation.app,
            "turns": conversation.turns,
            "state": conversation.state.to_dict(),
            "receipts": [receipt.to_dict() for receipt in conversation.receipts.values()],
            "answers": {key: _answer(item) for key, item in conversation.answers.items()},
            "intents": {key: _intent(item) for key, item in conversation.intents.items()},
            "messages": [list(item) for item in conversation.messages],
            "toasts": list(conversation.toasts),
            "played": dict(conversation.played),
            "history": _history(conversation.history),
            "files": [[handle, *turns] for handle, turns in conversation.files.items()],
        }
    )


def from_kept(kept: bytes, nodes: Mapping[str, type[Node]], seq: int) -> Conversation:
    """Read what `to_kept` wrote.

    Args:
        kept: What was kept.
        nodes: The node classes of the app.
        seq: Number of the commit it was kept with.

    Raises:
        StoreError: STORE_CORRUPT, it is something else; STORE_VERSION_UNKNOWN, another version of
            this library wrote it; STORE_STATE_INVALID, the app can no longer read its state.
    """
    try:
        value = _loaded(kept)
        if value["v"] != VERSION:
            raise _unreadable("STORE_VERSION_UNKNOWN", f"this reads version {VERSION} of it")
        return _conversation(value, nodes, seq)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise _unreadable("STORE_CORRUPT", f"it is no conversation: {type(exc).__name__}") from exc


def _conversation(
    value: Mapping[str, Any], nodes: Mapping[str, type[Node]], seq: int
) -> Conversation:
    receipts = [Receipt.from_dict(item) for item in value["receipts"]]
    return Conversation(
        id=value["id"],
        token_hash=value["token_hash"],
        state=UIState.from_json(value["state"], nodes=nodes),
        protocol=value["protocol"],
        client=client_from_json(value["client"]),
        app=value["app"],
        receipts=FrozenDict({receipt.key: receipt for receipt in receipts}),
        answers=FrozenDict({k: _answer_from(item) for k, item in value["answers"].items()}),
        intents=FrozenDict({k: _intent_from(item) for k, item in value["intents"].items()}),
        turns=value["turns"],
        seq=seq,
        messages=tuple((role, text) for role, text in value["messages"]),
        toasts=freeze(value["toasts"]),
        played=freeze(value["played"]),
        history=_history_from(value["history"]),
        files=FrozenDict({h: (first, last) for h, first, last in value.get("files", ())}),
    )


def _unreadable(code: str, why: str) -> StoreError:
    return StoreError([diagnostic(code, f"what is kept of a conversation cannot be read: {why}")])


def _answer(answer: FirstAnswer) -> dict[str, Json]:
    return {
        "payload": answer.payload,
        "status": answer.status,
        "body": dict(answer.body),
        "seqs": list(answer.seqs),
    }


def _answer_from(value: Mapping[str, Any]) -> FirstAnswer:
    seqs = tuple(value["seqs"])
    return FirstAnswer(value["payload"], value["status"], freeze(value["body"]), seqs)


def _intent(intent: Intent) -> dict[str, Json]:
    return {
        "event": thaw(intent.event),
        "calls": [call.to_dict() for call in intent.calls],
        "round": intent.round,
        "language": intent.language,
        "owner": intent.owner,
        "until": intent.until,
        "tries": intent.tries,
        "stopped": intent.stopped,
        "turn": intent.turn,
    }


def _intent_from(value: Mapping[str, Any]) -> Intent:
    calls = tuple(
        ToolCall(call["id"], call["name"], freeze(call["arguments"])) for call in value["calls"]
    )
    return Intent(**{**value, "event": freeze(value["event"]), "calls": calls})


def _history(history: History) -> dict[str, Json]:
    return {
        "at": history.at,
        "key": history.key,
        "before": list(history.before),
        "after": list(history.after),
    }


def _history_from(value: Mapping[str, Any]) -> History:
    before, after = tuple(value["before"]), tuple(value["after"])
    return History(value["at"], value["key"], before, after)


def _loaded(kept: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(kept)
    except orjson.JSONDecodeError:
        value = json.loads(kept)  # escapes of lone surrogates, which only this one reads
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value
