"""`dispatch`: the way back. Accept an event, let the app decide, execute, compile. Pure.

What the user sent is kept in the draft whatever comes of it, and is never written back over
what the user may have typed since. Only the app's outcome writes to `/committed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

import orjson

from uicompiler.app import (
    Action,
    ClientProfile,
    ContextKind,
    Handler,
    Outcome,
    Receipt,
    StateView,
    ToolCall,
    TurnContext,
    UIApp,
)
from uicompiler.canonical import sha256_hex
from uicompiler.compiler import CompileResult, Fallback, finish, refuse, resolve
from uicompiler.errors import CODES, Diagnostic, DirectiveError, diagnostic
from uicompiler.executor.execute import Executed, Touched, execute, execute_changes
from uicompiler.executor.expiry import with_expired
from uicompiler.executor.flow import Findings, judged, own_changes, show_step, step_with
from uicompiler.ingress.accept import (
    Accepted,
    Continued,
    Refused,
    Repeated,
    Wire,
    accept,
)
from uicompiler.ir import data
from uicompiler.ir.changes import Commit, Effect
from uicompiler.ir.fields import SECRET_HANDLE, Problem, typed
from uicompiler.ir.reserved import ERRORS_PLACE, OWN_ACTIONS
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.values import FrozenDict, Json, freeze, thaw
from uicompiler.pointer import join
from uicompiler.rendering import Batch, Turn, redacted, reset_surfaces
from uicompiler.trace import Trace


@dataclass(frozen=True)
class StepResult(CompileResult):
    """What an event came to: a `CompileResult`, and the way back.

    Attributes:
        action: What the user did, typed; None when refused, or when a field needs attention.
        outcome: What the app's handler decided, when one ran.
        tool_calls: Tools for the edge; send their results through `dispatch` again.
        field_errors: By field id, what the user reads beside it.
        receipt: To be stored in the same transaction as `state`; None when refused.
        repeated: Whether this is the first answer to an event that came again.
        secrets: By handle, what was typed into secret fields: for a vault, never for state, log
            or receipt; `to_dict` leaves it out.
    """

    action: Action | None = None
    outcome: Outcome | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    field_errors: Mapping[str, str] = field(default_factory=FrozenDict)
    receipt: Receipt | None = None
    repeated: bool = False
    secrets: Mapping[str, str] = field(default_factory=FrozenDict, repr=False)

    @property
    def status(self) -> int:
        """HTTP status: 200, 422 with field errors, 500 for an app's bug, or the refusal's."""
        if self.ok and not self.field_errors:
            return 200
        if self.field_errors:
            return 422
        if self.action is not None and self.fallback is not None and not self.fallback.surfaces:
            return 500  # the handler's directives were all refused: the app's own bug
        statuses = [CODES[item.code].status for item in self.diagnostics]
        return next((status for status in statuses if status is not None), 200)

    def to_dict(self) -> dict[str, Any]:
        """Everything as a JSON object."""
        return {
            **super().to_dict(),
            "action": None if self.action is None else self.action.to_dict(),
            "outcome": None if self.outcome is None else self.outcome.to_dict(),
            "tool_calls": [call.to_dict() for call in self.tool_calls],
            "field_errors": dict(self.field_errors),
            "receipt": None if self.receipt is None else self.receipt.to_dict(),
            "repeated": self.repeated,
        }


def dispatch(
    event: str | bytes | Mapping[str, Any],
    *,
    state: UIState,
    app: UIApp | None = None,
    turn: TurnContext | None = None,
    client: ClientProfile | None = None,
    tool_results: Mapping[str, Json] | None = None,
    backend: str = "a2ui-v0.8",
    strict: bool = False,
) -> StepResult:
    """Take one client event and give what goes back.

    Args:
        event: `{"userAction": …}` or `{"error": …}`, as text or object.
        state: The state the last turn or step gave.
        app: The app whose handlers decide.
        turn: Signer, idempotency key and receipts of this request.
        client: What the client really does.
        tool_results: Results of `tool_calls`, by call id: the same event, continued.
        backend: The backend the client is served by.
        strict: Raise instead of refusing.

    Returns:
        The step; when the event was refused, `state` is the given one and `ok` is false.

    Raises:
        UICompilerError: with `strict` only.
        Exception: whatever the app's own handler raises; it is never swallowed.
    """
    return dispatch_with(
        event,
        state=state,
        turn=resolve(app, state, backend, client, turn, strict=strict, update="auto"),
        tool_results=tool_results,
    )


def dispatch_with(
    event: str | bytes | Mapping[str, Any],
    *,
    state: UIState,
    turn: Turn,
    tool_results: Mapping[str, Json] | None = None,
    handler: Handler | None = None,
    recorded: bool = False,
) -> StepResult:
    """As `dispatch`, for what replays logs.

    Args:
        event: As for `dispatch`, like what is not named here.
        state: See there.
        turn: The turn with its settings filled in.
        tool_results: See there.
        handler: Decides instead of the app's own.
        recorded: Whether the event is from a log, where `REDACTED` stands for secrets.
    """
    spoken = turn.backend
    wire = Wire(spoken.address, spoken.buttons, spoken.sent, spoken.decode, recorded)
    accepted = accept(
        event,
        state=state,
        app=turn.app,
        turn=turn.context,
        wire=wire,
        tool_results=tool_results,
    )
    if isinstance(accepted, Refused):
        return _step(refuse(state, turn, accepted.diagnostics))
    if isinstance(accepted, Repeated):
        return _first_answer(accepted.receipt, state, turn)
    if isinstance(accepted, Continued):
        done = with_expired(Executed(state), turn.app, turn.words)
        action = replace(
            Action(**accepted.action),
            idempotency_key=accepted.key,
            tool_results=freeze(tool_results),
        )
        return _receipted(_decided(action, done, state, turn, handler), accepted, turn)
    if accepted.button is None:
        return _receipted(_reset_for_error(accepted, state, turn), accepted, turn)
    step = _act(accepted, accepted.surface, state, turn, tool_results, handler)
    return _receipted(step, accepted, turn)


def _act(
    accepted: Accepted,
    surface: Surface | None,
    state: UIState,
    turn: Turn,
    tool_results: Mapping[str, Json] | None,
    handler: Handler | None,
) -> StepResult:
    if surface is None or accepted.button is None:
        raise AssertionError("an accepted action has its surface and button")
    found = _judged(accepted, surface, turn)
    handles = _handles(accepted, found, state)
    learned = _learned(surface, accepted, handles)
    done = Executed(
        state.with_surface(learned), touched=FrozenDict({learned.name: Touched(quiet=True)})
    )
    done = with_expired(done, turn.app, turn.words)
    secrets = {handle: str(accepted.secrets[name]) for name, handle in handles.items()}
    if accepted.button.check and not found.ok:
        return replace(_with_field_errors(found, learned, done, state, turn), secrets=secrets)
    # What a form posts with a button that sends no fields is learned, and not the action's.
    values = FrozenDict({**found.values, **handles} if accepted.button.submit else {})
    action = _action(accepted, learned, values, tool_results)
    misfits = _misfits(action, turn.app)
    if misfits:
        return _step(refuse(state, turn, misfits))
    return replace(_decided(action, done, state, turn, handler), secrets=secrets)


def _judged(accepted: Accepted, surface: Surface, turn: Turn) -> Findings:
    """What was sent, held against its rules; nothing for a button that sends no fields."""
    if accepted.button is None or not accepted.button.submit:
        return Findings()
    sent = replace(surface, data=data.with_entry(surface.data, "draft", accepted.draft))
    return judged(sent, turn.app, final=accepted.name not in OWN_ACTIONS)


_FITS: Final[Mapping[ContextKind, Callable[[Json], bool]]] = MappingProxyType(
    {
        "text": lambda value: isinstance(value, str),
        "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
        "boolean": lambda value: isinstance(value, bool),
        "list": lambda value: isinstance(value, (list, tuple)),
        "object": lambda value: isinstance(value, dict),
        "any": lambda value: True,
    }
)


def _misfits(action: Action, app: UIApp) -> list[Diagnostic]:
    """Values an action is about to get that are not what it declares, unless left empty."""
    spec = app.actions.get(action.name)
    if spec is None or spec.context is None:
        return []
    given = {**action.context, **action.args}
    wrong = [name for name in given if name not in spec.context]
    wrong += [
        name
        for name, kind in spec.context.items()
        if given.get(name) is not None and not _FITS[kind](given[name])
    ]
    return [
        diagnostic(
            "A2UI_C2S_CONTEXT_INVALID",
            f"the action {action.name!r} takes {spec.context.get(name, 'no such value')}",
            pointer=join(("userAction", "context", name)),
            hint="declare it under the action's context, or send another field",
        )
        for name in wrong
    ]


def _handles(accepted: Accepted, found: Findings, state: UIState) -> dict[str, str]:
    """By field id, the opaque text that stands for a secret; it says nothing of the secret.

    A secret that broke a rule gets none: its handle would pass for one that did not.
    """
    return {
        name: SECRET_HANDLE + sha256_hex([state.conversation_id, accepted.key, name])[:32]
        for name, typed_in in accepted.secrets.items()
        if name not in found.messages and _keeps_rules(name, typed_in, accepted.surface)
    }


def _keeps_rules(name: str, typed_in: Json, surface: Surface | None) -> bool:
    """Whether a secret keeps to its own rules, whatever else is wrong."""
    item = None if surface is None else surface.inputs_by_id.get(name)
    return item is None or typed(item.field, typed_in).problem is None


def _with_field_errors(
    found: Findings, surface: Surface, done: Executed, before: UIState, turn: Turn
) -> StepResult:
    """The step in which something is wrong, shown with what the user is to mend."""
    texts = {
        **{name: _problem_text(problem, turn) for name, problem in found.problems.items()},
        **found.messages,
    }
    shown = None if surface.view is None else surface.view.step
    if found.step is not None and found.step != shown:
        changes = show_step(surface, found.step, turn.app, turn.words)
        done = execute_changes(changes, done, turn.app, nonce_key_id=turn.nonce_key_id)
    marked = _with_errors(done.state.surfaces[surface.name], texts)
    findings = (*done.diagnostics, *_field_findings(found))
    done = replace(done, state=done.state.with_surface(marked), diagnostics=findings)
    step = _step(finish(before, done, turn, "", idle=False))
    return replace(step, field_errors=FrozenDict(texts))


def _decided(
    action: Action, done: Executed, before: UIState, turn: Turn, handler: Handler | None
) -> StepResult:
    """The step an action leads to, once its handler, or the library itself, has decided."""
    if action.name in OWN_ACTIONS:
        done = _own(action, done, turn)
        return replace(_step(finish(before, done, turn, "", idle=False)), action=action)
    decide = handler or turn.app.actions[action.name].handler
    outcome = Outcome() if decide is None else decide(action, StateView(done.state, action.surface))
    _check_outcome(outcome, action)
    done = _carry_out(outcome, action.surface, done, turn)
    idle = bool(outcome.directives) and done.ran == 0
    step = _step(finish(before, done, turn, "", idle=idle))
    return replace(
        step,
        trace=replace(step.trace, run_mode=turn.app.actions[action.name].run_mode),
        action=action,
        outcome=outcome if decide is not None else None,
        tool_calls=tuple(outcome.tool_calls),
        field_errors=outcome.field_errors,
    )


def _check_outcome(outcome: object, action: Action) -> None:
    if not isinstance(outcome, Outcome):
        kind = type(outcome).__name__
        raise TypeError(f"the handler of {action.name!r} gave a {kind}, expected an Outcome")


def _own(action: Action, done: Executed, turn: Turn) -> Executed:
    """One of the library's own actions, carried out."""
    surface = done.state.surfaces[action.surface]
    try:
        changes = own_changes(action, surface, turn.app, turn.words)
        return execute_changes(changes, done, turn.app, nonce_key_id=turn.nonce_key_id)
    except DirectiveError as exc:
        # A row that cannot be added: nothing happens, and the host can read why.
        return replace(done, diagnostics=(*done.diagnostics, *exc.diagnostics))


def _action(
    accepted: Accepted,
    surface: Surface,
    values: Mapping[str, Json],
    tool_results: Mapping[str, Json] | None,
) -> Action:
    args = freeze({}) if accepted.button is None else accepted.button.args
    return Action(
        name=accepted.name,
        surface=surface.name,
        context=values,
        args=args,
        row=accepted.row,
        component_id=accepted.component_id,
        timestamp=accepted.timestamp,
        idempotency_key=accepted.key,
        tool_results=None if tool_results is None else freeze(tool_results),
    )


def _carry_out(outcome: Outcome, surface: str, done: Executed, turn: Turn) -> Executed:
    if outcome.field_errors:
        owner = done.state.surfaces[surface]
        step = step_with(owner, outcome.field_errors, turn.app)
        if step is not None and owner.live:
            changes = show_step(owner, step, turn.app, turn.words)
            done = execute_changes(changes, done, turn.app, nonce_key_id=turn.nonce_key_id)
        marked = _with_errors(done.state.surfaces[surface], outcome.field_errors)
        # After tool results nothing has touched the surface yet.
        touched = {surface: Touched(quiet=True), **done.touched} if marked.live else done.touched
        state = done.state.with_surface(marked)
        done = replace(done, state=state, touched=FrozenDict(touched))
    if outcome.commit:
        done = execute_changes([Commit(surface, outcome.commit)], done, turn.app)
    if not outcome.directives:
        return done
    return execute(
        [_as_json(item) for item in outcome.directives],
        done,
        turn.app,
        nonce_key_id=turn.nonce_key_id,
        language=turn.context.language,
    )


def _as_json(item: Mapping[str, Json]) -> Json:
    """A directive of a handler's as the JSON it stands for: an enum, say, as its value.

    What has no form in JSON stays, and is refused where it is read.
    """
    plain = thaw(item)
    try:
        return orjson.loads(orjson.dumps(plain))
    except orjson.JSONEncodeError:
        return plain


def _learned(surface: Surface, accepted: Accepted, handles: Mapping[str, str]) -> Surface:
    """The surface with what the user sent in its draft, and no field errors; no secret stays."""
    draft, before = accepted.draft, surface.data["draft"]
    if accepted.secrets or handles:
        left = {name: before[name] for name in accepted.secrets}
        draft = FrozenDict({**draft, **left, **handles})
    document = data.with_entry(surface.data, "draft", draft)
    return _with_errors(replace(surface, data=document, error_resets=0), {})


def _with_errors(surface: Surface, errors: Mapping[str, str]) -> Surface:
    known, nodes = surface.inputs_by_id, surface.editables_by_id
    shown = {name: text for name, text in errors.items() if name in known or name in nodes}
    if not shown:
        return replace(surface, data=data.delete_at(surface.data, ERRORS_PLACE))
    return replace(surface, data=data.set_at(surface.data, ERRORS_PLACE, shown))


def _problem_text(problem: Problem, turn: Turn) -> str:
    key = f"field.{problem.reason}"
    return turn.app.text(key, language=turn.context.language, limit=problem.limit)


def _field_findings(found: Findings) -> list[Diagnostic]:
    said = {name: f"{p.reason} {p.limit}".rstrip() for name, p in found.problems.items()}
    said |= dict.fromkeys(found.messages, "between fields")
    return [
        diagnostic(
            "A2UI_C2S_FIELD_INVALID",
            f"the field {name!r} breaks its rule {rule}",
            pointer=join(("userAction", "context", name)),
            hint="the user sees why and keeps what was typed",
        )
        for name, rule in said.items()
    ]


def _reset_for_error(accepted: Accepted, state: UIState, turn: Turn) -> StepResult:
    """Build the surface a client reported an error for anew, or every live one."""
    named = accepted.surface
    hit = list(state.live_surfaces()) if named is None else [named]
    finding = diagnostic(
        "A2UI_C2S_CLIENT_ERROR",
        "the client reported an error; its surfaces are built anew",
        pointer="/error",
    )
    recovery = turn.app.recovery(finding.code)
    limit = turn.app.limits.max_error_resets if recovery == "epoch_reset" else 0
    done = with_expired(Executed(state, diagnostics=(finding,)), turn.app, turn.words)
    if recovery in ("soft_fail", "report"):
        return _step(finish(state, done, turn, "", idle=False))
    done = reset_surfaces(done, [s.name for s in hit if s.error_resets < limit], turn)
    for surface in hit:
        counted = replace(done.state.surfaces[surface.name], error_resets=surface.error_resets + 1)
        done = replace(done, state=done.state.with_surface(counted))
    worn_out = [surface.name for surface in hit if surface.error_resets >= limit]
    gone = {name: Touched(gone=True) for name in worn_out}
    done = replace(done, touched=FrozenDict({**done.touched, **gone}))
    return _step(finish(state, done, turn, "", idle=False))


def _step(result: CompileResult) -> StepResult:
    return StepResult(**{item.name: getattr(result, item.name) for item in fields(CompileResult)})


def _receipted(step: StepResult, accepted: Accepted | Continued, turn: Turn) -> StepResult:
    # A state is long, and no part of an answer.
    answer = replace(step, state=UIState(), trace=Trace()).to_dict()
    del answer["state"], answer["trace"], answer["receipt"], answer["repeated"]
    surfaces = step.state.surfaces
    answer["batches"] = [
        redacted(batch, surfaces[batch.surface].nonce_key_id or turn.nonce_key_id)
        for batch in step.batches
    ]
    stored = Receipt(accepted.key, accepted.payload_hash, freeze(answer), accepted.hidden)
    return replace(step, receipt=stored)


def _first_answer(receipt: Receipt, state: UIState, turn: Turn) -> StepResult:
    """The step a receipt tells of, on the state as it is now.

    Batches of surfaces that have moved on since stay away: a client takes the snapshot then.
    """
    answer = thaw(receipt.answer)
    fallback = answer["fallback"]
    return StepResult(
        ok=answer["ok"],
        assistant_text=answer["assistant_text"],
        state=state,
        batches=tuple(
            _signed(item, state, turn) for item in answer["batches"] if _is_current(item, state)
        ),
        effects=tuple(Effect(item["kind"], freeze(item["data"])) for item in answer["effects"]),
        diagnostics=tuple(Diagnostic(**item) for item in answer["diagnostics"]),
        fallback=None
        if fallback is None
        else Fallback(fallback["text"], tuple(fallback["surfaces"]), fallback["regenerate"]),
        action=None if answer["action"] is None else Action(**freeze(answer["action"])),
        outcome=None if answer["outcome"] is None else Outcome.from_dict(answer["outcome"]),
        tool_calls=tuple(
            ToolCall(call["id"], call["name"], freeze(call["arguments"]))
            for call in answer["tool_calls"]
        ),
        field_errors=freeze(answer["field_errors"]),
        receipt=receipt,
        repeated=True,
    )


def _is_current(item: Mapping[str, Any], state: UIState) -> bool:
    """Whether a stored batch still leads to what is shown; an older one would turn it back."""
    surface = state.surfaces.get(item["surface"])
    return surface is not None and (surface.epoch, surface.rev) == (item["epoch"], item["rev"])


def _signed(item: Mapping[str, Any], state: UIState, turn: Turn) -> Batch:
    """A stored batch with its nonces derived again from their placeholders."""
    signer = turn.context.signer

    def derive(placeholder: str) -> str:
        if signer is None or not placeholder.startswith("nonce:"):
            return placeholder
        key_id, _, epoch = placeholder.removeprefix("nonce:").rpartition(":")
        return signer.nonce(state.conversation_id, item["surface"], int(epoch), key_id)

    messages = turn.backend.map_nonces(item["messages"], derive)
    return Batch(
        item["surface"],
        item["surface_id"],
        item["epoch"],
        item["rev"],
        messages,
        tuple(orjson.dumps(message) for message in messages),
        turn.backend.name,
    )
