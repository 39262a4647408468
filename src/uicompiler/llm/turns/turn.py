"""One turn with a model, as a generator of steps: ask, judge, repair, take the best.

Sans-IO, as h11 is: no clock, no network, no randomness. `driving.py` drives it; a test may as well.

Promises: whatever the edge answers, the turn ends, within its budget of calls and time, with a
result, and the state of a turn that came to nothing is the one it was given.

Source: DESIGN section 11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.llm.asking.asking import Asking, Steps, Stopped
from uicompiler.llm.asking.attempt import Why
from uicompiler.llm.asking.requests import Message
from uicompiler.llm.asking.terms import Terms
from uicompiler.llm.exchange import Reply
from uicompiler.llm.result import LLMResult
from uicompiler.llm.settings import RunMode
from uicompiler.llm.steps import Cancelled
from uicompiler.llm.tools import DirectiveTool, Tool
from uicompiler.llm.turns.ending import Ending
from uicompiler.llm.turns.judging import (
    Candidate,
    Compiling,
    Validator,
    candidate,
    judge,
)
from uicompiler.llm.turns.last_words import envelope_alone, joined
from uicompiler.llm.turns.messages import with_given
from uicompiler.llm.turns.overlay import laid_over
from uicompiler.llm.turns.repair import AGAIN, GO_ON, listing, with_missing, with_repair
from uicompiler.llm.turns.tool_loop import CUT_OFF, Finished, Toolbox, ToolLoop


@dataclass(frozen=True, slots=True)
class Question:
    """What a turn is about.

    Attributes:
        messages: What is said to the model, when it is to answer with an envelope.
        terms: How it is asked.
        compiling: How its answer is compiled.
        validator: What the caller misses in a result.
        run_mode: directives, tool_loop or hybrid.
        tools: The app's.
        tool_messages: What is said to the model, when it may call tools.
        directive_tools: Directives as tools, by the tool's name.
    """

    messages: Sequence[Message]
    terms: Terms
    compiling: Compiling
    validator: Validator | None = None
    run_mode: RunMode = "directives"
    tools: Sequence[Tool] = ()
    tool_messages: Sequence[Message] = ()
    directive_tools: Mapping[str, DirectiveTool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, or why there is none, and what would be said before asking again."""

    text: str
    said: Sequence[Message]
    stopped: Stopped | None = None
    faults: Sequence[Diagnostic] = ()
    missing: Sequence[str] = ()


_Ask: TypeAlias = Callable[[Sequence[Message], Why], Steps[_Answer]]


def turn(question: Question, began: float) -> Steps[LLMResult]:
    """The steps of a turn.

    Args:
        question: What it is about.
        began: The clock's reading, in seconds.

    Raises:
        UICompilerError: in strict only, what was found.
    """
    return _Turn(question, began).steps()


class _Turn:
    def __init__(self, question: Question, began: float) -> None:
        self._question = replace(question, validator=listing(question.validator))
        self._asking = Asking(question.terms, began)
        self._end = Ending(question.terms, self._asking, question.compiling, question.run_mode)

    def steps(self) -> Steps[LLMResult]:
        modes = {"tool_loop": self._tool_loop, "hybrid": self._hybrid}
        try:
            stopped = yield from modes.get(self._question.run_mode, self._directives)()
        except Cancelled as exc:
            self._asking.now = exc.now
            cancelled = diagnostic("LLM_CANCELLED", "The turn was called off before it was done.")
            return self._end.refused([cancelled])
        return self._end.result(stopped)

    def _until_right(
        self, ask: _Ask, messages: Sequence[Message], then: str
    ) -> Steps[Stopped | None]:
        """Ask, and again for what is wrong with the answer, and for what is missing in it."""
        tries = self._question.terms.tries
        left = {"repair": tries.repairs, "semantic_repair": tries.semantic_repairs}
        why: Why = "first"
        while True:
            answer = yield from ask(messages, why)
            why = "repair" if answer.faults else "semantic_repair"
            if not (answer.faults or answer.missing) or left[why] <= 0:
                return answer.stopped
            left[why] -= 1
            if answer.faults:
                messages = with_repair(answer.said, answer.text, answer.faults, then)
            else:
                messages = with_missing(answer.said, answer.text, answer.missing, then)
            self._asking.tell([_repair_asked(why)])

    # --- directives -------------------------------------------------------------------------------

    def _directives(self, given: Sequence[str] = ()) -> Steps[Stopped | None]:
        """Ask for an envelope; `given` is what tools gave before."""
        began = self._asking.now
        first = with_given(self._question.messages, given)

        def ask(said: Sequence[Message], why: Why) -> Steps[_Answer]:
            came = yield from self._asking.ask(said, why)
            return (yield from self._answered(came, first))

        stopped = yield from self._until_right(ask, first, AGAIN)
        self._end.times.directives_s = self._asking.now - began
        return stopped

    def _answered(self, came: Reply | Stopped, said: Sequence[Message]) -> Steps[_Answer]:
        if isinstance(came, Stopped):
            return (yield from self._after_stop(came, said))
        if came.refusal and not came.text.strip():
            self._refused(came.refusal)
            return _Answer("", said)
        found = yield from self._judged(came.text, finished=came.finish_reason == "stop")
        self._noted(came, found)
        if found.faults and came.finish_reason == "content_filter":
            return _Answer("", said, self._filtered())
        whole = (yield from self._laid_over(found)) or found
        return _Answer(came.text, said, None, whole.faults, whole.missing)

    def _laid_over(self, found: Candidate) -> Steps[Candidate | None]:
        """A repair that spoilt something else, laid over the answer that it was to repair."""
        earlier = self._end.candidates[:-1]
        if not found.faults or not earlier:
            return None
        question = self._question
        both = laid_over(earlier[-1], found, question.compiling, question.validator)
        if both is not None:
            yield from self._compiled(both)
        return both

    def _after_stop(self, stopped: Stopped, said: Sequence[Message]) -> Steps[_Answer]:
        """What had arrived of a lost answer counts; one that was too large is asked for shorter."""
        if stopped.partial_text.strip():
            yield from self._judged(stopped.partial_text, finished=False)
        failure = stopped.failure
        faults = [stopped.finding] if failure and failure.kind == "too_large" else []
        return _Answer("", said, stopped, faults)

    def _judged(self, text: str, *, finished: bool) -> Steps[Candidate]:
        question = self._question
        found = judge(text, question.compiling, question.validator, finished=finished)
        yield from self._compiled(found)
        return found

    def _compiled(self, found: Candidate) -> Steps[None]:
        """Keep a candidate that was just compiled, and count the time."""
        before = self._asking.now
        now = yield from self._asking.look()
        self._end.times.compile_s += now - before
        self._end.candidates.append(found)

    # --- tools ------------------------------------------------------------------------------------

    def _loop(self, directives: Mapping[str, DirectiveTool]) -> ToolLoop:
        question = self._question
        return ToolLoop(
            self._asking,
            Toolbox(question.tools, directives),
            question.compiling,
            rounds=question.terms.tries.tool_rounds,
            at_once=question.terms.settings.parallel_tool_calls is True,
        )

    def _tool_loop(self) -> Steps[Stopped | None]:
        """Directives as tools, beside the app's."""
        began = self._asking.now
        loop = self._loop(self._question.directive_tools)

        def ask(said: Sequence[Message], why: Why) -> Steps[_Answer]:
            done = yield from loop.run(said, why)
            return (yield from self._assembled(done, loop))

        stopped = yield from self._until_right(ask, self._question.tool_messages, GO_ON)
        self._end.times.tool_loop_s = self._asking.now - began
        return stopped

    def _assembled(self, done: Finished, loop: ToolLoop) -> Steps[_Answer]:
        """What a loop came to: its directives, with the last words or the envelope among them."""
        if done.stopped is not None and not (loop.directives or done.text.strip()):
            return _Answer("", done.said, done.stopped)
        question = self._question
        last = joined(done.text, loop.directives, question.compiling)
        found = candidate(last.source, question.compiling, question.validator)
        found = replace(found, faults=(*last.faults, *found.faults))
        yield from self._compiled(found)
        if done.reply is not None:
            self._noted(done.reply, found)
        words = "" if done.told else done.text
        if done.stopped is not None:
            return _Answer(words, done.said, done.stopped)
        return _Answer(words, done.said, None, found.faults, found.missing)

    def _hybrid(self) -> Steps[Stopped | None]:
        """The app's tools first, then an envelope; one that comes of itself, and alone, counts."""
        if not self._question.tools:
            return (yield from self._directives())
        began = self._asking.now
        loop = self._loop({})
        done = yield from loop.run(self._question.tool_messages)
        self._end.times.tool_loop_s = self._asking.now - began
        if done.stopped is not None:
            if done.stopped.failure is not None or done.reply is None:
                return done.stopped
            self._asking.tell([_as_warning(done.stopped.finding)])
        elif done.reply is not None and (yield from self._is_the_envelope(done.text, done.reply)):
            return None
        return (yield from self._directives(loop.given))

    def _is_the_envelope(self, text: str, came: Reply) -> Steps[bool]:
        """Whether a model that is done with its tools wrote the envelope of itself.

        Anything else that it writes then is not for the user, and may quote what tools gave.
        """
        question = self._question
        source = envelope_alone(text, question.compiling)
        if not source:
            return False
        found = candidate(source, question.compiling, question.validator)
        yield from self._compiled(found)
        self._noted(came, found)
        return not found.faults and not found.missing

    # --- findings ---------------------------------------------------------------------------------

    def _noted(self, came: Reply, found: Candidate) -> None:
        """What the last attempt's answer was good for."""
        self._asking.amend(
            outcome="unusable" if found.faults else "ok",
            code=found.faults[0].code if found.faults else "",
            mended=tuple(dict.fromkeys((*self._asking.attempts[-1].mended, *found.mended))),
            findings=tuple(sorted({item.code for item in found.findings})),
        )
        if came.finish_reason == "length":
            self._asking.tell([CUT_OFF])
        if found.mended:
            what = f"The answer's JSON was mended: {', '.join(found.mended)}."
            self._asking.tell([diagnostic("LLM_OUTPUT_MENDED", what)])

    def _filtered(self) -> Stopped:
        """A filter took the answer, or the end of it; asking again would come to the same."""
        self._asking.amend(outcome="content_filtered", code="LLM_CONTENT_FILTERED")
        what = "The provider's filter took what the model wrote."
        return Stopped(diagnostic("LLM_CONTENT_FILTERED", what))

    def _refused(self, words: str) -> None:
        """A model that would not answer, and says so beside its text, is shown with these words."""
        self._end.candidates.append(self._end.spoken(words))
        what = "The model would not answer; what it said instead is shown."
        self._asking.tell([diagnostic("LLM_CONTENT_FILTERED", what, severity="warning")])


def _repair_asked(why: Why) -> Diagnostic:
    what = "what is wrong with its answer" if why == "repair" else "what its answer lacks"
    return diagnostic("LLM_REPAIR_ASKED", f"The model was told {what}, and asked again.")


def _as_warning(item: Diagnostic) -> Diagnostic:
    return diagnostic(item.code, item.message, hint=item.hint, severity="warning")
