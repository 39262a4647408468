"""axe-core on every screen: nothing wrong, in either theme, direction and width, with and without
scripts.

axe needs scripts itself: a page "without" is the server's markup, whose own script was kept away.
The screen with every node is looked at in all sixteen ways. The others
take turns: each is opened in one of four ways and looked at twice, so that either theme and either
width come up. `UICOMPILER_AXE=all` looks at every screen in all sixteen.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from .axe import Found, examined
from .screens import SCREENS, Screen, site_of
from .server import Server
from .tab import DESKTOP, PHONE, Tab, Tabs

ALL = os.environ.get("UICOMPILER_AXE") == "all"


class Way(NamedTuple):
    """How a page is opened, and what is looked at then: pairs of phone and dark."""

    language: str
    scripts: bool
    looks: tuple[tuple[bool, bool], ...]


def ways(at: int, screen: Screen) -> list[Way]:
    """Ways to look at a screen; from one to the next they take turns."""
    both = (False, True)
    if ALL or screen.all_ways:
        looks = tuple(itertools.product(both, both))
        return [Way(tag, scripts, looks) for tag in ("en", "he") for scripts in both]
    looks = ((False, True), (True, False)) if at // 4 % 2 else ((False, False), (True, True))
    return [Way(("en", "he")[at % 2], bool(at // 2 % 2), looks)]


JUSTIFIED: dict[str, str] = {
    "audio-caption": "the app's own sound; what is said in it only the app can write beside it",
    "video-caption": "the same of a film",
    "color-contrast": "a cell with a tick alone, which is no text to axe; it has the text's colour",
    "hidden-content": "a panel of tabs that is not chosen; without scripts all are looked at",
    "th-has-data-cells": "a table without rows; a line below it says that it is empty",
}
"""By rule, why what axe leaves to a person is right."""


@pytest.mark.parametrize(
    ("at", "screen"), list(enumerate(SCREENS)), ids=[screen.name for screen in SCREENS]
)
def test_axe_finds_nothing(
    tabs: Tabs, server: Server, folder: Path, at: int, screen: Screen
) -> None:
    wrong: list[tuple[object, ...]] = []
    undecided: list[Found] = []
    for way in ways(at, screen):
        tab = opened(tabs, server, folder, screen, way)
        for phone, dark in way.looks:
            tab.page.set_viewport_size(PHONE if phone else DESKTOP)
            tab.page.emulate_media(color_scheme="dark" if dark else "light")
            report = examined(tab.page)
            wrong += [(way, phone, dark, *item) for item in report.violations]
            undecided += [item for item in report.incomplete if item.rule not in JUSTIFIED]
    assert wrong == [], "\n".join(map(str, wrong))
    assert undecided == [], "\n".join(map(str, undecided))


def opened(tabs: Tabs, server: Server, folder: Path, screen: Screen, way: Way) -> Tab:
    site = site_of(server, screen.site, folder)
    tab = tabs.open(site, language=way.language)
    if not way.scripts:
        tab.page.route("**/uicompiler.js", lambda route: route.abort())
        tab.scripts = False
    return screen.show(tab)


def test_axe_can_find_something(tabs: Tabs, server: Server) -> None:
    tab = tabs.open(server.example("crm")).open()
    tab.page.evaluate("document.querySelector('h1').remove()")
    tab.page.evaluate("document.querySelector('button').textContent = ''")
    assert {item.rule for item in examined(tab.page).violations} >= {
        "button-name",
        "page-has-heading-one",
    }
