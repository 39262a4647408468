from __future__ import annotations

from typing import Any

import pytest

from tests.evals.samples import trial
from uicompiler.errors import LLMError
from uicompiler.evals.silence import MOST_SILENT, Silence

Records = list[dict[str, Any]]


def silent(index: int, failure: str = "unavailable", provider: str = "openai/x") -> dict[str, Any]:
    calls = [{"failure": {"kind": failure, "message": "connection refused"}}] * 2
    more = {"failure": failure, "first_answer": "none", "attempts": 2, "calls": calls}
    return trial(provider=provider, index=index, usable=False, **more)


def answered(index: int, provider: str = "openai/x") -> dict[str, Any]:
    return trial(provider=provider, index=index)


def test_a_trial_without_an_answer_counts_once_its_model_answers() -> None:
    done: Records = []
    silence = Silence(done.append, (), ())
    first, second = silent(0), answered(1)
    silence.done(first)
    assert done == []
    silence.done(second)
    silence.end()
    assert done == [first, second]


def test_a_model_that_stops_answering_ends_the_run_and_names_the_cause() -> None:
    done: Records = []
    silence = Silence(done.append, (), ())
    silence.done(answered(0))
    for index in range(1, MOST_SILENT):
        silence.done(silent(index))
    with pytest.raises(LLMError, match="connection refused") as caught:
        silence.done(silent(MOST_SILENT))
    assert caught.value.code == "LLM_UNAVAILABLE"
    assert f"{2 * MOST_SILENT} calls in {MOST_SILENT} trials" in caught.value.message
    assert done == [answered(0)]


def test_failures_between_answers_are_no_silence() -> None:
    done: Records = []
    silence = Silence(done.append, (), ())
    for index in range(0, 4 * MOST_SILENT, 2):
        silence.done(silent(index))
        silence.done(answered(index + 1))
    assert len(done) == 4 * MOST_SILENT


def test_a_model_that_answered_before_has_its_last_failures_written_down() -> None:
    done: Records = []
    silence = Silence(done.append, [answered(0)], ())
    silence.done(silent(1, "unauthorized"))
    silence.end()
    assert [item["key"]["index"] for item in done] == [1]


def test_a_model_that_answered_nothing_ends_the_run_however_few_trials_there_are() -> None:
    silence = Silence(lambda _: None, (), ())
    silence.done(silent(0))
    with pytest.raises(LLMError, match="2 calls in 1 trial,"):
        silence.end()


def test_what_is_filtered_out_was_answered() -> None:
    done: Records = []
    silence = Silence(done.append, (), ())
    for index in range(2 * MOST_SILENT):
        silence.done(silent(index, "content_filtered"))
    assert len(done) == 2 * MOST_SILENT


def test_one_silent_model_says_nothing_of_another_and_simulated_ones_are_trusted() -> None:
    done: Records = []
    silence = Silence(done.append, (), ("sim/flaky",))
    for index in range(MOST_SILENT - 1):
        silence.done(silent(index))
        silence.done(silent(index, provider="openai/y"))
    for index in range(2 * MOST_SILENT):
        silence.done(silent(index, provider="sim/flaky"))
    assert {item["key"]["provider"] for item in done} == {"sim/flaky"}
