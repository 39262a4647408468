"""One browser for the tests of this folder, a site and a page of their own for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.backends.html.static.site import Site, serve
from tests.official.bridge import Unavailable
from tests.official.browser.client import find_chromium
from tests.official.conftest import require

HEIGHT = 900
Opener = Callable[..., Page]


# Of the folder, not of the run: Playwright keeps an event loop going that other tests may not want.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; without one these tests skip loudly, and fail where CI=true."""
    program: list[str] = []
    require(lambda: program.append(find_chromium()))
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        found: list[Browser] = []

        def launch() -> None:
            try:
                args = ["--disable-gpu", *as_root]
                found.append(playwright.chromium.launch(executable_path=program[0], args=args))
            except Error as error:
                raise Unavailable(
                    f"{program[0]} does not start: {error.message[-1500:]}"
                ) from error

        require(launch)
        yield found[0]
        found[0].close()


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
