"""Whom trials are put to: simulated models in process or over loopback, and real ones.

`sim` is every personality in process, `sim/NAME` one of them; nothing waits there and no socket is
opened. `sim-http` and `sim-http/NAME` are the same behind a server on loopback, by way of the real
litellm. Everything else is a model as litellm names it.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import urlsplit

from uicompiler.errors import Diagnostic, LLMError, diagnostic
from uicompiler.evals.budget import unknown_price
from uicompiler.evals.clock import Clock, RealClock
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.sim.clock import SimClock
from uicompiler.evals.sim.personalities import catalogue
from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.server import SESSION, SimServer
from uicompiler.evals.sim.slips import Slip
from uicompiler.evals.sim.transport import SimSession, SimTransport
from uicompiler.ir.values import thaw
from uicompiler.llm.asking.capabilities import Capabilities
from uicompiler.llm.asking.checks import check_settings, refuse
from uicompiler.llm.exchange import Failure, Reply, Request, Transport
from uicompiler.llm.settings import LADDER, ModelSettings, ResponseFormat, RunMode
from uicompiler.llm.transport import LiteLLMTransport, count_tokens

SIM: Final = "sim"
SIM_HTTP: Final = "sim-http"

_LOOPBACK_TIMEOUT_S: Final = 1.0
"""A simulated timeout over loopback is one: nobody waits a minute for it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The way to a model for one trial.

    Attributes:
        settings: How it is asked.
        transport: What carries the requests.
        clock: The time there.
        slips: Of a simulated model, what it did so far to each answer.
    """

    settings: ModelSettings
    transport: Transport
    clock: Clock
    slips: Callable[[], Sequence[Sequence[Slip]]] | None = None


class Provider(Protocol):
    """One model behind a name."""

    @property
    def formats(self) -> tuple[ResponseFormat, ...]:
        """The formats that its documentation promises."""

    @property
    def is_free(self) -> bool:
        """Whether nobody pays for a call, and running it again gives the same."""

    def open(
        self, ready: Prepared, index: int, seed: int
    ) -> contextlib.AbstractContextManager[Opened]:
        """The way to it for one trial of a scenario."""


def provider_names(given: Iterable[str]) -> list[str]:
    """Each model by its own name: `sim` and `sim-http` stand for all personalities.

    Raises:
        LLMError: LLM_MODEL_UNKNOWN, there is no such personality.
    """
    named = (name for item in given for name in _expanded(item))
    return list(dict.fromkeys(named))


def is_simulated(name: str) -> bool:
    """Whether a name stands for a simulated model, which costs nothing."""
    return name.partition("/")[0] in (SIM, SIM_HTTP)


@contextlib.contextmanager
def providers(
    names: Iterable[str], settings: ModelSettings, known: Capabilities | None = None
) -> Iterator[Mapping[str, Provider]]:
    """The providers by name, for as long as the context is open.

    Args:
        names: As `provider_names` gives them.
        settings: How they are asked; the model is each one's own.
        known: What models take; the table that ships, where nobody says more.
    """
    table = known or Capabilities.default()
    with contextlib.ExitStack() as stack:
        found: dict[str, Provider] = {}
        server: SimServer | None = None
        for name in names:
            kind, _, personality = name.partition("/")
            if kind == SIM:
                found[name] = _InProcess(personality, settings)
            elif kind == SIM_HTTP:
                server = server or stack.enter_context(SimServer())
                found[name] = _OverLoopback(personality, settings, server, stack)
            else:
                found[name] = _Real(replace(settings, model=name), stack, table)
        if any(name.partition("/")[0] != SIM for name in found):
            count_tokens("")  # imports litellm, which takes seconds: no trial waits for that
        yield found


def fitting_modes(
    settings: Sequence[ModelSettings],
    run_modes: Iterable[RunMode],
    known: Capabilities | None = None,
) -> tuple[list[RunMode], list[Diagnostic]]:
    """The run modes in which all models can be asked so, and what forbids the others.

    Args:
        settings: Each with a name of `provider_names`.
        run_modes: Those of the scenarios.
        known: What models take; the table that ships, where nobody says more.

    Raises:
        LLMError: there is none; with what is the same in all modes, if anything is.
    """
    table = known or Capabilities.default()
    found = {mode: _forbidden(settings, mode, table) for mode in sorted(run_modes)}
    fitting = [mode for mode, items in found.items() if not items]
    rest = list(dict.fromkeys(item for items in found.values() for item in items))
    if not fitting:
        common = [item for item in rest if all(item in items for items in found.values())]
        refuse(common or rest)
    return fitting, rest


def _forbidden(
    settings: Sequence[ModelSettings], mode: RunMode, table: Capabilities
) -> list[Diagnostic]:
    return [
        item
        for each in settings
        for item in check_settings(
            each, table.of(each.model, api_base=each.api_base), run_mode=mode
        )
    ]


def check_provider(
    settings: ModelSettings,
    run_modes: Iterable[RunMode],
    *,
    needs_price: bool,
    known: Capabilities | None = None,
) -> None:
    """Refuse a model that could not be asked like this, before anything is sent.

    Args:
        settings: Which model, by a name of `provider_names`, and how it is asked.
        run_modes: Those of the scenarios.
        needs_price: Whether the run is limited in money.
        known: What models take; the table that ships, where nobody says more.

    Raises:
        LLMError: settings that contradict each other, a provider that there is not, no key.
        EvalError: EVAL_RUN_INVALID, nobody knows what the model costs.
    """
    table = known or Capabilities.default()
    capability = table.of(settings.model, api_base=settings.api_base)
    found = [
        item for mode in run_modes for item in check_settings(settings, capability, run_mode=mode)
    ]
    refuse(list(dict.fromkeys(found)))
    kind, _, personality = settings.model.partition("/")
    if kind == SIM:
        return
    if kind == SIM_HTTP:
        settings = replace(settings, model=f"openai/sim-{personality}", api_key="sim")
        needs_price = False
    with LiteLLMTransport(settings, capabilities=table) as transport:
        if needs_price and (is_own_server(settings) or not transport.knows_price):
            raise unknown_price()


def is_own_server(settings: ModelSettings) -> bool:
    """Whether a server is asked that only speaks as OpenAI's does: its prices nobody knows."""
    host = urlsplit(settings.api_base or "").hostname or ""
    is_theirs = host == "openai.com" or host.endswith(".openai.com")
    return settings.model.startswith("openai/") and bool(host) and not is_theirs


class _Unpriced:
    """A transport whose replies have no known price, whatever the model's name is."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def send(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        return _unpriced(self._inner.send(request, timeout_s=timeout_s))

    async def asend(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        return _unpriced(await self._inner.asend(request, timeout_s=timeout_s))


def _unpriced(came: Reply | Failure) -> Reply | Failure:
    return replace(came, cost_usd=None) if isinstance(came, Reply) else came


def _expanded(name: str) -> list[str]:
    kind, slash, personality = name.partition("/")
    if not is_simulated(name):
        return [name]
    known = list(catalogue().personalities)
    if not slash:
        return [f"{kind}/{item}" for item in known]
    if personality not in known:
        close = difflib.get_close_matches(personality, known, n=1)
        hint = f"did you mean {kind}/{close[0]}?" if close else f"known: {', '.join(known)}"
        why = f"no simulated model is called {personality[:40]!r}"
        raise LLMError([diagnostic("LLM_MODEL_UNKNOWN", why, hint=hint)])
    return [name]


def _script(ready: Prepared, index: int) -> Script:
    scenario = ready.scenario
    uses = tuple((use.tool, thaw(use.arguments)) for use in scenario.uses)
    script = Script.for_app(ready.app, scenario=scenario.id, reply=scenario.reply, index=index)
    required = {tool.name: tuple(tool.parameters.get("required", ())) for tool in scenario.tools}
    return replace(script, uses=uses, required={**script.required, **required})


def _promised(personality: str) -> tuple[ResponseFormat, ...]:
    formats = catalogue().personalities[personality].formats
    refused = {name for name, taken in formats.items() if taken == "refused"}
    return tuple(name for name in LADDER if name not in refused)


def _slips(session: SimSession) -> list[Sequence[Slip]]:
    return [made.slips for made in session.answers]


class _InProcess:
    is_free = True

    def __init__(self, personality: str, settings: ModelSettings) -> None:
        self._personality = personality
        self._settings = replace(settings, model=f"{SIM}/{personality}")
        self.formats = _promised(personality)

    @contextlib.contextmanager
    def open(self, ready: Prepared, index: int, seed: int) -> Iterator[Opened]:
        clock = SimClock()
        script = _script(ready, index)
        transport = SimTransport(self._personality, script, seed=seed, clock=clock)
        yield Opened(self._settings, transport, clock, lambda: _slips(transport.session))


class _OverLoopback:
    is_free = True

    def __init__(
        self,
        personality: str,
        settings: ModelSettings,
        server: SimServer,
        stack: contextlib.ExitStack,
    ) -> None:
        self._personality = personality
        self._server = server
        self.formats = _promised(personality)
        self._settings = replace(
            settings,
            model=f"openai/sim-{personality}",
            api_base=server.base_url,
            api_key="sim",
            request_timeout_s=_LOOPBACK_TIMEOUT_S,
        )
        self._transport = stack.enter_context(LiteLLMTransport(self._settings))

    @contextlib.contextmanager
    def open(self, ready: Prepared, index: int, seed: int) -> Iterator[Opened]:
        script = _script(ready, index)
        session = SimSession(self._personality, script, seed=seed)
        token = self._server.open_session(session)
        settings = replace(self._settings, extra={**self._settings.extra, SESSION: token})
        try:
            yield Opened(settings, self._transport, RealClock(), lambda: _slips(session))
        finally:
            self._server.close_session(token)


class _Real:
    is_free = False

    def __init__(
        self, settings: ModelSettings, stack: contextlib.ExitStack, table: Capabilities
    ) -> None:
        capability = table.of(settings.model, api_base=settings.api_base)
        self.formats: tuple[ResponseFormat, ...] = tuple(capability.response_formats)
        self._settings = settings
        transport = stack.enter_context(LiteLLMTransport(settings, capabilities=table))
        self._transport = _Unpriced(transport) if is_own_server(settings) else transport

    @contextlib.contextmanager
    def open(self, _ready: Prepared, _index: int, _seed: int) -> Iterator[Opened]:
        yield Opened(self._settings, self._transport, RealClock())
