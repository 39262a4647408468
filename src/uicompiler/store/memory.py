"""The event log in memory: for tests, for examples, for hosts whose conversations may be lost."""

from __future__ import annotations

import os

from uicompiler.store.entry import Entropy
from uicompiler.store.sql import SqlLog
from uicompiler.store.sqlite import SqliteDatabase


class MemoryLog(SqlLog):
    """An `EventLog` that is gone with its process.

    It is SQLite's own database in memory, so that it keeps every promise but the one to last.

    Args:
        entropy: Gives the salts.
    """

    def __init__(self, *, entropy: Entropy = os.urandom) -> None:
        super().__init__(SqliteDatabase(":memory:"), entropy)
