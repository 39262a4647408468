"""What asking a model came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from uicompiler.compiler import CompileResult
from uicompiler.errors import Diagnostic
from uicompiler.llm.asking.attempt import Attempt
from uicompiler.llm.exchange import Usage
from uicompiler.trace import Trace


@dataclass(frozen=True, slots=True, repr=False)
class LLMResult:
    """What a turn with a model came to.

    Attributes:
        ok: Whether what the model wrote can be shown; what was dropped of it, `diagnostics` says.
        compiled: The result of the attempt that was taken; a refusal with the state as it was, and
            a text for the user, where nothing could be used.
        source: The envelope that was compiled, as JSON, for `compile` and the log; "" for none.
        attempts: Every request, in order.
        usage: Tokens of all requests.
        cost_usd: US dollars, of requests whose price is known; None when none is.
        diagnostics: What was found while asking, then what was found while compiling.
        trace: The turn's trace, with its model and its times.
    """

    ok: bool
    compiled: CompileResult
    source: str = ""
    attempts: tuple[Attempt, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    trace: Trace = field(default_factory=Trace)

    def __repr__(self) -> str:
        """The result in one line; it may be logged, so nobody's words are in it."""
        codes = sorted({item.code for item in self.diagnostics})
        surfaces = [batch.surface_id for batch in self.compiled.batches]
        return (
            f"<LLMResult ok={self.ok} attempts={len(self.attempts)} cost_usd={self.cost_usd} "
            f"surfaces={surfaces} codes={codes}>"
        )

    @property
    def text(self) -> str:
        """What the user reads: the assistant's words, else the fallback's."""
        fallback = self.compiled.fallback
        return self.compiled.assistant_text or ("" if fallback is None else fallback.text)

    def to_dict(self) -> Mapping[str, Any]:
        """Everything as a JSON object, without what the model wrote."""
        return {
            "ok": self.ok,
            "compiled": self.compiled.to_dict(),
            "attempts": [attempt.to_dict() for attempt in self.attempts],
            "cost_usd": self.cost_usd,
            "diagnostics": [item.to_dict() for item in self.diagnostics],
            "trace": self.trace.to_dict(),
        }
