"""What is told of requests that came to nothing can be acted upon."""

from __future__ import annotations

import pytest

from tests.llm.scripted import FakeClock, Scripted
from uicompiler.app import UIApp
from uicompiler.llm.exchange import Failure
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import run
from uicompiler.llm.settings import Budget, ModelSettings


def asked(crm: UIApp, failure: Failure, api_base: str | None = None) -> LLMResult:
    settings = ModelSettings("openai/x", response_format="prompt_only", api_base=api_base)
    return run("x", model=settings, app=crm, transport=Scripted([failure]))


@pytest.mark.parametrize("api_base", ["http://localhost:8000", "http://localhost:8000/openai/"])
def test_a_server_that_knows_no_such_path_may_want_v1(crm: UIApp, api_base: str) -> None:
    told = asked(crm, Failure("not_found", "Not Found", 404), api_base).diagnostics[-1]
    assert told.code == "LLM_NOT_FOUND"
    assert "does not end in /v1" in told.message
    assert told.hint == "Not Found"


@pytest.mark.parametrize("api_base", [None, "http://localhost:8000/v1/", "https://host/v1beta"])
def test_where_the_address_is_not_the_matter_nothing_is_said_of_it(
    crm: UIApp, api_base: str | None
) -> None:
    told = asked(crm, Failure("not_found", "no such model", 404), api_base).diagnostics[-1]
    assert "/v1" not in told.message


def test_a_failure_without_time_for_another_try_says_how_much_is_left(crm: UIApp) -> None:
    clock = FakeClock()
    result = run(
        "x",
        model="sim/x",
        app=crm,
        transport=Scripted([Failure("rate_limited", "wait", 429, 8.0)], clock=clock, takes_s=1.0),
        budget=Budget(seconds=3),
        clock=clock.read,
        sleep=clock.sleep,
    )
    (told,) = result.diagnostics
    assert told.code == "LLM_RATE_LIMITED"
    assert told.message == (
        "The turn's time is used up: after rate_limited, 8 s have to pass before another try, "
        "and 2 s are left."
    )
