"""What the store reads of what a host keeps: nothing but the state and the first answers.

A host may keep whatever it likes as `kept`. What goes on from there without the host, an export
of a chain whose beginning is gone and a redaction, needs it to be a JSON object with a `state` (a
UIState as JSON) and `receipts`, as the library's own host writes it.
"""

from __future__ import annotations

from uicompiler.ir.values import Json
from uicompiler.store.entry import corrupt, decode


def read_kept(kept: bytes) -> dict[str, Json]:
    """What is kept, as an object with a state.

    Raises:
        StoreError: STORE_CORRUPT, it is none.
    """
    try:
        value = decode(kept)
    except ValueError:
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("state"), dict):
        raise corrupt("what the host keeps is no JSON object with a state")
    return value


def state_record(kept: bytes, turn: int) -> dict[str, Json]:
    """The record that a replay goes on from.

    Raises:
        StoreError: as `read_kept`.
    """
    value = read_kept(kept)
    return {
        "v": 1,
        "kind": "state",
        "turn_index": turn,
        "state": value["state"],
        "receipts": value.get("receipts") or [],
    }
