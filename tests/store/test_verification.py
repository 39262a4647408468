"""`verify` finds any single changed byte, in whatever column or page it is."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.commits import commit, day, filled, kept_of
from uicompiler.errors import Diagnostic, StoreError
from uicompiler.store.memory import MemoryLog
from uicompiler.store.open import open_log
from uicompiler.store.retention import retain
from uicompiler.store.sql import SNAPSHOT_EVERY, TABLES, SqlLog
from uicompiler.store.verification import verify, verify_database

ENTRIES = SNAPSHOT_EVERY + 3


def findings(log: SqlLog) -> list[Diagnostic]:
    """What `log verify` finds."""
    found = verify_database(log)
    try:
        names = list(log.ids())
    except StoreError as exc:
        return [*found, *exc.diagnostics]
    return found + [item for name in names for item in verify(log, name).diagnostics]


def cells(log: SqlLog) -> Iterator[tuple[str, str, tuple[Any, ...], Any]]:
    """Every column of every row: table, column, key, value."""
    for table in TABLES:
        keys = ("conversation_id",) if table == TABLES[0] else ("conversation_id", "seq")
        others = {
            TABLES[0]: ("seq", "hash", "at", "kept", "anchor"),
            TABLES[1]: ("hash", "body", "sealed"),
            TABLES[2]: ("turn", "kept"),
        }[table]
        columns = (*keys, *others)
        for row in log.database.rows(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1, 2"):
            for column, value in zip(columns, row, strict=True):
                yield table, column, row[: len(keys)], value


def write(log: SqlLog, table: str, column: str, key: tuple[Any, ...], value: Any) -> None:
    where = "conversation_id = ?" if len(key) == 1 else "conversation_id = ? AND seq = ?"
    with log.database.transaction() as run:
        assert run(f"UPDATE {table} SET {column} = ? WHERE {where}", (value, *key)) == 1


def changes(value: Any, step: int) -> Iterator[Any]:
    """The value with one byte changed, for each of its bytes, or every so-manyth."""
    if isinstance(value, int):
        yield from (value ^ (1 << bit) for bit in range(16))
        return
    raw = value.encode() if isinstance(value, str) else bytes(value)
    for at in range(0, len(raw), step):
        flipped = raw[at] ^ (1 << (at % 7))
        if isinstance(value, str) and flipped == 0:  # PostgreSQL has no such text
            flipped = raw[at] ^ 2
        changed = raw[:at] + bytes([flipped]) + raw[at + 1 :]
        yield changed.decode() if isinstance(value, str) else changed


def assert_found(
    log: SqlLog, table: str, column: str, key: tuple[Any, ...], old: Any, new: Any
) -> None:
    """Change one cell, verify, and put it back."""
    try:
        write(log, table, column, key, new)
    except StoreError:
        return  # a row of that key is there already: no database has two
    found = verify(log, key[0]).diagnostics or findings(log)
    assert found, f"{table}.{column} of {key}: {new!r}"
    moved = key
    if column == "conversation_id":
        moved = (new, *key[1:])
    elif column == "seq" and table != TABLES[0]:
        moved = (key[0], new)
    write(log, table, column, moved, old)


def test_every_byte_of_every_column_counts(log: SqlLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uicompiler.store.sql.SNAPSHOT_EVERY", 2)
    filled(log, 3)
    filled(log, 3, "c2")
    retain(log, "c2", newest=1)
    assert findings(log) == []
    for table, column, key, value in list(cells(log)):
        # What is stored is the same in all logs, but a disk or a server takes its time for each.
        step = 1 if isinstance(log, MemoryLog) else 61
        for changed in changes(value, step):
            assert_found(log, table, column, key, value, changed)
    assert findings(log) == []


def test_what_is_cut_off_or_added_is_found(log: SqlLog) -> None:
    cases = [
        "DELETE FROM uicompiler_entries WHERE seq = 7",
        f"DELETE FROM uicompiler_entries WHERE seq = {ENTRIES}",
        f"DELETE FROM uicompiler_entries WHERE seq > {ENTRIES - 4}",
        "DELETE FROM uicompiler_entries WHERE seq = 1",
        "DELETE FROM uicompiler_entries",
        "DELETE FROM uicompiler_heads",
        "UPDATE uicompiler_heads SET seq = seq - 1",
        "INSERT INTO uicompiler_entries SELECT conversation_id, seq + 100, hash, body, sealed "
        "FROM uicompiler_entries WHERE seq = 1",
        "INSERT INTO uicompiler_snapshots SELECT conversation_id, 3, turn, kept "
        "FROM uicompiler_snapshots",
        "INSERT INTO uicompiler_snapshots SELECT conversation_id, 300, turn, kept "
        "FROM uicompiler_snapshots",
        "UPDATE uicompiler_snapshots SET conversation_id = 'c9'",
    ]
    for statement in cases:
        filled(log, ENTRIES)
        with log.database.transaction() as run:
            assert run(statement)

        assert findings(log), statement

        with log.database.transaction() as run:
            for table in TABLES:
                run(f"DELETE FROM {table}")


def test_a_head_set_back_with_its_entries_is_found_by_what_is_kept(log: SqlLog) -> None:
    head = filled(log, 5)
    with log.database.transaction() as run:
        run("DELETE FROM uicompiler_entries WHERE seq = 5")
        run(
            "UPDATE uicompiler_heads SET seq = 4, hash = (SELECT hash FROM uicompiler_entries "
            "WHERE seq = 4)"
        )

    assert [item.code for item in findings(log)] == ["STORE_CHAIN_BROKEN"]
    assert head.seq == 5


def test_values_of_two_entries_cannot_be_exchanged(log: SqlLog) -> None:
    filled(log, 3)
    with log.database.transaction() as run:
        run(
            "UPDATE uicompiler_entries SET sealed = (SELECT sealed FROM uicompiler_entries "
            "WHERE seq = 3) WHERE seq = 2"
        )

    assert findings(log)


def test_a_conversation_that_is_not_there_is_said_to_be(log: SqlLog) -> None:
    assert [item.code for item in verify(log, "nobody").diagnostics] == [
        "STORE_CONVERSATION_UNKNOWN"
    ]


def test_one_that_is_deleted_meanwhile_is_not_called_broken(
    log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(log, 5)
    rows = SqlLog.rows

    def cut_meanwhile(self: SqlLog, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(SqlLog, "rows", rows)
        retain(log, "c1", newest=1)
        return rows(self, *args, **kwargs)

    monkeypatch.setattr(SqlLog, "rows", cut_meanwhile)

    assert verify(log, "c1").diagnostics == ()
    assert verify(log, "c1").entries == 1


# --- the file itself ------------------------------------------------------------------------------


def logical(path: Path) -> Any:
    """All that the file says, to whoever reads it without asking whether it verifies."""
    with sqlite3.connect(path) as connection:
        content = [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in TABLES
        ]
    connection.close()
    return content


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "log.db"
    log = open_log(str(path))
    filled(log, ENTRIES)
    head = log.begin("c2", commit(kept=kept_of(1) * 40))  # with pages of overflow
    log.append("c2", commit(at=day(3)), expected=head)
    log.database.scrub()
    log.close()
    return path


def damaged(path: Path, sound: Path, change: Any) -> list[Diagnostic]:
    shutil.copy(sound, path)
    raw = bytearray(path.read_bytes())
    change(raw)
    path.write_bytes(raw)
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    try:
        log = open_log(str(path))
    except StoreError as exc:
        return list(exc.diagnostics)
    try:
        return findings(log)
    finally:
        log.close()


def test_any_byte_of_the_file_that_changes_what_it_says_is_found(
    tmp_path: Path, sound: Path
) -> None:
    entropy, before = random.Random(7), logical(sound)
    size, unseen = sound.stat().st_size, 0
    for _ in range(400):
        at, bit = entropy.randrange(size), 1 << entropy.randrange(8)

        def flip(raw: bytearray, at: int = at, bit: int = bit) -> None:
            raw[at] ^= bit

        if not damaged(tmp_path / "log.db", sound, flip):
            unseen += 1
            assert logical(tmp_path / "log.db") == before, at
    assert unseen < 400


@pytest.mark.parametrize("part", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_found(tmp_path: Path, sound: Path, part: float) -> None:
    size = int(sound.stat().st_size * part)

    def cut(raw: bytearray) -> None:
        del raw[size:]

    if part == 0.0:  # an empty file is a new database, with nothing in it
        assert damaged(tmp_path / "log.db", sound, cut) == []
        assert logical(tmp_path / "log.db") == [[], [], []]
        return
    found = damaged(tmp_path / "log.db", sound, cut)
    assert {item.code for item in found} <= {"STORE_CORRUPT", "STORE_CHAIN_BROKEN"}
    assert found


def test_garbage_over_pages_is_found(tmp_path: Path, sound: Path) -> None:
    entropy = random.Random(11)
    size = sound.stat().st_size
    for _ in range(40):
        at = entropy.randrange(100, size)

        def smear(raw: bytearray, at: int = at) -> None:
            raw[at : at + 512] = entropy.randbytes(len(raw[at : at + 512]))

        if not damaged(tmp_path / "log.db", sound, smear):
            assert logical(tmp_path / "log.db") == logical(sound), at
