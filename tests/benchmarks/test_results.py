"""The page of results, and what is held against it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.figures import Figure, Section

BEGIN = "<!-- python -m benchmarks.results --write -->\n"


def section(*figures: Figure) -> Section:
    return Section("A question", "What was measured.", ["a"], [["x"]], figures)


def keep(path: Path, *figures: Figure) -> Path:
    path.write_text(json.dumps(results.kept([section(*figures)])))
    return path


def quick(monkeypatch: pytest.MonkeyPatch, *runs: float) -> list[float]:
    """The quick part gives these values of one figure, a run each."""
    left = list(runs)
    one = {"steps": lambda: [section(Figure("x", left.pop(0)))]}
    monkeypatch.setattr(results, "QUICK", one)
    return left


def test_the_page_has_machine_targets_and_sections() -> None:
    page = results.render([section(Figure("x ÷ y", 4.0, 3.5), Figure("z", 1.0))])
    assert "| x ÷ y | 4.00 | at most 3.50 | missed |" in page
    assert "| z |" not in page
    assert "## A question" in page
    assert "- python: " in page
    assert "a2ui-agent-sdk 0.9.0" in page
    assert results.COMMAND in page


def test_a_page_without_the_official_packages_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results.bench_peers, "load", lambda: None)
    assert "NOT INSTALLED" in results.render([section()])


def test_a_missing_web_client_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable() -> None:
        raise results.Unavailable("no Node here")

    monkeypatch.setattr(results.web_client, "measure", unavailable)
    (section,) = results.ALL["web_client"](None)
    assert "NOT MEASURED: no Node here" in section.markdown()
    assert "|" not in section.markdown()


def test_only_ratios_that_mean_the_same_elsewhere_are_kept() -> None:
    found = results.kept([section(Figure("x", 1.0), Figure("ms", 1.0, portable=False))])
    assert list(found["figures"]) == ["x"]


def test_writing_keeps_page_and_ratios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, kept, readme = tmp_path / "R.md", tmp_path / "r.json", tmp_path / "README.md"
    readme.write_text(f"Before.\n{BEGIN}old\n<!-- end -->\nAfter.\n")
    places = ["--page", str(page), "--kept", str(kept), "--readme", str(readme)]
    name = "turn, 1 field ÷ full compile"
    monkeypatch.setattr(results, "ALL", {"one": lambda _args: [section(Figure(name, 0.0123))]})
    assert results.main(places) == 0
    assert not page.exists()
    assert results.main(["--write", *places]) == 0
    assert page.read_text().startswith("# Results")
    assert json.loads(kept.read_text())["figures"][name]["value"] == 0.0123
    assert "÷ compiling them | 1.23% |\n<!-- end -->\nAfter." in readme.read_text()


def test_a_slide_is_measured_twice_and_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = quick(monkeypatch, 1.5, 1.3)
    assert results.compare(keep(tmp_path / "r.json", Figure("x", 1.0))) == 0
    said = capsys.readouterr().out
    assert "WARNING: bench-compare: x is 1.3, was 1 (+30%)" in said
    assert "1 of 1 ratios slid" in said
    assert left == []


def test_a_slide_that_was_noise_is_no_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(monkeypatch, 1.5, 1.1)
    results.compare(keep(tmp_path / "r.json", Figure("x", 1.0)))
    said = capsys.readouterr().out
    assert "WARNING" not in said
    assert "0 of 1 ratios slid" in said


def test_what_is_within_a_fifth_is_measured_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = quick(monkeypatch, 1.19, 9.0)
    results.compare(keep(tmp_path / "r.json", Figure("x", 1.0)))
    assert left == [9.0]


def test_without_a_table_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results.compare(tmp_path / "none.json") == 0
    assert "WARNING: bench-compare: there is no none.json yet" in capsys.readouterr().out


def test_an_unknown_part_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert results.main(["--only", "nothing"]) == 2
    assert "known: steps" in capsys.readouterr().err
    assert results.main(["--only", "steps", "--write"]) == 2
    assert "leave --only out" in capsys.readouterr().err


def test_the_table_in_the_readme_is_what_was_kept() -> None:
    told = json.loads(results.KEPT.read_text())
    readme = results.README.read_text()
    assert BEGIN in readme
    assert results.with_summary(readme, told) == readme
    assert all(name in told["figures"] for _, name, _ in results.SUMMARY)


def test_every_quick_figure_has_its_like_in_the_whole() -> None:
    told = json.loads(results.KEPT.read_text())["figures"]
    assert set(results.QUICK) <= set(results.ALL)
    assert {name.split(",")[0] for name in told} >= {"composed", "wide", "turn", "validate batch"}
