"""The command line as a whole: help, versions, usage errors, bugs, closed pipes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from uicompiler.cli import validate

COMMANDS = ("compile", "validate", "sim", "replay", "diff", "prompt", "schema", "demo", "bench")


def test_help_lists_every_command(run) -> None:
    done = run("--help")
    assert done.status == 0
    assert all(f"\n    {name} " in done.out.decode() for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(run, name: str) -> None:
    done = run(name, "--help")
    assert done.status == 0
    assert f"uicompiler {name}" in done.out.decode().partition("examples:")[2]


def test_version_is_one_line(run) -> None:
    done = run("--version")
    assert done.status == 0
    assert done.out.startswith(b"uicompiler ")


@pytest.mark.parametrize("argv", [(), ("fly",), ("compile", "--fly"), ("sim", "a", "b")])
def test_wrong_usage_is_status_2_and_says_where_help_is(run, argv: tuple[str, ...]) -> None:
    done = run(*argv)
    assert done.status == 2
    assert done.out == b""
    assert "--help" in done.err


def test_a_bug_is_named_as_one_without_a_traceback(run, monkeypatch) -> None:
    def broken(_args: object) -> int:
        raise LookupError("oops")

    monkeypatch.setattr(validate, "run", broken)
    monkeypatch.delenv("UICOMPILER_TRACEBACK", raising=False)
    done = run("validate")
    assert done.status == 70
    assert "LookupError: oops" in done.err
    assert "Traceback" not in done.err


def test_a_bug_shows_where_it_is_when_asked(run, monkeypatch) -> None:
    def broken(_args: object) -> int:
        raise LookupError("oops")

    monkeypatch.setattr(validate, "run", broken)
    monkeypatch.setenv("UICOMPILER_TRACEBACK", "1")
    with pytest.raises(LookupError):
        run("validate")


def test_a_closed_pipe_ends_quietly(
    shell: Callable[[str], subprocess.CompletedProcess[str]], first_turn
) -> None:
    done = shell(f"$ui compile {first_turn} | true; $ui schema | head -c 1")
    assert done.stderr == ""


def test_a_closed_standard_input_is_wrong_usage(shell) -> None:
    done = shell("$ui compile <&-")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_closed_standard_output_is_wrong_usage(shell, first_turn) -> None:
    done = shell(f"$ui compile {first_turn} >&-")
    assert done.returncode == 2
    assert "standard output is closed" in done.stderr


def test_a_full_disk_is_told(shell, first_turn) -> None:
    done = shell(f"$ui compile {first_turn} >/dev/full")
    assert done.returncode == 2
    assert done.stderr == "uicompiler compile: No space left on device (output)\n"


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from uicompiler.cli import main; main(['compile', '--help'])\n"
        "heavy = {'pydantic', 'orjson', 'yaml', 'jsonschema', 'clientsim'} & set(sys.modules)\n"
        "sys.exit(f'loaded {sorted(heavy)}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
