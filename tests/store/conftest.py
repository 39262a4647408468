"""Every log under one suite: in memory, in a file, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services import postgres_server  # noqa: F401  # a fixture
from uicompiler.store.open import open_log
from uicompiler.store.sql import SqlLog

KINDS = ("memory", "sqlite", "postgres")

Opener = Callable[[], SqlLog]


@pytest.fixture(params=KINDS)
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "memory":
        return "memory:"
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    return str(request.getfixturevalue("postgres_server").database())


@pytest.fixture(params=KINDS[1:])
def lasting_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a log that another process can open too."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    return str(request.getfixturevalue("postgres_server").database())


@pytest.fixture
def log(log_url: str) -> Iterator[SqlLog]:
    opened = open_log(log_url)
    yield opened
    opened.close()
