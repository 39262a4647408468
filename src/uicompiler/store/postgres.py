"""The event log in PostgreSQL: for several machines, or for those who have one anyway.

Connections come from a pool, and each is looked at before it is used, so that a server that was
restarted costs no request. A commit is durable as far as the server's `fsync` and
`synchronous_commit` say; the latter is turned on where it is off.

What the URL says of passwords is in no message and in no log line.

Source: https://www.psycopg.org/psycopg3/docs/advanced/pool.html
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from uicompiler.errors import StoreError, diagnostic
from uicompiler.store.entry import Entropy
from uicompiler.store.sql import (
    CONTRADICTION,
    SCHEMA_VERSION,
    TABLES,
    Run,
    SqlLog,
    schema,
    version_unknown,
)

_LOCK: Final = 0x75696370
"""Of whoever makes the tables; "uicp"."""

_RECONNECT_S: Final = 10.0
"""How long the pool tries by itself, with growing pauses; the next request starts it again."""


class PostgresLog(SqlLog):
    """An `EventLog` in a database.

    Args:
        url: As libpq reads it: `postgresql://user:password@host:port/name?…`.
        timeout_s: How long a request waits for a connection, or for a lock.
        connections: How many there may be at once.
        entropy: Gives the salts.

    Raises:
        StoreError: as `EventLog` says; also STORE_VERSION_UNKNOWN and STORE_URL_INVALID.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 10.0,
        connections: int = 8,
        entropy: Entropy = os.urandom,
    ) -> None:
        database = PostgresDatabase(url, timeout_s=timeout_s, connections=connections)
        super().__init__(database, entropy)


class PostgresDatabase:
    """A `Database` on a server."""

    def __init__(self, url: str, *, timeout_s: float = 10.0, connections: int = 8) -> None:
        self._timeout_s = timeout_s
        self._secrets = _secrets(url)
        with self._told():
            # Before the pool, which would go on trying: a start should say at once what is wrong.
            with self._connected(url) as connection:
                _prepare(connection)
            self._pool = ConnectionPool(
                url,
                min_size=1,
                max_size=connections,
                timeout=timeout_s,
                reconnect_timeout=_RECONNECT_S,
                kwargs=self._settings(),
                configure=self._configure,
                open=True,
            )

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """See `Database`."""
        with self._told(), self._connection() as connection:
            cursor = connection.cursor(binary=True)
            return cursor.execute(_marked(statement), values).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Run]:
        """See `Database`."""
        with self._told(), self._connection() as connection, connection.transaction():
            yield (
                lambda statement, values=(): connection.execute(_marked(statement), values).rowcount
            )

    def problems(self) -> Iterator[str]:
        """See `Database`."""
        # What an administrator has amcheck for; the entries' own hashes are looked at elsewhere.
        return iter(())

    def scrub(self) -> None:
        """See `Database`; the server's write-ahead log keeps what it has until it is recycled."""
        with self._told(), self._connection() as connection:
            for table in TABLES:
                connection.execute(f"VACUUM FULL {table}".encode())

    def close(self) -> None:
        """See `Database`."""
        self._pool.close()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        """A connection that works, as far as one can know before using it."""
        connection = self._working()
        try:
            yield connection
        finally:
            self._pool.putconn(connection)

    def _working(self) -> psycopg.Connection:
        while True:
            connection = self._pool.getconn()  # waits, and gives up after the pool's timeout
            try:
                ConnectionPool.check_connection(connection)
                return connection
            except psycopg.OperationalError:
                self._pool.putconn(connection)
                # Where one was cut the others were; the pool itself would pause after each.
                self._pool.check()

    def _settings(self) -> dict[str, Any]:  # `Any`: what psycopg takes
        # A round trip each for BEGIN and COMMIT is enough; reading needs neither.
        return {"autocommit": True, "connect_timeout": max(2, round(self._timeout_s))}

    def _connected(self, url: str) -> psycopg.Connection:
        connection = psycopg.connect(url, **self._settings())
        self._configure(connection)
        return connection

    def _configure(self, connection: psycopg.Connection) -> None:
        milliseconds = str(round(self._timeout_s * 1000))
        connection.execute(
            "SELECT set_config('lock_timeout', %s, false), "
            "CASE current_setting('synchronous_commit') WHEN 'off' "
            "THEN set_config('synchronous_commit', 'on', false) END",
            (milliseconds,),
        )

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn psycopg's errors into ours."""
        try:
            yield
        except psycopg.Error as exc:
            # Without the cause: its text may have the URL in it.
            raise _refused(exc, self._secrets) from None


def _marked(statement: str) -> bytes:
    """A statement with psycopg's marks for values; none of ours has another `?` or `%`."""
    return statement.replace("?", "%s").encode()


def _secrets(url: str) -> list[str]:
    """What no message may hold.

    Raises:
        StoreError: STORE_URL_INVALID, libpq cannot read the URL, or reads a part of the password as
            something else, which messages would show.
    """
    try:
        known = conninfo_to_dict(url)
    except psycopg.Error:
        known = None
    # Without the cause and without a part of it: nobody knows where the password ends.
    if known is None or not _is_sure(known):
        hint = "write postgresql://user:password@host:port/name, with @ as %40 and / as %2F in each"
        message = "the URL of the PostgreSQL database cannot be read"
        raise StoreError([diagnostic("STORE_URL_INVALID", message, hint=hint)])
    return [str(known[key]) for key in ("password", "sslpassword") if known.get(key)]


def _is_sure(known: Mapping[str, object]) -> bool:
    """Whether host, port and name are what they look like, and no rest of a password."""
    host, port, name = (str(known.get(key) or "") for key in ("host", "port", "dbname"))
    return "@" not in host and "@" not in name and not port.strip("0123456789,")


def _prepare(connection: psycopg.Connection) -> None:
    """Make the tables if there are none, refuse those of another version."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        known = connection.execute("SELECT to_regclass('uicompiler_schema')").fetchone()
        if known == (None,):
            _create(connection)
        found = connection.execute("SELECT max(version) FROM uicompiler_schema").fetchone()
        if found != (SCHEMA_VERSION,):
            raise version_unknown(found[0] if found else None)


def _create(connection: psycopg.Connection) -> None:
    # "C": as SQLite compares; ids are sorted, and times compared, byte by byte.
    for statement in schema("BYTEA", 'TEXT COLLATE "C"', "BIGINT"):
        connection.execute(statement.encode())
    connection.execute("CREATE TABLE uicompiler_schema (version BIGINT NOT NULL)")
    connection.execute("INSERT INTO uicompiler_schema VALUES (%s)", (SCHEMA_VERSION,))


# --- errors ---------------------------------------------------------------------------------------

_CORRUPT: Final = (errors.DataCorrupted, errors.IndexCorrupted, errors.UndefinedTable)
_FORBIDDEN: Final = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)


def _refused(exc: psycopg.Error, secrets: Sequence[str]) -> StoreError:
    why = _said(exc, secrets)
    if isinstance(exc, errors.DiskFull):
        return _refusal("STORE_FULL", "the server's disk is full", "make room there")
    if isinstance(exc, _CORRUPT):
        return _refusal("STORE_CORRUPT", f"the tables cannot be read: {why}", "take the backup")
    if isinstance(exc, psycopg.IntegrityError):
        return _refusal("STORE_CORRUPT", CONTRADICTION, "`uicompiler log verify` tells more")
    if isinstance(exc, _FORBIDDEN):
        hint = "give the user the right to read and write the tables, on a server that is primary"
        return _refusal("STORE_UNAVAILABLE", f"the database may not be used: {why}", hint)
    if isinstance(exc, errors.LockNotAvailable):
        hint = "another process writes for long: find it, or wait"
        return _refusal("STORE_UNAVAILABLE", "the conversation is locked", hint)
    if isinstance(exc, PoolClosed):
        return _refusal("STORE_UNAVAILABLE", "the log is closed", "open it again")
    if isinstance(exc, PoolTimeout):
        why = "no connection came free, or none can be made"
    if isinstance(exc, (psycopg.OperationalError, psycopg.InterfaceError)):
        hint = "see that the server runs and takes connections, and that host, port and user fit"
        return _refusal("STORE_UNAVAILABLE", f"the database cannot be reached: {why}", hint)
    raise exc  # a statement of ours is wrong: a bug


def _said(exc: psycopg.Error, secrets: Sequence[str]) -> str:
    text = " ".join(str(exc).split())
    for secret in secrets:
        text = text.replace(secret, "***")
    return text[:300]


def _refusal(code: str, message: str, hint: str) -> StoreError:
    return StoreError([diagnostic(code, message, hint=hint)])
