"""What a careless model gets wrong in an envelope, before it writes it down.

Pure: `(envelope, script, rng) -> (value, slips)`. Other shapes say the same in other keys;
violations say something that no directive takes as it is. Each slip says whether something is lost.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.slips import Slip
from uicompiler.evals.sim.written import compact

Envelope: TypeAlias = dict[str, Any]
"""As in `ir.values.Json`; mistakes make other things of it."""

Made: TypeAlias = tuple[Any, tuple[Slip, ...]]
"""A value, and what was done to it."""

_OUTER: Final = ("response", "output", "result", "answer", "json")
_OTHER_PAYLOAD: Final = ("arguments", "parameters", "args", "params", "data", "props")
_NAMES: Final = ("form_id", "view_id", "action", "level", "tone", "kind", "op", "display")
_INSIDE: Final = ("value", "text", "content", "label")
_EXTRA: Final = ("reasoning", "thought", "explanation", "confidence", "id", "layout")
_AROUND: Final = ("payload", "data", "props")
_REMARKS: Final = ("reasoning", "thought", "explanation", "confidence")
"""Extra keys that only say why; another one may mean something."""
_TAKES_TEXT: Final = ("root",)
"""Keys of payloads in which a text is a value of its own, so that JSON as a text is that text."""
_VERBS: Final = (("show_", "render_"), ("request_", "ask_for_"), ("ui.", "ui.open_"))


# --- other shapes ---------------------------------------------------------------------------------


def other_envelope(envelope: Any, rng: random.Random) -> Made:
    """The same, in a shape that was not asked for; what is said beside directives may be lost."""
    shape = rng.choice(
        (_in_another, _bare_list, _without_words, _payload_renamed, _payload_flat, _as_string)
    )
    made = shape(envelope, rng)
    if made == envelope:
        return made, ()
    loses = shape in (_bare_list, _without_words) and bool(envelope.get("assistant_text"))
    return made, (Slip(f"other_envelope.{shape.__name__[1:]}", not loses),)


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


def nested_string(envelope: Envelope, rng: random.Random) -> Made:
    """Objects inside as strings that hold JSON: all payloads, or what lies in them."""
    if rng.random() < 0.5:
        made = _each(envelope, lambda item: {**item, "payload": compact(item.get("payload", {}))})
        lossless = True
    else:
        made = _each(envelope, _strings_inside)
        lossless = not any(map(_reads_as_text, made["directives"]))
    return made, (Slip("nested_string", lossless),) if made != envelope else ()


def _reads_as_text(item: Envelope) -> bool:
    payload = item["payload"]
    return isinstance(payload, dict) and any(
        isinstance(payload.get(key), str) for key in _TAKES_TEXT
    )


def _strings_inside(item: Envelope) -> Envelope:
    payload = item.get("payload", {})
    nested = [key for key, value in payload.items() if isinstance(value, dict | list)]
    if not nested:
        return {**item, "payload": compact(payload)}
    return {**item, "payload": {**payload, nested[0]: compact(payload[nested[0]])}}


# --- violations -----------------------------------------------------------------------------------


def violation(envelope: Envelope, script: Script, rng: random.Random) -> Made:
    """With one directive that cannot be taken as it is; as it was when it has none."""
    kinds = [_missing_key, _wrong_type, _wrong_value, _malformed]
    rng.shuffle(kinds)
    places = list(range(len(envelope["directives"])))
    rng.shuffle(places)
    for place in places:
        for kind in kinds:
            made = kind(copy.deepcopy(envelope["directives"][place]), script, rng)
            if made is not None:
                item, slip = made
                directives = list(envelope["directives"])
                directives[place] = item
                return {**envelope, "directives": directives}, (slip,)
    return envelope, ()


_Violated: TypeAlias = tuple[Envelope, Slip]


def _missing_key(item: Envelope, script: Script, rng: random.Random) -> _Violated | None:
    payload = item.get("payload", {})
    needed = [key for key in script.required.get(item["type"], ()) if key in payload]
    if not needed:
        return None
    payload.pop(rng.choice(needed))
    return item, Slip("missing_key", lossless=False)


def _wrong_type(item: Envelope, script: Script, rng: random.Random) -> _Violated | None:
    payload = item.get("payload", {})
    made = [(key, wrong) for key, value in payload.items() for wrong in _otherwise(value, rng)]
    if not made:
        return None
    key, value = rng.choice(made)
    payload[key] = value
    return item, Slip("wrong_type", lossless=True)


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


def _wrong_value(item: Envelope, script: Script, rng: random.Random) -> _Violated | None:
    payload = item.get("payload", {})
    named = [key for key in _NAMES if isinstance(payload.get(key), str)]
    if named and rng.random() < 0.5:
        key = rng.choice(named)
        payload[key] = f"{payload[key]}_{rng.choice(('v2', 'new', 'main', 'standard'))}"
        return item, Slip("wrong_value", lossless=False)
    return {**item, "type": _invented(item["type"])}, Slip("invented_type", lossless=False)


def _invented(name: str) -> str:
    for verb, other in _VERBS:
        if verb in name:
            return name.replace(verb, other, 1)
    return f"{name}_now"


def _malformed(item: Envelope, script: Script, rng: random.Random) -> _Violated | None:
    payload = item.get("payload", {})
    around, extra = rng.choice(_AROUND), rng.choice(_EXTRA)
    made: Sequence[tuple[Any, Slip]] = (
        ([payload], Slip("malformed.listed", lossless=True)),
        ({around: payload}, Slip("malformed.wrapped", lossless=True)),
        (
            {**payload, extra: "The user asked for it."},
            Slip("malformed.extra_key", lossless=extra in _REMARKS),
        ),
    )
    value, slip = rng.choice(made)
    return {**item, "payload": value}, slip


def _each(envelope: Envelope, change: Callable[[Envelope], Envelope]) -> Envelope:
    return {**envelope, "directives": [change(item) for item in envelope["directives"]]}
