"""What goes wrong with files: each has its code, and nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.commits import commit, filled
from uicompiler.errors import StoreError
from uicompiler.store.sql import SqlLog
from uicompiler.store.sqlite import SqliteDatabase, SqliteLog
from uicompiler.store.verification import verify, verify_database

ROOT = Path(__file__).resolve().parents[2]


def code(act: Any) -> str:
    with pytest.raises(StoreError) as caught:
        act()
    assert caught.value.hint
    return caught.value.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    opened = SqliteLog(path, timeout_s=0.2)
    yield opened
    opened.close()


def sound(log: SqlLog, name: str = "c1") -> bool:
    return not verify(log, name).diagnostics and not verify_database(log)


def setting(log: SqliteLog, name: str) -> Any:
    return log.database.rows(f"PRAGMA {name}")[0][0]


def test_a_commit_is_on_the_disk_before_it_is_answered(log: SqliteLog) -> None:
    assert setting(log, "journal_mode") == "wal"
    assert setting(log, "synchronous") == 2  # FULL
    assert setting(log, "secure_delete") == 1


def test_connections_are_used_again(log: SqliteLog, path: Path) -> None:
    filled(log, 5)
    for _ in range(50):
        log.head("c1")
    assert len(log.database._idle) == 1  # type: ignore[attr-defined]


# --- files that are none --------------------------------------------------------------------------


def test_a_file_of_something_else_is_left_alone(path: Path) -> None:
    path.write_bytes(b"#!/bin/sh\necho hello\n" * 100)
    assert code(lambda: SqliteLog(path)) == "STORE_CORRUPT"
    assert path.read_bytes().startswith(b"#!/bin/sh")


def test_a_database_of_something_else_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")
    other.close()

    assert code(lambda: SqliteLog(path)) == "STORE_VERSION_UNKNOWN"

    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    other.close()


def test_tables_of_a_later_version_are_left_alone(log: SqliteLog, path: Path) -> None:
    filled(log, 3)
    log.close()
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 2")
    later.close()

    assert code(lambda: SqliteLog(path)) == "STORE_VERSION_UNKNOWN"


@pytest.mark.parametrize("keep", [1, 50, 511, 4096, 9000])
def test_a_truncated_file_is_refused_or_does_not_verify(
    log: SqliteLog, path: Path, keep: int
) -> None:
    filled(log, 40)
    log.database.scrub()
    log.close()
    with path.open("r+b") as file:
        file.truncate(keep)

    try:
        again = SqliteLog(path)
    except StoreError as exc:
        assert exc.code == "STORE_CORRUPT"
        return
    assert verify_database(again)
    again.close()


def test_a_damaged_page_is_told_where_it_is_read(log: SqliteLog, path: Path) -> None:
    filled(log, 60)
    log.database.scrub()
    log.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))

    again = SqliteLog(path)

    assert code(lambda: list(again.entries("c1"))) == "STORE_CORRUPT"
    assert code(lambda: again.head("c1")) == "STORE_CORRUPT"
    assert verify_database(again)
    again.close()


def test_a_column_of_another_type_is_told(log: SqliteLog) -> None:
    filled(log, 3)
    with log.database.transaction() as run:
        run("UPDATE uicompiler_entries SET body = 7 WHERE seq = 2")
    assert code(lambda: list(log.entries("c1"))) == "STORE_CORRUPT"
    assert verify(log, "c1").diagnostics


def test_folders_and_missing_folders_are_told(tmp_path: Path) -> None:
    assert code(lambda: SqliteLog(tmp_path)) == "STORE_UNAVAILABLE"
    assert code(lambda: SqliteLog(tmp_path / "no" / "log.db")) == "STORE_UNAVAILABLE"


# --- rights ---------------------------------------------------------------------------------------

READ_ONLY = """
import os, sys
from uicompiler.errors import StoreError
from uicompiler.store.sqlite import SqliteLog
from tests.store.commits import commit
os.setuid(65534)
try:
    log = SqliteLog(sys.argv[1])
    log.append("c1", commit(9), expected=log.head("c1"))
except StoreError as exc:
    print(exc.code, exc.hint)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody who may not write")
@pytest.mark.parametrize("mode", [0o444, 0o000])
def test_a_file_that_may_not_be_written_is_told(
    log: SqliteLog, path: Path, mode: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    head = filled(log, 3)
    log.database.scrub()
    log.close()
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        copy = Path(folder) / "log.db"
        shutil.copy(path, copy)
        copy.chmod(mode)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(copy)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )
        assert done.stdout.startswith("STORE_UNAVAILABLE "), done
        again = SqliteLog(copy)
        assert again.head("c1") == head
        again.close()


# --- room -----------------------------------------------------------------------------------------


def test_a_full_database_takes_nothing_and_loses_nothing(log: SqliteLog) -> None:
    head = filled(log, 3)
    pages = setting(log, "page_count")
    assert setting(log, f"max_page_count = {pages + 20}") == pages + 20

    def write() -> None:
        nonlocal head
        while True:
            head = log.append("c1", commit(head.seq, kept=b"x" * 2000), expected=head)

    assert code(write) == "STORE_FULL"
    assert log.head("c1") == head
    assert sound(log)

    setting(log, "max_page_count = 100000")
    assert log.append("c1", commit(99), expected=head).seq == head.seq + 1
    assert sound(log)


FILL = """
import os, sys
from uicompiler.errors import StoreError
from uicompiler.store.sqlite import SqliteLog
from tests.store.commits import commit, filled
log = SqliteLog(sys.argv[1])
head = filled(log, 3)
try:
    while True:
        head = log.append("c1", commit(head.seq, kept=os.urandom(20000)), expected=head)
except StoreError as exc:
    print(exc.code, head.seq)
os.unlink(sys.argv[2])
print(log.append("c1", commit(1, kept=b"small"), expected=head).seq)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_full_disk_takes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    # A mount of its own, which is gone with the shell however that ends.
    script = (
        f"mount -t tmpfs -o size=2m tmpfs {disk} && head -c 200000 /dev/zero > {disk}/ballast && "
        f"{sys.executable} -c '{FILL}' {disk}/log.db {disk}/ballast && cp {disk}/log.db* {tmp_path}"
    )
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mounts are allowed here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    told, after = done.stdout.splitlines()
    assert told.split()[0] == "STORE_FULL"
    assert int(after) == int(told.split()[1]) + 1
    log = SqliteLog(tmp_path / "log.db")
    assert log.seqs(["c1"]) == {"c1": int(after)}
    assert sound(log)
    log.close()


# --- others ---------------------------------------------------------------------------------------


def test_a_database_that_another_locks_for_long_is_told_and_can_be_used_later(
    log: SqliteLog, path: Path
) -> None:
    head = filled(log, 3)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    began = time.monotonic()
    assert code(lambda: log.append("c1", commit(), expected=head)) == "STORE_UNAVAILABLE"
    assert 0.15 < time.monotonic() - began < 5
    assert log.head("c1") == head  # reading goes on

    other.execute("ROLLBACK")
    other.close()
    assert log.append("c1", commit(), expected=head).seq == 4


def test_a_thread_that_writes_for_long_is_waited_for_no_longer_than_said(log: SqliteLog) -> None:
    head = filled(log, 3)
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with log.database.transaction():
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    try:
        assert code(lambda: log.append("c1", commit(), expected=head)) == "STORE_UNAVAILABLE"
    finally:
        leave.set()
        holder.join()
    assert log.append("c1", commit(), expected=head).seq == 4


def die_within(path: str, ready: Any) -> None:
    database = SqliteDatabase(path)
    with database.transaction() as run:
        run("DELETE FROM uicompiler_entries")
        run("UPDATE uicompiler_heads SET seq = 0")
        ready.set()
        time.sleep(60)


def test_who_is_killed_within_a_transaction_did_nothing(log: SqliteLog, path: Path) -> None:
    head = filled(log, 5)
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    victim = context.Process(target=die_within, args=(str(path), ready))
    victim.start()
    assert ready.wait(60)
    os.kill(victim.pid or 0, signal.SIGKILL)
    victim.join()

    assert log.head("c1") == head
    assert sound(log)
    assert log.append("c1", commit(), expected=head).seq == 6


def append_for_ever(path: str, told: Any) -> None:
    log = SqliteLog(path)
    head = log.head("c1")
    assert head is not None
    while True:
        head = log.append("c1", commit(head.seq), expected=head)
        told.send(head.seq)


@pytest.mark.slow
def test_what_was_answered_is_there_after_a_kill(log: SqliteLog, path: Path) -> None:
    filled(log, 2)
    context = multiprocessing.get_context("spawn")
    for _ in range(3):
        receive, send = context.Pipe(duplex=False)
        victim = context.Process(target=append_for_ever, args=(str(path), send))
        victim.start()
        send.close()
        last = receive.recv()
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            last = receive.recv()
        os.kill(victim.pid or 0, signal.SIGKILL)
        with pytest.raises(EOFError):
            while True:
                last = receive.recv()
        victim.join()

        assert log.seqs(["c1"])["c1"] in (last, last + 1)
        assert sound(log)
