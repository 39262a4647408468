"""What a person typed is never lost: errors, reloads, pushes, other tabs, a broken line."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from . import apps
from .hands import Mouse, payload
from .server import Site
from .tab import Tab, Tabs

SECRET = "open sesame"
PHONE = "+43 1 112"
LONG = "A text that takes a while to write."


def begun(tabs: Tabs, site: Site, **how: Any) -> Tab:
    """The form of all fields, in a tab."""
    return tabs.open(site, **how).begin("turn", "form").settle()


def fill_in(tab: Tab) -> None:
    """Type into every field but the two that are required, which get what is wrong or nothing."""
    hands = Mouse(tab)
    inputs = {item.id: item.field for item in tab.state.surfaces["main"].inputs}
    for name, value in apps.ENTERED.items():
        hands.fill("main", name, inputs[name], value)
    tab.type(email="ada at example.org", secret=SECRET)
    hands.choose("main", "upload", payload('{"a": 1}'))


def expect_filled(tab: Tab, *, but: tuple[str, ...] = ()) -> None:
    """Everything that was typed is there."""
    shown = {item[1]: item[-1] for item in tab.seen() if item[0] == "field"}
    for name, value in {**apps.ENTERED, "email": "ada at example.org"}.items():
        if name in but:
            continue
        told = ["true"] if value is True else value if isinstance(value, list) else [str(value)]
        assert shown[name] == told, name


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_everything_typed_is_there_beside_the_errors(
    tabs: Tabs, forms_site: Site, scripts: bool
) -> None:
    tab = begun(tabs, forms_site, scripts=scripts)
    fill_in(tab)
    tab.press("Save")
    expect(tab.error("email")).to_contain_text("e-mail")
    expect_filled(tab)
    expect(tab.controls("secret")).to_have_value("")  # the server has it, and says so
    assert tab.page.locator('[data-field="secret"] [id$="-hint"]').count() == 1
    assert tab.page.locator('[data-field="upload"] input[type=hidden]').count() == 1
    tab.type(email="ada@example.org").press("Save")
    saved = tab.committed()["saved"]
    assert saved["secret"].startswith("secret:")
    assert saved["upload"]["handle"].startswith("upload:")
    assert (saved["number"], saved["slider"], saved["boolean"]) == (12, 17, True)
    assert sorted(saved["multi_choice"]) == ["halal", "vegan"]
    assert saved["long_text"] == apps.ENTERED["long_text"]
    assert saved["datetime"].startswith("2026-03-09T15:30")
    assert (saved["date"], saved["time"], saved["city"]) == ("2026-03-09", "15:30", "c4")
    assert list(saved["tags"]) == ["one", "two"]


def test_errors_come_to_the_front_and_lead_to_their_fields(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.press("Save")
    summary = tab.frame().locator(".ui-summary")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    assert summary.get_attribute("role") == "alert"
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    expect(tab.controls("short_text")).to_be_focused()
    for name in ("short_text", "email"):
        control = tab.controls(name)
        expect(control).to_have_attribute("aria-invalid", "true")
        told = (control.get_attribute("aria-describedby") or "").split()
        assert tab.error(name).get_attribute("id") in told


def test_links_of_the_summary_work_without_scripts(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site, scripts=False)
    tab.press("Save")
    link = tab.frame().locator(".ui-summary a").first
    link.click()
    target = tab.controls("short_text").get_attribute("id")
    assert tab.page.url.endswith(f"#{target}")
    expect(tab.controls("short_text")).to_be_in_viewport()


def test_a_bad_number_or_day_is_there_again_as_it_was_typed(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.type(number="12 or so").press("Save")
    expect(tab.controls("number")).to_have_value("12 or so")
    expect(tab.error("number")).to_be_visible()


def test_a_slider_says_its_value_while_it_moves(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.controls("slider").focus()
    tab.page.keyboard.press("ArrowRight")
    value = tab.controls("slider").input_value()
    expect(tab.page.locator('[data-field="slider"] output')).to_have_text(value)


# --- reloads --------------------------------------------------------------------------------------


def test_a_reload_keeps_everything_but_secrets_and_files(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    fill_in(tab)
    tab.page.reload()
    expect_filled(tab)
    expect(tab.controls("secret")).to_have_value("")
    kept = tab.page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert SECRET not in kept
    assert "card.json" not in kept


def test_what_was_sent_is_no_draft_any_more(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.type(short_text="Ada", email="ada@example.org").press("Save")
    tab.page.evaluate("dispatchEvent(new Event('pagehide'))")  # writes down what is not yet
    assert tab.page.evaluate("Object.keys(sessionStorage).length") == 0
    tab.page.reload()
    expect(tab.controls("short_text")).to_have_value("Ada")


def test_what_was_sent_does_not_come_back_over_a_reset(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    fill_in(tab)
    tab.type(short_text="Ada", email="ada@example.org").press("Save")
    tab.press("Save")
    forms_site.play(tab.id, [{**apps.FORM, "payload": {**apps.FORM["payload"], "reset": True}}])
    for name in ("short_text", "long_text", "date", "city"):
        expect(tab.controls(name)).to_have_value("")
    tab.page.reload()
    for name in ("short_text", "long_text", "date", "city"):
        expect(tab.controls(name)).to_have_value("")


def test_rows_that_were_typed_survive_a_reload(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.press("Add a guest")
    tab.type(guests__r1__name="Grace")
    tab.page.reload()
    expect(tab.controls("guests/r1/name")).to_have_value("Grace")


def test_the_browsers_back_and_forward_keep_what_was_typed(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.type(short_text=LONG)
    tab.page.get_by_role("link", name="Other conversations").or_(
        tab.page.locator(".ui-header a")
    ).first.click()
    tab.page.wait_for_url(forms_site.url)
    tab.page.go_back()
    expect(tab.controls("short_text")).to_have_value(LONG)
    tab.page.go_forward()
    tab.page.wait_for_url(forms_site.url)
    tab.page.go_back()
    expect(tab.controls("short_text")).to_have_value(LONG)
    tab.type(email="ada@example.org").press("Save")
    assert tab.committed()["saved"]["short_text"] == LONG


def test_back_to_a_page_that_moved_on_shows_the_newest(tabs: Tabs, forms_site: Site) -> None:
    """The page that comes back is an older one; its stream tells what it missed."""
    tab = begun(tabs, forms_site)
    tab.type(short_text=LONG)
    name = tab.id
    tab.page.locator(".ui-header a").first.click()
    tab.page.wait_for_url(forms_site.url)
    forms_site.play(name, [_patch("/draft/phone", PHONE)])
    tab.page.go_back()
    expect(tab.controls("phone")).to_have_value(PHONE)
    expect(tab.controls("short_text")).to_have_value(LONG)


@pytest.mark.parametrize("link", ["?theme=dark", "?lang=he"])
def test_another_theme_or_language_keeps_what_was_typed(
    tabs: Tabs, forms_site: Site, link: str
) -> None:
    tab = begun(tabs, forms_site)
    tab.type(short_text=LONG)
    tab.page.locator(f'.ui-footer a[href="{link}"]').click()
    tab.page.wait_for_url(f"**{link}")
    expect(tab.controls("short_text")).to_have_value(LONG)
    html = tab.page.locator("html")
    wanted = ("data-theme", "dark") if "theme" in link else ("dir", "rtl")
    expect(html).to_have_attribute(*wanted)


def test_back_in_a_wizard_keeps_what_was_typed_without_scripts(tabs: Tabs, server: Any) -> None:
    site = server.example("booking")
    tab = tabs.open(site, scripts=False).begin("turn", "01_show_wizard")
    tab.type(arrival="2026-03-02", departure="2026-03-05").press("Next")
    tab.type(guests__r1__name="Ada King").press("Back")
    expect(tab.controls("arrival")).to_have_value("2026-03-02")
    tab.press("Next")
    expect(tab.controls("guests/r1/name")).to_have_value("Ada King")


def test_the_browsers_back_without_scripts_shows_the_form_again(
    tabs: Tabs, forms_site: Site
) -> None:
    tab = begun(tabs, forms_site, scripts=False)
    tab.type(short_text="Ada", email="ada@example.org").press("Save")
    tab.page.go_back()
    tab.type(short_text="Ada King").press("Save")
    expect(tab.controls("short_text")).to_have_value("Ada King")


# --- pushes ---------------------------------------------------------------------------------------


def caret(tab: Tab) -> list[int]:
    found: list[int] = tab.page.evaluate(
        "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
    )
    return found


def test_a_push_leaves_focus_caret_and_text(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.type(long_text=LONG)
    tab.page.keyboard.press("Home")
    for _ in range(4):
        tab.page.keyboard.press("Shift+ArrowRight")
    before, scroll = caret(tab), tab.page.evaluate("scrollY")
    forms_site.play(tab.id, [_patch("/draft/phone", PHONE)])
    expect(tab.controls("phone")).to_have_value(PHONE)
    expect(tab.controls("long_text")).to_be_focused()
    assert caret(tab) == before == [0, 4]
    assert tab.page.evaluate("scrollY") == scroll
    tab.page.keyboard.type("This")
    expect(tab.controls("long_text")).to_have_value(LONG.replace("A te", "This"))


def test_pushes_between_keystrokes_lose_none(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.controls("short_text").focus()
    for number, letter in enumerate(LONG):
        tab.page.keyboard.type(letter)
        if number % 5 == 0:
            forms_site.play(tab.id, [_patch("/draft/phone", str(number))])
    expect(tab.controls("short_text")).to_have_value(LONG)
    tab.settle()
    expect(tab.controls("short_text")).to_have_value(LONG)
    expect(tab.controls("phone")).to_have_value("30")


def test_a_push_that_writes_a_field_wins_over_what_was_typed(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.type(short_text=LONG, phone="+43")
    forms_site.play(tab.id, [_patch("/draft/short_text", "From the model")])
    expect(tab.controls("short_text")).to_have_value("From the model")
    expect(tab.controls("phone")).to_have_value("+43")


def test_a_push_waits_while_a_text_is_composed(tabs: Tabs, forms_site: Site) -> None:
    """As an input method for Japanese does it: nothing may touch the text until it is committed."""
    tab = begun(tabs, forms_site)
    tab.controls("short_text").focus()
    keys = tab.page.context.new_cdp_session(tab.page)
    for text in ("に", "にほ", "にほん"):
        keys.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
    forms_site.play(tab.id, [_patch("/draft/phone", PHONE)])
    forms_site.play(tab.id, [{"type": "ui.toast", "payload": {"text": "Here", "level": "info"}}])
    expect(tab.page.locator(".ui-toasts")).to_contain_text("Here")  # so the push has arrived
    expect(tab.controls("short_text")).to_have_value("にほん")
    expect(tab.controls("phone")).to_have_value("")
    keys.send("Input.insertText", {"text": "日本"})
    expect(tab.controls("phone")).to_have_value(PHONE)
    expect(tab.controls("short_text")).to_have_value("日本")
    expect(tab.controls("short_text")).to_be_focused()


def test_choices_and_boxes_stay_over_a_push(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    fill_in(tab)
    forms_site.play(tab.id, [_patch("/draft/email", "new@example.org")])
    expect(tab.controls("email")).to_have_value("new@example.org")
    expect_filled(tab.settle(), but=("email",))
    expect(tab.controls("secret")).to_have_value(SECRET)
    assert tab.page.evaluate("document.querySelector('[type=file]').files[0].name") == "card.json"
    tab.press("Save")
    assert tab.committed()["saved"]["upload"]["handle"].startswith("upload:")


def test_a_second_tab_shows_what_the_first_one_did(tabs: Tabs, forms_site: Site) -> None:
    one = begun(tabs, forms_site)
    two = tabs.open(forms_site, beside=one)
    two.page.goto(one.page.url)
    two.type(long_text=LONG)
    one.type(short_text="Ada", email="ada@example.org").press("Save")
    expect(two.page.locator(".ui-toasts")).to_contain_text("Saved 1.")
    two.settle()
    expect(two.controls("long_text")).to_have_value(LONG)
    expect(two.controls("long_text")).to_be_focused()
    two.type(short_text="Ada", email="ada@example.org").press("Save")
    assert two.committed()["times"] == 2
    assert two.committed()["saved"]["long_text"] == LONG
    one.settle()
    expect(one.page.locator(".ui-toasts")).to_contain_text("Saved 2.")


def test_a_tab_that_was_offline_catches_up(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.type(short_text=LONG)
    [listener] = forms_site.host.hub._channels[tab.id].listeners
    listener.home.call_soon_threadsafe(listener.end)  # its stream breaks
    forms_site.play(tab.id, [_patch("/draft/phone", PHONE)])
    expect(tab.controls("phone")).to_have_value(PHONE)
    expect(tab.controls("short_text")).to_have_value(LONG)


def test_what_the_reader_opened_stays_open(tabs: Tabs, server: Any, tmp_path: Any) -> None:
    more = {"node": "field", "id": "more", "label": "More"}
    root = [
        {
            "node": "tabs",
            "children": [_tab("One", more), _tab("Two", {"node": "text", "text": "2"})],
        },
        {"node": "disclosure", "title": "Terms", "children": [{"node": "text", "text": "Thirty."}]},
    ]
    folder = apps.written(tmp_path / "app", view=[apps.shown(*root)])
    site = server.site(f"opened-{tmp_path.name}", apps.views(), folder=folder)
    tab = tabs.open(site).begin("turn", "view")
    tab.page.get_by_role("tab", name="Two").click()
    tab.page.get_by_text("Terms").click()
    site.play(tab.id, [_patch("/draft/more", "new")])
    tab.settle()
    expect(tab.page.get_by_role("tab", name="Two")).to_have_attribute("aria-selected", "true")
    expect(tab.page.get_by_text("Thirty.")).to_be_visible()
    tab.page.keyboard.press("Tab")
    tab.page.get_by_role("tab", name="Two").focus()
    tab.page.keyboard.press("ArrowLeft")
    expect(tab.page.get_by_role("tab", name="One")).to_be_focused()
    expect(tab.controls("more")).to_have_value("new")


def _tab(title: str, *children: Any) -> Any:
    return {"node": "tab", "title": title, "children": list(children)}


def _patch(path: str, value: Any) -> Any:
    return {"type": "ui.patch", "payload": {"ops": [{"op": "set", "path": path, "value": value}]}}


# --- a broken line --------------------------------------------------------------------------------


def failing(tab: Tab, how: Any) -> None:
    """Presses of this tab fail."""
    tab.page.route("**/c/*", lambda route: how(route) if _is_post(route) else route.fallback())


def _is_post(route: Route) -> bool:
    return route.request.method == "POST"


def ready(tab: Tab) -> Tab:
    return tab.type(short_text="Ada", email="ada@example.org", long_text=LONG, secret=SECRET)


@pytest.mark.parametrize("arrives", [False, True], ids=["it does not arrive", "the answer is lost"])
def test_a_press_that_got_no_answer_is_sent_again_and_counts_once(
    tabs: Tabs, forms_site: Site, arrives: bool
) -> None:
    tab = ready(begun(tabs, forms_site))

    def cut(route: Route) -> None:
        if arrives:
            route.fetch()
        route.abort()

    failing(tab, cut)
    tab.button("Save").click()
    again = tab.page.get_by_role("button", name="Send again")
    expect(again).to_be_visible()
    expect(tab.controls("long_text")).to_have_value(LONG)
    expect(tab.controls("secret")).to_have_value(SECRET)
    assert tab.page.locator(".ui-failed").get_attribute("role") == "alert"
    tab.page.unroute_all()
    with tab.page.expect_response(lambda answer: answer.request.method == "POST"):
        again.click()
    tab.settle()
    expect(again).to_have_count(0)
    assert tab.committed()["times"] == 1
    assert tab.committed()["saved"]["long_text"] == LONG


def test_what_was_typed_while_offline_survives_a_reload(tabs: Tabs, forms_site: Site) -> None:
    tab = ready(begun(tabs, forms_site))
    failing(tab, lambda route: route.abort())
    tab.button("Save").click()
    expect(tab.page.get_by_role("button", name="Send again")).to_be_visible()
    tab.page.unroute_all()
    tab.page.reload()
    expect(tab.controls("long_text")).to_have_value(LONG)


def test_an_answer_that_makes_no_sense_is_asked_for_the_plain_way(
    tabs: Tabs, forms_site: Site
) -> None:
    """Such as a page to sign in at: the next press is a plain one, which shows it."""
    tab = ready(begun(tabs, forms_site))
    failing(tab, lambda route: route.fulfill(status=200, content_type="text/html", body="Oops"))
    tab.button("Save").click()
    again = tab.page.get_by_role("button", name="Send again")
    expect(again).to_be_visible()
    tab.page.unroute_all()
    again.click()
    expect(tab.page.locator(".ui-toasts")).to_contain_text("Saved 1.")
    assert tab.committed()["times"] == 1


@pytest.mark.parametrize("presses", ["double click", "two Enter keys"])
def test_two_presses_at_once_have_one_effect(tabs: Tabs, forms_site: Site, presses: str) -> None:
    tab = ready(begun(tabs, forms_site))
    held = threading.Event()
    posts: list[str] = []

    def slow(route: Route) -> None:
        posts.append(route.request.url)
        held.wait(0.2)
        route.fallback()

    failing(tab, slow)
    if presses == "double click":
        tab.button("Save").dblclick()
    else:
        tab.controls("short_text").focus()
        tab.page.keyboard.press("Enter")
        tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".ui-toasts")).to_contain_text("Saved 1.")
    tab.settle()
    assert len(posts) == 1
    assert tab.committed()["times"] == 1


def test_a_page_sent_twice_without_scripts_counts_once(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site, scripts=False)
    tab.type(short_text="Ada", email="ada@example.org").press("Save")
    assert tab.committed()["times"] == 1
    tab.page.reload()  # the browser posts the same form again
    assert tab.committed()["times"] == 1
    expect(tab.controls("short_text")).to_have_value("Ada")


# --- a stale page ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_stale_press_keeps_what_was_typed_and_shows_the_newest(
    tabs: Tabs, forms_site: Site, scripts: bool
) -> None:
    tab = tabs.open(forms_site, scripts=scripts)
    tab.page.route("**/stream*", lambda route: route.abort())
    tab.begin("turn", "form")
    forms_site.play(tab.id, [_patch("/draft/phone", PHONE)])
    ready(tab).type(url="https://example.org")
    with tab.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        tab.button("Save").click()
    assert answer.value.status == 409
    tab.settle()
    expect(tab.controls("long_text")).to_have_value(LONG)
    expect(tab.controls("short_text")).to_have_value("Ada")
    if scripts:
        expect(tab.controls("phone")).to_have_value(PHONE)
        expect(tab.page.locator(".ui-toasts .ui-error-tone")).to_be_visible()
    else:
        expect(tab.page.locator(".ui-notice.ui-error-tone")).to_be_visible()
    assert "saved" not in tab.committed()
    if not scripts:
        tab.type(secret=SECRET)
    tab.press("Save")
    assert tab.committed()["saved"]["long_text"] == LONG


def test_a_press_in_a_conversation_that_is_gone_says_so(tabs: Tabs, forms_site: Site) -> None:
    tab = ready(begun(tabs, forms_site))
    forms_site.host._store.delete(tab.id)
    with tab.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        tab.button("Save").click()
    assert answer.value.status == 404
    expect(tab.page.locator(".ui-toasts .ui-error-tone")).to_be_visible()
    expect(tab.controls("long_text")).to_have_value(LONG)


# --- presses --------------------------------------------------------------------------------------


def test_the_enter_key_presses_the_main_button(tabs: Tabs, forms_site: Site) -> None:
    tab = ready(begun(tabs, forms_site))
    tab.press("Add a guest")
    tab.type(guests__r1__name="Grace")
    with tab.page.expect_response(lambda answer: answer.request.method == "POST"):
        tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".ui-toasts")).to_contain_text("Saved 1.")
    assert tab.committed()["saved"]["guests"][0]["name"] == "Grace"


def test_rows_come_and_go_and_keep_what_is_typed(tabs: Tabs, forms_site: Site) -> None:
    tab = ready(begun(tabs, forms_site))
    for name in ("Grace", "Alan", "Emmy"):
        tab.press("Add a guest")
        cells = tab.page.locator('[name^="f.guests/"][name$="/name"]')
        cells.last.fill(name)
    tab.press(tab.page.get_by_role("button", name="Remove this guest").nth(1))
    cells = tab.page.locator('[name^="f.guests/"][name$="/name"]')
    assert [cell.input_value() for cell in cells.all()] == ["Grace", "Emmy"]
    assert tab.focused() != "body", "the focus is somewhere a person can go on from"
    expect(tab.controls("long_text")).to_have_value(LONG)


def test_toasts_can_be_closed_and_errors_stay(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    for level in ("info", "error"):
        toast = {"type": "ui.toast", "payload": {"text": f"A {level}.", "level": level}}
        forms_site.play(tab.id, [toast])
    toasts = tab.page.locator(".ui-toast")
    expect(toasts).to_have_count(2)
    toasts.filter(has_text="A error.").get_by_role("button", name="Close").click()
    expect(toasts).to_have_count(1)
    assert tab.page.locator(".ui-toasts").get_attribute("role") == "status"


def test_a_toast_of_the_page_itself_can_be_closed(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site, scripts=False)
    tab.type(short_text="Ada", email="ada@example.org").press("Save")
    expect(tab.page.locator(".ui-toast")).to_have_text("Saved 1.")
    with_scripts = tabs.open(forms_site).begin("turn", "toast")
    close = with_scripts.page.locator(".ui-toast").get_by_role("button", name="Close")
    close.click()
    expect(with_scripts.page.locator(".ui-toast")).to_have_count(0)


def test_what_has_the_focus_shows_it(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    stops = 0
    for _ in range(80):
        tab.page.keyboard.press("Tab")
        if tab.focused() == "body":
            break
        ring = tab.page.evaluate(
            """() => {
              const at = document.activeElement;
              // The button in a picker of days or times is the browser's own, with its own ring.
              if (/date|time/.test(at.type) && !at.matches(':focus-visible')) return '3px solid';
              const style = getComputedStyle(at);
              return `${style.outlineWidth} ${style.outlineStyle}`;
            }"""
        )
        assert ring == "3px solid", tab.focused()
        stops += 1
    assert stops > 20


def test_a_skip_link_leads_past_the_header(tabs: Tabs, forms_site: Site) -> None:
    tab = begun(tabs, forms_site)
    tab.page.keyboard.press("Tab")
    skip = tab.page.locator(".ui-skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("main")).to_be_focused()


def test_turns_go_on_with_scripts(tabs: Tabs, forms_site: Site) -> None:
    """Each press of an example's button counts, on one page."""
    tab = begun(tabs, forms_site)
    tab.pick("turn", "other")
    tab.type("side", note="Hello")
    tab.pick("turn", "patch")
    expect(tab.controls("email")).to_have_value("new@e.org")
    expect(tab.controls("note", "side")).to_have_value("Hello")
    tab.pick("turn", "again")
    expect(tab.controls("email")).to_have_value("")
    tab.press("Send", "side")
    assert tab.committed("side")["saved"]["note"] == "Hello"
