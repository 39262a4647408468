"""No keystroke is lost: what a person typed stays over everything that is pushed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.backends.html.static.conftest import Opener
from tests.backends.html.static.markup import (
    area,
    button,
    menu,
    page,
    picks,
    replaced,
    secret,
    slider,
    surface,
    text,
    upload,
)
from tests.backends.html.static.site import Answer, Site

FILE = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}


def value(tab: Page, name: str) -> str:
    return tab.locator(f"#id-{name}").input_value()


def rev(tab: Page) -> str:
    return str(tab.locator("#ui-main").get_attribute("data-rev"))


def wait_for_rev(tab: Page, wanted: int, name: str = "main") -> None:
    expect(tab.locator(f"#ui-{name}")).to_have_attribute("data-rev", str(wanted))


# --- pushes ---------------------------------------------------------------------------------------


def test_a_push_in_mid_edit_keeps_text_focus_caret_and_element(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    field = tab.locator("#id-name")
    field.type("Ada Lovelace")
    field.evaluate("e => { e.setSelectionRange(3, 6); window.kept = e; }")
    changed = surface(
        text("mail", "new@example.com"),
        text("name", label="Full name", error="Why?"),
        button(),
        rev=2,
    )
    site.push(replaced(changed))
    wait_for_rev(tab, 2)
    assert value(tab, "name") == "Ada Lovelace"
    assert value(tab, "mail") == "new@example.com"
    expect(tab.locator("label[for=id-name]")).to_have_text("Full name")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert field.evaluate("e => [e.selectionStart, e.selectionEnd, e === window.kept]") == [
        3,
        6,
        True,
    ]
    tab.keyboard.press("Delete")
    assert value(tab, "name") == "Adavelace"


def test_typing_goes_on_while_pushes_arrive(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), area("words"), button())))
    typed = "Whatever happens, nothing of this is lost."
    tab.locator("#id-words").focus()
    for index, letter in enumerate(typed):
        tab.keyboard.press(letter)
        site.push(
            replaced(surface(text("name", str(index)), area("words"), button(), rev=index + 2))
        )
    wait_for_rev(tab, len(typed) + 1)
    assert value(tab, "words") == typed
    assert value(tab, "name") == str(len(typed) - 1)


def test_a_written_field_takes_the_new_value_and_others_do_not(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), text("mail"), button())))
    tab.locator("#id-name").fill("mine")
    tab.locator("#id-mail").fill("mine@example.com")
    site.push(
        replaced(surface(text("name", "theirs"), text("mail", "theirs"), button(), rev=2), "mail")
    )
    wait_for_rev(tab, 2)
    assert (value(tab, "name"), value(tab, "mail")) == ("mine", "theirs")


def test_a_written_list_of_rows_writes_its_cells(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("guests/r1/name"), text("guestsx"), button())))
    tab.locator("#id-guests-r1-name").fill("mine")
    tab.locator("#id-guestsx").fill("mine")
    site.push(replaced(surface(text("guests/r1/name", "a"), text("guestsx", "a"), rev=2), "guests"))
    wait_for_rev(tab, 2)
    assert (value(tab, "guests-r1-name"), value(tab, "guestsx")) == ("a", "mine")


def every_kind(value_: str, chosen: str, **known: Any) -> str:
    return surface(
        text("name", value_),
        area("words", value_),
        text("day", "2026-01-01" if value_ else "", kind="date"),
        slider("size", "20" if value_ else "10"),
        menu("size2", "small large", chosen),
        picks("colour", "small large", chosen),
        picks("extras", "small large", chosen, kind="checkbox"),
        picks("agree", "true", "", kind="checkbox"),
        secret("pin"),
        upload("file"),
        button(),
        **known,
    )


def held(tab: Page) -> dict[str, Any]:
    """What a post of the form would say."""
    found = tab.evaluate(
        "() => [...new FormData(document.querySelector('form'))].map(([k, v]) => [k, v.name ?? v])"
    )
    return {name: item for name, item in found if name.startswith("f.")}


EDITED = {
    "f.name": "é 日本",
    "f.words": "one\n\ntwo",
    "f.day": "2026-02-03",
    "f.size": "70",
    "f.size2": "large",
    "f.colour": "large",
    "f.extras": "large",
    "f.agree": "true",
    "f.pin": "1234",
    "f.file": "a.txt",
}


def edit_all(tab: Page) -> None:
    tab.locator("#id-name").fill("é 日本")
    tab.locator("#id-words").fill("one\n\ntwo")
    tab.locator("#id-day").fill("2026-02-03")
    tab.locator("#id-size").fill("70")
    tab.locator("#id-size2").select_option("large")
    tab.locator("#id-colour-large").check()
    tab.locator("#id-extras-large").check()
    tab.locator("#id-extras-small").uncheck()
    tab.locator("#id-agree-true").check()
    tab.locator("#id-pin").fill("1234")
    tab.locator("#id-file").set_input_files([FILE])


def test_every_kind_of_field_keeps_what_was_entered(opened: Opener, site: Site) -> None:
    tab = opened(page(every_kind("", "small")))
    edit_all(tab)
    assert held(tab) == EDITED
    site.push(replaced(every_kind("server", "small", rev=2)))
    wait_for_rev(tab, 2)
    assert held(tab) == EDITED
    expect(tab.locator("output")).to_have_text("70")


def test_every_kind_of_field_takes_what_was_written(opened: Opener, site: Site) -> None:
    tab = opened(page(every_kind("", "large")))
    edit_all(tab)
    names = [name.removeprefix("f.") for name in EDITED]
    site.push(replaced(every_kind("server", "small", rev=2), *names))
    wait_for_rev(tab, 2)
    assert held(tab) == {
        "f.name": "server",
        "f.words": "server",
        "f.day": "2026-01-01",
        "f.size": "20",
        "f.size2": "small",
        "f.colour": "small",
        "f.extras": "small",
        "f.pin": "",
        "f.file": "",
    }
    expect(tab.locator("output")).to_have_text("20")


def test_an_untouched_field_follows_the_server(opened: Opener, site: Site) -> None:
    tab = opened(page(every_kind("old", "small")))
    site.push(replaced(every_kind("server", "large", rev=2)))
    wait_for_rev(tab, 2)
    found = held(tab)
    assert (found["f.name"], found["f.words"], found["f.size2"]) == ("server", "server", "large")
    assert (found["f.colour"], found["f.extras"]) == ("large", "large")


def test_a_choice_that_is_gone_is_not_chosen(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(menu("size", "a b c"), picks("more", "a b", kind="checkbox"))))
    tab.locator("#id-size").select_option("c")
    tab.locator("#id-more-a").check()
    tab.locator("#id-more-b").check()
    again = surface(menu("size", "a b", "a"), picks("more", "b d", kind="checkbox"), rev=2)
    site.push(replaced(again))
    wait_for_rev(tab, 2)
    assert held(tab) == {"f.size": "a", "f.more": "b"}


def test_a_choice_keeps_its_value_as_it_becomes_a_menu(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(picks("size", "a b"))))
    tab.locator("#id-size-b").check()
    site.push(replaced(surface(menu("size", "a b c"), rev=2)))
    wait_for_rev(tab, 2)
    assert held(tab) == {"f.size": "b"}


def test_a_secret_never_becomes_readable(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(secret("pin"), text("name"))))
    tab.locator("#id-pin").fill("1234")
    tab.locator("#id-name").fill("Ada")
    site.push(replaced(surface(text("pin"), secret("name"), rev=2)))
    wait_for_rev(tab, 2)
    assert held(tab) == {"f.pin": "", "f.name": ""}


def test_a_field_keeps_its_text_when_fields_change_places(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("a"), text("b"), text("c"), button())))
    for name in "abc":
        tab.locator(f"#id-{name}").fill(name.upper())
    tab.locator("#id-b").focus()
    site.push(replaced(surface(text("c"), text("b"), text("new"), text("a"), button(), rev=2)))
    wait_for_rev(tab, 2)
    assert held(tab) == {"f.c": "C", "f.b": "B", "f.new": "", "f.a": "A"}
    expect(tab.locator("#id-b")).to_be_focused()
    names = tab.locator("[data-field]").evaluate_all("all => all.map(e => e.dataset.field)")
    assert names == ["c", "b", "new", "a"]


def test_pushes_tell_texts_and_effects_too(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"))))
    site.push({"text": "Hello."}, event="text")
    site.push({"kind": "toast", "data": {"text": "Saved.", "level": "info"}}, event="effect")
    site.push({"text": "Not shown.", "surfaces": [], "regenerate": "Again"}, event="fallback")
    site.push({}, event="rest")
    expect(tab.locator(".ui-said")).to_have_text("Hello.")
    expect(tab.locator(".ui-toast p")).to_have_text(["Saved.", "Not shown."])


# --- input methods --------------------------------------------------------------------------------


def test_a_text_under_composition_is_left_alone(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), text("mail")), surface(text("x"), name="other")))
    events = ["compositionstart", "compositionend", "blur"]
    tab.locator("#id-name").focus()
    tab.evaluate(
        "names => { window.seen = []; const e = document.activeElement;"
        "names.forEach(n => e.addEventListener(n, () => window.seen.push(n))); }",
        events,
    )
    keys = tab.context.new_cdp_session(tab)
    keys.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    site.push(
        replaced(surface(text("name", "server"), text("mail", "server"), rev=2), "name"),
        {"rev": {"surface": "main", "rev": 3}},
        replaced(surface(text("x", "server"), name="other", rev=2), surface="other"),
    )
    wait_for_rev(tab, 2, "other")  # other surfaces do not wait
    assert rev(tab) == "1"
    keys.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    assert value(tab, "name") == "にほ"
    keys.send("Input.insertText", {"text": "日本"})
    wait_for_rev(tab, 3)
    # The turn wrote this field, so it wins: but only now.
    assert (value(tab, "name"), value(tab, "mail")) == ("server", "server")
    assert tab.evaluate("window.seen") == ["compositionstart", "compositionend"]


def test_what_was_composed_stays_where_the_turn_did_not_write(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), text("mail"))))
    tab.locator("#id-name").focus()
    keys = tab.context.new_cdp_session(tab)
    keys.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    site.push(replaced(surface(text("name", "server"), text("mail", "server"), rev=2)))
    keys.send("Input.insertText", {"text": "日本"})
    wait_for_rev(tab, 2)
    assert (value(tab, "name"), value(tab, "mail")) == ("日本", "server")


# --- surfaces come and go -------------------------------------------------------------------------


def test_a_removed_surface_goes_and_does_not_come_back_late(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name")), surface(text("x"), name="other")))
    tab.locator("#id-name").focus()
    site.push({"remove": {"surface": "main"}})
    expect(tab.locator("#ui-main")).to_have_count(0)
    expect(tab.locator("main")).to_be_focused()
    site.push(replaced(surface(text("name"), rev=9)), {"rev": {"surface": "other", "rev": 2}})
    wait_for_rev(tab, 2, "other")
    expect(tab.locator("#ui-main")).to_have_count(0)
    site.push(replaced(surface(text("name"), epoch=2), surface="main#e=2"))
    expect(tab.locator("#ui-main")).to_have_count(1)


def test_a_new_surface_comes_last(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"))))
    site.push(replaced(surface(text("x"), slider("s", "30"), name="side"), surface="side"))
    expect(tab.locator(".ui-surfaces > .ui-surface")).to_have_count(2)
    assert tab.locator(".ui-surface").last.get_attribute("id") == "ui-side"


def test_rev_alone_changes_nothing_else(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    tab.locator("#id-name").fill("mine")
    site.push({"rev": {"surface": "main", "rev": 5}})
    wait_for_rev(tab, 5)
    assert tab.locator("input[name=_rev]").input_value() == "5"
    assert value(tab, "name") == "mine"


@pytest.mark.parametrize("late", [1, 3])
def test_a_message_that_is_not_newer_is_dropped(opened: Opener, site: Site, late: int) -> None:
    tab = opened(page(surface(text("name", "new"), rev=3)))
    site.push(
        replaced(surface(text("name", "old"), rev=late), "name"),
        {"rev": {"surface": "main", "rev": late}},
        {"rev": {"surface": "main#e=2", "rev": 9}},
        {"remove": {"surface": "main#e=0"}},
        {"rev": {"surface": "main", "rev": 4}},
    )
    wait_for_rev(tab, 4)
    assert value(tab, "name") == "new"


def test_a_reset_keeps_what_was_typed(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), text("mail"), button(), rev=7)))
    tab.locator("#id-mail").fill("mine@example.com")
    tab.locator("#id-name").type("mine")
    anew = surface(text("name", "seeded"), text("mail", "written"), button(), rev=1, epoch=2)
    site.push({"remove": {"surface": "main"}}, replaced(anew, "mail", surface="main#e=2"))
    expect(tab.locator("#ui-main")).to_have_attribute("data-surface", "main#e=2")
    assert (value(tab, "name"), value(tab, "mail")) == ("mine", "written")
    expect(tab.locator("#id-name")).to_be_focused()
    assert tab.locator("input[name=_surface]").input_value() == "main#e=2"
    assert rev(tab) == "1"
    tab.wait_for_timeout(200)  # the removal that came first has been forgotten
    expect(tab.locator("#ui-main")).to_have_count(1)
    # What belongs to the older epoch comes too late.
    site.push(
        replaced(surface(text("name", "late"), rev=99), "name"),
        {"remove": {"surface": "main"}},
        {"rev": {"surface": "main#e=2", "rev": 2}},
    )
    wait_for_rev(tab, 2)
    tab.wait_for_timeout(200)
    assert value(tab, "name") == "mine"


# --- reloads --------------------------------------------------------------------------------------


def stored(tab: Page) -> dict[str, Any]:
    found = tab.evaluate("() => ({...sessionStorage})")
    return {name: json.loads(item) for name, item in found.items()}


def test_a_reload_keeps_what_was_typed(opened: Opener, site: Site) -> None:
    tab = opened(page(every_kind("", "small")))
    edit_all(tab)
    tab.reload()
    # Never a secret, never a file.
    assert held(tab) == {**EDITED, "f.pin": "", "f.file": ""}
    expect(tab.locator("output")).to_have_text("70")
    assert site.posts == []


def test_secrets_and_files_are_never_stored(opened: Opener) -> None:
    tab = opened(page(every_kind("", "small")))
    edit_all(tab)
    tab.reload()
    assert list(stored(tab)) == ["uicompiler:/c/1:main"]
    said = json.dumps(stored(tab))
    assert "f.pin" not in said
    assert "1234" not in said
    assert "f.file" not in said
    assert "a.txt" not in said


def test_after_a_reload_what_the_server_wrote_meanwhile_wins(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), text("mail", "old"))))
    tab.locator("#id-name").fill("mine")
    tab.locator("#id-mail").fill("mine")
    site.pages["/c/1"] = page(surface(text("name"), text("mail", "written"), rev=2))
    tab.reload()
    assert (value(tab, "name"), value(tab, "mail")) == ("mine", "written")


def test_a_draft_belongs_to_its_conversation_surface_and_epoch(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name")), surface(text("other"), name="side")))
    tab.locator("#id-name").fill("mine")
    site.pages["/c/2"] = page(surface(text("name")))
    tab.goto(f"{site.address}/c/2")
    assert value(tab, "name") == ""
    site.pages["/c/1"] = page(surface(text("name"), epoch=2), surface(text("name"), name="side"))
    tab.goto(f"{site.address}/c/1")
    assert tab.locator("input[name='f.name']").evaluate_all("all => all.map(e => e.value)") == [
        "",
        "",
    ]


def test_what_was_sent_is_stored_no_longer(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    tab.locator("#id-name").fill("mine")
    tab.wait_for_timeout(300)
    assert stored(tab) != {}
    site.answers.append(Answer([replaced(surface(text("name", "mine"), button(), rev=2))]))
    tab.locator("#save").click()
    wait_for_rev(tab, 2)
    assert stored(tab) == {}


def test_broken_storage_breaks_nothing(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"))))
    for broken in ("{", "null", "[]", '{"f.name": 3}', '{"f.name": {"typed": "x", "over": [""]}}'):
        tab.evaluate("text => sessionStorage.setItem('uicompiler:/c/1:main', text)", broken)
        tab.reload()
        assert value(tab, "name") == ""


def test_without_storage_the_page_works(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"))))
    tab.context.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('off'); }})"
    )
    tab.reload()
    tab.locator("#id-name").fill("mine")
    site.push(replaced(surface(text("name"), rev=2)))
    wait_for_rev(tab, 2)
    assert value(tab, "name") == "mine"


# --- fields that come and go ----------------------------------------------------------------------


def test_what_was_typed_comes_back_with_a_field_that_a_push_took_away(
    opened: Opener, site: Site
) -> None:
    tab = opened(page(surface(text("name"), text("mail", "a@b"), button())))
    tab.locator("#id-name").fill("Ada")
    tab.locator("#id-mail").fill("ada@example.com")
    site.push(replaced(surface(text("other"), button(), rev=2)))
    wait_for_rev(tab, 2)
    back = surface(text("name"), text("mail", "new@b"), button(), rev=3)
    site.push(replaced(back, "name", "mail"))
    wait_for_rev(tab, 3)
    assert value(tab, "name") == "Ada"
    assert value(tab, "mail") == "new@b", "the server changed it meanwhile"


def test_what_was_sent_does_not_come_back_as_a_draft(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("name"), button())))
    tab.locator("#id-name").fill("Ada")
    site.answers.append(Answer([replaced(surface(text("other"), button(), rev=2))]))
    tab.locator("button.ui-button").click()
    wait_for_rev(tab, 2)
    site.push(replaced(surface(text("name"), button(), rev=3), "name"))
    wait_for_rev(tab, 3)
    assert value(tab, "name") == ""
