"""The box for messages in Chromium: sent without a reload, answered in the page, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.host.web import example, folder
from uicompiler.errors import LLMError, diagnostic
from uicompiler.host import ModelRequest
from uicompiler.host.pages.messages import MAX_MESSAGE

from .axe import examined
from .server import Server, Site
from .tab import DESKTOP, PHONE, Tab, Tabs
from .test_axe import JUSTIFIED

HOSTILE = '<img src=x onerror="alert(1)"></p><script>alert(2)</script>'
LONG_MS = 10_000


class Waiting:
    """A model that answers when it is let to.

    Attributes:
        asked: What it was asked, in order.
        go: Set while it may answer.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()

    def __call__(self, request: ModelRequest) -> Mapping[str, Any]:
        self.asked.append(request.message)
        assert self.go.wait(LONG_MS / 1000)
        if request.message == "fail":
            raise LLMError([diagnostic("LLM_UNAUTHORIZED", "no")])
        toast = {"type": "ui.toast", "payload": {"text": "Noted."}}
        text = f"Heard: {request.message}"
        return {"assistant_text": text, "directives": [toast]}


@pytest.fixture
def model() -> Iterator[Waiting]:
    found = Waiting()
    yield found
    found.go.set()


@pytest.fixture
def site(server: Server, tmp_path: Path, model: Waiting) -> Site:
    name = f"asks-{tmp_path.name}"
    return server.site(name, example("crm"), folder=folder("crm"), model=model)


def box(tab: Tab) -> Locator:
    return tab.page.get_by_label("Your message")


def send(tab: Tab) -> Locator:
    return tab.page.get_by_role("button", name="Send", exact=True)


def said(tab: Tab) -> Locator:
    return tab.page.locator(".ui-log .ui-said")


def test_a_message_is_answered_without_a_reload_and_drafts_stay(
    tabs: Tabs, site: Site, model: Waiting
) -> None:
    tab = tabs.open(site).begin("turn", "01_show_form").settle()
    other = tabs.open(site, beside=tab).open(f"c/{tab.id}")
    tab.page.evaluate("window.same = true")
    tab.type(name="Ada, half typed")
    model.go.clear()
    box(tab).fill("Who is\nshe?")
    before = said(tab).count()
    send(tab).click()
    expect(tab.page.locator(".ui-waits")).to_have_text("The assistant is answering …")
    expect(send(tab)).to_have_attribute("aria-disabled", "true")
    send(tab).evaluate("button => button.click()")  # nothing happens
    model.go.set()
    expect(said(tab)).to_have_count(before + 2)
    assert [line.text_content() for line in said(tab).all()[before:]] == [
        "You: Who is\nshe?",
        "Heard: Who is\nshe?",
    ]
    expect(box(tab)).to_have_value("")
    expect(tab.page.locator(".ui-waits")).to_have_text("")
    expect(tab.controls("name")).to_have_value("Ada, half typed")
    expect(tab.page.locator(".ui-toasts")).to_contain_text("Noted.")
    expect(said(other).last).to_have_text("Heard: Who is she?")
    expect(said(tab).last).to_be_in_viewport()
    assert tab.page.evaluate("window.same") and model.asked == ["Who is\nshe?"]
    tab.page.reload()
    expect(said(tab)).to_have_count(before + 2)


def test_enter_sends_a_message_and_with_shift_begins_a_line(
    tabs: Tabs, site: Site, model: Waiting
) -> None:
    tab = tabs.open(site).begin().settle()
    box(tab).press_sequentially("one")
    box(tab).press("Shift+Enter")
    box(tab).press_sequentially("two")
    box(tab).press("Enter")
    expect(said(tab)).to_have_count(2)
    assert model.asked == ["one\ntwo"] and tab.focused() == "ui--message"
    box(tab).press("Enter")  # nothing is written
    box(tab).press_sequentially("three")
    box(tab).press("Enter")
    expect(said(tab)).to_have_count(4)
    assert model.asked == ["one\ntwo", "three"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_markup_in_a_message_is_a_text(
    tabs: Tabs, site: Site, model: Waiting, scripts: bool
) -> None:
    tab = tabs.open(site, scripts=scripts).open()
    for count in (2, 4):  # the first one begins the conversation
        box(tab).fill(HOSTILE)
        send(tab).click()
        expect(said(tab)).to_have_count(count)
    expect(said(tab).last).to_have_text(f"Heard: {HOSTILE}")
    assert model.asked == [HOSTILE] * 2
    assert tab.page.locator(".ui-log img, .ui-log script").count() == 0


def test_a_first_message_that_is_sent_twice_begins_one_conversation(
    tabs: Tabs, site: Site, model: Waiting
) -> None:
    tab = tabs.open(site).open()
    box(tab).fill("Hello")
    twice = "button => { button.click(); button.click(); return button.ariaDisabled; }"
    assert send(tab).evaluate(twice) == "true"
    tab.page.wait_for_url("**/c/*")
    expect(said(tab)).to_have_count(2)
    assert model.asked == ["Hello"]
    tab.page.go_back()
    expect(send(tab)).not_to_have_attribute("aria-disabled", "true")


def test_what_is_too_long_is_refused_and_what_fails_is_told(
    tabs: Tabs, site: Site, model: Waiting
) -> None:
    tab = tabs.open(site).begin().settle()
    long = "x" * (MAX_MESSAGE + 1)
    box(tab).fill(long)
    send(tab).click()
    expect(tab.page.locator(".ui-toasts")).to_contain_text("That is too large to be sent.")
    expect(box(tab)).to_have_value(long)
    assert model.asked == []
    box(tab).fill("fail")
    send(tab).click()
    expect(said(tab).last).to_contain_text("This is not available for the moment.")


def test_a_message_that_does_not_get_through_is_sent_again_and_asked_once(
    tabs: Tabs, site: Site, model: Waiting
) -> None:
    tab = tabs.open(site).begin().settle()
    lost = [True]

    def lose(route: Any) -> None:
        if lost:
            route.fetch()
            lost.clear()
            route.abort()
        else:
            route.fallback()

    tab.page.route("**/messages", lose)
    box(tab).fill("Hi")
    send(tab).click()
    tab.page.get_by_role("button", name="Send again").click()
    expect(said(tab)).to_have_count(2)
    expect(said(tab).last).to_have_text("Heard: Hi")
    expect(box(tab)).to_have_value("")
    assert model.asked == ["Hi"]


@pytest.mark.parametrize("language", ["en", "he"])
def test_axe_finds_nothing_on_pages_with_a_box(tabs: Tabs, site: Site, language: str) -> None:
    tab = tabs.open(site, language=language).open()
    for step in ("start", "conversation"):
        for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
            tab.page.set_viewport_size(size)  # type: ignore[arg-type]  # a ViewportSize
            tab.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # as above
            report = examined(tab.page)
            undecided = [item for item in report.incomplete if item.rule not in JUSTIFIED]
            assert (step, report.violations, undecided) == (step, [], [])
        if step == "start":
            tab.page.locator("#ui--message").fill("Hi")
            tab.page.locator(".ui-message button").click()
            expect(said(tab)).to_have_count(2)
