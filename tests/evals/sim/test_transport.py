"""In process and over loopback, through the real litellm, the same answers come to the same."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.evals.sim.scripts import asking, script
from uicompiler.evals.sim.answer import SimAnswer, SimTool
from uicompiler.evals.sim.clock import SimClock
from uicompiler.evals.sim.server import SESSION, SimServer
from uicompiler.evals.sim.simulator import refusal
from uicompiler.evals.sim.transport import SimTransport, carried
from uicompiler.llm.exchange import Failure, Reply
from uicompiler.llm.settings import ModelSettings
from uicompiler.llm.transport import LiteLLMTransport, count_tokens

LIMIT = {"message": "Rate limit reached.", "code": "rate_limit_exceeded"}
ANSWERS = {
    "words": SimAnswer(text="Hello"),
    "cut off": SimAnswer(text="Hel", finish_reason="length"),
    "tools": SimAnswer(tools=(SimTool("ui_toast", '{"text":"x"}'),), finish_reason="tool_calls"),
    "a format that is refused, 400": refusal(
        400, "response_format", "'response_format' of this type is not supported here."
    ),
    "a format that is refused, 404": refusal(
        404, "response_format", "No endpoints found that support: response_format"
    ),
    "a key that is refused": refusal(422, "seed", "Extra inputs are not permitted: 'seed'"),
    "a limit": SimAnswer(status=429, error=LIMIT, headers=(("retry-after", "1"),)),
    "a limit without a time": SimAnswer(status=429, error=LIMIT),
    "a server that broke": SimAnswer(status=503, error={"message": "It broke."}),
    "no answer": SimAnswer(delay_s=None),
    "a lost connection": SimAnswer(cut_after=0),
    "no chat completion": SimAnswer(raw=b"<html>"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[SimServer]:
    count_tokens("")  # litellm takes seconds to load, which no turn here has
    with SimServer() as running:
        yield running


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_comes_to_the_same_in_process_as_through_litellm(
    server: SimServer, name: str
) -> None:
    request = {**asking("json_object"), "model": "openai/sim", "seed": 7}
    here = carried(ANSWERS[name], request, number=1, timeout_s=0.3)
    there = _through_litellm(server, ANSWERS[name], request)

    assert _told(here) == _told(there)


def test_a_session_is_found_by_the_key_of_its_request(server: SimServer) -> None:
    settings = ModelSettings("openai/sim", api_base=server.base_url, api_key="k")
    tokens = [server.open(lambda _, n=n: SimAnswer(text=str(n))) for n in (1, 2)]

    with LiteLLMTransport(settings) as transport:
        replies = [
            transport.send(
                {**asking("prompt_only"), "model": "openai/sim", SESSION: token}, timeout_s=5
            )
            for token in reversed(tokens)
        ]

    assert [getattr(reply, "text", reply) for reply in replies] == ["2", "1"]


def test_a_session_that_was_closed_is_not_found(server: SimServer) -> None:
    token = server.open(lambda _: SimAnswer(text="x"))
    server.close_session(token)

    came = _sent(server.base_url_of(token), {**asking("prompt_only"), "model": "openai/sim"})

    assert isinstance(came, Failure)
    assert came.kind == "not_found"


def test_a_personality_answers_the_same_here_and_there(server: SimServer) -> None:
    request = {**asking("prompt_only"), "model": "openai/sim"}
    for index in range(8):
        here = SimTransport("plain", script(index), seed=9).send(request, timeout_s=1.0)
        token = server.open_personality("plain", script(index), seed=9)

        there = _sent(server.base_url_of(token), request, timeout_s=1.0)
        assert _told(here) == _told(there)


def test_time_goes_on_by_as_much_as_an_answer_takes() -> None:
    clock = SimClock()
    transport = SimTransport("small_local", script(), seed=9, clock=clock)
    before = []
    for _ in range(40):
        before.append(clock.read())
        transport.send(asking("prompt_only"), timeout_s=30)
    took = {round(after - start, 3) for start, after in itertools.pairwise(before)}

    assert 30.0 in took, "a timeout takes as long as one waits"
    assert took <= {0.8, 0.3, 30.0}


def test_it_answers_in_an_event_loop_as_well() -> None:
    blocking, waiting = (SimTransport("plain", script(), seed=3) for _ in range(2))

    here = blocking.send(asking("prompt_only"), timeout_s=30)

    assert asyncio.run(waiting.asend(asking("prompt_only"), timeout_s=30)) == here


def _through_litellm(
    server: SimServer, made: SimAnswer, request: dict[str, Any]
) -> Reply | Failure:
    token = server.open(lambda _: made)
    return _sent(server.base_url_of(token), request)


def _sent(base: str, request: dict[str, Any], timeout_s: float = 0.3) -> Reply | Failure:
    with LiteLLMTransport(ModelSettings("openai/sim", api_base=base, api_key="k")) as transport:
        return transport.send(request, timeout_s=timeout_s)


def _told(came: Reply | Failure) -> dict[str, Any]:
    """What decides what happens next."""
    told = dataclasses.asdict(came)
    for tool in told.get("tool_requests", ()):
        tool["id"] = ""
    if isinstance(came, Failure):
        kept = ("kind", "status", "retry_after_s", "parameter")
    else:
        kept = ("text", "finish_reason", "tool_requests")
    return {key: told[key] for key in kept}
