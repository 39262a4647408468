"""Re-running recorded conversations: the same inputs through today's code, compared with the log.

Pure. A model record is compiled again, an action or error dispatched again, a restore done again;
handlers and tools are never called, since their recorded outcomes stand in. Nonces are not in a
log: a signer that derives the placeholders themselves takes the place of the host's, so a
placeholder counts as verified. A turn of which something was taken out later cannot be run, nor
what comes after it, until a state record says how things were.

Source: DESIGN sections 3 ("Files") and 12.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Final

from uicompiler.app import Action, Outcome, Receipt, StateView, TurnContext, UIApp, Update
from uicompiler.backends.base import Message
from uicompiler.backends.registry import backend_named
from uicompiler.compiler import CompileResult, compile, resolve, restore
from uicompiler.conversation import (
    CAUSES,
    Kind,
    Raw,
    Record,
    Source,
    action_record,
    batch_records,
    client_from_json,
    dump,
    edit_record,
    error_record,
    invalid_record,
    is_redacted,
    library_version,
    limits_from_json,
    meta_record,
    model_record,
    outcome_record,
    read_log,
    restore_record,
    restore_records,
    state_record,
    step_records,
    turn_records,
)
from uicompiler.dispatcher import StepResult, dispatch_with
from uicompiler.errors import Diagnostic, DirectiveError, StoreError, diagnostic
from uicompiler.ir.reserved import NONCE_KEY, PRESS, nonce_placeholder
from uicompiler.ir.state import IR_VERSION, UIState
from uicompiler.ir.values import Json
from uicompiler.pointer import join
from uicompiler.rendering import Turn
from uicompiler.semantic_diff import Difference, diff_batches

__all__ = [
    "Record",
    "ReplayResult",
    "ReplayTurn",
    "action_record",
    "batch_records",
    "dump",
    "edit_record",
    "error_record",
    "meta_record",
    "model_record",
    "outcome_record",
    "read_log",
    "recorded_app",
    "restore_record",
    "restore_records",
    "run",
    "state_record",
    "step_records",
    "turn_records",
    "update",
]

_BATCH_KEYS: Final = ("surface", "surface_id", "epoch", "rev", "messages")
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class ReplayTurn:
    """One cause, run again.

    Attributes:
        number: Counts the turns of the log, from 1.
        line: The cause's line in the log.
        kind: model, action, error or restore.
        result: What it came to now; a `StepResult` for events.
        recorded: The batches the log has for it.
        differences: What would go out differently now.
        refusal: "is refused now: <code>" of a turn that was taken in the log, "is taken now, …" of
            one that was not; "" where that is as it was.
    """

    number: int
    line: int
    kind: Kind
    result: CompileResult
    recorded: tuple[Mapping[str, Json], ...]
    differences: tuple[Difference, ...] = ()
    refusal: str = ""

    @property
    def title(self) -> str:
        """The turn in words, such as `turn 3 (action, line 12)`."""
        return f"turn {self.number} ({self.kind}, line {self.line})"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a log came to.

    Attributes:
        turns: Every model, action, error and restore record that was run, in order.
        state: The state in the end; after the last turn that was run, where later ones were not.
        diagnostics: REPLAY_APP_CHANGED, REPLAY_REDACTED where turns were left out, and for each
            turn of which it is true REPLAY_DIFFERS and REPLAY_REFUSED.
        left_out: Lines of the causes that were not run, since something was taken out of the log.
    """

    turns: tuple[ReplayTurn, ...]
    state: UIState
    diagnostics: tuple[Diagnostic, ...] = ()
    left_out: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything that was compared is equal."""
        return not any(item.severity == "error" for item in self.diagnostics)

    @property
    def first_difference(self) -> ReplayTurn | None:
        """The first turn that differs."""
        return next((turn for turn in self.turns if turn.differences), None)

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages of all turns, in order; nonces are placeholders."""
        return tuple(message for turn in self.turns for message in turn.result.messages)

    def jsonl(self) -> bytes:
        """All messages as JSON Lines."""
        return b"".join(turn.result.jsonl() for turn in self.turns)


def run(
    log: Source | Iterable[Record], app: UIApp | str | Path, *, check: bool = True
) -> ReplayResult:
    """Run a log again and compare what goes out with what went out.

    Args:
        log: JSON Lines, the path of a file of them, or records.
        app: The app, or where it is.
        check: Whether to compare with the recorded batches.

    Raises:
        StoreError: REPLAY_RECORD_INVALID, with line and pointer of every problem; also when the log
            cannot be read. Whatever a log holds, nothing else is raised.
        AppError: `app` is a place without an app.
    """
    return _replayed(list(_groups(read_log(log))), _loaded(app), check=check)


def update(
    log: Source | Iterable[Record], app: UIApp | str | Path, *, refused: bool = False
) -> bytes:
    """The log with its batches, the app's hash and the versions as they are now.

    Inputs, outcomes and states stay; batches follow the record that caused them, its outcome
    first. What was redacted stays so, and the batches of turns that cannot be run stay as well.

    Args:
        log: As for `run`.
        app: As for `run`.
        refused: Whether to write a log also where turns that were taken are refused now, or the
            other way round; what follows them tests little.

    Raises:
        StoreError: as for `run`; REPLAY_REFUSED for each turn of that kind; REPLAY_CHAINED, the
            log has a chain, and something in it would change.
        AppError: as for `run`.
    """
    records, known = read_log(log), _loaded(app)
    groups = list(_groups(records))
    turns = {turn.line: turn for turn in _replayed(groups, known, check=False).turns}
    odd = [_refused(turn) for turn in turns.values() if turn.refusal]
    if odd and not refused:
        raise StoreError(odd)
    before = [record.data for record in records]
    after = [record for group in groups for record in _rewritten(group, turns, known)]
    if not any(_CHAIN in record for record in before):
        return dump(after)
    if _unchained(before) != _unchained(after):
        raise StoreError([_chained()])
    return dump(before)


_CHAIN: Final = "chain"
"""The member that an export has, so that it verifies."""


def _unchained(records: Iterable[Mapping[str, Json]]) -> list[dict[str, Json]]:
    return [{name: value for name, value in record.items() if name != _CHAIN} for record in records]


def recorded_app(raw: bytes) -> str:
    """The id of the app that a log was recorded with; "" where it does not say."""
    try:
        meta = json.loads(raw.partition(b"\n")[0])
        return str(meta["app"]["id"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return ""  # whatever reads the log says what is wrong with it


def _chained() -> Diagnostic:
    return diagnostic(
        "REPLAY_CHAINED",
        "the log has its chain, which verifies it as it was: written anew it would lose that, and "
        "what the host kept",
        hint="keep it as a backup; for a test, export without --chain and --kept",
    )


def _rewritten(
    group: _Group, turns: Mapping[int, ReplayTurn], app: UIApp
) -> Iterator[Mapping[str, Json]]:
    cause = group.cause
    if cause.kind == "meta":
        library = library_version()
        known = cause.data["versions"]
        versions = {
            **known,
            "library": known["library"] if library == "unknown" else library,
            "ir": IR_VERSION,
        }
        yield {**cause.data, "app": {"id": app.id, "hash": app.hash}, "versions": versions}
    else:
        yield cause.data
    if group.outcome is not None:
        yield group.outcome.data
    if cause.line in turns:
        yield from _batches_now(turns[cause.line].result, group)
    else:
        yield from (record.data for record in group.batches)
    yield from (record.data for record in group.rest)


def _loaded(app: UIApp | str | Path) -> UIApp:
    return app if isinstance(app, UIApp) else UIApp.load(app)


# --- grouping -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """A cause or meta record and what belongs to it.

    Attributes:
        cause: The record: a cause, a meta or a state record.
        key_id: Key id of its turn's signer; None when no nonces were used.
        outcome: What the handler decided, if it ran.
        batches: What went out.
        rest: Edits until the next cause.
    """

    cause: Record
    key_id: str | None = None
    outcome: Record | None = None
    batches: list[Record] = field(default_factory=list)
    rest: list[Record] = field(default_factory=list)


def _groups(records: Sequence[Record]) -> Iterator[_Group]:
    groups: list[_Group] = []
    for record in records:
        if record.kind in (*CAUSES, "meta", "state"):
            groups.append(_Group(record))
        elif record.kind == "outcome":
            groups[-1].outcome = record
        elif record.kind == "batch":
            groups[-1].batches.append(record)
        else:
            groups[-1].rest.append(record)
    _name_keys(groups)
    return iter(groups)


def _name_keys(groups: Sequence[_Group]) -> None:
    """Tell every turn which key it signed with, from the placeholders the log holds.

    A turn without a button says nothing, and goes by the turn before it; turns before the first
    one that says something go by that one.
    """
    said = [_key_said(group) for group in groups]
    current = next((key for key in said if key is not None), "") or None
    for group, key in zip(groups, said, strict=True):
        current = current if key is None else key or None
        group.key_id = current


def _key_said(group: _Group) -> str | None:
    """The key id of a group's turn, as it says or as its batches show.

    Of batches: "" for buttons without nonces; None for no button.

    A first render shows the key of the time; an update repeats the one its surface began with.
    """
    if "key_id" in group.cause.data:
        return str(group.cause.data["key_id"])
    found: str | None = None
    for record in sorted(group.batches, key=_is_first_render, reverse=True):
        for key in _button_keys(record.data["messages"]):
            if found is None or (found == "" and key):
                found = key
    return found or _key_sent(group.cause) or found


def _key_sent(cause: Record) -> str | None:
    """The key id of the nonce an action came with."""
    if cause.kind != "action":
        return None
    nonce = cause.data["event"]["userAction"]["context"].get(NONCE_KEY)
    return _key_id(nonce) or None


def _is_first_render(record: Record) -> bool:
    kinds = {kind for message in record.data["messages"] for kind in message}
    return "beginRendering" in kinds or ("replace" in kinds and "rev" not in kinds)


def _button_keys(messages: Json) -> list[str]:
    """The key id of every nonce; one "" for buttons without any."""
    places = list(_places(messages))
    found = [_key_id(place["value"].get("literalString")) for place in places if _is_nonce(place)]
    shown = [message for message in messages if "replace" in message]
    found += _keys_in_markup(shown)
    buttons = any("Button" in place for place in places)
    buttons = buttons or any(_BUTTON in message["replace"]["html"] for message in shown)
    return found or [""] * buttons


_BUTTON: Final = f' name="{PRESS}"'


def _keys_in_markup(messages: Sequence[Message]) -> list[str]:
    """Key ids in messages with markup, whose backend knows where its nonces are."""
    found: list[str] = []

    def note(nonce: str) -> str:
        found.append(_key_id(nonce))
        return nonce

    if messages:
        backend_named("html").map_nonces(messages, note)
    return found


def _places(value: Json) -> Iterator[Mapping[str, Json]]:
    """Every object in a JSON value; a log's messages may be of any shape."""
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, (list, tuple)) else ():
        yield from _places(item)


def _is_nonce(entry: Mapping[str, Json]) -> bool:
    return entry.get("key") == NONCE_KEY and isinstance(entry.get("value"), Mapping)


def _key_id(placeholder: Json) -> str:
    text = placeholder if isinstance(placeholder, str) else ""
    return text.removeprefix("nonce:").rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class _PlaceholderSigner:
    """Derives what stands for nonces in a log, so that a placeholder counts as verified."""

    key_id: str

    def nonce(self, conversation_id: str, surface_id: str, epoch: int, key_id: str) -> str:
        """The placeholder of a nonce."""
        return nonce_placeholder(key_id, epoch)


def _signer_of(group: _Group) -> _PlaceholderSigner | None:
    return None if group.key_id is None else _PlaceholderSigner(group.key_id)


# --- running --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    """What is threaded through.

    Attributes:
        app: The app, with the limits of the log.
        meta: The last meta record.
        state: The state.
        receipts: Answers to events that may come again.
        past: States of before, by the turn_index of the turn that left them; 0 is the beginning.
        cut: Whether a state record stands for turns that are not known.
        lost: Whether the state is not known, until a state record says how things are.
        count: Turns so far, the ones that were left out too.
        handled: Actions that a handler decided somewhere in the log.
    """

    app: UIApp
    handled: frozenset[str] = frozenset()
    meta: Record = field(default_factory=lambda: Record(0, {}))
    state: UIState = field(default_factory=UIState)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    past: dict[int, UIState] = field(default_factory=dict)
    cut: bool = False
    lost: bool = False
    count: int = 0
    turns: list[ReplayTurn] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)


def _replayed(groups: Sequence[_Group], app: UIApp, *, check: bool) -> ReplayResult:
    now = _Run(app, frozenset(_action_of(group) for group in groups if group.outcome is not None))
    for group in groups:
        if group.cause.kind == "meta":
            now.findings.extend(_begin(now, group.cause, app))
        elif group.cause.kind == "state":
            _go_on(now, group.cause)
        else:
            now.count += 1
            _lose(now, group)
            if now.lost:
                now.left_out.append(group.cause.line)
            else:
                _run_turn(now, group, check=check)
    return ReplayResult(
        tuple(now.turns), now.state, tuple(now.findings), left_out=tuple(now.left_out)
    )


def _run_turn(now: _Run, group: _Group, *, check: bool) -> None:
    turn = _turn(now, group, now.count, check=check)
    now.state = turn.result.state
    now.turns.append(turn)
    index = group.cause.data.get("turn_index", 0)
    if index:
        now.past[index] = now.state
    if check and turn.refusal:
        now.findings.append(_refused(turn))
    if turn.differences:
        now.findings.append(_differs(turn))


# --- what was taken out ---------------------------------------------------------------------------


def _lose(now: _Run, group: _Group) -> None:
    """See whether a turn can be run; the first one that cannot says why, the rest follow it."""
    if now.lost:
        return
    gone = next((place for place in _inputs(group) if is_redacted(place[2])), None)
    turn = f"turn {now.count} ({group.cause.kind})"
    if gone is not None:
        _tell_lost(now, f"{turn} cannot be run, since it was redacted", gone[0], gone[1])
    elif group.cause.kind == "restore" and group.cause.data["to"] not in now.past:
        to = group.cause.data["to"]
        if not (now.cut or now.left_out):
            raise invalid_record(group.cause.line, f"no turn has the turn_index {to}", "/to")
        why = f"{turn} cannot be run, since the log no longer has what turn_index {to} left"
        _tell_lost(now, why, group.cause.line, "/to")


def _inputs(group: _Group) -> Iterator[tuple[int, str, Json]]:
    """What a turn is run with and may have been redacted: line, pointer, value."""
    line, data = group.cause.line, group.cause.data
    for name in ("text", "envelope"):
        if name in data:
            yield line, join((name,)), data[name]
    event = data.get("event", {})
    if "error" in event:
        yield line, "/event/error", event["error"]
    for name, value in event.get("userAction", {}).get("context", {}).items():
        yield line, join(("event", "userAction", "context", name)), value
    if group.outcome is not None:
        line, outcome = group.outcome.line, group.outcome.data["outcome"]
        for index, op in enumerate(outcome.get("commit", ())):
            yield line, join(("outcome", "commit", index, "value")), op.get("value")
        yield line, "/outcome/directives", outcome.get("directives")
        for name, text in outcome.get("field_errors", {}).items():
            yield line, join(("outcome", "field_errors", name)), text


def _tell_lost(now: _Run, why: str, line: int, pointer: str) -> None:
    now.lost = True
    now.findings.append(
        diagnostic(
            "REPLAY_REDACTED",
            f"{why}; the replay goes on from the next state record",
            pointer=pointer,
            hint="log redact and retention write a state record where the log goes on",
            line=line,
        )
    )


def _go_on(now: _Run, record: Record) -> None:
    """Take over a state record."""
    data = record.data
    if is_redacted(data["state"]):
        _tell_lost(now, "the state was redacted", record.line, "/state")
        return
    try:
        state = UIState.from_json(data["state"], nodes=now.app.nodes)
    except StoreError as exc:
        raise invalid_record(record.line, str(exc), "/state") from exc
    if state.conversation_id != now.state.conversation_id:
        why = "one log is one conversation"
        raise invalid_record(record.line, why, "/state/conversation_id")
    now.state, now.lost, now.cut = state, False, True
    now.past[data["turn_index"]] = state
    receipts = () if is_redacted(data["receipts"]) else data["receipts"]
    known = [Receipt.from_dict(item) for item in receipts if not is_redacted(item)]
    now.receipts = {receipt.key: receipt for receipt in known}


# --- settings and turns ---------------------------------------------------------------------------


def _begin(now: _Run, record: Record, app: UIApp) -> list[Diagnostic]:
    """Take over a meta record."""
    meta = record.data
    conversation_id = meta["conversation_id"]
    if now.meta.data and conversation_id != now.state.conversation_id:
        why = "one log is one conversation"
        raise invalid_record(record.line, why, "/conversation_id", now.state.conversation_id)
    if not now.meta.data:
        now.state = now.past[0] = UIState(conversation_id)
    now.meta = record
    now.app = _limited(app, record)
    if meta["app"]["hash"] == app.hash:
        return []
    was = meta["app"]["id"] if meta["app"]["id"] != app.id else "another version of it"
    return [
        diagnostic(
            "REPLAY_APP_CHANGED",
            f"the log was recorded with {was}, it is replayed with the app {app.id!r} as it is now",
            pointer="/app/hash",
            hint="if what goes out is right, write the log anew with --update-snapshots",
            line=record.line,
        )
    ]


def _limited(app: UIApp, record: Record) -> UIApp:
    """The app with the limits of the log."""
    try:
        limits = limits_from_json(record.data["limits"])
    except ValueError as exc:
        raise invalid_record(record.line, str(exc), "/limits") from exc
    if limits == app.limits:
        return app
    limited = copy.copy(app)
    limited.limits = limits
    return limited


def _turn(now: _Run, group: _Group, number: int, *, check: bool) -> ReplayTurn:
    cause = group.cause
    result = _RUNS[cause.kind](now, group)
    refusal = _refusal(now, group, result)
    if isinstance(result, StepResult) and group.outcome is None:
        result = replace(result, outcome=None)  # what stood in for a handler gave one
    recorded = tuple(record.data for record in group.batches)
    turn = ReplayTurn(number, cause.line, cause.kind, result, recorded, refusal=refusal)
    if not check:
        return turn
    before = [_batch(item) for item in recorded]
    after = [_batch(item) for item in _batches_now(result, group)]
    return replace(turn, differences=tuple(diff_batches(before, after)))


def _batches_now(result: CompileResult, group: _Group) -> list[Raw]:
    """What goes out now; a message that was redacted in the log stays so."""
    recorded = {record.data["surface"]: record.data["messages"] for record in group.batches}
    batches = batch_records(result, _signer_of(group))
    for batch in batches:
        pairs = zip_longest(batch["messages"], recorded.get(batch["surface"], ()))
        batch["messages"] = [
            old if is_redacted(old) else new for new, old in pairs if new is not None
        ]
    return batches


def _batch(record: Mapping[str, Json]) -> Mapping[str, Json]:
    return {key: record[key] for key in _BATCH_KEYS}


def _compiled(now: _Run, group: _Group) -> CompileResult:
    turn = _settings(now, group)
    record = group.cause.data
    return compile(
        record["text"] if "text" in record else record["envelope"],
        app=turn.app,
        state=now.state,
        backend=turn.backend.name,
        client=turn.client,
        turn=turn.context,
        update=turn.update,
    )


def _restored(now: _Run, group: _Group) -> CompileResult:
    turn = _settings(now, group)
    return restore(
        now.state,
        now.past[group.cause.data["to"]],
        app=turn.app,
        backend=turn.backend.name,
        client=turn.client,
        turn=turn.context,
    )


def _dispatched(now: _Run, group: _Group) -> StepResult:
    outcome = {} if group.outcome is None else group.outcome.data["outcome"]
    results = None if group.outcome is None else group.outcome.data.get("tool_results")
    try:
        step = dispatch_with(
            group.cause.data["event"],
            state=now.state,
            turn=_settings(now, group),
            tool_results=results,
            handler=_Recorded(Outcome.from_dict(outcome)),
            recorded=True,
        )
    except (ValueError, DirectiveError) as exc:
        if group.outcome is None:
            raise
        # Live this is a handler's bug; here only the log, or the app's change, can be wrong.
        why = f"the recorded outcome does not fit the state: {exc}"
        raise invalid_record(group.outcome.line, why[:200], "/outcome/commit") from exc
    if step.receipt is not None:
        now.receipts[step.receipt.key] = step.receipt
    return step


_RUNS: Final[Mapping[str, Callable[[_Run, _Group], CompileResult]]] = {
    "model": _compiled,
    "restore": _restored,
    "action": _dispatched,
    "error": _dispatched,
}


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A handler that gives what the app's own handler gave."""

    outcome: Outcome

    def __call__(self, _action: Action, _view: StateView) -> Outcome:
        return self.outcome


def _settings(now: _Run, group: _Group) -> Turn:
    meta, record = now.meta.data, group.cause.data
    keyed = "idempotency_key" in record
    context = TurnContext(
        conversation_id=meta["conversation_id"],
        turn_index=record.get("turn_index", 0),
        request_id=record.get("request_id", ""),
        now=record.get("now", TurnContext().now),
        signer=_signer_of(group),
        idempotency_key=record.get("idempotency_key"),
        seen=now.receipts if keyed else None,
        language=record.get("language", "en"),
    )
    try:
        client = client_from_json(meta["client"])
        # Only `compile` is told how; `dispatch` and `restore` choose.
        update: Update = meta["update"] if group.cause.kind == "model" else "auto"
        protocol = meta["versions"]["protocol"]
        return resolve(now.app, now.state, protocol, client, context, strict=False, update=update)
    except ValueError as exc:
        raise invalid_record(now.meta.line, f"the log cannot be replayed here: {exc}") from exc


def _refusal(now: _Run, group: _Group, result: CompileResult) -> str:
    """What is to be said of a turn that was taken and is refused now, or the other way round."""
    ran = isinstance(result, StepResult) and result.outcome is not None
    if group.outcome is not None:
        return "" if ran else f"is refused now: {_code_of(result)}"
    if group.batches and not result.ok and not result.batches:
        return f"is refused now: {_code_of(result)}"
    # Actions without a handler have no outcome either; those with one have it wherever they ran.
    repeated = isinstance(result, StepResult) and result.repeated
    if ran and not repeated and _action_of(group) in now.handled:
        return "is taken now, and was refused: the log has no outcome of it"
    return ""


def _code_of(result: CompileResult) -> str:
    """The code that says best why nothing was done."""
    found = sorted(result.diagnostics, key=lambda item: item.severity != "error")
    return found[0].code if found else "nothing is done"


def _action_of(group: _Group) -> str:
    """The name of the action that a group is of; "" when it is of none."""
    name: str = group.cause.data.get("event", {}).get("userAction", {}).get("name", "")
    return name


def _refused(turn: ReplayTurn) -> Diagnostic:
    return diagnostic(
        "REPLAY_REFUSED",
        f"turn {turn.number} {turn.refusal}",
        hint="see why; where it is meant, --update-refused writes the log all the same",
        line=turn.line,
    )


def _differs(turn: ReplayTurn) -> Diagnostic:
    shown = "; ".join(map(str, turn.differences[:_SHOWN]))
    more = len(turn.differences) - _SHOWN
    rest = f"; and {more} more" if more > 0 else ""
    return diagnostic(
        "REPLAY_DIFFERS",
        f"turn {turn.number} ({turn.kind}) sends something else: {shown}{rest}",
        hint="if it is meant, write the log anew with --update-snapshots",
        line=turn.line,
    )
