"""One request, sent until it is answered or nothing more can be done: ladder, retries, budget.

What was learned with one request of a turn holds for its next ones. Knows no clock and no network:
it yields the steps of `steps.py`. It does not know what an answer means.

Source: DESIGN section 11.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, TypeVar

from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.llm.asking.attempt import Attempt, Why, told
from uicompiler.llm.asking.backoff import call_timeout_s, wait_before, within
from uicompiler.llm.asking.budget import Spent, exhausted, seconds_left
from uicompiler.llm.asking.findings import NO_PRICE, failed, left_out, no_time, not_taken, out_of
from uicompiler.llm.asking.ladder import Drop, move, rungs
from uicompiler.llm.asking.learned import Lesson
from uicompiler.llm.asking.requests import Message
from uicompiler.llm.asking.terms import Terms, prepared
from uicompiler.llm.exchange import Failure, Reply
from uicompiler.llm.schema import Schema
from uicompiler.llm.settings import ResponseFormat
from uicompiler.llm.steps import Answered, Cancelled, Look, Send, Step, Wait

_EMPTY: Final = Failure("invalid_response", "The answer is empty.")
_Result = TypeVar("_Result")
Steps: TypeAlias = Generator[Step, Answered, _Result]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why there is no reply, and none to be had.

    Attributes:
        finding: For the turn's diagnostics.
        failure: The last failure; None when no request could be sent.
        partial_text: The most that had arrived of any answer before it was lost.
    """

    finding: Diagnostic
    failure: Failure | None = None
    partial_text: str = ""


class Asking:
    """Asks a model during one turn.

    Attributes:
        attempts: Every request sent.
        findings: What was done about failures.
        spent: What was used up.
        rung: Where on the ladder the turn is.
        dropped: Keys that the model refused.
        now: The clock's reading, as of the last answer.
    """

    def __init__(self, terms: Terms, began: float) -> None:
        self.attempts: list[Attempt] = []
        self.findings: list[Diagnostic] = []
        self.spent = Spent(began)
        self.now = began
        self._terms = terms
        self._keys: frozenset[str] = frozenset()
        lesson = terms.learned.of(terms.settings.model, terms.settings.api_base)
        self.dropped = lesson.dropped
        self._guessed: frozenset[str] = frozenset()
        self._ladder = rungs(terms.settings, terms.capability)
        self._rungs = _from(self._ladder, lesson.response_format)
        self._known = Lesson(self.rung, self.dropped)
        if terms.settings.response_format not in ("auto", self._ladder[0]):
            self.findings.append(not_taken(terms.settings.response_format, self._ladder[0]))

    @property
    def ladder(self) -> tuple[ResponseFormat, ...]:
        """All rungs that there are for the model, best first."""
        return self._ladder

    @property
    def rung(self) -> ResponseFormat:
        """Where on the ladder the turn is."""
        return self._rungs[0]

    @property
    def seconds_left(self) -> float | None:
        """Until the turn has to end."""
        return seconds_left(self._terms.budget, self.spent, self.now)

    def look(self) -> Steps[float]:
        """Read the clock."""
        yield from self.step(Look())
        return self.now

    def ask(
        self, messages: Sequence[Message], why: Why, *, tools: Sequence[Schema] = ()
    ) -> Steps[Reply | Stopped]:
        """Send a request until it is answered, or nothing more can be done.

        Args:
            messages: What is said.
            why: What the request is for.
            tools: What the model may ask for.
        """
        lost = [""]
        came = yield from self._until_answered(messages, why, tools, lost)
        if isinstance(came, Stopped):
            return replace(came, partial_text=max(lost, key=len))
        return came

    def _until_answered(
        self, messages: Sequence[Message], why: Why, tools: Sequence[Schema], lost: list[str]
    ) -> Steps[Reply | Stopped]:
        """As `ask`; what had arrived of lost answers is added to `lost`."""
        retries, waited = 0, 0.0
        while True:
            came = yield from self._sent(messages, why, tools, waited)
            if not isinstance(came, Failure):
                return came
            lost.append(came.partial_text)
            waited = 0.0
            todo = self._move(came, tools)
            if todo == "retry":
                wait = self._wait(came, retries)
                if isinstance(wait, Stopped):
                    return wait
                retries, why = retries + 1, "retry"
                waited = yield from self._waited(wait, came)
            elif todo == "stop":
                return Stopped(failed(came, self._terms.settings.api_base), came)
            else:
                why = "ladder"

    # --- one request ------------------------------------------------------------------------------

    def _sent(
        self, messages: Sequence[Message], why: Why, tools: Sequence[Schema], waited: float
    ) -> Steps[Reply | Failure | Stopped]:
        ready = prepared(
            self._terms, messages, self.rung, tools=tools, dropped=self.dropped, spent=self.spent
        )
        used_up = exhausted(self._terms.budget, self.spent, self.now, ready.tokens)
        if used_up:
            last = self.attempts[-1].code if self.attempts else ""
            return Stopped(out_of(used_up, last))
        self.tell(ready.findings)
        self._keys = frozenset(ready.request)
        attempt = Attempt(
            len(self.attempts),
            why,
            "prompt_only" if tools else self.rung,
            ready.dropped,
            waited_ms=_ms(waited),
        )
        send = Send(ready.request, call_timeout_s(self._terms.settings, self.seconds_left))
        try:
            answered = yield send
        except Cancelled as exc:
            if exc.answered is not None:
                self._account(attempt, exc.answered)
            raise
        self._account(attempt, answered)
        came: Reply | Failure = answered.value
        if isinstance(came, Reply) and is_empty(came):
            self.amend(**told(_EMPTY))
            return _EMPTY
        return came

    def _account(self, attempt: Attempt, answered: Answered) -> None:
        """Keep what came as an attempt of the turn, with what it cost and what it teaches."""
        before = self.now
        self._took(answered)
        came: Reply | Failure | None = answered.value
        if isinstance(came, Reply):
            came = replace(came, cost_usd=_price(came.cost_usd))
        taken = _ms(self.now - before)
        self.attempts.append(replace(attempt, llm_ms=taken, cached=answered.cached, **told(came)))
        self._count(came, answered.cached)

    def _count(self, came: Reply | Failure | None, cached: bool) -> None:
        if not cached:
            self.spent = self.spent.with_call()
        if not isinstance(came, Reply):
            return
        if not cached:
            self.spent = self.spent.with_reply(came)
            if came.cost_usd is None and self._terms.budget.usd is not None:
                self.tell([NO_PRICE])
        self._learn()

    def _learn(self) -> None:
        """Keep what was found out in this turn; what was known before grows no younger by it."""
        lesson = Lesson(self.rung, self.dropped - self._guessed)
        if lesson != self._known:
            settings = self._terms.settings
            self._terms.learned.remember(settings.model, settings.api_base, lesson)
            self._known = lesson

    # --- after a failure --------------------------------------------------------------------------

    def _move(self, failure: Failure, tools: Sequence[Schema]) -> str:
        """Do what a failure calls for; gives `retry`, `again` or `stop`."""
        todo = move(
            failure,
            self._keys,
            lower=len(self._rungs) > 1,
            strict=self._terms.settings.strict_parameters,
            structured=not tools and self.rung != "prompt_only",
        )
        if isinstance(todo, Drop):
            self.dropped |= set(todo.keys)
            self._guessed |= set(todo.keys) if todo.guessed else frozenset()
            self.tell([left_out(key) for key in todo.keys])
            return "again"
        if todo == "step_down":
            self._step_down(failure)
            return "again"
        return todo

    def _step_down(self, failure: Failure) -> None:
        refused, self._rungs = self._rungs[0], self._rungs[1:]
        why = f"{refused} was refused ({failure.kind}), so {self.rung} is asked for."
        self.findings.append(diagnostic("LLM_LADDER_STEPPED", why, hint=failure.message[:200]))

    def _wait(self, failure: Failure, retries: int) -> Wait | Stopped:
        if retries >= self._terms.tries.retries:
            return Stopped(failed(failure, self._terms.settings.api_base), failure)
        wait = wait_before(retries, self._terms.tries, failure.retry_after_s)
        fitting = within(wait, self.seconds_left)
        if fitting is None:
            return Stopped(no_time(failure, wait.least_s, self.seconds_left), failure)
        return fitting

    def _waited(self, wait: Wait, failure: Failure) -> Steps[float]:
        before = self.now
        self.findings.append(
            diagnostic(
                "LLM_RETRIED",
                f"The request is sent again after {failure.kind}.",
                hint=failure.message[:200],
            )
        )
        yield from self.step(wait)
        return self.now - before

    def step(self, step: Step) -> Steps[Any]:  # each kind has its own answer
        """Have one step carried out; gives what it is answered by."""
        answered = yield step
        self._took(answered)
        return answered.value

    def _took(self, answered: Answered) -> None:
        self.now = max(self.now, answered.now)
        self.tell(answered.notes)

    def amend(self, **changes: Any) -> None:  # fields of `Attempt`
        """Say more of the last attempt."""
        self.attempts[-1] = replace(self.attempts[-1], **changes)

    def tell(self, findings: Sequence[Diagnostic]) -> None:
        """Add findings, each once."""
        self.findings += [item for item in findings if item not in self.findings]


def _from(
    steps: tuple[ResponseFormat, ...], first: ResponseFormat | None
) -> tuple[ResponseFormat, ...]:
    """The ladder from a rung on, if it has that."""
    return steps[steps.index(first) :] if first in steps else steps


def _price(cost: float | None) -> float | None:
    """A price, or None for what is none: one that is no number would spoil every sum."""
    return cost if cost is not None and math.isfinite(cost) and cost >= 0 else None


def is_empty(reply: Reply) -> bool:
    """Whether a reply holds nothing at all, as providers send now and then.

    Not one of a model that used up its tokens before it wrote a word: it would do so again.
    """
    says = reply.text.strip() or reply.tool_requests or reply.refusal.strip()
    return not says and reply.finish_reason in ("stop", "")


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
