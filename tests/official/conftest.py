"""Fixtures around the official clients, and what happens when they are not there.

A missing Node, npm, npm package or SDK skips these tests on a developer's machine, with the reason
in the skip and once more at the end of the run. With `CI=true` it fails them, since there a skip
would be a promise nobody checked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import pytest

from .bridge import OfficialClient, Session, Unavailable
from .sdk import require_sdk, validate_batch

MARK = "OFFICIAL CLIENT NOT TESTED"


def unavailable(error: Unavailable) -> NoReturn:
    """Skip loudly, or fail where skipping is not allowed."""
    reason = f"{MARK}: {error}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def require(step: Callable[[], None]) -> None:
    """Run a step that needs something installed; without it, skip or fail."""
    missing: Unavailable | None = None
    try:
        step()
    except Unavailable as error:
        missing = error
    if missing is not None:  # outside the handler, so that the report is the one reason
        unavailable(missing)


@pytest.fixture(scope="session")
def official() -> Iterator[OfficialClient]:
    """The official npm client, one process for the whole run; take a `session()` per test."""
    client = OfficialClient()
    require(client.start)
    yield client
    client.close()


@pytest.fixture
def session(official: OfficialClient) -> Iterator[Session]:
    """An official client that has seen no message."""
    with official.session() as session:
        yield session


@pytest.fixture(scope="session")
def sdk_validate() -> Callable[[Sequence[Any]], str | None]:
    """`validate_batch`: the official Python SDK's error text for one batch, or None."""
    require(require_sdk)
    return validate_batch


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end of the run, where it is read, that an official client was left out."""
    reasons = {
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and MARK in report.longrepr[2]
    }
    for reason in sorted(reasons):
        terminalreporter.write_sep("!", MARK, red=True, bold=True)
        terminalreporter.write_line(reason, red=True)
