"""Which event log a URL names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from uicompiler.errors import StoreError, diagnostic
from uicompiler.store.memory import MemoryLog
from uicompiler.store.sql import SqlLog
from uicompiler.store.sqlite import SqliteLog

_MEMORY: Final = ("memory:", "memory://", ":memory:")
_POSTGRES: Final = ("postgresql", "postgres")
_SECRET: Final = re.compile(r"(?!.*://)[^:]{2,}:.*@")
_HINT: Final = "write memory:, sqlite:///path/to/file.db, a path, or postgresql://user@host/name"


def open_log(url: str) -> SqlLog:
    """Open an event log, and make its tables if there are none.

    Args:
        url: `memory:`; `sqlite:///relative.db`, `sqlite:////absolute.db`, or a path; or
            `postgresql://…`, which takes what libpq takes.

    Raises:
        StoreError: STORE_URL_INVALID, it names no database; and as `EventLog` says.
    """
    scheme, colon, _ = url.partition(":")
    if not url.strip() or "\0" in url:
        raise _invalid("the URL is empty, or holds a NUL")
    if url in _MEMORY:
        return MemoryLog()
    if scheme in _POSTGRES and colon:
        return _on_postgres(url)
    file = sqlite_file(url)
    if file is None:
        raise _invalid(f"no database is known by the scheme {scheme[:40]!r}")
    return SqliteLog(file)


def _on_postgres(url: str) -> SqlLog:
    try:
        from uicompiler.store.postgres import PostgresLog
    except ImportError as exc:
        why = f"PostgreSQL needs more than is installed ({exc.name} is missing)"
        hint = "pip install 'uicompiler[postgres]'"
        raise StoreError([diagnostic("STORE_URL_INVALID", why, hint=hint)]) from exc
    return PostgresLog(url)


def sqlite_file(url: str) -> Path | None:
    """The file that a URL names; None when it names another kind of log.

    Raises:
        StoreError: STORE_URL_INVALID.
    """
    scheme, colon, rest = url.partition(":")
    if scheme == "sqlite" and colon:
        return _sqlite_path(rest)
    if scheme in _POSTGRES and colon:
        return None
    if _SECRET.match(url):
        # Shown as a path, it would show the password.
        raise _invalid("it is no URL that is known, and reads like one with a password")
    in_memory = url in _MEMORY
    return None if in_memory or "://" in url or not url.strip() or "\0" in url else Path(url)


def _sqlite_path(rest: str) -> Path:
    parts = urlsplit(f"sqlite:{rest}")
    path = unquote(parts.path.removeprefix("/") if rest.startswith("//") else parts.path)
    if parts.netloc or parts.query or parts.fragment or not path:
        raise _invalid("an SQLite URL has three slashes, a path, and nothing else")
    return Path(path)


def _invalid(message: str) -> StoreError:
    return StoreError([diagnostic("STORE_URL_INVALID", message, hint=_HINT)])
