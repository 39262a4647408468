"""Requests through the real litellm to servers on loopback: replies, failures, deadlines."""

from __future__ import annotations

import asyncio
import email.utils
import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.llm.model_server import (
    Answer,
    Asked,
    ModelServer,
    completion,
    model_server,
    refusal,
    stream,
)
from uicompiler.errors import LLMError
from uicompiler.llm.connection.secrets import host_of
from uicompiler.llm.exchange import Failure, Reply, ToolRequest, Usage
from uicompiler.llm.settings import ModelSettings
from uicompiler.llm.transport import LiteLLMTransport, _litellm, count_tokens

MODEL = "openai/gpt-4o-mini"
ASK: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello?"}]}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "x", "strict": True, "schema": {"type": "object"}},
}
LOOK_UP = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
PLENTY_S = 30.0


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as held:
        yield held


@pytest.fixture
def transport(server: ModelServer) -> Iterator[LiteLLMTransport]:
    with LiteLLMTransport(ModelSettings(MODEL, api_base=server.url, api_key="key-12345")) as it:
        yield it


def reply(transport: LiteLLMTransport, **more: Any) -> Reply:
    came = transport.send({**ASK, **more}, timeout_s=PLENTY_S)
    assert isinstance(came, Reply), came
    return came


def failure(transport: LiteLLMTransport, *, timeout_s: float = PLENTY_S, **more: Any) -> Failure:
    came = transport.send({**ASK, **more}, timeout_s=timeout_s)
    assert isinstance(came, Failure), came
    return came


# --- replies --------------------------------------------------------------------------------------


def test_a_reply_has_its_text_its_tokens_and_its_price(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 400},
    }
    server.answer = Answer(completion("Hi.", usage=usage))
    came = reply(transport)
    assert (came.text, came.finish_reason, came.tool_requests) == ("Hi.", "stop", ())
    assert came.usage == Usage(1000, 100, 400, estimated=False)
    assert came.cost_usd == pytest.approx(600 * 0.15e-6 + 400 * 0.075e-6 + 100 * 0.6e-6)
    assert (came.model, came.request_id) == ("gpt-4o-mini-2024-07-18", "chatcmpl-1")


def test_tokens_are_estimated_where_the_provider_counts_none(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer(completion("one two three", usage={}))
    came = reply(transport)
    assert came.usage.estimated
    assert came.usage.output_tokens == count_tokens("one two three") == 3
    assert came.usage.input_tokens >= count_tokens("Hello?")
    longer = reply(transport, tools=[LOOK_UP])
    assert longer.usage.input_tokens > came.usage.input_tokens


def test_a_long_answer_is_counted_by_its_beginning(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer(completion("word " * 400_000, usage={}))
    assert reply(transport).usage.output_tokens == pytest.approx(400_000, rel=0.01)


def test_a_model_without_a_known_price_costs_nothing_that_is_known(server: ModelServer) -> None:
    settings = ModelSettings("openai/our-own-model", api_base=server.url)
    with LiteLLMTransport(settings) as transport:
        assert not transport.knows_price
        assert reply(transport, model="openai/our-own-model").cost_usd is None
    with LiteLLMTransport(ModelSettings(MODEL, api_key="key-12345")) as transport:
        assert transport.knows_price


def test_a_refusal_is_told_apart_from_the_text(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer(completion(None, refusal="I would rather not."))
    came = reply(transport)
    assert (came.text, came.refusal) == ("", "I would rather not.")


def test_a_filtered_answer_says_so(server: ModelServer, transport: LiteLLMTransport) -> None:
    server.answer = Answer(completion("", finish_reason="content_filter"))
    assert reply(transport).finish_reason == "content_filter"


def test_an_answer_that_was_cut_off_says_so(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer(completion('{"assistant_text": "He', finish_reason="length"))
    assert reply(transport).finish_reason == "length"


def test_tools_are_asked_for_as_the_model_wrote_it(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"a": 1'}},
        {"id": "c2", "type": "function", "function": {"name": "other", "arguments": ""}},
    ]
    server.answer = Answer(completion(None, tool_calls=calls, finish_reason="tool_calls"))
    came = reply(transport, tools=[LOOK_UP])
    assert came.tool_requests == (
        ToolRequest("c1", "look_up", '{"a": 1'),
        ToolRequest("c2", "other", ""),
    )
    assert came.finish_reason == "tool_calls"


def test_a_request_arrives_as_it_was_made(server: ModelServer, transport: LiteLLMTransport) -> None:
    reply(transport, temperature=0.5, seed=3, max_tokens=9, response_format=SCHEMA, min_p=0.1)
    body = server.last.body
    assert body["model"] == "gpt-4o-mini"
    assert body["messages"] == ASK["messages"]
    assert (body["temperature"], body["seed"], body["max_tokens"]) == (0.5, 3, 9)
    assert body["response_format"] == SCHEMA
    assert body["min_p"] == 0.1


def test_keys_that_would_steer_litellm_are_data_for_the_server(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    steering = {
        "mock_response": "made up",
        "num_retries": 5,
        "fallbacks": ["openai/x"],
        "api_key": "other-key",
        "drop_params": True,
    }
    assert reply(transport, **steering).text == "Hello."
    assert len(server.asked) == 1
    assert server.last.headers["authorization"] == "Bearer key-12345"
    assert steering.items() <= server.last.body.items()


def test_a_key_goes_to_no_other_model_than_the_settings_name(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    assert failure(transport, model="groq/llama-3.3-70b-versatile").kind == "refused"
    assert server.asked == []


def test_a_request_is_not_changed_by_sending_it(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    request = {**ASK, "response_format": SCHEMA, "tools": None}
    before = repr(request)
    transport.send(request, timeout_s=PLENTY_S)
    assert repr(request) == before


# --- streams --------------------------------------------------------------------------------------


def test_a_stream_is_collected(server: ModelServer, transport: LiteLLMTransport) -> None:
    server.answer = Answer(stream("Hel", "lo", "."), length=-1)
    came = reply(transport, stream=True)
    assert (came.text, came.finish_reason) == ("Hello.", "stop")
    assert came.usage.estimated and came.usage.output_tokens == count_tokens("Hello.")
    assert server.last.body["stream"] is True


def test_a_stream_that_stalls_leaves_what_had_arrived(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    reply(transport)  # what is loaded once is loaded
    first, second = stream("Hel", "lo", finish=None)
    server.answer = Answer([first + second, *[b": still there\n\n"] * 200], pause_s=0.05, length=-1)
    came = failure(transport, timeout_s=0.6, stream=True)
    assert (came.kind, came.partial_text) == ("timeout", "Hello")
    assert server.hung_up.wait(15)


def test_a_stream_that_breaks_off_leaves_what_had_arrived(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    pieces = stream("Hel", "lo", finish=None)
    server.answer = Answer(pieces, length=100_000)
    came = failure(transport, stream=True)
    assert (came.kind, came.partial_text) == ("unavailable", "Hello")


def test_a_stream_that_holds_nothing_is_an_empty_answer(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer([b"data: [DONE]\n\n"], length=-1)
    assert reply(transport, stream=True).text == ""


# --- failures -------------------------------------------------------------------------------------

STATUSES = [
    (400, "refused"),
    (401, "unauthorized"),
    (402, "refused"),
    (403, "unauthorized"),
    (404, "not_found"),
    (408, "timeout"),
    (409, "unavailable"),
    (413, "context_too_long"),
    (418, "refused"),
    (422, "refused"),
    (429, "rate_limited"),
    (500, "unavailable"),
    (502, "unavailable"),
    (503, "unavailable"),
    (504, "timeout"),
    (529, "unavailable"),
]


@pytest.mark.parametrize(("status", "kind"), STATUSES)
def test_a_status_says_what_to_do(
    server: ModelServer, transport: LiteLLMTransport, status: int, kind: str
) -> None:
    server.answer = Answer(refusal("It went wrong."), status)
    came = failure(transport)
    assert (came.kind, came.status, came.parameter) == (kind, status, "")
    assert came.message == "It went wrong."
    assert len(server.asked) == 1  # nothing below tries again


WORDS = [
    # OpenAI
    (400, "Unsupported parameter: 'seed' is not supported with this model.", "unsupported", "seed"),
    (400, "Unrecognized request argument supplied: seed", "unsupported", "seed"),
    (
        400,
        "Invalid schema for response_format 'x': In context=(), 'additionalProperties' is required"
        " to be supplied and to be false.",
        "unsupported",
        "response_format",
    ),
    (
        400,
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this"
        " model.",
        "unsupported",
        "response_format",
    ),
    (
        400,
        "This model's maximum context length is 8192 tokens. However, your messages resulted in"
        " 9000 tokens.",
        "context_too_long",
        "",
    ),
    (429, "You exceeded your current quota, please check your plan and billing.", "refused", ""),
    # Azure
    (
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management"
        " policy.",
        "content_filtered",
        "",
    ),
    # DeepSeek, LM Studio, llama.cpp, OpenRouter
    (400, "This response_format type is unavailable now", "unsupported", "response_format"),
    (
        400,
        "'response_format.type' must be 'json_schema' or 'text'",
        "unsupported",
        "response_format",
    ),
    (
        400,
        'Either "json_schema" or "grammar" can be specified, but not both: unsupported',
        "unsupported",
        "response_format",
    ),
    (404, "No endpoints found that support structured outputs.", "not_found", "response_format"),
    (404, "The model `x` does not exist or you do not have access to it.", "not_found", ""),
    (400, "Messages must end with a user message.", "refused", ""),
]


@pytest.mark.parametrize(("status", "words", "kind", "parameter"), WORDS)
def test_words_say_which_key_it_was(
    server: ModelServer,
    transport: LiteLLMTransport,
    status: int,
    words: str,
    kind: str,
    parameter: str,
) -> None:
    server.answer = Answer(refusal(words), status)
    came = failure(transport, seed=1, response_format=SCHEMA)
    assert (came.kind, came.parameter) == (kind, parameter)


def test_a_named_parameter_counts_for_more_than_the_words(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer(refusal("Not supported beside temperature.", param="top_p"), 400)
    assert failure(transport, temperature=1, top_p=1).parameter == "top_p"


def test_a_validation_error_names_its_place(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    told = {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs not permitted"}
    server.answer = Answer({"detail": [told]}, 422)
    came = failure(transport, seed=1, temperature=0)
    assert (came.kind, came.parameter, came.status) == ("unsupported", "seed", 422)


def test_what_litellm_refuses_itself_is_unsupported(server: ModelServer) -> None:
    settings = ModelSettings("openai/o3-mini", api_base=server.url, api_key="key-12345")
    with LiteLLMTransport(settings) as transport:
        came = failure(transport, model="openai/o3-mini", top_p=0.5)
    assert (came.kind, came.parameter, server.asked) == ("unsupported", "top_p", [])


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
    ],
)
def test_how_long_a_provider_asks_to_wait(
    server: ModelServer,
    transport: LiteLLMTransport,
    headers: dict[str, str],
    seconds: float | None,
) -> None:
    server.answer = Answer(refusal("Slow down."), 429, headers)
    assert failure(transport).retry_after_s == seconds


def test_a_provider_may_name_the_time_to_wait_for(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    until = email.utils.format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    server.answer = Answer(refusal("Closed."), 503, {"retry-after": until})
    wait = failure(transport).retry_after_s
    assert wait is not None and 7000 < wait <= 7200


INVALID = {
    "nothing": b"",
    "markup": b"<!doctype html><title>Bad gateway</title>",
    "invalid UTF-8": b'{"id": "\xff\xfe"}',
    "a list": b"[]",
    "no choices": b'{"id": "x", "object": "chat.completion", "created": 1, "model": "m"}',
    "empty choices": b'{"id": "x", "choices": [], "created": 1, "model": "m"}',
    "a number": b"7",
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID.keys())
def test_what_is_no_completion_is_an_invalid_response(
    server: ModelServer, transport: LiteLLMTransport, body: bytes
) -> None:
    server.answer = Answer(body)
    came = failure(transport)
    assert (came.kind, came.status) == ("invalid_response", 200)


def test_an_error_in_a_good_status_is_that_error(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer({"error": {"code": 429, "message": "Slow down."}})
    assert (failure(transport).kind, failure(transport).status) == ("rate_limited", 429)


def test_a_connection_that_is_cut_is_unavailable(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer(b'{"id": ', length=1000)
    assert failure(transport).kind == "unavailable"


@pytest.mark.parametrize("model", [MODEL, "groq/llama-3.3-70b-versatile", "mistral/mistral-small"])
def test_a_server_that_is_not_there_is_unavailable(model: str) -> None:
    with model_server() as gone:
        pass
    settings = ModelSettings(model, api_base=gone.url, api_key="key-12345")
    with LiteLLMTransport(settings) as transport:
        assert failure(transport, model=model).kind == "unavailable"


# --- limits ---------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_huge_is_not_read(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer(completion(), length=10**12)
    assert failure(transport).kind == "too_large"


def test_a_body_that_does_not_say_it_is_huge_is_read_up_to_the_limit(server: ModelServer) -> None:
    settings = ModelSettings(MODEL, api_base=server.url, api_key="key-12345")
    server.answer = Answer([b" " * 10_000] * 20, length=-1)
    with LiteLLMTransport(settings, max_bytes=50_000) as transport:
        came = failure(transport)
        assert (came.kind, came.message) == ("too_large", "The answer has more than 50000 bytes.")
        streamed = failure(transport, stream=True)
        assert streamed.kind == "too_large"
        server.answer = Answer(completion())
        assert reply(transport).text == "Hello."


def test_a_huge_error_is_not_read_either(server: ModelServer, transport: LiteLLMTransport) -> None:
    server.answer = Answer(b"x", 500, length=10**12)
    assert failure(transport).kind == "too_large"


def test_what_is_compressed_unasked_is_not_unpacked(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = Answer(b"\x1f\x8b\x08", headers={"content-encoding": "gzip"})
    assert failure(transport).kind == "invalid_response"
    assert server.last.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "answer",
    [
        Answer([b" "] * 400, pause_s=0.05, length=400),
        Answer([b"x"] * 400, pause_s=0.05, head=b"HTTP/1.1 200 OK\r\nx-slow: "),
        Answer([b""], pause_s=20.0, head=b""),
    ],
    ids=["slow body", "slow headers", "silence"],
)
def test_a_deadline_holds_however_slow_the_answer(
    server: ModelServer, transport: LiteLLMTransport, answer: Answer
) -> None:
    reply(transport)  # what is loaded once is loaded
    server.answer = answer
    came = failure(transport, timeout_s=0.4)
    assert (came.kind, came.message) == ("timeout", "No whole answer came within 0.4 s.")


def test_no_time_is_no_call(server: ModelServer, transport: LiteLLMTransport) -> None:
    assert failure(transport, timeout_s=0.0).kind == "timeout"
    assert failure(transport, timeout_s=-1.0).kind == "timeout"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("model", [MODEL, "mistral/mistral-small", "anthropic/claude-sonnet-4-5"])
def test_a_redirect_is_not_followed_with_the_key(
    server: ModelServer, status: int, model: str
) -> None:
    with model_server() as elsewhere:
        server.answer = Answer(b"", status, {"location": f"{elsewhere.url}/chat/completions"})
        settings = ModelSettings(model, api_base=server.url, api_key="key-12345")
        with LiteLLMTransport(settings) as transport:
            came = failure(transport, model=model)
        assert (came.kind, came.status) == ("refused", status)
        assert (
            came.message
            == f"The server redirects to {host_of(elsewhere.url)}, which is not followed."
        )
        assert elsewhere.asked == []


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with model_server() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        settings = ModelSettings(MODEL, api_base="http://models.invalid/v1", api_key="key-12345")
        with LiteLLMTransport(settings) as transport:
            assert reply(transport).text == "Hello."
        assert proxy.last.path == "http://models.invalid/v1/chat/completions"
        proxy.answer = Answer(b" ", length=10**12)
        with LiteLLMTransport(settings) as transport:
            assert failure(transport).kind == "too_large"


def test_this_machine_is_reached_without_a_proxy(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        for address in (server.url, server.url.replace("127.0.0.1", "localhost")):
            settings = ModelSettings(MODEL, api_base=address, api_key="key-12345")
            with LiteLLMTransport(settings) as transport:
                assert reply(transport).text == "Hello."
        assert (len(server.asked), proxy.asked) == (2, [])


# --- threads, loops, ends -------------------------------------------------------------------------


def _echo(asked: Asked) -> Answer:
    return Answer(completion(asked.body["messages"][0]["content"]))


def _about(text: str) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}]}


def test_many_threads_may_ask_at_once(server: ModelServer, transport: LiteLLMTransport) -> None:
    server.answer = _echo
    came: dict[str, Reply | Failure] = {}

    def ask(text: str) -> None:
        came[text] = transport.send(_about(text), timeout_s=PLENTY_S)

    threads = [threading.Thread(target=ask, args=(f"t{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key: getattr(value, "text", value) for key, value in came.items()} == {
        f"t{number}": f"t{number}" for number in range(12)
    }


def test_one_event_loop_after_the_other_may_ask(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    server.answer = _echo

    async def ask(texts: list[str]) -> list[str]:
        asked = [transport.asend(_about(text), timeout_s=PLENTY_S) for text in texts]
        return [getattr(it, "text", str(it)) for it in await asyncio.gather(*asked)]

    for texts in (["a", "b", "c"], ["d"], ["e", "f"]):
        assert asyncio.run(ask(texts)) == texts


def test_both_ways_give_the_same(server: ModelServer, transport: LiteLLMTransport) -> None:
    for answer in (Answer(completion()), Answer(refusal("No."), 422), Answer(b"<html>")):
        server.answer = answer
        awaited = asyncio.run(transport.asend(ASK, timeout_s=PLENTY_S))
        assert transport.send(ASK, timeout_s=PLENTY_S) == awaited


def test_cancelling_closes_the_connection(server: ModelServer, transport: LiteLLMTransport) -> None:
    reply(transport)
    server.answer = Answer([b" "] * 400, pause_s=0.05, length=400)

    async def ask_and_think_better_of_it() -> None:
        asking = asyncio.create_task(transport.asend(ASK, timeout_s=PLENTY_S))
        while len(server.asked) < 2:
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(ask_and_think_better_of_it())
    assert server.hung_up.wait(15)


def test_a_storm_of_cancellations_leaves_nothing_behind(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    async def storm(wait_s: float) -> None:
        asked = [asyncio.create_task(transport.asend(ASK, timeout_s=PLENTY_S)) for _ in range(20)]
        await asyncio.sleep(wait_s)
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    reply(transport)
    for wait_s in (0.0, 0.001, 0.01, 0.05):
        asyncio.run(storm(wait_s))
    gc.collect()  # what was left behind would warn now, and warnings are errors
    assert reply(transport).text == "Hello."


def test_a_transport_that_was_closed_opens_again(
    server: ModelServer, transport: LiteLLMTransport
) -> None:
    for _ in range(2):
        assert reply(transport).text == "Hello."
        transport.close()
        transport.close()


FORKED = """
import os, sys
from uicompiler.llm.settings import ModelSettings
from uicompiler.llm.transport import LiteLLMTransport
transport = LiteLLMTransport(ModelSettings("openai/m", api_base=sys.argv[1]))
ask = {"model": "openai/m", "messages": [{"role": "user", "content": "Hi"}]}
print(transport.send(ask, timeout_s=60).text, flush=True)
child = os.fork()
print(transport.send(ask, timeout_s=60).text, flush=True)
if not child:
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_process_and_its_fork_may_both_ask(server: ModelServer) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORKED, server.url]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stdout.count("Hello.")) == (0, 3), ran.stderr


def test_a_transport_that_is_forgotten_ends_its_connections(server: ModelServer) -> None:
    transport = LiteLLMTransport(ModelSettings(MODEL, api_base=server.url, api_key="key-12345"))
    reply(transport)
    held = transport._clients
    del transport
    gc.collect()
    assert held._http is None


def test_what_an_app_has_litellm_do_is_not_done_here(
    server: ModelServer, transport: LiteLLMTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    litellm = _litellm()
    told: list[object] = []
    for name in ("success_callback", "failure_callback"):
        monkeypatch.setattr(litellm, name, [lambda *args, **kwargs: told.append(args)])
    monkeypatch.setattr(litellm, "cache", litellm.Cache(type="local"))
    assert reply(transport).text == "Hello."
    server.answer = Answer(completion("Another."))
    assert reply(transport).text == "Another."
    server.answer = Answer(refusal("No."), 500)
    assert failure(transport).kind == "unavailable"
    assert len(server.asked) == 3
    assert told == []


# --- providers ------------------------------------------------------------------------------------

OPENAI_LIKE = [
    "cerebras/llama-3.3-70b",
    "deepseek/deepseek-chat",
    "fireworks_ai/accounts/fireworks/models/llama-v3p1-70b-instruct",
    "github/gpt-4o",
    "groq/llama-3.3-70b-versatile",
    "hosted_vllm/x",
    "llamafile/x",
    "lm_studio/x",
    "mistral/mistral-small-latest",
    "moonshot/kimi-k2",
    "nvidia_nim/x",
    "openai/x",
    "openrouter/openai/gpt-4o-mini",
    "perplexity/sonar",
    "sambanova/x",
    "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo",
    "xai/grok-3",
]


@pytest.mark.parametrize("model", OPENAI_LIKE)
def test_providers_are_asked_by_the_guarded_client(server: ModelServer, model: str) -> None:
    settings = ModelSettings(model, api_base=server.url, api_key="key-12345")
    with LiteLLMTransport(settings) as transport:
        assert reply(transport, model=model).text == "Hello."
    assert server.last.headers["authorization"] == "Bearer key-12345"
    assert server.last.headers["accept-encoding"] == "identity"


def test_azure_is_asked_by_the_guarded_client(server: ModelServer) -> None:
    address = server.url.removesuffix("/v1")
    settings = ModelSettings("azure/our-deployment", api_base=address, api_key="key-12345")
    with LiteLLMTransport(settings) as transport:
        assert reply(transport, model="azure/our-deployment").text == "Hello."
    assert server.last.path.startswith("/openai/deployments/our-deployment/chat/completions")
    assert server.last.headers["api-key"] == "key-12345"
    assert server.last.headers["accept-encoding"] == "identity"


def test_anthropic_is_asked_in_its_own_words(server: ModelServer) -> None:
    server.answer = Answer(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": "Hi."}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 10, "output_tokens": 2, "cache_read_input_tokens": 30},
        }
    )
    model = "anthropic/claude-sonnet-4-5"
    address = server.url.removesuffix("/v1")
    with LiteLLMTransport(ModelSettings(model, api_base=address, api_key="key-12345")) as transport:
        came = reply(transport, model=model)
    assert (came.text, came.finish_reason) == ("Hi.", "stop")
    assert came.usage == Usage(40, 2, 30)
    assert server.last.path == "/v1/messages"
    assert server.last.headers["x-api-key"] == "key-12345"
    assert server.last.headers["accept-encoding"] == "identity"


def test_ollama_is_asked_in_its_own_words(server: ModelServer) -> None:
    server.answer = Answer(
        {
            "model": "llama3.1",
            "created_at": "2024-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": "Hi."},
            "done": True,
            "prompt_eval_count": 5,
            "eval_count": 2,
        }
    )
    address = server.url.removesuffix("/v1")
    with LiteLLMTransport(ModelSettings("ollama_chat/llama3.1", api_base=address)) as transport:
        came = reply(transport, model="ollama_chat/llama3.1")
    assert (came.text, came.usage) == ("Hi.", Usage(5, 2))
    assert server.last.path == "/api/chat"


# --- settings, tokens -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (ModelSettings("gpt-4o-mini"), "LLM_MODEL_UNKNOWN"),
        (ModelSettings("opnai/gpt-4o-mini"), "LLM_MODEL_UNKNOWN"),
        (ModelSettings("openai/gpt-4o-mini"), "LLM_KEY_MISSING"),
        (ModelSettings("anthropic/claude-sonnet-4-5"), "LLM_KEY_MISSING"),
    ],
)
def test_a_transport_that_could_not_work_is_not_made(settings: ModelSettings, code: str) -> None:
    with pytest.raises(LLMError) as caught:
        LiteLLMTransport(settings, environment={})
    assert caught.value.code == code
    assert caught.value.hint


def test_the_key_of_the_environment_is_used(server: ModelServer) -> None:
    environment = {"OPENAI_API_KEY": "key-of-the-environment"}
    settings = ModelSettings(MODEL, api_base=server.url)
    with LiteLLMTransport(settings, environment=environment) as transport:
        reply(transport)
    assert server.last.headers["authorization"] == "Bearer key-of-the-environment"


def test_the_server_of_the_environment_is_asked_and_may_want_no_key(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with LiteLLMTransport(ModelSettings(MODEL)) as transport:
        assert reply(transport).text == "Hello."
    assert server.last.headers["authorization"] == "Bearer none"


def test_tokens_are_counted_whatever_the_text() -> None:
    assert count_tokens("") == 0
    assert count_tokens("hello world") == 2
    assert count_tokens("<|endoftext|>") > 1  # a text like any other, not the token of that name


# --- imports --------------------------------------------------------------------------------------

LOADED = "import sys; assert not {'litellm', 'openai', 'httpx'} & set(sys.modules), 'loaded'"
IMPORTS = {
    "the library": "import uicompiler; uicompiler.compile; uicompiler.UIApp",
    "its models' front door": "import uicompiler.llm",
    "the transport": "import uicompiler.llm.transport",
    "a transport that has not been used": (
        "from uicompiler.llm.transport import LiteLLMTransport\n"
        "from uicompiler.llm.settings import ModelSettings\n"
        "LiteLLMTransport(ModelSettings('openai/x', api_key='key-12345')).close()"
    ),
    "a name without a provider, refused": (
        "from uicompiler.errors import LLMError\n"
        "from uicompiler.llm import run\n"
        "try:\n    run('x', model='gpt-4o-mini')\n"
        "except LLMError as exc:\n    assert exc.code == 'LLM_MODEL_UNKNOWN'\n"
        "else:\n    raise AssertionError"
    ),
    "the command": "import uicompiler.cli",
}


@pytest.mark.parametrize("imports", IMPORTS.values(), ids=IMPORTS.keys())
def test_litellm_is_loaded_when_a_model_is_asked_and_not_before(imports: str) -> None:
    code = f"{imports}\n{LOADED}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


WITHOUT = """
import sys
sys.modules["litellm"] = None
from uicompiler.errors import LLMError
from uicompiler.llm.settings import ModelSettings
from uicompiler.llm.transport import LiteLLMTransport, _litellm, count_tokens
for use in (lambda: LiteLLMTransport(ModelSettings("openai/x", api_key="key-12345")),
            lambda: count_tokens("x")):
    try:
        use()
    except LLMError as exc:
        print(exc.code, exc.hint)
"""


def test_without_the_extra_it_is_said_what_to_install() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False
    )
    assert ran.stdout == "LLM_NOT_INSTALLED Install uicompiler[llm].\n" * 2, ran.stderr
