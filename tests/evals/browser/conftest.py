"""One browser for the tests of this folder.

Without Chromium these tests are skipped, and say so; with `CI=true` they fail instead.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.chromium import chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium("--disable-gpu") as found:
        yield found
