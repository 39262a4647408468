"""`(personality, script, request, what came before, dice) -> SimAnswer`: pure, all of it.

The provider comes first: a key it does not know, a format it refuses, a limit, a fault of its own.
Only then does the model write.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, get_args

from uicompiler.evals.sim import mistakes, model, tool_calls
from uicompiler.evals.sim.answer import SimAnswer, SimTool
from uicompiler.evals.sim.personalities import Personality, ProviderFault
from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.slips import Slip
from uicompiler.evals.sim.written import compact
from uicompiler.llm.exchange import Request, Usage
from uicompiler.llm.settings import LADDER, ResponseFormat

RETRY_AFTER_S: Final = 1
USUAL_DELAY_S: Final = 0.8

_CHARACTERS_A_TOKEN: Final = 4
_TOOL_FAULTS: Final = ("violation", "truncated", "empty")


def answer(
    found: Personality,
    script: Script,
    request: Request,
    before: Sequence[SimAnswer],
    rng: random.Random,
) -> SimAnswer:
    """What comes back.

    Args:
        found: How the model and its provider behave.
        script: What the model means.
        request: What is asked.
        before: What was answered in this turn so far.
        rng: The dice of this call.
    """
    asked = asked_format(request)
    held_to = found.held_to(asked)
    fault = _provider_fault(found, rng)
    refused = _refused(found, request) if held_to else _format_refused(found, asked)
    if refused is not None:
        return refused
    if fault is not None:
        return _of_provider(found, fault)
    made = _written(found, script, request, held_to or "prompt_only", before, rng)
    return _counted(made, found, request)


def asked_format(request: Request) -> ResponseFormat:
    """The format a request asks for."""
    wanted = request.get("response_format")
    name = wanted.get("type") if isinstance(wanted, Mapping) else None
    return name if name in LADDER else "prompt_only"


# --- the provider ---------------------------------------------------------------------------------


def refusal(status: int, parameter: str, why: str) -> SimAnswer:
    """A request that is refused for one of its keys."""
    error = {
        "message": why,
        "type": "invalid_request_error",
        "param": parameter,
        "code": "unsupported_parameter" if status == 400 else status,
    }
    return SimAnswer(status=status, error=error, delay_s=0.05, faults=("refused",))


def _format_refused(found: Personality, asked: ResponseFormat) -> SimAnswer:
    status, parameter = found.refusal.status, found.refusal.parameter
    if status == 404:
        why = f"No endpoints found that support the requested parameters: {parameter}"
    else:
        why = (
            f"Invalid parameter: '{parameter}' of type '{asked}' is not supported with this model."
        )
    return refusal(status, parameter, why)


def _refused(found: Personality, request: Request) -> SimAnswer | None:
    for key, status in found.refuses.items():
        if key in request:
            return refusal(status, key, f"Extra inputs are not permitted: '{key}'")
    return None


def _provider_fault(found: Personality, rng: random.Random) -> ProviderFault | None:
    drawn = rng.random()
    for fault in get_args(ProviderFault):
        if fault in found.provider:
            drawn -= found.provider[fault].rate
            if drawn < 0:
                chosen: ProviderFault = fault
                return chosen
    return None


def _of_provider(found: Personality, fault: ProviderFault) -> SimAnswer:
    if fault == "timeout":
        return SimAnswer(delay_s=None, faults=(fault,))
    if fault == "reset":
        return SimAnswer(cut_after=0, faults=(fault,))
    if fault == "server_error":
        error = {"message": "The server had an error while processing your request.", "code": 503}
        return SimAnswer(status=503, error=error, delay_s=0.3, faults=(fault,))
    headers = (("retry-after", str(RETRY_AFTER_S)),) if found.retry_after else ()
    error = {"message": "Rate limit reached for requests.", "code": "rate_limit_exceeded"}
    return SimAnswer(status=429, error=error, headers=headers, delay_s=0.05, faults=(fault,))


# --- the model ------------------------------------------------------------------------------------


def _written(
    found: Personality,
    script: Script,
    request: Request,
    held_to: ResponseFormat,
    before: Sequence[SimAnswer],
    rng: random.Random,
) -> SimAnswer:
    rates = found.answers[held_to]
    faults = model.draw_faults(rates, _made(before), found.repaired.rate, rng)
    waiting = tool_calls.pending(script, request) if request.get("tools") else []
    if waiting:
        return _asking(script, request, waiting, faults, rng)
    if request.get("tools"):
        return SimAnswer(text=str(script.reply.get("assistant_text", "")), delay_s=USUAL_DELAY_S)
    wrote = model.write(script, request, held_to, faults, rng)
    return SimAnswer(
        text=wrote.text,
        finish_reason=wrote.finish_reason,
        delay_s=USUAL_DELAY_S,
        faults=wrote.faults,
        slips=wrote.slips,
    )


def _made(before: Sequence[SimAnswer]) -> tuple[str, ...]:
    """Mistakes of the last answer of this turn."""
    given = [one for one in before if one.status == 200 and one.text.strip()]
    return tuple(fault for fault in given[-1].faults if fault in model.MISTAKES) if given else ()


def _asking(
    script: Script,
    request: Request,
    waiting: Sequence[Mapping[str, Any]],
    faults: tuple[str, ...],
    rng: random.Random,
) -> SimAnswer:
    drawn = tuple(fault for fault in faults if fault in _TOOL_FAULTS)
    if "empty" in drawn:
        return SimAnswer(delay_s=USUAL_DELAY_S, faults=("empty",), slips=(model.EMPTY,))
    items = list(tool_calls.asked_for(waiting, request))
    slips: tuple[Slip, ...] = ()
    if "violation" in drawn:
        made, slips = mistakes.violation({"directives": items[:1]}, script, rng)
        items[0] = made["directives"][0]
    tools = [tool_calls.as_tool(item) for item in items]
    if "truncated" in drawn:
        last = tools[-1]
        tools[-1] = SimTool(last.name, last.arguments[: len(last.arguments) // 2])
        slips += (model.TRUNCATED,)
    return SimAnswer(
        tools=tuple(tools),
        finish_reason="length" if "truncated" in drawn else "tool_calls",
        delay_s=USUAL_DELAY_S,
        faults=drawn,
        slips=slips,
    )


def _counted(made: SimAnswer, found: Personality, request: Request) -> SimAnswer:
    sent = len(compact({key: value for key, value in request.items() if key != "model"}))
    wrote = len(made.text) + sum(len(tool.name) + len(tool.arguments) for tool in made.tools)
    usage = Usage(sent // _CHARACTERS_A_TOKEN, -(-wrote // _CHARACTERS_A_TOKEN), estimated=True)
    price = found.usd_per_million_tokens
    cost = (usage.input_tokens * price.input + usage.output_tokens * price.output) / 1e6
    return replace(made, usage=usage, cost_usd=cost)
