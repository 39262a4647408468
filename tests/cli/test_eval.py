"""`uicompiler eval`: a run from its options to its reports, and every way in which it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from tests.cli.conftest import Run
from tests.evals.rehearsal import SCENARIO, write
from tests.llm.model_server import Answer, model_server

Options: TypeAlias = tuple[str, ...]


@pytest.fixture
def one(tmp_path: Path) -> Options:
    """The options that choose one scenario; reading all that ship takes longer than asking it."""
    return ("--scenarios", str(write(tmp_path)))


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "trials.jsonl").read_bytes().splitlines()]


def report(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_bytes())


def test_a_run_leaves_records_and_reports(run: Run, one: Options, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = run("eval", *one, "--strategy", "all", "--trials", "2", "--out", folder)
    assert done.status == 0
    assert done.out == (folder / "report.md").read_bytes()
    assert len(records(folder)) == 6 * 3 * 2
    assert (folder / "report.html").read_bytes().startswith(b"<!")
    assert "36/36 trials" in done.err


def test_the_same_run_again_gives_the_same_report(run: Run, one: Options, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for jobs, folder in enumerate(folders, start=1):
        run("eval", *one, "--trials", "2", "--jobs", str(jobs), "--out", folder)
    first, second = (report(folder) for folder in folders)
    for told in (first, second):
        del told["times"]
    assert first == second


def test_a_run_that_was_cut_anywhere_ends_as_if_it_had_not_been(
    run: Run, one: Options, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        run("eval", *one, "--trials", "2", "--out", folder)
    raw = (cut / "trials.jsonl").read_bytes()
    (cut / "trials.jsonl").write_bytes(raw[: len(raw) // 2])
    done = run("eval", "--resume", "--out", cut)
    assert done.status == 0
    assert "EVAL_RECORD_TORN" in done.err
    assert sorted(map(str, records(cut))) == sorted(map(str, records(whole)))
    assert {**report(cut), "times": 0} == {**report(whole), "times": 0}


def test_a_budget_ends_a_run_that_can_be_resumed(run: Run, one: Options, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = run("eval", *one, "--budget-calls", "5", "--out", folder)
    assert done.status == 3
    assert "EVAL_BUDGET_EXHAUSTED" in done.err
    assert 0 < sum(len(item["calls"]) for item in records(folder)) <= 5
    assert b"Not complete" in (folder / "report.md").read_bytes()
    before = records(folder)
    assert run("eval", "--resume", "--out", folder).status == 0
    assert len(records(folder)) == 18
    assert records(folder)[: len(before)] == before


def test_a_run_is_resumed_and_replayed_from_any_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    write(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    few = ("--trials", "1", "--budget-calls", "3", "--out", "run")
    assert run("eval", "--scenarios", "mine", *few).status == 3
    monkeypatch.chdir(tmp_path / "mine")
    assert run("eval", "--resume", "--out", tmp_path / "run").status == 0
    assert run("eval", "replay", tmp_path / "run").status == 0


def test_a_budget_in_money_is_kept(run: Run, one: Options, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    few = ("--provider", "sim/frontier", "--budget-usd", "0.1")
    done = run("eval", *one, *few, "--trials", "50", "--out", folder)
    assert done.status == 3
    assert 0 < sum(item["cost_usd"] for item in records(folder)) <= 0.1


def test_a_resumed_run_is_the_one_that_was_begun(run: Run, one: Options, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run("eval", *one, "--trials", "1", "--out", folder)
    done = run("eval", "--resume", "--seed", "8", "--out", folder)
    assert done.status == 2
    assert "EVAL_RUN_INVALID at /seed" in done.err
    assert run("eval", *one, "--out", folder).status == 2
    assert run("eval", "--resume").status == 2
    assert run("eval", "--resume", "--out", tmp_path / "none").status == 2


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--provider", "sim/nobody"), "LLM_MODEL_UNKNOWN"),
        (("--provider", "openai/gpt-4o-mini"), "LLM_KEY_MISSING"),
        (
            ("--stream", "--response-format", "json_schema"),
            "LLM_STREAMING_WITH_RESPONSE_FORMAT_FORBIDDEN",
        ),
        (("--temperature", "nan"), "LLM_SETTINGS_INVALID"),
        (("--api-base", "http://127.0.0.1/v1"), "--api-base goes with"),
        (("--trials", "0"), "found '0', expected a whole number from 1"),
        (("--budget-calls", "many"), "found 'many', expected a whole number from 1"),
        (("--min-usable", "99.5"), "--min-usable"),
        (("--budget-usd", "-1"), "--budget-usd"),
        (("--filter", "no-such-tag"), "no scenario fits"),
        (("--filter", "toast", "--filter", "toats"), "--filter toats: no scenario fits"),
        (("--scenarios", "/no/such/place"), "EVAL_SCENARIO_INVALID"),
        (("--app", "crm"), "give one of them"),
    ],
)
def test_what_cannot_work_is_refused_and_nothing_is_sent_or_left(
    run: Run,
    one: Options,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    argv: Options,
    said: str,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    done = run("eval", *one, *argv, "--out", tmp_path / "run")
    assert done.status == 2
    assert said in done.err
    assert not (tmp_path / "run").exists()


def test_an_app_without_scenarios_is_refused(run: Run, tmp_path: Path) -> None:
    done = run("eval", "--app", tmp_path, "--out", tmp_path / "run")
    assert done.status == 2
    assert f"--app {tmp_path}: neither standard, nor an example's name, nor" in done.err
    assert "ship" not in done.err


def test_a_wrong_option_is_told_by_the_command_it_was_given_to(run: Run) -> None:
    done = run("eval", "list", "--provider", "sim")
    assert done.status == 2
    assert "uicompiler eval list --help" in done.err
    long = run("eval", "sim")
    assert long.status == 2
    assert "models: --provider" in long.err
    assert len(long.err.splitlines()) == 1


def test_scenarios_that_contradict_the_settings_are_named_and_left_out(
    run: Run, tmp_path: Path
) -> None:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    write(scenarios)
    write(scenarios, id="with.tools", run_mode="tool_loop")
    out = tmp_path / "run"
    asked = ("--scenarios", scenarios, "--provider", "sim/frontier", "--trials", "1")
    asked = (*asked, "--response-format", "json_schema", "--out", out)
    done = run("eval", *asked)
    assert done.status == 0
    assert "left out, since they cannot be asked so: with.tools" in done.err
    assert [item["key"]["scenario"] for item in records(out)] == ["form-and-toast"]
    assert run("eval", "--resume", "--out", out).status == 0
    only = run("eval", *asked[:-1], tmp_path / "none", "--filter", "with.tools")
    assert only.status == 2
    assert "LLM_TOOLS_WITH_RESPONSE_FORMAT_FORBIDDEN" in only.err
    both = run("eval", *asked[:-1], tmp_path / "none", "--stream")
    assert both.status == 2
    assert "LLM_TOOLS_" not in both.err


@pytest.mark.parametrize("status", [401, 503])
def test_a_model_that_does_not_answer_ends_the_run_and_leaves_a_report(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "kanari-key-0123456789")
    out = tmp_path / "run"
    scenario = write(tmp_path)
    refusal = Answer({"error": {"message": "nobody is at home"}}, status=status)
    with model_server(refusal) as server:
        asked = ("--provider", "openai/x", "--api-base", server.url, "--strategy", "raw")
        done = run(
            "eval", "--scenarios", scenario, *asked, "--trials", "9", "--jobs", "1", "--out", out
        )
        calls = len(server.asked)
    assert done.status == 4
    assert "nobody is at home" in done.err
    assert f"{calls} call" in done.err
    assert "--resume" in done.err
    assert records(out) == []
    assert b"9 trials are missing" in (out / "report.md").read_bytes()


def test_a_run_that_is_resumed_with_little_gets_on_and_tells_what_was_lost(
    run: Run, one: Options, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    asked = (*one, "--provider", "sim/flaky", "--trials", "12", "--out", out)
    sent = 5
    done = run("eval", *asked, "--budget-calls", "5")
    while done.status == 3:
        before = len(records(out))
        kept = sum(item["attempts"] for item in records(out))
        done = run("eval", "--resume", "--out", out, "--budget-calls", "5")
        assert len(records(out)) > before
        made = sum(item["attempts"] for item in records(out)) - kept
        assert made == 5 or done.status == 0 or f"{5 - made} call" in done.err
        sent += 5
    assert done.status == 0
    assert len(records(out)) == 12
    assert sent <= 12 * 5


def test_answers_that_are_not_good_enough_are_status_1(
    run: Run, one: Options, tmp_path: Path
) -> None:
    raw = ("--provider", "sim/plain", "--strategy", "raw", "--trials", "20")
    done = run("eval", *one, *raw, "--min-usable", "0.9", "--out", tmp_path / "a")
    assert done.status == 1
    assert "at least 90.00% are wanted" in done.err
    good = run("eval", *one, *raw, "--min-usable", "0.01", "--out", tmp_path / "b")
    assert good.status == 0


def test_a_replay_comes_to_the_same_until_something_changes(run: Run, tmp_path: Path) -> None:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    path = write(scenarios)
    folder = tmp_path / "run"
    run("eval", "--scenarios", scenarios, "--trials", "1", "--out", folder)
    same = run("eval", "replay", folder)
    assert (same.status, same.err) == (0, "")
    assert same.out.startswith(b"6 trials, ")
    more = {**SCENARIO["expect"], "screen": {"main": {"texts": ["Nowhere to be read"]}}}
    path.write_text(yaml.safe_dump({**SCENARIO, "expect": more}), "utf-8")
    other = run("eval", "replay", folder)
    assert other.status == 1
    assert "EVAL_REPLAY_DIFFERS" in other.err
    assert "the scenario was changed since" in other.err
    path.unlink()
    assert run("eval", "replay", folder).status == 2


def test_over_loopback_the_real_client_is_given_the_same_answers(
    run: Run, one: Options, tmp_path: Path
) -> None:
    answers = []
    for provider in ("sim/loose", "sim-http/loose"):
        folder = tmp_path / provider.replace("/", "-")
        asked = (*one, "--provider", provider, "--trials", "3", "--jobs", "1")
        assert run("eval", *asked, "--out", folder).status == 0
        assert run("eval", "replay", folder).status == 0
        calls = [call for item in records(folder) for call in item["calls"]]
        answers.append([call["reply"]["text"] for call in calls if "reply" in call])
    assert len(answers[0]) >= 3
    assert answers[0] == answers[1]


def test_a_run_is_no_worse_than_itself_and_better_than_a_bad_one(run: Run, tmp_path: Path) -> None:
    for number in range(8):
        write(tmp_path, id=f"s{number}")
    some = ("--scenarios", str(tmp_path), "--provider", "sim/plain", "--trials", "3")
    good, bad = tmp_path / "good", tmp_path / "bad"
    run("eval", *some, "--out", good)
    run("eval", *some, "--strategy", "raw", "--out", bad)
    assert run("eval", "compare", good, good).status == 0
    assert run("eval", "compare", bad, good).status == 0
    worse = run("eval", "compare", good, bad, "--json")
    assert worse.status == 1
    assert worse.json()["worse"] is True
    assert run("eval", "compare", good, tmp_path / "none").status == 2


def test_runs_without_a_pair_of_trials_cannot_be_compared(
    run: Run, one: Options, tmp_path: Path
) -> None:
    for name, models in {"two": ("plain", "loose"), "others": ("flaky", "frontier")}.items():
        asked = [part for model in models for part in ("--provider", f"sim/{model}")]
        run("eval", *one, *asked, "--trials", "1", "--out", tmp_path / name)
    done = run("eval", "compare", tmp_path / "two", tmp_path / "others")
    assert (done.status, done.out) == (2, b"")
    assert "nothing to compare" in done.err
    assert "sim/loose, sim/plain by production" in done.err


def test_reports_are_made_anew_from_the_records(run: Run, one: Options, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = run("eval", *one, "--trials", "1", "--out", folder)
    html = (folder / "report.html").read_bytes()
    for path in folder.glob("report.*"):
        path.unlink()
    assert run("eval", "report", folder).out == first.out
    assert (folder / "report.html").read_bytes() == html
    assert run("eval", "report", tmp_path).status == 2
    with (folder / "trials.jsonl").open("ab") as stream:
        stream.write(b'no record\n{"v": 1')
    for command in ("report", "replay"):
        torn = run("eval", command, folder)
        assert (torn.status, torn.err.count("EVAL_RECORD_TORN")) == (0, 2)
        assert "line 7 is damaged" in torn.err


def test_scenarios_are_listed_and_their_replies_graded(run: Run, tmp_path: Path) -> None:
    listed = run("eval", "list", "--app", "crm", "--json").lines()
    assert {item["app"] for item in listed} == {"crm"}
    good = write(tmp_path)
    assert run("eval", "list", "--scenarios", tmp_path, "--check").status == 0
    good.write_text(yaml.safe_dump({**SCENARIO, "reply": {"assistant_text": "No."}}), "utf-8")
    bad = run("eval", "list", "--scenarios", tmp_path, "--check")
    assert bad.status == 1
    assert "its own reply is not usable" in bad.err


def test_an_interrupted_run_keeps_what_is_done(one: Options, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "uicompiler", "eval", *one, "--trials", "2000"]
    command += ["--out", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as going:
        _until_there_are_lines(folder / "trials.jsonl")
        going.send_signal(signal.SIGINT)
        _, err = going.communicate(timeout=60)
    assert going.returncode == 130
    assert b"--resume" in err
    assert re.search(rb"Traceback", err) is None
    assert records(folder)
    assert report(folder)


def _until_there_are_lines(path: Path) -> None:
    for _ in range(600):
        if path.exists() and path.stat().st_size > 0:
            return
        time.sleep(0.1)
    raise AssertionError("no trial was done in a minute")
