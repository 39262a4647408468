"""Whatever a model and its provider do, a turn ends well: bounded, quiet, with the truth told."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from tests.llm.conftest import build_crm
from tests.llm.scripted import FakeClock, Scripted, calls, envelope, reply
from tests.stories import budget as examples
from uicompiler.a2ui import validate
from uicompiler.compiler import CompileResult, compile
from uicompiler.llm.exchange import Failure, FailureKind, Reply
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import arun, run
from uicompiler.llm.settings import Budget, ModelSettings, Tries
from uicompiler.llm.tools import Tool

CRM = build_crm(inline="submit")
FORM = ("ui.show_form", {"form_id": "contact"})
SHOWN = compile(envelope(FORM), app=CRM)
LOOK_UP = Tool("look_up", "Looks a name up.", {"type": "object"}, lambda given: {"found": given})
BROKEN = Tool("broken", "Fails.", {"type": "object"}, lambda given: 1 / 0)

texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            envelope(FORM),
            envelope(("ui.show_form", {"form_id": "nobody"})),
            envelope(FORM, ("ui.show_view", {"view_id": "none"})),
            envelope(FORM)[:60],
            "```json\n" + envelope(FORM, text="\ud800") + "\n```",
            "{'assistant_text': 'Hi', 'directives': [],}",
            "I cannot do that.",
            "[" * 200,
            '{"assistant_text": "", "directives": []}',
        ]
    ),
)
requested = st.lists(
    st.tuples(
        st.sampled_from(["ui_show_form", "ui_toast", "look_up", "broken", "nothing", "a b", ""]),
        st.one_of(
            st.sampled_from(['{"form_id":"deal"}', '{"text":"Hi"}', "{", "", "[]", '"\\ud800"']),
            st.text(max_size=10),
        ),
    ),
    min_size=1,
    max_size=3,
)
replies = st.one_of(
    st.builds(reply, texts, finish_reason=st.sampled_from(["stop", "length", "content_filter"])),
    st.builds(lambda words: reply("", refusal=words), st.text(max_size=20)),
    st.builds(
        lambda asked, words: replace(calls(*asked), text=words), requested, st.text(max_size=9)
    ),
)
failures = st.builds(
    Failure,
    st.sampled_from(get_args(FailureKind)),
    st.text(max_size=20),
    status=st.sampled_from([None, 400, 404, 422, 429, 500]),
    retry_after_s=st.sampled_from([None, 0.0, 3.0, 1e9, float("nan"), float("inf"), -1.0]),
    parameter=st.sampled_from(
        ["", "seed", "response_format", "max_tokens", "messages", "tools[0]"]
    ),
    partial_text=texts,
)
lines = st.lists(st.one_of(replies, failures), min_size=1, max_size=8)
budgets = st.builds(
    Budget,
    seconds=st.sampled_from([None, 0.0, 1.0, 30.0]),
    calls=st.integers(0, 6),
    tokens=st.sampled_from([None, 0, 2_000, 50_000]),
    usd=st.sampled_from([None, 0.0, 0.02]),
)
tries = st.builds(
    Tries,
    retries=st.integers(0, 2),
    repairs=st.integers(0, 2),
    semantic_repairs=st.integers(0, 2),
    tool_rounds=st.integers(0, 3),
)
modes = st.sampled_from(["directives", "tool_loop", "hybrid"])


@given(lines, budgets, tries, modes, st.integers(0, 2**32), st.booleans())
@examples(150)
def test_a_turn_ends_within_its_budget_whatever_comes(
    script: list[Reply | Failure], budget: Budget, tries: Tries, mode: Any, seed: int, held: bool
) -> None:
    before = SHOWN if held else None
    clock = FakeClock()
    transport = Scripted(script, clock=clock, takes_s=0.5)
    result = run(
        "A contact, please.",
        model=ModelSettings("sim/any", seed=7, max_output_tokens=900),
        app=CRM,
        state=None if before is None else before.state,
        tools=(LOOK_UP, BROKEN) if mode != "directives" else (),
        run_mode=mode,
        validator=lambda found: ["a deal"] if "deal" not in found.assistant_text else [],
        budget=budget,
        tries=tries,
        transport=transport,
        clock=clock.read,
        sleep=clock.sleep,
        random=random.Random(seed).random,
    )
    assert len(transport.requests) == len(result.attempts) <= (budget.calls or 0)
    if budget.seconds is not None:
        assert clock.now - 1_000.0 <= budget.seconds + 1e-6
        assert all(0 < limit <= budget.seconds for limit in transport.timeouts)
    _is_sound(result, before)


def _is_sound(result: LLMResult, shown: CompileResult | None) -> None:
    before = None if shown is None else shown.state
    again = compile(result.source, app=CRM, state=before) if result.source else None
    if result.ok:
        assert again is not None and again.ok
        assert again.jsonl() == result.compiled.jsonl()
        assert again.state == result.compiled.state
    else:
        assert result.compiled.fallback is not None and result.text
        assert result.compiled.batches == ()
        if before is not None:
            assert result.compiled.state is before
        codes = [item.code for item in result.diagnostics if item.severity == "error"]
        assert any(code.startswith("LLM_") for code in codes)
    stream = (b"" if shown is None else shown.jsonl()) + result.compiled.jsonl()
    assert [item for item in validate(stream) if item.severity == "error"] == []
    trace = json.loads(json.dumps(result.trace.to_dict(), allow_nan=False))
    assert len(trace["llm"]["attempts"]) == len(result.attempts)


@given(lines, modes, st.integers(0, 2**32))
@examples(40)
def test_both_drivers_do_the_same(script: list[Reply | Failure], mode: Any, seed: int) -> None:
    def ask(driver: Any, sleep: str) -> tuple[Any, Any]:
        clock = FakeClock()
        transport = Scripted(script, clock=clock, takes_s=0.5)
        result = driver(
            "Hello",
            model="sim/any",
            app=CRM,
            tools=(LOOK_UP, BROKEN) if mode != "directives" else (),
            run_mode=mode,
            transport=transport,
            clock=clock.read,
            sleep=getattr(clock, sleep),
            random=random.Random(seed).random,
        )
        result = asyncio.run(result) if asyncio.iscoroutine(result) else result
        return result.trace.to_dict(), transport.requests

    assert ask(run, "sleep") == ask(arun, "asleep")
