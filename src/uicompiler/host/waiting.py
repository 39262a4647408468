"""Presses under one key, one after the other: the second waits until the first is done."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class Waiting:
    """Locks by conversation and key, each there as long as somebody waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[threading.Lock, int]] = {}

    @contextlib.contextmanager
    def alone(self, conversation_id: str, key: str) -> Iterator[None]:
        """Wait for those that came before; without a key nobody waits."""
        if not key:
            yield
            return
        name = (conversation_id, key)
        with self._lock:
            lock, waiting = self._known.get(name, (threading.Lock(), 0))
            self._known[name] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, waiting = self._known[name]
                self._known[name] = (lock, waiting - 1)
                if waiting == 1:
                    del self._known[name]
