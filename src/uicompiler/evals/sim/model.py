"""The simulated model: what it writes for a script, marred as its personality's rates say.

Pure. Faults are drawn one by one, so that an answer may have several: a wrong key in a code fence.
A mistake that was made comes right with the next answer as often as the personality says, whether
it was named or the question was only asked again, and else is made once more; what is no mistake
but a habit or an accident (fences, prose, an empty answer) is drawn anew each time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from uicompiler.evals.sim import mistakes, written
from uicompiler.evals.sim.personalities import AnswerFault, Cited
from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.slips import Slip
from uicompiler.evals.sim.strict_form import in_strict_form
from uicompiler.llm.exchange import Request
from uicompiler.llm.settings import ResponseFormat

MISTAKES: Final[tuple[AnswerFault, ...]] = ("violation", "nested_string", "other_envelope")
"""What another answer heals, or does not."""

_AROUND: Final[Mapping[AnswerFault, Callable[[str, random.Random], str]]] = {
    "fence": written.fenced,
    "prose": written.with_prose,
    "think": written.with_thoughts,
}
EMPTY: Final = Slip("empty", lossless=False)
TRUNCATED: Final = Slip("truncated", lossless=False)

_SYNTAX: Final[tuple[AnswerFault, ...]] = (
    "python_literals",
    "single_quotes",
    "raw_newline",
    "trailing_comma",
    "comment",
    "missing_bracket",
)


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, why it stopped, what was drawn for it and what was done to it."""

    text: str
    finish_reason: str
    faults: tuple[AnswerFault, ...]
    slips: tuple[Slip, ...] = ()


def draw_faults(
    rates: Mapping[AnswerFault, Cited],
    made: Collection[str],
    repaired: float,
    rng: random.Random,
) -> tuple[AnswerFault, ...]:
    """Which faults an answer has.

    Args:
        rates: How often each.
        made: Mistakes of the answer before.
        repaired: How often one that was made comes right.
        rng: The dice of the call.
    """
    drawn = [fault for fault, cited in rates.items() if rng.random() < cited.rate]
    if made:
        again = [fault for fault in MISTAKES if fault in made] if rng.random() >= repaired else []
        drawn = [fault for fault in drawn if fault not in MISTAKES] + again
    return tuple(drawn)


def write(
    script: Script,
    request: Request,
    held_to: ResponseFormat,
    faults: tuple[AnswerFault, ...],
    rng: random.Random,
) -> Written:
    """The text of an answer with these faults."""
    if "empty" in faults:
        return Written(rng.choice(("", "\n")), "stop", ("empty",), (EMPTY,))
    envelope = _meant(script, request, held_to)
    value, slips = _mistaken(envelope, script, faults, rng)
    text, slip = _put(value, held_to, faults, rng)
    slips += (slip,) if slip else ()
    for fault, around in _AROUND.items():
        if fault in faults:
            text = around(text, rng)
            slips += (Slip(fault, lossless=True),)
    if "truncated" in faults:
        return Written(written.cut_off(text, rng), "length", faults, (*slips, TRUNCATED))
    return Written(text, "stop", faults, slips)


def _meant(script: Script, request: Request, held_to: ResponseFormat) -> dict[str, Any]:
    """What the model means, as it would write it at its best."""
    envelope = {"assistant_text": "", "directives": [], **json.loads(json.dumps(script.reply))}
    if held_to != "json_schema":
        return envelope
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema", {})
    formed = in_strict_form(envelope, schema)
    return formed if isinstance(formed, dict) else envelope


def _mistaken(
    envelope: Any, script: Script, faults: Collection[str], rng: random.Random
) -> mistakes.Made:
    slips: tuple[Slip, ...] = ()
    if "violation" in faults:
        envelope, slips = mistakes.violation(envelope, script, rng)
    if "nested_string" in faults:
        envelope, more = mistakes.nested_string(envelope, rng)
        slips += more
    if "other_envelope" in faults:
        envelope, more = mistakes.other_envelope(envelope, rng)
        slips += more
    return envelope, slips


def _put(
    value: Any, held_to: ResponseFormat, faults: Collection[str], rng: random.Random
) -> tuple[str, Slip | None]:
    """A value as text; of the faults of syntax, none of which loses anything, an answer has one."""
    over_lines = held_to == "prompt_only" and rng.random() < 0.5
    put = written.indented if over_lines else written.compact
    fault = next((one for one in _SYNTAX if one in faults), None)
    text = _spelt(value, put, fault, rng)
    return text, Slip(fault, lossless=True) if fault and text != put(value) else None


def _spelt(
    value: Any, put: Callable[[Any], str], fault: AnswerFault | None, rng: random.Random
) -> str:
    match fault:
        case "python_literals":
            return written.as_python(value)
        case "single_quotes":
            return written.single_quoted(value)
        case "raw_newline":
            return written.with_raw_newline(value, put)
        case "trailing_comma":
            return written.with_trailing_comma(put(value), rng)
        case "comment":
            return written.with_comment(put(value), rng)
        case "missing_bracket":
            return written.without_last_bracket(put(value))
        case _:
            return put(value)


def arguments(payload: Any, faults: Collection[str], rng: random.Random) -> str:
    """The arguments of a tool, as text."""
    text = written.compact(payload)
    return written.cut_off(text, rng) if "truncated" in faults else text
