"""The playground: every moment of a conversation, for whoever has its token and nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import html5lib
import pytest

from tests.host.browser import apps
from tests.host.web import RING, XHTML, Browser, TestClient
from uicompiler import Action, Outcome, PatchOp, StateView, UIApp
from uicompiler.host.guard import csrf
from uicompiler.host.playground.pages import VIEWS
from uicompiler.store.open import open_log
from uicompiler.store.redaction import redact
from uicompiler.store.sql import SqlLog
from uicompiler.templates.form import FormTemplate

from .conftest import simulate

Open = Callable[..., Browser]
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "link",
    "body",
    "a",
    "header",
    "h1",
    "h2",
    "h3",
    "h4",
    "p",
    "code",
    "nav",
    "form",
    "label",
    "input",
    "button",
    "ul",
    "ol",
    "li",
    "small",
    "main",
    "section",
    "details",
    "summary",
    "pre",
    "dl",
    "dt",
    "dd",
    "mark",
    "em",
    "bdi",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def look(browser: Browser, **query: Any) -> Any:
    """A page of the playground, read as browsers do."""
    answer = browser.client.get(f"{browser.path}/playground", params=query)
    assert answer.status_code == 200, answer.text
    return html5lib.parse(answer.text)


def text(root: Any) -> str:
    """What stands in the main part of a page."""
    return " ".join("".join(root.find(f".//{XHTML}main").itertext()).split())


# ---------------------------------------------------------------- who sees it


def test_there_is_none_unless_it_is_turned_on(at: Open) -> None:
    browser = at("crm").begin(turn="01_show_form")
    assert browser.client.get(f"{browser.path}/playground").status_code == 404
    assert browser.client.get("/playground/playground.css").status_code == 404


def test_it_takes_the_token_as_every_page_does(saved: Browser) -> None:
    path = f"{saved.path}/playground"
    assert saved.another().client.get(path).status_code == 404
    assert saved.another().client.get(path.replace(saved.id, "A" * 22)).status_code == 404
    token = saved.client.cookies.get(csrf.COOKIE)
    bearer = saved.another().client.get(path, headers={"Authorization": f"Bearer {token}"})
    assert bearer.status_code == 200


def test_a_conversation_of_the_api_has_one_beside_it(at: Open) -> None:
    browser = at("crm", playground=True, simulate=simulate)
    fresh, token = browser.host._turns.begin(protocol="a2ui-v0.8")
    source = {
        "assistant_text": "",
        "directives": [{"type": "ui.show_form", "payload": {"form_id": "contact"}}],
    }
    browser.host._turns.model(fresh.id, source, key="k")
    bearer = {"Authorization": f"Bearer {token}"}
    for view in VIEWS:
        at_ = f"/conversations/{fresh.id}/playground?show={view}"
        answer = browser.client.get(at_, headers=bearer)
        assert answer.status_code == 200, view
    assert "surfaceUpdate" in browser.client.get(at_.replace("diff", "turn"), headers=bearer).text


@pytest.mark.parametrize("view", VIEWS)
def test_it_works_without_scripts_and_under_the_strict_policy(saved: Browser, view: str) -> None:
    answer = saved.client.get(f"{saved.path}/playground", params={"show": view})
    assert "unsafe" not in answer.headers["content-security-policy"]
    root = html5lib.parse(answer.text)
    assert {e.tag.removeprefix(XHTML) for e in root.iter()} <= TAGS
    names = {name for e in root.iter() for name in e.attrib}
    assert not {name for name in names if name == "style" or name.startswith("on")}


def test_its_style_is_served(saved: Browser) -> None:
    root = look(saved)
    for link in root.iter(f"{XHTML}link"):
        assert saved.client.get(link.get("href")).status_code == 200


# ---------------------------------------------------------------- moments


def test_every_entry_is_listed_the_newest_first(saved: Browser) -> None:
    listed = [li for li in look(saved).iter(f"{XHTML}li") if li.get("value")]
    assert [li.get("value") for li in listed] == ["4", "3", "2", "1"]
    said = ["".join(li.find(f"{XHTML}a").itertext()) for li in listed]
    assert said == ["action save_contact", "action save_contact", "the model", "begun"]


def test_the_slider_and_the_links_lead_to_other_moments(saved: Browser) -> None:
    root = look(saved, seq=2, show="state")
    slider = next(e for e in root.iter(f"{XHTML}input") if e.get("type") == "range")
    assert (slider.get("min"), slider.get("max"), slider.get("value")) == ("1", "4", "2")
    links = {a.get("rel"): a.get("href") for a in root.iter(f"{XHTML}a") if a.get("rel")}
    assert links == {"prev": "?seq=1&show=state", "next": "?seq=3&show=state"}


@pytest.mark.parametrize("seq", ["0", "-1", "99", "9" * 40, "x", "²", "1e1", ""])
def test_a_number_that_is_none_is_one_that_is(saved: Browser, seq: str) -> None:
    for view in ("turn", "state", "diff"):
        assert "entry" in text(look(saved, seq=seq, other=seq, upto=seq, show=view))


def test_a_view_that_is_none_is_the_first(saved: Browser) -> None:
    note = "There is no view ../shell: show is turn, state, client, trace, diff."
    shown = text(look(saved, show="../shell"))
    assert note in shown
    assert shown.replace(note, "").split() == text(look(saved, show="turn")).split()
    assert "There is no view" not in text(look(saved))


def test_a_conversations_page_leads_there_when_it_is_on(saved: Browser, at: Open) -> None:
    (link,) = [a for a in saved.root.iter(f"{XHTML}a") if a.text == "Playground"]
    assert link.get("href") == f"{saved.path}/playground"
    assert saved.client.get(link.get("href")).status_code == 200
    other = at("crm").begin(turn="01_show_form")
    assert "Playground" not in other.response.text


def test_a_long_log_is_listed_page_by_page(at: Open) -> None:
    browser = at("crm", playground=True).begin(turn="01_show_form")
    for _ in range(60):
        browser.pick(turn="03_toast")
    root = look(browser)
    listed = [int(li.get("value")) for li in root.iter(f"{XHTML}li") if li.get("value")]
    assert len(listed) == 50
    older = next(a for a in root.iter(f"{XHTML}a") if "Older" in "".join(a.itertext()))
    upto = re.search(r"upto=(\d+)", older.get("href"))
    assert upto is not None
    assert int(upto[1]) == listed[-1] - 1


# ---------------------------------------------------------------- views


def test_a_state_is_that_of_its_moment(saved: Browser) -> None:
    assert "Ada Lovelace" in text(look(saved, seq=2, show="state"))
    refused = text(look(saved, seq=3, show="state"))
    assert '"email": "ada at example.org"' in refused
    assert '"contact": {' not in refused
    now = text(look(saved, show="state"))
    assert '"contact": { "name": "Ada King"' in now
    assert saved.state.hash in now
    assert "There is no surface." in text(look(saved, seq=1, show="state"))


def test_a_turn_is_shown_with_its_batches_and_their_sizes(saved: Browser) -> None:
    said = text(look(saved))
    assert "action" in said
    assert "outcome" in said
    assert "Contact saved." in said
    sizes = [int(found) for found in re.findall(r", (\d+) bytes", said)]
    entry = next(iter(saved.host._store.log.entries(saved.id, after=3)))
    [batch] = [record for record in entry.records if record["kind"] == "batch"]
    compact = [
        len(json.dumps(dict(m), separators=(",", ":"), ensure_ascii=False, default=dict).encode())
        for m in batch["messages"]
    ]
    assert sizes == [sum(compact), *compact]


def test_no_nonce_and_no_token_is_anywhere(saved: Browser) -> None:
    surface = saved.state.surfaces["main"]
    nonce = RING.nonce(saved.id, "main", surface.epoch, RING.key_id)
    token = saved.client.cookies.get(csrf.COOKIE)
    for seq in range(1, 5):
        for view in VIEWS:
            page = saved.client.get(f"{saved.path}/playground", params={"seq": seq, "show": view})
            assert nonce not in page.text
            assert token not in page.text


def test_the_client_shows_what_a_simulated_one_does(saved: Browser) -> None:
    said = text(look(saved, seq=2, show="client"))
    assert "[ Full name *: Ada Lovelace ]" in said
    assert '"type": "Column"' in said
    assert "Ada King" in text(look(saved, show="client"))


def test_without_a_simulated_client_that_is_told(at: Open) -> None:
    browser = at("crm", playground=True).begin(turn="01_show_form")
    assert "has no client" in text(look(browser, show="client"))


def test_diagnostics_and_trace_come_from_running_the_turn_again(saved: Browser) -> None:
    said = text(look(saved, seq=3, show="trace"))
    assert "A2UI_C2S_FIELD_INVALID" in said
    assert '"turn_index": 2' in said
    assert "nothing to run again" in text(look(saved, seq=1, show="trace"))


def test_two_moments_are_compared_in_words(saved: Browser) -> None:
    said = text(look(saved, seq=3, other=2, show="diff"))
    assert '"Ada Lovelace" -> "Ada King"' in said
    assert "e-mail address such as" in said
    assert text(look(saved, seq=3, other=3, show="diff")).count("Nothing.") == 2


# ---------------------------------------------------------------- what was taken out


FORM = {
    "title": "Contact",
    "fields": [
        {"id": "name", "label": "Name"},
        {"id": "email", "label": "E-mail", "tags": ["pii"]},
    ],
    "buttons": [{"key": "save", "label": "Save", "action": "save", "submit": True}],
}
EMAIL = "ada.king@example.org"


def keep(action: Action, _view: StateView) -> Outcome:
    return Outcome(commit=[PatchOp("set", "/committed/email", action.context["email"])])


def test_what_was_redacted_is_shown_as_that(tmp_path: Path) -> None:
    app = UIApp("contacts")
    app.add_form("contact", FormTemplate.model_validate(FORM))
    app.add_action("save", keep)
    show = {"type": "ui.show_form", "payload": {"form_id": "contact"}}
    folder = apps.written(tmp_path / "app", form=[show])
    with closing(open_log(str(tmp_path / "log.db"))) as log:
        browser = Browser(app, tmp_path, folder=folder, log=log, playground=True)
        browser.begin(turn="form").press("Save", {"name": "A.", "email": EMAIL})
        browser.press("Save", {"name": "Ada", "email": EMAIL})
        assert EMAIL in text(look(browser, seq=3))
        assert isinstance(log, SqlLog)
        assert redact(log, browser.id, app, ["pii"], now="2026-02-03T04:05:06Z").values > 0
        root = look(browser, seq=3)
        assert [mark.text for mark in root.iter(f"{XHTML}mark")] != []
        assert "redacted" in "".join(root.find(f".//{XHTML}nav").itertext())
        for view in ("state", "diff", "trace"):
            assert "STORE_TURN_LOST" in text(look(browser, seq=3, other=2, show=view))
        newest = text(look(browser, show="state"))
        assert '"name": "Ada"' in newest
        for seq in range(1, 6):
            for view in VIEWS:
                page = browser.client.get(
                    f"{browser.path}/playground", params={"seq": seq, "show": view}
                )
                assert page.status_code == 200
                assert EMAIL not in page.text


# ---------------------------------------------------------------- who wants to break in

HOSTILE = [
    "</pre><script>hit()</script>",
    "<img src=x onerror=hit()>",
    '"><svg onload=hit()>',
    "{{ 7 * 7 }}{% raw %}",
    "</title><h1>owned",
    "\u202eevil\u2066",
    "javascript:hit()",
    "&lt;b&gt;",
    "\x00\x08\ufeff",
]


@pytest.mark.parametrize("attack", HOSTILE)
def test_no_text_becomes_markup(at: Open, attack: str) -> None:
    browser = at("crm", playground=True, simulate=simulate).begin(turn="01_show_form")
    browser.press("Save", {"name": attack, "email": attack, "notes": attack})
    browser.press("Save", {"name": attack, "email": "ada@example.org", "notes": attack})
    plain = look(browser, seq=1)
    for seq in range(1, browser.kept.seq + 1):
        for view in VIEWS:
            root = look(browser, seq=seq, show=view, other=1)
            assert {e.tag.removeprefix(XHTML) for e in root.iter()} <= TAGS
            assert [e.text for e in root.iter(f"{XHTML}h1")] == [
                e.text for e in plain.iter(f"{XHTML}h1")
            ]
            links = {a.get("href")[0] for a in root.iter(f"{XHTML}a")}
            assert links <= {"?", "#"}
            assert re.search("[\u202a-\u202e\u2066-\u2069\ufeff\x00]", text(root)) is None


def test_an_address_is_no_way_in(saved: Browser) -> None:
    hostile = '"><script>hit()</script>'
    root = look(saved, seq=hostile, show=hostile, other=hostile, upto=hostile)
    assert list(root.iter(f"{XHTML}script")) == []


def test_another_way_of_asking_is_refused(saved: Browser) -> None:
    assert saved.client.post(f"{saved.path}/playground").status_code == 405


def test_other_visitors_files_are_not_served(saved: Browser) -> None:
    for path in ("/playground/../routes.py", "/playground/%2e%2e/routes.py", "/playground/"):
        assert TestClient(saved.asgi).get(path).status_code == 404
