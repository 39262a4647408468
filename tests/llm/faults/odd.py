"""Answers in HTTP and JSON that servers and gateways give, and no specification tells of."""

from __future__ import annotations

from typing import Any, Final

from tests.llm.faults.bodies import completion
from tests.llm.faults.cases import GOOD, MEANT, TEXT, Fault, error, raw
from tests.llm.faults.playing import KEY
from uicompiler.evals.sim.answer import SimAnswer

_NOWHERE: Final = (("location", "http://127.0.0.1:9/"),)
_RETRIED: Final = ("unavailable", "ok")
_LIMIT: Final = {"message": "Slow down."}


def limited(name: str, value: str) -> SimAnswer:
    """A 429 with a header."""
    return SimAnswer(status=429, error=_LIMIT, headers=((name, value),))


def saying(content: Any, reason: str | None = "stop", **more: Any) -> SimAnswer:
    """A completion with something else for content."""
    message = {"role": "assistant", "content": content, **more}
    return raw(completion(message, finish_reason=reason))


ODD: Final = (
    Fault(
        "a way to somewhere else is not followed",
        [SimAnswer(status=302, error=_LIMIT, headers=_NOWHERE), GOOD],
        "LLM_REQUEST_REFUSED",
        ("refused",),
    ),
    Fault("status 204", [raw(b"", 204), GOOD], outcomes=("invalid_response", "ok")),
    Fault("status 999", [error(999, "Blocked."), GOOD], outcomes=_RETRIED),
    Fault("status 501", [error(501, "Not implemented."), GOOD], outcomes=_RETRIED),
    Fault("status 410", [error(410, "Gone.")], "LLM_REQUEST_REFUSED", ("refused",)),
    Fault("status 451", [error(451, "Not here.")], "LLM_REQUEST_REFUSED", ("refused",)),
    Fault(
        "an error that is a text",
        [raw(b'{"error":"nope"}', 400)],
        "LLM_REQUEST_REFUSED",
        ("refused",) * 3,
    ),
    Fault("an error that is a list", [raw(b"[]", 500), GOOD], outcomes=_RETRIED),
    Fault(
        "an error that says the key again",
        [error(400, f"Bad request. Authorization: Bearer {KEY}")],
        "LLM_REQUEST_REFUSED",
        ("refused",) * 3,
    ),
    Fault(
        "a header that is huge",
        [SimAnswer(text=TEXT, headers=(("x-a", "y" * 200_000),)), GOOD],
        outcomes=_RETRIED,
    ),
    Fault(
        "a length that is not kept",
        [SimAnswer(text=TEXT, headers=(("content-length", "99999"),)), GOOD],
        outcomes=_RETRIED,
    ),
    Fault(
        "429 with a negative time",
        [limited("retry-after", "-5"), GOOD],
        outcomes=("rate_limited", "ok"),
    ),
    Fault(
        "429 with a time of 400 digits",
        [limited("retry-after", "9" * 400), GOOD],
        outcomes=("rate_limited", "ok"),
    ),
    Fault(
        "429 with milliseconds",
        [limited("retry-after-ms", "1500"), GOOD],
        outcomes=("rate_limited", "ok"),
    ),
    Fault(
        "503 with Retry-After",
        [SimAnswer(status=503, error=_LIMIT, headers=(("retry-after", "3"),)), GOOD],
        outcomes=_RETRIED,
    ),
    Fault("content that is an object", [saying(MEANT), GOOD], outcomes=("invalid_response", "ok")),
    Fault(
        "content in parts",
        [saying([{"type": "text", "text": TEXT}]), GOOD],
        outcomes=("invalid_response", "ok"),
    ),
    Fault("no reason for stopping", [saying(TEXT, None)]),
    Fault("a reason that nobody knows", [saying(TEXT, "SAFETY")]),
    Fault("another role", [saying(TEXT, role="system")]),
    Fault(
        "a call of a function, as it once was",
        [saying(None, "function_call", function_call={"name": "x", "arguments": TEXT}), GOOD],
        outcomes=("unusable", "ok"),
    ),
)
"""Oddities."""
