"""A Chromium for the tests of a folder; without one they skip loudly, and fail where CI=true."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.official.browser.client import find_chromium, launch
from tests.official.conftest import require


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Start a Chromium, and end it.

    Playwright keeps an event loop going meanwhile that other tests may not want: a fixture of this
    is one of a folder (`scope="package"`), not of the run.
    """
    with sync_playwright() as playwright:
        found: list[Browser] = []
        require(lambda: found.append(launch(playwright, find_chromium(), *flags)))
        yield found[0]
        found[0].close()
