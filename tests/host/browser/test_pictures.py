"""The main screens in pictures, and what a picture would show at once: nothing sticks out.

The pictures go to UICOMPILER_SCREENSHOTS, where that is set, for a person to look at; then every
screen is shown in both directions, else they take turns.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .screens import SCREENS, Screen, site_of
from .server import Server
from .tab import DESKTOP, PHONE, Tabs

MAIN = [screen for screen in SCREENS if screen.main]
NAMED = os.environ.get("UICOMPILER_SCREENSHOTS")
LANGUAGES = ("en", "he")
SHOWN = [
    pytest.param(screen, language, id=f"{screen.name}-{language}")
    for at, screen in enumerate(MAIN)
    for language in (LANGUAGES if NAMED else (LANGUAGES[at % 2],))
]

_STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > wide) found.push(`page ${wide}`);
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('.ui-scroll, .ui-visually-hidden, .ui-skip, svg, option')) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > wide + 1 || box.left < -1))
      found.push(`${element.localName}.${element.className} ${box.left} ${box.right}`);
    if (element.matches('button, .ui-label') && element.scrollWidth > element.clientWidth + 1
        && getComputedStyle(element).display !== 'inline')
      found.push(`cut: ${element.textContent.slice(0, 40)}`);
  }
  return found.slice(0, 5);
}"""


@pytest.mark.parametrize(("screen", "language"), SHOWN)
def test_nothing_sticks_out(
    tabs: Tabs, server: Server, folder: Path, screen: Screen, language: str
) -> None:
    tab = tabs.open(site_of(server, screen.site, folder), language=language)
    screen.show(tab)
    for look, size in (("phone", PHONE), ("desktop", DESKTOP)):
        tab.page.set_viewport_size(size)
        assert tab.page.evaluate(_STICKS_OUT) == [], look
        if NAMED:
            for theme in ("light", "dark"):
                tab.page.emulate_media(color_scheme=theme)
                name = f"{screen.name.replace('/', '_')}_{language}_{look}_{theme}.png"
                tab.page.screenshot(path=Path(NAMED) / "host" / name, full_page=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_says_that_there_is_more_beside(
    tabs: Tabs, server: Server, folder: Path, language: str
) -> None:
    tab = tabs.open(site_of(server, "crm", folder), language=language, viewport=PHONE)
    tab.page.emulate_media(reduced_motion="no-preference")
    tab.begin("turn", "06_show_pipeline").press("Fetch deals")
    shade = "getComputedStyle(document.querySelector('.ui-scroll')).boxShadow"
    to_end = "() => document.querySelector('.ui-scroll').scrollBy(1000 * {}, 0)"
    begins = tab.page.evaluate(shade)
    tab.page.evaluate(to_end.format(-1 if language == "he" else 1))
    tab.page.wait_for_function(f"before => {shade} !== before", arg=begins)
    ends = tab.page.evaluate(shade)
    assert "none" not in (begins, ends)
    assert (" -" in begins.split("px")[0]) == (language == "en")
    tab.begin("turn", "12_table").settle()
    assert tab.page.evaluate(shade) == "none"
