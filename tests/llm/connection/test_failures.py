"""What an exception of a model's client means, whatever it is and whatever it says."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.llm.connection.failures import Seen, failure_of, retry_after
from uicompiler.llm.connection.replies import reply_of, with_estimates
from uicompiler.llm.connection.secrets import Scrubber
from uicompiler.llm.exchange import Failure, FailureKind, Reply, Usage

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
REQUEST = {"model": "m/m", "messages": [], "seed": 1, "response_format": {}, "tools": [1]}
KINDS = get_args(FailureKind)


class SomeError(Exception):
    """An exception with whatever attributes a client gives it."""

    def __init__(self, words: object, /, **attributes: Any) -> None:
        super().__init__(words)
        for name, value in attributes.items():
            setattr(self, name, value)


def told(exc: BaseException, status: int | None = None, **more: Any) -> Failure:
    seen = Seen(status=status, **more)
    return failure_of(exc, seen, request=REQUEST, scrub=Scrubber())


# --- words ----------------------------------------------------------------------------------------

BODIES = [
    ('{"error": {"message": "Too big.", "code": 1}}', "Too big."),
    ('{"error": "Too big."}', "Too big."),
    ('{"message": "Too big.", "code": 1}', "Too big."),
    ('{"detail": "Too big."}', "Too big."),
    ('{"detail": [{"msg": "Too big."}]}', '[{"msg": "Too big."}]'),
    ('{"object": "error", "message": {"detail": "Too big."}}', '{"detail": "Too big."}'),
    ('[{"error": {"message": "Too big.", "code": 1}}]', "Too big."),
    ('{"error": null, "message": ""}', "as raised"),
    ("[]", "as raised"),
    ("<html>", "as raised"),
    ("[" * 100_000, "as raised"),
    ("7", "as raised"),
    ("", "as raised"),
]


@pytest.mark.parametrize(("body", "message"), BODIES)
def test_the_providers_own_words_are_found(body: str, message: str) -> None:
    exc = SomeError("as raised", response=SimpleNamespace(text=body, headers={"x": "y"}))
    assert told(exc, 418).message == message


def test_words_are_short_and_on_one_line() -> None:
    exc = SomeError("litellm.APIError: APIError: XException - one\n  two" + " three" * 500)
    message = told(exc, 500).message
    assert message.startswith("one two three")
    assert len(message) == 600 and message.endswith("…")
    assert told(SomeError("sad\nTraceback (most recent call last):\n  x"), 500).message == "sad"
    assert told(SomeError(""), 500).message == "SomeError"


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 1)"), "connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
    ],
)
def test_why_there_was_no_connection_is_told(cause: OSError, reason: str) -> None:
    failed = RuntimeError("Connection error.")
    failed.__cause__ = OSError("All connection attempts failed")
    failed.__cause__.__cause__ = cause
    assert told(failed).message == f"Connection error. ({reason})"


def test_a_chain_that_bites_its_tail_is_read_once() -> None:
    first, second = SomeError("first"), SomeError("second")
    first.__cause__, second.__cause__ = second, first
    assert told(first, 500).kind == "unavailable"


@given(
    st.text(max_size=200),
    st.none() | st.integers(-1, 1000),
    st.dictionaries(
        st.sampled_from(["message", "status_code", "response", "body", "param"]),
        st.none()
        | st.integers()
        | st.text(max_size=50)
        | st.just(SimpleNamespace(text=b"", headers=3)),
    ),
)
def test_any_exception_is_a_failure(
    words: str, status: int | None, attributes: dict[str, Any]
) -> None:
    came = told(SomeError(words, **attributes), status)
    assert came.kind in KINDS
    assert came.parameter in ("", *REQUEST)
    assert "\n" not in came.message and 0 < len(came.message) <= 600


@pytest.mark.parametrize(
    "piece", ["a", "Error: ", "api_key ", "'param': ", "[", "not support ", "tool"]
)
def test_long_words_are_read_in_one_go(piece: str) -> None:
    assert told(SomeError(piece * 100_000), 400).kind in KINDS


SAID = [
    # Groq
    ("Failed to generate JSON. See 'failed_generation'.", "invalid_response", ""),
    # OpenAI, Anthropic
    (
        "max_tokens is too large: 99999. This model supports at most 16384 completion tokens.",
        "unsupported",
        "max_tokens",
    ),
    ("temperature: range: 0..1", "unsupported", "temperature"),
    (
        "`temperature` and `top_p` cannot both be specified for this model.",
        "unsupported",
        "temperature",
    ),
    ("prompt is too long: 210000 tokens > 200000 maximum", "context_too_long", ""),
    # Google
    ("API key not valid. Please pass a valid API key.", "unauthorized", ""),
    # vLLM
    (
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        "unsupported",
        "tools",
    ),
]


@pytest.mark.parametrize(("words", "kind", "parameter"), SAID)
def test_words_of_a_refused_request(words: str, kind: str, parameter: str) -> None:
    request = {**REQUEST, "temperature": 0, "max_tokens": 9, "top_p": 1}
    came = failure_of(SomeError(words), Seen(status=400), request=request, scrub=Scrubber())
    assert (came.kind, came.parameter) == (kind, parameter)


# --- waiting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("Thu, 01 Jan 2026 12:01:00 GMT", 60.0),
        ("Thursday, 01-Jan-26 12:01:00 GMT", 60.0),
        ("Thu, 01 Jan 2026 14:01:00 +0200", 60.0),
        ("Thu, 01 Jan 2026 11:59:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 12:01:00", 60.0),
        ("", None),
        ("later", None),
        ("-1", None),
        ("nan", None),
        ("1e3", None),
        ("٥", None),
        ("9" * 50, None),
        ("Thu, 99 Jan 2026 12:01:00 GMT", None),
        ("Thu, 01 Jan 99999 12:01:00 GMT", None),
    ],
)
def test_how_long_to_wait(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, now=NOW) == seconds


@given(st.text(max_size=40))
def test_any_header_is_some_time_or_none(text: str) -> None:
    seconds = retry_after({"retry-after": text, "retry-after-ms": text}, now=NOW)
    assert seconds is None or seconds >= 0


# --- replies --------------------------------------------------------------------------------------

_ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
        | st.builds(
            SimpleNamespace,
            choices=inner,
            message=inner,
            content=inner,
            tool_calls=inner,
            usage=inner,
            prompt_tokens=inner,
            function=inner,
            arguments=inner,
            text=inner,
        )
    ),
    max_leaves=12,
)


@given(_ODD)
def test_any_object_is_a_reply_or_none(answer: object) -> None:
    wrapped = SimpleNamespace(choices=[answer], usage=answer, id=answer, model=answer)
    for odd in (answer, wrapped):
        came = reply_of(odd, lambda usage: None)
        assert isinstance(came, Failure) or isinstance(came.text, str)


def test_a_text_in_parts_is_one_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"text": None}, "x", {"text": "b"}]
    message = SimpleNamespace(content=parts)
    came = reply_of(SimpleNamespace(choices=[SimpleNamespace(message=message)]), lambda usage: None)
    assert isinstance(came, Reply) and came.text == "ab"


def test_counts_that_cannot_be_are_none() -> None:
    counts = SimpleNamespace(prompt_tokens=-5, completion_tokens=True, prompt_tokens_details={})
    choices = [SimpleNamespace(message=SimpleNamespace(content="x"))]
    came = reply_of(SimpleNamespace(choices=choices, usage=counts), lambda usage: 1.0)
    assert isinstance(came, Reply) and came.usage == Usage()


def test_only_what_the_provider_did_not_count_is_estimated() -> None:
    counted = Reply("abc", usage=Usage(50, 0, 7))
    came = with_estimates(counted, REQUEST, len, lambda usage: float(usage.total_tokens))
    assert came.usage == Usage(50, 3, 7, estimated=True)
    assert came.cost_usd == 53.0
    whole = Reply("abc", usage=Usage(50, 3), cost_usd=9.0)
    assert with_estimates(whole, REQUEST, len, lambda usage: None) is whole
