"""Long runs: cutting up, adding up, cutting down, telling; and what happens without Node."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.official import bridge
from tests.official.bridge import BridgeError, OfficialClient
from tests.official.fuzz import __main__ as command
from tests.official.fuzz import ledger, runner
from tests.official.fuzz.shrink import shrunk, shrunk_json
from tests.official.fuzz.tally import Tally
from tests.official.fuzz.workloads import WORKLOADS, Workload
from tests.official.judges import versions


class Fake:
    """An official client that is only asked whether it lives."""

    alive = True
    started = 0

    def start(self) -> None:
        self.started += 1
        self.alive = True


def fake(client: Fake) -> OfficialClient:
    return client  # type: ignore[return-value]  # it is asked no more than a Fake can answer


# ---------------------------------------------------------------- cutting up and adding up


def test_a_slice_on_which_the_client_dies_names_the_seed() -> None:
    client = Fake()

    def run(seeds: range, official: Any) -> Tally:
        assert official.alive
        if 5 in seeds:
            official.alive = False
            raise BridgeError("it died")
        return Tally(Counter(streams=len(seeds)))

    tally = runner.survived(run, range(8), fake(client))
    assert tally.counts == {"streams": 7}
    assert tally.failures == ["seed 5: it died"]
    assert client.started == 4


def test_a_bug_in_a_workload_is_not_taken_for_a_difference() -> None:
    def run(seeds: range, official: Any) -> Tally:
        raise KeyError("ours")

    with pytest.raises(KeyError) as found:
        runner.survived(run, range(3, 9), fake(Fake()))
    assert found.value.__notes__ == ["while seeds 3 to 8 ran"]


def test_counts_are_rounded_up_to_whole_seeds() -> None:
    walk = Workload("w", "w", "steps", 500, 1, "")
    assert walk.seeds(7, 1) == range(7, 8)
    assert walk.seeds(7, 500) == range(7, 8)
    assert walk.seeds(7, 501) == range(7, 9)


@pytest.mark.official
@pytest.mark.slow
def test_processes_see_what_one_sees(official: OfficialClient) -> None:
    told: list[int] = []

    def progress(done: int, total: int, seconds: float, tally: Tally) -> None:
        told.append(done)

    tallies = [
        runner.run(WORKLOADS["streams"], range(120), jobs=jobs, most_failures=5, progress=progress)
        for jobs in (1, 2)
    ]
    assert tallies[0].counts == tallies[1].counts
    assert tallies[0].counts["streams"] == 120
    assert told[:3] == [50, 100, 120]
    assert told[-1] == 120


def test_every_workload_has_a_run() -> None:
    assert [name for name, row in WORKLOADS.items() if not callable(row.run())] == []


# ---------------------------------------------------------------- cutting down


def test_what_matters_is_left() -> None:
    asked = 0

    def fails(items: list[int]) -> bool:
        nonlocal asked
        asked += 1
        return {3, 77} <= set(items)

    assert shrunk(list(range(100)), fails) == [3, 77]
    assert asked < 100


def test_what_went_away_may_have_held_something_else() -> None:
    """An element that is needed only while another is there goes too."""

    def fails(items: list[str]) -> bool:
        return "a" in items and ("b" in items or "c" not in items)

    assert shrunk(["b", "a", "c"], fails) == ["a"]


def test_the_inside_is_cut_down_as_well() -> None:
    value = [{"keep": {"deep": [1, 2, {"x": "a long text"}], "other": 5}, "go": True}]

    def fails(found: Any) -> bool:
        return "keep" in json.dumps(found) and '"x"' in json.dumps(found)

    assert shrunk_json(value, fails) == [{"keep": {"deep": [{"x": "x"}]}}]


def test_cutting_down_ends() -> None:
    value = list(range(50))
    assert len(shrunk_json(value, lambda found: True, tries=10)) == 40


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["streams", "--count", "0"]])
def test_a_wrong_call_says_what_is_right(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as found:
        command.main(arguments)
    assert found.value.code == 2
    assert "usage: python -m tests.official.fuzz" in capsys.readouterr().err


def test_without_node_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command.main(["streams", "--count", "1"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "`node` is not on PATH. Install Node.js 20" in said.err


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A ledger of the test's own, and no official client."""
    path = tmp_path / "runs.json"
    monkeypatch.setattr(ledger, "PATH", path)
    monkeypatch.setattr(command, "ensure_node_modules", lambda: None)
    return path


def test_what_was_seen_is_told_and_kept(
    monkeypatch: pytest.MonkeyPatch, books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def seen(workload: Workload, seeds: range, progress: Any, **_more: Any) -> Tally:
        tally = Tally(Counter(streams=len(seeds), messages=1234))
        progress(len(seeds), len(seeds), 61.4, tally)
        return tally

    monkeypatch.setattr(command, "run", seen)
    assert command.main(["streams", "--seed", "9", "--count", "20", "--record"]) == 0
    said = capsys.readouterr()
    assert "streams from seed 9 in 61 s" in said.out
    assert "1,234 messages" in said.out
    assert "0 unexplained differences" in said.out
    assert "] 20 streams, 0 failures" in said.err
    kept = {"counts": {"messages": 1234, "streams": 20}, "first_seed": 9, "seconds": 61}
    kept["judges"] = versions()
    assert json.loads(books.read_text("utf-8")) == {"streams": kept}


def test_a_longer_run_stays_unless_the_judges_are_others(books: Path) -> None:
    def kept(count: int) -> bool:
        tally = Tally(Counter(streams=count))
        return ledger.record(WORKLOADS["streams"], tally, first_seed=0, seconds=1)

    assert [kept(20), kept(5), kept(21)] == [True, False, True]
    text = books.read_text("utf-8").replace(versions()["a2ui-core"], "0.0.1")
    books.write_text(text, "utf-8")
    assert kept(5)


def test_a_difference_is_a_failure_and_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def failed(_workload: Workload, _seeds: range, progress: Any, **_more: Any) -> Tally:
        tally = Tally(failures=["seed 3: step 1: data: …"])
        for done in (1, 2):
            progress(done, 2, 1.0, tally)
        return tally

    monkeypatch.setattr(command, "run", failed)
    assert command.main(["streams", "--record"]) == 1
    said = capsys.readouterr()
    assert said.err.count("seed 3: step 1") == 1
    assert "1 unexplained differences" in said.out
    assert not books.exists()


def test_nothing_is_begun_after_enough_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[range] = []

    def run(seeds: range, official: Any) -> Tally:
        ran.append(seeds)
        return Tally(failures=["no"])

    monkeypatch.setattr(Workload, "run", lambda self: run)
    monkeypatch.setattr(bridge.OfficialClient, "start", lambda self: None)
    monkeypatch.setattr(bridge.OfficialClient, "alive", True)
    found = runner.run(
        WORKLOADS["streams"], range(500), jobs=1, most_failures=2, progress=lambda *_: None
    )
    assert len(found.failures) == len(ran) == 2
