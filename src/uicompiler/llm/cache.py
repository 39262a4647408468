"""Replies that are kept for requests that come again: in memory, or in a folder.

A reply is kept under the hash of the request, which names the model, and of the server's host;
neither the request nor a key is written down. A kept reply that cannot be read is reported and
asked for again. Nothing here raises.

Source: DESIGN section 11.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from pydantic import TypeAdapter, ValidationError

from uicompiler.canonical import sha256_hex
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.llm.exchange import Reply, Request

Report: TypeAlias = Callable[[Diagnostic], None]

_VERSION: Final = 1
_MAX_BYTES: Final = 16_000_000
_UNFINISHED: Final = ("length", "content_filter")
"""Ends of a reply that another try may do better than."""

_LOG: Final = logging.getLogger("uicompiler.llm")
_REPLY: Final = TypeAdapter(Reply)


class Store(Protocol):
    """Where replies are, by the hash of what they answer."""

    def read(self, key: str, report: Report) -> Reply | None:
        """The reply, or None; what cannot be read is reported."""

    def write(self, key: str, reply: Reply, report: Report) -> None:
        """Keep a reply; what cannot be written is reported."""


class Cache:
    """Replies by request and server. Any thread may use one."""

    def __init__(self, store: Store, *, server: str = "", report: Report | None = None) -> None:
        """Keep replies in a store.

        Args:
            store: Where they are.
            server: Host of the server that answers; "" is the provider's own.
            report: Told what went wrong; a log line, if it is None.
        """
        self._store = store
        self._server = server
        self._report = report or _log

    def at(self, server: str, report: Report | None = None) -> Cache:
        """The same replies, of one server, telling what goes wrong to `report`."""
        return Cache(self._store, server=server, report=report)

    def get(self, request: Request) -> Reply | None:
        """The reply that was kept, or None."""
        key = self._key(request)
        return self._store.read(key, self._report) if key else None

    def put(self, request: Request, reply: Reply) -> None:
        """Keep a reply, unless it was cut off or filtered."""
        key = "" if reply.finish_reason in _UNFINISHED else self._key(request)
        if key:
            self._store.write(key, reply, self._report)

    def _key(self, request: Request) -> str:
        asked = {"version": _VERSION, "server": self._server, "request": dict(request)}
        try:
            return sha256_hex(asked)
        except (TypeError, ValueError, RecursionError):
            self._report(_unusable("A request that is no JSON cannot be kept."))
            return ""


def memory_cache(*, max_entries: int = 1000) -> Cache:
    """A cache that lasts as long as the process; the longest unused goes first."""
    return Cache(_Memory(max_entries))


def directory_cache(folder: str | Path) -> Cache:
    """A cache in a folder, which is made when the first reply is kept.

    Several processes may share it. Nothing is ever removed from it.
    """
    return Cache(_Directory(Path(folder)))


class _Memory:
    def __init__(self, max_entries: int) -> None:
        self._max = max_entries
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Reply] = OrderedDict()

    def read(self, key: str, report: Report) -> Reply | None:
        with self._lock:
            reply = self._kept.get(key)
            if reply is not None:
                self._kept.move_to_end(key)
            return reply

    def write(self, key: str, reply: Reply, report: Report) -> None:
        with self._lock:
            self._kept[key] = reply
            self._kept.move_to_end(key)
            while len(self._kept) > self._max:
                self._kept.popitem(last=False)


class _Directory:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"

    def read(self, key: str, report: Report) -> Reply | None:
        path = self._path(key)
        try:
            with path.open("rb") as file:
                text = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as exc:
            report(_unusable(f"A kept reply cannot be read: {type(exc).__name__}."))
            return None
        reply = _decoded(text, key)
        if reply is None:
            report(_unusable(f"The kept reply {path.name} is damaged, and is asked for again."))
        return reply

    def write(self, key: str, reply: Reply, report: Report) -> None:
        path = self._path(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(path, _encoded(reply, key))
        except (OSError, ValueError) as exc:
            report(_unusable(f"A reply cannot be kept: {type(exc).__name__}."))


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; whoever reads it meanwhile reads the one before."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _encoded(reply: Reply, key: str) -> bytes:
    told = asdict(reply)
    record = {"version": _VERSION, "key": key, "sha256": _hash(told), "reply": told}
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode()


def _decoded(text: bytes, key: str) -> Reply | None:
    try:
        record = json.loads(text)
        told = record["reply"]
        whole = record["version"] == _VERSION and record["key"] == key
        return _REPLY.validate_python(told) if whole and record["sha256"] == _hash(told) else None
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        return None


def _hash(told: Any) -> str:  # any JSON value
    return sha256_hex(json.loads(json.dumps(told)))


def _unusable(message: str) -> Diagnostic:
    return diagnostic("LLM_CACHE_UNUSABLE", message)


def _log(finding: Diagnostic) -> None:
    _LOG.warning("%s", finding)
