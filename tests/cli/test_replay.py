"""`replay`: what it says of a log, and how it ends."""

from __future__ import annotations

import re
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


@pytest.fixture
def dead(contact: Path, tmp_path: Path) -> Path:
    """A log in which nobody ever mends the e-mail address that the form refuses."""
    path = tmp_path / "dead.jsonl"
    path.write_bytes(contact.read_bytes().replace(b"ada@example.org", b"ada at example.org"))
    assert path.read_bytes() != contact.read_bytes()
    return path


def test_a_turn_that_is_refused_now_is_said_and_not_written_down(run, crm, dead: Path) -> None:
    done = run("replay", dead, "--app", crm)
    assert done.status == 1
    assert re.search(r"turn \d+ \(action, line \d+\) is refused now: A2UI_C2S_", done.out.decode())

    before = dead.read_bytes()
    refused = run("replay", dead, "--app", crm, "--update-snapshots")
    assert refused.status == 1
    assert re.search(r"REPLAY_REFUSED line \d+: turn \d+ is refused now: A2UI_C2S_", refused.err)
    assert "--update-refused" in refused.err
    assert dead.read_bytes() == before

    forced = run("replay", dead, "--app", crm, "--update-snapshots", "--update-refused")
    assert (forced.status, forced.out.decode()) == (0, f"{dead}: updated\n")
    assert run("replay", dead, "--update-refused", "--app", crm).status == 2


def test_a_log_with_its_chain_is_not_stripped_of_it(run, crm, contact, tmp_path: Path) -> None:
    log, path = tmp_path / "log.db", tmp_path / "kept.jsonl"
    source = tmp_path / "source.jsonl"
    source.write_bytes(replay.update(contact, UIApp.load(crm)))
    assert run("log", "import", "--db", log, source, "--app", crm).status == 0
    path.write_bytes(run("log", "export", log, "--all", "--kept").out)
    same = run("replay", path, "--app", crm, "--update-snapshots")
    assert (same.status, same.out.decode()) == (0, f"{path}: unchanged\n")

    path.write_bytes(path.read_bytes().replace(b"Full name", b"Whole name"))
    before = path.read_bytes()
    done = run("replay", path, "--app", crm, "--update-snapshots")
    assert done.status == 1
    assert "REPLAY_CHAINED" in done.err
    assert "export without --chain and --kept" in done.err
    assert path.read_bytes() == before


def test_a_log_of_another_app_asks_for_it(run, crm, contact, tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(contact.read_bytes())
    for more in ((), ("--update-snapshots",), ("--emit",)):
        done = run("replay", path, *more)
        assert (done.status, done.out) == (2, b"")
        assert "recorded with the app 'crm', without --app it would be" in done.err
    assert path.read_bytes() == contact.read_bytes()
    assert run("replay", path, "--app", crm).status == 0


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
