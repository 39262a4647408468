"""The screens that are looked at: by axe, by the Content-Security-Policy, and in pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.examples import TURNS, name_of

from . import apps
from .server import Server, Site
from .tab import Tab

Step = Callable[[Tab], Any]


@dataclass(frozen=True)
class Screen:
    """A screen, and how one gets there.

    Attributes:
        name: Such as `crm/01_show_form`.
        site: The app, by the name of its site.
        turn: The example turn that shows it, or "" for the start page.
        steps: What is done then.
        main: Whether it is one of the screens of which pictures are made.
        all_ways: Whether it is looked at in every way there is, and not only in some.
    """

    name: str
    site: str
    turn: str = ""
    steps: tuple[Step, ...] = ()
    main: bool = False
    all_ways: bool = False

    def show(self, tab: Tab) -> Tab:
        """Go there."""
        if not self.turn:
            return tab.open()
        tab.begin("turn", self.turn).settle()
        for step in self.steps:
            step(tab)
        return tab


def press(label: str, **values: str) -> Step:
    """Type, and press the button with a label."""
    return lambda tab: tab.type(**values).press(label)


def following(**values: str) -> Step:
    """Type, and press the main button, whose label is the library's own."""
    return lambda tab: tab.type(**values).press(tab.frame().locator("button.ui-primary"))


def unknown(tab: Tab) -> None:
    tab.page.goto(f"{tab.site.url}c/nobody")


def pick(name: str) -> Step:
    return lambda tab: tab.pick("turn", name)


def blocked(tab: Tab) -> None:
    """The line breaks, and the page says so."""
    tab.page.route(
        "**/c/*",
        lambda route: route.abort() if route.request.method == "POST" else route.fallback(),
    )
    button = tab.frame().locator("button[name=_press]:not(.ui-visually-hidden)").last
    button.click()
    tab.page.locator(".ui-failed").wait_for()


STAY = {"arrival": "2026-03-02", "departure": "2026-03-05"}

_MAIN = {
    "crm/01_show_form",
    "crm/05_show_contact",
    "crm/08_confirm",
    "crm/10_result",
    "crm/11_error",
    "crm/12_table",
    "crm/13_contact_with_rows",
    "booking/01_show_wizard",
    "booking/03_compare_rooms",
    "booking/07_getting_there",
    "character_card/03_card",
    "character_card/04_view",
    "character_card/05_lore_and_toast",
}


def _turns() -> Iterator[Screen]:
    for path in TURNS:
        name = name_of(path)
        yield Screen(name, name.partition("/")[0], path.stem, main=name in _MAIN)


_FIRST = "01_show_form"
SCREENS: tuple[Screen, ...] = (
    *_turns(),
    Screen("crm/start", "crm", main=True),
    Screen("crm/errors", "crm", _FIRST, (press("Save", name="", email="ada"),), main=True),
    Screen("crm/deals", "crm", "06_show_pipeline", (press("Fetch deals"),), main=True),
    Screen("crm/two_surfaces", "crm", _FIRST, (pick("04_inline_form"),)),
    Screen("crm/nobody", "crm", _FIRST, (unknown,)),
    Screen(
        "booking/guests",
        "booking",
        "01_show_wizard",
        (following(**STAY), press("Add a guest")),
        main=True,
    ),
    Screen(
        "booking/errors",
        "booking",
        "01_show_wizard",
        (following(arrival="2026-03-02", departure="2026-03-01"),),
    ),
    Screen("character_card/no_file", "character_card", "01_upload", (press("Read the card"),)),
    Screen("nodes/every_example", "nodes", "every", all_ways=True, main=True),
    Screen("fields/every_kind", "fields", "form", main=True),
    Screen(
        "fields/errors",
        "fields",
        "form",
        (press("Add a guest"), press("Save")),
        main=True,
    ),
)


def site_of(server: Server, name: str, folder: Path) -> Site:
    """The site of a screen."""
    if name == "nodes":
        return server.kept(
            name, apps.views, folder=apps.written(folder / name, every=[every_node()])
        )
    if name == "fields":
        return server.kept(name, apps.forms, folder=apps.written(folder / name, form=[apps.FORM]))
    return server.example(name)


def every_node() -> apps.Tree:
    """A view with the example of every kind of node, each under a heading of its own."""
    found = []
    for example in apps.node_examples():
        inner = {"node": "tabs", "children": [example]} if example["node"] == "tab" else example
        found.append({"node": "section", "title": example["node"], "level": 2, "children": [inner]})
    return apps.shown(*found)
