"""Conversations out of a log and into another one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.examples import app_of
from tests.host.playing import Site, Visit, play, site_of
from tests.store.commits import commit, filled
from uicompiler import replay
from uicompiler.conversation import dump, read_log
from uicompiler.errors import StoreError
from uicompiler.resources import data_path
from uicompiler.store.exports import export, import_chain, import_commits, read_chain
from uicompiler.store.memory import MemoryLog
from uicompiler.store.retention import retain
from uicompiler.store.sql import SqlLog
from uicompiler.store.verification import verify, verify_database

LOGS = sorted((data_path("examples")).glob("*/conversations/*.jsonl"))
CONTACT = next(path for path in LOGS if path.name == "contact.jsonl")


def lines(records: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records as a file brings them back."""
    return [dict(record.data) for record in read_log(dump(records))]


def sound(log: SqlLog, conversation_id: str) -> None:
    assert verify_database(log) == []
    assert verify(log, conversation_id).diagnostics == ()


@pytest.fixture
def played(tmp_path: Path, log: SqlLog) -> Visit:
    return play(CONTACT, site_of(CONTACT, tmp_path, log))


def test_an_export_replays_to_the_state_that_is_kept(played: Visit, log: SqlLog) -> None:
    records = lines(export(log, played.id))

    result = replay.run(records, app_of(CONTACT))

    assert result.ok
    assert result.diagnostics == ()
    assert result.state.hash == played.kept.state.hash
    assert not any("chain" in record for record in records)


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_every_example_verifies_as_an_export_and_comes_back_as_it_was(
    path: Path, tmp_path: Path
) -> None:
    log, other = MemoryLog(), MemoryLog()
    visit = play(path, site_of(path, tmp_path / "a", log))
    records = lines(export(log, visit.id, chain=True, kept=True))

    import_chain(other, read_chain(records))

    sound(other, visit.id)
    assert other.head(visit.id) == log.head(visit.id)
    assert list(other.rows(visit.id)) == list(log.rows(visit.id))
    assert list(other.entries(visit.id)) == list(log.entries(visit.id))
    assert lines(export(other, visit.id, chain=True, kept=True)) == records
    assert replay.run(records, app_of(path)).ok


def test_clients_go_on_after_an_import_with_what_was_kept(
    played: Visit, log: SqlLog, tmp_path: Path
) -> None:
    other = MemoryLog()
    import_chain(other, read_chain(lines(export(log, played.id, chain=True, kept=True))))

    again = Visit(site_of(CONTACT, tmp_path / "other", other), played.id)

    assert again.kept == played.kept
    assert again.back("undo").status == 200
    sound(other, played.id)


def test_a_chain_goes_on_after_an_import_without_it(log: SqlLog) -> None:
    filled(log, 40)
    chain = read_chain(lines(export(log, "c1", chain=True)))
    other = MemoryLog()
    assert chain.kept == b""

    head = import_chain(other, chain, commit(40, []))

    assert head.seq == 41
    assert other.head("c1") == head
    assert list(other.rows("c1", upto=40)) == list(log.rows("c1"))
    assert other.kept_before("c1", 50) == (41, head.kept)
    sound(other, "c1")
    with pytest.raises(ValueError, match="kept"):
        import_chain(MemoryLog(), chain)


def test_entries_without_records_are_exported_too(log: SqlLog) -> None:
    head = filled(log, 2)
    for turn in (3, 4):
        head = log.append("c1", commit(turn, []), expected=head)
    head = log.append("c1", commit(5), expected=head)
    log.append("c1", commit(6, []), expected=head)

    records = lines(export(log, "c1", chain=True))

    assert [entry["seq"] for r in records for entry in r.get("chain", {}).get("entries", ())] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]
    assert read_chain(records).rows == list(log.rows("c1"))


def test_any_changed_member_of_an_export_is_found(log: SqlLog) -> None:
    filled(log, 3)
    records = lines(export(log, "c1", chain=True, kept=True))
    count = 0
    for changed in all_changes(records):
        count += 1
        with pytest.raises((StoreError, KeyError, TypeError)) as caught:
            read_chain(changed)
        if isinstance(caught.value, StoreError):
            assert caught.value.code == "STORE_CHAIN_BROKEN"
    assert count > 150


def all_changes(records: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The records with one scalar changed, for each of them."""
    raw = json.dumps(records)
    for place in range(sum(1 for _ in scalars(records))):
        fresh = json.loads(raw)
        holder, key = list(scalars(fresh))[place]
        holder[key] = another(holder[key])
        yield fresh


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
    return "0" * 32 if value is None else value + 1


def scalars(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, (dict, list)):
            yield from scalars(item)
        else:
            yield value, key


CHANGES: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "a record is gone": lambda records: records.pop(3),
    "the end is gone": lambda records: records.pop(),
    "a record is added": lambda records: records.append(dict(records[3])),
    "an entry is gone": lambda records: records.__delitem__(slice(1, 8)),
    "a record is moved": lambda records: records.insert(2, records.pop(4)),
    "a salt is gone": lambda records: records[7]["chain"]["entries"][0]["salts"].pop(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_records_that_are_moved_added_or_gone_are_found(
    log: SqlLog, change: Callable[[list[dict[str, Any]]], object]
) -> None:
    filled(log, 3)
    records = lines(export(log, "c1", chain=True))
    change(records)

    with pytest.raises(StoreError) as caught:
        read_chain(records)
    assert caught.value.code == "STORE_CHAIN_BROKEN"


def test_an_import_is_whole_or_nothing(log: SqlLog) -> None:
    filled(log, 3)
    chain = read_chain(lines(export(log, "c1", chain=True, kept=True)))
    before = list(log.rows("c1"))

    with pytest.raises(StoreError) as caught:
        import_chain(log, chain)

    assert caught.value.code == "STORE_CONFLICT"
    with pytest.raises(StoreError) as caught:
        import_commits(log, "c1", [commit()])
    assert caught.value.code == "STORE_CONFLICT"
    assert list(log.rows("c1")) == before


def test_commits_of_another_kind_of_log_become_a_chain(log: SqlLog) -> None:
    head = import_commits(log, "c1", (commit(turn) for turn in range(70)))

    assert head == log.head("c1")
    assert head.seq == 70
    assert log.kept_before("c1", 40) == (32, commit(31).kept)
    assert log.kept_before("c1", 64) == (64, commit(63).kept)
    sound(log, "c1")


@pytest.mark.parametrize("newest", [1, 5, 8, 9])
def test_what_retention_left_is_exported_and_comes_back(log: SqlLog, newest: int) -> None:
    filled(log, 40)
    retain(log, "c1", newest=newest)

    records = lines(export(log, "c1", chain=True, kept=True))
    other = MemoryLog()
    import_chain(other, read_chain(records))

    assert [record["kind"] for record in records[:2]] == ["meta", "state"]
    assert list(other.rows("c1")) == list(log.rows("c1"))
    assert other.head_row("c1") == log.head_row("c1")
    sound(other, "c1")


def test_a_shortened_conversation_replays_from_the_first_state_it_still_has(
    tmp_path: Path, log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uicompiler.store.sql.SNAPSHOT_EVERY", 3)
    visit = play(CONTACT, site_of(CONTACT, tmp_path, log))
    seq = visit.kept.seq
    snapshots = [item.seq for item in log.snapshots(visit.id)]
    assert seq - 1 > snapshots[0]
    for cut in range(1, seq - 1):
        retain(log, visit.id, newest=seq - cut)

        result = replay.run(lines(export(log, visit.id)), app_of(CONTACT))

        assert result.ok
        assert result.state.hash == visit.kept.state.hash
        lost = {item.code for item in result.diagnostics}
        assert lost <= {"REPLAY_REDACTED"}
        assert bool(lost) is (cut not in snapshots)
        sound(log, visit.id)


def test_unknown_and_damaged_conversations_are_refused(log: SqlLog) -> None:
    with pytest.raises(StoreError) as caught:
        list(export(log, "nobody"))
    assert caught.value.code == "STORE_CONVERSATION_UNKNOWN"

    filled(log, 3)
    with log.database.transaction() as run:
        run("UPDATE uicompiler_entries SET body = ? WHERE seq = 2", (b"{}",))
    with pytest.raises(StoreError) as caught:
        list(export(log, "c1"))
    assert caught.value.code == "STORE_CHAIN_BROKEN"


def test_a_site_can_be_made_of_an_empty_log(tmp_path: Path) -> None:
    # What the tests above lean on: a host of one's own per log.
    assert isinstance(Site(app_of(CONTACT), tmp_path, MemoryLog()).log, MemoryLog)
