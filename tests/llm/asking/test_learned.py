"""What was learned of a provider is kept for a while, or until it is forgotten."""

from __future__ import annotations

from tests.llm.asking.test_ladder import GOOD, NO_FORMAT, asked, formats
from tests.llm.scripted import FakeClock
from uicompiler.app import UIApp
from uicompiler.llm.asking.learned import Learned, Lesson
from uicompiler.llm.exchange import Failure
from uicompiler.llm.settings import ModelSettings

UNNAMED = Failure("unsupported", "something is not supported", status=400)
WARM = ModelSettings("sim/any", temperature=0.5, seed=7, response_format="prompt_only")


def test_a_lesson_expires(crm: UIApp) -> None:
    clock = FakeClock()
    learned = Learned(seconds=60, clock=clock.read)
    asked(crm, [NO_FORMAT, GOOD], learned=learned)
    clock.now += 59
    assert formats(asked(crm, [GOOD], learned=learned)[1]) == ["json_object"]
    clock.now += 1  # the turn in between has not made it younger
    assert formats(asked(crm, [GOOD], learned=learned)[1]) == ["json_schema"]


def test_a_lesson_for_good_does_not_expire() -> None:
    clock = FakeClock()
    learned = Learned(seconds=None, clock=clock.read)
    learned.remember("a/b", None, Lesson("prompt_only"))
    clock.now += 1e9
    assert learned.of("a/b") == Lesson("prompt_only")


def test_a_turn_that_outlives_a_lesson_does_not_renew_it(crm: UIApp) -> None:
    clock = FakeClock()
    learned = Learned(seconds=60, clock=clock.read)
    asked(crm, [NO_FORMAT, GOOD], learned=learned)

    def late(_request: object) -> object:
        clock.now += 61
        return asked(crm, [GOOD])[1].send({}, timeout_s=1)

    asked(crm, [late], learned=learned)
    assert learned.of("sim/any") == Lesson()


def test_lessons_can_be_forgotten() -> None:
    learned = Learned()
    for model in ("a/b", "c/d"):
        for address in (None, "http://a/v1"):
            learned.remember(model, address, Lesson("prompt_only"))
    learned.forget("a/b")
    assert learned.of("a/b", "http://a/v1") == learned.of("a/b") == Lesson()
    assert learned.of("c/d") != Lesson()
    learned.forget()
    assert learned.of("c/d") == Lesson()


def test_keys_that_nobody_named_are_left_out_for_the_turn_alone(crm: UIApp) -> None:
    learned = Learned()
    result, transport = asked(crm, [UNNAMED, GOOD], model=WARM, learned=learned)
    assert {"temperature", "seed"} <= set(result.attempts[1].dropped)
    assert "temperature" not in transport.requests[1]
    _, transport = asked(crm, [GOOD], model=WARM, learned=learned)
    assert transport.requests[0]["temperature"] == 0.5


def test_a_key_that_was_named_stays_left_out(crm: UIApp) -> None:
    learned = Learned()
    named = Failure("unsupported", "no", status=400, parameter="temperature")
    asked(crm, [named, UNNAMED, GOOD], model=WARM, learned=learned)
    _, transport = asked(crm, [GOOD], model=WARM, learned=learned)
    assert "temperature" not in transport.requests[0]
    assert transport.requests[0]["seed"] == 7


def test_the_trace_tells_no_setting_that_was_left_out(crm: UIApp) -> None:
    result, _ = asked(crm, [UNNAMED, GOOD], model=WARM)
    assert result.trace.llm is not None
    sampling = result.trace.llm["sampling"]
    assert (sampling["temperature"], sampling["seed"]) == (None, None)
