"""The event log: what happened in each conversation, in a chain of hashes, in a database.

    from uicompiler.store import open_log
    log = open_log("sqlite:///chat.db")

What is here loads when it is first asked for: drivers of databases are optional.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uicompiler.store.exports import export, import_chain, import_commits, read_chain
    from uicompiler.store.log import Commit, Entry, EventLog, Head
    from uicompiler.store.memory import MemoryLog
    from uicompiler.store.open import open_log
    from uicompiler.store.redaction import Redaction, redact
    from uicompiler.store.retention import delete_idle, retain
    from uicompiler.store.verification import Verified, verify, verify_database

_HOMES: Final = {
    "Commit": "log",
    "Entry": "log",
    "EventLog": "log",
    "Head": "log",
    "MemoryLog": "memory",
    "Redaction": "redaction",
    "Verified": "verification",
    "delete_idle": "retention",
    "export": "exports",
    "import_chain": "exports",
    "import_commits": "exports",
    "open_log": "open",
    "read_chain": "exports",
    "redact": "redaction",
    "retain": "retention",
    "verify": "verification",
    "verify_database": "verification",
}

__all__ = [
    "Commit",
    "Entry",
    "EventLog",
    "Head",
    "MemoryLog",
    "Redaction",
    "Verified",
    "delete_idle",
    "export",
    "import_chain",
    "import_commits",
    "open_log",
    "read_chain",
    "redact",
    "retain",
    "verify",
    "verify_database",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
