"""`run` and `arun`: ask a model for a turn, and compile what it answers.

Settings that could not work are refused before anything is sent. Whatever a model or a provider
does then comes to a result, never to an exception, unless `strict` asks for one.

Source: DESIGN section 11.
"""

from __future__ import annotations

import asyncio
import random as random_numbers
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar, Unpack

from uicompiler.app import ClientProfile, TurnContext, UIApp, Update
from uicompiler.compiler import standard_app
from uicompiler.errors import Diagnostic
from uicompiler.ir.state import UIState
from uicompiler.llm.arguments import Way, check_asked, check_edge, check_names
from uicompiler.llm.asking.asking import Steps
from uicompiler.llm.asking.capabilities import Capabilities
from uicompiler.llm.asking.checks import check_settings, refuse
from uicompiler.llm.asking.learned import Learned
from uicompiler.llm.asking.sanitise import sanitise
from uicompiler.llm.asking.terms import Terms, first_request
from uicompiler.llm.briefing import briefing
from uicompiler.llm.cache import Cache
from uicompiler.llm.connection.loading import timed
from uicompiler.llm.connection.secrets import host_of
from uicompiler.llm.context import screens_text
from uicompiler.llm.exchange import Transport
from uicompiler.llm.options import BUDGET, TRIES, History, RunOptions
from uicompiler.llm.preflight import preflight
from uicompiler.llm.result import LLMResult
from uicompiler.llm.settings import Budget, ModelSettings, RunMode, Tries
from uicompiler.llm.tools import Tool, check_tools
from uicompiler.llm.turns.driving import Cancel, Edge, adrive, drive
from uicompiler.llm.turns.judging import Compiling, Validator
from uicompiler.llm.turns.messages import messages
from uicompiler.llm.turns.turn import Question
from uicompiler.llm.turns.turn import turn as steps_of

_Sleep = TypeVar("_Sleep")


def run(
    message: str,
    *,
    model: str | ModelSettings,
    sleep: Callable[[float], None] = time.sleep,
    **options: Unpack[RunOptions],
) -> LLMResult:
    """Ask a model for a turn, and compile what it answers.

    Args:
        message: What the user says.
        model: As litellm names it, provider first (`openai/gpt-4o-mini`), or all settings.
        app: The app; `UIApp.standard()` by default.
        state: The state the last turn gave; None begins a conversation.
        history: Who said what before, oldest first: pairs such as `("user", "Hello.")`.
        tools: The app's, for `tool_loop` and `hybrid`.
        run_mode: `directives`: the model answers with an envelope. `tool_loop`: it calls tools, and
            directives are tools too. `hybrid`: it calls tools, then answers with an envelope.
        validator: Returns what a `CompileResult` lacks, a list of strings; what it names is asked
            for once more.
        budget: What the turn may cost.
        tries: How often something is tried again.
        transport: Carries requests; litellm by default.
        cache: Replies that are kept for requests that come again.
        capabilities: What models take; `Capabilities.default()` by default.
        learned: What they were found to refuse; to be shared by turns.
        backend: As for `compile`.
        client: As for `compile`.
        turn: As for `compile`.
        strict: Raise on every refusal and every repair instead of going on.
        update: As for `compile`.
        clock: Gives seconds.
        sleep: Waits so many seconds.
        random: Gives a number from 0 to 1, for the jitter of waits.
        cancel: An event; when it is set, the turn ends at once with LLM_CANCELLED.

    Returns:
        The result; `compiled.state` is the given one wherever nothing could be used.

    Raises:
        LLMError: settings that could not work; with `strict`, also what a provider did.
        UICompilerError: with `strict` only, what was found in the answer.
        AppError: the app cannot be told to a model.
        TypeError: an argument of another kind than is named here; nothing was sent.
        ValueError: as `compile`.
    """
    check_names("run", options)
    going, edge = _begun("send", sleep, message, model, **options)
    return drive(going, edge)


async def arun(
    message: str,
    *,
    model: str | ModelSettings,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    **options: Unpack[RunOptions],
) -> LLMResult:
    """As `run`, in an event loop; cancelling the task ends the turn and closes the connection.

    Raises:
        LLMError: as `run`.
        UICompilerError: as `run`.
        AppError: as `run`.
        TypeError: as `run`.
        ValueError: as `run`.
    """
    check_names("arun", options)
    going, edge = _begun("asend", sleep, message, model, **options)
    return await adrive(going, edge)


def _begun(
    way: Way,
    sleep: Callable[[float], _Sleep],
    message: str,
    model: str | ModelSettings,
    *,
    app: UIApp | None = None,
    state: UIState | None = None,
    history: History = (),
    tools: Sequence[Tool] = (),
    run_mode: RunMode = "directives",
    validator: Validator | None = None,
    budget: Budget = BUDGET,
    tries: Tries = TRIES,
    transport: Transport | None = None,
    cache: Cache | None = None,
    capabilities: Capabilities | None = None,
    learned: Learned | None = None,
    backend: str = "a2ui-v0.8",
    client: ClientProfile | None = None,
    turn: TurnContext | None = None,
    strict: bool = False,
    update: Update = "auto",
    clock: Callable[[], float] = time.monotonic,
    random: Callable[[], float] = random_numbers.random,
    cancel: Cancel | None = None,
) -> tuple[Steps[LLMResult], Edge[_Sleep]]:
    """The steps of a turn, and what carries them out; both are checked."""
    check_edge(way, transport, cache, cancel, clock, sleep, random)
    compiling = Compiling(app or standard_app(), state, backend, client, turn, update, strict)
    asked = _Asked(message, history, tools, run_mode, validator, budget, tries)
    ready = _ready(asked, compiling, model, transport, capabilities, learned)
    notes: list[Diagnostic] = []
    kept = _bound(cache, ready.question.terms.settings, notes)
    carrier, watch = timed(ready.transport, clock)
    edge = Edge(carrier, watch, sleep, random, kept, cancel, notes)
    return steps_of(ready.question, watch()), edge


@dataclass(frozen=True, slots=True)
class _Asked:
    message: str
    history: History
    tools: Sequence[Tool]
    run_mode: RunMode
    validator: Validator | None
    budget: Budget
    tries: Tries


@dataclass(frozen=True, slots=True)
class _Ready:
    question: Question
    transport: Transport


def _ready(
    asked: _Asked,
    compiling: Compiling,
    model: str | ModelSettings,
    transport: Transport | None,
    capabilities: Capabilities | None,
    learned: Learned | None,
) -> _Ready:
    """Everything a turn needs, checked."""
    check_asked(
        message=asked.message,
        model=model,
        state=compiling.state,
        turn=compiling.turn,
        history=asked.history,
        tools=asked.tools,
        validator=asked.validator,
        budget=asked.budget,
        tries=asked.tries,
        capabilities=capabilities,
        learned=learned,
    )
    settings = ModelSettings(model) if isinstance(model, str) else model
    turn = compiling.resolved()
    table = capabilities or Capabilities.default()
    capability = table.of(settings.model, api_base=settings.api_base)
    told = briefing(compiling.app)
    terms = Terms(
        settings,
        asked.budget,
        asked.tries,
        capability,
        Learned() if learned is None else learned,
        told.response_format,
    )
    say = partial(
        messages,
        history=asked.history,
        message=asked.message,
        screens=screens_text(compiling.state, compiling.app),
        language=turn.context.language,
    )
    in_loop = asked.run_mode == "tool_loop"
    question = Question(
        say(told.instructions),
        terms,
        compiling,
        asked.validator,
        asked.run_mode,
        asked.tools,
        say(told.tool_instructions if in_loop else told.hybrid_instructions, reminder=not in_loop),
        told.directive_tools,
    )
    _check(question)
    return _Ready(question, transport or _litellm(settings, table))


def prepared_transport(
    model: str | ModelSettings,
    app: UIApp,
    *,
    tools: Sequence[Tool] = (),
    run_mode: RunMode = "directives",
    validator: Validator | None = None,
    budget: Budget = BUDGET,
    tries: Tries = TRIES,
    transport: Transport | None = None,
    cache: Cache | None = None,
    capabilities: Capabilities | None = None,
    learned: Learned | None = None,
) -> Transport:
    """The transport of turns that will all be asked so, checked before the first of them.

    Raises:
        LLMError: with all that is wrong.
        AppError: the app cannot be told to a model.
        TypeError: as `run`.
    """
    check_edge("asend", transport, cache)
    asked = _Asked("", (), tools, run_mode, validator, budget, tries)
    compiling = Compiling(app, None, "a2ui-v0.8", None, None, "auto", strict=False)
    return _ready(asked, compiling, model, transport, capabilities, learned).transport


def _check(question: Question) -> None:
    """Refuse what could not work, before anything is sent.

    Raises:
        LLMError: with all that is wrong.
    """
    terms = question.terms
    found = check_settings(
        terms.settings,
        terms.capability,
        run_mode=question.run_mode,
        tools=bool(question.tools),
        budget=terms.budget,
        tries=terms.tries,
    )
    refuse([*found, *check_tools(question.tools, question.directive_tools)])
    request = first_request(terms, question.messages)
    preflight(request)
    sanitise(request, terms.capability, strict=terms.settings.strict_parameters)


def _bound(cache: Cache | None, settings: ModelSettings, notes: list[Diagnostic]) -> Cache | None:
    """The cache as this turn uses it."""
    return None if cache is None else cache.at(host_of(settings.api_base), notes.append)


def _litellm(settings: ModelSettings, capabilities: Capabilities) -> Transport:
    # Only who asks a model for real needs the extra.
    from uicompiler.llm.transport import LiteLLMTransport

    return LiteLLMTransport(settings, capabilities=capabilities)
