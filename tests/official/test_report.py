"""docs/official-clients.md says what the tables and the kept figures say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.official import report
from tests.official.disagreements import ROWS
from tests.official.fuzz import ledger
from tests.official.fuzz.features import FEATURES
from tests.official.fuzz.workloads import WORKLOADS
from tests.official.judges import versions


def test_the_page_is_up_to_date() -> None:
    assert report.PAGE.read_text("utf-8") == report.page(), "run `make docs`"


def test_the_page_has_every_row_component_and_command() -> None:
    page = report.page()
    assert [
        row.name for row in ROWS if f"### {row.name[:1].upper()}{row.name[1:]}" not in page
    ] == []
    assert [name for name in FEATURES if f"| {name} |" not in page] == []
    assert [name for name in WORKLOADS if f"make fuzz WHAT={name} N=" not in page] == []


FLOORS = {"streams": 100_000, "clients": 500, "conversations": 10_000, "keystrokes": 1_000_000}


def test_long_runs_of_every_kind_are_kept_and_are_by_the_judges_of_today() -> None:
    kept = ledger.runs()
    assert kept.keys() == WORKLOADS.keys() == FLOORS.keys()
    for name, row in WORKLOADS.items():
        assert kept[name]["counts"][row.unit] >= FLOORS[name], name
        assert kept[name]["judges"] == versions(), f"make fuzz WHAT={name} FUZZ_ARGS=--record"


def test_a_run_is_told_with_its_seeds_and_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = {"counts": {"steps": 1000, "edits": 400}, "first_seed": 7, "seconds": 90}
    path = tmp_path / "runs.json"
    path.write_text(json.dumps({"keystrokes": kept}), "utf-8")
    monkeypatch.setattr(ledger, "PATH", path)
    [line] = [line for line in report.page().splitlines() if line.startswith("| `make fuzz")]
    assert "1,000 steps<br>400 edits" in line
    assert line.endswith("| 7 to 8 | 2 min |")


def test_a_stale_page_is_named_and_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "official-clients.md"
    page.write_text("old", "utf-8")
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr("sys.argv", ["report", "--check"])
    assert report.main() == 1
    assert "run `make docs`" in capsys.readouterr().err
    assert page.read_text("utf-8") == "old"
