"""`compile`, `restore`, `snapshot`: parse, execute, lower, check. Pure: same inputs, same bytes.

What the model wrote is read (`directives/`), executed (`executor/`) and rendered (`rendering.py`);
this page calls the three and puts the result together.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from uicompiler.app import ClientProfile, TurnContext, UIApp, Update
from uicompiler.backends.base import Message
from uicompiler.backends.registry import backend_named
from uicompiler.directives.envelope import parse_envelope
from uicompiler.errors import Diagnostic, diagnostic, error_for
from uicompiler.executor.execute import Executed, execute
from uicompiler.executor.expiry import presented, with_expired
from uicompiler.executor.restore import restored
from uicompiler.ir.changes import Effect
from uicompiler.ir.state import UIState
from uicompiler.ir.text import clean, has_surrogates
from uicompiler.ir.values import FrozenDict
from uicompiler.rendering import (
    Batch,
    Turn,
    at_risk,
    batch_of,
    render_turn,
    reset_surfaces,
)
from uicompiler.trace import SurfaceTrace, Trace

REPAIR_CODES: Final = frozenset(
    {
        "DIRECTIVE_REPAIRED",
        "DIRECTIVE_TRUNCATED",
        "DIRECTIVE_TEXT_INVISIBLE",
    }
)
"""Warnings that strict mode counts as errors."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """What to show instead of surfaces that could not be shown.

    Attributes:
        text: For the user.
        surfaces: Names of the surfaces concerned; () when the whole answer was refused.
        regenerate: Label of the way on: asking for the answer again.
    """

    text: str
    surfaces: tuple[str, ...]
    regenerate: str

    def to_dict(self) -> dict[str, Any]:
        """The fallback as a JSON object."""
        return {
            "text": self.text,
            "surfaces": list(self.surfaces),
            "regenerate": self.regenerate,
        }


@dataclass(frozen=True)
class CompileResult:
    """What a turn came to.

    Attributes:
        ok: False when a surface failed, or directives were given and none ran.
        assistant_text: What the assistant says.
        state: The state to keep; the given one when nothing ran.
        batches: What goes to the client, a surface each.
        effects: For the edge, such as toasts.
        diagnostics: Everything found.
        fallback: What to show instead of what failed, or None.
        trace: The turn's trace.
    """

    ok: bool
    assistant_text: str
    state: UIState
    batches: tuple[Batch, ...] = ()
    effects: tuple[Effect, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    fallback: Fallback | None = None
    trace: Trace = field(default_factory=Trace)

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages of all batches, in order."""
        return tuple(message for batch in self.batches for message in batch.messages)

    @property
    def html(self) -> Mapping[str, str]:
        """Markup by the surface's id, of every surface that is shown anew; empty for A2UI."""
        found = [backend_named(b.backend).markup(b.messages) for b in self.batches]
        return FrozenDict({name: text for shown in found for name, text in shown.items()})

    def jsonl(self) -> bytes:
        """All messages as JSON Lines: compact JSON, UTF-8, each line ended by LF."""
        return b"".join(line + b"\n" for batch in self.batches for line in batch.encoded)

    def to_dict(self) -> dict[str, Any]:
        """Everything as a JSON object; nonces stand in it as they go out."""
        return {
            "ok": self.ok,
            "assistant_text": self.assistant_text,
            "state": self.state.to_dict(),
            "batches": [batch.to_dict() for batch in self.batches],
            "effects": [effect.to_dict() for effect in self.effects],
            "diagnostics": [item.to_dict() for item in self.diagnostics],
            "fallback": None if self.fallback is None else self.fallback.to_dict(),
            "trace": self.trace.to_dict(),
            "html": dict(self.html),
        }

    def to_json(self) -> str:
        """`to_dict` as compact JSON."""
        return orjson.dumps(self.to_dict()).decode()


def compile(  # the public name, as in re.compile
    source: str | bytes | Mapping[str, Any] | Sequence[Any],
    *,
    app: UIApp | None = None,
    state: UIState | None = None,
    backend: str = "a2ui-v0.8",
    client: ClientProfile | None = None,
    turn: TurnContext | None = None,
    strict: bool = False,
    update: Update = "auto",
) -> CompileResult:
    """Compile what a model wrote into UI that is safe to send, or a clear refusal.

    Args:
        source: The model's output: text, an envelope, or a list of directives.
        app: The app; `UIApp.standard()` by default.
        state: The state the last turn gave; None begins a conversation.
        backend: `a2ui-v0.8` or `html`.
        client: What the client really does; `ClientProfile.web_core()` by default.
        turn: Ids, time and secrets of this turn.
        strict: Raise on every refusal and every repair instead of going on.
        update: How a live surface is brought up to date: `full` sends its components again,
            `diff` only what changed, `reset` builds every live surface anew in a new epoch,
            `auto` sends a diff, or builds anew where nothing else would be shown.

    Returns:
        The result; `state` is the given one wherever the input was refused.

    Raises:
        UICompilerError: with `strict` only, the same diagnostics.
        ValueError: an unknown backend or update, or a state of another conversation.
    """
    settings = resolve(app, state, backend, client, turn, strict=strict, update=update)
    before = state or UIState(settings.context.conversation_id)
    limits = settings.app.limits
    parsed = parse_envelope(
        source,
        max_bytes=limits.max_envelope_bytes,
        max_depth=limits.max_envelope_depth,
        strict=strict,
    )
    if parsed.envelope is None:
        return refuse(before, settings, parsed.diagnostics)
    envelope = parsed.envelope
    done = execute(
        envelope.directives,
        with_expired(Executed(before), settings.app, settings.words),
        settings.app,
        nonce_key_id=settings.nonce_key_id,
        language=settings.context.language,
    )
    done = replace(done, diagnostics=(*parsed.diagnostics, *done.diagnostics))
    if any(_refuses_turn(item, settings.app) for item in done.diagnostics):
        return refuse(before, settings, done.diagnostics)
    idle = bool(envelope.directives) and done.ran == 0
    if idle:
        done = replace(done, state=before, touched=FrozenDict())
    if update == "reset" and not idle:
        live = [surface.name for surface in before.live_surfaces()]
        done = reset_surfaces(done, live, settings)
    text, repairs = clean_assistant_text(envelope.assistant_text)
    done = replace(done, diagnostics=(*done.diagnostics, *repairs))
    return finish(before, done, settings, text, idle=idle)


def snapshot(
    state: UIState,
    *,
    app: UIApp | None = None,
    backend: str = "a2ui-v0.8",
    client: ClientProfile | None = None,
    turn: TurnContext | None = None,
) -> CompileResult:
    """Everything a client that lost all needs: every live surface, with the last known draft.

    Each speaks the language it was last sent in, whatever the turn's.

    It is whole: limits of a response do not hold, `max_live_surfaces` and those of each surface do.

    Args:
        state: The state to show; it does not change.
        app: As for `compile`.
        backend: As for `compile`.
        client: As for `compile`.
        turn: As for `compile`.
    """
    settings = resolve(app, state, backend, client, turn, strict=False, update="full")
    batches: list[Batch] = []
    findings: list[Diagnostic] = []
    failed: tuple[str, ...] = ()
    for live in state.live_surfaces():
        # In the language that the state knows of: what the next turn leaves out must be there.
        own = replace(settings, context=replace(settings.context, language=live.language))
        surface = presented(live, own.app, own.words)
        result = own.backend.first(surface, own.settings(state.conversation_id))
        findings.extend([*result.diagnostics, at_risk(surface, "a client lost it")])
        if result.failed:
            failed = (*failed, surface.name)
        else:
            batches.append(batch_of(settings.backend, surface, result))
    return CompileResult(
        ok=not failed,
        assistant_text="",
        state=state,
        batches=tuple(batches),
        diagnostics=tuple(findings),
        fallback=_fallback(settings, failed, findings) if failed else None,
        trace=_trace(settings, state, batches, findings),
    )


def restore(
    state: UIState,
    then: UIState,
    *,
    app: UIApp | None = None,
    backend: str = "a2ui-v0.8",
    client: ClientProfile | None = None,
    turn: TurnContext | None = None,
) -> CompileResult:
    """Show again what an earlier (or undone) state of the conversation showed.

    Views and documents come back, what was committed included; nothing outside is undone. Revisions
    and epochs rise as in any turn. A surface that `then` does not show is closed, one that was
    closed since comes back in a new epoch, a live one is brought up to date in place. Of its drafts
    only those go back that a turn in between named, with a warning: what the user typed stays, sent
    or not. A view that the app no longer has comes back as the notice that says so.

    Args:
        state: The state as it is, which the client shows.
        then: The state to show again.
        app: As for `compile`.
        backend: As for `compile`.
        client: As for `compile`.
        turn: As for `compile`.

    Returns:
        The result; there are no batches where the client shows all of `then` already.

    Raises:
        ValueError: an unknown backend, or states of different conversations.
    """
    settings = resolve(app, state, backend, client, turn, strict=False, update="auto")
    done = restored(state, then, nonce_key_id=settings.nonce_key_id)
    return finish(state, with_expired(done, settings.app, settings.words), settings, "", idle=False)


@functools.cache
def standard_app() -> UIApp:
    """The app that is meant where none is given; always the same one."""
    return UIApp.standard()


def resolve(
    app: UIApp | None,
    state: UIState | None,
    backend: str,
    client: ClientProfile | None,
    turn: TurnContext | None,
    *,
    strict: bool,
    update: Update,
) -> Turn:
    """The turn's settings with defaults filled in.

    Raises:
        ValueError: an unknown backend or update, or a state of another conversation.
    """
    _check_type("app", app, UIApp, "UIApp.load reads one")
    _check_type("client", client, ClientProfile, "see ClientProfile.named")
    if update not in ("auto", "full", "diff", "reset"):
        raise ValueError(f"unknown update {update!r}; known: auto, full, diff, reset")
    context = turn or TurnContext()
    _check_type("turn.language", context.language, str, "a tag such as 'en'")
    if has_surrogates(context.conversation_id):
        raise ValueError("a conversation_id is text that UTF-8 can carry")
    if state is not None and context.conversation_id not in ("", state.conversation_id):
        raise ValueError(
            f"the state is of conversation {state.conversation_id!r}, "
            f"the turn of {context.conversation_id!r}"
        )
    return Turn(
        app or standard_app(),
        backend_named(backend),
        client or ClientProfile.web_core(),
        context,
        strict,
        update,
    )


def _check_type(name: str, given: object, expected: type, hint: str) -> None:
    if given is not None and not isinstance(given, expected):
        found = type(given).__name__
        raise TypeError(f"{name} is a {expected.__name__}, found {found}; {hint}")


def clean_assistant_text(text: str) -> tuple[str, list[Diagnostic]]:
    """The assistant's words as any channel can carry them, and what was taken out."""
    encodable = text.encode("utf-8", "replace").decode() if has_surrogates(text) else text
    cleaned = clean(encodable)
    if cleaned == text.replace("\r\n", "\n").replace("\r", "\n"):
        return cleaned, []
    why = "took characters out of assistant_text that no text may hold"
    return cleaned, [diagnostic("DIRECTIVE_TEXT_INVISIBLE", why, pointer="/assistant_text")]


def refuse(before: UIState, turn: Turn, findings: Sequence[Diagnostic]) -> CompileResult:
    """The result when nothing could run: the state as it was, and a text for the user."""
    if turn.strict:
        raise error_for(findings)
    return CompileResult(
        ok=False,
        assistant_text="",
        state=before,
        diagnostics=tuple(findings),
        fallback=_fallback(turn, (), findings),
        trace=_trace(turn, before, (), findings),
    )


def finish(
    before: UIState, done: Executed, turn: Turn, assistant_text: str, *, idle: bool
) -> CompileResult:
    """Render what was executed and put the result together.

    Args:
        before: The state the client shows.
        done: What was executed.
        turn: The turn.
        assistant_text: What the assistant says.
        idle: Whether directives were given and none ran.
    """
    if turn.strict:
        raise_if_strict(done.diagnostics)
    rendered = render_turn(before, done, turn)
    if turn.strict:
        raise_if_strict(rendered.diagnostics)
    findings = tuple(rendered.diagnostics if idle else map(_dropped, rendered.diagnostics))
    fallback = None
    if rendered.failed or idle:
        fallback = _fallback(turn, rendered.failed, findings)
    return CompileResult(
        ok=not rendered.failed and not idle,
        assistant_text=assistant_text,
        state=rendered.state,
        batches=rendered.batches,
        effects=done.effects,
        diagnostics=findings,
        fallback=fallback,
        trace=_trace(turn, rendered.state, rendered.batches, findings),
    )


def raise_if_strict(findings: Sequence[Diagnostic]) -> None:
    """Raise when strict mode refuses any of the findings.

    Raises:
        UICompilerError: with all findings, repairs as errors.
    """
    raised = [
        replace(item, severity="error") if item.code in REPAIR_CODES else item for item in findings
    ]
    if any(item.severity == "error" for item in raised):
        raise error_for(raised)


def _refuses_turn(item: Diagnostic, app: UIApp) -> bool:
    """Whether the app wants the whole turn refused for this refused directive."""
    return item.severity == "error" and app.recovery(item.code) == "refuse"


def _dropped(item: Diagnostic) -> Diagnostic:
    """A refused directive among others that ran is a warning."""
    if item.severity == "error" and item.code.startswith("DIRECTIVE_"):
        return replace(item, severity="warning")
    return item


def _fallback(turn: Turn, surfaces: tuple[str, ...], findings: Sequence[Diagnostic]) -> Fallback:
    first = next((item.code for item in findings if item.severity == "error"), None)
    language = turn.context.language
    text = turn.app.text(first or "A2UI_C2S_CLIENT_ERROR", language=language)
    return Fallback(text, surfaces, turn.app.text("fallback.regenerate", language=language))


def _trace(
    turn: Turn, state: UIState, batches: Sequence[Batch], findings: Sequence[Diagnostic]
) -> Trace:
    return Trace(
        request_id=turn.context.request_id,
        conversation_id=state.conversation_id,
        turn_index=turn.context.turn_index,
        started_at=turn.context.now,
        strict_mode=turn.strict,
        surfaces=tuple(_surface_trace(batch) for batch in batches),
        diagnostics=tuple(findings),
        recoveries={item.code: turn.app.recovery(item.code) for item in findings},
    )


def _surface_trace(batch: Batch) -> SurfaceTrace:
    components, entries = backend_named(batch.backend).measure(batch.messages)
    return SurfaceTrace(
        batch.surface_id,
        batch.epoch,
        batch.rev,
        len(batch.messages),
        sum(map(len, batch.encoded)),
        components,
        entries,
        batch.how.update,
        batch.how.why,
    )
