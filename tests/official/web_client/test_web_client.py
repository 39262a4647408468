"""`examples/web_client` in a real browser: the official renderer on the real host, over sockets.

Conversations are played from beginning to end by mouse and keys, with connections that are cut
meanwhile. Both handlers and page must have what an uninterrupted client has. Two conversations are
played; `UICOMPILER_WEB_CLIENT=all` plays every one that a person can play.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from clientsim import ClientSim
from tests.chromium import chromium
from tests.examples import LOGS, ROOT, enter, name_of
from tests.host.browser import apps, axe
from tests.host.browser.play import PIN, _is_round, _told, log_of, turns_of
from tests.host.browser.server import Handled, Server, Site, serving
from tests.host.playground.conftest import simulate
from tests.official.browser.hands import Hands
from tests.official.conftest import require
from tests.official.web_client import page as web_client
from tests.official.web_client.cuts import Cuts, cuts_before
from tests.official.web_client.page import ClientPage
from uicompiler import StepResult, UIApp
from uicompiler.ir.field_kinds import REDACTED

pytestmark = pytest.mark.official

ALL = os.environ.get("UICOMPILER_WEB_CLIENT") == "all"
USUAL = ("crm/contact", "booking/whole_booking")
OTHERWISE = ("crm/bulk_delete", "crm/bulk_delete_fails", "booking/client_error", "character_card/")
"""Whose user cannot be played: clients that fail, tools that answer otherwise, files."""

PLAYED = [
    path
    for path in LOGS
    if name_of(path) in USUAL or (ALL and not name_of(path).startswith(OTHERWISE))
]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built client, in a folder of this process's own."""
    target = tmp_path_factory.mktemp("client")
    require(lambda: web_client.build(target))
    return target


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium("--disable-gpu", "--disable-quic", "--no-first-run") as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("host")) as found:
        yield found


@pytest.fixture
def site(server: Server, dist: Path, tmp_path: Path) -> Site:
    """The example CRM."""
    return site_of(server, "crm", dist, tmp_path)


def site_of(server: Server, example: str, dist: Path, tmp_path: Path) -> Site:
    folder = ROOT / "examples" / example
    name = f"{example}-{tmp_path.name}"
    return server.site(name, UIApp.load(folder), folder=folder, web_client=dist)


@pytest.fixture
def cuts(server: Server) -> Iterator[Cuts]:
    """The way between page and server."""
    with cuts_before(urlsplit(server.address).port or 0) as found:
        yield found


@pytest.fixture
def open_page(chrome: Browser, cuts: Cuts) -> Iterator[Callable[..., ClientPage]]:
    """Open the page of a site; whatever goes wrong on it fails the test."""
    pages: list[ClientPage] = []
    with ExitStack() as contexts:

        def opened(site: Site, **more: Any) -> ClientPage:
            settings = {"reduced_motion": "reduce", "timezone_id": "UTC", "locale": "en-US"}
            context = chrome.new_context(**{**settings, **more})
            contexts.callback(context.close)
            pages.append(ClientPage(context, cuts.address + urlsplit(site.url).path))
            return pages[-1]

        yield opened
        for page in pages:
            page.check()


@pytest.fixture
def page(open_page: Callable[..., ClientPage], site: Site) -> ClientPage:
    return open_page(site)


def is_cut(text: str) -> bool:
    """What a browser says of a connection that was cut."""
    return any(code in text for code in ("net::ERR_", "Failed to load resource"))


# ---------------------------------------------------------------- whole conversations


@pytest.mark.parametrize("path", PLAYED, ids=name_of)
@pytest.mark.parametrize("cut", [False, True], ids=["in one piece", "cut after every turn"])
def test_a_conversation_is_played_to_its_end(
    path: Path,
    cut: bool,
    server: Server,
    dist: Path,
    tmp_path: Path,
    open_page: Callable[..., ClientPage],
    cuts: Cuts,
) -> None:
    site = site_of(server, path.parent.parent.name, dist, tmp_path)
    page = open_page(site)
    page.allow(is_cut)
    play = Play(path, page, site)
    for _ in play.run():
        if cut:
            cuts.cut()
            page.settle()
    assert play.compared > 3
    assert [_told(item) for item in site.handled] == [_told(item) for item in play.expected]
    assert not cut or len(page.resumed) > 3


class Play:
    """A recorded conversation, done again by a person on the page.

    Attributes:
        expected: What the handlers have to be given, and to decide.
        compared: How many times the page was held against a client without cuts.
    """

    def __init__(self, path: Path, page: ClientPage, site: Site) -> None:
        self._log = log_of(path)
        self._turns = turns_of(path)
        self._name = path.stem
        self._page = page
        self._site = site
        self._hands = Hands(page)  # type: ignore[arg-type]  # a page that hands can use
        self._sim = ClientSim(own_inputs={"FileUpload": "value"})
        self._shown: dict[str, str] = {}
        self.expected: list[Handled] = []
        self.compared = 0

    def run(self) -> Iterator[None]:
        """Do all that the log says; stops after each thing that was done."""
        for at, record in enumerate(self._log):
            if record.kind == "edit":
                self._edit(**{key: record.data[key] for key in ("surface", "field", "value")})
            elif record.line in self._turns:
                result = self._turns[record.line].result
                if not _is_round(self._log[at:]):
                    self._cause(record)
                self._expect(result)
                if not self._goes_on(at):
                    self._compare()
                    yield

    def _goes_on(self, at: int) -> bool:
        """Whether tools run after a turn, whose results the host takes by itself."""
        later = (i for i in range(at + 1, len(self._log)) if self._log[i].line in self._turns)
        following = next(later, None)
        return following is not None and _is_round(self._log[following:])

    def _edit(self, surface: str, field: str, value: Any) -> None:
        value = PIN if value == REDACTED else value
        surface_id = self._shown[surface]
        inputs = self._site.kept(self._page.id).state.surfaces[surface].inputs
        known = next(item for item in inputs if item.id == field)
        enter(self._sim, surface_id, field, value)
        node = bound_to(self._sim, surface_id, field)
        self._hands.fill(self._page.find(node, surface_id), known.field, value)

    def _cause(self, record: Any) -> None:
        if record.kind == "model":
            self._page.ask(self._name.replace("_", " ").capitalize(), "conversations")
        else:
            action = record.data["event"]["userAction"]
            button = self._page.find(action["sourceComponentId"], action["surfaceId"])
            self._hands.reveal(button)
            button.locator("button").first.click()
            self._page.settle()

    def _expect(self, result: Any) -> None:
        for batch in result.batches:
            self._shown[batch.surface] = batch.surface_id
        for message in result.messages:
            assert self._sim.apply(message) is None
        if isinstance(result, StepResult) and result.outcome is not None:
            assert result.action is not None
            self.expected.append(Handled(result.action, result.outcome))

    def _compare(self) -> None:
        """The page holds what a client holds that saw everything at once."""
        ready = [name for name in self._sim.surface_ids() if self._sim.ready(name)]
        assert sorted(self._page.surfaces()) == sorted(ready)
        for name in ready:
            assert self._page.data(name) == self._sim.data(name)
            self.compared += 1


def bound_to(sim: ClientSim, surface_id: str, field: str) -> str:
    """Id of the input of a field."""
    from uicompiler.backends.a2ui_v0_8.boxes import value_path

    bound = {"path": value_path(*field.split("/"))}
    nodes = (n for n in sim.nodes(surface_id) if isinstance(n["props"], dict))
    return next(str(node["id"]) for node in nodes if bound in node["props"].values())


# ---------------------------------------------------------------- cuts


def test_a_turn_that_is_cut_in_the_middle_is_shown_whole_or_not_at_all(
    page: ClientPage, cuts: Cuts
) -> None:
    page.allow(is_cut)
    cuts.cut_after(700)
    page.page.get_by_role("button", name="Show form", exact=True).click()
    expect(page.page.locator("#connection")).to_contain_text("trying again")
    assert page.surfaces() == []
    assert page.text("log") == ""
    cuts.closed = False
    page.settle()
    assert page.surfaces() == ["main"]
    assert page.text("log") == "Please fill in the new contact."
    assert page.data("main")["draft"]["name"]["v"] == "Ada Lovelace"
    first, *later = page.resumed
    assert first is None
    assert later
    assert set(later) == {"1"}


def test_typed_text_survives_a_turn_and_a_cut(page: ClientPage, cuts: Cuts) -> None:
    page.allow(is_cut)
    page.ask("Show form")
    page.field("Full name").fill("Ada K")
    page.field("E-mail").fill("half@")
    page.ask("Patch")
    cuts.cut()
    page.field("Full name").press("End")
    page.page.keyboard.type("ing")
    page.settle()
    page.ask("Toast")
    assert page.field("Full name").input_value() == "Ada King"
    assert page.field("E-mail").input_value() == "half@"
    assert page.data("main")["draft"]["name"]["v"] == "Ada King"


def test_a_page_without_a_network_says_so_and_comes_back_by_itself(
    page: ClientPage, cuts: Cuts
) -> None:
    page.allow(is_cut)
    assert page.text("connection") == "Connected"
    cuts.closed = True
    cuts.cut()
    expect(page.page.locator("#connection")).to_contain_text("Not connected; trying again in")
    cuts.closed = False
    page.page.get_by_role("button", name="Connect now").click()
    expect(page.page.locator("#connection")).to_have_text("Connected")


def test_a_page_that_does_not_reach_its_host_at_first_tries_again_when_asked(
    page: ClientPage,
) -> None:
    page.allow(lambda text: True)
    page.page.evaluate("sessionStorage.clear()")
    page.page.route("**/config.json*", lambda route: route.abort())
    page.page.reload()
    expect(page.page.locator("#notice")).to_contain_text("could not be reached")
    expect(page.page.get_by_role("button", name="Undo")).to_be_disabled()
    page.page.unroute("**/config.json*")
    page.page.locator("#notice").get_by_role("button", name="Try again").click()
    page.ask("Show form")
    assert page.surfaces() == ["main"]
    assert page.text("notice") == ""


# ---------------------------------------------------------------- one press, one effect


def fill_in(page: ClientPage) -> None:
    page.ask("Show form")
    page.field("Full name").fill("Ada King")
    page.field("E-mail").fill("ada@example.org")


def test_a_double_click_is_one_press(page: ClientPage, site: Site) -> None:
    fill_in(page)
    page.button("Save").dblclick()
    page.settle()
    assert len(page.events) == 1
    assert [item.action.name for item in site.handled] == ["save_contact"]
    assert page.page.locator(".toast").count() == 1


def test_a_press_whose_answer_was_lost_is_sent_again_under_its_key(
    page: ClientPage, site: Site, cuts: Cuts
) -> None:
    page.allow(is_cut)
    fill_in(page)
    cuts.lost = 2
    page.press("Save")
    keys = {key for _, key in page.events}
    assert cuts.lost == 0  # the first time the browser itself asks again, the second time the page
    assert len(page.events) == 2
    assert len(keys) == 1
    assert [item.action.name for item in site.handled] == ["save_contact"]
    assert page.page.locator(".toast").count() == 1


def test_a_refused_press_is_told_and_leaves_what_was_typed(page: ClientPage) -> None:
    page.allow(is_cut)
    fill_in(page)
    page.page.route(
        "**/events", lambda route: route.fulfill(status=409, json={"text": "Too late."})
    )
    page.press("Save")
    assert page.text("notice") == "Too late."
    assert page.field("Full name").input_value() == "Ada King"


def test_an_answer_that_cannot_be_shown_is_asked_for_again(
    open_page: Callable[..., ClientPage], server: Server, dist: Path, tmp_path: Path
) -> None:
    folder = apps.written(tmp_path / "app", broken="I have nothing to show.", form=[apps.FORM])
    name = f"forms-{tmp_path.name}"
    page = open_page(server.site(name, apps.forms(), folder=folder, web_client=dist))
    page.ask("Form")
    page.ask("Broken")
    notice = page.page.locator("#notice")
    expect(notice).to_contain_text("could not be read")
    notice.get_by_role("button", name="Try again").click()
    page.settle()
    asked = [(body, key) for path, body, key in page.sent if path.endswith("/turns")]
    assert len(asked) == 3
    assert asked[1][0] == asked[2][0]
    assert asked[1][1] != asked[2][1]
    page.ask("Form")
    assert page.text("notice") == ""


# ---------------------------------------------------------------- files


def test_a_file_goes_to_the_host_and_its_handle_with_the_press(
    open_page: Callable[..., ClientPage], server: Server, dist: Path, tmp_path: Path
) -> None:
    site = site_of(server, "character_card", dist, tmp_path)
    page = open_page(site)
    page.allow(is_cut)
    page.ask("Upload")
    upload = page.of_kind("FileUpload")
    upload.locator("input").set_input_files(files=[_file("card.png", "image/png", b"\x89PNG")])
    expect(upload.locator("output")).to_contain_text("of this kind")
    card = json.dumps({"name": "Mira", "description": "A captain."}).encode()
    upload.locator("input").set_input_files(files=[_file("card.json", "application/json", card)])
    expect(upload.locator("output")).to_contain_text("upload:")
    page.press("Read the card")
    assert site.handled[0].action.name == "read_card"
    assert page.field("Name").input_value() == "Mira"


def _file(name: str, kind: str, content: bytes) -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


# ---------------------------------------------------------------- back and forth


def test_turns_are_undone_and_done_again(page: ClientPage) -> None:
    fill_in(page)
    page.press("Save")
    saved = page.data("main")["committed"]["contact"]["name"]
    page.page.get_by_role("button", name="Undo").click()
    page.settle()
    assert page.field("Full name").count() == 1
    assert page.data("main")["committed"].get("contact", {}) == {}
    page.page.get_by_role("button", name="Redo").click()
    page.settle()
    assert page.data("main")["committed"]["contact"]["name"] == saved


def test_that_there_is_nothing_to_undo_is_told(page: ClientPage) -> None:
    page.allow(is_cut)
    page.page.get_by_role("button", name="Undo").click()
    expect(page.page.locator("#notice")).not_to_be_empty()
    page.ask("Show form")
    assert page.text("notice") == ""


def test_a_page_that_is_loaded_anew_shows_the_same_conversation(page: ClientPage) -> None:
    fill_in(page)
    page.press("Save")
    before = page.id, page.data("main")["committed"]
    page.page.reload()
    page.settle()
    assert (page.id, page.data("main")["committed"]) == before
    assert page.resumed[-1] is None


def test_a_conversation_that_is_gone_is_begun_anew_and_that_is_told(
    page: ClientPage, site: Site
) -> None:
    page.allow(is_cut)
    first = page.id
    site.host._turns.end(first)
    expect(page.page.locator("#notice")).to_contain_text("no longer there")
    page.settle()
    assert page.id != first
    page.ask("Show form")
    assert page.surfaces() == ["main"]


def test_a_conversation_can_be_looked_into_where_that_is_turned_on(
    open_page: Callable[..., ClientPage], page: ClientPage, server: Server, dist: Path
) -> None:
    expect(page.page.get_by_role("link", name="Playground")).to_have_count(0)
    folder = ROOT / "examples/crm"
    settings = {"folder": folder, "web_client": dist, "playground": True, "simulate": simulate}
    other = open_page(server.kept("crm-playground", lambda: UIApp.load(folder), **settings))
    other.ask("Show form")
    with other.page.expect_popup() as opened:
        other.page.get_by_role("link", name="Playground").click()
    opened.value.get_by_role("link", name="Client").click()
    expect(opened.value.locator("main")).to_contain_text("[ Full name *: Ada Lovelace ]")


# ---------------------------------------------------------------- what may not be


def test_the_token_is_where_no_script_reads_it(page: ClientPage) -> None:
    assert page.page.evaluate("document.cookie") == ""
    at = page.page.evaluate("new URL(Object.values(sessionStorage)[0], location.href).href")
    [cookie] = page.page.context.cookies(at)
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    storage = page.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert cookie["value"] not in storage


def test_nothing_inline_runs_on_the_page(page: ClientPage) -> None:
    breaches: list[str] = []
    page.allow(lambda text: is_cut(text) or breaches.append(text) is None)
    page.page.evaluate("""() => {
      window.hit = () => { document.title = 'hit'; };
      document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hit()><p style="top:0">');
    }""")
    page.page.wait_for_timeout(200)
    assert page.page.title() != "hit"
    page.check()
    assert [text for text in breaches if "Content Security Policy" in text] == breaches
    assert len(breaches) == 2


def test_a_message_that_the_renderer_refuses_is_reported_and_the_surface_comes_anew(
    page: ClientPage,
) -> None:
    page.ask("Show form")
    page.page.evaluate("""() => {
      const {processor} = document.querySelector('a2ui-surface');
      const real = processor.processMessages.bind(processor);
      processor.processMessages = messages => {
        processor.processMessages = real;
        throw new RangeError('not to be drawn');
      };
    }""")
    page.ask("Patch")
    page.page.wait_for_function(
        "() => document.querySelector('a2ui-surface')?.surfaceId !== 'main'"
    )
    [(event, _)] = page.events
    assert event["error"] == {
        "code": "RangeError",
        "message": "not to be drawn",
        "surfaceId": "main",
    }
    assert page.surfaces() == ["main#e=2"]


# ---------------------------------------------------------------- who looks at it


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_around_the_surfaces(
    open_page: Callable[..., ClientPage], site: Site, theme: str
) -> None:
    page = open_page(site, color_scheme=theme)
    for label in ("Show form", "Toast", "Show pipeline"):
        page.ask(label)
    assert around(page) == []


def around(page: ClientPage) -> list[Any]:
    """What axe finds outside of the renderer's own elements."""
    page.page.evaluate(axe.source())
    found: dict[str, Sequence[Any]] = page.page.evaluate(
        "axe.run({exclude: [['a2ui-surface']]}, {resultTypes: ['violations']})"
    )
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]]


def test_the_theme_is_chosen_and_kept(page: ClientPage) -> None:
    page.page.get_by_label("Theme").select_option("dark")
    assert (
        page.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 21, 27)"
    )
    page.page.reload()
    page.settle()
    assert page.page.get_by_label("Theme").input_value() == "dark"


# ---------------------------------------------------------------- its own tests


def test_its_own_tests_pass(dist: Path) -> None:
    assert dist.is_dir()
    assert "# fail 0" in web_client.run("test")
