"""Waits double up to a bound, are jittered, and never shorter than the provider asks for."""

from __future__ import annotations

import math

import pytest

from uicompiler.llm.asking.backoff import call_timeout_s, wait_before, within
from uicompiler.llm.settings import ModelSettings, Tries
from uicompiler.llm.steps import Wait

TRIES = Tries(first_wait_s=0.5, longest_wait_s=20.0)
SETTINGS = ModelSettings("sim/any", request_timeout_s=60.0)


def test_waits_double_up_to_the_longest() -> None:
    waits = [wait_before(retry, TRIES) for retry in (0, 1, 2, 10, 10_000)]
    assert [wait.most_s for wait in waits] == [0.5, 1.0, 2.0, 20.0, 20.0]
    assert [wait.least_s for wait in waits] == [0.25, 0.5, 1.0, 10.0, 10.0]


def test_what_the_provider_asks_for_is_waited_for_at_least() -> None:
    assert wait_before(0, TRIES, 7.0) == Wait(7.0, 7.25)


def test_a_short_request_to_wait_does_not_shorten_the_backoff() -> None:
    assert wait_before(3, TRIES, 0.0) == Wait(2.0, 4.0)


@pytest.mark.parametrize("asked", [math.nan, math.inf, -1.0])
def test_what_is_no_time_is_not_heard(asked: float) -> None:
    assert wait_before(0, TRIES, asked) == wait_before(0, TRIES)


def test_a_wait_fits_into_what_is_left_or_is_none() -> None:
    assert within(Wait(1.0, 4.0), None) == Wait(1.0, 4.0)
    assert within(Wait(1.0, 4.0), 3.0) == Wait(1.0, 3.0)
    assert within(Wait(3.0, 4.0), 3.0) is None


@pytest.mark.parametrize(
    ("left", "timeout"), [(None, 60.0), (300.0, 60.0), (100.0, 50.0), (39.0, 39.0), (2.0, 2.0)]
)
def test_a_call_that_hangs_leaves_time_for_another(left: float | None, timeout: float) -> None:
    assert call_timeout_s(SETTINGS, left) == timeout
