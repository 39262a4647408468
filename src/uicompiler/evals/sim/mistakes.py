"""What a careless model gets wrong in an envelope, before it writes it down.

Pure: `(envelope, script, rng) -> envelope`. Other shapes say the same in other keys and can be
brought back; violations say something that no directive takes, and only the model knows better.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.written import compact

Envelope: TypeAlias = dict[str, Any]
"""As in `ir.values.Json`; mistakes make other things of it."""

_OUTER: Final = ("response", "output", "result", "answer", "json")
_OTHER_PAYLOAD: Final = ("arguments", "parameters", "args", "params", "data", "props")
_NAMES: Final = ("form_id", "view_id", "action", "level", "tone", "kind", "op", "display")
_INSIDE: Final = ("value", "text", "content", "label")
_EXTRA: Final = ("reasoning", "thought", "explanation", "confidence", "id", "layout")
_AROUND: Final = ("payload", "data", "props")
_VERBS: Final = (("show_", "render_"), ("request_", "ask_for_"), ("ui.", "ui.open_"))


# --- other shapes ---------------------------------------------------------------------------------


def other_envelope(envelope: Envelope, rng: random.Random) -> Any:
    """The same, in a shape that was not asked for."""
    shape = rng.choice(
        (_in_another, _bare_list, _without_words, _payload_renamed, _payload_flat, _as_string)
    )
    return shape(envelope, rng)


def _in_another(envelope: Envelope, rng: random.Random) -> Any:
    return {rng.choice(_OUTER): envelope}


def _bare_list(envelope: Envelope, rng: random.Random) -> Any:
    return envelope["directives"] or envelope


def _without_words(envelope: Envelope, rng: random.Random) -> Any:
    return {key: value for key, value in envelope.items() if key != "assistant_text"}


def _payload_renamed(envelope: Envelope, rng: random.Random) -> Any:
    name = rng.choice(_OTHER_PAYLOAD)
    return _each(
        envelope,
        lambda item: {(name if key == "payload" else key): value for key, value in item.items()},
    )


def _payload_flat(envelope: Envelope, rng: random.Random) -> Any:
    def flat(item: Envelope) -> Envelope:
        payload = item.get("payload", {})
        if not isinstance(payload, Mapping) or "type" in payload:
            return item
        return {"type": item["type"], **payload}

    return _each(envelope, flat)


def _as_string(envelope: Envelope, rng: random.Random) -> Any:
    return compact(envelope)


def nested_string(envelope: Envelope, rng: random.Random) -> Any:
    """Objects inside as strings that hold JSON: all payloads, or what lies in them."""
    if rng.random() < 0.5:
        return _each(envelope, lambda item: {**item, "payload": compact(item.get("payload", {}))})
    return _each(envelope, _strings_inside)


def _strings_inside(item: Envelope) -> Envelope:
    payload = item.get("payload", {})
    nested = [key for key, value in payload.items() if isinstance(value, dict | list)]
    if not nested:
        return {**item, "payload": compact(payload)}
    return {**item, "payload": {**payload, nested[0]: compact(payload[nested[0]])}}


# --- violations -----------------------------------------------------------------------------------


def violation(envelope: Envelope, script: Script, rng: random.Random) -> Any:
    """With one directive that cannot be taken as it is; as it was when it has none."""
    kinds = [_missing_key, _wrong_type, _wrong_value, _malformed]
    rng.shuffle(kinds)
    places = list(range(len(envelope["directives"])))
    rng.shuffle(places)
    for place in places:
        for kind in kinds:
            made = kind(copy.deepcopy(envelope["directives"][place]), script, rng)
            if made is not None:
                directives = list(envelope["directives"])
                directives[place] = made
                return {**envelope, "directives": directives}
    return envelope


def _missing_key(item: Envelope, script: Script, rng: random.Random) -> Envelope | None:
    payload = item.get("payload", {})
    needed = [key for key in script.required.get(item["type"], ()) if key in payload]
    if not needed:
        return None
    payload.pop(rng.choice(needed))
    return item


def _wrong_type(item: Envelope, script: Script, rng: random.Random) -> Envelope | None:
    payload = item.get("payload", {})
    made = [(key, wrong) for key, value in payload.items() for wrong in _otherwise(value, rng)]
    if not made:
        return None
    key, value = rng.choice(made)
    payload[key] = value
    return item


def _otherwise(value: Any, rng: random.Random) -> Iterator[Any]:
    """The same value in another type."""
    if isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, int | float):
        yield str(value)
    elif isinstance(value, str):
        yield {rng.choice(_INSIDE): value}
    elif isinstance(value, list) and len(value) == 1:
        yield value[0]


def _wrong_value(item: Envelope, script: Script, rng: random.Random) -> Envelope | None:
    payload = item.get("payload", {})
    named = [key for key in _NAMES if isinstance(payload.get(key), str)]
    if named and rng.random() < 0.5:
        key = rng.choice(named)
        payload[key] = f"{payload[key]}_{rng.choice(('v2', 'new', 'main', 'standard'))}"
        return item
    return {**item, "type": _invented(item["type"])}


def _invented(name: str) -> str:
    for verb, other in _VERBS:
        if verb in name:
            return name.replace(verb, other, 1)
    return f"{name}_now"


def _malformed(item: Envelope, script: Script, rng: random.Random) -> Envelope | None:
    payload = item.get("payload", {})
    made: Sequence[Any] = (
        [payload],
        {rng.choice(_AROUND): payload},
        {**payload, rng.choice(_EXTRA): "The user asked for it."},
    )
    return {**item, "payload": rng.choice(made)}


def _each(envelope: Envelope, change: Callable[[Envelope], Envelope]) -> Envelope:
    return {**envelope, "directives": [change(item) for item in envelope["directives"]]}
