"""How benchmarks are asked: help everywhere, and no traceback for a count that is none."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks import arguments

MODULES = (
    *("conversations", "host", "hostile", "imports", "memory", "results", "steps", "store"),
    *("turns", "validating", "web_client"),
)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_measures(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"python -m benchmarks.{name}" in done.stdout


@pytest.mark.parametrize("text", ["0", "-1", "many", "", "1.5"])
def test_a_count_is_at_least_one(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = arguments.parser("turns", "What it measures.")
    parser.add_argument("--rounds", type=arguments.count)
    with pytest.raises(SystemExit) as end:
        parser.parse_args([f"--rounds={text}"])
    assert end.value.code == 2
    assert f"expected a whole number of at least 1, found {text!r}" in capsys.readouterr().err


def test_counts_have_commas_between() -> None:
    assert arguments.counts("100,1000") == [100, 1000]
