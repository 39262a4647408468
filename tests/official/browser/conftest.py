"""One browser for the tests of this folder, a page of its own for each."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.official.conftest import require

from .client import BrowserClient, HostPage
from .hands import Hands

pytest.register_assert_rewrite("tests.official.browser.play")


# Of the folder, not of the run: Playwright keeps an event loop going that other tests may not want.
@pytest.fixture(scope="package")
def browser() -> Iterator[BrowserClient]:
    """Chromium with the host page."""
    client = BrowserClient()
    require(client.start)
    yield client
    client.close()


@pytest.fixture
def open_page(browser: BrowserClient) -> Iterator[Callable[..., HostPage]]:
    """Open a page in a time zone; Los Angeles, which is west of UTC, unless another is named."""
    with ExitStack() as pages:
        yield lambda *zone: pages.enter_context(browser.page(*zone))


@pytest.fixture
def page(open_page: Callable[..., HostPage]) -> HostPage:
    """A page in Los Angeles."""
    return open_page()


@pytest.fixture
def hands(page: HostPage) -> Hands:
    """A person's hands on that page."""
    return Hands(page)


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go: never into the repository."""
    named = os.environ.get("UICOMPILER_SCREENSHOTS")
    return Path(named) if named else Path(tempfile.gettempdir()) / "uicompiler-screenshots"
