"""The simulated model: what it writes for a script, marred as its personality's rates say.

Pure. Faults are drawn one by one, so that an answer may have several: a wrong key in a code fence.
A mistake that was made comes right with the next answer as often as the personality says, whether
it was named or the question was only asked again, and else is made once more; what is no mistake
but a habit or an accident (fences, prose, an empty answer) is drawn anew each time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from uicompiler.evals.sim import mistakes, written
from uicompiler.evals.sim.personalities import AnswerFault, Cited
from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.strict_form import in_strict_form
from uicompiler.llm.exchange import Request
from uicompiler.llm.settings import ResponseFormat

MISTAKES: Final[tuple[AnswerFault, ...]] = ("violation", "nested_string", "other_envelope")
"""What another answer heals, or does not."""

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
    """What a model wrote, why it stopped, and what is wrong with it."""

    text: str
    finish_reason: str
    faults: tuple[AnswerFault, ...]


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
        return Written(rng.choice(("", "\n")), "stop", ("empty",))
    envelope = _meant(script, request, held_to)
    value = _mistaken(envelope, script, faults, rng)
    text = _put(value, held_to, faults, rng)
    if "fence" in faults:
        text = written.fenced(text, rng)
    if "prose" in faults:
        text = written.with_prose(text, rng)
    if "think" in faults:
        text = written.with_thoughts(text, rng)
    if "truncated" in faults:
        return Written(written.cut_off(text, rng), "length", faults)
    return Written(text, "stop", faults)


def _meant(script: Script, request: Request, held_to: ResponseFormat) -> dict[str, Any]:
    """What the model means, as it would write it at its best."""
    envelope = {"assistant_text": "", "directives": [], **json.loads(json.dumps(script.reply))}
    if held_to != "json_schema":
        return envelope
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema", {})
    formed = in_strict_form(envelope, schema)
    return formed if isinstance(formed, dict) else envelope


def _mistaken(
    envelope: dict[str, Any], script: Script, faults: Collection[str], rng: random.Random
) -> Any:
    if "violation" in faults:
        envelope = mistakes.violation(envelope, script, rng)
    if "nested_string" in faults:
        envelope = mistakes.nested_string(envelope, rng)
    return mistakes.other_envelope(envelope, rng) if "other_envelope" in faults else envelope


def _put(value: Any, held_to: ResponseFormat, faults: Collection[str], rng: random.Random) -> str:
    """A value as text; of the faults of syntax an answer has one."""
    over_lines = held_to == "prompt_only" and rng.random() < 0.5
    put = written.indented if over_lines else written.compact
    fault = next((one for one in _SYNTAX if one in faults), None)
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
