"""`trace`: what it tells of a turn, what it takes, and how it ends."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.evals.rehearsal import GOOD, prepared, terms
from tests.llm.scripted import FakeClock, Line, Scripted, envelope
from uicompiler.app import TurnContext, UIApp
from uicompiler.evals.budget import RunBudget
from uicompiler.evals.strategies import STRATEGIES
from uicompiler.evals.trial import TrialKey, record, run_trial
from uicompiler.llm.exchange import Failure
from uicompiler.llm.runner import run as ask
from uicompiler.trace import Trace


@pytest.fixture(scope="module")
def troubled() -> dict[str, Any]:
    """The trace of a turn that took five calls."""
    clock = FakeClock()
    good = envelope(("ui.toast", {"text": "Saved"}))
    lines: list[Line] = [
        Failure("unsupported", "no such key", 400, parameter="response_format"),
        Failure("rate_limited", "slow down", 429, retry_after_s=2.0),
        envelope(("ui.no_such", {})).replace("}]", "},]"),
        good,
    ]
    result = ask(
        "Save it.",
        model="openai/gpt-4o-mini",
        app=UIApp.standard(),
        turn=TurnContext("c1", turn_index=3, request_id="r9", now="2026-01-01T00:00:00Z"),
        transport=Scripted(lines, clock=clock, takes_s=0.25),
        clock=clock.read,
        sleep=clock.sleep,
        random=lambda: 0.5,
    )
    found: dict[str, Any] = json.loads(result.trace.to_json())
    return found


def raw(*traces: Any) -> bytes:
    return b"".join(json.dumps(trace).encode() + b"\n" for trace in traces)


def test_a_turn_without_a_model_is_told(run: Run, first_turn: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    assert run("compile", first_turn, "--trace", trace).status == 0
    done = run("trace", trace)
    assert (done.status, done.err) == (0, "")
    said = done.out.decode()
    assert "no model was called" in said
    assert "surface main, epoch 1, rev 1:" in said
    assert "time: compile " in said


def test_every_call_is_told_with_why_and_what_came_of_it(
    run: Run, troubled: dict[str, Any]
) -> None:
    lines = run("trace", stdin=raw(troubled)).out.decode().splitlines()
    assert lines[0] == "turn 3  conversation c1  request r9  2026-01-01T00:00:00Z"
    calls = [line.strip() for line in lines if line.strip()[:2] in ("1.", "2.", "3.", "4.")]
    assert [call.partition(":")[0] for call in calls] == [
        "1. first, json_schema",
        "2. next format, json_object",
        "3. after 2,125 ms again, json_object",
        "4. repair, json_object",
    ]
    assert "unsupported LLM_PARAMETER_UNSUPPORTED 400 in 250 ms" in calls[0]
    assert "       mended: trailing_comma" in lines
    assert "       found: DIRECTIVE_UNKNOWN_TYPE" in lines
    assert any(line.startswith("    4 calls, ") for line in lines)


def test_several_traces_are_told_one_after_the_other(run: Run, troubled: dict[str, Any]) -> None:
    one = run("trace", stdin=raw(troubled)).out
    assert run("trace", stdin=raw(troubled, troubled)).out == one + b"\n" + one
    assert run("trace", stdin=json.dumps([troubled, troubled]).encode()).out == one + b"\n" + one


def test_what_holds_a_trace_is_taken_for_it(
    run: Run, first_turn: Path, tmp_path: Path, troubled: dict[str, Any]
) -> None:
    result = tmp_path / "result.json"
    run("compile", first_turn, "--result", result)
    assert run("trace", result, "--check").status == 0
    trials = raw({"key": {}, "trace": troubled}, {"key": {}, "trace": troubled})
    assert run("trace", "--json", stdin=trials).lines() == [troubled, troubled]


def test_json_gives_the_traces_alone_one_a_line(run: Run, troubled: dict[str, Any]) -> None:
    done = run("trace", "--json", stdin=json.dumps(troubled, indent=2).encode())
    assert done.lines() == [troubled]


def test_check_says_nothing_of_what_fits(run: Run, troubled: dict[str, Any]) -> None:
    done = run("trace", "--check", stdin=raw(troubled, Trace().to_dict()))
    assert (done.status, done.out, done.err) == (0, b"", "")


UNFIT: list[tuple[str, Any, str]] = [
    ("run_mode", "other", "/run_mode: 'other' is not one of"),
    ("timings", {}, "/timings: "),
    ("surprise", 1, "'surprise' was unexpected"),
    ("validation", {"status": "ok", "warnings": 1, "codes": ["NO_SUCH"]}, "no code NO_SUCH"),
    ("trace_version", 2, "/trace_version: 1 was expected"),
]


@pytest.mark.parametrize(("key", "value", "said"), UNFIT)
def test_check_names_the_place_of_what_does_not_fit(
    run: Run, key: str, value: Any, said: str
) -> None:
    done = run("trace", "--check", stdin=raw(Trace().to_dict(), {**Trace().to_dict(), key: value}))
    assert done.status == 1
    assert done.out.startswith(b"- line 2: ")
    assert said in done.out.decode()
    assert b"line 1" not in done.out


def test_attempts_have_to_be_in_order(run: Run, troubled: dict[str, Any]) -> None:
    llm = {**troubled["llm"], "attempts": troubled["llm"]["attempts"][::-1]}
    done = run("trace", "--check", stdin=raw({**troubled, "llm": llm}))
    assert (done.status, b"not numbered in order" in done.out) == (1, True)


def test_without_check_the_others_are_told_all_the_same(run: Run) -> None:
    done = run("trace", stdin=raw({**Trace().to_dict(), "run_mode": 1}, Trace().to_dict()))
    assert done.status == 1
    assert "line 1: /run_mode" in done.err
    assert done.out.decode().count("turn 0") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no trace"),
        (b"[]", "holds no trace"),
        (b"no", "line 1 is no JSON"),
        (b"{}", "is no trace and has none under `trace`"),
        (b'{"trace": 1}', "is no trace and has none under `trace`"),
        (b"[1]", "item 0 is no trace"),
        (b"\xff", "line 1 is no JSON"),
        (b"[" * 100_000, "line 1 is no JSON"),
    ],
)
def test_what_is_no_trace_is_wrong_usage(run: Run, content: bytes, said: str) -> None:
    done = run("trace", "--check", stdin=content)
    assert (done.status, done.out) == (2, b"")
    assert said in done.err


def test_nothing_that_a_trace_says_moves_the_cursor(run: Run) -> None:
    trace = {**Trace().to_dict(), "conversation_id": "a\x1b[2J\nb"}
    done = run("trace", stdin=raw(trace))
    assert done.status == 0
    assert b"\x1b" not in done.out
    assert len(done.out.splitlines()) == len(
        run("trace", stdin=raw(Trace().to_dict())).out.splitlines()
    )


# --- trials ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A trial of each strategy, with a model that is reached at the second call."""
    ready = prepared(tmp_path_factory.mktemp("app"))
    lines: list[Line] = [Failure("unavailable", "Connection error.", 503), GOOD]
    told = []
    for strategy in STRATEGIES:
        asked = terms(lines)
        trial = asyncio.run(run_trial(strategy, ready, asked, RunBudget()))
        key = TrialKey("crm.add", "sim/frontier", strategy, 2)
        told.append(record(key, key.seed(7), ready, asked, trial))
    return raw(*told)


def test_trials_are_told_apart(run: Run, trials: bytes) -> None:
    lines = run("trace", stdin=trials).out.decode().splitlines()
    assert [line for line in lines if line.startswith("trial ")] == [
        "trial 2 of crm.add  sim/frontier  raw: not usable",
        "trial 2 of crm.add  sim/frontier  baseline: usable",
        "trial 2 of crm.add  sim/frontier  production: usable",
    ]


def test_calls_of_every_strategy_are_told_with_why_they_failed(run: Run, trials: bytes) -> None:
    said = run("trace", stdin=trials).out.decode()
    assert "no model was called" not in said
    assert "  asked by strategy raw, 1 call\n" in said
    assert "  asked by strategy baseline, 2 calls\n" in said
    assert said.count("       since: Connection error.\n") == 3


def test_only_some_turns_are_told_if_they_are_named(run: Run, trials: bytes) -> None:
    done = run("trace", "--only", "crm.add", "--only", "baseline", stdin=trials)
    assert done.out.decode().count("trial ") == 1
    missed = run("trace", "--only", "elsewhere", stdin=trials)
    assert missed.status == 2
    assert "no turn has elsewhere in its heading; the first is: trial 2 of crm.add" in missed.err


def test_a_failure_that_may_quote_what_was_said_has_no_words_in_a_trace(run: Run) -> None:
    for kind, shown in (("unauthorized", True), ("content_filtered", False), ("refused", False)):
        result = ask(
            "x",
            model="sim/x",
            app=UIApp.standard(),
            transport=Scripted([Failure(kind, "no: 'my secret'")]),  # type: ignore[arg-type]
        )
        done = run("trace", stdin=result.trace.to_json().encode())
        assert (done.status, "my secret" in done.out.decode()) == (0, shown)


def test_a_turn_without_a_time_says_so(run: Run) -> None:
    result = ask("x", model="sim/x", app=UIApp.standard(), transport=Scripted([envelope()]))
    first = run("trace", stdin=result.trace.to_json().encode()).out.decode().splitlines()[0]
    assert first == "turn 0  at a time that nobody told"
