"""The command line in this process, with streams of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from uicompiler.cli import main
from uicompiler.resources import data_path

Run = Callable[..., "Done"]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: bytes
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def _stream(raw: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", errors="backslashreplace")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command; `stdin` is what it reads."""

    def call(*argv: str | Path, stdin: bytes = b"") -> Done:
        out, err = _stream(), _stream()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", _stream(stdin))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            status = main([str(item) for item in argv])
            out.flush()
            err.flush()
        return Done(status, out.buffer.getvalue(), err.buffer.getvalue().decode())  # type: ignore[attr-defined]

    return call


@pytest.fixture
def shell() -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Runs a line of bash, in which `$ui` is the command; pipes fail as a whole."""

    def call(line: str) -> subprocess.CompletedProcess[str]:
        root = Path(__file__).resolve().parents[2]
        path = os.pathsep.join([str(root / "src"), str(root)])
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "ui": f"{sys.executable} -m uicompiler"},
        )

    return call


@pytest.fixture(scope="session")
def crm() -> Path:
    return data_path("examples/crm")


@pytest.fixture
def first_turn(crm: Path) -> Path:
    return crm / "turns/01_show_form.json"
