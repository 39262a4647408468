"""Whether two formats say the same: what a person reads, and what is under it.

Ours and v0.8 meet in ClientSim, which plays both and says what is on the screen. The other formats
come back from the official SDK as v0.9 messages, and are compared as trees and data. Left out are
symbols and captions that our compiler adds, and how v0.9 carries inputs with a press, which Express
and Elemental do in ways of their own.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from clientsim import ClientSim

_UNTOUCHED: Final = ("", "unchecked")
_REVISION: Final = "_rev"
"""What our compiler adds to a press, so that a stale one is known."""
_READ: Final = {"label": "text"}
"""A label of an input is a text before it where the input has none of its own."""


def screen(messages: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """What is on the screen after v0.8 messages: surface, role and words, from top to bottom.

    Raises:
        ValueError: the client does not take a message.
    """
    sim = ClientSim()
    for message in messages:
        error = sim.apply(message)
        if error is not None:
            raise ValueError(error)
    return [line for surface in sim.surface_ids() for line in _lines(sim, surface)]


def _lines(sim: ClientSim, surface: str) -> Iterator[tuple[str, ...]]:
    kinds = {str(node["id"]): str(node["type"]) for node in sim.nodes(surface)}
    for own_id, role, words in sim.visible(surface):
        untouched = role == "value" and words in _UNTOUCHED
        own_label = role == "label" and kinds.get(own_id) == "DateTimeInput"
        if not (untouched or own_label or _is_added(own_id, kinds)):
            yield surface, _READ.get(role, role), words
        if role == "button":
            yield surface, "sends", _sent(sim, surface, own_id)


def _is_added(own_id: str, kinds: Mapping[str, str]) -> bool:
    """Whether our compiler puts it there: a tone's symbol, words for a medium that has none."""
    owner, _, last = own_id.rpartition("--")
    told = {"caption-Text": "Image", "title-Text": "AudioPlayer"}.get(last)
    return last == "tone-Icon" or f"{owner}--{told}" in kinds


def _sent(sim: ClientSim, surface: str, own_id: str) -> str:
    event: Any = sim.press(surface, own_id, timestamp="2026-01-01T00:00:00Z")
    action = event["userAction"]
    sent = {key: value or "" for key, value in action["context"].items() if key != _REVISION}
    return f"{action['name'].removeprefix('ui.')} {sent}"


def surfaces(messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Trees and data of all surfaces after v0.9 messages, without the ids."""
    parts: dict[str, dict[str, Any]] = {}
    data: dict[str, Any] = {}
    for message in messages:
        kind = next(key for key in message if key != "version")
        body = message[kind]
        surface = body["surfaceId"]
        if kind == "updateComponents":
            known = parts.setdefault(surface, {})
            known.update({item["id"]: item for item in body["components"]})
        elif kind == "updateDataModel":
            data[surface] = _written(data.get(surface, {}), body)
    trees = {surface: _tree(known["root"], known) for surface, known in parts.items()}
    return {"trees": trees, "data": data}


def _written(data: Any, body: Mapping[str, Any]) -> Any:
    """The value at a path is another one; at the root, all of the data is."""
    keys = [key for key in body.get("path", "/").split("/") if key]
    if not keys:
        return body["value"]
    made = copy.deepcopy(data)
    inner = made
    for key in keys[:-1]:
        inner = inner.setdefault(key, {})
    inner[keys[-1]] = body["value"]
    return made


def _literals(context: Mapping[str, Any]) -> dict[str, Any]:
    """What a press sends besides inputs."""
    return {key: value for key, value in context.items() if not isinstance(value, Mapping)}


def _tree(value: Any, parts: Mapping[str, Any], key: str = "") -> Any:
    """A component with its children in the place of their ids."""
    if key in ("child", "componentId") or (key == "children" and isinstance(value, str)):
        return _tree(parts[value], parts)
    if key == "action":
        return [value["event"]["name"], _literals(value["event"].get("context", {}))]
    if isinstance(value, Mapping):
        return {name: _tree(item, parts, name) for name, item in value.items() if name != "id"}
    return [_tree(item, parts, key) for item in value] if isinstance(value, list) else value
