"""What an exception of a model's client means: a `Failure`, named by what to do about it.

Told by status, by the classes' names and by the words that providers use, since neither litellm
nor the clients below it are imported here. The HTTP status that was seen on the wire counts for
more than the one an exception was given on the way.

Source: DESIGN section 11.
"""

from __future__ import annotations

import contextlib
import email.utils
import json
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from uicompiler.llm.exchange import Failure, FailureKind, Request

_LONGEST: Final = 600
_LONGEST_READ: Final = 20_000
_PREFIX: Final = re.compile(
    r"^(?:(?:litellm\.)?[A-Za-z]*(?:Error|Exception|Timeout)(?:: | - )|Timeout Error: )+"
)

_BY_STATUS: Final[Mapping[int, FailureKind]] = {
    401: "unauthorized",
    403: "unauthorized",
    404: "not_found",
    408: "timeout",
    409: "unavailable",
    413: "context_too_long",
    425: "unavailable",
    429: "rate_limited",
    504: "timeout",
}
_INSIDE: Final = frozenset({401, 402, 403, 429, 502, 503, 529})
_BY_CLASS: Final[tuple[tuple[str, FailureKind], ...]] = (
    ("ContextWindowExceededError", "context_too_long"),
    ("ContentPolicyViolationError", "content_filtered"),
    ("UnsupportedParamsError", "unsupported"),
    ("APIResponseValidationError", "invalid_response"),
)
_TOO_LONG: Final = re.compile(
    r"context.?length|maximum context|context window|prompt is too long|too many (?:input )?tokens"
    r"|input (?:token count|is too long)|exceeds? the (?:available |maximum )?context|reduce the "
    r"length of the messages",
    re.IGNORECASE,
)
_FILTERED: Final = re.compile(
    r"content_?policy|content.?filter|content management policy|responsible ?ai ?policy"
    r"|safety system|blocked by|PROHIBITED_CONTENT",
    re.IGNORECASE,
)
_NO_MONEY: Final = re.compile(
    r"insufficient_quota|insufficient (?:credits|balance|quota)|exceeded your current quota"
    r"|billing|credit balance is too low",
    re.IGNORECASE,
)
_NO_KEY: Final = re.compile(
    r"api[_ ]key.{0,40}(?:not valid|invalid|incorrect|must be set|missing|expired)"
    r"|(?:invalid|incorrect|missing) (?:\w+ )?api[_ ]?key|credentials",
    re.IGNORECASE,
)
_NOT_TAKEN: Final = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|extra_forbidden"
    r"|not allowed|only allowed|unavailable now|invalid (?:parameter|schema|value|argument)"
    r"|must be|deprecated|cannot (?:both )?be (?:specified|used)|does not exist|no endpoints"
    r"|incompatible|not a valid|cannot be combined|not implemented|not enabled|requires"
    r"|too large|at most|greater than|less than|out of range|\brange:",
    re.IGNORECASE,
)
_BROKEN_OUTPUT: Final = re.compile(r"json_validate_failed|tool_use_failed|failed_generation")
"""Groq checks what the model wrote, and blames the request for it."""

_SHAPES: Final = re.compile(
    r"json_schema|json_object|json mode|structured.?output|response.?(?:schema|format)|grammar"
    r"|guided|text\.format|output_(?:format|config)|responsemimetype|response.?mime",
    re.IGNORECASE,
)
_TOOLS: Final = re.compile(r"\btools?\b|function.?call|tool.?(?:use|choice|call)", re.IGNORECASE)
_PARAM: Final = re.compile(r"""["']param["']\s*:\s*["']([\w.\[\]-]{1,80})["']""")
_LOC: Final = re.compile(r"""["']loc["']\s*:\s*[\[(]\s*["']body["']\s*,\s*["'](\w{1,60})["']""")


@dataclass(slots=True)
class Seen:
    """What was seen of one call on the wire.

    Attributes:
        status: Of the answer.
        headers: Of the answer, names in lower case.
        failure: Why the answer was not read to its end.
        text: Words that had arrived.
        sent: Method and address of the requests that were sent for it.
        made: Coroutines that threads made for the call.
        over: Whether the call has ended.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    text: list[str] = field(default_factory=list)
    sent: set[tuple[str, str]] = field(default_factory=set)
    made: list[Coroutine[Any, Any, Any]] = field(default_factory=list)
    over: bool = False


def failure_of(
    exc: BaseException, seen: Seen, *, request: Request, scrub: Callable[[str], str]
) -> Failure:
    """What a call came to that raised.

    Args:
        exc: What was raised.
        seen: What was seen of the call.
        request: What was asked; only its keys are looked at.
        scrub: Takes secrets out of the provider's words.
    """
    if seen.failure is not None:
        return seen.failure
    status = _status(exc, seen)
    body = _body(exc)
    said = f"{_words(exc)} {body}"
    kind = _kind(exc, status, said)
    parameter = _parameter(said, request)
    if kind == "refused" and parameter and _NOT_TAKEN.search(said):
        kind = "unsupported"
    return Failure(
        kind=kind,
        message=_short(scrub(_message(body) or _words(exc) + _reason(exc))) or type(exc).__name__,
        status=status,
        retry_after_s=retry_after(_headers(exc, seen), now=datetime.now(UTC)),
        parameter=parameter if kind in ("unsupported", "not_found") else "",
        partial_text="".join(seen.text),
    )


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """How long a provider asks to wait, in seconds.

    Args:
        headers: Names in lower case.
        now: For a date instead of a number; aware.

    Source: RFC 9110 section 10.2.3; `retry-after-ms` is OpenAI's.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        until = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _number(text: str) -> float | None:
    """A number of seconds; what nobody would wait for is none."""
    if not re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", text, re.ASCII):
        return None
    return float(text)


def _kind(exc: BaseException, status: int | None, said: str) -> FailureKind:
    names = {cls.__name__ for cls in type(exc).__mro__}
    for name, kind in _BY_CLASS:
        if name in names:
            return kind
    broken = _broken(exc)
    if broken:
        return broken
    if status is None:
        return "timeout" if "Timeout" in names or "APITimeoutError" in names else "unavailable"
    if status < 300:
        return "invalid_response"
    return _kind_by_status(status, said)


def _kind_by_status(status: int, said: str) -> FailureKind:
    if status >= 500:
        return _BY_STATUS.get(status, "unavailable")
    if status in (402, 429) and _NO_MONEY.search(said):
        return "refused"
    if status in (400, 403, 413, 422):
        if _TOO_LONG.search(said):
            return "context_too_long"
        if _FILTERED.search(said):
            return "content_filtered"
        if status == 400 and _NO_KEY.search(said):
            return "unauthorized"
        if _BROKEN_OUTPUT.search(said):
            return "invalid_response"
    return _BY_STATUS.get(status, "refused")


def _broken(exc: BaseException) -> FailureKind | None:
    """Whether the connection failed, as the HTTP client below says."""
    for cause in _chain(exc):
        names = {cls.__name__ for cls in type(cause).__mro__}
        if "TimeoutException" in names or isinstance(cause, TimeoutError):
            return "timeout"
        if "TransportError" in names or isinstance(cause, ConnectionError):
            return "unavailable"
    return None


def _status(exc: BaseException, seen: Seen) -> int | None:
    told = getattr(exc, "status_code", None)
    if seen.status is not None:
        # Some gateways put a refusal into the body of a 200; litellm reads it there.
        inside = seen.status < 300 and isinstance(told, int) and told in _INSIDE
        return told if inside and _told(exc) else seen.status
    for cause in _chain(exc):
        response = getattr(cause, "response", None)
        status = getattr(response, "status_code", None)
        # litellm makes up a response where there was none; one that came has headers.
        if isinstance(status, int) and getattr(response, "headers", None):
            return status
    return told if isinstance(told, int) and _told(exc) else None


def _told(exc: BaseException) -> bool:
    """Whether a status may be believed: litellm gives 500 to all that it cannot explain."""
    names = {cls.__name__ for cls in type(exc).__mro__}
    return not names & {"InternalServerError", "APIConnectionError", "Timeout"}


def _headers(exc: BaseException, seen: Seen) -> Mapping[str, str]:
    if seen.headers:
        return seen.headers
    for cause in _chain(exc):
        headers = getattr(getattr(cause, "response", None), "headers", None)
        if headers and isinstance(headers, Mapping):
            return {str(name).lower(): str(value) for name, value in dict(headers).items()}
    return {}


def _chain(exc: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    step: BaseException | None = exc
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        yield step
        step = step.__cause__ or step.__context__


def _words(exc: BaseException) -> str:
    message = getattr(exc, "message", None)
    words = str(message if isinstance(message, str) and message else exc)[:_LONGEST_READ]
    return _PREFIX.sub("", words.partition("Traceback (most recent")[0])


def _reason(exc: BaseException) -> str:
    """What the system says of a connection, where a client says no more than that it failed."""
    told = [cause.strerror for cause in _chain(exc) if isinstance(cause, OSError) and cause.errno]
    refused = any(isinstance(cause, ConnectionRefusedError) for cause in _chain(exc))
    reason = "connection refused" if refused else next((text for text in told if text), "")
    return f" ({reason[:200]})" if reason else ""


def _body(exc: BaseException) -> str:
    """What the provider sent, where an exception on the way still has it."""
    for cause in _chain(exc):
        text: object = None
        with contextlib.suppress(Exception):  # a body that was not read, or that is no text
            text = getattr(getattr(cause, "response", None), "text", None)
        if isinstance(text, str) and text:
            return text[:_LONGEST_READ]
    return ""


def _message(body: str) -> str:
    """The words of an error in JSON, which every provider puts elsewhere."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if isinstance(told, list) and told:
        told = told[0]
    for key in ("error", "message", "detail"):
        inner = told.get(key) if isinstance(told, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("message"), str):
            return str(inner["message"])
        if inner:
            return inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False)
    return ""


def _parameter(said: str, request: Request) -> str:
    """The key of the request that the provider means, if it means one."""
    optional = [key for key in request if key not in ("model", "messages")]
    named = _PARAM.search(said) or _LOC.search(said)
    if named:
        head = re.split(r"[.\[]", named[1])[0]
        if head in optional:
            return head
    if "response_format" in optional and _SHAPES.search(said):
        return "response_format"
    for key in sorted(optional, key=len, reverse=True):
        if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", said):
            return key
    return "tools" if "tools" in optional and _TOOLS.search(said) else ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
