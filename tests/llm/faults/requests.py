"""What a provider refuses, and what it fails to do."""

from __future__ import annotations

from typing import Final

from tests.llm.faults.cases import GOOD, Fault, error, has, raw, refusing, slow, wants
from uicompiler.evals.sim.answer import SimAnswer

_TRIED: Final = {"settings": {"temperature": 0.2, "seed": 7}}
_EXTRA_422: Final = (
    b'{"detail":[{"type":"extra_forbidden","loc":["body","seed"],'
    b'"msg":"Extra inputs are not permitted","input":7}]}'
)
_HASTY: Final = {"request_timeout_s": 0.25}
_LIMIT: Final = error(429, "Rate limit reached for requests.", code="rate_limit_exceeded")
_BUSY: Final = error(503, "The model is overloaded.")
_LOST: Final = SimAnswer(cut_after=0)
_HANGS: Final = SimAnswer(delay_s=None)


def waiting(seconds: str) -> SimAnswer:
    """A 429 that says when to come again."""
    return SimAnswer(status=429, error=_LIMIT.error, headers=(("retry-after", seconds),))


REFUSED: Final = (
    Fault(
        "unknown key, 400 that names it",
        [
            refusing(
                error(
                    400,
                    "Unsupported value: 'temperature' does not support 0.2 with this model.",
                    type="invalid_request_error",
                    param="temperature",
                    code="unsupported_value",
                ),
                where=has("temperature"),
            )
        ],
        outcomes=("unsupported", "ok"),
        codes=("LLM_PARAMETER_DROPPED",),
        **_TRIED,
    ),
    Fault(
        "unknown key, 400 that words it",
        [refusing(error(400, "Unrecognized request argument supplied: seed"), where=has("seed"))],
        outcomes=("unsupported", "ok"),
        codes=("LLM_PARAMETER_DROPPED",),
        **_TRIED,
    ),
    Fault(
        "unknown key, 422 with its place",
        [refusing(raw(_EXTRA_422, 422), where=has("seed"))],
        outcomes=("unsupported", "ok"),
        codes=("LLM_PARAMETER_DROPPED",),
        **_TRIED,
    ),
    Fault(
        "two unknown keys, one after the other",
        [
            lambda request: (
                raw(_EXTRA_422, 422)
                if "seed" in request
                else error(400, "temperature is not supported", param="temperature")
                if "temperature" in request
                else GOOD
            )
        ],
        outcomes=("unsupported", "unsupported", "ok"),
        **_TRIED,
    ),
    Fault(
        "schema mode, 404 of a router",
        [
            refusing(
                error(
                    404,
                    "No endpoints found that support the requested parameters: response_format",
                    code=404,
                ),
                where=wants("json_schema"),
            )
        ],
        outcomes=("not_found", "ok"),
        codes=("LLM_LADDER_STEPPED",),
    ),
    Fault(
        "every structured mode, 404 without a reason",
        [refusing(error(404, "Not Found"), where=has("response_format"))],
        outcomes=("not_found", "not_found", "ok"),
        codes=("LLM_LADDER_STEPPED",),
    ),
    Fault(
        "schema mode, 400 unavailable",
        [
            refusing(
                error(400, "This response_format type is unavailable now"),
                where=wants("json_schema"),
            )
        ],
        outcomes=("unsupported", "ok"),
        codes=("LLM_LADDER_STEPPED",),
    ),
    Fault(
        "schema refused for what is in it",
        [
            refusing(
                error(
                    400,
                    "Invalid schema for response_format 'uicompiler_envelope': schema is too deep",
                    param="response_format",
                ),
                where=wants("json_schema"),
            )
        ],
        outcomes=("unsupported", "ok"),
        codes=("LLM_LADDER_STEPPED",),
    ),
    Fault(
        "every structured mode, 422",
        [
            refusing(
                raw(
                    b'{"detail":[{"loc":["body","response_format"],"msg":"extra fields not '
                    b'permitted","type":"value_error.extra"}]}',
                    422,
                ),
                where=has("response_format"),
            )
        ],
        outcomes=("unsupported", "unsupported", "ok"),
    ),
    Fault(
        "no such model",
        [
            error(
                404,
                "The model `x` does not exist or you do not have access to it.",
                code="model_not_found",
            )
        ],
        ends="LLM_NOT_FOUND",
        outcomes=("not_found",) * 3,
    ),
    Fault(
        "no key", [error(401, "Incorrect API key provided.")], "LLM_UNAUTHORIZED", ("unauthorized",)
    ),
    Fault(
        "forbidden",
        [error(403, "Your country is not supported.")],
        "LLM_UNAUTHORIZED",
        ("unauthorized",),
    ),
    Fault(
        "no money left, 429",
        [
            error(
                429,
                "You exceeded your current quota, please check your plan and billing.",
                code="insufficient_quota",
            )
        ],
        "LLM_REQUEST_REFUSED",
        ("refused",),
    ),
    Fault(
        "no money left, 402",
        [error(402, "Insufficient credits.")],
        "LLM_REQUEST_REFUSED",
        ("refused",),
    ),
    Fault(
        "context too long",
        [
            error(
                400,
                "This model's maximum context length is 8192 tokens.",
                code="context_length_exceeded",
            )
        ],
        "LLM_CONTEXT_TOO_LONG",
        ("context_too_long",),
    ),
    Fault(
        "request too large",
        [error(413, "Request Entity Too Large")],
        "LLM_CONTEXT_TOO_LONG",
        ("context_too_long",),
    ),
    Fault(
        "filtered before it is answered",
        [
            error(
                400,
                "The response was filtered due to the prompt triggering content management policy.",
                code="content_filter",
            )
        ],
        "LLM_CONTENT_FILTERED",
        ("content_filtered",),
    ),
    Fault(
        "refused for no reason",
        [error(400, "Bad Request")],
        "LLM_REQUEST_REFUSED",
        ("refused",) * 3,
    ),
)
"""Requests that are refused."""

LIMITED: Final = (
    Fault("429 with Retry-After", [waiting("2"), GOOD], outcomes=("rate_limited", "ok")),
    Fault(
        "429 with a date",
        [waiting("Wed, 21 Oct 2099 07:28:00 GMT"), GOOD],
        "LLM_RATE_LIMITED",
        ("rate_limited",),
    ),
    Fault("429 with nonsense", [waiting("soon"), GOOD], outcomes=("rate_limited", "ok")),
    Fault(
        "429 without Retry-After",
        [_LIMIT, _LIMIT, GOOD],
        outcomes=("rate_limited", "rate_limited", "ok"),
        codes=("LLM_RETRIED",),
    ),
    Fault("429 for ever", [_LIMIT], "LLM_RATE_LIMITED", ("rate_limited",) * 4),
    Fault(
        "429 for longer than there is time",
        [waiting("3600")],
        "LLM_RATE_LIMITED",
        ("rate_limited",),
    ),
)
"""Too many requests."""

FAILING: Final = (
    *(
        Fault(f"{status} once", [error(status, "It broke."), GOOD], outcomes=(kind, "ok"))
        for status, kind in (
            (500, "unavailable"),
            (502, "unavailable"),
            (503, "unavailable"),
            (504, "timeout"),
            (520, "unavailable"),
            (529, "unavailable"),
            (408, "timeout"),
            (409, "unavailable"),
        )
    ),
    Fault("503 for ever", [_BUSY], "LLM_UNAVAILABLE", ("unavailable",) * 4),
    Fault(
        "502 with a page",
        [raw(b"<html><body>Bad gateway</body></html>", 502, content_type="text/html"), GOOD],
        outcomes=("unavailable", "ok"),
    ),
    Fault("no answer once", [_HANGS, GOOD], outcomes=("timeout", "ok"), settings=_HASTY),
    Fault("no answer ever", [_HANGS], "LLM_TIMEOUT", ("timeout",) * 4, settings=_HASTY),
    Fault("slow bytes, in time", [slow(GOOD, 0.3, 20)], settings={"request_timeout_s": 5.0}),
    Fault(
        "slow bytes, for too long",
        [slow(GOOD, 30.0, 400), GOOD],
        outcomes=("timeout", "ok"),
        settings=_HASTY,
    ),
    Fault("connection lost before an answer", [_LOST, GOOD], outcomes=("unavailable", "ok")),
    Fault(
        "connection lost inside an answer",
        [SimAnswer(text=GOOD.text, cut_after=200), GOOD],
        outcomes=("unavailable", "ok"),
    ),
    Fault("connection lost for ever", [_LOST], "LLM_UNAVAILABLE", ("unavailable",) * 4),
    Fault(
        "no calls left",
        [_BUSY],
        "LLM_BUDGET_EXHAUSTED",
        ("unavailable",) * 2,
        budget={"calls": 2},
    ),
    Fault(
        "no time left",
        [_HANGS],
        "LLM_TIMEOUT",
        ("timeout",),
        settings={"request_timeout_s": 0.2},
        budget={"seconds": 0.3},
    ),
)
"""Providers that do not answer."""
