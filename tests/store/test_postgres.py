"""What goes wrong with a server: each has its code, and nothing is lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psycopg
import pytest

from tests.services import PostgresServer, free_port, running_postgres
from tests.store.commits import commit, filled
from uicompiler.errors import StoreError
from uicompiler.store.postgres import PostgresLog
from uicompiler.store.verification import verify


def code(act: Any) -> str:
    with pytest.raises(StoreError) as caught:
        act()
    assert caught.value.hint
    return caught.value.code


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    return postgres_server.database()


@pytest.fixture
def log(url: str) -> Iterator[PostgresLog]:
    opened = PostgresLog(url, timeout_s=1)
    yield opened
    opened.close()


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection]:
    """Somebody else at the same database."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


# --- reaching it ----------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"postgresql://me:hunter2@127.0.0.1:{free_port()}/chat"
    began = time.monotonic()

    with pytest.raises(StoreError) as caught:
        PostgresLog(url)

    assert time.monotonic() - began < 5
    assert caught.value.code == "STORE_UNAVAILABLE"
    assert "127.0.0.1" in caught.value.message
    assert caught.value.hint
    shown: BaseException | None = caught.value
    while shown is not None:
        assert "hunter2" not in str(shown)
        shown = shown.__cause__
    assert caught.value.__suppress_context__
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hun@ter2@127.0.0.1:1/chat",
        "postgresql://me:hun@ter2/x@127.0.0.1:1/chat",
        "postgresql://me:hun/ter2@127.0.0.1:1/chat",
        "postgresql://me:hun@ter2?x@127.0.0.1:1/chat",
        "postgresql://me@corp:hunter2@127.0.0.1:1/chat",
        "postgresql://me:hun%ter2@127.0.0.1:1/chat",
    ],
)
def test_a_url_that_is_not_surely_understood_is_shown_in_no_part(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        PostgresLog(url)

    assert caught.value.code == "STORE_URL_INVALID"
    assert "%40" in str(caught.value.hint)
    assert not any(part in str(caught.value) for part in ("hun", "ter2", "127.0.0.1", "chat"))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_database_that_is_not_there_is_told(url: str) -> None:
    missing = url.replace("/test_", "/missing_", 1)
    assert code(lambda: PostgresLog(missing)) == "STORE_UNAVAILABLE"


def test_a_password_is_taken_out_of_whatever_the_server_says(
    log: PostgresLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log.database, "_secrets", ["hunter2"])

    def fail(*_args: object) -> None:
        raise psycopg.OperationalError("no entry for password hunter2 here")

    monkeypatch.setattr(log.database._pool, "getconn", fail)  # type: ignore[attr-defined]
    with pytest.raises(StoreError) as caught:
        log.head("c1")
    assert "password *** here" in caught.value.message


def test_connections_that_were_cut_cost_nothing(log: PostgresLog, other: Any) -> None:
    head = filled(log, 3)
    with ThreadPoolExecutor(4) as pool:  # several connections, all of which are cut
        list(pool.map(log.head, ["c1"] * 40))
    for _ in range(3):
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        head = log.append("c1", commit(), expected=head)
        assert log.head("c1") == head


def test_more_threads_than_connections_wait_their_turn(url: str) -> None:
    log = PostgresLog(url, timeout_s=10, connections=2)
    filled(log, 3)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(log.seqs(["c1"]))) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"c1": 3}] * 24
    log.close()


def test_a_connection_cut_within_a_transaction_did_nothing(log: PostgresLog, other: Any) -> None:
    head = filled(log, 3)

    def cut() -> None:
        with log.database.transaction() as run:
            run("DELETE FROM uicompiler_entries")
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            run("DELETE FROM uicompiler_heads")

    assert code(cut) == "STORE_UNAVAILABLE"
    assert log.head("c1") == head
    assert verify(log, "c1").diagnostics == ()


def test_a_commit_whose_answer_was_lost_is_known_to_have_landed(
    log: PostgresLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = filled(log, 3)
    real = type(log.database).transaction

    def lost(self: Any) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def inner() -> Iterator[Any]:
            with self._told():
                with real(self) as run:
                    yield run
                raise psycopg.OperationalError("the answer to COMMIT never came")

        return inner()

    monkeypatch.setattr(type(log.database), "transaction", lost)
    moved = log.append("c1", commit(3), expected=head)
    begun = log.begin("c2", commit(0))
    monkeypatch.undo()

    assert log.head("c1") == moved
    assert log.head("c2") == begun
    assert code(lambda: log.append("c1", commit(), expected=head)) == "STORE_CONFLICT"


@pytest.mark.slow
def test_a_server_that_comes_back_is_found_again() -> None:
    with running_postgres() as server:
        log = PostgresLog(server.database(), timeout_s=1)
        head = filled(log, 3)
        for how in ("fast", "immediate"):
            server.stop(how)
            assert code(partial(log.head, "c1")) == "STORE_UNAVAILABLE"
            late = partial(log.append, "c1", commit(), expected=head)
            assert code(late) == "STORE_UNAVAILABLE"
            server.start()
            until = time.monotonic() + 20
            while True:
                try:
                    assert log.head("c1") == head
                    break
                except StoreError:
                    assert time.monotonic() < until, "it is not found again"
            head = log.append("c1", commit(), expected=head)
        assert verify(log, "c1").diagnostics == ()
        log.close()


# --- what it refuses ------------------------------------------------------------------------------


def test_a_row_that_another_locks_for_long_is_told(log: PostgresLog, other: Any) -> None:
    head = filled(log, 3)
    with other.transaction():
        other.execute("SELECT * FROM uicompiler_heads FOR UPDATE")
        began = time.monotonic()
        assert code(lambda: log.append("c1", commit(), expected=head)) == "STORE_UNAVAILABLE"
        assert 0.8 < time.monotonic() - began < 5
        assert log.head("c1") == head
    assert log.append("c1", commit(), expected=head).seq == 4


def test_a_database_that_may_only_be_read_is_told(log: PostgresLog, other: Any, url: str) -> None:
    head = filled(log, 3)
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    late = PostgresLog(url, timeout_s=1)

    assert late.head("c1") == head
    assert code(lambda: late.append("c1", commit(), expected=head)) == "STORE_UNAVAILABLE"
    late.close()


def test_tables_of_a_later_version_are_left_alone(log: PostgresLog, other: Any, url: str) -> None:
    other.execute("INSERT INTO uicompiler_schema VALUES (2)")
    assert code(lambda: PostgresLog(url)) == "STORE_VERSION_UNKNOWN"


def test_tables_that_are_gone_are_told(log: PostgresLog, other: Any) -> None:
    other.execute("DROP TABLE uicompiler_heads")
    assert code(lambda: log.head("c1")) == "STORE_CORRUPT"


def test_a_full_disk_is_told(log: PostgresLog, other: Any) -> None:
    head = filled(log, 3)
    # As the server says it; a real full disk would take the other tests' server down.
    other.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
    )
    other.execute(
        "CREATE TRIGGER full_disk BEFORE INSERT ON uicompiler_entries "
        "FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )

    assert code(lambda: log.append("c1", commit(), expected=head)) == "STORE_FULL"

    other.execute("DROP TRIGGER full_disk ON uicompiler_entries")
    assert log.append("c1", commit(), expected=head).seq == 4
    assert verify(log, "c1").diagnostics == ()


def test_a_commit_is_durable_where_the_server_would_not_wait(
    log: PostgresLog, other: Any, url: str
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    for setting, expected in (("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")):
        other.execute(f"ALTER DATABASE {name} SET synchronous_commit = {setting}")
        opened = PostgresLog(url)
        assert opened.database.rows("SHOW synchronous_commit") == [(expected,)]
        opened.close()


def test_two_that_begin_at_once_make_the_tables_once(postgres_server: PostgresServer) -> None:
    url = postgres_server.database()
    logs: list[PostgresLog] = []
    threads = [threading.Thread(target=lambda: logs.append(PostgresLog(url))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(logs) == 6
    assert logs[0].database.rows("SELECT count(*) FROM uicompiler_schema") == [(1,)]
    for log in logs:
        log.close()
