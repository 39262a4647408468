"""Loading a client takes seconds once, and none of them from a turn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.llm.scripted import FakeClock, Line, Scripted, envelope
from uicompiler import llm
from uicompiler.app import UIApp
from uicompiler.llm.connection.loading import timed
from uicompiler.llm.exchange import Failure, Reply
from uicompiler.llm.settings import Budget, Tries

ANSWER = envelope(("ui.toast", {"text": "Done."}))


class Slow(Scripted):
    """Takes half a minute before its first request, as a cold disk might."""

    def __init__(self, lines: list[Line], clock: FakeClock) -> None:
        super().__init__(lines, clock=clock, takes_s=0.5)
        self._slow = clock
        self.is_loaded = False

    def load(self) -> None:
        assert not self.is_loaded
        self._slow.now += 30
        self.is_loaded = True


def turn(clock: FakeClock, transport: Slow, **more: Any) -> dict[str, Any]:
    given = {"model": "openai/x", "app": UIApp.standard(), "budget": Budget(seconds=2)}
    return {**given, "transport": transport, "clock": clock.read, **more}


def test_a_turn_has_its_whole_time_after_loading() -> None:
    clock = FakeClock()
    slow = Slow([Failure("unavailable", "Try again."), ANSWER], clock)
    tries = Tries(first_wait_s=0.1)
    result = llm.run("Hello?", **turn(clock, slow, sleep=clock.sleep, tries=tries))
    assert result.ok and len(result.attempts) == 2
    assert slow.timeouts[0] == 2.0
    assert slow.timeouts[1] == pytest.approx(2 - 0.5, abs=0.2)
    assert clock.now >= 1_030


def test_so_it_is_where_the_turn_is_awaited() -> None:
    clock = FakeClock()
    slow = Slow([Failure("unavailable", "Try again."), ANSWER], clock)
    tries = Tries(first_wait_s=0.1)
    result = asyncio.run(llm.arun("Hello?", **turn(clock, slow, sleep=clock.asleep, tries=tries)))
    assert result.ok and len(result.attempts) == 2


def test_a_reply_that_was_kept_loads_nothing() -> None:
    clock, cache = FakeClock(), llm.memory_cache()
    llm.run("Hello?", **turn(clock, Slow([ANSWER], clock), sleep=clock.sleep, cache=cache))
    again = Slow([ANSWER], clock)
    assert llm.run("Hello?", **turn(clock, again, sleep=clock.sleep, cache=cache)).ok
    assert not again.is_loaded


def test_what_is_loaded_already_is_used_as_it_is() -> None:
    clock = FakeClock()
    slow = Slow([Reply("x")], clock)
    slow.load()
    assert timed(slow, clock.read) == (slow, clock.read)
    plain = Scripted([Reply("x")])
    assert timed(plain, clock.read)[0] is plain
