"""The event log in an SQLite file: the default, for one machine.

Write-ahead log with `synchronous=FULL`: a commit is on the disk when `append` returns. Several
threads and several processes may use one file; a writer that finds it locked waits, then gives up
with STORE_UNAVAILABLE. Deleted content is overwritten (`secure_delete`).

Source: https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from uicompiler.errors import StoreError, diagnostic
from uicompiler.store.entry import Entropy
from uicompiler.store.sql import CONTRADICTION, SCHEMA_VERSION, Run, SqlLog, schema, version_unknown

_APPLICATION_ID: Final = 0x75696370  # "uicp"
_IN_MEMORY: Final = ":memory:"


class SqliteLog(SqlLog):
    """An `EventLog` in a file.

    Args:
        path: The file; made when it is not there, its folder is not.
        timeout_s: How long a writer waits for others.
        entropy: Gives the salts.

    Raises:
        StoreError: as `EventLog` says; also STORE_VERSION_UNKNOWN.
    """

    def __init__(
        self, path: str | Path, *, timeout_s: float = 10.0, entropy: Entropy = os.urandom
    ) -> None:
        super().__init__(SqliteDatabase(path, timeout_s=timeout_s), entropy)


class SqliteDatabase:
    """A `Database` in a file, or in memory for `:memory:`."""

    def __init__(self, path: str | Path, *, timeout_s: float = 10.0) -> None:
        self._path = os.fspath(path)
        self._timeout_s = timeout_s
        self._idle: deque[sqlite3.Connection] = deque()
        # Writers of this process wait here, in turn; SQLite itself would have them poll.
        self._writing = threading.Lock()
        # One connection is all that a database in memory has.
        self._alone = threading.RLock() if self._path == _IN_MEMORY else contextlib.nullcontext()
        self._closed = False
        self._file: tuple[int, int] | None = None
        # For logs that nobody closes, such as those of examples: Python would warn of each.
        weakref.finalize(self, _close, self._idle)
        _check_size(self._path)
        with self._connection() as connection:
            _prepare(connection)
        self._file = _file_at(self._path)

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """See `Database`."""
        with self._connection() as connection:
            return connection.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Run]:
        """See `Database`."""
        with self._turn(), self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield lambda statement, values=(): connection.execute(statement, values).rowcount
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def problems(self) -> Iterator[str]:
        """See `Database`."""
        for (found,) in self.rows("PRAGMA integrity_check"):
            if found != "ok":
                yield found

    def scrub(self) -> None:
        """See `Database`."""
        with self._turn(), self._connection() as connection:
            connection.execute("VACUUM")
            if self._path == _IN_MEMORY:
                return
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise _refusal(
                "STORE_UNAVAILABLE",
                "others are reading the database, so its write-ahead log cannot be emptied",
                "run it again when they are done",
            )

    def close(self) -> None:
        """See `Database`."""
        with self._alone:
            self._closed = True
            _close(self._idle)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=self._timeout_s):
            raise _locked()
        try:
            yield
        finally:
            self._writing.release()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses; goes back to the idle ones."""
        with self._alone, _told(self._path):
            connection = self._taken()
            broken = True
            try:
                yield connection
                broken = False
            except StoreError:
                broken = False
                raise
            finally:
                # One that failed may have lost its file; the next one opens it anew.
                if (broken and self._path != _IN_MEMORY) or self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def _taken(self) -> sqlite3.Connection:
        if self._closed:
            raise _refusal("STORE_UNAVAILABLE", "the log is closed", "open it again")
        if self._file is not None and self._file != _file_at(self._path):
            # What is written to a file without a name is gone with the process that has it open.
            message = "the database's file was taken away, or another one has its place"
            raise _refusal("STORE_UNAVAILABLE", message, "put it back, or start again with what is")
        try:
            return self._idle.pop()
        except IndexError:
            return _connected(self._path, self._timeout_s)


def _file_at(path: str) -> tuple[int, int] | None:
    """Which file has a name now, whatever it holds; None when there is none."""
    if path == _IN_MEMORY:
        return None
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _close(connections: deque[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


_SMALLEST: Final = 512
"""Of the pages of a database; SQLite takes less for no file at all, and begins a new one."""


def _check_size(path: str) -> None:
    with contextlib.suppress(OSError):  # of no file; whatever else is wrong, opening tells
        if 0 < Path(path).stat().st_size < _SMALLEST:
            raise _refusal("STORE_CORRUPT", "the file was cut off", "take the backup")


def _connected(path: str, timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=timeout_s, isolation_level=None, check_same_thread=False
    )
    try:
        # FULL: in WAL the default of many builds, NORMAL, may lose the last commits in a power cut.
        for setting in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {setting}").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables if there are none, refuse those of others."""
    if _version(connection) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) != SCHEMA_VERSION:  # another process may have been faster
            _create(connection)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    """The version of the tables; 0 when there are none."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    owner: int = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if empty and (found, owner) == (0, 0):
        return 0
    if owner != _APPLICATION_ID:
        raise _refusal(
            "STORE_VERSION_UNKNOWN", "the file is a database of something else", "name another file"
        )
    if found != SCHEMA_VERSION:
        raise version_unknown(found)
    return found


def _create(connection: sqlite3.Connection) -> None:
    for statement in schema("BLOB", "TEXT", "INTEGER"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


# --- errors ---------------------------------------------------------------------------------------

_CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_READ_ONLY: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as exc:
        raise _refused(exc, path) from exc
    except UnicodeDecodeError as exc:  # of an error's own text, which quotes the file
        raise _refusal("STORE_CORRUPT", "the file is damaged", "take the backup") from exc


def _refused(exc: sqlite3.Error, path: str) -> StoreError:
    code = getattr(exc, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _LOCKED:
        return _locked()
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and _disk_full(path)):
        return _refusal("STORE_FULL", "the disk is full", "make room; nothing was written")
    if primary in _CORRUPT:
        why = f"the file is no database, or is damaged: {exc}"
        return _refusal("STORE_CORRUPT", why, "take the backup; `uicompiler log verify` tells more")
    if primary == sqlite3.SQLITE_CONSTRAINT:
        return _refusal("STORE_CORRUPT", CONTRADICTION, "`uicompiler log verify` tells more")
    if primary in _READ_ONLY:
        hint = "give this user the right to write to the file and its folder"
        return _refusal("STORE_UNAVAILABLE", "the database may only be read", hint)
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        hint = "name a file in a folder that exists and that this user may write to"
        return _refusal("STORE_UNAVAILABLE", f"the database cannot be opened: {exc}", hint)
    if str(exc).startswith("no such table"):  # of a file that was emptied, or taken away, in use
        return _refusal("STORE_CORRUPT", "the file holds no log any more", "take the backup")
    if "Could not decode to UTF-8" in str(exc):  # of Python's module, so that it has no code
        return _refusal("STORE_CORRUPT", "a text in the database is none", "take the backup")
    raise exc  # a statement of ours is wrong: a bug


def _disk_full(path: str) -> bool:
    try:
        # A write-ahead log that finds no room for its index fails as any other write does.
        return os.statvfs(Path(path).parent).f_bavail == 0
    except (OSError, AttributeError):  # statvfs is not on every system
        return False


def _locked() -> StoreError:
    hint = "another process writes for long: find it, or wait"
    return _refusal("STORE_UNAVAILABLE", "the database is locked", hint)


def _refusal(code: str, message: str, hint: str) -> StoreError:
    return StoreError([diagnostic(code, message, hint=hint)])
