"""Whether an answer can be used: mended, compiled, and what of it is lost.

A candidate is an answer with what it compiles to. The best of a turn's candidates wins, so that a
repair never makes things worse. Pure.

Source: DESIGN sections 4 and 11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from uicompiler.app import ClientProfile, TurnContext, UIApp, Update
from uicompiler.compiler import REPAIR_CODES, CompileResult, compile, refuse, resolve
from uicompiler.directives.envelope import parse_envelope
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.ir.state import UIState
from uicompiler.llm.mending.mend import mend
from uicompiler.llm.mending.payload_shapes import unwrapped
from uicompiler.llm.turns.messages import sendable
from uicompiler.rendering import Turn

Validator: TypeAlias = Callable[[CompileResult], Sequence[str]]
"""What a result lacks, in words for the model; pure, the caller's."""

_HARMLESS: Final = REPAIR_CODES - {"DIRECTIVE_TRUNCATED"}
_LOST: Final = ("DIRECTIVE_", "A2UI_S2C_")
_NOTHING: Final = diagnostic(
    "DIRECTIVE_EMPTY",
    "The envelope has neither a text nor a directive.",
    hint="Say something in assistant_text.",
)
_INDEX: Final = re.compile(r"/directives/(\d+)")


@dataclass(frozen=True, slots=True)
class Compiling:
    """What `compile` is called with, but for the source."""

    app: UIApp
    state: UIState | None
    backend: str
    client: ClientProfile | None
    turn: TurnContext | None
    update: Update
    strict: bool

    def compile(self, source: Any, *, strict: bool = False) -> CompileResult:  # as `compile`
        """Compile one source.

        Raises:
            UICompilerError: with `strict` only.
        """
        return compile(
            source,
            app=self.app,
            state=self.state,
            backend=self.backend,
            client=self.client,
            turn=self.turn,
            strict=strict,
            update=self.update,
        )

    def resolved(self) -> Turn:
        """The settings with their defaults.

        Raises:
            ValueError: as `compile`.
        """
        return resolve(
            self.app,
            self.state,
            self.backend,
            self.client,
            self.turn,
            strict=False,
            update=self.update,
        )

    def refused(self, findings: Sequence[Diagnostic]) -> CompileResult:
        """The result when there is nothing to compile: the state as it was, a text for the user."""
        turn = self.resolved()
        before = self.state or UIState(turn.context.conversation_id)
        return refuse(before, turn, findings)

    @property
    def language(self) -> str:
        """The user's language."""
        return (self.turn or TurnContext()).language


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer, judged.

    Attributes:
        source: What was compiled.
        result: What it compiles to.
        mended: What was mended in its JSON.
        faults: What is lost of it, and has to be repaired.
        missing: What the caller's validator misses.
        kept: Directives that ran.
    """

    source: str
    result: CompileResult
    mended: tuple[str, ...] = ()
    faults: tuple[Diagnostic, ...] = ()
    missing: tuple[str, ...] = ()
    kept: int = 0

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """All that was found in it."""
        return (*self.result.diagnostics, *self.own_faults)

    @property
    def own_faults(self) -> tuple[Diagnostic, ...]:
        """Faults that are none of `compile`'s."""
        return tuple(item for item in self.faults if item not in self.result.diagnostics)

    @property
    def usable(self) -> bool:
        """Whether it shows or says anything that was not taken back."""
        says = bool(self.result.assistant_text.strip())
        return self.result.ok and (says or self.kept > 0)

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """The greater, the better."""
        return (self.usable, -len(self.missing), self.kept, -len(self.faults))


def judge(
    text: str, compiling: Compiling, validator: Validator | None = None, *, finished: bool = False
) -> Candidate:
    """Mend and compile what a model wrote, and say what is lost of it.

    Args:
        text: What it wrote.
        compiling: How it is compiled; in strict nothing is mended.
        validator: Says what the result lacks.
        finished: Whether the model says that it wrote all it had to.
    """
    if compiling.strict:
        return candidate(text, compiling, validator)
    limits = compiling.app.limits
    mended = mend(
        text,
        finished=finished,
        registry=compiling.app.directives,
        max_bytes=limits.max_envelope_bytes,
        max_depth=limits.max_envelope_depth,
    )
    found = replace(candidate(mended.text, compiling, validator), mended=mended.changes)
    return _bared(found, compiling, validator) or found


def _bared(found: Candidate, compiling: Compiling, validator: Validator | None) -> Candidate | None:
    """The answer without wrappers around payloads, if more of it runs so."""
    directives, done = unwrapped(
        directives_of(found.source, compiling), found.faults, compiling.app.directives
    )
    if not done:
        return None
    source = envelope_of(found.result.assistant_text, directives)
    bare = replace(candidate(source, compiling, validator), mended=(*found.mended, *done))
    return bare if bare.kept > found.kept and len(bare.faults) < len(found.faults) else None


def candidate(source: str, compiling: Compiling, validator: Validator | None) -> Candidate:
    """Compile a source as it is, and say what is lost of it."""
    result = compiling.compile(source)
    faults = tuple(item for item in result.diagnostics if _is_fault(item, compiling.strict))
    found = Candidate(source, result, (), faults, (), _kept(source, result, faults, compiling))
    if not found.usable and not faults:
        return replace(found, faults=(_NOTHING,))
    missing = () if validator is None or not found.usable else tuple(map(str, validator(result)))
    return replace(found, missing=missing)


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """The best one, of equals the last; None of none."""
    return max(reversed(candidates), key=lambda item: item.rank, default=None)


def envelope_of(text: str, directives: Sequence[object]) -> str:
    """An envelope as compact JSON."""
    value = {"assistant_text": text, "directives": list(directives)}
    return sendable(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def directives_of(source: str, compiling: Compiling) -> tuple[object, ...]:
    """The directives that an envelope holds, as they are written."""
    limits = compiling.app.limits
    parsed = parse_envelope(
        source, max_bytes=limits.max_envelope_bytes, max_depth=limits.max_envelope_depth
    )
    return () if parsed.envelope is None else parsed.envelope.directives


def place_of(fault: Diagnostic) -> int | None:
    """Which directive a fault is of; None when it is of none in particular."""
    found = _INDEX.match(fault.pointer)
    return None if found is None else int(found[1])


def _is_fault(item: Diagnostic, strict: bool) -> bool:
    """Whether something is lost; what was repaired without loss is not, except in strict."""
    if item.code in _HARMLESS:
        return strict
    if item.code.startswith("DIRECTIVE_"):
        return True
    return item.severity == "error" and item.code.startswith(_LOST)


def _kept(
    source: str, result: CompileResult, faults: Sequence[Diagnostic], compiling: Compiling
) -> int:
    """How many directives ran."""
    if not result.ok:
        return 0
    total = len(directives_of(source, compiling))
    dropped = {place for place in map(place_of, faults) if place is not None and place < total}
    return total - len(dropped)
