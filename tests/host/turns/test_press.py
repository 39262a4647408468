"""Presses: what is kept of what was typed, two at once, and the three forms of an answer."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from tests.host.web import Browser, changed
from uicompiler import Outcome, PatchOp, ToolCall, UIApp

NDJSON = "application/x-ndjson"
TURBO = "text/vnd.turbo-stream.html, text/html, application/xhtml+xml"


def lines(response: Any) -> list[dict[str, Any]]:
    assert response.headers["content-type"].startswith(NDJSON)
    return [json.loads(line) for line in response.text.splitlines()]


def turn_from_elsewhere(page: Browser, turn: str) -> None:
    form = page.values()
    data = {"turn": turn, "_csrf": form["_csrf"], "_key": "elsewhere.1"}
    assert page.client.post(f"{page.path}/turns", data=data).status_code == 200


# --- nothing typed is lost ------------------------------------------------------------------------


def test_a_field_error_keeps_what_was_typed(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    typed = {"name": "Ada", "email": "no", "deal_size": "1,5 EUR", "notes": "a\nb <i>c</i>"}
    page.press("Save", typed)
    assert page.response.status_code == 422
    assert {name: page.values()[f"f.{name}"] for name in typed} == typed
    assert page.error_of("deal_size") == "Please enter a number."


def test_a_stale_press_shows_the_newest_page_with_what_was_typed_over_it(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    post = page.post_of("Save", {"name": "Ada King", "notes": "mine", "email": "a@example.org"})
    turn_from_elsewhere(page, "02_patch")
    page.response = page.send(post)
    assert page.response.status_code == 409
    assert page.values()["f.name"] == "Ada King"
    assert page.values()["f.notes"] == "mine"
    # The turn wrote it, the user left the field as it was: the press said so all the same.
    assert page.values()["f.follow_up"] == ""
    page.press("Save")
    assert page.response.status_code == 200
    assert page.state.surfaces["main"].data["committed"]["contact"]["name"] == "Ada King"


def test_a_box_that_was_unticked_stays_so_on_a_stale_page(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    page.press("Save", {"email": "no", "newsletter": "true"})
    post = [(n, v) for n, v in page.post_of("Save") if n != "f.newsletter"]
    turn_from_elsewhere(page, "02_patch")
    page.response = page.send(post)
    assert page.response.status_code == 409
    assert "f.newsletter" not in page.values()


def test_a_forged_press_is_laid_over_the_page_but_never_over_the_state(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    before = page.state
    post = changed(page.post_of("Save", {"notes": "mine"}), _nonce="forged")
    page.response = page.send(post)
    assert page.response.status_code == 403
    assert page.values()["f.notes"] == "mine"
    assert page.state is before
    assert page.reload().values()["f.notes"] == ""


def test_what_another_site_typed_is_not_shown(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    post = page.post_of("Save", {"notes": "send the money here"})
    page.response = page.send(post, origin="https://evil.example")
    assert page.response.status_code == 403
    assert "send the money here" not in page.response.text


def test_a_secret_is_never_sent_back(at) -> None:
    page = at("booking").begin(turn="01_show_wizard")
    page.press("Next", {"arrival": "2026-03-02", "departure": "2026-03-05"})
    page.press("Next", {"guests/r1/name": "Ada"})
    page.press("Next")
    page.press("Next") if "How do we reach you?" not in page.text else None
    page.press("Next", {"email": "no", "loyalty_pin": "hunter22"})
    assert page.response.status_code == 422
    assert "hunter22" not in page.response.text
    assert "hunter22" not in page.kept.state.to_json()
    page.response = page.send(
        changed(page.post_of("Next", {"loyalty_pin": "hunter22"}), _nonce="forged")
    )
    assert "hunter22" not in page.response.text


def test_an_upload_problem_is_beside_its_field_and_the_rest_stays(at) -> None:
    page = at("character_card").begin(turn="01_upload")
    page.press("Read the card", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")})
    assert page.response.status_code == 415
    assert page.error_of("file") == "Files of this kind cannot be sent here."
    page.press("Read the card", files={"file": ("a.json", b"[" + b" " * 400_000, "")})
    assert "400 kB" in page.error_of("file")


# --- two at once ----------------------------------------------------------------------------------


def counting_app(handled: list[str], wait_s: float = 0.0, tool: bool = False) -> UIApp:
    app = UIApp("counting")

    @app.action("count")
    def count(action: Any, view: Any) -> Outcome:
        handled.append(action.idempotency_key)
        time.sleep(wait_s)
        if tool and action.tool_results is None:
            return Outcome(tool_calls=[ToolCall("t", "slow", {})])
        done = view.get("/committed/count", default=0) + 1
        toast = {"type": "ui.toast", "payload": {"text": f"counted {done}"}}
        return Outcome(commit=[PatchOp("set", "/committed/count", done)], directives=[toast])

    app.inline_form_action = "count"
    return app


FORM = {"type": "ui.show_form", "payload": {"title": "T", "fields": [{"id": "a", "label": "A"}]}}


@pytest.fixture
def counted(tmp_path) -> Any:
    def open_(handled: list[str], **settings: Any) -> Browser:
        tools = settings.pop("tools", {})
        app = counting_app(handled, **settings)
        (tmp_path / "app" / "turns").mkdir(parents=True)
        turn = {"assistant_text": "", "directives": [FORM]}
        (tmp_path / "app" / "turns" / "form.json").write_text(json.dumps(turn))
        page = Browser(app, tmp_path, folder=tmp_path / "app", tools=tools)
        return page.begin(turn="form")

    return open_


def at_once(page: Browser, *posts: list[Any], **headers: str) -> list[Any]:
    """Send posts from threads, all at the same moment."""
    start, answers = threading.Barrier(len(posts)), [None] * len(posts)

    def run(index: int) -> None:
        start.wait()
        answers[index] = page.send(posts[index], **headers)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(posts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_double_submit_has_one_effect_and_one_answer(counted) -> None:
    handled: list[str] = []
    page = counted(handled, wait_s=0.05)
    post = page.post_of("Submit", {"a": "x"})
    answers = at_once(page, post, post)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("counted 1" in answer.text for answer in answers)
    assert len(handled) == 1
    assert page.state.surfaces["main"].data["committed"]["count"] == 1


def test_a_double_submit_waits_for_the_tools_of_the_first(counted) -> None:
    handled: list[str] = []
    ran: list[int] = []

    def slow(_arguments: Any, _context: Any) -> Any:
        time.sleep(0.05)
        ran.append(1)
        return {}

    page = counted(handled, tool=True, tools={"slow": slow})
    post = page.post_of("Submit", {"a": "x"})
    answers = at_once(page, post, post, accept=NDJSON, idempotency_key="k")
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(ran) == 1
    assert page.state.surfaces["main"].data["committed"]["count"] == 1
    # Both tabs have the newest revision, the second one by the whole surface.
    revs = [str(page.state.surfaces["main"].rev)] * 2
    assert [_last_rev(answer) for answer in answers] == revs


def _last_rev(answer: Any) -> str:
    found = ""
    for line in lines(answer):
        if "rev" in line:
            found = str(line["rev"]["rev"])
        elif "replace" in line:
            found = html5lib.parse(line["replace"]["html"]).find(".//*[@data-rev]").get("data-rev")
    return found


def test_presses_of_two_tabs_are_one_after_the_other(counted) -> None:
    handled: list[str] = []
    page = counted(handled, wait_s=0.02)
    first, other = page.post_of("Submit", {"a": "1"}), page.reload().post_of("Submit", {"a": "2"})
    answers = at_once(page, first, other)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(handled) == 1


def test_the_conversation_is_free_while_a_tool_runs(counted) -> None:
    """So that a user can stop what tools are doing: another press is taken between rounds."""
    handled: list[str] = []
    seen: list[int] = []
    pages: list[Browser] = []

    def slow(_arguments: Any, _context: Any) -> Any:
        turn_from_elsewhere(pages[0], "form")
        seen.append(pages[0].kept.turns)
        return {}

    pages.append(counted(handled, tool=True, tools={"slow": slow}))
    page = pages[0]
    assert page.send(page.post_of("Submit", {"a": "x"})).status_code == 200
    assert seen == [3]
    assert page.kept.turns == 4


def test_a_bug_of_the_app_is_told_and_goes_on(tmp_path) -> None:
    app = UIApp("broken", inline_form_action="count")

    @app.action("count2")
    def _unused(_action: Any, _view: Any) -> Outcome:
        return Outcome()

    def broken(_action: Any, _view: Any) -> Outcome:
        raise LookupError("typed: secret words")

    app.add_action("count", broken)
    (tmp_path / "app" / "turns").mkdir(parents=True)
    turn = {"assistant_text": "", "directives": [FORM]}
    (tmp_path / "app" / "turns" / "form.json").write_text(json.dumps(turn))
    page = Browser(app, tmp_path, folder=tmp_path / "app").begin(turn="form")
    before = page.kept
    with pytest.raises(LookupError):
        page.press("Submit", {"a": "x"})
    assert page.kept is before
    page.client = type(page.client)(
        page.asgi, raise_server_exceptions=False, cookies=page.client.cookies
    )
    response = page.send(page.post_of("Submit", {"a": "x"}))
    assert response.status_code == 500
    assert "secret words" not in response.text
    assert "Something went wrong here." in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


# --- forms of an answer ---------------------------------------------------------------------------


def test_a_script_gets_the_messages_of_the_batch(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    post = page.post_of("Save", {"name": "Ada", "email": "ada@example.org"})
    told = lines(page.send(post, accept=NDJSON))
    assert [next(iter(line)) for line in told] == ["replace", "rev", "effect"]
    assert told[2]["effect"] == {
        "kind": "toast",
        "data": {"text": "Contact saved.", "level": "success"},
    }
    frame: Element = html5lib.parse(told[0]["replace"]["html"])
    filled = {e.get("name"): e.get("value") for e in frame.iter() if e.get("type") == "hidden"}
    assert filled["_csrf"] == page.values()["_csrf"]
    assert filled["_key"].split(".")[0] == page.values()["_key"].split(".")[0]
    assert filled["_key"] != page.values()["_key"]


def test_a_script_is_refused_with_the_newest_surfaces_and_a_text(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    post = changed(page.post_of("Save"), _rev="9")
    response = page.send(post, accept=NDJSON)
    told = lines(response)
    assert response.status_code == 409
    assert told[0]["replace"]["written"] == []
    assert told[-1]["fallback"]["code"] == "A2UI_C2S_SURFACE_STALE"
    assert told[-1]["fallback"]["text"].startswith("This has changed in the meantime.")


def test_a_script_is_refused_without_a_conversation(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    response = page.another().send(page.post_of("Save"), path=page.path, accept=NDJSON)
    assert response.status_code == 404
    assert lines(response)[0]["fallback"]["code"] == "HOST_CONVERSATION_UNKNOWN"


def test_turbo_gets_streams(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    post = page.post_of("Save", {"name": "Ada", "email": "ada@example.org"})
    response = page.send(post, accept=TURBO)
    assert response.headers["content-type"].startswith("text/vnd.turbo-stream.html")
    streams = [
        (e.get("action"), e.get("target"))
        for e in html5lib.parse(response.text).iter()
        if e.tag.endswith("turbo-stream")
    ]
    assert streams[0] == ("replace", "ui-main")
    assert streams[-1] == ("append", "ui--toasts")
    refused = page.send(changed(post, _rev="9", _key="k"), accept=TURBO)
    assert refused.status_code == 409
    assert 'target="ui-main"' in refused.text


def test_a_turn_button_answers_scripts_with_messages_too(at) -> None:
    page = at("crm").begin()
    token = next(e.get("value") for e in page.root.iter() if e.get("name") == "_csrf")
    data = {"turn": "01_show_form", "_csrf": token}
    response = page.client.post(f"{page.path}/turns", data=data, headers={"accept": NDJSON})
    assert [next(iter(line)) for line in lines(response)] == ["replace", "text", "back"]


# --- events of scripts ----------------------------------------------------------------------------


def test_an_error_event_shows_the_surface_anew(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    event = {"error": {"surfaceId": "main", "message": "The surface could not be shown."}}
    headers = {"x-csrf-token": page.values()["_csrf"], "accept": NDJSON}
    response = page.client.post(f"{page.path}/events", json=event, headers=headers)
    told = lines(response)
    assert response.status_code == 200
    assert [next(iter(line)) for line in told] == ["remove", "replace"]
    assert told[1]["replace"]["surface"] == "main#e=2"
