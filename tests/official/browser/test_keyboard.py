"""Without a mouse: what a person can do on the official client, tried in a real browser.

Each row of `keyboard.KEYBOARD` is tried as it says. A row that says "does not work" fails here when
it begins to, so that the table stays true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from .client import HostPage
from .forms import SURFACE, Visit
from .hands import Hands
from .keyboard import KEYBOARD, Row, markdown

pytestmark = pytest.mark.official

PLACES = ("north", "south")
TEXT = {"id": "name", "kind": "short_text", "label": "Name"}
MORE = {
    "node": "disclosure",
    "title": "More",
    "children": [{"node": "button", "label": "Inside", "action": "submit"}],
}


@pytest.mark.parametrize("row", KEYBOARD, ids=lambda row: row.key)
def test_a_row_of_the_table_is_true(page: HostPage, row: Row) -> None:
    assert TRIED[row.key](Visit(page)) is row.works


def test_every_row_is_tried_and_every_component_with_a_way_to_use_it_has_one() -> None:
    assert list(TRIED) == [row.key for row in KEYBOARD]
    said = " ".join(row.component for row in KEYBOARD)
    used = ("TextField", "CheckBox", "Slider", "Button", "Tabs", "MultipleChoice", "Modal")
    assert [
        name for name in (*used, "DateTimeInput", "Video", "AudioPlayer") if name not in said
    ] == []


def test_the_table_is_shown_row_by_row() -> None:
    lines = markdown().splitlines()
    assert len(lines) == 2 + len(KEYBOARD)
    assert {line.count("|") for line in lines} == {5}


# ---------------------------------------------------------------- hands without a mouse


def press(page: HostPage, keys: Iterable[str]) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.page.keyboard.press(key)
    page.settle()


def stops(page: HostPage, most: int = 30) -> list[str]:
    """Where Tab stops from the page's beginning, by component, until it leaves the page."""
    found: list[str] = []
    for _ in range(most):
        press(page, ["Tab"])
        at = page.focused()
        if at == "" and found:
            break
        if at and at not in found:  # some have several parts
            found.append(at)
    return found


def tab_to(page: HostPage, component: str) -> bool:
    """Go to a component by Tab alone; whether it is ever reached."""
    for _ in range(40):
        if page.focused() == component:
            return True
        press(page, ["Tab"])
    return False


def only(visit: Visit, kind: str) -> str:
    """Id of the only component of a type."""
    return visit.page.of_kind(kind).get_attribute("id") or ""


# ---------------------------------------------------------------- the rows


def order(visit: Visit) -> bool:
    kinds = ("short_text", "number", "boolean", "date", "time", "datetime", "email")
    fields = [{"id": kind, "kind": kind, "label": kind} for kind in kinds]
    visit.form(*fields, {"id": "slide", "kind": "slider", "label": "S", "min": 0, "max": 9})
    shown = [item.id for item in visit.page.visible(SURFACE) if item.role in ("value", "button")]
    assert len(shown) == len(kinds) + 2
    return stops(visit.page, 60) == shown


def type_text(visit: Visit) -> bool:
    visit.form(TEXT)
    assert tab_to(visit.page, only(visit, "TextField"))
    visit.page.page.keyboard.type("Ada")
    press(visit.page, ["Enter"])
    return visit.page.heard() == [] and held(visit, "name") == "Ada"


def held(visit: Visit, name: str) -> Any:
    """What the client has for a field."""
    return visit.page.data(SURFACE)["draft"][name]["v"]


def tick(visit: Visit) -> bool:
    visit.form({"id": "yes", "kind": "boolean", "label": "Yes"})
    assert tab_to(visit.page, only(visit, "CheckBox"))
    press(visit.page, ["Space"])
    return held(visit, "yes") is True


def slide(visit: Visit) -> bool:
    visit.form({"id": "at", "kind": "slider", "label": "At", "min": 0, "max": 9})
    assert tab_to(visit.page, only(visit, "Slider"))
    press(visit.page, ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"])
    return held(visit, "at") == "2"


def press_by(key: str) -> Callable[[Visit], bool]:
    def tried(visit: Visit) -> bool:
        visit.form(TEXT)
        assert tab_to(visit.page, only(visit, "Button"))
        press(visit.page, [key])
        return visit.action().name == "submit"

    return tried


def tabs(visit: Visit) -> bool:
    pages = [
        {"node": "tab", "title": title, "children": [{"node": "text", "text": f"in {title}"}]}
        for title in ("One", "Two")
    ]
    visit.view({"node": "tabs", "children": pages})
    second = visit.page.of_kind("Text").nth(1)
    assert not second.is_visible()
    assert tab_to(visit.page, only(visit, "Tabs"))
    press(visit.page, ["Enter"])
    return second.is_visible()


def choose(visit: Visit) -> bool:
    visit.form(TEXT, {"id": "where", "kind": "choice", "label": "Where", "options": PLACES})
    return tab_to(visit.page, only(visit, "MultipleChoice"))


def open_dialog(visit: Visit) -> bool:
    visit.view(MORE, {"node": "button", "label": "Outside", "action": "submit"})
    return any("Modal" in stop or "entry" in stop for stop in stops(visit.page))


def open_by_button(visit: Visit) -> bool:
    assert visit.page.take(dialog_with_a_button()) == []
    assert tab_to(visit.page, "entry_button")
    press(visit.page, ["Enter"])
    visit.page.page.locator("dialog[open]").wait_for()
    return [event["userAction"]["name"] for event in visit.page.heard()] == ["opened"]


def dialog_with_a_button() -> list[dict[str, Any]]:
    """A Modal as the library never sends it: its entry is a Button."""
    action = {"name": "opened", "context": []}
    components = {
        "the_root": {"Column": {"children": {"explicitList": ["the_modal"]}}},
        "the_modal": {"Modal": {"entryPointChild": "entry_button", "contentChild": "the_text"}},
        "entry_button": {"Button": {"child": "the_label", "action": action}},
        "the_label": {"Text": {"text": {"literalString": "Open"}}},
        "the_text": {"Text": {"text": {"literalString": "Inside"}}},
    }
    listed = [{"id": ident, "component": component} for ident, component in components.items()]
    return [
        {"surfaceUpdate": {"surfaceId": SURFACE, "components": listed}},
        {"beginRendering": {"surfaceId": SURFACE, "root": "the_root"}},
    ]


def opened(visit: Visit) -> Hands:
    """A dialog that somebody opened by mouse."""
    visit.view(MORE)
    hands = Hands(visit.page)
    hands.open_dialog(visit.page.of_kind("Modal"))
    return hands


def in_dialog(visit: Visit) -> bool:
    opened(visit)
    modal = only(visit, "Modal")
    assert tab_to(visit.page, only(visit, "Button"))
    assert tab_to(visit.page, modal)
    press(visit.page, ["Enter"])
    return visit.page.page.locator("dialog[open]").count() == 0 and entry_shows(visit)


def entry_shows(visit: Visit) -> bool:
    """Whether what opens the dialog is in sight."""
    return visit.page.of_kind("Modal").locator("xpath=./*[@slot='entry']").is_visible()


def escape(visit: Visit) -> bool:
    opened(visit)
    press(visit.page, ["Escape"])
    assert visit.page.page.locator("dialog[open]").count() == 0
    visit.view(MORE)  # the same view again does not help
    return entry_shows(visit)


def date_typed(visit: Visit) -> bool:
    visit.form({"id": "day", "kind": "date", "label": "Day"})
    assert tab_to(visit.page, only(visit, "DateTimeInput"))
    visit.page.page.keyboard.type("08012026")
    visit.page.settle()
    assert held(visit, "day") in ("2026-08-01", "0002-08-01")
    return held(visit, "day") == "2026-08-01"


def date_picked(visit: Visit) -> bool:
    visit.form({"id": "day", "kind": "date", "label": "Day"})
    element = visit.page.of_kind("DateTimeInput")
    assert tab_to(visit.page, only(visit, "DateTimeInput"))
    Hands(visit.page).pick(element, "2026-08-01")
    return held(visit, "day") == "2026-08-01"


def time_typed(visit: Visit) -> bool:
    visit.form({"id": "time", "kind": "time", "label": "Time"})
    assert tab_to(visit.page, only(visit, "DateTimeInput"))
    visit.page.page.keyboard.type("0930PM")
    visit.page.settle()
    return held(visit, "time") == "21:30"


def time_replaced(visit: Visit) -> bool:
    value = {"path": "/draft/time", "value": "10:15"}
    visit.form({"id": "time", "kind": "time", "label": "Time"}, values=[value])
    assert tab_to(visit.page, only(visit, "DateTimeInput"))
    visit.page.page.keyboard.type("1145PM")
    visit.page.settle()
    assert held(visit, "time") in ("23:45", "14:05")
    return held(visit, "time") == "23:45"


def players(visit: Visit) -> bool:
    visit.view(
        {"node": "video", "url": "https://example.com/a.mp4"},
        {"node": "audio", "url": "https://example.com/a.mp3"},
    )
    return stops(visit.page) == [only(visit, "Video"), only(visit, "AudioPlayer")]


TRIED: dict[str, Callable[[Visit], bool]] = {
    "order": order,
    "type": type_text,
    "tick": tick,
    "slide": slide,
    "press_enter": press_by("Enter"),
    "press_space": press_by("Space"),
    "tabs": tabs,
    "choose": choose,
    "open_dialog": open_dialog,
    "open_by_button": open_by_button,
    "in_dialog": in_dialog,
    "escape": escape,
    "date_typed": date_typed,
    "date_picked": date_picked,
    "time_typed": time_typed,
    "time_replaced": time_replaced,
    "players": players,
}
