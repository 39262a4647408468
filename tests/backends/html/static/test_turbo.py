"""Turbo's own renders keep drafts too. Its events are played as Turbo 8 sends them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.backends.html.static.conftest import Opener
from tests.backends.html.static.markup import button, page, surface, text
from tests.backends.html.static.site import Site

STREAM = """async ([action, html, written]) => {
  const stream = document.createElement("turbo-stream");
  if (written) stream.dataset.written = written;
  stream.setAttribute("action", action);
  stream.setAttribute("target", "ui-main");
  const template = document.createElement("template");
  template.innerHTML = html;
  stream.append(template);
  document.documentElement.append(stream);
  const detail = {
    newStream: stream,
    render: async () => {
      window.rendered = (window.rendered ?? 0) + 1;
      if (action === "remove") document.getElementById("ui-main").remove();
    },
  };
  const event = new CustomEvent("turbo:before-stream-render", { bubbles: true, detail });
  stream.dispatchEvent(event);
  await event.detail.render(stream);
  stream.remove();
}"""

FRAME = """async (html) => {
  const frame = document.getElementById("ui-main");
  frame.setAttribute("busy", "");
  const newFrame = new DOMParser().parseFromString(html, "text/html").querySelector("turbo-frame");
  const render = () => { throw new Error("Turbo would render"); };
  const detail = { newFrame, render };
  frame.dispatchEvent(new CustomEvent("turbo:before-frame-render", { bubbles: true, detail }));
  await detail.render(frame, newFrame);
}"""


def edited(opened: Opener) -> Page:
    tab = opened(page(surface(text("name"), text("mail"), button())))
    tab.locator("#id-mail").fill("mine@example.com")
    tab.locator("#id-name").type("mine")
    return tab


def markup(**more: Any) -> str:
    fields = (text("new"), text("name", "theirs"), text("mail", "theirs"), button())
    return surface(*fields, rev=2, **more)


def held(tab: Page) -> list[str]:
    return list(tab.locator(".ui-input").evaluate_all("all => all.map(e => e.value)"))


def test_a_stream_keeps_drafts_and_focus(opened: Opener) -> None:
    tab = edited(opened)
    tab.evaluate(STREAM, ["replace", markup()])
    assert held(tab) == ["", "mine", "mine@example.com"]
    expect(tab.locator("#id-name")).to_be_focused()
    assert tab.evaluate("window.rendered") is None


def test_a_stream_may_say_what_was_written(opened: Opener) -> None:
    tab = edited(opened)
    tab.evaluate(STREAM, ["replace", markup(), '["mail"]'])
    assert held(tab) == ["", "mine", "theirs"]


def test_other_streams_are_left_to_turbo(opened: Opener) -> None:
    tab = edited(opened)
    tab.evaluate(STREAM, ["before", markup()])
    assert tab.evaluate("window.rendered") == 1
    tab.evaluate(STREAM, ["remove", ""])
    expect(tab.locator("#ui-main")).to_have_count(0)


def test_a_frame_may_say_what_was_written(opened: Opener) -> None:
    tab = edited(opened)
    tab.evaluate(FRAME, markup().replace("<turbo-frame", "<turbo-frame data-written='[\"mail\"]'"))
    assert held(tab) == ["", "mine", "theirs"]


def test_a_frame_keeps_drafts_and_turbos_attributes(opened: Opener) -> None:
    tab = edited(opened)
    tab.evaluate(FRAME, markup())
    assert held(tab) == ["", "mine", "mine@example.com"]
    expect(tab.locator("#id-name")).to_be_focused()
    expect(tab.locator("#ui-main")).to_have_attribute("busy", "")


def test_a_visit_by_turbo_dresses_and_restores_what_is_new(opened: Opener, site: Site) -> None:
    tab = edited(opened)
    tab.wait_for_timeout(300)
    tab.evaluate(
        "html => { document.querySelector('.ui-surfaces').innerHTML = html;"
        "document.dispatchEvent(new CustomEvent('turbo:load', { bubbles: true })); }",
        surface(text("name"), text("mail"), button()),
    )
    assert held(tab) == ["mine", "mine@example.com"]
