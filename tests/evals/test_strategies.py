from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.evals.rehearsal import FORM, GOOD, TOAST, envelope, prepared, terms
from tests.llm.scripted import Line, Scripted
from uicompiler.evals.graders import usable
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.strategies import STRATEGIES, Outcome, Terms
from uicompiler.llm.exchange import Failure

FENCED = f"Here it is:\n```json\n{GOOD}\n```"
ALIASED = json.dumps(envelope({**TOAST, "type": "toast"}, FORM))
TORN = json.dumps(envelope(TOAST, FORM))[:-30]
BROKEN = GOOD.replace('"Ada"}]}}]', '"Ada"},]}}],')
DOWN = Failure("unavailable", "down", status=503)


def ask(
    strategy: str, ready: Prepared, lines: Iterable[Line], **changes: Any
) -> tuple[Outcome, Terms]:
    asked = terms(lines, **changes)
    return asyncio.run(STRATEGIES[strategy](ready, asked)), asked


def requests(asked: Terms) -> list[Any]:
    transport = asked.transport
    assert isinstance(transport, Scripted)
    return transport.requests


@pytest.fixture
def ready(tmp_path: Path) -> Prepared:
    return prepared(tmp_path)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_good_answer_is_usable_whatever_the_strategy(strategy: str, ready: Prepared) -> None:
    outcome, asked = ask(strategy, ready, [GOOD])
    assert usable(ready.grade(outcome.source, outcome.result))
    assert len(requests(asked)) == 1
    assert not outcome.repaired


@pytest.mark.parametrize(
    ("answer", "raw", "baseline", "production"),
    [
        (FENCED, False, True, True),
        (ALIASED, False, True, True),
        (BROKEN, False, False, True),
        ("Certainly!", False, False, False),
    ],
)
def test_each_strategy_reads_as_much_as_it_says(
    ready: Prepared, answer: str, raw: bool, baseline: bool, production: bool
) -> None:
    found = {}
    for strategy in STRATEGIES:
        outcome, _ = ask(strategy, ready, [answer])
        found[strategy] = usable(ready.grade(outcome.source, outcome.result))
    assert found == {"raw": raw, "baseline": baseline, "production": production}


def test_all_strategies_say_the_same_to_the_model(ready: Prepared) -> None:
    said = [requests(ask(name, ready, [GOOD])[1])[0]["messages"] for name in STRATEGIES]
    assert said[0] == said[1] == said[2]


def test_raw_asks_for_no_form_and_never_again(ready: Prepared) -> None:
    _, asked = ask("raw", ready, [DOWN])
    assert len(requests(asked)) == 1
    assert "response_format" not in requests(asked)[0]


def test_baseline_asks_plainly_once_more_when_the_call_fails(ready: Prepared) -> None:
    outcome, asked = ask("baseline", ready, [DOWN, GOOD])
    assert outcome.result.ok
    assert [item["response_format"] for item in requests(asked)] == [{"type": "json_object"}] * 2
    outcome, asked = ask("baseline", ready, [DOWN, DOWN, GOOD])
    assert [item.code for item in outcome.result.diagnostics] == ["LLM_UNAVAILABLE"]
    assert len(requests(asked)) == 2


def test_baseline_takes_no_mode_that_the_provider_does_not_promise(ready: Prepared) -> None:
    _, asked = ask("baseline", ready, [GOOD], formats=("prompt_only",))
    assert "response_format" not in requests(asked)[0]


def test_baseline_does_not_ask_for_a_repair(ready: Prepared) -> None:
    _, asked = ask("baseline", ready, ["Certainly!", GOOD])
    assert len(requests(asked)) == 1


def test_production_says_when_it_asked_for_a_repair(ready: Prepared) -> None:
    outcome, asked = ask("production", ready, [TORN, GOOD])
    assert outcome.result.ok
    assert outcome.repaired
    assert len(requests(asked)) == 2


def test_a_refusal_leaves_the_state_as_it_was(ready: Prepared) -> None:
    for strategy in STRATEGIES:
        outcome, _ = ask(strategy, ready, [Failure("unauthorized", "no", status=401)])
        assert not outcome.result.ok
        assert outcome.result.state == ready.stage.state
