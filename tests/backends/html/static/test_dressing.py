"""What the script adds to markup: tabs, open disclosures, sliders that tell; and without it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.backends.html.static.conftest import Opener
from tests.backends.html.static.markup import (
    button,
    details,
    page,
    replaced,
    slider,
    surface,
    tabs,
    text,
)
from tests.backends.html.static.site import Answer, Site

THREE = tabs(
    ("one", "One", text("a")), ("two", "Two", text("b")), ("three", "Three", "<p>Read</p>")
)


def wait_for_rev(tab: Page, wanted: int) -> None:
    expect(tab.locator("#ui-main")).to_have_attribute("data-rev", str(wanted))


def chosen(tab: Page) -> str:
    return tab.get_by_role("tab", selected=True).inner_text()


# --- tabs -----------------------------------------------------------------------------------------


def test_panels_become_tabs(opened: Opener) -> None:
    tab = opened(page(surface(THREE)))
    expect(tab.get_by_role("tablist", name="Tabs")).to_have_count(1)
    expect(tab.get_by_role("tab")).to_have_text(["One", "Two", "Three"])
    expect(tab.get_by_role("tabpanel", name="One")).to_be_visible()
    expect(tab.locator("[role=tabpanel]:visible")).to_have_count(1)
    tab.get_by_role("tab", name="Three").click()
    expect(tab.get_by_role("tabpanel", name="Three")).to_be_visible()
    # One stop for the list; a panel without anything to focus is a stop itself.
    tab.keyboard.press("Tab")
    expect(tab.locator("#three")).to_be_focused()
    expect(tab.locator("#three-title")).to_be_hidden()


@pytest.mark.parametrize(
    ("way", "forward", "back"), [("ltr", "Right", "Left"), ("rtl", "Left", "Right")]
)
def test_keys_walk_the_tabs_in_reading_direction(
    opened: Opener, way: str, forward: str, back: str
) -> None:
    tab = opened(page(surface(THREE, direction=way)))
    tab.get_by_role("tab", name="One").focus()
    seen = []
    for key in [
        f"Arrow{forward}",
        f"Arrow{forward}",
        f"Arrow{forward}",
        f"Arrow{back}",
        "Home",
        "End",
    ]:
        tab.keyboard.press(key)
        expect(tab.get_by_role("tab", selected=True)).to_be_focused()
        seen.append(chosen(tab))
    assert seen == ["Two", "Three", "One", "Three", "One", "Three"]
    stops = tab.get_by_role("tab").evaluate_all("all => all.map(e => e.tabIndex)")
    assert stops == [-1, -1, 0]


def test_the_chosen_tab_stays_over_a_push(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(THREE)))
    tab.get_by_role("tab", name="Two").click()
    tab.locator("#id-b").type("mine")
    wrong = tabs(("one", "One", text("a", error="No.")), ("two", "Second", text("b")))
    site.push(replaced(surface(wrong, rev=2)))
    wait_for_rev(tab, 2)
    assert chosen(tab) == "Second"
    expect(tab.locator("#id-b")).to_be_focused()
    assert tab.locator("#id-b").input_value() == "mine"
    # Its error is said, and found without the colour.
    expect(tab.get_by_role("tab", name="One (Error)")).to_have_class(re.compile("ui-invalid"))
    site.push(replaced(surface(tabs(("one", "One", text("a"))), rev=3)))
    wait_for_rev(tab, 3)
    assert chosen(tab) == "One"
    expect(tab.locator("#id-a")).to_be_visible()


def test_a_tab_in_focus_keeps_it_over_a_push(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(THREE)))
    tab.get_by_role("tab", name="Two").click()
    site.push(replaced(surface(THREE, rev=2)))
    wait_for_rev(tab, 2)
    expect(tab.get_by_role("tab", name="Two")).to_be_focused()


# --- disclosures ----------------------------------------------------------------------------------


def test_a_disclosure_stays_as_its_reader_left_it(opened: Opener, site: Site) -> None:
    def view(rev: int, *, open_: bool) -> str:
        return surface(details("more", "x"), details("terms", "y", open_=open_), rev=rev)

    tab = opened(page(view(1, open_=True)))
    tab.locator("#more summary").click()
    tab.locator("#terms summary").click()
    is_open = "all => all.map(e => e.open)"
    assert tab.locator("details").evaluate_all(is_open) == [True, False]
    site.push(replaced(view(2, open_=True)))
    wait_for_rev(tab, 2)
    assert tab.locator("details").evaluate_all(is_open) == [True, False]
    # The server wants it otherwise than before: closed, and then open, as there is an error in it.
    site.push(replaced(view(3, open_=False)), replaced(view(4, open_=True)))
    wait_for_rev(tab, 4)
    assert tab.locator("details").evaluate_all(is_open) == [True, True]


# --- other things that stay -----------------------------------------------------------------------


def test_scroll_position_stays(opened: Opener, site: Site) -> None:
    filler = "<p>x</p>" * 100
    tab = opened(page(surface(text("a"), filler, text("b"))))
    tab.locator("#id-b").focus()
    before = tab.evaluate("[scrollY, document.querySelector('#id-b').getBoundingClientRect().top]")
    assert before[0] > 0
    site.push(replaced(surface(text("a", "changed"), filler, text("b"), rev=2)))
    wait_for_rev(tab, 2)
    assert (
        tab.evaluate("[scrollY, document.querySelector('#id-b').getBoundingClientRect().top]")
        == before
    )


def test_elements_that_stay_are_the_same(opened: Opener, site: Site) -> None:
    body = '<figure class="ui-media"><video src="/v.mp4" controls></video></figure>'
    tab = opened(page(surface(text("a"), f'<div class="ui-card">{body}{text("b")}</div>')))
    tab.evaluate(
        "() => { for (const e of document.querySelectorAll('video, input')) e.mine = true; }"
    )
    site.push(replaced(surface(f'<div class="ui-card">{body}{text("b")}</div>', text("c"), rev=2)))
    wait_for_rev(tab, 2)
    found = tab.locator("video, input:not([type=hidden])").evaluate_all(
        "all => all.map(e => !!e.mine)"
    )
    assert found == [True, True, False]


def test_a_slider_tells_its_value(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(slider("size", "50"))))
    tab.locator("#id-size").press("ArrowRight")
    expect(tab.locator("output")).to_have_text("51")
    site.push(replaced(surface(slider("size", "20"), rev=2), "size"))
    wait_for_rev(tab, 2)
    expect(tab.locator("output")).to_have_text("20")


def test_a_page_that_arrives_with_errors_begins_at_them(opened: Opener) -> None:
    wrong = tabs(("one", "One", text("a")), ("two", "Two", text("b", error="No.")))
    tab = opened(page(surface(wrong, errors=[("id-b", "B: No.")])))
    expect(tab.locator(".ui-summary")).to_be_focused()
    assert chosen(tab).startswith("Two")


# --- without scripts ------------------------------------------------------------------------------


def test_without_scripts_everything_is_there_and_a_press_posts(opened: Opener, site: Site) -> None:
    body = (THREE, details("more", text("c")), text("d"), button())
    tab = opened(page(surface(*body)), java_script_enabled=False)
    for ident in ("id-a", "id-b", "id-d"):
        expect(tab.locator(f"#{ident}")).to_be_visible()
    expect(tab.locator("#two-title")).to_be_visible()
    tab.locator("#id-d").fill("Ada")
    site.answers.append(Answer(kind="text/html", body="<h1>Plain</h1>"))
    tab.locator("#save").click()
    expect(tab.locator("h1")).to_have_text("Plain")
    assert ("f.d", "Ada") in site.posts[0].fields
