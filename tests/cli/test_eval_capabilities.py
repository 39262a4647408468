"""`eval --capabilities`: rows of one's own decide how models are asked, now and in a replay."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

ARGUMENTS = ("eval", "--provider", "sim/frontier", "--trials", "1", "--filter", "crm.clean_up")
ROWS = "rows: [{match: 'sim/*', response_formats: [%s]}]"


def test_rows_of_ones_own_hold_for_the_run_its_replay_and_its_resume(
    run: Run, tmp_path: Path
) -> None:
    table, out = tmp_path / "models.yaml", tmp_path / "run"
    table.write_text(ROWS % "prompt_only")
    assert run(*ARGUMENTS, "--capabilities", table, "--out", out).status == 0
    trial = json.loads((out / "trials.jsonl").read_bytes())
    assert trial["trace"]["llm"]["routing"]["ladder"] == ["prompt_only"]

    table.write_text(ROWS % "json_object")
    replayed = run("eval", "replay", out)
    assert (replayed.status, b" 0 differ" in replayed.out) == (0, True)

    resumed = run("eval", "--resume", "--out", out)
    assert resumed.status == 2
    assert "was asked for with other settings" in resumed.err


def test_a_file_that_is_wrong_is_a_usage_error_before_anything_is_asked(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = run(*ARGUMENTS, "--capabilities", tmp_path / "none.yaml", "--out", out)
    assert done.status == 2
    assert "none.yaml cannot be read: No such file or directory." in done.err
    assert not out.exists()
