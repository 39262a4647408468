"""A press is sent once, in the background, and its answer shows; a failure has a way on."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import Page, expect

from tests.backends.html.static.conftest import Opener
from tests.backends.html.static.markup import (
    area,
    button,
    details,
    page,
    replaced,
    secret,
    surface,
    tabs,
    text,
    upload,
)
from tests.backends.html.static.site import Answer, Post, Site

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
FILE = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}


def done(*body: str, rev: int = 2) -> Answer:
    return Answer([replaced(surface(*(body or (text("name"), button())), rev=rev))])


def wait_for_rev(tab: Page, wanted: int) -> None:
    expect(tab.locator("#ui-main")).to_have_attribute("data-rev", str(wanted))


def only(site: Site) -> Post:
    [post] = site.posts
    return post


# --- what is sent ---------------------------------------------------------------------------------


def test_a_press_posts_the_form_and_asks_for_messages(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), upload("file"), button("save"), button("other"))))
    tab.locator("#id-name").fill("Ada")
    tab.locator("#id-file").set_input_files([FILE])
    site.answers.append(done())
    tab.locator("#other").click()
    wait_for_rev(tab, 2)
    post = only(site)
    assert post.path == "/c/1"
    assert post.headers["Accept"] == "application/x-ndjson"
    assert post.headers.get_content_type() == "multipart/form-data"
    assert UUID.fullmatch(post.key)
    assert dict(post.fields) == {
        "_surface": "main",
        "_rev": "1",
        "_csrf": "token",
        "_key": "k",
        "_press": "other other",
        "f.name": "Ada",
        "f.file": "a.txt",
    }
    assert tab.url.endswith("/c/1"), "the page stays"


def test_enter_in_a_field_presses_the_first_button(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    site.answers.append(done())
    tab.locator("#id-name").press("Enter")
    wait_for_rev(tab, 2)
    assert ("_press", "save save") in only(site).fields
    expect(tab.locator("#id-name")).to_be_focused()


def test_a_form_with_an_address_of_its_own_posts_there(opened: Opener, site: Site) -> None:
    markup = surface(text("name"), button()).replace("<form ", '<form action="/c/1/press" ')
    tab = opened(page(markup))
    site.answers.append(done())
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    assert only(site).path == "/c/1/press"


def test_every_press_has_a_key_of_its_own(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    for rev in (2, 3):
        site.answers.append(done(rev=rev))
        tab.locator("#save").click()
        wait_for_rev(tab, rev)
    assert len({post.key for post in site.posts}) == 2
    assert [dict(post.fields)["_rev"] for post in site.posts] == ["1", "2"]


def test_keys_are_made_on_plain_http_too(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    tab.context.add_init_script("delete Crypto.prototype.randomUUID")
    tab.reload()
    site.answers.append(done())
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    assert UUID.fullmatch(only(site).key)


# --- while it is on its way -----------------------------------------------------------------------


def test_a_double_click_sends_one_request(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button("save"), button("other"))))
    hold = threading.Event()
    site.answers.append(Answer(done().lines, hold=hold))
    tab.locator("#save").dblclick()
    expect(tab.locator("#save")).to_have_class(re.compile("ui-busy"))
    expect(tab.locator("#save")).to_have_attribute("aria-disabled", "true")
    expect(tab.locator("#other")).to_have_attribute("aria-disabled", "true")
    expect(tab.locator("#other")).not_to_have_class(re.compile("ui-busy"))
    expect(tab.locator("#save")).to_be_focused()
    tab.locator("#other").dispatch_event("click")
    tab.locator("#id-name").press("Enter")
    hold.set()
    wait_for_rev(tab, 2)
    assert len(site.posts) == 1
    expect(tab.locator("[aria-disabled], .ui-busy")).to_have_count(0)


def test_a_press_that_takes_a_while_is_said_aloud(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    hold = threading.Event()
    site.answers.append(Answer(done().lines, hold=hold))
    tab.locator("#save").click()
    expect(tab.locator("p[role=status]")).to_have_text("Sending …")
    hold.set()
    expect(tab.locator("p[role=status]")).to_have_count(0)


def test_what_is_typed_while_the_answer_comes_stays(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), text("mail"), button())))
    hold = threading.Event()
    site.answers.append(Answer(done(text("name", "A"), text("mail"), button()).lines, hold=hold))
    tab.locator("#id-name").type("A")
    tab.locator("#save").click()
    tab.locator("#id-name").press("End")
    tab.keyboard.type("da")
    tab.locator("#id-mail").type("a@")
    hold.set()
    wait_for_rev(tab, 2)
    assert tab.locator("#id-name").input_value() == "Ada"
    assert tab.locator("#id-mail").input_value() == "a@"


def test_a_push_meanwhile_leaves_the_buttons_busy(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    hold = threading.Event()
    site.answers.append(Answer(done(rev=3).lines, hold=hold))
    tab.locator("#save").click()
    site.push(replaced(surface(text("name"), button(), rev=2)))
    wait_for_rev(tab, 2)
    expect(tab.locator("#save")).to_have_class(re.compile("ui-busy"))
    tab.locator("#save").dispatch_event("click")
    hold.set()
    wait_for_rev(tab, 3)
    expect(tab.locator("#save")).not_to_have_class(re.compile("ui-busy"))
    assert len(site.posts) == 1


# --- the answer -----------------------------------------------------------------------------------


def test_errors_take_the_focus_to_their_summary_whose_links_lead_on(
    opened: Opener, site: Site
) -> None:
    tab = opened(page(surface(text("name"), area("words"), button())))
    tab.locator("#id-words").fill("kept")
    wrong = surface(
        text("name", error="Please fill this in."),
        area("words"),
        button(),
        rev=2,
        errors=[("id-name", "Name: Please fill this in.")],
    )
    site.answers.append(Answer([replaced(wrong)], status=422))
    tab.locator("#save").click()
    expect(tab.locator(".ui-summary")).to_be_focused()
    assert tab.locator("#id-words").input_value() == "kept"
    tab.locator(".ui-summary a").click()
    expect(tab.locator("#id-name")).to_be_focused()
    assert tab.locator("#id-name").get_attribute("tabindex") is None


def test_the_summary_has_the_focus_though_the_push_was_faster(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    wrong = replaced(surface(text("name", error="No."), rev=2, errors=[("id-name", "No.")]))
    hold = threading.Event()
    site.answers.append(Answer([wrong], status=422, hold=hold))
    tab.locator("#save").click()
    site.push(wrong)
    wait_for_rev(tab, 2)
    hold.set()
    expect(tab.locator(".ui-summary")).to_be_focused()


def test_another_view_takes_the_focus_to_its_heading(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    answer = surface('<h2 class="ui-title" id="t">Thank you</h2>', text("other"), rev=2)
    site.answers.append(Answer([replaced(answer)]))
    tab.locator("#save").click()
    expect(tab.locator("h2")).to_be_focused()
    # A later push does not take it away again.
    site.push(replaced(answer.replace('data-rev="2"', 'data-rev="3"')))
    wait_for_rev(tab, 3)
    expect(tab.locator("h2")).to_be_focused()


def test_the_same_view_leaves_the_focus_on_the_button(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    site.answers.append(done())
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    expect(tab.locator("#save")).to_be_focused()


def test_an_answer_may_take_the_surface_away_or_show_it_anew(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    tab.locator("#id-name").fill("mine")
    anew = replaced(surface(text("name"), button(), epoch=2), surface="main#e=2")
    site.answers.append(Answer([{"remove": {"surface": "main"}}, anew]))
    tab.locator("#save").click()
    expect(tab.locator("#ui-main")).to_have_attribute("data-surface", "main#e=2")
    assert tab.locator("#id-name").input_value() == "mine"
    site.answers.append(Answer([{"remove": {"surface": "main#e=2"}}, {"text": "Bye."}]))
    tab.locator("#save").click()
    expect(tab.locator("#ui-main")).to_have_count(0)
    expect(tab.locator(".ui-log > .ui-said")).to_have_text("Bye.")
    expect(tab.locator("main")).to_be_focused()


def test_a_secret_and_a_file_that_arrived_are_not_sent_again(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(secret("pin"), upload("file"), button())))
    tab.locator("#id-pin").fill("1234")
    tab.locator("#id-file").set_input_files([FILE])
    site.answers.append(done(secret("pin", kept=True), upload("file", handle="upload:1"), button()))
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    site.answers.append(done(rev=3))
    tab.locator("#save").click()
    wait_for_rev(tab, 3)
    files = [item for name, item in site.posts[1].fields if name == "f.file"]
    assert files == ["upload:1", ""]
    assert ("f.pin", "") in site.posts[1].fields


def test_a_secret_and_a_file_that_did_not_arrive_stay(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(secret("pin"), upload("file"), button())))
    tab.locator("#id-pin").fill("1234")
    tab.locator("#id-file").set_input_files([FILE])
    site.answers.append(done(secret("pin"), upload("file"), button()))
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    assert tab.locator("#id-pin").input_value() == "1234"
    assert tab.evaluate("document.querySelector('#id-file').files[0].name") == "a.txt"


def test_toasts_and_texts_are_told_as_text(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    evil = "<img src=x onerror=alert(1)>"
    site.answers.append(
        Answer(
            [
                {"effect": {"kind": "toast", "data": {"text": evil, "level": "success"}}},
                {"effect": {"kind": "toast", "data": {"text": "odd", "level": "__proto__"}}},
                {"effect": {"kind": "other", "data": {}}},
                {"fallback": {"text": "Not shown.", "surfaces": [], "regenerate": "Again"}},
                {"text": evil},
                {"unheard": 1},
                *done().lines,
            ]
        )
    )
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    toasts = tab.locator(".ui-toasts > .ui-toast")
    expect(toasts.locator("p")).to_have_text([evil, "odd", "Not shown."])
    classes = [item.split()[1] for item in toasts.evaluate_all("all => all.map(e => e.className)")]
    assert classes == ["ui-success", "ui-info", "ui-error-tone"]
    expect(tab.locator(".ui-said")).to_have_text(evil)
    toasts.first.get_by_role("button", name="Close").click()
    expect(toasts).to_have_count(2)


def test_a_toast_goes_by_itself_but_not_while_somebody_is_at_it(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    tab.clock.install()
    toast = {"effect": {"kind": "toast", "data": {"text": "Saved.", "level": "success"}}}
    site.push(toast, {"effect": {"kind": "toast", "data": {"text": "Oh.", "level": "error"}}})
    toasts = tab.locator(".ui-toast")
    expect(toasts).to_have_count(2)
    toasts.first.locator("button").focus()
    tab.clock.run_for(11_000)
    expect(toasts).to_have_count(2)
    tab.locator("#id-name").focus()
    tab.clock.run_for(3_000)
    expect(toasts).to_have_text(["Oh."])
    tab.clock.run_for(60_000)
    expect(toasts).to_have_count(1)


# --- when it fails --------------------------------------------------------------------------------


def test_a_failure_keeps_everything_and_offers_to_send_again(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), details("more", "x"), button())))
    tab.locator("#id-name").fill("Ada")
    tab.locator("summary").click()
    site.answers.append(Answer(drop=True))
    tab.locator("#save").click()
    note = tab.locator(".ui-failed")
    expect(note).to_have_attribute("role", "alert")
    expect(note.locator("p")).to_have_text("Not sent.")
    assert tab.locator("#id-name").input_value() == "Ada"
    assert tab.locator("details").evaluate("e => e.open")
    expect(tab.locator("[aria-disabled], .ui-busy")).to_have_count(0)
    # What is pushed meanwhile leaves the way on where it is.
    site.push({"rev": {"surface": "main", "rev": 1}})
    site.answers.append(done())
    note.get_by_role("button", name="Send again").click()
    wait_for_rev(tab, 2)
    expect(note).to_have_count(0)
    assert len(site.posts) == 2
    assert site.posts[0].key == site.posts[1].key, "a repeat of the same press"
    assert site.posts[0].fields == site.posts[1].fields


def test_the_same_button_is_a_way_on_too(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    site.answers += [Answer(drop=True), Answer(drop=True), done()]
    for _ in range(2):
        tab.locator("#save").click()
        expect(tab.locator(".ui-failed")).to_have_count(1)
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    assert len({post.key for post in site.posts}) == 1
    expect(tab.locator(".ui-failed")).to_have_count(0)


def test_another_press_after_a_failure_has_another_key(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    site.answers += [Answer(drop=True), done()]
    tab.locator("#save").click()
    expect(tab.locator(".ui-failed")).to_have_count(1)
    tab.locator("#id-name").fill("changed")
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    assert site.posts[0].key != site.posts[1].key


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=200, kind="text/html", body="<p>Sign in"),
        Answer(status=500),
    ],
    ids=["other page", "nothing"],
)
def test_an_answer_that_makes_no_sense_leads_to_a_plain_post(
    opened: Opener, site: Site, answer: Answer
) -> None:
    tab = opened(page(surface(text("name"), button())))
    tab.locator("#id-name").fill("Ada")
    site.answers += [answer, Answer(kind="text/html", body="<h1>Plain</h1>")]
    tab.locator("#save").click()
    tab.get_by_role("button", name="Send again").click()
    expect(tab.locator("h1")).to_have_text("Plain")
    assert "Idempotency-Key" not in site.posts[1].headers
    assert site.posts[1].fields == site.posts[0].fields


def test_a_gateways_word_says_nothing_of_the_press(opened: Opener, site: Site) -> None:
    """The press may have been done, so it is sent again under its own key."""
    tab = opened(page(surface(text("name"), button())))
    site.answers += [Answer(status=502, kind="text/html", body="<h1>Bad gateway</h1>"), done()]
    tab.locator("#save").click()
    tab.get_by_role("button", name="Send again").click()
    wait_for_rev(tab, 2)
    assert site.posts[0].key == site.posts[1].key


def test_a_torn_answer_counts_as_none(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    site.answers += [Answer(body='{"text": "one"}\n{"text": "tw'), done()]
    tab.locator("#save").click()
    tab.get_by_role("button", name="Send again").click()
    wait_for_rev(tab, 2)
    expect(tab.locator(".ui-said")).to_have_count(0)
    assert site.posts[0].key == site.posts[1].key


def test_a_refusal_is_told(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    tab.locator("#id-name").fill("Ada")
    newest = replaced(surface(text("name", "older"), button(), rev=4))
    site.answers.append(Answer([newest, {"fallback": {"text": "It changed."}}], status=409))
    tab.locator("#save").click()
    wait_for_rev(tab, 4)
    expect(tab.locator(".ui-toast p")).to_have_text("It changed.")
    assert tab.locator("#id-name").input_value() == "Ada"


def test_an_answer_that_leads_elsewhere_is_followed(opened: Opener, site: Site) -> None:
    turns = (
        '<form class="ui-turns" method="post" action="/c/1/turns">'
        '<input type="hidden" name="_csrf" value="t">'
        '<button type="submit" name="turn" value="1">First</button></form>'
    )
    tab = opened(page(surface(text("name")), extra=turns))
    site.pages["/c/2"] = page(surface(text("there")))
    site.answers.append(Answer(status=303, location="/c/2"))
    tab.get_by_role("button", name="First").click()
    expect(tab.locator("#id-there")).to_have_count(1)
    assert only(site).fields == [("_csrf", "t"), ("turn", "1")]
    assert only(site).headers.get_content_type() == "application/x-www-form-urlencoded"


def test_a_turn_may_show_something_on_the_page(opened: Opener, site: Site) -> None:
    turns = (
        '<form class="ui-turns" method="post" action="/c/1/turns">'
        '<button type="submit" name="turn" value="1">First</button></form>'
    )
    tab = opened(page(extra=turns))
    site.answers.append(Answer([{"text": "Hello."}, *done().lines]))
    tab.get_by_role("button", name="First").click()
    wait_for_rev(tab, 2)
    expect(tab.locator(".ui-said")).to_have_text("Hello.")


def test_other_forms_of_the_page_are_left_alone(opened: Opener, site: Site) -> None:
    other = '<form method="post" action="/other"><button>Leave</button></form>'
    tab = opened(page(extra=other))
    site.answers.append(Answer(kind="text/html", body="<h1>Other</h1>"))
    tab.get_by_role("button", name="Leave").click()
    expect(tab.locator("h1")).to_have_text("Other")


def test_tabs_with_an_error_come_to_the_front_on_a_press(opened: Opener, site: Site) -> None:
    def view(rev: int, error: str = "") -> str:
        return surface(
            tabs(("one", "One", text("a")), ("two", "Two", text("b", error=error))),
            button(),
            rev=rev,
            errors=[("id-b", "B: No.")] if error else (),
        )

    tab = opened(page(view(1)))
    site.answers.append(Answer([replaced(view(2, "No."))], status=422))
    tab.locator("#save").click()
    expect(tab.get_by_role("tab", name="Two")).to_have_attribute("aria-selected", "true")
    expect(tab.get_by_role("tab", name="Two")).to_have_class(re.compile("ui-invalid"))
    expect(tab.locator("#id-b")).to_be_visible()
    tab.get_by_role("tab", name="One").click()
    expect(tab.locator("#id-b")).to_be_hidden()
    tab.locator(".ui-summary a").click()
    expect(tab.locator("#id-b")).to_be_focused()
