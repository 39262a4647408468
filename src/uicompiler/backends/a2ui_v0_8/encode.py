"""Messages to bytes: compact JSON in UTF-8, one message a line; nonces in and out of them.

orjson writes NaN as null, so finiteness is checked before (`check`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from uicompiler.backends.base import Message
from uicompiler.ir.reserved import NONCE_KEY
from uicompiler.ir.values import Json


def encode(messages: Sequence[Message]) -> tuple[bytes, ...]:
    """Each message as one line without its line end."""
    return tuple(orjson.dumps(message) for message in messages)


_SEAM: Final = "\x00"
_SEAM_ENCODED: Final = b',"\\u0000",'


def encode_each(values: Sequence[Json]) -> list[bytes]:
    """Each value as compact JSON: in one call, since a call costs many times a small value.

    No text that goes out holds the seam; where one does, every value is encoded by itself.
    """
    seamed: list[Json] = [_SEAM] * (2 * len(values) - 1)
    seamed[::2] = values
    pieces = orjson.dumps(seamed)[1:-1].split(_SEAM_ENCODED)
    return pieces if len(pieces) == len(values) else [orjson.dumps(value) for value in values]


def encode_update(surface_id: str, components: Sequence[bytes]) -> bytes:
    """A surfaceUpdate as one line, of components that are encoded already."""
    start = b'{"surfaceUpdate":{"surfaceId":' + orjson.dumps(surface_id) + b',"components":['
    return start + b",".join(components) + b"]}}"


def map_nonces(messages: Sequence[Message], change: Callable[[str], str]) -> list[Message]:
    """Copies of messages with every `_nonce` value changed; all else is shared."""
    return [_map_message(message, change) for message in messages]


def _map_message(message: Message, change: Callable[[str], str]) -> Message:
    update = message.get("surfaceUpdate")
    if update is None:
        return message
    components = [_map_component(item, change) for item in update["components"]]
    return {"surfaceUpdate": {**update, "components": components}}


def _map_component(item: Message, change: Callable[[str], str]) -> Message:
    button = item["component"].get("Button")
    if button is None:
        return item
    context = [_map_entry(entry, change) for entry in button["action"].get("context", ())]
    action = {**button["action"], "context": context}
    return {**item, "component": {"Button": {**button, "action": action}}}


def _map_entry(entry: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    if entry["key"] != NONCE_KEY:
        return entry
    return {**entry, "value": {"literalString": change(entry["value"]["literalString"])}}
