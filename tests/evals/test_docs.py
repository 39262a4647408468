"""docs/evals.md: its scenario is usable, its tables are complete, its figures are today's."""

from __future__ import annotations

import re
from pathlib import Path

from tools.eval_figures import is_current
from uicompiler.cli.eval_judge import ClientSimJudge
from uicompiler.evals.expected import Expected
from uicompiler.evals.graders import GRADES
from uicompiler.evals.prepared import Stages
from uicompiler.evals.scenario import load_scenario
from uicompiler.evals.sim.personalities import catalogue

PAGE = Path(__file__).resolve().parents[2] / "docs" / "evals.md"
TEXT = PAGE.read_text("utf-8")


def _first_cells(heading: str) -> list[str]:
    """The names in the first column of the table with this heading."""
    _, _, rest = TEXT.partition(f"| {heading} |")
    table, _, _ = rest.partition("\n\n")
    cells = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_the_scenario_of_the_page_is_usable(tmp_path: Path) -> None:
    block, *_ = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    path = tmp_path / "signed_today.yaml"
    path.write_text(block, "utf-8")
    grades = Stages(ClientSimJudge()).prepare(load_scenario(path)).rehearse()
    assert [grade for grade in grades if not grade.ok] == []


def test_every_grade_is_explained() -> None:
    assert _first_cells("grade") == list(GRADES)


def test_every_key_of_expect_is_explained() -> None:
    assert sorted(_first_cells("key of `expect`")) == sorted(Expected.model_fields)


def test_every_simulated_model_is_introduced() -> None:
    for name, personality in catalogue().personalities.items():
        assert f"| `sim/{name}` | {personality.stands_for} |" in TEXT


def test_the_figures_are_those_of_today() -> None:
    assert is_current(), "run tools/eval_figures.py, and review what changed"
