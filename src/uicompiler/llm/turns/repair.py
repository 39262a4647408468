"""What a model is told about an answer that cannot be used as it is.

Codes, pointers and hints are those of the diagnostics; nothing of it comes from elsewhere than the
model's own answer and the app.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from uicompiler.compiler import CompileResult
from uicompiler.errors import Diagnostic
from uicompiler.llm.asking.requests import Message
from uicompiler.llm.turns.judging import Validator
from uicompiler.llm.turns.messages import sendable

_MOST_FINDINGS: Final = 8
_MOST_CHARACTERS: Final = 12_000
AGAIN: Final = (
    "Answer again with the whole JSON object, corrected, and nothing else. "
    "Keep what was right as it was."
)
"""What a model that answers with an envelope is asked for."""
GO_ON: Final = "Put that right, with tools or in words. What was taken already stays."
"""The same for a model that calls tools."""
_SHORTER: Final = "It was cut off or too long: write a shorter one."


def listing(validator: Validator | None) -> Validator | None:
    """A validator that gives a list, whatever it gave: a text is one thing, None is none."""
    if validator is None:
        return None

    def missing(result: CompileResult) -> Sequence[str]:
        given: object = validator(result)
        if isinstance(given, str):
            return [given] if given.strip() else []
        return [str(item) for item in given] if isinstance(given, Iterable) else []

    return missing


def with_repair(
    messages: Sequence[Message], answer: str, faults: Sequence[Diagnostic], then: str = AGAIN
) -> list[Message]:
    """The messages with an answer and what is wrong with it."""
    lines = [_line(item) for item in faults[:_MOST_FINDINGS]]
    more = len(faults) - _MOST_FINDINGS
    rest = [f"- and {more} more"] if more > 0 else []
    too_long = any(item.code in _TOO_LONG for item in faults)
    told = ["Your answer cannot be used as it is:", *lines, *rest]
    told += [_SHORTER] if too_long else []
    return _with_note(messages, answer, "\n".join([*told, then]))


def with_missing(
    messages: Sequence[Message], answer: str, missing: Iterable[str], then: str = AGAIN
) -> list[Message]:
    """The messages with an answer and what it lacks."""
    lines = [f"- {item}" for item in list(missing)[:_MOST_FINDINGS]]
    return _with_note(messages, answer, "\n".join(["Your answer lacks something:", *lines, then]))


_TOO_LONG: Final = frozenset(
    {"DIRECTIVE_TRUNCATED", "DIRECTIVE_TOO_LARGE", "LLM_RESPONSE_TOO_LARGE"}
)


def _line(item: Diagnostic) -> str:
    where = f" at {item.pointer}" if item.pointer else ""
    hint = f" ({item.hint})" if item.hint else ""
    return f"- {item.code}{where}: {item.message}{hint}"[:600]


def _with_note(messages: Sequence[Message], answer: str, note: str) -> list[Message]:
    """Roles keep taking turns, since some models' templates refuse what does not."""
    if answer.strip():
        quoted = sendable(answer[:_MOST_CHARACTERS])
        if len(answer) > _MOST_CHARACTERS:
            quoted += "…"
        return [
            *messages,
            {"role": "assistant", "content": quoted},
            {"role": "user", "content": sendable(note)},
        ]
    *before, last = messages
    if last["role"] != "user":
        return [*messages, {"role": "user", "content": sendable(note)}]
    return [*before, {**last, "content": sendable(f"{last['content']}\n\n{note}")}]
