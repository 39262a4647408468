"""A tab that is watched: what goes wrong on it is kept, and is a failure when the tab is closed.

Kept are script errors, what the console complains of, breaches of the Content-Security-Policy,
dialogs, requests to anywhere but the host, and navigations nobody asked for. Nothing of it ever
leaves this machine: a foreign picture or film is answered from here, all else is cut off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.host.web import RING
from tests.official.browser import media
from uicompiler.host.guard.csrf import COOKIE, csrf_token

from .server import Site

TIMEOUT_MS = 10_000
DESKTOP = {"width": 1000, "height": 900}
PHONE = {"width": 390, "height": 844}
SEEN = Path(__file__).with_name("seen.js").read_text("utf-8")

expect.set_options(timeout=TIMEOUT_MS)

_LISTEN = """
window.__breaches = [];
document.addEventListener('securitypolicyviolation', event => window.__breaches.push(
  `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
_MEDIA = {"image": ("image/png", media.picture), "media": ("audio/wav", media.sound)}


@dataclass
class Tab:
    """One page of a browser.

    Attributes:
        page: The page.
        site: The app it is on.
        scripts: Whether scripts run on it.
        language: What its reader reads.
        wrong: What went wrong.
        fetched: Foreign pictures and films that were asked for.
    """

    page: Page
    site: Site
    scripts: bool = True
    language: str = "en"
    wrong: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    # --- going around -----------------------------------------------------------------------------

    def open(self, path: str = "") -> Tab:
        self.page.goto(self.site.url + path)
        return self

    def begin(self, kind: str = "", name: str = "") -> Tab:
        """Begin a conversation, with a button of the start page."""
        self.open()
        wanted = f'button[name="{kind}"][value="{name}"]' if kind else "> button"
        self.page.locator(f".ui-begin {wanted}").click()
        self.page.wait_for_url("**/c/*")
        return self

    @property
    def id(self) -> str:
        """The conversation."""
        return urlsplit(self.page.url).path.split("/")[3]

    @property
    def state(self) -> Any:
        return self.site.kept(self.id).state

    def draft(self, surface: str = "main") -> Any:
        return self.state.surfaces[surface].data["draft"]

    def committed(self, surface: str = "main") -> Any:
        return self.state.surfaces[surface].data["committed"]

    # --- finding ----------------------------------------------------------------------------------

    def frame(self, surface: str = "main") -> Locator:
        return self.page.locator(f"#ui-{surface}")

    def controls(self, field: str, surface: str = "main") -> Locator:
        """The controls of a field; hidden ones are not a person's."""
        return self.frame(surface).locator(f'[name="f.{field}"]:not([type=hidden])')

    def button(self, label: str, surface: str = "main") -> Locator:
        return self.frame(surface).get_by_role("button", name=label, exact=True)

    def error(self, field: str, surface: str = "main") -> Locator:
        return self.frame(surface).locator(f'[data-field="{field}"] .ui-error')

    # --- doing ------------------------------------------------------------------------------------

    def type(self, surface: str = "main", /, **values: str) -> Tab:
        for name, value in values.items():
            self.controls(name.replace("__", "/"), surface).fill(value)
        return self

    def reveal(self, element: Locator) -> None:
        """Bring to the front the page of tabs that something is on."""
        panel = element.locator("xpath=ancestor::*[@role='tabpanel']")
        if panel.count() and not panel.first.is_visible():
            name = panel.first.get_attribute("id")
            self.page.locator(f'[role=tab][aria-controls="{name}"]').click()

    def press(self, button: Locator | str, surface: str = "main") -> Tab:
        """Press a button, and wait until the page shows what came of it."""
        found = self.button(button, surface) if isinstance(button, str) else button
        if self.scripts:
            self.reveal(found)
        if not self.scripts:
            found.click()  # a navigation, which a click waits for
            self.page.wait_for_load_state()
            return self
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            found.click()
        return self.settle()

    def settle(self) -> Tab:
        """Wait until the page shows what the host has, and nothing is on its way."""
        if not self.scripts:
            return self
        now = [
            {"id": f"ui-{s.name}", "rev": str(s.rev), "surface": wire(s.name, s.epoch)}
            for s in self.state.live_surfaces()
        ]
        self.page.wait_for_function(_SETTLED, arg=now, timeout=TIMEOUT_MS)
        return self

    def pick(self, kind: str, name: str) -> Tab:
        """Press a button that runs an example's turn."""
        return self.press(self.page.locator(f'.ui-turns button[name="{kind}"][value="{name}"]'))

    def enter(self) -> Tab:
        """Come to a conversation that nobody has seen yet."""
        name, token = self.site.fresh()
        parts = urlsplit(f"{self.site.url}c/{name}")
        cookie = {"name": COOKIE, "value": token, "domain": parts.hostname, "path": parts.path}
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]  # a SetCookieParam
        self.page.goto(parts.geturl())
        return self

    def post(self, event: Mapping[str, Any] | bytes) -> int:
        """Send an event as a script of an app does; the status."""
        kept = self.site.kept(self.id)
        token = csrf_token(RING, kept.id, kept.token_hash)
        path = urlsplit(self.page.url).path
        answer = self.page.context.request.post(
            f"{self.origin}{path}/events",
            data=event if isinstance(event, bytes) else json.dumps(event),
            headers={"Content-Type": "application/json", "X-CSRF-Token": token},
        )
        return answer.status

    @property
    def origin(self) -> str:
        parts = urlsplit(self.site.url)
        return f"{parts.scheme}://{parts.netloc}"

    # --- looking ----------------------------------------------------------------------------------

    def seen(self, surface: str = "main") -> list[list[Any]]:
        """What a person finds on a surface of the page."""
        found: list[list[Any]] = self.page.evaluate(
            f"name => ({SEEN})(document.getElementById('ui-' + name))", surface
        )
        return found

    def looked_at(self, markup: Mapping[str, str]) -> tuple[Any, Any, list[str]]:
        """What a person finds, in one look.

        Args:
            markup: Of surfaces, by id on the wire.

        Returns:
            What is on the surfaces of the page by name, what is in the markup, and what was said.
        """
        found: Any = self.page.evaluate(_LOOK, dict(markup))
        return found["shown"], found["expected"], found["said"]

    def focused(self) -> str:
        """Id of the element that has the focus; its tag where it has no id."""
        found: str = self.page.evaluate(
            "document.activeElement.id || document.activeElement.tagName.toLowerCase()"
        )
        return found

    def breaches(self) -> list[str]:
        """Breaches of the Content-Security-Policy on this page."""
        found: list[str] = self.page.evaluate("window.__breaches ?? []")
        return found

    def check(self) -> None:
        """Nothing went wrong."""
        found = [*self.wrong, *self.breaches()]
        assert found == [], found


_LOOK = f"""markup => {{
  const seen = {SEEN.strip()};
  const shown = {{}}, expected = {{}};
  for (const frame of document.querySelectorAll('turbo-frame'))
    shown[frame.id.slice(3)] = seen(frame);
  for (const [name, text] of Object.entries(markup)) {{
    const made = new DOMParser().parseFromString(text, 'text/html');
    expected[name] = seen(made.querySelector('turbo-frame'));
  }}
  const said = [...document.querySelectorAll('.ui-log .ui-said')].map(line => line.textContent);
  return {{shown, expected, said}};
}}"""

_SETTLED = """surfaces => {
  const frames = [...document.querySelectorAll('turbo-frame')];
  return document.querySelector('[aria-disabled=true]') === null
    && frames.length === surfaces.length
    && surfaces.every(({id, rev, surface}) => {
      const frame = document.getElementById(id);
      return frame && frame.dataset.rev === rev && frame.dataset.surface === surface;
    });
}"""


def wire(name: str, epoch: int) -> str:
    return name if epoch == 1 else f"{name}#e={epoch}"


def _is_complaint(kind: str, text: str) -> bool:
    """An answer that is no success is told in the console too; that is what some tests ask for."""
    return kind in ("error", "warning") and "Failed to load resource" not in text


class Tabs:
    """Opens tabs and watches them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._tabs: list[Tab] = []

    def context(self, *, scripts: bool = True, language: str = "en", **more: Any) -> BrowserContext:
        """A window of its own, with cookies of its own."""
        settings = {
            "viewport": DESKTOP,
            "reduced_motion": "reduce",
            "locale": {"en": "en-US"}.get(language, language),
            "timezone_id": "UTC",
            "java_script_enabled": scripts,
            **more,
        }
        context = self._browser.new_context(**settings)
        context.set_default_timeout(TIMEOUT_MS)
        self._contexts.append(context)
        return context

    def open(
        self,
        site: Site,
        *,
        scripts: bool = True,
        language: str = "en",
        beside: Tab | None = None,
        **more: Any,
    ) -> Tab:
        """A tab; in the window of another one, with its cookies, when that is named."""
        context = (
            self.context(scripts=scripts, language=language, **more)
            if beside is None
            else beside.page.context
        )
        tab = Tab(context.new_page(), site, scripts, language)
        tab.page.add_init_script(_LISTEN)
        elsewhere = re.compile(f"^(?!{re.escape(tab.origin)}/|data:|blob:)")
        tab.page.route(elsewhere, lambda route: _answer(tab, route))
        tab.page.on("pageerror", lambda error: tab.wrong.append(f"error: {error}"))
        tab.page.on("console", lambda said: _heard(tab, said.type, said.text))
        tab.page.on("dialog", lambda dialog: _closed(tab, dialog))
        tab.page.on("popup", lambda page: tab.wrong.append(f"popup: {page.url}"))
        tab.page.on("download", lambda item: tab.wrong.append(f"download: {item.url}"))
        self._tabs.append(tab)
        return tab

    def close(self) -> list[str]:
        """Close all; what went wrong on any."""
        found: list[str] = []
        for tab in self._tabs:
            found += tab.wrong
            if not tab.page.is_closed():
                found += tab.breaches()
        for context in self._contexts:
            context.close()
        self._contexts.clear()
        self._tabs.clear()
        return found


def _heard(tab: Tab, kind: str, text: str) -> None:
    if _is_complaint(kind, text):
        tab.wrong.append(f"console: {text}")


def _closed(tab: Tab, dialog: Any) -> None:
    if dialog.type != "beforeunload":
        tab.wrong.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def _answer(tab: Tab, route: Route) -> None:
    request = route.request
    if request.resource_type in _MEDIA:
        tab.fetched.append(request.url)
        kind, body = _MEDIA[request.resource_type]
        route.fulfill(content_type=kind, body=body())
    else:
        tab.wrong.append(f"asked for: {request.url}")
        route.abort()


@contextmanager
def unwatched(tabs: Sequence[Tab], expected: Callable[[str], bool]) -> Iterator[None]:
    """What goes wrong inside is expected, where `expected` says so of its text."""
    yield
    for tab in tabs:
        tab.wrong[:] = [text for text in tab.wrong if not expected(text)]
