"""The conversation format: one record a line, read strictly, built from results, written compactly.

A conversation file, a replay test, a store export and a replay log are all this format;
`schemas/conversation_v1.json` is its published schema. No record holds a nonce: what is built here
has `nonce:<key id>:<epoch>` in its place. A value that was taken out of a record later has left
`{"redacted": <its commitment>}` behind. Knows nothing of replaying, stores or transports.

Source: DESIGN section 3, "Files".
"""

from __future__ import annotations

import functools
import hmac
import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from uicompiler.app import PROFILE_NAMES, ClientProfile, Receipt, Signer, TurnContext, UIApp, Update
from uicompiler.backends.ids import parse_surface_id
from uicompiler.canonical import MAX_SAFE_INTEGER
from uicompiler.compiler import CompileResult
from uicompiler.dispatcher import StepResult
from uicompiler.errors import Diagnostic, StoreError, diagnostic
from uicompiler.ir.client import Address
from uicompiler.ir.field_kinds import REDACTED
from uicompiler.ir.reserved import CONTEXT_KEYS, NONCE_KEY, nonce_placeholder
from uicompiler.ir.state import IR_VERSION, UIState
from uicompiler.ir.text import has_surrogates
from uicompiler.ir.values import Json, thaw
from uicompiler.limits import Limits
from uicompiler.pointer import PointerError, join, parse
from uicompiler.rendering import redacted
from uicompiler.resources import data_path
from uicompiler.strict_json import StrictJsonError, depth_exceeds, loads

FORMAT_VERSION: Final = 1

Kind = Literal["meta", "model", "edit", "action", "error", "outcome", "batch", "restore", "state"]
KINDS: Final = get_args(Kind)

Raw: TypeAlias = dict[str, Any]
"""A record as JSON; `Any`, since its values are JSON."""

Source: TypeAlias = "str | bytes | Path | Iterable[Mapping[str, Any]]"
"""JSON Lines, a file of them, or the records themselves."""

_MAX_DEPTH: Final = 200
_UNREADABLE: Final = "\ufffd"
"""Stands for model output that is no JSON at all: both are refused, whole."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a log.

    Attributes:
        line: Its line, from 1; its position when the log was no text.
        data: The record.
    """

    line: int
    data: Mapping[str, Json]

    @property
    def kind(self) -> Kind:
        """One of `KINDS`."""
        kind: Kind = self.data["kind"]
        return kind


# --- reading --------------------------------------------------------------------------------------


def read_log(source: Source | Iterable[Record]) -> list[Record]:
    """Read a log strictly: every record must fit the schema.

    Args:
        source: JSON Lines as text or bytes, the path of a file of them, or records. A text that
            begins with neither `{` nor a line end is taken as a path.

    Raises:
        StoreError: REPLAY_RECORD_INVALID for every problem, with line and pointer; also when the
            file cannot be read, or `source` is none of these.
    """
    records = list(_records(source))
    problems = [error for record in records for error in _problems(record)]
    problems = problems or _misplaced(records)
    if problems:
        raise StoreError([_diagnostic(problem) for problem in problems])
    return records


def read_records(source: Source | Iterable[Record]) -> list[Record]:
    """Read records without holding them against the schema, such as those of a script.

    Raises:
        StoreError: REPLAY_RECORD_INVALID, a line is not a JSON object, or nothing can be read.
    """
    return list(_records(source))


@dataclass(frozen=True, slots=True)
class _Problem:
    line: int
    message: str
    pointer: str = ""
    hint: str = ""


def invalid_record(line: int, message: str, pointer: str = "", hint: str = "") -> StoreError:
    """The refusal of one record."""
    return StoreError([_diagnostic(_Problem(line, message, pointer, hint))])


def _diagnostic(problem: _Problem) -> Diagnostic:
    return diagnostic(
        "REPLAY_RECORD_INVALID",
        problem.message,
        pointer=problem.pointer,
        hint=problem.hint,
        line=problem.line,
    )


def _records(source: Source | Iterable[Record]) -> Iterator[Record]:
    if isinstance(source, str) and source[:1] not in ("{", "\n", "\r", ""):
        source = Path(source)
    if isinstance(source, Path):
        source = _read(source)
    if isinstance(source, (str, bytes, bytearray)):
        yield from _lines(source if isinstance(source, str) else bytes(source))
        return
    if isinstance(source, Mapping) or not isinstance(source, Iterable):
        raise invalid_record(1, "a log is JSON Lines, the path of a file of them, or records")
    items: Iterable[Any] = source  # `Any`: mypy joins records and mappings to object
    for line, item in enumerate(items, 1):
        record = item if isinstance(item, Record) else Record(line, item)
        if not isinstance(record.data, Mapping):
            raise _no_object(record.line)
        yield record


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as exc:
        # A ValueError: no file can have such a name, as it holds NUL or a lone surrogate.
        why = exc.strerror if isinstance(exc, OSError) else "no such name"
        raise invalid_record(1, f"the log cannot be read: {why}", hint="name a file") from exc


def _no_object(line: int) -> StoreError:
    return invalid_record(line, "a record is a JSON object", hint="write one a line")


def _lines(text: str | bytes) -> Iterator[Record]:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = loads(line, max_depth=_MAX_DEPTH)
        except StrictJsonError as exc:
            raise invalid_record(number, f"the line is no record: {exc}") from exc
        if not isinstance(value, dict):
            raise _no_object(number)
        yield Record(number, value)


@functools.cache
def _validators() -> Mapping[str, Draft202012Validator]:
    schema = json.loads(data_path("schemas/conversation_v1.json").read_bytes())
    parts = {"$schema": schema["$schema"], "$defs": schema["$defs"]}
    return {kind: Draft202012Validator({**parts, "$ref": f"#/$defs/{kind}"}) for kind in KINDS}


def _problems(record: Record) -> list[_Problem]:
    unfit = [_Problem(record.line, why, join(place)) for place, why in _unfit(record.data)]
    if unfit:
        return unfit
    kind = record.data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        hint = f"kinds: {', '.join(KINDS)}"
        return [_Problem(record.line, "the record has no known kind", "/kind", hint)]
    # Sorted: the order of errors is the validator's affair, and may change with its version.
    errors = _validators()[kind].iter_errors(thaw(record.data))
    found = [
        _Problem(record.line, _said(error), join(error.absolute_path), _expected(error))
        for error in errors
    ]
    if not found and kind == "outcome":
        found = list(_commit_problems(record))
    return sorted(found, key=lambda problem: (problem.pointer, problem.message))


_Place: TypeAlias = tuple[str, ...]

_AS_GIVEN: Final[frozenset[_Place]] = frozenset(
    {
        ("text",),
        ("envelope",),
        ("value",),
        ("event",),
        ("tool_results",),
        ("outcome", "directives"),
    }
)
"""What models, clients and tools gave: it may hold lone surrogates, which their reader refuses."""

_SHOWN_DEPTH: Final = 4


def _unfit(record: Mapping[str, Json]) -> Iterator[tuple[_Place, str]]:
    """Places in a record with something JSON does not have; without recursion.

    A record that was a line is JSON already, but for lone surrogates, which are escapes there.
    """
    waiting: list[tuple[_Place, Json, bool]] = [((), record, False)]
    while waiting:
        place, item, given = waiting.pop()
        given = given or place in _AS_GIVEN
        if not isinstance(item, (Mapping, list, tuple)):
            why = _scalar_refusal(item, given=given)
            if why:
                yield place, why
        elif len(place) >= _MAX_DEPTH:
            # The place itself would be a long pointer, and a value may hold itself: no more.
            yield place[:_SHOWN_DEPTH], f"nested deeper than {_MAX_DEPTH}"
            return
        elif isinstance(item, Mapping):
            for key, inner in item.items():
                if not isinstance(key, str):
                    yield place, "a key that is no text"
                elif has_surrogates(key) and not given:
                    yield place, f"a key with {_SURROGATE}"
                else:
                    # A diagnostic has to be printable, wherever it points to.
                    step = key.encode(errors="backslashreplace").decode()
                    waiting.append(((*place, step), inner, given))
        else:
            waiting.extend(((*place, str(i)), inner, given) for i, inner in enumerate(item))


_SURROGATE: Final = "a lone surrogate, which UTF-8 cannot carry"


def _scalar_refusal(value: object, *, given: bool) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return f"the text holds {_SURROGATE}" if has_surrogates(value) and not given else ""
    if isinstance(value, int):
        return "the integer is beyond 2^53" if abs(value) > MAX_SAFE_INTEGER else ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else "the number is not finite"
    return "the value is none that JSON has"


def _commit_problems(record: Record) -> Iterator[_Problem]:
    """Commits whose paths no document can have; what a state refuses shows in the run."""
    for index, op in enumerate(record.data["outcome"].get("commit", ())):
        at = join(("outcome", "commit", index, "path"))
        # Path and value together, since that is how deep the document gets.
        room = _MAX_DEPTH - op["path"].count("/")
        if room < 0 or depth_exceeds(op.get("value"), room):
            why = f"the document would be nested deeper than {_MAX_DEPTH}"
            yield _Problem(record.line, why, at)
            continue
        try:
            parse(op["path"])
        except PointerError as exc:
            yield _Problem(record.line, str(exc)[:160], at)


def _said(error: ValidationError) -> str:
    """What is wrong, without quoting more of the input than its keys."""
    rule: Any = error.validator_value  # `Any`: what a schema's keyword holds
    if error.validator == "type":
        names = [rule] if isinstance(rule, str) else rule
        return f"expected {' or '.join(names)}, found {_json_type(error.instance)}"
    if error.validator == "oneOf":
        keys = [" ".join(part["required"]) for part in rule]
        return f"expected exactly one of {' and '.join(keys)}"
    if error.validator in ("required", "additionalProperties"):
        return error.message[:160]
    return f"breaks the rule {error.validator} {json.dumps(rule)[:120]}"


def _json_type(value: object) -> str:
    names: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean"}
    return "null" if value is None else names.get(type(value), "number")


def _expected(error: ValidationError) -> str:
    schema = error.schema
    described = schema.get("description", "") if isinstance(schema, Mapping) else ""
    return str(described)


def _misplaced(records: Sequence[Record]) -> list[_Problem]:
    """Records that follow nothing they could belong to."""
    if not records or records[0].kind != "meta":
        line = records[0].line if records else 1
        hint = "put a meta record first: app, versions, client, conversation_id, limits, update"
        return [_Problem(line, "a conversation begins with a meta record", "/kind", hint)]
    found, cause, decided = [], "", False
    for record in records:
        if record.kind in (*CAUSES, "state"):
            cause, decided = record.kind, False
        elif record.kind == "outcome":
            if cause != "action" or decided:
                why = "an outcome follows the action it is for, once"
                found.append(_Problem(record.line, why, "/kind"))
            decided = True
        elif record.kind == "batch" and cause in ("", "state"):
            why = "a batch follows the record that caused it"
            found.append(_Problem(record.line, why, "/kind"))
    return found


CAUSES: Final = ("model", "action", "error", "restore")
"""Kinds of records that make a turn."""


# --- writing --------------------------------------------------------------------------------------


def dump(records: Iterable[Mapping[str, Json] | Record]) -> bytes:
    """Records as compact JSON Lines, each line ended by LF; what was read comes out equal."""
    plain = (item.data if isinstance(item, Record) else item for item in records)
    return b"".join(_line(item) + b"\n" for item in plain)


def _line(record: Mapping[str, Json]) -> bytes:
    try:
        return orjson.dumps(record)
    except TypeError:
        # A lone surrogate, which a model may write and JSON can only carry as an escape.
        return json.dumps(thaw(record), separators=(",", ":")).encode()


# --- building -------------------------------------------------------------------------------------


def meta_record(
    app: UIApp,
    *,
    conversation_id: str = "",
    client: ClientProfile | None = None,
    update: Update = "auto",
    backend: str = "a2ui-v0.8",
    library: str | None = None,
) -> Raw:
    """The record a conversation begins with.

    Args:
        app: The app.
        conversation_id: As in the state.
        client: The client profile; `web_core` by default.
        update: How live surfaces are brought up to date.
        backend: The backend the client is served by.
        library: Version of this library; that of the installed one by default.
    """
    return {
        **_head("meta"),
        "app": {"id": app.id, "hash": app.hash},
        "versions": {
            "library": library or library_version(),
            "ir": IR_VERSION,
            "protocol": backend,
        },
        "client": client_to_json(client or ClientProfile.web_core()),
        "conversation_id": conversation_id,
        "limits": limits_to_json(app.limits),
        "update": update,
    }


def model_record(source: str | bytes | Mapping[str, Any] | Sequence[Any], turn: TurnContext) -> Raw:
    """The record of what a model wrote, as it was given to `compile`."""
    return {**_head("model"), **_turn(turn), **_model_output(source)}


def edit_record(surface: str, field: str, value: Json) -> Raw:
    """The record of what a user entered; secrets must not be given."""
    return {**_head("edit"), "surface": surface, "field": field, "value": value}


def action_record(
    event: str | bytes | Mapping[str, Any], *, turn: TurnContext, state: UIState
) -> Raw:
    """The record of a `userAction`.

    Args:
        event: The event as it was given to `dispatch`.
        turn: The turn it was dispatched with; its signer tells real nonces from forged ones.
        state: The state it was dispatched on.

    Raises:
        StoreError: REPLAY_RECORD_INVALID, not such an event; `dispatch` refused it as well.
    """
    return _event_record("action", event, turn, state)


def error_record(
    event: str | bytes | Mapping[str, Any], *, turn: TurnContext, state: UIState
) -> Raw:
    """The record of an `error` event; see `action_record`."""
    return _event_record("error", event, turn, state)


def outcome_record(step: StepResult, tool_results: Mapping[str, Json] | None = None) -> Raw | None:
    """The record of what a handler decided; None when none ran and no tool had."""
    if step.outcome is None and tool_results is None:
        return None
    outcome = {} if step.outcome is None else thaw(step.outcome.to_dict())
    results = None if tool_results is None else thaw(tool_results)
    return {**_head("outcome"), "outcome": outcome, "tool_results": results}


def batch_records(result: CompileResult, signer: Signer | None = None) -> list[Raw]:
    """The records of what went out, nonces as placeholders.

    Args:
        result: The turn's result.
        signer: The turn's signer, if it had one.
    """
    surfaces = result.state.surfaces
    fallback = None if signer is None else signer.key_id
    return [
        {
            **_head("batch"),
            **thaw(redacted(batch, surfaces[batch.surface].nonce_key_id or fallback)),
        }
        for batch in result.batches
    ]


def turn_records(
    source: str | bytes | Mapping[str, Any] | Sequence[Any],
    result: CompileResult,
    turn: TurnContext,
) -> list[Raw]:
    """Everything `compile` has to say for a log: model and batches, in order."""
    return [model_record(source, turn), *batch_records(result, turn.signer)]


def step_records(
    event: str | bytes | Mapping[str, Any],
    step: StepResult,
    *,
    turn: TurnContext,
    state: UIState,
    tool_results: Mapping[str, Json] | None = None,
) -> list[Raw]:
    """Everything `dispatch` has to say for a log: event, outcome and batches, in order.

    Args:
        event: The event.
        step: What it came to.
        turn: The turn it was dispatched with.
        state: The state it was dispatched on.
        tool_results: As given to `dispatch`.

    Raises:
        StoreError: REPLAY_RECORD_INVALID, the event was refused for its shape.
    """
    kind: Literal["action", "error"] = "error" if "error" in _parsed(event) else "action"
    outcome = outcome_record(step, tool_results)
    secrets = None if step.receipt is None else step.receipt.secrets
    unread = step.receipt is None and _UNREAD.intersection(i.code for i in step.diagnostics)
    return [
        _event_record(kind, event, turn, state, unread=bool(unread), secrets=secrets),
        *([] if outcome is None else [outcome]),
        *batch_records(step, turn.signer),
    ]


_UNREAD: Final = frozenset(
    {"A2UI_C2S_NONCE_INVALID", "A2UI_C2S_SURFACE_STALE", "A2UI_C2S_ACTION_FORBIDDEN"}
)
"""Refusals that come before an event's values are looked at."""


def restore_record(to: int, turn: TurnContext) -> Raw:
    """The record of going back, or forward again, to what a turn had left.

    Args:
        to: The `turn_index` of that turn; 0 for the beginning.
        turn: The turn in which it was done.
    """
    return {**_head("restore"), **_turn(turn), "to": to}


def restore_records(to: int, result: CompileResult, turn: TurnContext) -> list[Raw]:
    """Everything `restore` has to say for a log: where to, and batches."""
    return [restore_record(to, turn), *batch_records(result, turn.signer)]


def state_record(state: UIState, *, turn_index: int, receipts: Iterable[Receipt] = ()) -> Raw:
    """The record of everything as it is: from here a replay can go on, whatever was before.

    Args:
        state: The state.
        turn_index: Of the turn that left it.
        receipts: What the host would answer events with that come again.
    """
    answers = [thaw(receipt.to_dict()) for receipt in receipts]
    known = thaw(state.to_dict())
    return {**_head("state"), "turn_index": turn_index, "state": known, "receipts": answers}


def is_redacted(value: Json) -> bool:
    """Whether something is what stands for a value that was taken out later."""
    if not isinstance(value, Mapping) or set(value) != {_REDACTED}:
        return False
    commitment = value[_REDACTED]
    return isinstance(commitment, str) and _COMMITMENT.fullmatch(commitment) is not None


_REDACTED: Final = "redacted"
_COMMITMENT: Final = re.compile("[0-9a-f]{64}")


def library_version() -> str:
    """Version of the installed library; `unknown` in a bare source tree."""
    try:
        return version("uicompiler")
    except PackageNotFoundError:
        return "unknown"


def _head(kind: Kind) -> Raw:
    return {"v": FORMAT_VERSION, "kind": kind}


def _turn(turn: TurnContext) -> Raw:
    signed = {} if turn.signer is None else {"key_id": turn.signer.key_id}
    spoken = {} if turn.language == "en" else {"language": turn.language}
    said = {"turn_index": turn.turn_index, "request_id": turn.request_id, "now": turn.now}
    return {**said, **spoken, **signed}


def _model_output(source: str | bytes | Mapping[str, Any] | Sequence[Any]) -> Raw:
    if isinstance(source, (bytes, bytearray)):
        try:
            return {"text": source.decode()}
        except UnicodeDecodeError:
            return {"text": _UNREADABLE}
    if isinstance(source, str):
        return {"text": source}
    return _envelope(source)


def _envelope(source: Mapping[str, Any] | Sequence[Any]) -> Raw:
    """A parsed envelope; as text when it holds what strict JSON does not, such as NaN.

    One that looks as if it had been redacted is text as well: it is refused either way.
    """
    try:
        text = json.dumps(thaw(source), default=repr)
    except (RecursionError, TypeError, ValueError):
        return {"text": _UNREADABLE}
    try:
        envelope = loads(text, max_depth=_MAX_DEPTH - 2)
    except StrictJsonError:
        return {"text": text}
    return {"text": text} if is_redacted(envelope) else {"envelope": envelope}


def _parsed(event: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(event, Mapping):
        if depth_exceeds(event, _MAX_DEPTH - 2):
            raise invalid_record(1, "the event is nested too deeply", "/event")
        return event
    try:
        value = loads(event, max_depth=_MAX_DEPTH - 2)
    except StrictJsonError as exc:
        raise invalid_record(1, f"the event is not JSON: {exc}", "/event") from exc
    return value if isinstance(value, dict) else {}


def _event_record(
    kind: Literal["action", "error"],
    event: str | bytes | Mapping[str, Any],
    turn: TurnContext,
    state: UIState,
    *,
    unread: bool = False,
    secrets: Collection[str] | None = None,
) -> Raw:
    key = {} if turn.seen is None else {"idempotency_key": turn.idempotency_key}
    safe = redact_event(_parsed(event), turn=turn, state=state, unread=unread, secrets=secrets)
    record = {**_head(kind), **_turn(turn), **key, "event": safe}
    problems = _problems(Record(1, record))
    if problems:
        raise StoreError([_diagnostic(problem) for problem in problems])
    return record


# --- nonces, clients, limits ----------------------------------------------------------------------


def redact_event(
    event: Mapping[str, Any],
    *,
    turn: TurnContext,
    state: UIState,
    unread: bool = False,
    secrets: Collection[str] | None = None,
) -> Raw:
    """An event as it may be stored: no nonce in it, wherever the client put it, and no secret.

    A nonce that is the surface's own becomes `nonce:<key id>:<epoch>`, any other one
    `nonce::<epoch>`, which no replay takes as verified. What was typed into a secret field becomes
    `REDACTED`, and so does every value sent to an earlier epoch, or in an event that was refused
    `unread`: which of those are secrets, nobody knows now. But where the event was taken, or had
    been before, its receipt names its `secrets`.
    """
    body = next((item for item in event.values() if isinstance(item, Mapping)), {})
    surface_id = body.get("surfaceId")
    address = parse_surface_id(surface_id) if isinstance(surface_id, str) else None
    own = None if address is None else _nonce_of(address, turn.signer, state)
    epoch = 1 if address is None else address.epoch

    def placeholder(given: Json) -> str:
        if own is not None and isinstance(given, str) and _equal(given, own[0]):
            return own[1]
        return nonce_placeholder("", epoch)

    known = [
        _nonce_of(Address(item.name, item.epoch), turn.signer, state)
        for item in state.surfaces.values()
    ]
    pairs = dict(pair for pair in (own, *known) if pair is not None)
    safe: Raw = _told_apart(_redact(event, placeholder, pairs))
    if secrets is None:
        secrets = _secrets_in(safe, address, state, unread=unread)
    return _without_secrets(safe, secrets)


def _told_apart(event: Raw) -> Raw:
    """An event in which nothing looks as if it had been redacted, as a client may have it look.

    A report that has one key more means the same, and a value that is an object is refused, with
    one key more as well.
    """
    error, action = event.get("error"), event.get("userAction")
    if is_redacted(error):
        return {**event, "error": _with_a_key(error)}
    context = action.get("context") if isinstance(action, Mapping) else None
    if not isinstance(action, Mapping) or not isinstance(context, Mapping):
        return event
    kept = {key: _with_a_key(v) if is_redacted(v) else v for key, v in context.items()}
    return {**event, "userAction": {**action, "context": kept}}


def _with_a_key(value: Json) -> Json:
    return {**value, "": ""}


def _secrets_in(
    event: Raw, address: Address | None, state: UIState, *, unread: bool
) -> Collection[str]:
    """Names of the context's values that may be secrets."""
    surface = None if address is None else state.surfaces.get(address.surface)
    context = _context_of(event)
    if surface is None or address is None or context is None:
        return ()
    if unread or address.epoch != surface.epoch or not surface.live:
        return set(context) - set(CONTEXT_KEYS)
    return surface.secret_ids


def _without_secrets(event: Raw, secrets: Collection[str]) -> Raw:
    context = _context_of(event)
    if context is None:
        return event
    kept = {
        name: REDACTED if name in secrets and value not in (None, "") else value
        for name, value in context.items()
    }
    return {**event, "userAction": {**event["userAction"], "context": kept}}


def _context_of(event: Raw) -> Mapping[str, Json] | None:
    action = event.get("userAction")
    context = action.get("context") if isinstance(action, Mapping) else None
    return context if isinstance(context, Mapping) else None


def _nonce_of(address: Address, signer: Signer | None, state: UIState) -> tuple[str, str] | None:
    """The nonce of a surface in an epoch, and its placeholder."""
    if signer is None:
        return None
    surface = state.surfaces.get(address.surface)
    key_id = (surface.key_of(address.epoch) if surface else None) or signer.key_id
    nonce = signer.nonce(state.conversation_id, address.surface, address.epoch, key_id)
    return nonce, nonce_placeholder(key_id, address.epoch)


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _redact(value: Json, placeholder: Callable[[Json], str], known: Mapping[str, str]) -> Json:
    if isinstance(value, Mapping):
        return {
            _without(key, known): placeholder(item)
            if key == NONCE_KEY
            else _redact(item, placeholder, known)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_redact(item, placeholder, known) for item in value]
    return _without(value, known) if isinstance(value, str) else value


def _without(text: str, known: Mapping[str, str]) -> str:
    for nonce, placeholder in known.items():
        text = text.replace(nonce, placeholder)
    return text


def client_to_json(client: ClientProfile) -> Json:
    """A client profile: its name when the library knows it by that, else all of it."""
    if client.name in PROFILE_NAMES and client == ClientProfile.named(client.name):
        return client.name
    catalogs = None if client.catalog_ids is None else sorted(client.catalog_ids)
    return {
        "name": client.name,
        "markdown": client.markdown,
        "incremental": client.incremental,
        "catalog_ids": catalogs,
    }


def client_from_json(value: Json) -> ClientProfile:
    """Read what `client_to_json` wrote.

    Raises:
        ValueError: a name the library does not know.
    """
    if isinstance(value, str):
        return ClientProfile.named(value)
    catalogs = value["catalog_ids"]
    return ClientProfile(
        value["name"],
        value["markdown"],
        value["incremental"],
        None if catalogs is None else frozenset(catalogs),
    )


def limits_to_json(limits: Limits) -> dict[str, int]:
    """The limits that are not at their default."""
    default = Limits()
    return {
        item.name: getattr(limits, item.name)
        for item in fields(Limits)
        if getattr(limits, item.name) != getattr(default, item.name)
    }


def limits_from_json(value: Mapping[str, Json]) -> Limits:
    """Read what `limits_to_json` wrote.

    Raises:
        ValueError: a limit this version does not have, or no whole number up to 2^53.
    """
    unknown = sorted(set(value) - {item.name for item in fields(Limits)})
    if unknown:
        raise ValueError(f"unknown limit {unknown[0]!r}")
    high = sorted(name for name, limit in value.items() if not 0 <= limit <= MAX_SAFE_INTEGER)
    if high:
        raise ValueError(f"the limit {high[0]} is beyond 2^53")
    # JSON Schema takes 16.0 as an integer.
    return Limits(**{name: int(limit) for name, limit in value.items()})
