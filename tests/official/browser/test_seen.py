"""All standard components stand on the screen of a real browser, as `seen.SEEN` says, limits too.

The screen is compiled by the library; only what the library never sends (an unused property, a
Card in place of a word) is looked for in the real elements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator

from uicompiler.catalog.catalog import standard_catalog

from .client import HostPage
from .forms import SURFACE, Visit
from .hands import Hands
from .seen import SEEN, Row, markdown

pytestmark = pytest.mark.official

PICTURE = "https://example.com/a.png"


def test_a_row_stands_for_each_of_the_eighteen_components() -> None:
    names = [row.component for row in SEEN]
    assert len(names) == 18
    assert set(names) == set(standard_catalog().components) == set(LOOKS)


def test_the_table_is_shown_row_by_row() -> None:
    lines = markdown().splitlines()
    assert len(lines) == 2 + len(SEEN)
    assert {line.count("|") for line in lines} == {4}


@pytest.mark.parametrize("row", SEEN, ids=lambda row: row.component)
def test_a_component_is_on_screen_as_its_row_says(page: HostPage, hands: Hands, row: Row) -> None:
    visit = Visit(page)
    LOOKS[row.component](visit, hands)
    shown = visit.page.of_kind(row.component).first
    box = shown.bounding_box()
    assert box is not None
    assert box["width"] > 0
    assert box["height"] > 0


# ---------------------------------------------------------------- single looks


def drawn(visit: Visit, kind: str) -> Locator:
    """The first component of a type."""
    return visit.page.of_kind(kind).first


def roles(visit: Visit) -> list[tuple[str, str]]:
    return [(item.role, item.text) for item in visit.page.visible(SURFACE)]


def text(visit: Visit, _hands: Hands) -> None:
    visit.view(
        {"node": "section", "title": "Head *line*", "children": [{"node": "text", "text": "a\nb"}]}
    )
    assert roles(visit) == [("h3", "Head *line*"), ("text", "a"), ("text", "b")]
    literal = {"Text": {"text": {"literalString": "*raw*"}}}
    assert visit.page.take(screen("raw", {"raw_root": literal})) == []
    assert visit.page.of_kind("Text", "raw").locator("em").inner_text() == "raw"


def screen(surface_id: str, components: dict[str, Any]) -> list[dict[str, Any]]:
    """A surface of components as the library never sends them; the first is the root."""
    listed = [{"id": ident, "component": component} for ident, component in components.items()]
    return [
        {"surfaceUpdate": {"surfaceId": surface_id, "components": listed}},
        {"beginRendering": {"surfaceId": surface_id, "root": next(iter(components))}},
    ]


def image(visit: Visit, _hands: Hands) -> None:
    visit.view({"node": "image", "url": PICTURE, "alt": "A lighthouse"})
    picture = drawn(visit, "Image").locator("img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 0
    assert picture.get_attribute("alt") == ""
    assert ("caption", "A lighthouse") in roles(visit)


def icon(visit: Visit, _hands: Hands) -> None:
    visit.view({"node": "icon", "name": "arrow_back"})
    sign = drawn(visit, "Icon").locator(".g-icon")
    assert sign.inner_text() == "arrow_back"
    # One sign is as wide as it is high; its name as a word would be several times that.
    assert sign.evaluate("sign => sign.scrollWidth") <= 30


def player(kind: str, node: str, end: str) -> Callable[[Visit, Hands], None]:
    def look(visit: Visit, _hands: Hands) -> None:
        visit.view({"node": node, "url": f"https://example.com/a.{end}", "title": "A title"})
        element = drawn(visit, kind).locator(node)
        assert element.evaluate("player => player.controls")
        element.evaluate(
            "player => player.readyState || "
            "new Promise(done => player.addEventListener('loadedmetadata', done, {once: true}))"
        )
        assert roles(visit) == [("caption", "A title"), (node, f"https://example.com/a.{end}")]

    return look


def beside(visit: Visit, _hands: Hands) -> None:
    visit.view({"node": "stack", "direction": "row", "children": words("one", "two")})
    first, second = boxes(visit)
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] < second["x"]


def words(*said: str) -> list[dict[str, Any]]:
    return [{"node": "text", "text": word} for word in said]


def boxes(visit: Visit) -> list[dict[str, float]]:
    """Where the first two Texts stand."""
    return [visit.page.of_kind("Text").nth(at).bounding_box() or {} for at in (0, 1)]  # type: ignore[misc]


def below(visit: Visit, _hands: Hands) -> None:
    visit.view({"node": "stack", "children": words("one", "two")})
    first, second = boxes(visit)
    assert first["x"] == second["x"]
    assert first["y"] + first["height"] < second["y"]


def listed(visit: Visit, hands: Hands) -> None:
    visit.view({"node": "list", "children": words("one", "two")})
    first, second = boxes(visit)
    assert first["y"] + first["height"] <= second["y"]
    visit.view({"node": "list", "direction": "row", "children": words("one", "two")})
    first, second = boxes(visit)
    assert first["y"] == second["y"]


def card(visit: Visit, _hands: Hands) -> None:
    visit.view({"node": "card", "children": words("inside")})
    frame = drawn(visit, "Card").locator("section").first
    assert frame.evaluate("frame => getComputedStyle(frame).borderTopStyle") == "solid"


def tabs(visit: Visit, hands: Hands) -> None:
    pages = [
        {"node": "tab", "title": title, "children": words(f"in {title}")} for title in ("A", "B")
    ]
    visit.view({"node": "tabs", "children": pages})
    first, second = visit.page.of_kind("Text").nth(0), visit.page.of_kind("Text").nth(1)
    assert (first.is_visible(), second.is_visible()) == (True, False)
    hands.open_tab(drawn(visit, "Tabs"), 1)
    assert (first.is_visible(), second.is_visible()) == (False, True)
    visit.view({"node": "tabs", "children": pages}, *words("more"))
    assert (first.is_visible(), second.is_visible()) == (False, True)


def divider(visit: Visit, _hands: Hands) -> None:
    visit.view({"node": "divider"})
    assert drawn(visit, "Divider").locator("hr").is_visible()


def modal(visit: Visit, hands: Hands) -> None:
    visit.view({"node": "disclosure", "title": "More", "children": words("inside")})
    entry, inside = visit.page.of_kind("Text").nth(0), visit.page.of_kind("Text").nth(1)
    assert (entry.is_visible(), inside.is_visible()) == (True, False)
    hands.open_dialog(drawn(visit, "Modal"))
    assert (entry.is_visible(), inside.is_visible()) == (False, True)
    hands.close_dialog(drawn(visit, "Modal"))
    assert (entry.is_visible(), inside.is_visible()) == (True, False)


def button(visit: Visit, _hands: Hands) -> None:
    plain = {"node": "button", "label": "Plain", "action": "submit"}
    visit.view(plain, {**plain, "label": "First", "primary": True})
    looks = [
        visit.page.of_kind("Button")
        .nth(at)
        .locator("button")
        .evaluate("button => [button.className, getComputedStyle(button).backgroundColor]")
        for at in (0, 1)
    ]
    assert looks[0] == looks[1]


def check_box(visit: Visit, _hands: Hands) -> None:
    visit.form({"id": "yes", "kind": "boolean", "label": "Yes", "required": True})
    drawn(visit, "CheckBox").get_by_label("Yes *").check()


def text_field(visit: Visit, hands: Hands) -> None:
    kinds = ("short_text", "long_text", "secret", "number")
    visit.form(*({"id": kind, "kind": kind, "label": f"The {kind}"} for kind in kinds))
    inputs = [visit.input(kind, "TextField").locator("input") for kind in kinds]
    types = [entry.get_attribute("type") for entry in inputs]
    assert types == ["text", "text", "text", "number"]
    assert {entry.get_attribute("placeholder") for entry in inputs} == {"Please enter a value"}
    visit.page.page.get_by_label("The number").fill("12.5")
    assert not inputs[3].evaluate("input => input.checkValidity()")
    visit.page.settle()
    assert visit.page.data(SURFACE)["draft"]["number"] == {"v": "12.5"}


def date_time(visit: Visit, hands: Hands) -> None:
    kinds = ("date", "time", "datetime")
    visit.form(*({"id": kind, "kind": kind, "label": kind, "min": LEAST[kind]} for kind in kinds))
    labels = [said for role, said in roles(visit) if role == "label"]
    assert labels == ["Date", "Time", "Date & Time"]
    entry = visit.input("date", "DateTimeInput").locator("input")
    assert entry.get_attribute("min") is None
    entry.fill("2026-05-06")
    visit.page.settle()
    assert entry.input_value() == "2026-05-05"
    assert visit.page.data(SURFACE)["draft"]["date"] == {"v": "2026-05-06"}


LEAST = {"date": "2026-01-01", "time": "08:00", "datetime": "2026-01-01T08:00"}


def multiple_choice(visit: Visit, hands: Hands) -> None:
    visit.form({"id": "one", "kind": "choice", "label": "One", "options": ["here", "there"]})
    element = drawn(visit, "MultipleChoice")
    options = element.locator(".option-item")
    assert element.locator(".dropdown-header").inner_text().strip() == "Select items"
    assert not options.first.is_visible()
    element.locator(".dropdown-header").click()
    options.nth(0).click()
    options.nth(1).click()
    visit.page.settle()
    assert options.first.is_visible()
    assert element.locator(".dropdown-header").inner_text().strip() == "2 Selected"


def slider(visit: Visit, _hands: Hands) -> None:
    value = {"path": "/draft/at", "value": 250}
    field = {"id": "at", "kind": "slider", "label": "At", "min": 40, "max": 400}
    visit.form(field, values=[value])
    element = drawn(visit, "Slider")
    assert element.locator("span").inner_text() == "250"
    assert element.locator("input").input_value() == "100"
    label = {"literalString": "A label"}
    raw = {"Slider": {"value": {"literalNumber": 5}, "maxValue": 9, "label": label}}
    assert visit.page.take(screen("raw", {"raw_root": raw})) == []
    assert visit.page.of_kind("Slider", "raw").locator("label").count() == 0


LOOKS: dict[str, Callable[[Visit, Hands], None]] = {
    "Text": text,
    "Image": image,
    "Icon": icon,
    "Video": player("Video", "video", "mp4"),
    "AudioPlayer": player("AudioPlayer", "audio", "mp3"),
    "Row": beside,
    "Column": below,
    "List": listed,
    "Card": card,
    "Tabs": tabs,
    "Divider": divider,
    "Modal": modal,
    "Button": button,
    "CheckBox": check_box,
    "TextField": text_field,
    "DateTimeInput": date_time,
    "MultipleChoice": multiple_choice,
    "Slider": slider,
}
