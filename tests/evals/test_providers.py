from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.evals.rehearsal import prepared
from tests.llm.model_server import Answer, completion, model_server
from tests.llm.scripted import Scripted
from uicompiler.errors import EvalError, LLMError
from uicompiler.evals.budget import RunBudget
from uicompiler.evals.plan import Plan
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.providers import (
    Opened,
    check_provider,
    is_own_server,
    provider_names,
    providers,
)
from uicompiler.evals.session import Session
from uicompiler.evals.silence import MOST_SILENT
from uicompiler.evals.sim.clock import SimClock
from uicompiler.evals.sim.personalities import catalogue
from uicompiler.evals.trial import TrialKey
from uicompiler.llm.exchange import Failure, Reply
from uicompiler.llm.settings import ModelSettings

KNOWN = list(catalogue().personalities)


def test_sim_stands_for_every_simulated_model() -> None:
    assert provider_names(["sim"]) == [f"sim/{name}" for name in KNOWN]
    assert provider_names(["sim-http/plain"]) == ["sim-http/plain"]
    assert provider_names(["sim/plain", "sim"])[0] == "sim/plain"
    assert len(provider_names(["sim/plain", "sim"])) == len(KNOWN)
    assert provider_names(["openai/gpt-4o-mini"]) == ["openai/gpt-4o-mini"]


def test_a_simulated_model_that_there_is_not_is_refused_with_the_closest_one() -> None:
    with pytest.raises(LLMError, match="did you mean sim/frontier") as caught:
        provider_names(["sim/frontir"])
    assert caught.value.code == "LLM_MODEL_UNKNOWN"


def test_all_a_simulated_trial_does_follows_from_its_seed(tmp_path: Path) -> None:
    def results(seed: int, jobs: int) -> list[dict[str, Any]]:
        ready = prepared(tmp_path)
        plan = Plan([ready.loaded], ["sim/plain", "sim/flaky"], ["raw", "production"], 3, seed, {})
        found: list[dict[str, Any]] = []
        with providers(plan.providers, ModelSettings("")) as models:
            session = Session(plan, [ready], models, RunBudget())
            asyncio.run(session.run((), found.append, jobs=jobs))
        order = list(plan.keys_in_order())
        return sorted(found, key=lambda item: order.index(TrialKey(**item["key"])))

    assert results(7, 1) == results(7, 4)
    assert results(7, 1) != results(8, 1)


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    ready = prepared(tmp_path)
    plan = Plan([ready.loaded], ["sim/frontier"], ["raw"], 4, 7, {})
    found: list[dict[str, Any]] = []
    with providers(plan.providers, ModelSettings("")) as models:
        session = Session(plan, [ready], models, RunBudget())
        asyncio.run(session.run((), found.append, jobs=1))
        again: list[dict[str, Any]] = []
        asyncio.run(session.run(found[:3], again.append, jobs=2))
    assert [item["key"]["index"] for item in again] == [3]
    assert again == found[3:]


def test_what_a_model_refuses_is_found_out_by_its_first_trial(tmp_path: Path) -> None:
    ready = prepared(tmp_path)
    plan = Plan([ready.loaded], ["sim/plain"], ["production"], 6, 7, {})

    def run(before: list[dict[str, Any]], jobs: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        with providers(plan.providers, ModelSettings("")) as models:
            session = Session(plan, [ready], models, RunBudget())
            asyncio.run(session.run(before, found.append, jobs=jobs))
        return sorted(found, key=lambda item: item["key"]["index"])

    first, *others = run([], 4)
    assert first["lesson"]["before"] == {"response_format": None, "dropped": []}
    assert first["lesson"]["after"]["response_format"] == "prompt_only"
    assert all(item["lesson"]["before"] == first["lesson"]["after"] for item in others)
    assert all("response_format" not in item["calls"][0]["request"] for item in others)
    assert run([first], 2) == others


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (ModelSettings("nobody/x"), "LLM_MODEL_UNKNOWN"),
        (ModelSettings("gpt-4o-mini"), "LLM_MODEL_UNKNOWN"),
        (ModelSettings("openai/gpt-4o-mini"), "LLM_KEY_MISSING"),
        (
            ModelSettings("sim/plain", stream=True, response_format="json_schema"),
            "LLM_STREAMING_WITH_RESPONSE_FORMAT_FORBIDDEN",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, settings: ModelSettings, code: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(LLMError) as caught:
        check_provider(settings, ["directives"], needs_price=False)
    assert caught.value.code == code


def test_money_can_be_limited_only_where_a_price_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    check_provider(ModelSettings("openai/gpt-4o-mini"), ["directives"], needs_price=True)
    with pytest.raises(EvalError, match="price"):
        check_provider(ModelSettings("openai/nobody-knows"), ["directives"], needs_price=True)


@pytest.mark.parametrize(
    ("address", "is_own"),
    [
        ("http://127.0.0.1:9/v1", True),
        ("https://api.openai.com/v1", False),
        ("https://eu.api.openai.com/v1", False),
        ("https://notopenai.com/v1", True),
        (None, False),
    ],
)
def test_a_server_of_ones_own_has_no_known_price(
    monkeypatch: pytest.MonkeyPatch, address: str | None, is_own: bool
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "kanari")
    settings = ModelSettings("openai/gpt-4o-mini", api_base=address)
    assert is_own_server(settings) == is_own
    with pytest.raises(EvalError, match="price") if is_own else contextlib.nullcontext():
        check_provider(settings, ["directives"], needs_price=True)


def test_answers_of_a_server_of_ones_own_cost_nobody_knows_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "kanari-key-0123456789")
    name, ready = "openai/gpt-4o-mini", prepared(tmp_path)
    request = {"model": name, "messages": [{"role": "user", "content": "hi"}]}
    with (
        model_server(Answer(completion("Hello."))) as server,
        providers([name], ModelSettings("", api_base=server.url)) as models,
        models[name].open(ready, 0, 7) as opened,
    ):
        came = asyncio.run(opened.transport.asend(request, timeout_s=20))
    assert isinstance(came, Reply)
    assert (came.text, came.cost_usd) == ("Hello.", None)


class Refusing:
    """A provider that costs money, and refuses every key."""

    is_free = False
    formats = ("prompt_only",)

    def __init__(self, kind: Any) -> None:
        self.asked = 0
        self._failure = Failure(kind, "no such thing here", status=401)

    @contextlib.contextmanager
    def open(self, _ready: Prepared, _index: int, _seed: int) -> Iterator[Opened]:
        self.asked += 1
        yield Opened(ModelSettings("openai/x"), Scripted([self._failure]), SimClock())


@pytest.mark.parametrize(
    ("kind", "code"), [("unauthorized", "LLM_UNAUTHORIZED"), ("not_found", "LLM_NOT_FOUND")]
)
def test_a_run_that_is_hopeless_is_given_up_after_one_trial(
    tmp_path: Path, kind: str, code: str
) -> None:
    ready = prepared(tmp_path)
    plan = Plan([ready.loaded], ["openai/x"], ["production"], 9, 7, {})
    model, done = Refusing(kind), []
    session = Session(plan, [ready], {"openai/x": model}, RunBudget())
    with pytest.raises(LLMError, match="given up") as caught:
        asyncio.run(session.run((), done.append, jobs=4))
    assert caught.value.code == code
    assert (model.asked, done) == (1, [])


@pytest.mark.parametrize("trials", [2, 9])
def test_a_run_whose_model_never_answers_is_given_up(tmp_path: Path, trials: int) -> None:
    ready = prepared(tmp_path)
    plan = Plan([ready.loaded], ["openai/x"], ["raw"], trials, 7, {})
    done: list[dict[str, Any]] = []
    model = Refusing("unavailable")
    session = Session(plan, [ready], {"openai/x": model}, RunBudget())
    with pytest.raises(LLMError, match="no such thing here") as caught:
        asyncio.run(session.run((), done.append, jobs=1))
    assert caught.value.code == "LLM_UNAVAILABLE"
    assert (model.asked, done) == (min(trials, MOST_SILENT), [])
