"""Asking the host app's model: what it says, or why it says nothing.

A model says that it came to nothing by raising `LLMError`. The user then reads the app's text for
that, whoever sent the message is told `"ok": false` and the findings, and the log has why. All else
that a model raises is a bug and goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from uicompiler.app import UIApp
from uicompiler.compiler import CompileResult
from uicompiler.errors import Diagnostic, LLMError
from uicompiler.host.turns.awaiting import settled
from uicompiler.host.turns.press import Model, ModelRequest, ModelSource
from uicompiler.host.watch.log import log_line
from uicompiler.host.watch.observe import request_id

_TOLD: Final = frozenset(
    {"LLM_UNAUTHORIZED", "LLM_NOT_FOUND", "LLM_RATE_LIMITED", "LLM_UNAVAILABLE", "LLM_TIMEOUT"}
)
"""Failures whose hint is logged: it speaks of keys, names and lines, not of what was asked."""

_MOST_HINT: Final = 300


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said.

    Attributes:
        source: What `compile` takes.
        failed: Why it is the app's own text and not the model's; () when it is the model's.
    """

    source: ModelSource
    failed: tuple[Diagnostic, ...] = ()

    def marked(self, result: CompileResult) -> CompileResult:
        """The result of the source, told apart from one of a model's."""
        if not self.failed:
            return result
        return replace(result, ok=False, diagnostics=(*self.failed, *result.diagnostics))


def said_by(model: Model, request: ModelRequest, app: UIApp) -> Said:
    """What a model says to somebody.

    Args:
        model: The host app's.
        request: What it is asked.
        app: Whose texts are read where it says nothing.

    Raises:
        Exception: whatever it raises but `LLMError`.
    """
    try:
        return Said(settled(model(request)))
    except LLMError as exc:
        _log(request, exc)
        text = app.text(exc.code, language=request.language)
        return Said({"assistant_text": text, "directives": []}, _shown(exc.diagnostics))


def _log(request: ModelRequest, exc: LLMError) -> None:
    log_line(
        "model",
        level=logging.WARNING,
        conversation=request.conversation_id,
        codes=list(dict.fromkeys(item.code for item in exc.diagnostics)),
        hint=exc.hint[:_MOST_HINT] if exc.code in _TOLD else "",
        request=request_id(),
    )


def _shown(findings: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Findings as clients read them: a provider's words are for whoever has the account."""
    return tuple(replace(item, hint="") for item in findings)
