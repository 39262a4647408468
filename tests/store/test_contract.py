"""What every log promises."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.store.commits import META, batch, commit, day, filled, kept_of, turn_records
from uicompiler.errors import StoreError
from uicompiler.store.entry import START
from uicompiler.store.log import EventLog, Head
from uicompiler.store.open import open_log
from uicompiler.store.sql import SNAPSHOT_EVERY, SqlLog
from uicompiler.store.verification import verify, verify_database


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as caught:
        act()
    assert caught.value.hint
    return caught.value.code


def test_a_conversation_is_what_was_committed(log: SqlLog) -> None:
    first, second = commit(0, [META], told=()), commit(1, origin="page")

    head = log.append("c1", second, expected=log.begin("c1", first))

    assert log.head("c1") == head == Head("c1", 2, head.hash, second.kept, second.at)
    entries = list(log.entries("c1"))
    assert [entry.seq for entry in entries] == [1, 2]
    assert (entries[0].prev, entries[1].prev) == (START, entries[0].hash)
    assert list(entries[0].records) == [META]
    assert list(entries[1].records) == list(second.records)
    assert entries[1].told == second.told
    assert (entries[1].origin, entries[1].turn, entries[1].at) == ("page", 1, second.at)
    assert entries[1].state == second.state
    assert entries[1].redacted == ()


def test_what_is_read_is_what_was_written_to_the_last_member(log: SqlLog) -> None:
    odd: dict[str, Any] = {
        "b": 1.0,
        "a": [None, True, -0.0, 1e22, 5e-324, 2**53],
        "~/": {"": "\ud800 \u2028\n\0"},
        "é": "مرحبا",
    }
    head = log.begin("c1", commit(0, [META, batch({"surfaceUpdate": odd})], told=[("effect", odd)]))

    (entry,) = log.entries("c1")

    assert repr(entry.records[1]["messages"][0]["surfaceUpdate"]) == repr(odd)
    assert repr(entry.told[0][1]) == repr(odd)
    assert not verify(log, "c1").diagnostics
    assert log.head("c1") == head


def test_a_conversation_begins_once(log: SqlLog) -> None:
    log.begin("c1", commit())

    assert refused(lambda: log.begin("c1", commit())) == "STORE_CONFLICT"
    assert len(list(log.entries("c1"))) == 1


def test_only_the_first_commit_on_a_head_wins(log: SqlLog) -> None:
    head = log.begin("c1", commit())
    won = log.append("c1", commit(1), expected=head)

    assert refused(lambda: log.append("c1", commit(2), expected=head)) == "STORE_CONFLICT"
    assert log.head("c1") == won
    assert [entry.turn for entry in log.entries("c1")] == [1, 1]


def test_nothing_can_be_added_to_what_is_gone(log: SqlLog) -> None:
    head = log.begin("c1", commit())

    assert log.delete("c1")
    assert not log.delete("c1")

    assert refused(lambda: log.append("c1", commit(), expected=head)) == "STORE_CONFLICT"
    assert log.head("c1") is None
    assert list(log.entries("c1")) == []
    assert list(log.ids()) == []
    assert verify_database(log) == []


def test_what_another_head_was_expected_of_is_not_deleted(log: SqlLog) -> None:
    first = log.begin("c1", commit())
    second = log.append("c1", commit(2), expected=first)

    assert not log.delete("c1", first)
    assert not log.delete("c1", replace(second, hash="0" * 64))
    assert not log.delete("c2", second)
    assert [entry.seq for entry in log.entries("c1")] == [1, 2]
    assert verify(log, "c1").diagnostics == ()

    assert log.delete("c1", second)
    assert log.head("c1") is None
    assert verify_database(log) == []


def test_a_delete_races_with_commits_and_one_of_them_wins(log: SqlLog) -> None:
    for round_ in range(20):
        name = f"c{round_}"
        head = log.begin(name, commit())
        with ThreadPoolExecutor(2) as pool:
            gone = pool.submit(log.delete, name, head)
            added = pool.submit(log.append, name, commit(2), expected=head)
            lost = added.exception()
            assert gone.result() is (lost is not None)
        assert (log.head(name) is None) is gone.result()


def test_one_that_began_anew_does_not_take_what_was_made_on_the_old_one(log: SqlLog) -> None:
    old = log.begin("c1", commit())
    log.delete("c1")
    log.begin("c1", commit())

    assert refused(lambda: log.append("c1", commit(), expected=old)) == "STORE_CONFLICT"


def test_entries_are_read_from_one_to_another(log: SqlLog) -> None:
    filled(log, 300)

    assert [entry.seq for entry in log.entries("c1")] == list(range(1, 301))
    assert [entry.seq for entry in log.entries("c1", after=298)] == [299, 300]
    assert [entry.seq for entry in log.entries("c1", after=254, upto=258)] == [255, 256, 257, 258]
    assert list(log.entries("c1", after=300)) == []
    assert list(log.entries("c1", after=5, upto=5)) == []
    assert list(log.entries("nobody")) == []


def test_snapshots_stand_at_every_32nd_entry(log: SqlLog) -> None:
    filled(log, 3 * SNAPSHOT_EVERY)

    assert log.kept_before("c1", 30) is None
    assert log.kept_before("c1", 31) == (32, kept_of(31))
    assert log.kept_before("c1", 62) == (32, kept_of(31))
    assert log.kept_before("c1", 63) == (64, kept_of(63))
    assert log.kept_before("c1", 10_000) == (96, kept_of(95))
    assert log.kept_before("nobody", 3) is None


def test_a_commit_may_ask_for_a_snapshot(log: SqlLog) -> None:
    head = log.begin("c1", commit(0))
    head = log.append("c1", replace(commit(1), snapshot=True), expected=head)
    log.append("c1", commit(2), expected=head)

    assert log.kept_before("c1", 0) is None
    assert log.kept_before("c1", 2) == (2, kept_of(1))
    assert verify(log, "c1").diagnostics == ()


def test_seqs_name_the_conversations_there_are(log: SqlLog) -> None:
    names = [f"c{number}" for number in range(600)]
    for name in names:
        log.begin(name, commit())
    log.append("c7", commit(), expected=log.head("c7") or pytest.fail("no head"))

    found = log.seqs([*names, "nobody", "\0", ""])

    assert found == {**dict.fromkeys(names, 1), "c7": 2}
    assert log.seqs([]) == {}
    assert list(log.ids()) == sorted(names)


def test_idle_ones_are_those_whose_last_commit_is_before_a_time(log: SqlLog) -> None:
    for name, when in (("b", day(3)), ("a", day(1)), ("Z", day(2))):
        log.begin(name, commit(at=when))

    assert list(log.ids(idle_since=day(3))) == ["Z", "a"]
    assert list(log.ids(idle_since=day(1))) == []
    assert list(log.ids()) == ["Z", "a", "b"]


@pytest.mark.parametrize("odd", ["", "\0", "a\nb", "\ud800", "x" * 129])
def test_ids_that_nobody_has_are_just_not_there(log: SqlLog, odd: str) -> None:
    assert log.head(odd) is None
    assert list(log.entries(odd)) == []
    assert log.kept_before(odd, 1) is None
    assert not log.delete(odd)
    with pytest.raises(ValueError, match="id"):
        log.begin(odd, commit())


def test_ids_may_be_of_any_letters_and_are_told_apart_to_the_byte(log: SqlLog) -> None:
    names = ["a", "A", "ä", "a\u0308", "%", "_", "'; DROP TABLE uicompiler_heads; --", "?", "%s"]
    for turn, name in enumerate(names):
        log.begin(name, commit(turn))

    assert list(log.ids()) == sorted(names)
    assert [next(log.entries(name)).turn for name in names] == list(range(len(names)))


def test_what_is_due_is_found_by_its_time(log: SqlLog) -> None:
    for name, when in (("b", day(3)), ("a", day(1)), ("Z", day(1)), ("never", "")):
        log.begin(name, replace(commit(), due=when))

    assert list(log.due(day(3))) == ["Z", "a"]
    assert list(log.due(day(4))) == ["Z", "a", "b"]

    head = log.append("a", commit(2), expected=log.head("a") or pytest.fail("no head"))
    assert list(log.due(day(4))) == ["Z", "b"]
    log.append("a", replace(commit(3), due=day(2)), expected=head)
    log.delete("Z")
    assert list(log.due(day(4))) == ["a", "b"]


def test_a_changed_time_when_it_is_due_is_found(log: SqlLog) -> None:
    log.begin("c1", replace(commit(), due=day(3)))
    assert verify(log, "c1").diagnostics == ()

    with log.database.transaction() as run:
        run("UPDATE uicompiler_heads SET due = ?", (day(9),))

    assert [item.code for item in verify(log, "c1").diagnostics] == ["STORE_CHAIN_BROKEN"]


def test_a_clock_that_goes_backwards_changes_no_order(log: SqlLog) -> None:
    head = log.begin("c1", commit(at=day(9)))
    for turn in (1, 2, 3):
        head = log.append("c1", commit(turn, at=day(9 - turn)), expected=head)

    assert [entry.at for entry in log.entries("c1")] == [day(9), day(8), day(7), day(6)]
    assert head.at == day(6)
    assert verify(log, "c1").diagnostics == ()


def test_a_closed_log_says_so(log: SqlLog) -> None:
    log.close()

    assert refused(lambda: log.head("c1")) == "STORE_UNAVAILABLE"
    log.close()


def test_a_block_that_raises_writes_nothing(log: SqlLog) -> None:
    log.begin("c1", commit())

    with pytest.raises(ZeroDivisionError), log.database.transaction() as run:
        run("DELETE FROM uicompiler_heads")
        raise ZeroDivisionError

    assert log.head("c1") is not None


def test_an_entry_that_cannot_be_written_leaves_no_head(log: SqlLog) -> None:
    head = filled(log, 2)
    with log.database.transaction() as run:  # the next entry's place is taken
        run("UPDATE uicompiler_heads SET seq = 1, hash = ?", ("x",))

    before = Head("c1", 1, "x", head.kept, head.at)
    assert refused(lambda: log.append("c1", commit(7), expected=before)) == "STORE_CORRUPT"

    assert log.seqs(["c1"]) == {"c1": 1}


# --- many at once ---------------------------------------------------------------------------------


def appended(log: EventLog, conversation_id: str, count: int) -> int:
    """Commits that one writer brought in against others; how many it lost."""
    lost = done = 0
    while done < count:
        head = log.head(conversation_id)
        assert head is not None
        try:
            log.append(conversation_id, commit(head.seq, turn_records(1)), expected=head)
            done += 1
        except StoreError as exc:
            assert exc.code == "STORE_CONFLICT"
            lost += 1
    return lost


def test_of_threads_that_commit_on_one_head_one_wins(log: SqlLog) -> None:
    head = log.begin("c1", commit())
    barrier = threading.Barrier(8)

    def race(turn: int) -> str:
        barrier.wait()
        try:
            log.append("c1", commit(turn), expected=head)
        except StoreError as exc:
            return exc.code
        return "won"

    with ThreadPoolExecutor(8) as pool:
        results = sorted(pool.map(race, range(8)))

    assert results == ["STORE_CONFLICT"] * 7 + ["won"]
    assert len(list(log.entries("c1"))) == 2


def test_threads_lose_no_commit(log: SqlLog) -> None:
    log.begin("c1", commit())

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: appended(log, "c1", 15), range(6)))

    assert log.seqs(["c1"]) == {"c1": 91}
    assert verify(log, "c1").diagnostics == ()
    assert verify(log, "c1").entries == 91


def write(url: str, conversation_id: str, count: int, gate: Any) -> None:
    gate.wait()
    log = open_log(url)
    appended(log, conversation_id, count)
    log.close()


def test_processes_lose_no_commit(lasting_url: str) -> None:
    log = open_log(lasting_url)
    log.begin("c1", commit())
    context = multiprocessing.get_context("spawn")
    gate = context.Event()
    writers = [context.Process(target=write, args=(lasting_url, "c1", 20, gate)) for _ in range(3)]
    for writer in writers:
        writer.start()
    gate.set()
    for writer in writers:
        writer.join(120)

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert log.seqs(["c1"]) == {"c1": 61}
    assert verify(log, "c1").diagnostics == ()
    log.close()


def test_readers_see_whole_commits_while_others_write(log: SqlLog) -> None:
    log.begin("c1", commit())
    done = threading.Event()

    def watch() -> list[object]:
        found: list[object] = []
        while not done.is_set():
            found.extend(verify(log, "c1").diagnostics)
        return found

    with ThreadPoolExecutor(2) as pool:
        watching = pool.submit(watch)
        appended(log, "c1", 60)
        done.set()
        assert watching.result() == []


def test_what_was_committed_is_there_for_whoever_opens_it_next(lasting_url: str) -> None:
    log = open_log(lasting_url)
    head = filled(log, 3)
    log.close()

    again = open_log(lasting_url)

    assert again.head("c1") == head
    assert [entry.seq for entry in again.entries("c1")] == [1, 2, 3]
    again.close()
