"""The end of a turn: the best answer, or why there is none, as a result with its trace. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from uicompiler.compiler import raise_if_strict
from uicompiler.errors import Diagnostic, diagnostic, error_for
from uicompiler.llm.asking.asking import Asking, Stopped
from uicompiler.llm.asking.terms import Terms
from uicompiler.llm.result import LLMResult
from uicompiler.llm.settings import RunMode
from uicompiler.llm.turns.judging import Candidate, Compiling, best, candidate
from uicompiler.llm.turns.thoughts import visible
from uicompiler.llm.turns.tracing import Times, llm_block, timings, usage

_NO_WORDS: Final = frozenset("{}[]<>`")
_MOST_MISSING: Final = 300


@dataclass(slots=True)
class Ending:
    """What a turn has come to so far, and how it is told.

    Attributes:
        terms: How the model is asked.
        asking: What was asked.
        compiling: How answers are compiled.
        run_mode: directives, tool_loop or hybrid.
        candidates: The answers.
        times: How long its parts took.
    """

    terms: Terms
    asking: Asking
    compiling: Compiling
    run_mode: RunMode
    candidates: list[Candidate] = field(default_factory=list)
    times: Times = field(default_factory=Times)

    def result(self, stopped: Stopped | None) -> LLMResult:
        """The best answer; failing that, why there is none.

        Args:
            stopped: Why nothing more was asked, where that was not the turn's own choice.

        Raises:
            UICompilerError: in strict only, all that was found.
        """
        found = best(self.candidates)
        if found is not None and not found.usable:
            found = self._words() or found
        usable = found is not None and found.usable
        if stopped is not None:
            finding = stopped.finding
            self.asking.tell([replace(finding, severity="warning") if usable else finding])
        if found is None:
            return self.refused([])
        if usable:
            return self._taken(found)
        if stopped is not None:
            return self.refused(found.findings)
        what = "No answer of the model could be used."
        hint = "The findings after this one say what is wrong with the best of them."
        self.asking.tell([diagnostic("LLM_OUTPUT_UNUSABLE", what, hint=hint)])
        return self.refused(found.findings)

    def refused(self, findings: Sequence[Diagnostic]) -> LLMResult:
        """Nothing is shown: the state stays as it was, and the user reads why.

        Raises:
            UICompilerError: in strict only, all that was found.
        """
        all_found = (*self.asking.findings, *findings)
        if self.compiling.strict:
            raise error_for(all_found)
        refused = self.compiling.refused(all_found)
        return self._result(Candidate("", refused), all_found)

    def _taken(self, found: Candidate) -> LLMResult:
        if found.missing:
            self.asking.tell([_unsatisfied(found.missing)])
        if self.compiling.strict:
            raise_if_strict(self.asking.findings)
            self.compiling.compile(found.source, strict=True)
        return self._result(found, (*self.asking.findings, *found.result.diagnostics))

    def _result(self, found: Candidate, findings: tuple[Diagnostic, ...]) -> LLMResult:
        asking = self.asking
        trace = replace(
            found.result.trace,
            run_mode=self.run_mode,
            strict_mode=self.compiling.strict,
            llm=llm_block(self.terms, asking),
            diagnostics=findings,
            recoveries={item.code: self.compiling.app.recovery(item.code) for item in findings},
            timings_ms=timings(self.times, asking.attempts, asking.now - asking.spent.began),
        )
        return LLMResult(
            ok=found.result.ok,
            compiled=found.result,
            source=found.source,
            attempts=tuple(asking.attempts),
            usage=usage(asking.attempts),
            cost_usd=asking.spent.cost_usd,
            diagnostics=findings,
            trace=trace,
        )

    # --- words ------------------------------------------------------------------------------------

    def spoken(self, words: str) -> Candidate:
        """Words alone, as what the assistant says."""
        source = json.dumps({"assistant_text": words, "directives": []}, ensure_ascii=False)
        return candidate(source, self.compiling, None)

    def _words(self) -> Candidate | None:
        """The first answer of words alone, which the model was asked in vain to put into JSON."""
        for item in self.candidates:
            words = visible(item.source).strip()
            no_json = bool(item.faults) and item.faults[0].code == "DIRECTIVE_NOT_JSON"
            if words and no_json and _NO_WORDS.isdisjoint(words):
                what = "The model wrote words instead of an envelope; they are shown."
                self.asking.tell([diagnostic("LLM_OUTPUT_UNUSABLE", what, severity="warning")])
                return self.spoken(words)
        return None


def _unsatisfied(missing: Sequence[str]) -> Diagnostic:
    """That the app's validator still misses something in the answer that was taken."""
    told = "; ".join(missing)[:_MOST_MISSING]
    what = f"The answer that was taken still lacks: {told}."
    return diagnostic("LLM_VALIDATOR_UNSATISFIED", what, hint="Allow more Tries.semantic_repairs.")
