"""What is old is dropped, and the rest verifies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.store.commits import META, commit, day, filled, kept_of
from uicompiler.errors import StoreError
from uicompiler.store.anchor import WHOLE, read_anchor
from uicompiler.store.retention import delete_idle, delete_if_idle, retain
from uicompiler.store.sql import SqlLog
from uicompiler.store.verification import verify, verify_database


def seqs(log: SqlLog, name: str = "c1") -> list[int]:
    return [entry.seq for entry in log.entries(name)]


def sound(log: SqlLog, name: str = "c1") -> bool:
    return not verify(log, name).diagnostics and not verify_database(log)


def test_entries_before_a_time_go(log: SqlLog) -> None:
    head = filled(log, 40)

    assert retain(log, "c1", before=day(38)) == 37

    assert seqs(log) == [38, 39, 40]
    assert sound(log)
    assert log.head("c1") == head


def test_all_but_the_newest_go(log: SqlLog) -> None:
    filled(log, 40)

    assert retain(log, "c1", newest=5) == 35

    assert seqs(log) == [36, 37, 38, 39, 40]
    assert sound(log)


def test_an_entry_goes_that_either_limit_sends(log: SqlLog) -> None:
    filled(log, 40)

    assert retain(log, "c1", before=day(10), newest=38) == 9
    assert retain(log, "c1", before=day(10), newest=20) == 11


def test_the_last_entry_stays(log: SqlLog) -> None:
    head = filled(log, 4)

    assert retain(log, "c1", before=day(300)) == 3
    assert retain(log, "c1", newest=1) == 0

    assert seqs(log) == [4]
    assert sound(log)
    assert log.append("c1", commit(4), expected=head).seq == 5
    assert sound(log)


def test_nothing_is_dropped_where_nothing_is_old(log: SqlLog) -> None:
    filled(log, 4)

    assert retain(log, "c1", before=day(1)) == 0
    assert retain(log, "c1", newest=4) == 0
    assert retain(log, "nobody", newest=1) == 0
    row = log.head_row("c1")
    assert row is not None
    assert read_anchor(row.anchor) == WHOLE


def test_the_anchor_moves_on(log: SqlLog) -> None:
    filled(log, 40)
    for newest in (30, 8, 2):
        retain(log, "c1", newest=newest)
        assert seqs(log) == list(range(41 - newest, 41))
        assert sound(log)
    row = log.head_row("c1")
    assert row is not None
    anchor = read_anchor(row.anchor)
    assert (anchor.seq, anchor.turn, anchor.meta) == (38, 37, META)


def test_snapshots_before_the_anchor_go_and_one_at_it_stays(log: SqlLog) -> None:
    filled(log, 70)

    retain(log, "c1", newest=70 - 64)
    assert [item.seq for item in log.snapshots("c1")] == [64]
    assert log.kept_before("c1", 65) == (64, kept_of(63))
    assert log.kept_before("c1", 40) is None

    retain(log, "c1", newest=2)
    assert list(log.snapshots("c1")) == []
    assert sound(log)


def test_with_a_clock_that_went_back_what_is_in_doubt_stays(log: SqlLog) -> None:
    head = log.begin("c1", commit(0, [META], at=day(1)))
    for turn, when in enumerate((day(2), day(9), day(3), day(4)), 1):
        head = log.append("c1", commit(turn, at=when), expected=head)

    assert retain(log, "c1", before=day(5)) == 2
    assert seqs(log) == [3, 4, 5]


def test_a_conversation_that_goes_on_meanwhile_loses_nothing(
    log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, real = filled(log, 10), SqlLog.rows

    def meanwhile(self: SqlLog, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(SqlLog, "rows", real)
        log.append("c1", commit(11), expected=head)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(SqlLog, "rows", meanwhile)

    retain(log, "c1", newest=3)

    assert seqs(log) == [8, 9, 10, 11]
    assert sound(log)


def test_two_that_drop_at_once_are_told(log: SqlLog, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(log, 10)
    real = SqlLog.rows

    def meanwhile(self: SqlLog, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(SqlLog, "rows", real)
        retain(log, "c1", newest=5)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(SqlLog, "rows", meanwhile)
    with pytest.raises(StoreError) as caught:
        retain(log, "c1", newest=3)

    assert caught.value.code in ("STORE_CONFLICT", "STORE_CHAIN_BROKEN")
    assert seqs(log) == [6, 7, 8, 9, 10]
    assert sound(log)


def test_what_is_broken_is_not_dropped(log: SqlLog) -> None:
    filled(log, 10)
    with log.database.transaction() as run:
        run("UPDATE uicompiler_entries SET sealed = ? WHERE seq = 3", (b"-",))

    with pytest.raises(StoreError) as caught:
        retain(log, "c1", newest=2)

    assert caught.value.code == "STORE_CHAIN_BROKEN"
    with log.database.transaction() as run:
        assert run("DELETE FROM uicompiler_entries") == 10


def test_idle_conversations_go_whole(log: SqlLog) -> None:
    filled(log, 40)
    log.begin("old", commit(at=day(3)))
    log.begin("new", commit(at=day(50)))

    assert delete_idle(log, day(40)) == 1
    assert list(log.ids()) == ["c1", "new"]
    assert delete_idle(log, day(41)) == 1
    assert list(log.ids()) == ["new"]
    assert sound(log, "new")


def test_one_that_somebody_went_on_with_stays(log: SqlLog) -> None:
    log.begin("c1", commit(at=day(9)))

    assert not delete_if_idle(log, "c1", day(9))
    assert not delete_if_idle(log, "nobody", day(9))
    assert log.head("c1")
