"""`compile` and `snapshot`: parse, validate, execute, lower, check. Pure: same inputs, same bytes.

A turn either goes out whole or not at all, surface by surface: `render_turn` builds and checks
each touched surface's batch in memory, and a surface whose batch breaks a rule is taken away
from the client with a fallback text, while the others go out.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from uicompiler.app import ClientProfile, TurnContext, UIApp, Update
from uicompiler.backends.a2ui_v0_8.encode import map_nonces, nonce_placeholder
from uicompiler.backends.base import Backend, Message, Mode, Rendered, Settings
from uicompiler.backends.registry import backend_named
from uicompiler.directives.envelope import parse_envelope
from uicompiler.errors import Diagnostic, diagnostic, error_for
from uicompiler.executor.apply import next_epoch
from uicompiler.executor.execute import Executed, Touched, execute
from uicompiler.ir.changes import Effect
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.text import clean, has_surrogates
from uicompiler.ir.values import FrozenDict
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
class Batch:
    """All messages of one surface in one turn; they go out together or not at all.

    Attributes:
        surface: The surface's name.
        surface_id: Its id on the wire.
        epoch: Its epoch.
        rev: The revision the client has after it.
        messages: In order.
        encoded: The same as compact JSON lines without line ends, UTF-8.
    """

    surface: str
    surface_id: str
    epoch: int
    rev: int
    messages: tuple[Message, ...]
    encoded: tuple[bytes, ...]

    def to_dict(self) -> dict[str, Any]:
        """The batch as a JSON object."""
        return {
            "surface": self.surface,
            "surface_id": self.surface_id,
            "epoch": self.epoch,
            "rev": self.rev,
            "messages": list(self.messages),
        }


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
        html: Markup by surface; empty for A2UI backends.
    """

    ok: bool
    assistant_text: str
    state: UIState
    batches: tuple[Batch, ...] = ()
    effects: tuple[Effect, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    fallback: Fallback | None = None
    trace: Trace = field(default_factory=Trace)
    html: Mapping[str, str] = field(default_factory=FrozenDict)

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages of all batches, in order."""
        return tuple(message for batch in self.batches for message in batch.messages)

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


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything that holds for one turn, with defaults filled in."""

    app: UIApp
    backend: Backend
    client: ClientProfile
    context: TurnContext
    strict: bool
    update: Update

    @property
    def nonce_key_id(self) -> str | None:
        """Key id that new surfaces remember."""
        return None if self.context.signer is None else self.context.signer.key_id

    def settings(self, conversation_id: str) -> Settings:
        """What the backend is handed."""
        signer = self.context.signer

        def nonce(surface: Surface) -> str:
            # Only reached with a signer; the surface's own key id survives key rotation.
            assert signer is not None  # noqa: S101  # narrows for the type checker
            key_id = surface.nonce_key_id or signer.key_id
            return signer.nonce(conversation_id, surface.name, surface.epoch, key_id)

        return Settings(
            client=self.client,
            catalog=self.app.catalog,
            limits=self.app.limits,
            actions=frozenset(self.app.actions),
            url_schemes=self.app.url_schemes,
            nonce=None if signer is None else nonce,
            strict=self.strict,
            lowerings=self.app.lowerings.get(self.backend.name, {}),
        )


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
        backend: `a2ui-v0.8`.
        client: What the client really does; `ClientProfile.web_core()` by default.
        turn: Ids, time and secrets of this turn.
        strict: Raise on every refusal and every repair instead of going on.
        update: How a live surface is brought up to date: `full` sends its components again,
            `diff` only what changed, `reset` builds every live surface anew in a new epoch,
            `auto` chooses.

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
    done = execute(envelope.directives, before, settings.app, nonce_key_id=settings.nonce_key_id)
    done = replace(done, diagnostics=(*parsed.diagnostics, *done.diagnostics))
    if update == "reset":
        done = reset_surfaces(done, [s.name for s in done.state.live_surfaces()], settings)
    given = len(envelope.directives)
    text, repairs = clean_assistant_text(envelope.assistant_text)
    done = replace(done, diagnostics=(*done.diagnostics, *repairs))
    return finish(before, done, settings, text, idle=given > 0 and done.ran == 0)


def snapshot(
    state: UIState,
    *,
    app: UIApp | None = None,
    backend: str = "a2ui-v0.8",
    client: ClientProfile | None = None,
    turn: TurnContext | None = None,
) -> CompileResult:
    """Everything a client that lost all needs: every live surface, with the last known draft.

    Args:
        state: The state to show; it does not change.
        app: As for `compile`.
        backend: As for `compile`.
        client: As for `compile`.
        turn: As for `compile`.
    """
    settings = resolve(app, state, backend, client, turn, strict=False, update="full")
    rendered = [
        (surface, settings.backend.first(surface, settings.settings(state.conversation_id)))
        for surface in state.live_surfaces()
    ]
    findings: list[Diagnostic] = []
    for surface, result in rendered:
        findings.extend(result.diagnostics)
        findings.append(_at_risk(surface, "a client lost it"))
    failed = tuple(surface.name for surface, result in rendered if result.failed)
    batches = [
        _batch(settings.backend, surface, result)
        for surface, result in rendered
        if not result.failed
    ]
    return CompileResult(
        ok=not failed,
        assistant_text="",
        state=state,
        batches=tuple(batches),
        diagnostics=tuple(findings),
        fallback=_fallback(settings.app, failed, findings) if failed else None,
        trace=_trace(settings, state, batches, findings),
    )


@functools.cache
def _standard_app() -> UIApp:
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
    if update not in ("auto", "full", "diff", "reset"):
        raise ValueError(f"unknown update {update!r}; known: auto, full, diff, reset")
    context = turn or TurnContext()
    if has_surrogates(context.conversation_id):
        raise ValueError("a conversation_id is text that UTF-8 can carry")
    if state is not None and context.conversation_id not in ("", state.conversation_id):
        raise ValueError(
            f"the state is of conversation {state.conversation_id!r}, "
            f"the turn of {context.conversation_id!r}"
        )
    return Turn(
        app or _standard_app(),
        backend_named(backend),
        client or ClientProfile.web_core(),
        context,
        strict,
        update,
    )


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
        fallback=_fallback(turn.app, (), findings),
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
        fallback = _fallback(turn.app, rendered.failed, findings)
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


def _dropped(item: Diagnostic) -> Diagnostic:
    """A refused directive among others that ran is a warning."""
    if item.severity == "error" and item.code.startswith("DIRECTIVE_"):
        return replace(item, severity="warning")
    return item


def reset_surfaces(done: Executed, names: Sequence[str], turn: Turn) -> Executed:
    """Give surfaces a new epoch; the last known draft is seeded again."""
    state, touched = done.state, dict(done.touched)
    findings = list(done.diagnostics)
    for name in names:
        surface = state.surfaces[name]
        state = state.with_surface(next_epoch(surface, turn.nonce_key_id))
        touched[name] = touched.get(name, Touched())
        findings.append(_at_risk(surface, "it was reset"))
    return replace(done, state=state, touched=FrozenDict(touched), diagnostics=tuple(findings))


@dataclass(frozen=True, slots=True)
class RenderedTurn:
    """The batches of a turn and the state once they are out."""

    state: UIState
    batches: tuple[Batch, ...]
    diagnostics: tuple[Diagnostic, ...]
    failed: tuple[str, ...]


def render_turn(before: UIState, done: Executed, turn: Turn) -> RenderedTurn:
    """Build, check and size-guard the batch of every touched surface."""
    state = done.state
    findings = list(done.diagnostics)
    batches: list[Batch] = []
    failed: list[str] = []
    settings = turn.settings(state.conversation_id)
    for name, touched in done.touched.items():
        old, new = before.surfaces.get(name), state.surfaces[name]
        if _needs_reset(old, new, turn):
            new = next_epoch(new, turn.nonce_key_id)
            findings.append(_at_risk(new, "the client shows no updates"))
        rendered = _render(old, new, touched, turn, settings)
        rendered = _within_response(rendered, batches, turn)
        findings.extend(rendered.diagnostics)
        if rendered.failed:
            failed.append(name)
            state, rendered = _failed(old, new, state, turn)
        else:
            state = state.with_surface(rendered.surface if rendered.messages else new)
        if rendered.messages:
            batches.append(_batch(turn.backend, rendered.surface, rendered))
    return RenderedTurn(state, tuple(batches), tuple(findings), tuple(failed))


def _needs_reset(old: Surface | None, new: Surface, turn: Turn) -> bool:
    live = old is not None and old.live and old.epoch == new.epoch
    return live and not turn.client.incremental and old != new


def _render(
    old: Surface | None, new: Surface, touched: Touched, turn: Turn, settings: Settings
) -> Rendered:
    raised = replace(new, rev=new.rev + 1)
    if old is None or not old.live or old.epoch != new.epoch:
        rendered = turn.backend.first(raised, settings)
        if old is None or not old.live or rendered.failed:
            return rendered
        gone = turn.backend.delete(old)
        return replace(
            rendered,
            messages=(*gone.messages, *rendered.messages),
            encoded=(*gone.encoded, *rendered.encoded),
        )
    mode: Mode = "full" if turn.update == "reset" else turn.update
    rendered = turn.backend.update(
        old, raised, written=touched.written, mode=mode, settings=settings
    )
    # A turn that ran counts, even when it changed nothing a client shows: `rev` says so.
    said = len(rendered.messages) > 1 or not touched.quiet or rendered.failed
    return rendered if said else Rendered(new)


def _within_response(rendered: Rendered, batches: Sequence[Batch], turn: Turn) -> Rendered:
    limits = turn.app.limits
    if rendered.failed or not rendered.messages:
        return rendered
    totals = {
        "max_surfaces_per_response": len(batches) + 1,
        "max_messages_per_response": len(rendered.messages)
        + sum(len(batch.messages) for batch in batches),
        "max_bytes_per_response": sum(map(len, rendered.encoded))
        + sum(len(line) for batch in batches for line in batch.encoded),
    }
    found = tuple(
        diagnostic(
            "A2UI_S2C_LIMIT_EXCEEDED",
            f"{name} is {getattr(limits, name)}, the response would reach {actual}",
            hint="show less in one turn",
            surface_id=rendered.surface.name,
        )
        for name, actual in totals.items()
        if actual > getattr(limits, name)
    )
    return replace(rendered, diagnostics=(*rendered.diagnostics, *found)) if found else rendered


def _failed(
    old: Surface | None, new: Surface, state: UIState, turn: Turn
) -> tuple[UIState, Rendered]:
    """The state after a surface failed, and the batch that takes it away from the client."""
    if old is None:
        others = {name: item for name, item in state.surfaces.items() if name != new.name}
        return replace(state, surfaces=FrozenDict(others)), Rendered(new)
    if not old.live:
        return state.with_surface(replace(old, data=new.data)), Rendered(old)
    gone = replace(old, status="failed", rev=old.rev + 1, data=new.data, boxes=FrozenDict())
    return state.with_surface(gone), replace(turn.backend.delete(old), surface=gone)


def _batch(backend: Backend, surface: Surface, rendered: Rendered) -> Batch:
    return Batch(
        surface.name,
        backend.surface_id(surface),
        surface.epoch,
        surface.rev,
        rendered.messages,
        rendered.encoded,
    )


def _fallback(app: UIApp, surfaces: tuple[str, ...], findings: Sequence[Diagnostic]) -> Fallback:
    first = next((item.code for item in findings if item.severity == "error"), None)
    text = app.text(first or "A2UI_S2C_LIMIT_EXCEEDED")
    return Fallback(text, surfaces, app.text("fallback.regenerate"))


def _at_risk(surface: Surface, why: str) -> Diagnostic:
    return diagnostic(
        "A2UI_S2C_DRAFT_AT_RISK",
        f"surface {surface.name!r} is built anew, since {why}; "
        "what was typed since the last action is not known here",
        surface_id=surface.name,
    )


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
    )


def _surface_trace(batch: Batch) -> SurfaceTrace:
    components = sum(
        len(message["surfaceUpdate"]["components"])
        for message in batch.messages
        if "surfaceUpdate" in message
    )
    entries = sum(
        len(message["dataModelUpdate"]["contents"])
        for message in batch.messages
        if "dataModelUpdate" in message
    )
    return SurfaceTrace(
        batch.surface_id,
        batch.epoch,
        batch.rev,
        len(batch.messages),
        sum(map(len, batch.encoded)),
        components,
        entries,
    )


def redacted(batch: Batch, key_id: str | None) -> dict[str, Any]:
    """A batch as it may be stored: every nonce replaced by its placeholder."""
    placeholder = nonce_placeholder(key_id or "", batch.epoch)
    messages = map_nonces(batch.messages, lambda _nonce: placeholder)
    return {**batch.to_dict(), "messages": messages}
