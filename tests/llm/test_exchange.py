"""What goes over the edge holds no number that JSON has not."""

from __future__ import annotations

import math

import pytest

from tests import traces
from tests.llm.scripted import Scripted, envelope
from uicompiler import llm
from uicompiler.app import UIApp
from uicompiler.llm.exchange import Failure, Reply

ANSWER = envelope(("ui.toast", {"text": "Done."}))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -1.0])
def test_what_is_no_amount_is_none(number: float) -> None:
    assert Reply("x", cost_usd=number).cost_usd is None
    assert Failure("rate_limited", "x", retry_after_s=number).retry_after_s is None


def test_amounts_stay_as_they_are() -> None:
    assert Reply("x", cost_usd=0.0).cost_usd == 0.0
    assert Reply("x").cost_usd is None
    assert Failure("rate_limited", "x", retry_after_s=1.5).retry_after_s == 1.5


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_price_that_is_none_leaves_a_trace_that_is_json(number: float) -> None:
    transport = Scripted([Reply(ANSWER, cost_usd=number)])
    result = llm.run("Hello?", model="openai/x", app=UIApp.standard(), transport=transport)
    assert result.ok and result.cost_usd is None
    traces.check(result.trace)
    assert "NaN" not in result.trace.to_json() and "Infinity" not in result.trace.to_json()
