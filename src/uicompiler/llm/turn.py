"""One turn with a model, as a generator of steps: ask, judge, repair, take the best.

Sans-IO, as h11 is: no clock, no network, no randomness. `run.py` drives it; a test may as well.

Promises: whatever the edge answers, the turn ends, within its budget of calls and time, with a
result, and the state of a turn that came to nothing is the one it was given.

Source: DESIGN section 11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from uicompiler.compiler import raise_if_strict
from uicompiler.errors import Diagnostic, diagnostic, error_for
from uicompiler.llm.asking import Asking, Steps, Stopped, Terms, amended
from uicompiler.llm.attempt import Why
from uicompiler.llm.exchange import Reply
from uicompiler.llm.judging import Candidate, Compiling, Validator, best, candidate, judge
from uicompiler.llm.repair import with_missing, with_repair
from uicompiler.llm.requests import Message
from uicompiler.llm.result import LLMResult
from uicompiler.llm.settings import RunMode
from uicompiler.llm.steps import Cancelled
from uicompiler.llm.tools import Tool
from uicompiler.llm.tracing import Times, llm_block, timings, usage

_THOUGHTS: Final = re.compile(r"\s*<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """What a turn is about.

    Attributes:
        messages: What is said to the model.
        terms: How it is asked.
        compiling: How its answer is compiled.
        validator: What the caller misses in a result.
        run_mode: directives, tool_loop or hybrid.
        tools: The app's.
    """

    messages: Sequence[Message]
    terms: Terms
    compiling: Compiling
    validator: Validator | None = None
    run_mode: RunMode = "directives"
    tools: Sequence[Tool] = ()


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
        self._question = question
        self._began = began
        self._asking = Asking(question.terms, began)
        self._candidates: list[Candidate] = []
        self._times = Times()

    def steps(self) -> Steps[LLMResult]:
        try:
            stopped = yield from self._directives(self._question.messages)
        except Cancelled as exc:
            self._asking.now = exc.now
            cancelled = diagnostic("LLM_CANCELLED", "The turn was cancelled before it was done.")
            return self._nothing(cancelled)
        return self._ended(stopped)

    # --- directives -------------------------------------------------------------------------------

    def _directives(self, messages: Sequence[Message]) -> Steps[Stopped | None]:
        """Ask for an envelope, and again for what is wrong with it."""
        began = self._asking.now
        tries = self._question.terms.tries
        left = {"repair": tries.repairs, "semantic_repair": tries.semantic_repairs}
        why: Why = "first"
        said: Sequence[Message] = messages
        while True:
            came = yield from self._asking.ask(said, why)
            again = yield from self._again(came, messages)
            if again is None or left[again[0]] <= 0:
                break
            why, said = again
            left[why] -= 1
        self._times.directives_s = self._asking.now - began
        return came if isinstance(came, Stopped) else None

    def _again(
        self, came: Reply | Stopped, messages: Sequence[Message]
    ) -> Steps[tuple[Why, list[Message]] | None]:
        """What to ask for after an answer, and with which words; None for nothing."""
        if isinstance(came, Stopped):
            return (yield from self._after_stop(came, messages))
        if came.refusal and not came.text.strip():
            self._refused(came.refusal)
            return None
        found = yield from self._judged(came.text, finished=came.finish_reason == "stop")
        self._noted(came, found)
        if found.faults:
            return "repair", with_repair(messages, came.text, found.faults)
        if found.missing:
            return "semantic_repair", with_missing(messages, came.text, found.missing)
        return None

    def _after_stop(
        self, stopped: Stopped, messages: Sequence[Message]
    ) -> Steps[tuple[Why, list[Message]] | None]:
        """What had arrived of a lost answer counts; one that was too large is asked for shorter."""
        failure = stopped.failure
        if failure is not None and failure.partial_text.strip():
            yield from self._judged(failure.partial_text, finished=False)
        if failure is not None and failure.kind == "too_large":
            return "repair", with_repair(messages, "", [stopped.finding])
        return None

    def _judged(self, text: str, *, finished: bool) -> Steps[Candidate]:
        before = self._asking.now
        question = self._question
        found = judge(text, question.compiling, question.validator, finished=finished)
        now = yield from self._asking.look()
        self._times.compile_s += now - before
        self._candidates.append(found)
        return found

    def _noted(self, came: Reply, found: Candidate) -> None:
        """What the last attempt's answer was good for."""
        codes = sorted({item.code for item in found.result.diagnostics})
        fault = found.faults[0].code if found.faults else ""
        amended(
            self._asking.attempts,
            outcome="unusable" if found.faults else "ok",
            code=fault,
            mended=found.mended,
            findings=tuple(codes),
        )
        if came.finish_reason == "length":
            what = "The answer ended at its length limit."
            self._tell("LLM_OUTPUT_CUT_OFF", what, "Raise max_output_tokens, or ask for less.")
        if found.mended:
            self._tell("LLM_OUTPUT_MENDED", f"Mended: {', '.join(found.mended)}.", "")

    def _refused(self, words: str) -> None:
        """A model that would not answer, and says so beside its text, is shown with these words."""
        self._candidates.append(self._spoken(words))
        item = diagnostic("LLM_CONTENT_FILTERED", "The model would not answer.", severity="warning")
        self._asking.findings.append(item)

    # --- the result -------------------------------------------------------------------------------

    def _ended(self, stopped: Stopped | None) -> LLMResult:
        found = best(self._candidates)
        if found is not None and not found.usable:
            found = self._words() or found
        usable = found is not None and found.usable
        if stopped is not None:
            finding = stopped.finding
            self._asking.findings.append(
                replace(finding, severity="warning") if usable else finding
            )
        if found is None:
            return self._nothing()
        if not usable:
            return self._unusable(found)
        return self._taken(found)

    def _unusable(self, found: Candidate) -> LLMResult:
        """The best answer was none; what was found in it is told."""
        what = "No answer of the model could be used."
        self._tell("LLM_OUTPUT_UNUSABLE", what, "Look at what was found in it.")
        if not found.result.ok:
            return self._taken(found)
        findings = [*self._asking.findings, *found.faults]
        return self._result(Candidate("", self._question.compiling.refused(findings)))

    def _words(self) -> Candidate | None:
        """An answer of words alone, asked for twice, is what the assistant says."""
        for item in self._candidates:
            words = _THOUGHTS.sub("", item.source).strip()
            plain = words and not any(sign in words for sign in "{[<`")
            if plain and item.faults and item.faults[0].code == "DIRECTIVE_NOT_JSON":
                finding = diagnostic(
                    "LLM_OUTPUT_UNUSABLE",
                    "The model wrote words and no envelope; they are shown.",
                    severity="warning",
                )
                self._asking.findings.append(finding)
                return self._spoken(words)
        return None

    def _spoken(self, words: str) -> Candidate:
        source = json.dumps({"assistant_text": words, "directives": []}, ensure_ascii=False)
        return candidate(source, self._question.compiling, None)

    def _nothing(self, finding: Diagnostic | None = None) -> LLMResult:
        """There is no answer to compile."""
        findings = [*self._asking.findings, *([] if finding is None else [finding])]
        if self._question.compiling.strict:
            raise error_for(findings)
        self._asking.findings = findings
        return self._result(Candidate("", self._question.compiling.refused(findings)))

    def _taken(self, found: Candidate) -> LLMResult:
        if self._question.compiling.strict:
            self._question.compiling.compile(found.source, strict=True)
            raise_if_strict(self._asking.findings)
        return self._result(found)

    def _result(self, found: Candidate) -> LLMResult:
        asking, question = self._asking, self._question
        compiled = found.result
        findings = tuple(asking.findings)
        if compiled.diagnostics[: len(findings)] != findings:
            findings = (*findings, *compiled.diagnostics)
        trace = replace(
            compiled.trace,
            run_mode=question.run_mode,
            strict_mode=question.compiling.strict,
            llm=llm_block(question.terms, asking, parallel=self._parallel),
            diagnostics=findings,
            timings_ms=timings(self._times, asking.attempts, asking.now - self._began),
        )
        return LLMResult(
            ok=compiled.ok,
            compiled=compiled,
            source=found.source if compiled.ok else "",
            attempts=tuple(asking.attempts),
            usage=usage(asking.attempts),
            cost_usd=asking.spent.cost_usd,
            diagnostics=findings,
            trace=trace,
        )

    @property
    def _parallel(self) -> bool:
        return self._question.terms.settings.parallel_tool_calls is True

    def _tell(self, code: str, what: str, hint: str) -> None:
        item = diagnostic(code, what, hint=hint)
        if item not in self._asking.findings:
            self._asking.findings.append(item)
