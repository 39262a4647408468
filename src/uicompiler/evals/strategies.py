"""Ways from a scenario to a turn, from the barest to all that `uicompiler.llm` does.

All of them say the same to the model: the app's instructions, what is on the screen, what was said.
Tools of the app's are given to `production` alone; the others are told what the tools would give,
as an app does that looks things up before it asks.

- `raw`: one call, no `response_format`; the answer has to be JSON as it is, and needs no repair.
- `baseline`: what an integration by hand usually does: JSON mode, a tolerant reader, one plain
  retry when the call itself fails.
- `production`: `uicompiler.llm.arun`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from uicompiler.compiler import CompileResult
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.evals.app_tools import ToolUse, as_tools, looked_up
from uicompiler.evals.clock import Clock
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.scenario import Scenario
from uicompiler.ir.values import Json, thaw
from uicompiler.llm.asking.attempt import FAILURE_CODES
from uicompiler.llm.asking.capabilities import Capabilities
from uicompiler.llm.asking.learned import Learned, Lesson
from uicompiler.llm.briefing import briefing
from uicompiler.llm.context import screens_text
from uicompiler.llm.exchange import Failure, Reply, Transport
from uicompiler.llm.runner import arun
from uicompiler.llm.settings import Budget, ModelSettings, ResponseFormat, Tries
from uicompiler.llm.turns.messages import messages

_PLAIN_WAIT_S: Final = 1.0
_REPAIRS: Final = frozenset({"repair", "semantic_repair"})
_NO_LESSON: Final = Lesson()
_DEFAULT_BUDGET: Final = Budget()
_DEFAULT_TRIES: Final = Tries()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a strategy works with in one trial.

    Attributes:
        settings: Which model, and how it is asked.
        transport: The way to it.
        clock: Time.
        random: A number from 0 to 1, for jitter.
        formats: The formats that the provider's documentation promises, as somebody who integrates
            it by hand would know them.
        lesson: What the model was found to refuse before; for `production` alone.
        budget: What the turn may cost.
        tries: How often something is tried again.
        known: What models take, for `production`; the table that ships, where nobody says more.
    """

    settings: ModelSettings
    transport: Transport
    clock: Clock
    random: Callable[[], float]
    formats: Collection[ResponseFormat] = ("json_object", "prompt_only")
    lesson: Lesson = _NO_LESSON
    budget: Budget = _DEFAULT_BUDGET
    tries: Tries = _DEFAULT_TRIES
    known: Capabilities | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a strategy came to.

    Attributes:
        result: The turn.
        source: The envelope that was compiled.
        trace: The turn's trace.
        repaired: Whether the model was asked again because of what it had answered.
        lesson: What the model is known to refuse now.
        uses: Calls of the app's tools; None when the model was given none.
    """

    result: CompileResult
    source: str | Mapping[str, Any] = ""  # as `compile` takes it
    trace: Mapping[str, Json] = field(default_factory=dict)
    repaired: bool = False
    lesson: Lesson = _NO_LESSON
    uses: Sequence[ToolUse] | None = None


Strategy: TypeAlias = Callable[[Prepared, Terms], Awaitable[Outcome]]


async def raw(ready: Prepared, terms: Terms) -> Outcome:
    """One call; what comes back is JSON as it is, and needs no repair, or is lost."""
    came = await _sent(terms, _request(ready, terms.settings))
    if isinstance(came, Failure):
        return _failed(ready, came)
    return read_strictly(ready, came.text)


async def baseline(ready: Prepared, terms: Terms) -> Outcome:
    """JSON mode where there is one, a tolerant reader, one plain retry of a call that fails."""
    has_mode = "json_object" in terms.formats
    form = {"response_format": {"type": "json_object"}} if has_mode else {}
    request = {**_request(ready, terms.settings), **form}
    came = await _sent(terms, request)
    if isinstance(came, Failure):
        await terms.clock.asleep(_PLAIN_WAIT_S)
        came = await _sent(terms, request)
    if isinstance(came, Failure):
        return _failed(ready, came)
    result = ready.compile(came.text)
    return Outcome(result, came.text, result.trace.to_dict())


async def production(ready: Prepared, terms: Terms) -> Outcome:
    """All that `uicompiler.llm` does."""
    scenario, learned = ready.scenario, Learned()
    address = terms.settings.model, terms.settings.api_base
    learned.remember(*address, terms.lesson)
    uses: list[ToolUse] = []
    came = await arun(
        scenario.message,
        model=terms.settings,
        app=ready.app,
        state=ready.stage.state,
        history=[(item.role, item.text) for item in scenario.history],
        tools=as_tools(scenario.tools, uses.append),
        run_mode=scenario.run_mode,
        budget=terms.budget,
        tries=terms.tries,
        transport=terms.transport,
        capabilities=terms.known,
        learned=learned,
        turn=ready.turn,
        clock=terms.clock.read,
        sleep=terms.clock.asleep,
        random=terms.random,
    )
    repaired = any(attempt.why in _REPAIRS for attempt in came.attempts)
    lesson = learned.of(*address)
    return Outcome(came.compiled, came.source, came.trace.to_dict(), repaired, lesson, uses)


STRATEGIES: Final[Mapping[str, Strategy]] = MappingProxyType(
    {"raw": raw, "baseline": baseline, "production": production}
)


def read_strictly(ready: Prepared, text: str) -> Outcome:
    """What `raw` makes of an answer."""
    try:
        source = json.loads(text)
    except (ValueError, RecursionError):
        found = diagnostic("DIRECTIVE_NOT_JSON", "the answer is not JSON and nothing else")
        return _nothing(ready, found)
    result = ready.compile(source, strict=True)
    return Outcome(result, source, result.trace.to_dict())


def _request(ready: Prepared, settings: ModelSettings) -> dict[str, Any]:
    """The request of one plain call, with no word about the form of the answer."""
    scenario = ready.scenario
    said = messages(
        briefing(ready.app).instructions,
        [(item.role, item.text) for item in scenario.history],
        _message(scenario),
        screens=screens_text(ready.stage.state, ready.app),
        language=scenario.language,
    )
    sampling = {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "seed": settings.seed,
        "max_tokens": settings.max_output_tokens,
    }
    given = {key: value for key, value in sampling.items() if value is not None}
    return {"model": settings.model, "messages": said, **given, **settings.extra}


def _message(scenario: Scenario) -> str:
    """The message; where the app has tools, with what it looked up by them beforehand."""
    found = looked_up(scenario.tools, scenario.uses)
    told = (
        f"{use.tool}({json.dumps(thaw(use.arguments), ensure_ascii=False)}) gave "
        f"{json.dumps(value, ensure_ascii=False)}"
        for use, value in found
    )
    return "\n".join([scenario.message, *told])


async def _sent(terms: Terms, request: Mapping[str, Any]) -> Reply | Failure:
    return await terms.transport.asend(request, timeout_s=terms.settings.request_timeout_s)


def _failed(ready: Prepared, failure: Failure) -> Outcome:
    what = f"the model could not be asked: {failure.kind}"
    found = diagnostic(FAILURE_CODES[failure.kind], what, hint=failure.message[:200])
    return _nothing(ready, found)


def _nothing(ready: Prepared, found: Diagnostic) -> Outcome:
    """A turn in which there was nothing to compile."""
    result = ready.refused((found,))
    return Outcome(result, trace=result.trace.to_dict())
