"""The playground in a browser: axe finds nothing on any view, with and without scripts."""

from __future__ import annotations

import pytest

from tests.host.playground.conftest import simulate
from tests.host.web import folder
from uicompiler import UIApp
from uicompiler.host.playground.pages import VIEWS

from .axe import examined
from .server import Server, Site
from .tab import DESKTOP, PHONE, Tabs


@pytest.fixture
def site(server: Server) -> Site:
    """The example CRM with a playground."""

    def made() -> UIApp:
        return UIApp.load(folder("crm"))

    return server.kept(
        "crm-playground", made, folder=folder("crm"), playground=True, simulate=simulate
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_view(tabs: Tabs, site: Site, theme: str, size: object) -> None:
    tab = tabs.open(site, color_scheme=theme, viewport=size).begin("turn", "01_show_form")
    at = tab.page.url
    for view in VIEWS:
        tab.page.goto(f"{at}/playground?show={view}&other=1")
        found = examined(tab.page)
        assert (found.violations, found.incomplete) == ([], [])
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert tab.page.evaluate(wide) <= 0


def test_time_is_travelled_without_scripts(tabs: Tabs, site: Site) -> None:
    tab = tabs.open(site, scripts=False).begin("turn", "01_show_form")
    tab.page.goto(f"{tab.page.url}/playground")
    tab.page.get_by_role("link", name="State").click()
    assert "Ada Lovelace" in tab.page.locator("main").inner_text()
    tab.page.get_by_role("slider").press("Home")
    tab.page.get_by_role("button", name="Go there").click()
    assert "There is no surface." in tab.page.locator("main").inner_text()
    tab.page.get_by_role("link", name="Newest").click()
    assert "Ada Lovelace" in tab.page.locator("main").inner_text()
