"""The report in a real browser: nothing is refused by its own policy, and axe finds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.evals.samples import run, trial
from tests.host.browser.axe import examined
from uicompiler.evals.report import build
from uicompiler.evals.report_html import to_html


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every part of a report."""
    trials = [
        trial(
            scenario,
            provider=provider,
            strategy=strategy,
            usable=strategy != "raw" or scenario == "crm.a",
            codes=["DIRECTIVE_NOT_JSON"],
        )
        for provider in ("sim/frontier", "openai/a-model-with-a-name-that-is-long")
        for strategy in ("raw", "baseline", "production")
        for scenario in ("crm.a", "crm.b", "booking.c")
    ]
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html(build(run(trials, each=2), trials)), "utf-8")
    return path


def _opened(browser: Browser, report: Path, scheme: Literal["light", "dark"], width: int) -> Page:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: told.append(request.url))
    page.goto(report.as_uri())
    assert told == [report.as_uri()], "it asks for nothing else, and nothing is refused"
    return page


@pytest.mark.parametrize(("scheme", "width"), [("light", 380), ("dark", 1200)])
def test_axe_finds_nothing(
    browser: Browser, report: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    page = _opened(browser, report, scheme, width)
    page.locator("summary").first.click()
    found = examined(page)
    assert found.violations == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_style_sheet_is_in_force_in_either_theme(browser: Browser, report: Path) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page = _opened(browser, report, scheme, 900)
        colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        colours.add(page.evaluate("getComputedStyle(document.querySelector('.series-2')).fill"))
        page.close()
    assert len(colours) == 4
