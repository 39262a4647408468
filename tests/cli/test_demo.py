"""`demo`: always ends when nobody is there, and shows every part."""

from __future__ import annotations

import io
import os
import subprocess
import sys

PARTS = (
    "=== conversation 1 of ",
    "turn 1: the model answers",
    "the model says",
    "directives\n",
    "A2UI messages (",
    '{"surfaceUpdate":',
    "the screen\n",
    "< Save >",
    "> the user enters ",
    "the action that came back",
    "save_contact {",
    "commit set /committed/contact",
    "committed on main",
    "state hash",
)


def test_once_shows_every_part_and_ends(run) -> None:
    done = run("demo", "--once")
    text = done.out.decode()
    assert (done.status, done.err) == (0, "")
    assert [part for part in PARTS if part not in text] == []
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 120


def test_full_shortens_nothing(run) -> None:
    assert "…" in run("demo", "--once").out.decode()
    lines = run("demo", "--once", "--full").out.decode().splitlines()
    messages = [line for line in lines if line.startswith('    {"surfaceUpdate"')]
    assert messages
    assert all(line.endswith("}}") for line in messages)


def test_two_runs_are_equal(run) -> None:
    assert run("demo", "--once").out == run("demo", "--once").out


def test_without_a_terminal_it_never_waits(shell) -> None:
    done = shell("$ui demo")
    assert done.returncode == 0
    assert "[Enter]" not in done.stdout


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch, typed: bytes) -> str:
    """What the demo shows on a terminal."""
    from uicompiler.cli import main

    out = _Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", _Terminal(io.BytesIO(typed)))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    assert main(["demo"]) == 0
    return out.buffer.getvalue().decode()  # type: ignore[attr-defined]


def test_on_a_terminal_it_waits_for_enter_in_colour(monkeypatch) -> None:
    monkeypatch.delenv("DEMO_ONCE", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = on_a_terminal(monkeypatch, b"\n" * 100)
    assert "[Enter]" in text
    assert "\x1b[1m" in text


def test_demo_once_and_no_color_are_heeded(monkeypatch) -> None:
    monkeypatch.setenv("DEMO_ONCE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    text = on_a_terminal(monkeypatch, b"")
    assert "[Enter]" not in text
    assert "\x1b" not in text


def test_an_app_without_conversations_is_status_2(run, tmp_path) -> None:
    done = run("demo", "--once", "--app", tmp_path)
    assert done.status == 2
    assert "conversations" in done.err


def test_two_conversations_are_played_unless_some_are_named(run) -> None:
    assert "conversation 2 of 2: bulk_delete" in run("demo", "--once").out.decode()
    named = run("demo", "pipeline", "--once").out.decode()
    assert "conversation 1 of 1: pipeline" in named
    assert "tools answer: deals" in named


def test_all_conversations_of_a_named_app_are_played(run, crm) -> None:
    text = run("demo", "--once", "--app", crm).out.decode()
    count = len(list(crm.glob("conversations/*.jsonl")))
    assert f"conversation {count} of {count}: " in text


def test_a_conversation_that_is_not_there_is_status_2(run) -> None:
    done = run("demo", "dream", "--once")
    assert done.status == 2
    assert "bulk_delete_fails" in done.err


def test_a_reader_that_leaves_ends_it_quietly(first_turn) -> None:
    command = [sys.executable, "-m", "uicompiler", "demo", "--once"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
