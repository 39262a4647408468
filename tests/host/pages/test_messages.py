"""The box for messages, without a script: there with a model, a plain form, once and in bounds."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from tests.host.conftest import Open
from tests.host.web import XHTML, Browser
from uicompiler.errors import LLMError, diagnostic
from uicompiler.host import ModelRequest
from uicompiler.host.pages.messages import MAX_MESSAGE

HOSTILE = '</textarea></p><script>alert(1)</script>&amp;<img src=x onerror="x()">'


class Scripted:
    """A model that shows a form and says what it heard.

    Attributes:
        asked: What it was asked, in order.
    """

    def __init__(self, *, fails: str = "") -> None:
        self.asked: list[ModelRequest] = []
        self._fails = fails

    def __call__(self, request: ModelRequest) -> Mapping[str, Any]:
        self.asked.append(request)
        if self._fails:
            raise LLMError([diagnostic(self._fails, "no", hint="of the provider")])
        form = {"type": "ui.show_form", "payload": {"form_id": "contact"}}
        text = f"Heard {len(self.asked)}: {request.message}"
        return {"assistant_text": text, "directives": [form]}


@pytest.fixture
def model() -> Scripted:
    return Scripted()


def box(page: Browser) -> Element | None:
    return page.root.find(f".//{XHTML}form/{XHTML}div/{XHTML}textarea[@name='message']")


def form_with_box(page: Browser) -> Element:
    forms = page.root.iter(f"{XHTML}form")
    return next(form for form in forms if "ui-message" in form.get("class", "").split())


def hidden(page: Browser) -> dict[str, str]:
    found = form_with_box(page).iter(f"{XHTML}input")
    return {str(item.get("name")): str(item.get("value")) for item in found}


def say(page: Browser, message: str, **changes: str) -> Browser:
    data = {**hidden(page), "message": message, **changes}
    page.response = page.client.post(str(form_with_box(page).get("action")), data=data)
    return page


def started(page: Browser) -> Browser:
    page.response = page.client.get("/")
    return page


def lines(page: Browser) -> list[str]:
    found = page.root.iter(f"{XHTML}p")
    said = [item for item in found if "ui-said" in item.get("class", "").split()]
    return ["".join(item.itertext()) for item in said]


# --- where it is ----------------------------------------------------------------------------------


def test_without_a_model_there_is_no_box(at: Open) -> None:
    page = at("crm")
    assert box(started(page)) is None
    assert box(page.begin()) is None


def test_without_a_model_a_message_is_refused(at: Open) -> None:
    page = at("crm").begin(turn="01_show_form")
    hands = {name: page.values()[name] for name in ("_csrf", "_key")}
    page.response = page.client.post(f"{page.path}/messages", data={**hands, "message": "Hi"})
    assert page.response.status_code == 501
    assert "This is not available here." in page.text


@pytest.mark.parametrize(
    ("language", "label"), [("en", "Your message"), ("he", "ההודעה שלך"), ("ja", "メッセージ")]
)
def test_with_a_model_each_page_has_a_labelled_box(
    at: Open, model: Scripted, language: str, label: str
) -> None:
    page = at("crm", model=model)
    page.client.headers["accept-language"] = language
    for shown in (started(page), page.begin()):
        field = box(shown)
        assert field is not None
        named = shown.root.find(f".//{XHTML}label[@for='{field.get('id')}']")
        assert named is not None and "".join(named.itertext()) == label
        assert field.get("maxlength") is None


# --- what it does ---------------------------------------------------------------------------------


def test_a_message_is_asked_and_what_was_said_stands_on_the_page(at: Open, model: Scripted) -> None:
    page = say(at("crm", model=model).begin(), "A contact,\r\nplease.")
    assert [answer.status_code for answer in page.response.history] == [303]
    assert lines(page) == ["You: A contact,\nplease.", "Heard 1: A contact,\nplease."]
    assert page.form() is not None
    say(page, "Another one.")
    assert lines(page)[2:] == ["You: Another one.", "Heard 2: Another one."]
    assert model.asked[1].messages == page.kept.messages[:2]


def test_a_conversation_can_begin_with_a_message(at: Open, model: Scripted) -> None:
    page = say(started(at("crm", model=model)), "Hello.")
    assert page.response.url.path.startswith("/c/")
    assert lines(page) == ["You: Hello.", "Heard 1: Hello."]
    assert "ui-mine" in page.response.text


@pytest.mark.parametrize("begins", [True, False])
def test_markup_in_a_message_is_text(at: Open, model: Scripted, begins: bool) -> None:
    page = at("crm", model=model)
    page = say(started(page) if begins else page.begin(), HOSTILE)
    assert lines(page)[0] == f"You: {HOSTILE}"
    scripts = list(page.root.iter(f"{XHTML}script"))
    assert len(scripts) == 1 and scripts[0].get("src")
    assert not list(page.root.iter(f"{XHTML}img"))


def test_control_characters_are_no_part_of_a_message(at: Open, model: Scripted) -> None:
    say(at("crm", model=model).begin(), " a\x00b\x1b[31m\tc ")
    assert model.asked[0].message == "a b [31m\tc"


@pytest.mark.parametrize("begins", [True, False])
def test_a_form_sent_twice_asks_once(at: Open, model: Scripted, begins: bool) -> None:
    page = at("crm", model=model)
    started(page) if begins else page.begin()
    action, data = str(form_with_box(page).get("action")), {**hidden(page), "message": "Hi"}
    first, second = (page.client.post(action, data=data) for _ in range(2))
    assert len(model.asked) == 1
    assert first.url == second.url
    page.response = second
    assert lines(page) == ["You: Hi", "Heard 1: Hi"]


def test_two_threads_that_send_the_same_form_ask_once(at: Open, model: Scripted) -> None:
    page = at("crm", model=model).begin()
    at_box, data = str(form_with_box(page).get("action")), {**hidden(page), "message": "Hi"}
    threads = [
        threading.Thread(target=page.client.post, args=(at_box,), kwargs={"data": data})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(model.asked) == 1


def test_another_message_from_the_same_page_is_another_one(at: Open, model: Scripted) -> None:
    page = at("crm", model=model).begin()
    before = page.response
    say(page, "One")
    page.response = before
    say(page, "Two")
    assert [request.message for request in model.asked] == ["One", "Two"]


def test_a_script_that_sends_a_message_again_is_told_what_was_said(
    at: Open, model: Scripted
) -> None:
    page = at("crm", model=model).begin()
    headers = {"accept": "application/x-ndjson", "idempotency-key": "k"}
    told = []
    for _ in range(2):
        data = {**hidden(page), "message": "Hi"}
        answer = page.client.post(f"{page.path}/messages", data=data, headers=headers)
        told.append([line for line in answer.text.splitlines() if "Hi" in line])
    assert told[0] == told[1] == ['{"said":{"text":"Hi"}}', '{"text":"Heard 1: Hi"}']


def test_other_pages_are_told_what_the_user_said(at: Open, model: Scripted) -> None:
    page = at("crm", model=model).begin()
    seq = page.kept.seq
    say(page, "Hi")
    for known in (True, False):
        if not known:
            page.host.hub.forget(page.id)  # the log knows it too
        told = page.host._turns.since(page.id, seq, page.kept.seq)
        events = [event for turn in told for event in turn.events]
        assert ("html", {"said": {"text": "Hi"}}) in events
        assert ("text", {"text": "Heard 1: Hi"}) in events


# --- what it does not -----------------------------------------------------------------------------


@pytest.mark.parametrize("message", ["", " \r\n "])
def test_an_empty_message_says_nothing(at: Open, model: Scripted, message: str) -> None:
    page = say(at("crm", model=model).begin(), message)
    assert page.response.status_code == 200
    assert model.asked == [] and lines(page) == []


@pytest.mark.parametrize("begins", [True, False])
def test_a_message_that_is_too_long_is_refused_and_stays_in_its_box(
    at: Open, model: Scripted, begins: bool
) -> None:
    page = at("crm", model=model)
    page = started(page) if begins else page.begin()
    say(page, "é" * MAX_MESSAGE)
    assert len(model.asked) == 1
    page = started(page) if begins else page
    long = "\n" + "é" * (MAX_MESSAGE + 1)
    say(page, long)
    assert page.response.status_code == 413
    assert "That is too large to be sent." in page.text
    field = box(page)
    assert field is not None and "".join(field.itertext()) == long.strip()
    assert len(model.asked) == 1


def test_a_message_without_the_pages_token_is_refused(at: Open, model: Scripted) -> None:
    page = say(at("crm", model=model).begin(), "Hi", _csrf="no")
    assert page.response.status_code == 403
    assert model.asked == []
    field = box(page)
    assert field is not None and field.text == "Hi"


@pytest.mark.parametrize("begins", [True, False])
def test_another_site_sends_no_message(at: Open, model: Scripted, begins: bool) -> None:
    page = at("crm", model=model)
    page = started(page) if begins else page.begin()
    page.client.headers["origin"] = "https://elsewhere.example"
    say(page, "canary")
    assert page.response.status_code == 403
    assert model.asked == [] and "canary" not in page.response.text


def test_a_stranger_sends_no_message(at: Open, model: Scripted) -> None:
    page = at("crm", model=model).begin()
    stranger = page.another()
    data = {**hidden(page), "message": "Hi"}
    assert stranger.client.post(f"{page.path}/messages", data=data).status_code == 404
    assert model.asked == []


# --- a model that says nothing --------------------------------------------------------------------


@pytest.mark.parametrize("begins", [True, False])
def test_a_model_that_fails_is_told_in_the_users_words(
    at: Open, caplog: pytest.LogCaptureFixture, begins: bool
) -> None:
    model = Scripted(fails="LLM_UNAUTHORIZED")
    page = at("crm", model=model)
    page = say(started(page) if begins else page.begin(), "Hi")
    mine, answer = lines(page)
    assert mine == "You: Hi"
    assert answer.startswith("This is not available for the moment.")
    assert "of the provider" not in page.response.text
    assert '"hint":"of the provider"' in caplog.text
    assert caplog.text.count('"event":"model"') == 1
    assert "Hi" not in caplog.text
