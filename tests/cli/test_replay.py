"""`replay`: what it says of a log, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from uicompiler import UIApp, replay

ONE_TURN = b'{"v":1,"kind":"model"}\n'


@pytest.fixture(scope="module")
def logs(crm: Path) -> list[Path]:
    found = sorted((crm / "conversations").glob("*.jsonl"))
    assert found
    return found


@pytest.fixture
def contact(crm: Path) -> Path:
    return crm / "conversations/contact.jsonl"


@pytest.fixture
def changed(contact: Path, tmp_path: Path) -> Path:
    path = tmp_path / "changed.jsonl"
    path.write_bytes(contact.read_bytes().replace(b"Full name", b"Whole name"))
    return path


def test_the_example_logs_replay(run, logs: list[Path]) -> None:
    done = run("replay", *logs)
    assert (done.status, done.err) == (0, "")
    lines = done.out.decode().splitlines()
    assert [line.rpartition(": ")[0] for line in lines] == [str(log) for log in logs]
    assert all(line.endswith("ok") and "turns" in line for line in lines)


def test_emit_prints_every_message_and_only_that(run, crm: Path, logs: list[Path]) -> None:
    done = run("replay", "--emit", logs[0])
    assert done.status == 0
    assert done.out == replay.run(logs[0].read_bytes(), UIApp.load(crm)).jsonl()
    assert "ok" in done.err


def test_a_difference_is_said_by_meaning(run, crm: Path, changed: Path) -> None:
    done = run("replay", changed, "--app", crm)
    assert done.status == 1
    text = done.out.decode()
    assert "turn 1 (model, line " in text
    assert 'label changed: "Whole name *" -> "Full name *"' in text


def test_a_log_of_another_app_is_a_warning(run, crm: Path, logs: list[Path], tmp_path) -> None:
    raw = logs[0].read_bytes()
    head, _, rest = raw.partition(b"\n")
    old = tmp_path / "old.jsonl"
    old.write_bytes(head.replace(UIApp.load(crm).hash.encode(), b"0" * 64) + b"\n" + rest)
    done = run("replay", old, "--app", crm)
    assert done.status == 0
    assert "warning: REPLAY_APP_CHANGED" in done.err


def test_update_snapshots_writes_what_goes_out_now(run, crm, contact, changed: Path) -> None:
    done = run("replay", changed, "--app", crm, "--update-snapshots")
    assert (done.status, done.out.decode()) == (0, f"{changed}: updated\n")
    assert changed.read_bytes() == replay.update(contact, UIApp.load(crm))
    again = run("replay", changed, "--app", crm, "--update-snapshots")
    assert again.out.decode() == f"{changed}: unchanged\n"


def test_a_broken_log_is_status_1_and_the_others_still_run(run, logs, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(ONE_TURN)
    done = run("replay", broken, logs[0])
    assert done.status == 1
    assert "REPLAY_RECORD_INVALID line 1" in done.err
    assert done.out.decode().startswith(f"{logs[0]}: ")


@pytest.mark.parametrize("argv", [(), ("no/such/log",), ("-", "--update-snapshots")])
def test_wrong_usage_is_status_2(run, argv: tuple[str, ...]) -> None:
    assert run("replay", *argv).status == 2
