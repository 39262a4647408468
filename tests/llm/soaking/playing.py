"""One conversation of the soak, played and judged after every turn."""

from __future__ import annotations

import itertools
import json
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from clientsim import ClientSim
from tests.llm.soaking.conversations import Answers, Asked, Conversation
from uicompiler import TurnContext, UIApp, UIState
from uicompiler.a2ui import validate
from uicompiler.errors import CODES
from uicompiler.evals.sim.answer import SimAnswer
from uicompiler.evals.sim.clock import SimClock
from uicompiler.evals.sim.server import SimServer
from uicompiler.evals.sim.transport import carried
from uicompiler.limits import Limits
from uicompiler.llm.asking.learned import Learned
from uicompiler.llm.exchange import Failure, Reply, Request, Transport
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import run
from uicompiler.llm.settings import Budget, ModelSettings
from uicompiler.llm.transport import LiteLLMTransport

WHOLE: Final = replace(
    Limits(),
    max_messages_per_response=100_000,
    max_messages_per_surface=100_000,
    max_bytes_per_response=2**30,
    max_bytes_per_surface=2**30,
    max_surfaces_per_response=1_000,
)
"""A conversation's stream is several responses; what one client may be asked to hold stays."""

_SETTINGS: Final = ModelSettings("openai/soak", api_base="http://127.0.0.1:1/v1", api_key="k")


@dataclass
class Counted:
    """What came of the turns.

    Attributes:
        turns: By kind of conversation.
        ended: By how: `ok`, or the code of the first error.
        sent: Turns that sent A2UI.
        messages: Of A2UI, that went out.
        calls: Requests to models.
        invalid: Streams that break a rule, with the turn.
        raised: Exceptions, with the turn.
        silent: Turns that failed without a registered code, with the turn.
    """

    turns: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    messages: int = 0
    calls: int = 0
    invalid: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def all_turns(self) -> int:
        """How many there were."""
        return sum(self.turns.values())

    @property
    def faults(self) -> list[str]:
        """All that must not be."""
        return [*self.invalid, *self.raised, *self.silent]


class InProcess:
    """A transport that makes of answers what the real one makes of them."""

    def __init__(self, answers: Answers, clock: SimClock) -> None:
        self._answers = answers
        self._clock = clock
        self._numbers = itertools.count(1)

    def send(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        made = _read(self._answers(request))
        took = timeout_s if made.delay_s is None else min(made.delay_s, timeout_s)
        self._clock.sleep(took)
        return carried(made, request, number=next(self._numbers), timeout_s=timeout_s)

    async def asend(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        return self.send(request, timeout_s=timeout_s)


def _read(made: SimAnswer) -> SimAnswer:
    """A body that was given as it is, as the answer that it holds, if it holds one."""
    try:
        choice = json.loads(made.raw or b"")["choices"][0]
        return SimAnswer(text=choice["message"]["content"] or "")
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return made


class Soak:
    """Plays conversations and counts.

    Args:
        server: Where answers go over HTTP and litellm; None for in process.
    """

    def __init__(self, server: SimServer | None = None) -> None:
        self.counted = Counted()
        self._server = server

    def play(self, talk: Conversation, most: int) -> None:
        """Play up to so many turns of a conversation."""
        state: UIState | None = None
        client = ClientSim(profile="web_core")
        stream = b""
        for number, asked in enumerate(talk.turns[:most], 1):
            self.counted.turns[self._kind(talk)] += 1
            try:
                result = self._ask(asked, talk.app, state, number)
            except Exception:  # any exception is what is looked for
                self.counted.raised.append(f"{asked.name}: {traceback.format_exc(limit=-4)}")
                return
            stream += result.compiled.jsonl()
            self._judge(asked, result, client, stream, talk.app)
            state = result.compiled.state

    def _kind(self, talk: Conversation) -> str:
        return talk.kind if self._server is None else f"{talk.kind}, HTTP"

    def _ask(self, asked: Asked, app: UIApp, state: UIState | None, number: int) -> LLMResult:
        clock = SimClock()
        with _Way(self._server, asked, clock) as (settings, transport):
            return run(
                asked.message,
                model=settings,
                app=app,
                state=state,
                run_mode=asked.run_mode,
                transport=transport,
                learned=Learned(),
                turn=TurnContext(turn_index=number, language=asked.language),
                budget=Budget(seconds=60.0),
                clock=clock.read,
                sleep=clock.sleep,
                random=lambda: 0.5,
            )

    def _judge(
        self, asked: Asked, result: LLMResult, client: ClientSim, stream: bytes, app: UIApp
    ) -> None:
        counted, sent = self.counted, result.compiled.jsonl()
        counted.calls += len(result.attempts)
        errors = [item.code for item in result.diagnostics if item.severity == "error"]
        counted.ended["ok" if result.ok else next(iter(errors), "nothing")] += 1
        if not result.ok and not (errors and set(errors) <= CODES.keys()):
            counted.silent.append(f"{asked.name}: {errors}")
        if not sent:
            return
        counted.sent += 1
        counted.messages += sent.count(b"\n")
        for what in _broken(client, sent, stream, app):
            counted.invalid.append(f"{asked.name}: {what}")


def _broken(client: ClientSim, sent: bytes, stream: bytes, app: UIApp) -> Iterator[str]:
    for error in client.feed(sent):
        yield f"ClientSim: {error}"
    for item in validate(stream, catalog=app.catalog, limits=WHOLE):
        if item.severity == "error":
            yield f"validate: {item.code} {item.message}"


class _Way:
    """A transport for one turn: in process, or the real one and a session of the server."""

    def __init__(self, server: SimServer | None, asked: Asked, clock: SimClock) -> None:
        self._server = server
        self._asked = asked
        self._clock = clock
        self._token = ""
        self._real: LiteLLMTransport | None = None

    def __enter__(self) -> tuple[ModelSettings, Transport]:
        if self._server is None:
            return _SETTINGS, InProcess(self._asked.answers, self._clock)
        self._token = self._server.open(_in_no_time(self._asked.answers))
        base = self._server.base_url_of(self._token)
        settings = replace(_SETTINGS, api_base=base, request_timeout_s=0.5)
        self._real = LiteLLMTransport(settings, max_bytes=1_000_000)
        return settings, self._real

    def __exit__(self, *exc: object) -> None:
        if self._real is not None and self._server is not None:
            self._real.close()
            self._server.close_session(self._token)


def _in_no_time(answers: Answers) -> Answers:
    def at_once(request: Request) -> SimAnswer:
        made = answers(request)
        return made if made.delay_s is None else replace(made, delay_s=0.0)

    return at_once
