"""`examples/web_client` as users build it, in a browser: what a person does with it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, Request

from tests.examples import ROOT
from tests.official.bridge import Unavailable, ensure_node_modules

FOLDER = ROOT / "examples/web_client"
TIMEOUT_MS = 10_000

_PLAIN = """function plain(value) {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plain);
  const items = typeof value.entries === 'function' ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(items.map(([key, item]) => [key, plain(item)]));
}"""

_DATA = f"""id => {{
  {_PLAIN}
  const surface = [...document.querySelectorAll('a2ui-surface')].find(it => it.surfaceId === id);
  return plain(surface?.processor.getSurfaces().get(id)?.dataModel);
}}"""

_IDLE = """() => document.documentElement.dataset.connection === 'open'
  && document.documentElement.dataset.seq !== undefined
  && document.getElementById('working').hidden
  && document.querySelector('[aria-busy=true]') === null"""

_DRAWN = """async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise(done => setTimeout(done));
    const surfaces = [...document.querySelectorAll('a2ui-surface')];
    const inside = surfaces.flatMap(it => [it, ...(it.shadowRoot?.querySelectorAll('*') ?? [])]);
    await Promise.all(inside.map(element => element.updateComplete));
  }
  await new Promise(done => requestAnimationFrame(done));
}"""


def build(target: Path) -> None:
    """Install the client's packages as its README says, and build it into a folder.

    Raises:
        Unavailable: Node, npm or the packages are missing, or the build failed.
    """
    ensure_node_modules(FOLDER)
    run("build", str(target))


def run(script: str, *args: str) -> str:
    """Run one of the client's scripts; what it wrote.

    Raises:
        Unavailable: it failed.
    """
    npm = shutil.which("npm") or "npm"
    done = subprocess.run(
        [npm, "run", "--silent", script, "--", *args],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise Unavailable(f"`npm run {script}` failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


class ClientPage:
    """The page in a browser: what a person does and sees.

    Attributes:
        page: The page.
        sent: The posts it sent, in order: path, body, idempotency key.
        resumed: `Last-Event-ID` of every stream it opened; None for none.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(TIMEOUT_MS)
        self.sent: list[tuple[str, Any, str]] = []
        self.resumed: list[str | None] = []
        self._wrong: list[str] = []
        self._allowed: list[Callable[[str], bool]] = []
        self.page.on("pageerror", lambda error: self._wrong.append(str(error)))
        self.page.on("console", lambda said: self._said(said.type, said.text))
        self.page.on("request", self._asked)
        self.page.goto(f"{address}a2ui/")
        self.settle()

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self._wrong.append(text)

    def _asked(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if request.method == "POST":
            is_json = "json" in request.headers["content-type"]
            body = request.post_data_json if is_json else request.post_data_buffer
            self.sent.append((path, body, request.headers["idempotency-key"]))
        elif path.endswith("/stream"):
            self.resumed.append(request.headers.get("last-event-id"))

    def allow(self, expected: Callable[[str], bool]) -> None:
        """A complaint of the browser that a test provokes."""
        self._allowed.append(expected)

    def check(self) -> None:
        """Nothing went wrong on the page, and no rule of its policy was broken."""
        found = [text for text in self._wrong if not any(allow(text) for allow in self._allowed)]
        assert found == [], f"on the page: {found}"

    # --- what a person does -----------------------------------------------------------------------

    def ask(self, label: str, among: str = "turns") -> None:
        """Press the button of an example, and wait for what comes of it."""
        self.page.locator(f"#{among}").get_by_role("button", name=label, exact=True).click()
        self.settle()

    def press(self, label: str) -> None:
        """Press a button of a surface, and wait for what comes of it."""
        self.button(label).click()
        self.settle()

    def button(self, label: str) -> Locator:
        """A button of a surface."""
        return self.page.locator("a2ui-button").filter(has_text=label).locator("button").first

    def field(self, label: str) -> Locator:
        """A text field's input."""
        return self.page.locator("a2ui-textfield").filter(has_text=label).locator("input")

    def settle(self) -> None:
        """Wait until nothing is on its way, and the page shows what it knows."""
        self.page.wait_for_function(_IDLE)
        self.page.evaluate(_DRAWN)

    # --- what there is ----------------------------------------------------------------------------

    def surfaces(self) -> list[str]:
        """Ids of the surfaces, from top to bottom."""
        found: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('a2ui-surface')].map(surface => surface.surfaceId)"
        )
        return found

    def data(self, surface_id: str) -> Any:
        """A surface's data model."""
        return self.page.evaluate(_DATA, surface_id)

    def find(self, component: str, surface_id: str) -> Locator:
        """The element of a component, by its full id."""
        at = self.surfaces().index(surface_id)
        return self.page.locator("a2ui-surface").nth(at).locator(f'[id="{component}"]')

    def of_kind(self, kind: str) -> Locator:
        """All elements of a component type."""
        return self.page.locator(f"a2ui-{kind.lower()}")

    def text(self, ident: str) -> str:
        """What stands in a part of the page."""
        return self.page.locator(f"#{ident}").inner_text()

    @property
    def events(self) -> list[tuple[Mapping[str, Any], str]]:
        """The events that were sent, each with its key."""
        return [(body, key) for path, body, key in self.sent if path.endswith("/events")]

    @property
    def id(self) -> str:
        """The conversation's id."""
        kept: str = self.page.evaluate("Object.values(sessionStorage)[0]")
        return kept.rstrip("/").rpartition("/")[2]
