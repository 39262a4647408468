"""Chromium with the host page: started once, a page of its own for every test.

`BrowserClient` finds Chromium, bundles the page and serves both from memory: every request of a
page is answered here or refused, so that no test reaches a network. `HostPage` hands messages to
the page and says what a person sees; what a person does stands in `hands.py`.
"""

from __future__ import annotations

import mimetypes
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Locator, Page, Playwright, Route, sync_playwright

from tests.official.bridge import Shown, Unavailable

from . import media
from .bundle import build

LOS_ANGELES = "America/Los_Angeles"

ORIGIN = "http://host.localhost"
"""Where the page seems to stand; no request to it leaves the process."""

PROGRAM = "UICOMPILER_CHROMIUM"
"""The environment variable that names the browser to use."""

# The first is a browser without a window, and a third quicker here than a whole one without head.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)

_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_MEDIA = {"image": ("image/png", media.picture), "media": ("audio/wav", media.sound)}
WIDTH, HEIGHT = 800, 900
"""The window."""

_FOCUSED = """() => {
  let element = document.activeElement;
  let component = null;
  while (element) {
    if (element.component) component = element;
    element = element.shadowRoot?.activeElement;
  }
  return component?.id ?? '';
}"""


def find_chromium() -> str:
    """The path of a Chromium that is installed.

    Raises:
        Unavailable: there is none; the text says how to get one.
    """
    named = os.environ.get(PROGRAM)
    found = next(filter(None, map(shutil.which, [named] if named else NAMES)), None)
    if found is None:
        looked = f"`{named}`, which {PROGRAM} names," if named else f"None of {', '.join(NAMES)}"
        raise Unavailable(
            f"{looked} is on PATH. Install Chromium (Debian, Ubuntu: `apt-get install chromium`; "
            f"macOS: `brew install --cask chromium`), or set {PROGRAM} to the path of a Chrome or "
            "Chromium, and run the tests again."
        )
    return found


def launch(playwright: Playwright, program: str, *flags: str) -> Browser:
    """Start a Chromium.

    Raises:
        Unavailable: it does not start.
    """
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    try:
        return playwright.chromium.launch(executable_path=program, args=[*flags, *as_root])
    except Error as error:
        raise Unavailable(f"{program} does not start: {error.message[-1500:]}") from error


class BrowserClient:
    """One Chromium for a whole run."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def start(self) -> None:
        """Bundle the page and start the browser.

        Raises:
            Unavailable: Node, npm or Chromium is missing, or the browser does not start.
        """
        program = find_chromium()
        try:
            self._start(program)
        except Unavailable:
            self.close()
            raise

    def _start(self, program: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="uicompiler-page-")
        build(Path(self._folder.name))
        self._playwright = sync_playwright().start()
        self._browser = launch(self._playwright, program, *_FLAGS)

    def close(self) -> None:
        """End the browser, if it runs."""
        browser, self._browser = self._browser, None
        playwright, self._playwright = self._playwright, None
        folder, self._folder = self._folder, None
        if browser is not None:
            browser.close()
        if playwright is not None:
            playwright.stop()
        if folder is not None:
            folder.cleanup()

    @contextmanager
    def page(self, zone: str = LOS_ANGELES) -> Iterator[HostPage]:
        """A page that has seen no message, in a time zone; what went wrong on it is an error."""
        assert self._browser is not None, "start() it first"
        context = self._browser.new_context(
            timezone_id=zone,
            locale="en-US",
            viewport={"width": WIDTH, "height": HEIGHT},
            reduced_motion="reduce",
        )
        refused: list[str] = []
        context.route("**/*", lambda route: self._answer(route, refused))
        try:
            page = HostPage(context.new_page(), refused)
            yield page
            page.check()
        finally:
            context.close()

    def _answer(self, route: Route, refused: list[str]) -> None:
        request = route.request
        url = urlsplit(request.url)
        made = _MEDIA.get(request.resource_type)
        if f"{url.scheme}://{url.netloc}" == ORIGIN:
            self._file(route, url.path.lstrip("/") or "index.html")
        elif made is not None:
            route.fulfill(content_type=made[0], body=made[1]())
        else:
            refused.append(request.url)
            route.abort()

    def _file(self, route: Route, name: str) -> None:
        assert self._folder is not None
        path = Path(self._folder.name) / name
        if path.is_file():
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            route.fulfill(path=path, content_type=kind)
        else:
            route.fulfill(status=404)


class HostPage:
    """A page in the browser: messages in, the screen and the user's events out."""

    def __init__(self, page: Page, refused: list[str]) -> None:
        self.page = page
        self._refused = refused
        self._wrong: list[str] = []
        page.on("pageerror", lambda error: self._wrong.append(str(error)))
        page.on("console", lambda said: self._said(said.type, said.text, said.location["url"]))
        page.goto(f"{ORIGIN}/")
        page.evaluate("""document.fonts.load('24px "Material Symbols Outlined"')""")

    def _said(self, kind: str, text: str, url: str) -> None:
        if kind == "error" and not url.endswith("/favicon.ico"):
            self._wrong.append(text)

    def check(self) -> None:
        """Nothing was thrown on the page, no rule of it broken, and nothing else asked for."""
        assert self._wrong == [], f"on the page: {self._wrong}"
        assert self._refused == [], f"asked for: {self._refused}"

    def take(self, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        """Hand over messages, and wait until the page shows them; what was refused, and why."""
        refused: list[dict[str, str]] = self.page.evaluate(
            "messages => document.a2ui.take(messages)", list(messages)
        )
        return refused

    def settle(self) -> None:
        """Wait until the page shows what it knows."""
        self.page.evaluate("document.a2ui.settled()")

    def surfaces(self) -> list[str]:
        """Ids of the surfaces on the page, from top to bottom."""
        ids: list[str] = self.page.evaluate("document.a2ui.surfaces()")
        return ids

    def visible(self, surface_id: str) -> list[Shown]:
        """What a person sees of a surface, as `bridge.Session.visible` says it."""
        found = self.page.evaluate("id => document.a2ui.visible(id)", surface_id)
        return [Shown(*entry) for entry in found]

    def data(self, surface_id: str) -> Any:
        """A surface's data model."""
        return self.page.evaluate("id => document.a2ui.data(id)", surface_id)

    def at(self, time: str) -> None:
        """The clock of the next press."""
        self.page.evaluate("time => document.a2ui.at(time)", time)

    def heard(self) -> list[dict[str, Any]]:
        """The events that the host built since it was asked last."""
        events: list[dict[str, Any]] = self.page.evaluate("document.a2ui.heard()")
        return events

    def focused(self) -> str:
        """Id of the component that has the focus; "" for none."""
        ident: str = self.page.evaluate(_FOCUSED)
        return ident

    def find(self, component: str, surface_id: str | None = None) -> Locator:
        """The element of a component, by its full id."""
        quoted = component.replace("\\", "\\\\").replace('"', '\\"')
        return self._surface(surface_id).locator(f'[id="{quoted}"]')

    def of_kind(self, kind: str, surface_id: str | None = None) -> Locator:
        """All elements of a component type, such as `TextField`."""
        return self._surface(surface_id).locator(f"a2ui-{kind.lower()}")

    def _surface(self, surface_id: str | None) -> Locator:
        surfaces = self.page.locator("a2ui-surface")
        return surfaces if surface_id is None else surfaces.nth(self.surfaces().index(surface_id))

    def screenshot(self, path: Path) -> None:
        """A picture of the whole page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True)
