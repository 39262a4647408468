"""The examples of docs/cli.md give what they show; a line may leave its end open with `…`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cli.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> list[str]:
    return BLOCK.findall(PAGE.read_text("utf-8"))


def steps(block: str) -> list[tuple[str, list[str]]]:
    """Each command with the lines it should print."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def fits(shown: str, said: str) -> bool:
    if shown.endswith("…"):
        return said.startswith(shown.removesuffix("…").rstrip())
    return shown == said


@pytest.mark.parametrize("block", examples(), ids=lambda block: steps(block)[0][0][:40])
def test_an_example_gives_what_it_shows(block: str, tmp_path: Path) -> None:
    tool = tmp_path / "uicompiler"
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m uicompiler "$@"\n')
    tool.chmod(0o755)
    env = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "TMPDIR": str(tmp_path),
        "COLUMNS": "100",
    }
    for command, shown in steps(block):
        done = subprocess.run(
            ["bash", "-c", command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            check=False,
            cwd=ROOT,
            env=env,
        )
        said = done.stdout.splitlines()
        assert len(said) == len(shown), done.stdout
        assert [
            line for line, shows in zip(said, shown, strict=True) if not fits(shows, line)
        ] == []


def test_every_command_has_an_example() -> None:
    told = " ".join(examples())
    names = (
        "compile",
        "validate",
        "sim",
        "replay",
        "diff",
        "prompt",
        "schema",
        "demo",
        "bench",
        "eval",
    )
    assert [name for name in names if f"uicompiler {name}" not in told] == []
