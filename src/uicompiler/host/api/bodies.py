"""What requests bring: bodies as JSON or text, counts to resume at; and what answers say.

Size comes first, then time, then shape, before it is asked who sent it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request

from uicompiler.app import ClientProfile
from uicompiler.errors import CODES, HostError, IngressError, diagnostic
from uicompiler.host.api.refusals import JSON, error_of, refused
from uicompiler.host.pages.post import BodyLimits, read_body
from uicompiler.host.turns.press import Answer
from uicompiler.limits import Limits
from uicompiler.strict_json import StrictJsonError, loads

NDJSON: Final = "application/x-ndjson"
TEXT: Final = "text/plain"
PROTOCOLS: Final = ("a2ui-v0.8", "html")

_MAX_BEGIN_BYTES: Final = 64 * 1024
_MAX_BEGIN_DEPTH: Final = 32
_MAX_DIGITS: Final = 15
_MAX_KEY: Final = 256


def media_type(headers: Headers) -> str:
    """The type of a body, without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def wants_lines(request: HTTPConnection) -> bool:
    """Whether a request asks for JSON Lines by name."""
    accepted = request.headers.get("accept", "")[:2_048].lower().split(",")
    return NDJSON in {part.partition(";")[0].strip() for part in accepted}


def key_in(headers: Headers) -> str | None:
    """The idempotency key of a request.

    Raises:
        HostError: HOST_BODY_INVALID, it is too long.
    """
    return checked_key(headers.get("idempotency-key") or None)


def checked_key(key: object) -> str | None:
    """An idempotency key as a client sent it.

    Raises:
        HostError: HOST_BODY_INVALID.
    """
    if key is None:
        return None
    if not isinstance(key, str) or not 0 < len(key) <= _MAX_KEY:
        message = f"an idempotency key is a text of 1 to {_MAX_KEY} characters"
        raise refused("HOST_BODY_INVALID", message, pointer="/key")
    return key


# --- counts ---------------------------------------------------------------------------------------


def resumed_at(request: HTTPConnection) -> int | None:
    """The last turn a client saw: what its stream said last, else what its address says.

    Raises:
        HostError: HOST_RESUME_INVALID.
    """
    given = request.headers.getlist("last-event-id")
    if len(given) > 1:
        raise _not_a_count("Last-Event-ID stands there more than once")
    return count(given[0] if given and given[0] else request.query_params.get("after"))


def count(given: object) -> int | None:
    """A conversation's count as a client names it; None for none.

    Raises:
        HostError: HOST_RESUME_INVALID.
    """
    if given is None:
        return None
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 10**_MAX_DIGITS:
        return given
    digits = isinstance(given, str) and given.isascii() and given.isdigit()
    if not isinstance(given, str) or not digits or len(given) > _MAX_DIGITS:
        raise _not_a_count("it is a whole number, of at most 15 digits")
    return int(given)


def _not_a_count(message: str) -> HostError:
    hint = "send the id of the last whole turn, or nothing for everything there is"
    return refused("HOST_RESUME_INVALID", message, hint=hint)


# --- bodies ---------------------------------------------------------------------------------------


async def read_begin(request: Request, body: BodyLimits) -> Mapping[str, Any]:
    """What a conversation is to be begun with; nothing for an empty body.

    Raises:
        HostError: HOST_BODY_TOO_LARGE, HOST_BODY_SLOW, HOST_CONTENT_TYPE_UNSUPPORTED,
            HOST_BODY_INVALID.
    """
    raw = await read_body(request, _MAX_BEGIN_BYTES, body)
    if not raw:
        return {}
    value = _json(request, raw, _MAX_BEGIN_DEPTH)
    if not isinstance(value, dict):
        raise refused("HOST_BODY_INVALID", "the body is a JSON object")
    unknown = sorted(set(value) - {"protocol", "client", "capabilities", "language"})
    if unknown:
        message = f"there is no {unknown[0][:64]!r} to choose"
        raise refused("HOST_BODY_INVALID", message, hint="protocol, client, capabilities, language")
    return value


def protocol_of(begin: Mapping[str, Any]) -> str:
    """The protocol that is asked for.

    Raises:
        HostError: HOST_BODY_INVALID.
    """
    found = begin.get("protocol", PROTOCOLS[0])
    if found not in PROTOCOLS:
        hint = ", ".join(PROTOCOLS)
        raise refused("HOST_BODY_INVALID", "no such protocol", pointer="/protocol", hint=hint)
    return str(found)


def client_of(begin: Mapping[str, Any], *, inline_catalogs: bool) -> ClientProfile:
    """The client that is told of: a profile's name, and its `a2uiClientCapabilities`.

    Raises:
        HostError: HOST_BODY_INVALID.
        IngressError: as `ClientProfile.with_capabilities`.
    """
    name = begin.get("client", "web_core")
    try:
        profile = ClientProfile.named(name if isinstance(name, str) else "")
    except ValueError as exc:
        message, hint = "no such client profile", str(exc).rpartition(": ")[2]
        raise refused("HOST_BODY_INVALID", message, pointer="/client", hint=hint) from exc
    if "capabilities" not in begin:
        return profile
    try:
        return profile.with_capabilities(
            begin["capabilities"], allow_inline_catalogs=inline_catalogs
        )
    except IngressError as exc:
        raise IngressError([item.at("/capabilities") for item in exc.diagnostics]) from exc


async def read_turn(
    request: Request, limits: Limits, body: BodyLimits
) -> tuple[str | None, bytes | str]:
    """A turn: a user's message, or what a model wrote.

    Returns:
        The message or None, and what the model wrote.

    Raises:
        HostError: as `read_begin`.
    """
    most = limits.max_envelope_bytes
    raw = await read_body(request, most, body)
    if media_type(request.headers) == TEXT:
        return None, _text(raw)
    message = _message(_json(request, raw, limits.max_envelope_depth))
    return message, raw


def _message(value: object) -> str | None:
    """The message of a turn; None where it is an envelope."""
    if not isinstance(value, dict) or "message" not in value:
        return None
    message = value["message"]
    if set(value) != {"message"} or not isinstance(message, str) or not message.strip():
        text = "a message is a text, and stands alone"
        raise refused("HOST_BODY_INVALID", text, pointer="/message")
    return message


async def read_event_body(request: Request, limits: Limits, body: BodyLimits) -> bytes:
    """The text of an event, read no further than one may be long.

    Raises:
        HostError: HOST_BODY_SLOW, HOST_CONTENT_TYPE_UNSUPPORTED.
        IngressError: A2UI_C2S_CONTEXT_TOO_LARGE.
    """
    most = limits.max_event_bytes
    try:
        raw = await read_body(request, most, body)
    except HostError as exc:
        if exc.code != "HOST_BODY_TOO_LARGE":
            raise
        message = f"max_event_bytes is {most}, the event has more"
        raise IngressError([diagnostic("A2UI_C2S_CONTEXT_TOO_LARGE", message)]) from exc
    _check_json(request)
    return raw


async def read_nothing(request: Request, body: BodyLimits) -> None:
    """The body of a request that needs none; a browser's or a client's `{}` is as good.

    Raises:
        HostError: HOST_BODY_TOO_LARGE, HOST_BODY_SLOW.
    """
    await read_body(request, 1_024, body)


def _json(request: Request, raw: bytes, max_depth: int) -> object:
    _check_json(request)
    try:
        return loads(raw, max_depth=max_depth)
    except StrictJsonError as exc:
        raise refused("HOST_BODY_INVALID", f"the body is not JSON: {exc}") from exc


def _check_json(request: Request) -> None:
    if media_type(request.headers) != JSON:
        hint = f"send Content-Type: {JSON}"
        raise refused("HOST_CONTENT_TYPE_UNSUPPORTED", f"the body is {JSON}", hint=hint)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as exc:
        raise refused("HOST_BODY_INVALID", "the body is text in UTF-8") from exc


# --- answers --------------------------------------------------------------------------------------


def answer_body(answer: Answer) -> dict[str, Any]:
    """What a turn came to, as JSON; the same, whoever asks again under the same key."""
    body = dict(answer.body)
    if answer.refused:
        return {**body, "error": error_of(answer.refused[0]), "text": answer.text}
    if answer.status < 400:
        return body
    return {**body, "error": _worst(body["diagnostics"])}


def _worst(findings: object) -> dict[str, Any]:
    """The finding that made a turn fail: the first with a status, else the first at all."""
    told: Sequence[Mapping[str, Any]] = findings if isinstance(findings, (list, tuple)) else ()
    errors = [item for item in told if item["severity"] == "error"] or list(told)
    known = [item for item in errors if CODES[item["code"]].status is not None]
    first = next(iter([*known, *errors]), None)
    return error_of(first or diagnostic("HOST_FAILED", "the turn failed"))


def lines(items: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON Lines."""
    return b"".join(orjson.dumps(item) + b"\n" for item in items)
