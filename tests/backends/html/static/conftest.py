"""One browser for the tests of this folder, a site and a page of their own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.backends.html.static.site import Site, serve
from tests.chromium import chromium

HEIGHT = 900
Opener = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium("--disable-gpu") as found:
        yield found


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as found:
        yield found


@pytest.fixture
def opened(browser: Browser, site: Site) -> Iterator[Opener]:
    """Open a page of the site; what goes wrong on it (a script error, the policy) is an error."""
    wrong: list[str] = []
    contexts = []

    def open_(markup: str, path: str = "/c/1", **settings: object) -> Page:
        site.pages[path] = markup
        options = {"viewport": {"width": 800, "height": HEIGHT}, "reduced_motion": "reduce"}
        context = browser.new_context(**{**options, **settings})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if is_wrong(said.text) else None)
        page.goto(site.address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


def is_wrong(said: str) -> bool:
    """A page may be told of an answer that failed: that is what some tests are about."""
    return "Failed to load resource" not in said
