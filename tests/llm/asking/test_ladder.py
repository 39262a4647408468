"""Refused rungs and keys: step down or leave out, once, and remember it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.llm.scripted import FakeClock, Scripted, envelope
from uicompiler.app import UIApp
from uicompiler.errors import LLMError
from uicompiler.llm.asking.capabilities import Capabilities, Capability
from uicompiler.llm.asking.ladder import Drop, move, rungs
from uicompiler.llm.asking.learned import Learned, Lesson
from uicompiler.llm.exchange import Failure
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import run
from uicompiler.llm.settings import ModelSettings, Tries

GOOD = envelope(text="Hello.")
NO_FORMAT = Failure("unsupported", "no", status=400, parameter="response_format")
NO_ROUTE = Failure("not_found", "No endpoints found", status=404)
VAGUE = Failure("refused", "Bad request", status=400)
WHOLE = Capability()
JSON_ONLY = Capability(response_formats=("json_object", "prompt_only"))
WORDS_ONLY = Capability(response_formats=("prompt_only",))


def asked(app: UIApp, lines: list[Any], **options: Any) -> tuple[LLMResult, Scripted]:
    transport, clock = Scripted(lines), FakeClock()
    given = {"model": "sim/any", "clock": clock.read, "sleep": clock.sleep, **options}
    return run("Hi", app=app, transport=transport, **given), transport


def formats(transport: Scripted) -> list[str]:
    return [
        request.get("response_format", {}).get("type", "prompt_only")
        for request in transport.requests
    ]


@pytest.mark.parametrize(
    ("settings", "capability", "expected"),
    [
        ({}, WHOLE, ("json_schema", "json_object", "prompt_only")),
        ({}, JSON_ONLY, ("json_object", "prompt_only")),
        ({"step_down": False}, WHOLE, ("json_schema",)),
        ({"response_format": "json_object"}, WHOLE, ("json_object", "prompt_only")),
        ({"response_format": "json_schema"}, WORDS_ONLY, ("prompt_only",)),
        ({"response_format": "json_schema", "step_down": False}, WHOLE, ("json_schema",)),
        ({"stream": True}, WHOLE, ("prompt_only",)),
    ],
)
def test_the_ladder_begins_with_the_best_that_is_known_to_work(
    settings: dict[str, Any], capability: Capability, expected: tuple[str, ...]
) -> None:
    assert rungs(ModelSettings("sim/any", **settings), capability) == expected


@pytest.mark.parametrize("failure", [NO_FORMAT, NO_ROUTE, VAGUE])
def test_a_refused_rung_is_followed_by_the_next(crm: UIApp, failure: Failure) -> None:
    result, transport = asked(crm, [failure, failure, GOOD])
    assert result.ok
    assert formats(transport) == ["json_schema", "json_object", "prompt_only"]
    assert [attempt.why for attempt in result.attempts] == ["first", "ladder", "ladder"]
    assert [item.code for item in result.diagnostics] == ["LLM_LADDER_STEPPED"] * 2


def test_a_named_key_is_left_out_and_the_rung_stays(crm: UIApp) -> None:
    no_seed = Failure("unsupported", "unknown key", status=422, parameter="seed")
    settings = ModelSettings("sim/any", seed=7, temperature=0.0)
    result, transport = asked(crm, [no_seed, GOOD], model=settings)
    assert formats(transport) == ["json_schema"] * 2
    assert "seed" not in transport.requests[1] and "temperature" in transport.requests[1]
    assert result.attempts[1].dropped == ("seed",)
    assert [item.code for item in result.diagnostics] == ["LLM_PARAMETER_DROPPED"]


def test_the_older_name_of_the_length_limit_is_replaced_by_the_newer(crm: UIApp) -> None:
    no = Failure("unsupported", "use max_completion_tokens", status=400, parameter="max_tokens")
    settings = ModelSettings("sim/any", max_output_tokens=500)
    _, transport = asked(crm, [no, GOOD], model=settings)
    assert transport.requests[1]["max_completion_tokens"] == 500
    assert "max_tokens" not in transport.requests[1]


def test_a_key_is_left_out_under_the_name_that_the_table_gives_it(crm: UIApp) -> None:
    table = Capabilities.default().with_rows(
        [{"match": "sim/*", "renames": {"max_tokens": "max_output"}}]
    )
    no = Failure("unsupported", "unknown key", status=400, parameter="max_output")
    settings = ModelSettings("sim/any", max_output_tokens=500)
    result, transport = asked(crm, [no, GOOD], model=settings, capabilities=table)
    assert transport.requests[0]["max_output"] == 500
    assert {"max_output", "max_tokens"}.isdisjoint(transport.requests[1])
    assert formats(transport) == ["json_schema"] * 2
    assert result.attempts[1].dropped == ("max_output",)


def test_what_was_learned_holds_for_the_next_turn(crm: UIApp) -> None:
    learned = Learned()
    asked(crm, [NO_FORMAT, GOOD], learned=learned)
    _, transport = asked(crm, [GOOD], learned=learned)
    assert formats(transport) == ["json_object"]


def test_nothing_is_learned_of_a_turn_that_came_to_nothing(crm: UIApp) -> None:
    learned = Learned()
    asked(crm, [NO_ROUTE], learned=learned)
    _, transport = asked(crm, [GOOD], learned=learned)
    assert formats(transport) == ["json_schema"]


def test_a_model_that_is_not_there_ends_with_its_own_code(crm: UIApp) -> None:
    result, transport = asked(crm, [NO_ROUTE])
    assert len(transport.requests) == 3
    assert [item.code for item in result.diagnostics][-1] == "LLM_NOT_FOUND"


def test_without_stepping_down_a_refusal_ends_the_turn(crm: UIApp) -> None:
    result, transport = asked(crm, [NO_FORMAT], model=ModelSettings("sim/any", step_down=False))
    assert len(transport.requests) == 1
    assert [item.code for item in result.diagnostics] == ["LLM_PARAMETER_UNSUPPORTED"]


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Failure("unauthorized", "no", status=401), "LLM_UNAUTHORIZED"),
        (Failure("context_too_long", "no", status=400), "LLM_CONTEXT_TOO_LONG"),
        (Failure("content_filtered", "no", status=400), "LLM_CONTENT_FILTERED"),
        (Failure("refused", "quota", status=429), "LLM_REQUEST_REFUSED"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(crm: UIApp, failure: Failure, code: str) -> None:
    result, transport = asked(crm, [failure])
    assert len(transport.requests) == 1
    assert [item.code for item in result.diagnostics] == [code]
    assert not result.ok and result.text


@pytest.mark.parametrize("kind", ["rate_limited", "timeout", "unavailable", "invalid_response"])
def test_what_passes_is_tried_again_with_growing_waits(crm: UIApp, kind: Any) -> None:
    clock = FakeClock()
    transport = Scripted([Failure(kind, "no")] * 2 + [GOOD])
    result = run(
        "Hi",
        model="sim/any",
        app=crm,
        transport=transport,
        clock=clock.read,
        sleep=clock.sleep,
        random=lambda: 1.0,
    )
    assert result.ok
    assert clock.waits == [0.5, 1.0]
    assert [attempt.waited_ms for attempt in result.attempts] == [0.0, 500.0, 1000.0]


def test_a_provider_that_asks_for_more_time_than_there_is_is_not_waited_for(crm: UIApp) -> None:
    clock = FakeClock()
    limited = Failure("rate_limited", "slow down", status=429, retry_after_s=3_600.0)
    transport = Scripted([limited])
    result = run(
        "Hi", model="sim/any", app=crm, transport=transport, clock=clock.read, sleep=clock.sleep
    )
    assert clock.waits == []
    assert [item.code for item in result.diagnostics] == ["LLM_RATE_LIMITED"]


@pytest.mark.parametrize("retries", [0, 2])
def test_no_more_retries_than_are_allowed(crm: UIApp, retries: int) -> None:
    down = Failure("unavailable", "down", status=503)
    result, transport = asked(crm, [down], tries=Tries(retries=retries))
    assert len(transport.requests) == retries + 1
    assert [item.code for item in result.diagnostics][-1] == "LLM_UNAVAILABLE"


def test_retries_are_counted_per_request(crm: UIApp) -> None:
    down = Failure("unavailable", "down", status=503)
    result, _ = asked(crm, [down, "{", down, GOOD], tries=Tries(retries=1))
    assert result.ok
    assert [attempt.why for attempt in result.attempts] == ["first", "retry", "repair", "retry"]


def test_strict_parameters_refuse_before_anything_is_sent(crm: UIApp) -> None:
    table = Capabilities.default().with_rows([{"match": "sim/*", "refuses": ["seed"]}])
    settings = ModelSettings("sim/any", seed=7, strict_parameters=True)
    transport = Scripted([GOOD])
    with pytest.raises(LLMError) as caught:
        run("Hi", model=settings, app=crm, transport=transport, capabilities=table)
    assert caught.value.code == "LLM_PARAMETER_UNSUPPORTED"
    assert transport.requests == []


def test_with_strict_parameters_a_refused_key_ends_the_turn(crm: UIApp) -> None:
    no_seed = Failure("unsupported", "unknown key", status=422, parameter="seed")
    settings = ModelSettings("sim/any", seed=7, strict_parameters=True, step_down=False)
    result, transport = asked(crm, [no_seed], model=settings)
    assert len(transport.requests) == 1
    assert [item.code for item in result.diagnostics] == ["LLM_PARAMETER_UNSUPPORTED"]


@pytest.mark.parametrize(
    ("parameter", "keys", "lower", "expected"),
    [
        ("temperature", {"temperature", "model"}, True, Drop(("temperature",))),
        ("tools[0].function.strict", {"tools", "seed"}, False, "stop"),
        ("messages", {"messages", "seed"}, False, "stop"),
        ("model", {"model", "seed"}, True, "stop"),
        ("", {"seed", "top_p", "model"}, False, Drop(("seed", "top_p"), guessed=True)),
        ("", {"seed"}, True, "step_down"),
        ("", {"model", "messages"}, False, "stop"),
    ],
)
def test_what_is_done_about_a_key(
    parameter: str, keys: set[str], lower: bool, expected: object
) -> None:
    failure = Failure("unsupported", "no", status=400, parameter=parameter)
    assert move(failure, keys, lower=lower, strict=False, structured=True) == expected


def test_what_is_learned_is_bounded_and_told_apart_by_address() -> None:
    learned = Learned()
    learned.remember("openai/x", "http://a/v1", Lesson("prompt_only"))
    assert learned.of("openai/x", "http://a/v1").response_format == "prompt_only"
    assert learned.of("openai/x", "http://b/v1") == Lesson()
    for number in range(2_000):
        learned.remember(f"openai/{number}", None, Lesson("json_object"))
    assert learned.of("openai/x", "http://a/v1") == Lesson()
    assert learned.of("openai/1999").response_format == "json_object"


def test_a_format_that_the_table_does_not_hold_is_told_to_be_lowered(crm: UIApp) -> None:
    table = Capabilities.default().with_rows(
        [{"match": "sim/*", "response_formats": ["prompt_only"]}]
    )
    settings = ModelSettings("sim/any", response_format="json_schema")
    result, transport = asked(crm, [GOOD], model=settings, capabilities=table)
    assert formats(transport) == ["prompt_only"]
    (found,) = result.diagnostics
    assert found.code == "LLM_LADDER_STEPPED"
    assert "json_schema" in found.message
