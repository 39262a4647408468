from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.evals.sim.scripts import ENVELOPE, FORMATS, asking, script
from uicompiler import UIApp, compile
from uicompiler.evals.sim.answer import SimAnswer
from uicompiler.evals.sim.personalities import catalogue, personality
from uicompiler.evals.sim.script import dice
from uicompiler.evals.sim.simulator import answer
from uicompiler.evals.sim.transport import SimTransport
from uicompiler.llm.exchange import Reply

NAMES = tuple(catalogue().personalities)
MANY = 700


@pytest.mark.parametrize("name", NAMES)
def test_the_same_dice_give_the_same_answers(name: str) -> None:
    assert _texts(name, seed=3) == _texts(name, seed=3)


def test_another_seed_gives_other_answers() -> None:
    assert _texts("small_local", seed=3) != _texts("small_local", seed=4)


def test_a_call_is_decided_by_itself_whatever_was_asked_before() -> None:
    first, second = SimTransport("plain", script(), seed=1), SimTransport("plain", script(), seed=1)
    second.send(asking("json_object"), timeout_s=60)
    first.send(asking("prompt_only"), timeout_s=60)

    replies = [one.send(asking("prompt_only"), timeout_s=60) for one in (first, second)]

    assert replies[0] == replies[1]


@pytest.mark.parametrize("name", NAMES)
def test_faults_are_as_frequent_as_their_figures_say(name: str) -> None:
    found = personality(name)
    for asked in FORMATS:
        held_to = found.held_to(asked)
        if held_to is None:
            continue
        drawn = Counter(fault for index in range(MANY) for fault in _one(name, asked, index).faults)
        providers = sum(one.rate for one in found.provider.values())
        for fault, cited in found.answers[held_to].items():
            share = cited.rate * (1 - providers)
            assert abs(drawn[fault] / MANY - share) < 0.02 + share * 0.2, (asked, fault)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_without_faults_is_the_reply(name: str) -> None:
    found = personality(name)
    for asked in FORMATS:
        held_to = found.held_to(asked)
        for index in range(50):
            made = _one(name, asked, index)
            if held_to is not None and not made.faults:
                assert _without_nulls(json.loads(made.text)) == ENVELOPE


def test_what_a_strict_mode_writes_compiles_without_a_repair() -> None:
    made = next(
        made for index in range(50) if not (made := _one("frontier", "json_schema", index)).faults
    )

    result = compile(json.loads(made.text), app=UIApp.standard(), strict=True)

    assert result.ok
    assert '"submit_label":null' in made.text


@pytest.mark.parametrize(
    ("name", "asked", "status"),
    [
        ("json_mode", "json_schema", 400),
        ("plain", "json_object", 404),
        ("loose", "json_object", 400),
    ],
)
def test_a_format_that_is_not_known_is_refused(name: str, asked: str, status: int) -> None:
    made = _one(name, asked, 0)

    assert (made.status, made.error["param"]) == (status, "response_format")


def test_a_key_that_is_not_known_is_refused() -> None:
    request = {**asking("json_object"), "seed": 7}

    made = answer(
        personality("json_mode"), script(), request, (), dice(1, "json_mode", script(), 0)
    )

    assert (made.status, made.error["param"]) == (422, "seed")


@pytest.mark.parametrize("named", [True, False])
def test_a_mistake_comes_right_as_often_as_its_figure_says(named: bool) -> None:
    wrong = SimAnswer(text='{"directives": [1]}', faults=("violation",))
    request = asking("prompt_only")
    if named:
        told = {"role": "user", "content": "That is wrong."}
        request["messages"] += [{"role": "assistant", "content": wrong.text}, told]
    found = personality("plain")

    made = [
        answer(found, script(index), request, (wrong,), dice(1, "plain", script(index), 1))
        for index in range(MANY)
    ]

    answered = [one for one in made if one.status == 200 and one.text.strip()]
    wrong_again = sum("violation" in one.faults for one in answered)
    assert abs(wrong_again / len(answered) - (1 - found.repaired.rate)) < 0.03


def test_an_accident_is_drawn_anew() -> None:
    cut = SimAnswer(text='{"direc', finish_reason="length", faults=("truncated",))
    found, request = personality("frontier"), asking("json_schema")

    made = [
        answer(found, script(index), request, (cut,), dice(1, "x", script(index), 1))
        for index in range(200)
    ]

    assert sum("truncated" in one.faults for one in made) < 5


def test_usage_and_cost_are_counted() -> None:
    reply = SimTransport("plain", script(), seed=1).send(asking("prompt_only"), timeout_s=60)

    assert isinstance(reply, Reply)
    assert reply.usage.output_tokens > 10
    assert reply.usage.estimated
    assert reply.cost_usd is not None
    assert reply.cost_usd > 0


def _one(name: str, asked: str, index: int) -> SimAnswer:
    one = script(index)
    return answer(personality(name), one, asking(asked), (), dice(5, name, one, 0))


def _texts(name: str, seed: int) -> list[str]:
    transports = [SimTransport(name, script(index), seed=seed) for index in range(60)]
    return [repr(one.send(asking("prompt_only"), timeout_s=60)) for one in transports]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_nulls(item) for key, item in value.items() if item is not None}
        if "values" in kept:
            kept["values"] = {item["path"]: item["value"] for item in _entries(kept["values"])}
        return kept
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _entries(values: Any) -> list[dict[str, Any]]:
    if isinstance(values, list):
        return values
    return [{"path": key, "value": value} for key, value in values.items()]
