from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evals.rehearsal import SCENARIO, write
from uicompiler.errors import Diagnostic, EvalError
from uicompiler.evals.scenario import STANDARD_APP, load_scenario, load_scenarios


def refusals(path: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(EvalError) as caught:
        load_scenarios([path])
    assert {item.code for item in caught.value.diagnostics} == {"EVAL_SCENARIO_INVALID"}
    return caught.value.diagnostics


def test_a_scenario_is_read_whole(tmp_path: Path) -> None:
    loaded = load_scenario(write(tmp_path))
    assert loaded.scenario.message == SCENARIO["message"]
    assert loaded.scenario.expect.screen["main"].fields[0].value == "Ada"
    assert Path(loaded.app_place).name == "crm"


def test_what_a_file_says_is_its_hash_not_how_it_is_written(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = load_scenario(path).sha256
    path.write_text("# a comment\n" + path.read_text("utf-8"), "utf-8")
    assert load_scenario(path).sha256 == before
    assert load_scenario(write(tmp_path, message="Another one")).sha256 != before


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"id": "Has Spaces"}, "/id", "pattern"),
        ({"message": None}, "/message", "'message' is missing"),
        ({"titel": "x"}, "/titel", "no such key"),
        ({"app": "nowhere"}, "/app", "no app 'nowhere'"),
        ({"language": "not a language"}, "/language", "pattern"),
        ({"before": [{"edit": {"field": "a", "value": 1}, "turn": {}}]}, "/before/0", "one of"),
        ({"before": [{}]}, "/before/0", "one of turn, edit and event"),
        ({"history": [{"role": "system", "text": "x"}]}, "/history/0/role", "'user'"),
        ({"expect": {"directives": [{"typ": "x"}]}}, "/expect/directives/0/typ", "no such key"),
        ({"expect": {"screen": {"main": {"fields": [{}]}}}}, "/expect/screen/main/fields/0", "id"),
        ({"run_mode": "guess"}, "/run_mode", "directives"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(
    tmp_path: Path, changes: dict[str, Any], pointer: str, said: str
) -> None:
    path = write(tmp_path, **changes)
    found = {item.pointer: item for item in refusals(path)}
    assert pointer in found
    assert said in found[pointer].message
    assert str(path) in found[pointer].message


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("id: one\ntitle: x\nmessage: 7\n", "utf-8")
    (tmp_path / "two.yaml").write_text("id: two\n  bad: [\n", "utf-8")
    found = refusals(tmp_path)
    assert {Path(item.message.partition(":")[0]).name for item in found} == {"one.yaml", "two.yaml"}
    assert any(item.line == 3 and item.pointer == "/message" for item in found)


def test_an_id_is_there_once(tmp_path: Path) -> None:
    first = write(tmp_path)
    (tmp_path / "copy.yaml").write_bytes(first.read_bytes())
    (found,) = refusals(tmp_path)
    assert "is taken by" in found.message


def test_a_place_without_scenarios_is_refused(tmp_path: Path) -> None:
    (found,) = refusals(tmp_path)
    assert "expected a scenario" in found.message
    refusals(tmp_path / "missing")


def test_an_app_is_the_named_one_or_the_one_the_file_lies_in(tmp_path: Path) -> None:
    folder = tmp_path / "my_app"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "app.yaml").write_text("id: mine\n", "utf-8")
    inside = write(folder / "scenarios", app=None)
    assert load_scenario(inside).app_place == str(folder.resolve())
    beside = write(tmp_path, app="my_app")
    assert load_scenario(beside).app_place == str(folder.resolve())
    assert load_scenario(write(tmp_path, app="standard")).app_place == STANDARD_APP
    assert [item.pointer for item in refusals(write(tmp_path, app=None))] == ["/app"]
