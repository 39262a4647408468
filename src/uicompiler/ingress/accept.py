"""`accept`: one client event, checked in the order of DESIGN section 10.

    size · shape · ids · nonce · idempotency · epoch · rev · component and action · context · fields

The first check that fails answers; later ones never run, so that a forged event learns nothing
and a repeated one gets its first answer whatever happened since. (Capability tokens are the
host's: they come before all of this.) The state is only read.
"""

from __future__ import annotations

import datetime
import hmac
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import orjson

from uicompiler.app import ActionSpec, Receipt, TurnContext, UIApp
from uicompiler.canonical import sha256_hex
from uicompiler.errors import Diagnostic, IngressError, diagnostic
from uicompiler.executor.expiry import presented
from uicompiler.ir.actions import Button
from uicompiler.ir.client import Address, Decoded, Pressed, Sent
from uicompiler.ir.field_kinds import REDACTED, SECRET_HANDLE, is_handle
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import Input, with_values
from uicompiler.ir.reserved import CONTEXT_KEYS, MARK, NONCE_KEY, OWN_ACTIONS, REGENERATE, REV_KEY
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.ir.verify import bad_values
from uicompiler.limits import Limits
from uicompiler.pointer import join
from uicompiler.strict_json import StrictJsonError, TooDeepError, loads, outgrows

_ACTION_KEYS: Final = ("name", "surfaceId", "sourceComponentId", "timestamp", "context")
_ID: Final = re.compile(r"[A-Za-z0-9_:#=.-]{1,200}")
_TIMESTAMP: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?"
)


@dataclass(frozen=True, slots=True)
class Wire:
    """How clients of one backend spell things; made of the backend's own functions.

    Attributes:
        address: The surface a client's surface id names.
        buttons: The buttons of a surface by component id.
        sent: What a press of a button carries, of the context that came with it.
        decode: A field's value as a client sends it.
        recorded: Whether events are from a log, where `REDACTED` stands for secrets.
    """

    address: Callable[[str], Address | None]
    buttons: Callable[[Surface], Mapping[str, Pressed]]
    sent: Callable[[Mapping[str, Json], Button, Surface], Sent]
    decode: Callable[[Field, Json], Decoded]
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that may act.

    Attributes:
        key: Its idempotency key.
        payload_hash: SHA-256 of the event's canonical JSON.
        surface: The surface it is for; None for an error that names none.
        button: What was pressed; None for an error event.
        name: The action; "" for an error event.
        component_id: As the client gave it.
        timestamp: As the client gave it.
        draft: The surface's draft with what was sent.
        secrets: What was typed into secret fields, by field id; it stands in `draft` too.
        hidden: Names of the context's values that are secrets, and no part of `payload_hash`.
        report: The content of an error event.
        row: The item of a list in which the button is: its name, or "".
    """

    key: str
    payload_hash: str
    surface: Surface | None
    button: Button | None = None
    name: str = ""
    component_id: str = ""
    timestamp: str = ""
    draft: FrozenDict = field(default_factory=FrozenDict)
    secrets: Mapping[str, Json] = field(default_factory=FrozenDict)
    hidden: tuple[str, ...] = ()
    report: Mapping[str, Json] = field(default_factory=FrozenDict)
    row: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that may not act, and why."""

    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """An event that acted before; its first answer is in the receipt."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Continued:
    """An action that was accepted before and goes on with tool results.

    Attributes:
        key: Its idempotency key as a continuation.
        payload_hash: SHA-256 of the event's canonical JSON.
        action: The action as it was accepted, from its receipt.
        hidden: As of `Accepted`.
    """

    key: str
    payload_hash: str
    action: Mapping[str, Json]
    hidden: tuple[str, ...] = ()


class _Refusal(Exception):
    def __init__(self, code: str, message: str, pointer: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.finding = diagnostic(code, message, pointer=pointer, hint=hint)


def accept(
    event: str | bytes | Mapping[str, Any],
    *,
    state: UIState,
    app: UIApp,
    turn: TurnContext,
    wire: Wire,
    tool_results: Mapping[str, Json] | None = None,
) -> Accepted | Refused | Repeated | Continued:
    """Check one client event. Never raises on bad input, never changes anything.

    Args:
        event: The JSON text, or the object it holds: `{"userAction": …}` or `{"error": …}`.
        state: The state the event is checked against.
        app: Whose actions and limits hold.
        turn: Signer, idempotency key and receipts.
        wire: How the client's backend spells ids and values.
        tool_results: Results of the tools that the first answer asked for: the same event again.
            Its receipt says what was accepted, whatever is shown by now; without one only its
            revision is not asked for.
    """
    try:
        return _accept(event, state, app, turn, wire, tool_results)
    except _Refusal as exc:
        return Refused((exc.finding,))


def read_event(
    event: str | bytes, *, address: Callable[[str], Address | None], limits: Limits
) -> dict[str, Any]:
    """The event in a JSON text, its size, shape and ids looked at, whoever sent it.

    `accept` looks at these itself. This is for an edge that asks who it is from before that.

    Args:
        event: The JSON text.
        address: As of `Wire`.
        limits: The app's.

    Raises:
        IngressError: A2UI_C2S_ENVELOPE_INVALID or A2UI_C2S_CONTEXT_TOO_LARGE.
    """
    try:
        kind, body = _shape(_sized(event, limits))
        _addressed(kind, body, address, limits)
    except _Refusal as exc:
        raise IngressError([exc.finding]) from exc
    return {kind: body}


def _accept(
    event: str | bytes | Mapping[str, Any],
    state: UIState,
    app: UIApp,
    turn: TurnContext,
    wire: Wire,
    tool_results: Mapping[str, Json] | None,
) -> Accepted | Repeated | Continued:
    continues = tool_results is not None
    kind, body = _shape(_sized(event, app.limits))
    address = _addressed(kind, body, wire.address, app.limits)
    if kind == "userAction" and address is not None:
        _check_nonce(body, address, state, turn)
    secrets = _secrets_in(body, address, state)
    payload_hash = _hash(kind, _without(secrets, body))
    key = turn.idempotency_key or _default_key(kind, body, state, payload_hash)
    first = (turn.seen or {}).get(key) if continues else None
    # Every round of tool results is an event of its own.
    key = f"{key}:tools:{sha256_hex(dict(tool_results))}" if tool_results is not None else key
    seen = (turn.seen or {}).get(key)
    if seen is not None:
        if not _is_of(seen, kind, body):
            raise _Refusal(
                "A2UI_C2S_KEY_REUSED",
                "the idempotency key was used for another event before",
                hint="send every new event under a new key",
            )
        return Repeated(seen)
    if first is not None and _is_of(first, kind, body) and first.answer["action"]:
        if first.answer["action"]["name"] in OWN_ACTIONS:
            return Repeated(first)  # the library's own actions ask no tools
        # Which fields were secrets then is known, whatever is shown by now.
        told = _hash(kind, _without(first.secrets, body))
        return Continued(key, told, first.answer["action"], first.secrets)
    surface = None if address is None else _current(kind, address, state)
    if surface is not None:
        surface = _unexpired(kind, body, surface, app, turn)
    if kind == "error" or surface is None:
        return Accepted(key, payload_hash, surface, hidden=secrets, report=FrozenDict(body))
    accepted = _accept_action(body, surface, app, wire, key, payload_hash, continues)
    return replace(accepted, hidden=secrets)


def _sized(event: str | bytes | Mapping[str, Any], limits: Limits) -> object:
    """The event as a value, once its size and depth are known to be within limits."""
    raw = event if isinstance(event, (str, bytes)) else _dumped(event, limits)
    size = len(raw.encode("utf-8", "surrogatepass")) if isinstance(raw, str) else len(raw)
    if size > limits.max_event_bytes:
        raise _Refusal(
            "A2UI_C2S_CONTEXT_TOO_LARGE",
            f"max_event_bytes is {limits.max_event_bytes}, found {size}",
            hint="send only the fields of the form",
        )
    try:
        return loads(raw, max_depth=limits.max_event_depth)
    except TooDeepError as exc:
        raise _Refusal("A2UI_C2S_CONTEXT_TOO_LARGE", f"the event is {exc}") from exc
    except StrictJsonError as exc:
        raise _Refusal("A2UI_C2S_ENVELOPE_INVALID", f"the event is not JSON: {exc}") from exc


def _dumped(event: object, limits: Limits) -> bytes:
    if outgrows(event, max_values=limits.max_event_bytes, max_depth=limits.max_event_depth):
        raise _Refusal("A2UI_C2S_CONTEXT_TOO_LARGE", "the event nests too deeply, or is too large")
    if any(True for _ in bad_values(event)):
        raise _Refusal("A2UI_C2S_ENVELOPE_INVALID", "the event holds a key or number JSON forbids")
    try:
        return orjson.dumps(event)
    except TypeError as exc:
        raise _Refusal("A2UI_C2S_ENVELOPE_INVALID", f"the event is not JSON: {exc}") from exc


def _shape(value: object) -> tuple[str, dict[str, Any]]:
    kinds = [kind for kind in ("userAction", "error") if isinstance(value, dict) and kind in value]
    if not isinstance(value, dict) or len(kinds) != 1 or len(value) != 1:
        raise _Refusal(
            "A2UI_C2S_ENVELOPE_INVALID",
            "an event is an object with exactly one of userAction and error",
        )
    kind = kinds[0]
    body = value[kind]
    if not isinstance(body, dict):
        raise _Refusal("A2UI_C2S_ENVELOPE_INVALID", f"{kind} is an object", join((kind,)))
    forbidden = next(iter(bad_values(body)), None)
    if forbidden is not None:
        at = join((kind, *forbidden[0]))
        raise _Refusal("A2UI_C2S_ENVELOPE_INVALID", forbidden[1], at)
    if kind == "userAction":
        _check_action_shape(body)
    return kind, body


def _check_action_shape(body: Mapping[str, Any]) -> None:
    for key in _ACTION_KEYS:
        expected = dict if key == "context" else str
        if not isinstance(body.get(key), expected):
            raise _Refusal(
                "A2UI_C2S_ENVELOPE_INVALID",
                f"userAction needs {key}, {'an object' if key == 'context' else 'a text'}",
                join(("userAction", key)),
            )
    if not _is_time(body["timestamp"]):
        raise _Refusal(
            "A2UI_C2S_ENVELOPE_INVALID",
            "timestamp is an ISO 8601 date and time",
            "/userAction/timestamp",
            "for example 2026-01-01T12:00:00Z",
        )


def _is_time(text: str) -> bool:
    if _TIMESTAMP.fullmatch(text) is None:
        return False
    try:
        datetime.datetime.fromisoformat(text[:10])
        hour, minute = int(text[11:13]), int(text[14:16])
    except ValueError:
        return False
    return hour < 24 and minute < 60


def _addressed(
    kind: str,
    body: Mapping[str, Any],
    addressed: Callable[[str], Address | None],
    limits: Limits,
) -> Address | None:
    """The surface an event names; ids are checked for length and characters first."""
    for key in ("surfaceId", "sourceComponentId", "name"):
        value = body.get(key)
        if not isinstance(value, str):
            continue  # of a userAction these are texts already; an error may leave them out
        if len(value) > limits.max_id_length or _ID.fullmatch(value) is None:
            raise _Refusal(
                "A2UI_C2S_ENVELOPE_INVALID",
                f"{key} is no id: 1 to {limits.max_id_length} of A-Z a-z 0-9 and _ : # = . -",
                join((kind, key)),
            )
    surface_id = body.get("surfaceId")
    if not isinstance(surface_id, str):
        return None
    address = addressed(surface_id)
    if address is None:
        raise _Refusal(
            "A2UI_C2S_ENVELOPE_INVALID", "surfaceId is no id of ours", join((kind, "surfaceId"))
        )
    return address


def _check_nonce(
    body: Mapping[str, Any], address: Address, state: UIState, turn: TurnContext
) -> None:
    if turn.signer is None:
        return
    surface = state.surfaces.get(address.surface)
    key_id = turn.signer.key_id if surface is None else surface.key_of(address.epoch)
    if key_id is None:
        return  # it went out before there was a signer; the next turn gives it a nonce
    expected = turn.signer.nonce(state.conversation_id, address.surface, address.epoch, key_id)
    given = body["context"].get(NONCE_KEY)
    text = given if isinstance(given, str) else ""
    if not hmac.compare_digest(text.encode("utf-8", "replace"), expected.encode()):
        raise _Refusal(
            "A2UI_C2S_NONCE_INVALID",
            "the nonce is missing or not this surface's",
            f"/userAction/context/{NONCE_KEY}",
            "send the value the button carries",
        )


def _hash(kind: str, body: Mapping[str, Any]) -> str:
    try:
        return sha256_hex({kind: body})
    except UnicodeEncodeError as exc:
        raise _Refusal(
            "A2UI_C2S_ENVELOPE_INVALID", "a text holds a lone surrogate, which UTF-8 cannot carry"
        ) from exc


def _secrets_in(
    body: Mapping[str, Any], address: Address | None, state: UIState
) -> tuple[str, ...]:
    """Names of the context's values that were typed into secret fields."""
    surface = None if address is None else state.surfaces.get(address.surface)
    context = body.get("context")
    if surface is None or not isinstance(context, dict):
        return ()
    return tuple(sorted(name for name in context if context[name] and surface.is_secret(name)))


def _without(secrets: Collection[str], body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event's content without what was typed into secret fields: a hash of a PIN tells it.

    Without its nonce too, which was checked, and which no log holds: the same event has one hash
    wherever it is run again.
    """
    context = body.get("context")
    if not isinstance(context, dict):
        return body
    typed = {name: REDACTED for name in secrets if context.get(name)}
    told = {name: value for name, value in {**context, **typed}.items() if name != NONCE_KEY}
    return {**body, "context": told}


def _is_of(receipt: Receipt, kind: str, body: Mapping[str, Any]) -> bool:
    """Whether a receipt is for this very event.

    What was a secret is asked of the receipt: the surface may show other fields by now.
    """
    return receipt.payload_hash == _hash(kind, _without(receipt.secrets, body))


def _default_key(kind: str, body: Mapping[str, Any], state: UIState, payload_hash: str) -> str:
    if kind == "error":
        # The same error on a surface built anew is another one.
        epochs = [[surface.name, surface.epoch] for surface in state.live_surfaces()]
        return sha256_hex([state.conversation_id, payload_hash, epochs])
    parts = [body["surfaceId"], body["context"].get(REV_KEY), body["sourceComponentId"]]
    return sha256_hex([state.conversation_id, *parts, body["name"], body["timestamp"]])


def _current(kind: str, address: Address, state: UIState) -> Surface:
    surface = state.surfaces.get(address.surface)
    if surface is None or not surface.live or surface.epoch != address.epoch:
        found = "none" if surface is None or not surface.live else f"epoch {surface.epoch}"
        raise _Refusal(
            "A2UI_C2S_SURFACE_STALE",
            f"the event is for epoch {address.epoch} of {address.surface!r}, shown is {found}",
            join((kind, "surfaceId")),
            "show the snapshot and let the user act again",
        )
    return surface


def _unexpired(
    kind: str, body: Mapping[str, Any], surface: Surface, app: UIApp, turn: TurnContext
) -> Surface:
    """The surface as it is shown; of one that has expired, only the way on can be used."""
    shown = presented(surface, app, partial(app.text, language=turn.language))
    if shown.status == "expired" and body.get("name") != REGENERATE and kind != "error":
        raise _Refusal(
            "A2UI_C2S_SURFACE_STALE",
            f"the view of {surface.name!r} is one that the app no longer has",
            join((kind, "surfaceId")),
            "show the snapshot, which offers to make it again",
        )
    return shown


def _accept_action(
    body: Mapping[str, Any],
    surface: Surface,
    app: UIApp,
    wire: Wire,
    key: str,
    payload_hash: str,
    continues: bool,
) -> Accepted:
    name = body["name"]
    spec = app.actions.get(name) or (ActionSpec(name) if name in OWN_ACTIONS else None)
    if not continues and (spec is None or spec.requires_rev):
        _check_rev(body["context"].get(REV_KEY), surface)
    pressed = wire.buttons(surface).get(body["sourceComponentId"])
    if spec is None or pressed is None or pressed.button.action != name:
        raise _Refusal(
            "A2UI_C2S_ACTION_FORBIDDEN",
            f"the component does not carry the action {name[:40]!r} now",
            "/userAction/name",
            "act on what the surface shows",
        )
    button = pressed.button
    steps = spec.steps
    if steps is not None and (surface.view is None or surface.view.step not in steps):
        raise _Refusal(
            "A2UI_C2S_ACTION_FORBIDDEN",
            f"the action {name[:40]!r} is not valid in this step",
            "/userAction/name",
            "act on what the surface shows",
        )
    context, inputs = wire.sent(body["context"], button, surface)
    _check_context(context, button, inputs, app.limits)
    # What is not checked need not be complete: a row's button sends less to clients that keep it.
    whole = button.submit and button.check
    needed = inputs if whole else [item for item in inputs if item.id in context]
    sent = [(item, _decoded(item, context, wire)) for item in needed]
    # A secret is never sent back to a client, so an empty one is one that was not typed again.
    sent = [pair for pair in sent if pair[0].field.kind != "secret" or pair[1] != ""]
    secrets = {item.id: value for item, value in sent if item.field.kind == "secret"}
    return Accepted(
        key=key,
        payload_hash=payload_hash,
        surface=surface,
        button=button,
        name=name,
        row=pressed.row,
        component_id=body["sourceComponentId"],
        timestamp=body["timestamp"],
        draft=with_values(surface.data["draft"], sent),
        secrets=FrozenDict(secrets),
    )


def _check_rev(rev: Json, surface: Surface) -> None:
    number = rev if isinstance(rev, (int, float)) and not isinstance(rev, bool) else None
    if number != surface.rev:
        found = "none" if number is None else f"revision {number}"
        raise _Refusal(
            "A2UI_C2S_SURFACE_STALE",
            f"the surface is at revision {surface.rev}, the event names {found}",
            f"/userAction/context/{REV_KEY}",
            "let the user act on the latest screen",
        )


def _check_context(
    context: Mapping[str, Any], button: Button, inputs: tuple[Input, ...], limits: Limits
) -> None:
    if len(context) > limits.max_context_keys:
        raise _Refusal(
            "A2UI_C2S_CONTEXT_TOO_LARGE",
            f"max_context_keys is {limits.max_context_keys}, found {len(context)}",
            "/userAction/context",
        )
    allowed = {*CONTEXT_KEYS, *button.args, *(item.id for item in inputs)}
    for key, value in context.items():
        at = join(("userAction", "context", key))
        if key not in allowed:
            why = f"the action has no context key {key[:40]!r}"
            raise _Refusal("A2UI_C2S_CONTEXT_INVALID", why, at, "send the button's own context")
        _check_size(value, at, limits)
    for key, expected in button.args.items():
        given = context.get(key)
        same = type(given) is type(expected) or not isinstance(given, bool)
        # Some clients drop false, 0 and "" from a context; the button's own value holds then.
        if not (given == expected and same) and not (key not in context and not expected):
            raise _Refusal(
                "A2UI_C2S_CONTEXT_INVALID",
                f"the fixed value of {key[:40]!r} was changed",
                join(("userAction", "context", key)),
                "send the button's own context",
            )


def _check_size(value: Json, at: str, limits: Limits) -> None:
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        # A mark may have to go before it on the way out again.
        size = len((MARK + text).encode("utf-8", "surrogatepass")) if isinstance(text, str) else 0
        if size > limits.max_string_bytes:
            raise _Refusal(
                "A2UI_C2S_CONTEXT_TOO_LARGE",
                f"max_string_bytes is {limits.max_string_bytes}, found {size}",
                at,
            )


def _decoded(item: Input, context: Mapping[str, Json], wire: Wire) -> Json:
    if item.id not in context:
        raise _Refusal(
            "A2UI_C2S_CONTEXT_INVALID",
            f"the field {item.id!r} is missing; a submit sends every field",
            join(("userAction", "context", item.id)),
            "send null for a value the client does not have",
        )
    decoded = wire.decode(item.field, context[item.id])
    refused = decoded.refused
    told = wire.recorded and decoded.value == REDACTED
    if item.field.kind == "secret" and not told and is_handle(decoded.value, SECRET_HANDLE):
        refused = "what is typed, no handle"  # which would pass for a secret that met its rules
    if refused is not None:
        raise _Refusal(
            "A2UI_C2S_CONTEXT_INVALID",
            f"the field {item.id!r} takes {refused}",
            join(("userAction", "context", item.id)),
        )
    return decoded.value
