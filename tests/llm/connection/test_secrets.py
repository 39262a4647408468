"""No key is found where others may read: in messages, logs, failures, what a cache keeps."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.model_server import Answer, Asked, completion, model_server, refusal, stream
from uicompiler import llm
from uicompiler.app import UIApp
from uicompiler.errors import LLMError
from uicompiler.llm.asking.capabilities import Capability
from uicompiler.llm.asking.checks import check_settings
from uicompiler.llm.cache import directory_cache
from uicompiler.llm.connection.secrets import (
    Scrubber,
    ScrubbingFilter,
    environment_secrets,
    host_of,
    origin_of,
    without_secrets,
)
from uicompiler.llm.exchange import Reply
from uicompiler.llm.settings import ModelSettings, RunMode, Tries
from uicompiler.llm.transport import LiteLLMTransport, _litellm

CANARY = 'kanari/K3y+with"odd=letters.0123456789'
OTHER = "of-the-environment-9876543210"
ASK: dict[str, Any] = {
    "model": "openai/gpt-4o-mini",
    "messages": [{"role": "user", "content": "Hello?"}],
}


def spelled(secret: str) -> list[str]:
    return [
        secret,
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode().rstrip("="),
    ]


def assert_no_key(text: str, *secrets: str) -> None:
    for secret in secrets or (CANARY, OTHER):
        for form in spelled(secret):
            assert form not in text, f"a key in: {text[:500]}"


# --- the scrubber ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", spelled(CANARY))
def test_a_known_key_is_taken_out_however_it_is_spelled(form: str) -> None:
    assert_no_key(Scrubber([CANARY])(f"before {form} after"))


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abcdef1234567890.",
        "Authorization: Bearer abcdef123456",
        "{'api_key': 'abcdef123456'}",
        '{"x-api-key": "abcdef123456"}',
        "https://user:abcdef123456@models.example/v1",
        "https://models.example/v1?key=AIzaSyA1234567890123456789012345678901",
        "api-key=abcdef123456&x=1",
        "gsk_abcdef1234567890",
        "xai-abcdef1234567890",
        "hf_abcdef1234567890",
        "AKIAABCDEFGHIJKLMNOP",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc123def",
    ],
)
def test_what_looks_like_a_key_is_taken_out(text: str) -> None:
    scrubbed = Scrubber()(text)
    assert "abcdef1234" not in scrubbed and "ABCDEFGHIJ" not in scrubbed
    assert "AIza" not in scrubbed and "eyJzdWIi" not in scrubbed
    assert "***" in scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "The parameter 'seed' is not supported.",
        "You passed 12 tokens; the basic limit is 8192.",
        "Ask the bearer of this message.",
        "max_tokens: 4096, api_key: ***",
        "",
    ],
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert Scrubber([CANARY])(text) == text


@given(st.text(min_size=6, max_size=60), st.text(max_size=40), st.text(max_size=40))
def test_a_known_key_never_stays(secret: str, before: str, after: str) -> None:
    plain = secret.strip()
    if len(plain) < 6 or "*" in plain:
        return
    assert plain not in Scrubber([secret])(f"{before}{secret}{after}")


@pytest.mark.parametrize("piece", ["a", "sk-", "api_key", "://", "eyJ", "Bearer ", '"', "-", "a."])
def test_long_texts_are_searched_in_one_go(piece: str) -> None:
    text = piece * 60_000
    assert Scrubber([CANARY])(text + CANARY) != text + CANARY


def test_what_is_too_short_to_be_a_key_is_a_word() -> None:
    assert Scrubber(["a", "none", None, ""])("none of a") == "none of a"


def test_variables_that_hold_secrets_are_known_by_their_names() -> None:
    environment = {
        "OPENAI_API_KEY": "one",
        "AWS_SECRET_ACCESS_KEY": "two",
        "HF_TOKEN": "three",
        "db_password": "four",
        "PATH": "five",
        "KEYBOARD": "six",
    }
    assert sorted(environment_secrets(environment)) == ["four", "one", "three", "two"]


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (None, ""),
        ("", ""),
        ("https://user:pass@models.example:8443/v1?key=x", "models.example:8443"),
        ("http://[::1]:8000/v1", "::1:8000"),
        ("localhost:8000", "localhost:8000"),
        ("http://host:port/", ""),
        ("https://HOST.example", "host.example"),
    ],
)
def test_of_an_address_only_the_host_is_told(address: str | None, host: str) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        (None, None),
        ("https://me:kanari@example.org:8/kanari/v1?kanari#kanari", "https://example.org:8"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
        ("http://[::1/v1", ""),
    ],
)
def test_of_an_address_a_record_keeps_its_origin(address: str | None, origin: str | None) -> None:
    assert origin_of(address) == origin


def test_a_value_is_scrubbed_all_through() -> None:
    value = {"a": [CANARY, 1, None, {"b": f"x{CANARY}"}], "c": True}
    cleaned = without_secrets(value, Scrubber([CANARY]))
    assert cleaned == {"a": ["***", 1, None, {"b": "x***"}], "c": True}


def test_log_records_are_scrubbed_with_their_arguments_and_exceptions() -> None:
    log_filter = ScrubbingFilter()
    scrubber = Scrubber([CANARY])
    log_filter.scrubbers.add(scrubber)
    try:
        raise ValueError(CANARY)
    except ValueError:
        record = logging.LogRecord("x", 10, __file__, 1, "key %s", (CANARY,), sys.exc_info())
    assert log_filter.filter(record)
    assert_no_key(logging.Formatter().format(record))
    untouched = logging.LogRecord("x", 10, __file__, 1, "told %s", ("apart",), None)
    assert log_filter.filter(untouched)
    assert (untouched.msg, untouched.args) == ("told %s", ("apart",))
    broken = logging.LogRecord("x", 10, __file__, 1, f"%d {CANARY}", ("no number",), None)
    assert log_filter.filter(broken)
    assert_no_key(broken.getMessage())


# --- everything else ------------------------------------------------------------------------------


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """All that any logger says, at its most talkative."""
    litellm = _litellm()
    lines: list[str] = []

    class Everything(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.name} {self.format(record)} {record.__dict__}")

    handler = Everything(level=1)
    names = ["LiteLLM", "openai", "httpx", "httpcore", "asyncio", "uicompiler", ""]
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    monkeypatch.setattr(litellm, "set_verbose", True)
    for logger in loggers:
        logger.setLevel(1)
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def _quoting(asked: Asked) -> Answer:
    """An error of a server that quotes what it was sent."""
    return Answer(refusal(f"Bad key: {json.dumps(asked.headers)} {CANARY}"), 401)


ANSWERS = {
    "an answer": Answer(completion()),
    "an error that quotes the key": _quoting,
    "markup": Answer(f"<p>{CANARY}</p>".encode()),
    "a header that quotes the key": Answer(b"", 307, {"location": f"http://x/?key={CANARY}"}),
    "a cut": Answer(b"{", length=99),
}


@pytest.mark.parametrize(
    "model", ["openai/gpt-4o-mini", "mistral/m", "anthropic/claude-sonnet-4-5"]
)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_key_is_in_no_log_no_failure_and_on_no_screen(
    answer: Any,
    model: str,
    logged: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = "kanari-K3y/+=.~zz-456789"
    with model_server(answer) as server:
        settings = ModelSettings(model, api_base=server.url, api_key=key)
        environment = {"SOME_API_KEY": CANARY, "OTHER_TOKEN": OTHER}
        with LiteLLMTransport(settings, environment=environment) as transport:
            came = [
                transport.send({**ASK, "model": model}, timeout_s=30),
                asyncio.run(transport.asend({**ASK, "model": model}, timeout_s=30)),
            ]
            told = [repr(came), repr(transport), repr(settings), repr(vars(transport))]
    sent = json.dumps([asked.headers for asked in server.asked])
    assert key in sent  # it went to the server, and nowhere else
    printed = capsys.readouterr()
    for text in [*told, *logged, printed.out, printed.err]:
        assert_no_key(text, key, CANARY, OTHER)
        assert key[-9:] not in text  # what is left of one that is known by its beginning
    assert logged  # the test would see a key if there were one


def test_a_key_is_in_no_repr_of_settings() -> None:
    settings = ModelSettings(
        "openai/x",
        api_base=f"http://u:{CANARY}@host/{CANARY}?{CANARY}#{CANARY}",
        api_key=CANARY,
        extra={"token": CANARY},
    )
    assert_no_key(repr(settings) + str(settings))
    assert_no_key(repr(dataclasses.replace(settings, model="openai/y")))


def test_a_refused_key_is_not_quoted() -> None:
    broken = f"{CANARY}\n"
    found = check_settings(ModelSettings("openai/x", api_key=broken), Capability())
    assert [each.code for each in found] == ["LLM_SETTINGS_INVALID"]
    assert_no_key(str(LLMError(found)))
    address = check_settings(
        ModelSettings("openai/x", api_base=f"http://u:{quote(CANARY)}@host/v1"), Capability()
    )
    assert address and all("kanari" not in str(each) for each in address)


ECHO = "kanari-K3y/+=.~zz-456789"


def _echoing(asked: Asked) -> Answer:
    """An answer that holds the key in every place there is."""
    directive = {"type": "ui.toast", "payload": {"text": ECHO}}
    text = json.dumps({"assistant_text": f"It is {ECHO}.", "directives": [directive]})
    function = {"name": f"ui_{ECHO}", "arguments": json.dumps({"a": ECHO})}
    more: dict[str, Any] = {"refusal": ECHO, "finish_reason": ECHO}
    if asked.body.get("tools"):
        more["tool_calls"] = [{"id": ECHO, "type": "function", "function": function}]
    body = completion(text, **more)
    return Answer({**body, "id": ECHO, "model": ECHO, "system_fingerprint": ECHO})


@pytest.mark.parametrize("run_mode", ["directives", "tool_loop"])
def test_a_key_that_is_sent_back_is_in_no_result_and_no_cache(
    tmp_path: Path, run_mode: RunMode
) -> None:
    with model_server(_echoing) as server:
        result = llm.run(
            "Hello?",
            model=ModelSettings("openai/m", api_base=server.url, api_key=ECHO),
            app=UIApp.standard(),
            run_mode=run_mode,
            cache=directory_cache(tmp_path),
            tries=Tries(retries=0, repairs=0, tool_rounds=2),
        )
        assert server.asked
    kept = [path.read_text() for path in tmp_path.rglob("*.json")]
    for text in [repr(result), repr(result.attempts), result.trace.to_json(), result.source, *kept]:
        assert_no_key(text, ECHO)
        assert ECHO[-9:] not in text
    assert kept


def test_a_key_that_is_sent_back_in_pieces_is_whole_again() -> None:
    with model_server(Answer(stream("It is kanari-K3y/", "+=.~zz-456789", "."), length=-1)) as it:
        settings = ModelSettings("openai/m", api_base=it.url, api_key=ECHO)
        with LiteLLMTransport(settings) as transport:
            came = transport.send({**ASK, "model": "openai/m", "stream": True}, timeout_s=30)
    assert isinstance(came, Reply) and came.text == "It is ***."


def test_a_model_may_say_what_looks_like_a_key() -> None:
    words = "A key looks like sk-0123456789abcdef; ollama wants none. password=hunter2222"
    with model_server(Answer(completion(words))) as server:
        settings = ModelSettings("openai/m", api_base=server.url, api_key="ollama")
        with LiteLLMTransport(settings) as transport:
            came = transport.send({**ASK, "model": "openai/m"}, timeout_s=30)
    assert isinstance(came, Reply) and came.text == words


@pytest.mark.parametrize("tail", [f"?key={quote(CANARY)}", f"#{OTHER}", "?x"])
def test_an_address_with_more_than_an_address_is_asked_nothing(
    tail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server() as server:
        asked = ModelSettings("openai/m", api_base=server.url + tail, api_key=CANARY)
        for ask in (LiteLLMTransport, lambda it: llm.run("Hello?", model=it)):
            with pytest.raises(LLMError) as caught:
                ask(asked)
            assert (caught.value.code, caught.value.pointer) == (
                "LLM_SETTINGS_INVALID",
                "/api_base",
            )
            assert_no_key(str(caught.value))
            assert "Give the key as api_key" in caught.value.hint
        monkeypatch.setenv("OPENAI_BASE_URL", server.url + tail)
        with pytest.raises(LLMError):
            LiteLLMTransport(ModelSettings("openai/m", api_key=CANARY))
        assert server.asked == []


def test_an_exception_of_a_transport_that_cannot_be_made_has_no_key() -> None:
    settings = ModelSettings("nobody/x", api_key=CANARY)
    try:
        LiteLLMTransport(settings, environment={"OPENAI_API_KEY": OTHER})
    except LLMError as exc:
        assert_no_key("".join(traceback.format_exception(exc)))
    else:
        pytest.fail("a provider that there is not")


def test_a_cache_holds_neither_key_nor_request(tmp_path: Path) -> None:
    cache = directory_cache(tmp_path)
    cache.put({**ASK, "user": CANARY}, Reply("An answer."))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    text = files[0].read_text()
    assert "An answer." in text
    assert_no_key(text + str(files[0]))
    assert "Hello?" not in text


QUIET = """
import logging, sys
from uicompiler.llm.settings import ModelSettings, RunMode, Tries
from uicompiler.llm.transport import LiteLLMTransport
transport = LiteLLMTransport(ModelSettings("openai/m", api_base=sys.argv[1], api_key=sys.argv[2]))
request = {"model": "openai/m", "messages": [{"role": "user", "content": "Hi"}]}
came = transport.send(request, timeout_s=60)
assert came.kind == "unauthorized", came
del transport
"""


def test_a_process_says_nothing_and_leaves_nothing_open() -> None:
    key = "kanari-K3y-0123456789"
    with model_server(_quoting) as server:
        ran = subprocess.run(
            [sys.executable, "-W", "error::ResourceWarning", "-c", QUIET, server.url, key],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "LITELLM_LOG": "DEBUG"},
            check=False,
        )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert_no_key(ran.stdout + ran.stderr, key)
    assert "ResourceWarning" not in ran.stderr and "never awaited" not in ran.stderr
    assert "Give Feedback" not in ran.stdout
